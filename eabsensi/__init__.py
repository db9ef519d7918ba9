"""Attendance of a city: terminals read, punches kept, days judged by the law in force."""

__version__ = "0.1.0"
