"""The machine on the wall: frames, sessions, the attendance log. Knows no database and no law."""
