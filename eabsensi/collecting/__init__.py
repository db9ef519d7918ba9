"""Use case: read terminals and keep what they hold. Poll one, sweep what is due, watch live, run as a daemon."""
