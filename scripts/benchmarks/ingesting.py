"""How fast punches get into the database, beside a COPY of the same rows into the same partitioned table."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, cast

import psycopg

from eabsensi.devices.attlog import Layout, Punch, decode
from eabsensi.devices.logposition import Continuity, LogPosition, LogReading
from eabsensi.devices.simulator.records import Filling, render_filling
from eabsensi.store.database import Store
from eabsensi.store.devicelog import load_device_log
from eabsensi.store.devices import StoredDevice
from eabsensi.store.ingest import IngestResult, record_poll
from eabsensi.store.pollkeeping import PollFacts
from scripts.benchmarks.databases import Databases, device, register
from scripts.benchmarks.plan import Plan
from scripts.benchmarks.printing import Spread, Target, at_least, repeated, show_table, timed

_SMALL_POLL: Final = 25
_BLOCK_BYTES: Final = 1 << 17
_STEP_SECONDS: Final = 300
_FIRST: Final = datetime(2024, 1, 2, 6, 30)  # noqa: DTZ001  a device's clock has no zone
_PEOPLE: Final = tuple((number, str(200_000 + number)) for number in range(1, 301))


@dataclass(frozen=True, slots=True)
class _Ingest:
    """One shape of readings, ingested by everybody some times; each time on a fresh database."""

    name: str
    punches: int
    new: Spread
    copy: Spread
    known: Spread

    @property
    def share_of_copy(self) -> float:
        return self.copy.median / self.new.median

    def rate(self, spread: Spread) -> str:
        return f"{self.punches / spread.median / 1000:,.0f}"


def run(plan: Plan, databases: Databases) -> list[Target]:
    """Ingest readings of whole logs, the same once more, and small polls."""
    each = _punches(plan.ingest_records)
    name = f"{plan.ingest_devices} devices x {plan.ingest_records:,}"
    ingests = [_ingest(name, databases, [each] * plan.ingest_devices, plan.ingest_runs)]
    if plan.ingest_at_once:
        total = plan.ingest_devices * plan.ingest_records
        ingests.append(
            _ingest(f"1 device x {total:,}", databases, [_punches(total, step_seconds=40)], plan.ingest_runs)
        )
    small = _small_polls(databases, plan.small_polls)
    server = f"PostgreSQL {databases.describe()}"
    show_table(
        f"ingest: a transaction each reading, fresh databases, {server}; seconds, and thousand rows/s",
        ("readings", "new", "", "COPY of the same rows", "", "share of COPY", "known again", ""),
        [
            (i.name, i.new, i.rate(i.new), i.copy, i.rate(i.copy), f"{i.share_of_copy:.0%}", i.known, i.rate(i.known))
            for i in ingests
        ],
    )
    show_table(
        f"ingest: polls of {_SMALL_POLL} new punches, a durable transaction each, one connection",
        ("polls", "seconds", "polls/s", "rows/s"),
        [(plan.small_polls, small, f"{plan.small_polls / small.median:,.0f}", f"{_small_rate(plan, small):,.0f}")],
    )
    return [target for ingest in ingests for target in _targets(ingest)]


def _small_rate(plan: Plan, spread: Spread) -> float:
    return plan.small_polls * _SMALL_POLL / spread.median


def _targets(ingest: _Ingest) -> list[Target]:
    return [
        at_least(f"new punches beside COPY, {ingest.name}", 100 * ingest.share_of_copy, 50, "%"),
        at_least(f"known ones beside new ones, {ingest.name}", ingest.new.median / ingest.known.median, 1, "x"),
    ]


def _punches(count: int, step_seconds: int = _STEP_SECONDS) -> list[Punch]:
    body = render_filling(Filling(count, _FIRST, step_seconds, _PEOPLE), Layout.FORTY)
    return decode(Layout.FORTY, body).punches


def _ingest(name: str, databases: Databases, readings: list[list[Punch]], runs: int) -> _Ingest:
    new, known, copied = [], [], []
    for _ in range(runs):
        with databases.fresh_store() as store:
            devices = register(store, [device(f"BENCH{number:05d}") for number in range(len(readings))])
            new.append(timed(lambda: _read_all(store, devices, readings, expected_new=True))[0])  # noqa: B023  called at once
            known.append(timed(lambda: _read_all(store, devices, readings, expected_new=False))[0])  # noqa: B023  called at once
            rows = [_copied_out(store, each) for each in devices]
        with databases.fresh_store() as store:
            copied.append(timed(lambda: _copy_in(store, rows))[0])  # noqa: B023  called at once
    return _Ingest(name, sum(map(len, readings)), Spread(tuple(new)), Spread(tuple(copied)), Spread(tuple(known)))


def _read_all(store: Store, devices: list[StoredDevice], readings: list[list[Punch]], *, expected_new: bool) -> None:
    for each, punches in zip(devices, readings, strict=True):
        result = _record(store, each, punches)
        assert (result.new, result.known) == ((len(punches), 0) if expected_new else (0, len(punches)))


def _record(
    store: Store, each: StoredDevice, punches: list[Punch], continuity: Continuity = Continuity.REREAD
) -> IngestResult:
    now = datetime.now(UTC)
    count = len(punches)
    position = LogPosition(Layout.FORTY, 40 * count, count, anchor=punches[-1].raw, head=punches[0].raw)
    reading = LogReading(continuity, punches, [], position)
    facts = PollFacts(each.id, "bench", now, now, mode="full", outcome="ok", records_read=count)
    with store.begin() as connection:
        version = load_device_log(connection, each.id).version
        return record_poll(connection, facts, timezone=each.timezone, log_version=version, reading=reading)


def _copied_out(store: Store, each: StoredDevice) -> bytes:
    """Give what COPY has to take in again, in the order in which the log was read; made before anything is timed."""
    query = f"COPY (SELECT * FROM punch WHERE device_id = {each.id} ORDER BY device_time) TO STDOUT (FORMAT binary)"  # noqa: S608  a number
    with _cursor(store) as cursor, cursor.copy(query.encode()) as copy:
        return b"".join(map(bytes, copy))


def _copy_in(store: Store, readings: list[bytes]) -> None:
    """Copy each reading's rows in a transaction of its own, in blocks as long as the product's."""
    for rows in readings:
        with _cursor(store) as cursor, cursor.copy("COPY punch FROM STDIN (FORMAT binary)") as copy:
            for start in range(0, len(rows), _BLOCK_BYTES):
                copy.write(rows[start : start + _BLOCK_BYTES])


@contextmanager
def _cursor(store: Store) -> Iterator[psycopg.Cursor[Any]]:
    """Give psycopg's own cursor in a transaction of the tables' owner."""
    with store.begin_as_owner() as connection, closing(connection.connection.cursor()) as cursor:
        yield cast("psycopg.Cursor[Any]", cursor)


def _small_polls(databases: Databases, polls: int) -> Spread:
    punches = _punches(3 * polls * _SMALL_POLL)
    with databases.fresh_store() as store:
        each = register(store, [device("BENCH00000")])[0]
        batches = iter([punches[at : at + _SMALL_POLL] for at in range(0, len(punches), _SMALL_POLL)])
        return repeated(3, _poller(store, each, batches, polls))


def _poller(store: Store, each: StoredDevice, batches: Iterator[list[Punch]], polls: int) -> Callable[[], None]:
    def poll() -> None:
        for _ in range(polls):
            assert _record(store, each, next(batches), Continuity.TAIL).new == _SMALL_POLL

    return poll
