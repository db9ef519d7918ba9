"""A second database to read from, that follows the first: how far it has come, told by its own evidence.

Whatever follows (a standby, a logical replica, a copy of last night) is asked what it holds, not what it says of
itself. Coverage is read where the punches are read: a terminal that the copy has not seen read is unread there, and
nobody is absent because a copy is late. Papers have no coverage: a leave that the copy lacks cannot be told from one
that was never filed. So the original is asked for the first paper, roster or closing that the copy lacks, and what is
read there is of the moment before it.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final, NamedTuple

from sqlalchemy import Connection, text

#: A copy that is no further behind than this counts as the database itself: a poll or a seal has just been made.
NO_LAG: Final = timedelta(minutes=2)

#: Just before an instant.
_BEFORE: Final = timedelta(microseconds=1)

_REACHED = text("""
    SELECT (SELECT max(complete_through) FROM device_log), (SELECT max(through_at) FROM seal)
""")
# Numbers, not times, since there is an index over them; what commits out of turn here is a moment late and no more.
_FILED = text("""
    SELECT (SELECT max(id) FROM document_change) AS paper, (SELECT max(id) FROM roster_change) AS roster,
           (SELECT max(at) FROM period) AS closing
""")
_FIRST_LACKING = text("""
    SELECT least((SELECT min(at) FROM document_change WHERE id > coalesce(CAST(:paper AS bigint), 0)),
                 (SELECT min(at) FROM roster_change WHERE id > coalesce(CAST(:roster AS bigint), 0)),
                 (SELECT min(at) FROM period WHERE at > coalesce(CAST(:closing AS timestamptz), '-infinity')))
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


#: Tables that a logical replica is still filling for the first time: one may be there while another is not.
_COPYING = text("SELECT EXISTS (SELECT FROM pg_subscription_rel WHERE srsubstate <> 'r')")


def seen_through(original: Connection, copy: Connection) -> datetime | None:
    """Tell up to when a copy has followed; None where it is not behind.

    Args:
        original: looked at after the copy, so that what is committed meanwhile counts as lacking.
        copy: in a transaction that sees one state.

    Raises:
        LookupError: it lacks evidence of a kind that the original has, or is being copied, so that no instant can be
            told.

    """
    if copy.execute(_COPYING).scalar_one():
        raise LookupError("is still being copied")
    reached = [
        (ahead, behind)
        for ahead, behind in zip(original.execute(_REACHED).one(), copy.execute(_REACHED).one(), strict=True)
        if ahead is not None
    ]
    if any(behind is None for _, behind in reached):
        raise LookupError("holds no evidence yet")
    late = [behind for ahead, behind in reached if ahead - behind > NO_LAG]
    filed = copy.execute(_FILED).one()._asdict()
    lacking: datetime | None = original.execute(_FIRST_LACKING, filed).scalar_one()
    return min([*late, lacking - _BEFORE] if lacking else late, default=None)
