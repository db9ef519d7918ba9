"""Poll rows, and how far logs have been read: kept for one device, or for many at a time."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Any

from sqlalchemy import Connection, text
from sqlalchemy.dialects import postgresql

from eabsensi.store.tables import poll

_DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy gives its dialects no types


@dataclass(frozen=True, slots=True)
class PollFacts:
    """One poll as it went.

    Attributes:
        device_id: which device.
        collector: who polled, as in the lease.
        started_at: when, an aware instant.
        finished_at: until when; also when its punches count as received.
        mode: how much was read: count, tail, shift, ring, full or audit.
        outcome: ``ok``, or the kind of the device error.
        error: the error's sentence, or None.
        records_on_device: how many records the device says it holds, or None where it was not heard.
        records_read: how many records were read.
        bytes_sent: over the wire, by us.
        bytes_received: over the wire, by the device.
        round_trips: commands answered.
        clock_offset_seconds: the device's clock minus the server's, or None.
        complete_through: the instant up to which the log has surely been read, or None where this poll proves nothing.
        verified: whether the anchor was compared with the device's own bytes.
        full: whether the whole log was read and held against what is stored.

    """

    device_id: int
    collector: str
    started_at: datetime
    finished_at: datetime
    mode: str
    outcome: str
    error: str | None = None
    records_on_device: int | None = None
    records_read: int = 0
    bytes_sent: int = 0
    bytes_received: int = 0
    round_trips: int = 0
    clock_offset_seconds: float | None = None
    complete_through: datetime | None = None
    verified: bool = False
    full: bool = False


@dataclass(frozen=True, slots=True)
class LockedLog:
    """A device's row in ``device_log``, which nobody else changes until the transaction ends.

    Attributes:
        version: counts the readings.
        generation: counts the clears.
        poll_id: a number for the poll that holds it.

    """

    version: int
    generation: int
    poll_id: int


def lock_log(conn: Connection, device_id: int) -> LockedLog:
    """Take a device's log, and wait until nobody else has it."""
    asked = {"device_id": device_id}
    row = conn.execute(_LOCK, asked).one_or_none()
    if row is None:
        conn.execute(_BEGIN_LOG, asked)
        row = conn.execute(_LOCK, asked).one()
    return LockedLog(*row)


def lock_free_logs(conn: Connection, device_ids: Collection[int]) -> dict[int, LockedLog]:
    """Take those of many devices' logs that are there and that nobody else has; waits for none."""
    rows = conn.execute(_LOCK_FREE, {"device_ids": list(device_ids)})
    return {row.device_id: LockedLog(row.version, row.generation, row.poll_id) for row in rows}


_LOCK = text("""
    SELECT version, generation, nextval('poll_id_seq') AS poll_id FROM device_log
    WHERE device_id = :device_id FOR UPDATE
""")
_LOCK_FREE = text("""
    WITH free AS (
        SELECT device_id, version, generation FROM device_log WHERE device_id = ANY(:device_ids)
        ORDER BY device_id FOR UPDATE SKIP LOCKED
    )
    SELECT device_id, version, generation, nextval('poll_id_seq') AS poll_id FROM free
""")
_BEGIN_LOG = text("""
    INSERT INTO device_log (device_id, version, generation) VALUES (:device_id, 0, 1) ON CONFLICT DO NOTHING
""")


def add_polls(conn: Connection, polls: Iterable[tuple[int, PollFacts, int]]) -> None:
    """Add the rows of polls: of each its number, how it went, and how many punches it added."""
    ids, facts, new = zip(*polls, strict=True)
    told = {name: [*map(attrgetter(name), facts)] for name in _TOLD}
    conn.execute(_ADD, told | {"id": [*ids], "punches_new": [*new]})


_TOLD = [column.name for column in poll.columns if column.name not in {"id", "punches_new"}]
_COLUMNS = [(column.name, column.type.compile(_DIALECT)) for column in poll.columns]
_ADD = text(f"""
    INSERT INTO poll ({", ".join(name for name, _ in _COLUMNS)})
    SELECT * FROM unnest({", ".join(f"CAST(:{name} AS {kind}[])" for name, kind in _COLUMNS)})
""")  # noqa: S608  made of constants


def advance_logs(conn: Connection, polls: Sequence[PollFacts]) -> None:
    """Keep how far polls have read the logs of their devices, one of each device, which are taken.

    Reading less the next time does not unread anything. What a server clock that was ahead has claimed is taken back:
    nobody has read a log past the present.
    """
    conn.execute(_ADVANCE, {name: [told(facts) for facts in polls] for name, told in _ADVANCED.items()})


_ADVANCED: dict[str, Any] = {
    "device_ids": attrgetter("device_id"),
    "records": attrgetter("records_on_device"),
    "started_at": attrgetter("started_at"),
    "finished_at": attrgetter("finished_at"),
    "complete_through": attrgetter("complete_through"),
    "verified": attrgetter("verified"),
    "read_full": attrgetter("full"),
    "audited": lambda facts: facts.mode == "audit",
}
_ADVANCE = text("""
    UPDATE device_log AS log SET
        records_on_device = coalesce(poll.records, log.records_on_device),
        complete_through = greatest(
            CASE WHEN log.complete_through > poll.started_at THEN poll.started_at ELSE log.complete_through END,
            poll.complete_through),
        verified_at = CASE WHEN poll.verified THEN poll.finished_at ELSE log.verified_at END,
        last_full_at = CASE WHEN poll.read_full THEN poll.finished_at ELSE log.last_full_at END,
        last_audit_at = CASE WHEN poll.audited THEN poll.finished_at ELSE log.last_audit_at END
    FROM unnest(CAST(:device_ids AS int[]), CAST(:records AS int[]), CAST(:started_at AS timestamptz[]),
                CAST(:finished_at AS timestamptz[]), CAST(:complete_through AS timestamptz[]),
                CAST(:verified AS bool[]), CAST(:read_full AS bool[]), CAST(:audited AS bool[]))
      AS poll (device_id, records, started_at, finished_at, complete_through, verified, read_full, audited)
    WHERE log.device_id = poll.device_id
""")


def record_quiet_polls(conn: Connection, polls: Sequence[tuple[PollFacts, int]]) -> set[int]:
    """Keep polls that found nothing new, one of each device; the caller's transaction makes them one.

    Args:
        conn: in a transaction.
        polls: of each how it went, and ``DeviceLog.version`` as it was loaded before it.

    Returns:
        The devices whose polls were kept. The others' logs are in somebody's hands, or have moved since they were
        loaded: nothing of them was kept, and :func:`eabsensi.store.ingest.record_poll` finds out.

    """
    locked = lock_free_logs(conn, [facts.device_id for facts, _ in polls])
    kept = [
        facts for facts, version in polls if (log := locked.get(facts.device_id)) is not None and log.version == version
    ]
    if kept:
        add_polls(conn, [(locked[facts.device_id].poll_id, facts, 0) for facts in kept])
        advance_logs(conn, kept)
    return {facts.device_id for facts in kept}
