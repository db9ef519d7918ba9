"""Punches into their table and their keys out of it, in PostgreSQL's binary forms: arrays for polls, COPY for more."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from struct import Struct, unpack
from typing import Any, Literal

import psycopg

from eabsensi.devices.attlog import Punch
from eabsensi.store.placing import EPOCH, Placed, PunchKey, StoredPunches, WallClock, microseconds_of

Cursor = psycopg.Cursor[tuple[Any, ...]]

_EPOCH_UTC = EPOCH.replace(tzinfo=UTC)
_COPY_HEAD = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_COPY_END = b"\xff\xff"
_ROWS_PER_WRITE = 1_000
_COLUMNS = (
    "pin, device_time, ordinal, punched_at, verify_mode, punch_state, workcode,"
    " device_id, source, generation, poll_id, clock_offset_seconds, received_at, raw"
)
_COLUMN_COUNT = Struct("!h").pack(14)
_LENGTH = Struct("!i")
_NULL = _LENGTH.pack(-1)
_PLACE = Struct("!iqiiiq")
_INT2, _INT4, _INT8, _FLOAT8 = Struct("!ih"), Struct("!ii"), Struct("!iq"), Struct("!id")


@dataclass(frozen=True, slots=True)
class Origin:
    """What all punches of one reading or one dump have in common; the columns' meaning is that of ``punch``."""

    device_id: int
    source: Literal["log", "usb"]
    generation: int | None
    poll_id: int | None
    clock_offset_seconds: float | None
    received_at: datetime


_STORED = """
    SELECT stored.pin, stored.device_time, stored.ordinal,
           coalesce(stored.generation, sighting.generation) AS seen_in
    FROM punch AS stored LEFT JOIN punch_sighting AS sighting USING (device_id, pin, device_time, ordinal)
    WHERE stored.device_id = %(device_id)s AND stored.device_time BETWEEN %(first)s AND %(last)s
"""
# OFFSET 0 keeps the planner to one index lookup per key; without it, it may read whole months.
_STORED_OF_SECONDS = f"""
    SELECT found.* FROM unnest(%(pins)b::text[], %(times)b::timestamp[]) AS wanted (pin, device_time)
    CROSS JOIN LATERAL (
        {_STORED} AND stored.pin = wanted.pin AND stored.device_time = wanted.device_time OFFSET 0
    ) AS found
"""  # noqa: S608  made of constants
_GENERATIONS = f"SELECT DISTINCT seen_in FROM ({_STORED_OF_SECONDS}) AS stored WHERE seen_in IS NOT NULL"  # noqa: S608  made of constants
_SEEN_BEFORE = f"""
    SELECT pin, device_time, count(*) FROM ({_STORED}) AS stored WHERE seen_in < %(before)s GROUP BY 1, 2
"""  # noqa: S608  made of constants
_ONLY_USB = f"{_STORED} AND stored.generation IS NULL AND sighting.generation IS NULL"
# All times of a pin in one value: a million rows one by one take longer to fetch than to insert. Grouped by an
# expression, or the planner would merge the months' indexes by pin, which is slower than hashing.
_TIMES = """
    SELECT pin || '', string_agg(timestamp_send(device_time), '') FILTER (WHERE ordinal = 0),
           bool_or(ordinal > 0), bool_or(generation IS NULL)
    FROM punch WHERE device_id = %(device_id)s AND device_time BETWEEN %(first)s AND %(last)s
    GROUP BY 1
"""
_LATER = """
    SELECT pin, device_time, ordinal FROM punch
    WHERE device_id = %(device_id)s AND device_time BETWEEN %(first)s AND %(last)s AND ordinal > 0
"""


def stored_of_few(cursor: Cursor, device_id: int, punches: Sequence[Punch], before: int) -> StoredPunches:
    """Find what is stored of the seconds that a small batch touches.

    Args:
        cursor: psycopg's own.
        device_id: whose punches.
        punches: the batch, not empty.
        before: the log generation before which a record counts as shown already.

    """
    seconds = {(punch.pin, punch.device_time) for punch in punches}
    wanted = {"pins": [pin for pin, _ in seconds], "times": [time for _, time in seconds]}
    cursor.execute(_STORED_OF_SECONDS, _range(device_id, punches) | wanted)
    return _sorted_out(cursor.fetchall(), before)


def stored_of_many(cursor: Cursor, device_id: int, punches: Sequence[Punch], before: int) -> StoredPunches:
    """Find what is stored between a large batch's first and last time; arguments as :func:`stored_of_few`."""
    wanted = _range(device_id, punches) | {"before": before}
    rows = cursor.execute(_TIMES, wanted, binary=True).fetchall()
    stored = StoredPunches({pin: set(_unpacked(times or b"")) for pin, times, _, _ in rows})
    if any(has_later for _, _, has_later, _ in rows):
        stored.later = _keys(cursor.execute(_LATER, wanted))
    if any(from_usb for *_, from_usb in rows):
        stored.only_usb = _keys(row[:3] for row in cursor.execute(_ONLY_USB, wanted))
    if rows and before > 1:
        cursor.execute(_SEEN_BEFORE, wanted)
        stored.seen = {(pin, microseconds_of(time)): count for pin, time, count in cursor}
    return stored


def generations_of(cursor: Cursor, device_id: int, punches: Sequence[Punch]) -> set[int]:
    """Tell in which generations of its log a device has shown any of these punches, of which there is at least one."""
    wanted = {"pins": [punch.pin for punch in punches], "times": [punch.device_time for punch in punches]}
    return {generation for (generation,) in cursor.execute(_GENERATIONS, _range(device_id, punches) | wanted)}


def insert_few(cursor: Cursor, placed: Sequence[Placed], origin: Origin, clock: WallClock) -> int:
    """Insert a poll's punches in one statement; give how many were new."""
    return _insert_from(cursor, _FROM_ARRAYS, _arrays(placed, clock) | _constants(origin))


def insert_many(cursor: Cursor, placed: Iterable[Placed], origin: Origin, clock: WallClock) -> None:
    """Insert with COPY, straight into the table; as fast as PostgreSQL takes rows.

    Raises:
        psycopg.errors.UniqueViolation: when a row is stored already; the transaction is then broken.

    """
    _copy_in(cursor, "punch", _encoded(placed, origin, clock))


def insert_many_unless_known(cursor: Cursor, placed: Iterable[Placed], origin: Origin, clock: WallClock) -> int:
    """Insert with COPY by way of a temporary table; give how many were new."""
    cursor.execute("CREATE TEMPORARY TABLE incoming (LIKE punch) ON COMMIT DROP")
    _copy_in(cursor, "incoming", _encoded(placed, origin, clock))
    new = _insert_from(cursor, f"SELECT {_COLUMNS} FROM incoming", {})  # noqa: S608  made of constants
    cursor.execute("DROP TABLE incoming")
    return new


def insert_sightings(cursor: Cursor, met: Sequence[Placed], origin: Origin) -> None:
    """Note that the log has shown punches which came from a USB dump."""
    cursor.execute(
        """
        INSERT INTO punch_sighting (device_id, pin, device_time, ordinal, generation, poll_id)
        SELECT %(device_id)s::int, seen.*, %(generation)s::int, %(poll_id)s::bigint
        FROM unnest(%(pins)b::text[], %(times)b::timestamp[], %(ordinals)b::int[]) AS seen
        ON CONFLICT DO NOTHING
        """,
        _key_arrays(met) | _constants(origin),
    )


def _range(device_id: int, punches: Sequence[Punch]) -> dict[str, object]:
    times = [punch.device_time for punch in punches]
    return {"device_id": device_id, "first": min(times), "last": max(times)}


def _sorted_out(rows: Iterable[tuple[Any, ...]], before: int) -> StoredPunches:
    stored, seen = StoredPunches(), Counter[tuple[str, int]]()
    for pin, device_time, ordinal, seen_in in rows:
        time = microseconds_of(device_time)
        if ordinal == 0:
            stored.times.setdefault(pin, set()).add(time)
        else:
            stored.later.add((pin, time, ordinal))
        if seen_in is None:
            stored.only_usb.add((pin, time, ordinal))
        elif seen_in < before:
            seen[pin, time] += 1
    stored.seen = dict(seen)
    return stored


def _unpacked(times: bytes) -> tuple[int, ...]:
    return unpack(f"!{len(times) // 8}q", times)


def _keys(rows: Iterable[tuple[Any, ...]]) -> set[PunchKey]:
    return {(pin, microseconds_of(time), ordinal) for pin, time, ordinal in rows}


def _key_arrays(placed: Sequence[Placed]) -> dict[str, object]:
    return {
        "pins": [punch.pin for punch, *_ in placed],
        "times": [punch.device_time for punch, *_ in placed],
        "ordinals": [ordinal for _, ordinal, _ in placed],
    }


def _arrays(placed: Sequence[Placed], clock: WallClock) -> dict[str, object]:
    return _key_arrays(placed) | {
        "modes": [punch.verify_mode for punch, *_ in placed],
        "states": [punch.punch_state for punch, *_ in placed],
        "workcodes": [punch.workcode for punch, *_ in placed],
        "instants": [_EPOCH_UTC + timedelta(microseconds=clock.instant(wall)) for *_, wall in placed],
        "raws": [punch.raw for punch, *_ in placed],
    }


def _constants(origin: Origin) -> dict[str, object]:
    return {name: getattr(origin, name) for name in Origin.__slots__}


_FROM_ARRAYS = """
    SELECT pin, device_time, ordinal, punched_at, verify_mode, punch_state, workcode, %(device_id)s::int,
           %(source)s::text, %(generation)s::int, %(poll_id)s::bigint, %(clock_offset_seconds)s::float8,
           %(received_at)s::timestamptz, raw
    FROM unnest(%(pins)b::text[], %(times)b::timestamp[], %(ordinals)b::int[], %(modes)b::smallint[],
                %(states)b::smallint[], %(workcodes)b::bigint[], %(instants)b::timestamptz[], %(raws)b::bytea[])
         AS incoming (pin, device_time, ordinal, verify_mode, punch_state, workcode, punched_at, raw)
"""


def _insert_from(cursor: Cursor, query: str, parameters: dict[str, object]) -> int:
    cursor.execute(f"INSERT INTO punch ({_COLUMNS}) {query} ON CONFLICT DO NOTHING", parameters)
    return cursor.rowcount


def _copy_in(cursor: Cursor, table: str, rows: Iterator[bytes]) -> None:
    with cursor.copy(f"COPY {table} ({_COLUMNS}) FROM STDIN (FORMAT binary)") as copy:
        copy.write(_COPY_HEAD)
        while block := b"".join(islice(rows, _ROWS_PER_WRITE)):
            copy.write(block)
        copy.write(_COPY_END)


def _encoded(placed: Iterable[Placed], origin: Origin, clock: WallClock) -> Iterator[bytes]:
    """Write each punch as COPY's binary form has it, in the order of ``_COLUMNS``."""
    pins, facts, tails = _Pins(), _Facts(), _Tails(_encoded_constants(origin))
    instant, pack = clock.instant, _PLACE.pack
    for punch, ordinal, time in placed:
        raw = punch[5]
        yield b"".join(
            (pins[punch[0]], pack(8, time, 4, ordinal, 8, instant(time)), facts[punch[2:5]], tails[len(raw)], raw)
        )


def _encoded_constants(origin: Origin) -> bytes:
    offset, source = origin.clock_offset_seconds, origin.source.encode()
    return b"".join(
        (
            _INT4.pack(4, origin.device_id),
            _LENGTH.pack(len(source)) + source,
            _NULL if origin.generation is None else _INT4.pack(4, origin.generation),
            _NULL if origin.poll_id is None else _INT8.pack(8, origin.poll_id),
            _NULL if offset is None else _FLOAT8.pack(8, offset),
            _INT8.pack(8, (origin.received_at - _EPOCH_UTC) // timedelta(microseconds=1)),
        )
    )


class _Pins(dict[str, bytes]):
    """How each row begins: the number of columns and the pin. Worked out once a pin."""

    def __missing__(self, pin: str) -> bytes:
        encoded = pin.encode()
        result = self[pin] = _COLUMN_COUNT + _LENGTH.pack(len(encoded)) + encoded
        return result


class _Facts(dict[tuple[int | None, int | None, int | None], bytes]):
    """Verify mode, punch state and workcode: a log has few different ones."""

    def __missing__(self, values: tuple[int | None, int | None, int | None]) -> bytes:
        encoded = [
            _NULL if value is None else form.pack(form.size - _LENGTH.size, value)
            for value, form in zip(values, (_INT2, _INT2, _INT8), strict=True)
        ]
        result = self[values] = b"".join(encoded)
        return result


class _Tails(dict[int, bytes]):
    """How each row ends before the raw bytes: what all have in common, and the length."""

    def __init__(self, constants: bytes) -> None:
        super().__init__()
        self._constants = constants

    def __missing__(self, length: int) -> bytes:
        result = self[length] = self._constants + _LENGTH.pack(length)
        return result
