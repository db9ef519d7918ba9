"""Judging, pure: frozen facts and dated law in, verdicts out. No clock, no database, no sockets."""
