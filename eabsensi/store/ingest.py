"""A reading into the database: punches, poll, position and coverage in the caller's one transaction.

A device's row in ``device_log`` is locked first, so everything that adds to one device's punches goes one after the
other, whoever does it. The place of a record among its pin's records of its second (``ordinal``) is worked out under
that lock:

* a tail goes on from what the log has shown so far;
* a reread starts at nought: what it repeats is known, whichever generation of the log has shown it, since a log that
  was cleared may come back from a backup;
* a restart (the log was cleared) begins a new generation, whose records come after what earlier ones have shown;
* a USB dump starts at nought. A record that both bring is one punch, whichever comes first.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any, cast

import psycopg
from sqlalchemy import ARRAY, Connection, any_, func, literal, select, update
from sqlalchemy.dialects.postgresql import insert as insert_unless

from eabsensi.devices.attlog import Punch, UnreadableRecord
from eabsensi.devices.logposition import Continuity, LogReading
from eabsensi.errors import EabsensiError
from eabsensi.store import punchrows
from eabsensi.store.inuse import note_use
from eabsensi.store.placing import Placing, StoredPunches, WallClock
from eabsensi.store.pollkeeping import PollFacts, add_polls, advance_logs, lock_log
from eabsensi.store.punchrows import Cursor, Origin
from eabsensi.store.quarantine import keep_body
from eabsensi.store.tables import device_log, unreadable_record

MANY = 2_000  # from here on COPY is faster than arrays


class StaleLogError(EabsensiError):
    """Somebody else has ingested from this device since its position was loaded."""


@dataclass(frozen=True, slots=True)
class IngestResult:
    """What an ingest added.

    Attributes:
        poll_id: the poll's row; None for a USB dump.
        new: punches added.
        known: punches that were there already.
        unreadable_new: unreadable records added.
        touched: pin and device date of the new punches: what has to be judged again.

    """

    poll_id: int | None
    new: int
    known: int
    unreadable_new: int
    touched: frozenset[tuple[str, date]]


def record_poll(
    conn: Connection,
    facts: PollFacts,
    *,
    timezone: str,
    log_version: int,
    reading: LogReading | None = None,
    quarantined: tuple[bytes, str] | None = None,
) -> IngestResult:
    """Keep what one poll brought; the caller's transaction makes it one with whatever else belongs to it.

    Args:
        conn: in a transaction.
        facts: how the poll went.
        timezone: the device's, e.g. ``Asia/Jakarta``.
        log_version: ``DeviceLog.version`` as it was loaded before the poll.
        reading: the records and the new position, or None where no log was read.
        quarantined: a log whose layout is in doubt, and why.

    Raises:
        StaleLogError: when the position has moved since it was loaded; nothing was added. A poll that failed does not
            depend on the position and is kept all the same.

    """
    locked = lock_log(conn, facts.device_id)
    depends = reading is not None or facts.outcome == "ok"
    if depends and locked.version != log_version:
        raise StaleLogError(
            f"The log of device {facts.device_id} was ingested by somebody else during this poll.",
            remedy="Nothing is lost: the next poll goes on from there.",
        )
    generation = locked.generation + (reading is not None and reading.continuity is Continuity.RESTARTED)
    origin = Origin(facts.device_id, "log", generation, locked.poll_id, facts.clock_offset_seconds, facts.finished_at)
    result = _add(conn, _batch(reading, origin, WallClock(timezone)))
    add_polls(conn, [(locked.poll_id, facts, result.new)])
    note_use(conn, facts.device_id, result.touched, facts.finished_at)
    if quarantined is not None:
        keep_body(conn, origin, *quarantined)
    if depends:
        advance_logs(conn, [facts])
        _move_position(conn, facts.device_id, reading, generation)
    return result


def import_dump(  # noqa: PLR0917  a dump is these values, and every caller names most of them
    conn: Connection,
    device_id: int,
    timezone: str,
    punches: Sequence[Punch],
    unreadable: Sequence[UnreadableRecord],
    received_at: datetime,
) -> IngestResult:
    """Keep a device's USB dump (``attlog.dat``), the records in the file's order.

    Args:
        conn: in a transaction.
        device_id: whose dump.
        timezone: the device's.
        punches: the whole file's, so that places within a second can be told.
        unreadable: lines whose meaning is lost.
        received_at: when the file was imported.

    """
    lock_log(conn, device_id)
    origin = Origin(device_id, "usb", None, None, None, received_at)
    result = _add(conn, _Batch(punches, unreadable, origin, WallClock(timezone), before=0))
    note_use(conn, device_id, result.touched, received_at)
    return result


@dataclass(frozen=True, slots=True)
class _Batch:
    """What is to be added: records in log order, what they have in common, and where their places start.

    ``before`` is the log generation before which a stored record counts as shown already, so that the batch's first
    one of that PIN and second is another; 0 for none.
    """

    punches: Sequence[Punch]
    unreadable: Sequence[UnreadableRecord]
    origin: Origin
    clock: WallClock
    before: int


def _batch(reading: LogReading | None, origin: Origin, clock: WallClock) -> _Batch:
    if reading is None:
        return _Batch((), (), origin, clock, 0)
    generation = origin.generation or 0
    # A tail goes on from what this generation has shown too.
    before = {Continuity.TAIL: generation + 1, Continuity.RESTARTED: generation, Continuity.REREAD: 0}
    return _Batch(reading.punches, reading.unreadable, origin, clock, before[reading.continuity])


def _add(conn: Connection, batch: _Batch) -> IngestResult:
    unreadable_new = _add_unreadable(conn, batch)  # first, since it goes by the punches that are repeated
    # psycopg's own cursor: SQLAlchemy knows neither binary arrays nor COPY.
    with contextlib.closing(cast("Cursor", conn.connection.cursor())) as cursor:
        placing = _add_punches(conn, cursor, batch)
        if placing.met and batch.origin.source == "log":
            punchrows.insert_sightings(cursor, placing.met, batch.origin)
    return IngestResult(batch.origin.poll_id, placing.new, placing.known, unreadable_new, placing.touched())


def _add_punches(conn: Connection, cursor: Cursor, batch: _Batch) -> Placing:
    if not batch.punches:
        return Placing(StoredPunches())
    if len(batch.punches) >= MANY:
        return _add_many(conn, cursor, batch)
    placing = Placing(punchrows.stored_of_few(cursor, batch.origin.device_id, batch.punches, batch.before))
    placed = list(placing.new_ones(batch.punches))
    if placed:
        inserted = punchrows.insert_few(cursor, placed, batch.origin, batch.clock)
        placing.count_as_known(len(placed) - inserted)
    return placing


def _add_many(conn: Connection, cursor: Cursor, batch: _Batch) -> Placing:
    stored = punchrows.stored_of_many(cursor, batch.origin.device_id, batch.punches, batch.before)
    placing = Placing(stored)
    try:
        with conn.begin_nested():
            punchrows.insert_many(cursor, placing.new_ones(batch.punches), batch.origin, batch.clock)
    except psycopg.errors.UniqueViolation:  # somebody inserted without the device's lock
        placing = Placing(stored)
        incoming = placing.new_ones(batch.punches)
        inserted = punchrows.insert_many_unless_known(cursor, incoming, batch.origin, batch.clock)
        placing.count_as_known(placing.new - inserted)
    return placing


def _add_unreadable(conn: Connection, batch: _Batch) -> int:
    if not batch.unreadable:
        return 0
    digests = [hashlib.sha256(record.raw).digest() for record in batch.unreadable]
    following = _unreadable_seen(conn, batch, digests)
    rows = []
    for record, digest in zip(batch.unreadable, digests, strict=True):
        rows.append(record._asdict() | {"raw_sha256": digest, "ordinal": following[digest]})
        following[digest] += 1
    return _insert_unreadable(conn, batch.origin, rows)


def _insert_unreadable(conn: Connection, origin: Origin, rows: list[dict[str, Any]]) -> int:
    columns, names = unreadable_record.c, list(rows[0])
    arrays = [literal([row[name] for row in rows], ARRAY(columns[name].type)) for name in names]
    incoming = func.unnest(*arrays).table_valued(*names).render_derived()
    same = ("device_id", "source", "generation", "poll_id", "received_at")
    constants = [literal(getattr(origin, name), columns[name].type) for name in same]
    query = select(*(incoming.c[name] for name in names), *constants)
    statement = insert_unless(unreadable_record).from_select([*names, *same], query).on_conflict_do_nothing()
    return len(conn.execute(statement.returning(columns.ordinal)).all())


def _unreadable_seen(conn: Connection, batch: _Batch, digests: Sequence[bytes]) -> Counter[bytes]:
    """Count, of each unreadable record, how many were shown before that this batch does not show again."""
    columns = unreadable_record.c
    wanted = literal(sorted(set(digests)), ARRAY(columns.raw_sha256.type))
    rows = conn.execute(
        select(columns.raw_sha256, columns.generation, func.count().label("seen"))
        .where(
            columns.device_id == batch.origin.device_id,
            columns.raw_sha256 == any_(wanted),
            columns.generation.is_not(None),
        )
        .group_by(columns.raw_sha256, columns.generation)
    ).all()
    gone = _generations_gone(conn, batch, {row.generation for row in rows})
    seen = Counter[bytes]()
    for row in rows:
        seen[row.raw_sha256] += row.seen if row.generation in gone else 0
    return seen


def _generations_gone(conn: Connection, batch: _Batch, generations: set[int]) -> set[int]:
    """Tell of which generations the batch repeats no unreadable record.

    One of them is like the next: no PIN and second tell which it is. A reread therefore goes by the punches around
    them, and repeats those of the generations of which it repeats punches; where it repeats none, of the present one.
    """
    if batch.before or batch.origin.source == "usb":
        return {generation for generation in generations if generation < batch.before}
    present = {batch.origin.generation}
    if not generations - present:
        return set()
    return generations - (_generations_repeated(conn, batch) or present)


def _generations_repeated(conn: Connection, batch: _Batch) -> set[int]:
    if not batch.punches:
        return set()
    with contextlib.closing(cast("Cursor", conn.connection.cursor())) as cursor:
        return punchrows.generations_of(cursor, batch.origin.device_id, batch.punches)


def _move_position(conn: Connection, device_id: int, reading: LogReading | None, generation: int) -> None:
    if reading is None:
        return
    values: dict[str, object] = {"version": device_log.c.version + 1, "generation": generation}
    if reading.position is not None:  # else the log has never held a record
        values |= asdict(reading.position)
    conn.execute(update(device_log).where(device_log.c.device_id == device_id).values(values))
