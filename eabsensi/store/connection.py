"""The type of an open transaction, for signatures outside the store, which never speak SQL themselves."""

from sqlalchemy import Connection

__all__ = ["Connection"]
