"""Use case: load the facts of days, judge them."""
