"""Pictures of the real pages for the guides: an invented city on a day that stands still."""
