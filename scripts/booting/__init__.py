"""Boots a Debian with the services in it, and tries them; see scripts/boot."""
