"""Use case: the whole of eabsensi at work on a city that does not exist."""
