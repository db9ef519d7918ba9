"""When a device's records may have been lost unread, so that no punch is no absence. Added to and never changed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from sqlalchemy import Connection, text


class GapCause(StrEnum):
    """Why nobody can say what was punched."""

    CLEARED = "cleared"  # the log no longer held what was read before; what came after that may be gone too
    MISDATED = "misdated"  # a record bears a date on which it cannot have been made
    UNREADABLE = "unreadable"  # a record's time makes no sense


class LogGap(NamedTuple):
    """A stretch of time within which a device's records may be lost, or say nothing of their time.

    Attributes:
        device_id: which device.
        pin: whose records; None is everybody's.
        lost_after: its start, the instant up to which the log had been read before.
        lost_until: its end, from which on the log is known again.
        cause: why.

    """

    device_id: int
    pin: str | None
    lost_after: datetime
    lost_until: datetime
    cause: GapCause


def note_gaps(connection: Connection, gaps: Sequence[LogGap], *, poll_id: int | None, noted_at: datetime) -> None:
    """Keep what a poll found; its marks, which go as far as the reading, cover the days concerned.

    Args:
        connection: the transaction that stores the poll.
        gaps: of one device.
        poll_id: the poll that found them.
        noted_at: when they became known.

    """
    if not gaps:
        return
    device_ids, pins, after, until, causes = zip(*gaps, strict=True)
    asked = {"devices": [*device_ids], "pins": [*pins], "after": [*after], "until": [*until], "causes": [*causes]}
    connection.execute(_NOTE, asked | {"poll_id": poll_id, "noted_at": noted_at})


_NOTE = text("""
    INSERT INTO log_gap (device_id, pin, lost_after, lost_until, cause, poll_id, noted_at)
    SELECT gap.*, CAST(:poll_id AS bigint), CAST(:noted_at AS timestamptz)
    FROM unnest(CAST(:devices AS int[]), CAST(:pins AS text[]), CAST(:after AS timestamptz[]),
                CAST(:until AS timestamptz[]), CAST(:causes AS text[])) AS gap
""")


def gaps_between(connection: Connection, low: datetime, high: datetime, as_of: datetime) -> dict[int, list[LogGap]]:
    """Give the gaps that touch a stretch of time, by device, the earliest first.

    Args:
        connection: an open transaction.
        low: the start, an aware instant.
        high: the end.
        as_of: nothing that became known later is seen.

    """
    found: dict[int, list[LogGap]] = {}
    for row in connection.execute(_BETWEEN, {"low": low, "high": high, "as_of": as_of}):
        gap = LogGap(row.device_id, row.pin, row.lost_after, row.lost_until, GapCause(row.cause))
        found.setdefault(gap.device_id, []).append(gap)
    return found


_BETWEEN = text("""
    SELECT device_id, pin, lost_after, lost_until, cause FROM log_gap
    WHERE device_id IN (SELECT id FROM device) AND lost_until > :low AND lost_after < :high AND noted_at <= :as_of
    ORDER BY device_id, lost_after, lost_until, id
""")
