"""A second database to read from, that follows the first: how far it has come, told by its own evidence.

Whatever follows (a standby, a logical replica, a copy of last night) is asked what it holds, not what it says of
itself. Coverage is read where the punches are read: a terminal that the copy has not seen read is unread there, and
nobody is absent because a copy is late.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final, NamedTuple

from sqlalchemy import Connection, text

#: A copy that is no further behind than this counts as the database itself: a poll or a seal has just been made.
NO_LAG: Final = timedelta(minutes=2)

_REACHED = text("""
    SELECT (SELECT max(complete_through) FROM device_log), (SELECT max(through_at) FROM seal)
""")


class Reading(NamedTuple):
    """A transaction that only reads.

    Attributes:
        connection: of the database that is read.
        seen_through: the instant up to which it has followed, where it lags behind; None where it does not.

    """

    connection: Connection
    seen_through: datetime | None = None

    def known_at(self, now: datetime) -> datetime:
        """Give the instant of knowledge: what a report prints as its own; ``now``, or as far as the copy has come."""
        return now if self.seen_through is None else min(now, self.seen_through)


def seen_through(original: Connection, copy: Connection) -> datetime | None:
    """Tell up to when a copy has followed; None where it is not behind.

    Raises:
        LookupError: it lacks evidence of a kind that the original has, so that no instant can be told.

    """
    reached = [
        (ahead, behind)
        for ahead, behind in zip(original.execute(_REACHED).one(), copy.execute(_REACHED).one(), strict=True)
        if ahead is not None
    ]
    if any(behind is None for _, behind in reached):
        raise LookupError("the copy is empty")
    late = [behind for ahead, behind in reached if ahead - behind > NO_LAG]
    return min(late) if late else None
