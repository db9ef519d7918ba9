"""Who may see and do what: accounts, sessions, API tokens, roles, and the trail of what was done."""
