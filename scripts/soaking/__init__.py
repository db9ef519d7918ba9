"""A bad week of a simulated city; see ``scripts/soak``."""
