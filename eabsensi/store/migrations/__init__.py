"""The steps by which the database became what ``tables`` declares."""
