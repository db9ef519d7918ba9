"""Logs whose layout or length is in doubt, kept aside byte for byte until somebody knows better."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Final

from sqlalchemy import Connection, func, select
from sqlalchemy.dialects.postgresql import insert as insert_unless

from eabsensi.store.punchrows import Origin
from eabsensi.store.tables import quarantined_log

#: A log in doubt stays so, and grows with each punch: it is kept once in so long.
EVERY: Final = timedelta(hours=1)
#: And takes so much of the database in a day at most, in bytes, the first of the day apart.
BYTES_A_DAY: Final = 32 * 1024 * 1024
_DAY: Final = timedelta(days=1)


def keep_body(conn: Connection, origin: Origin, body: bytes, reason: str) -> bool:
    """Keep a log's bytes, unless the same ones are kept already, or this terminal has had its share.

    The terminal still holds what is passed over here, and a later poll brings it again. Without a limit one terminal of
    an unknown layout, or one that sends other bytes each time, would fill the disk on which all punches are kept.

    Args:
        conn: in a transaction, under the lock of the device's log.
        origin: which poll brought it.
        body: the log without its size word.
        reason: the sentence that the poll tells.

    Returns:
        Whether they were kept now.

    """
    if not _has_room(conn, origin, len(body)):
        return False
    row = {
        "device_id": origin.device_id,
        "poll_id": origin.poll_id,
        "received_at": origin.received_at,
        "reason": reason,
        "body_sha256": hashlib.sha256(body).digest(),
        "body": body,
    }
    statement = insert_unless(quarantined_log).values(row).on_conflict_do_nothing().returning(quarantined_log.c.id)
    return conn.execute(statement).first() is not None


def _has_room(conn: Connection, origin: Origin, length: int) -> bool:
    columns = quarantined_log.c
    query = select(
        func.max(columns.received_at).label("last_at"),
        func.coalesce(func.sum(func.octet_length(columns.body)), 0).label("taken"),
    ).where(
        columns.device_id == origin.device_id,
        columns.received_at > origin.received_at - _DAY,
        columns.received_at <= origin.received_at,  # what lies ahead was dated by a clock that was wrong
    )
    kept = conn.execute(query).one()
    if kept.last_at is None:
        return True
    return bool(origin.received_at - kept.last_at >= EVERY and kept.taken + length <= BYTES_A_DAY)
