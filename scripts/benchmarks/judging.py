"""How fast days are judged: a month of a city, and one new punch end to end; beside the bare SQL for the facts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final, cast
from zoneinfo import ZoneInfo

import psycopg

from eabsensi.assessing.keeping import assess_dirty, rebuild
from eabsensi.assessing.ranges import assess_range
from eabsensi.clock import SystemClock
from eabsensi.devices.attlog import Punch
from eabsensi.law.loader import load_policy
from eabsensi.law.policy import Policy
from eabsensi.store.database import Store
from eabsensi.store.dirty import mark_touched
from eabsensi.store.ingest import import_dump
from eabsensi.store.partitions import ensure_months
from scripts.benchmarks.databases import Databases
from scripts.benchmarks.plan import Plan
from scripts.benchmarks.printing import Spread, Target, at_most, show_table, timed

FIRST: Final = date(2026, 9, 1)
LAST: Final = date(2026, 9, 30)
_ZONE: Final = "Asia/Jakarta"
_PEOPLE_A_UNIT: Final = 50

_CITY: Final = """
    INSERT INTO unit (code, name, pattern) SELECT 'U' || n, 'Unit ' || n, '5-day' FROM generate_series(1, :units) n;
    INSERT INTO device (serial, unit_code, name, host, port, transport, timezone, encoding, live, enabled,
                        registered_at)
    SELECT 'S' || n, 'U' || n, 'mesin ' || n, '127.0.0.1', 4370, 'tcp', 'Asia/Jakarta', 'utf-8', false, true,
           '2020-01-01'
    FROM generate_series(1, :units) n;
    INSERT INTO employee (nip, name, kind)
    SELECT lpad(n::text, 18, '0'), 'Pegawai ' || n, 'PNS' FROM generate_series(1, :people) n;
    INSERT INTO posting (employee_id, unit_code, valid_during)
    SELECT id, 'U' || 1 + id % :units, daterange('2020-01-01', NULL) FROM employee;
    INSERT INTO enrolment (device_id, pin, employee_id, valid_during)
    SELECT NULL, id::text, id, daterange('2020-01-01', NULL) FROM employee;
    INSERT INTO poll (device_id, collector, started_at, finished_at, mode, outcome, records_read, punches_new,
                      bytes_sent, bytes_received, round_trips, clock_offset_seconds, complete_through)
    SELECT device.id, 'bench', at, at, 'tail', 'ok', 0, 0, 0, 0, 0, 0, at
    FROM device, generate_series(timestamptz '2026-09-01', '2026-10-02', interval '2 hours') at;
"""
# Two or three touches a day, one day in sixteen none; in the order of time, as a collector brings them.
_PUNCHES: Final = """
    INSERT INTO punch (device_id, pin, device_time, ordinal, punched_at, source, poll_id, clock_offset_seconds,
                       received_at, raw)
    SELECT 1 + id % :units, id::text, at, 0, at AT TIME ZONE 'Asia/Jakarta', 'log', 1, 0,
           (at AT TIME ZONE 'Asia/Jakarta') + interval '5 minutes', decode(repeat('00', 40), 'hex')
    FROM (SELECT id, day + touch + make_interval(secs => (hashint8(id * 31 + extract(day FROM day)::int) & 2047)) AS at
          FROM generate_series(timestamp '2026-09-01', '2026-09-30', interval '1 day') AS day,
               (VALUES (interval '7 hours'), (interval '12 hours 5 minutes'), (interval '16 hours 2 minutes'))
                   AS touched (touch), employee
          WHERE extract(isodow FROM day) < 6 AND (hashint8(id + 7919 * extract(day FROM day)::int) & 15) > 0
            AND (touch <> interval '12 hours 5 minutes' OR id % 2 = 0)
          ORDER BY day, touch) AS touches;
"""
_BARE: Final = """
    SELECT e.employee_id, p.device_id, p.punched_at, p.received_at, p.source, p.clock_offset_seconds
    FROM enrolment e JOIN punch p ON p.pin = e.pin AND (e.device_id IS NULL OR e.device_id = p.device_id)
    WHERE p.device_time >= '2026-08-31' AND p.device_time < '2026-10-02'
"""
_BARE_ONE: Final = """
    SELECT p.punched_at, p.received_at FROM enrolment e JOIN device d ON true
    JOIN punch p ON p.device_id = d.id AND p.pin = e.pin
    WHERE e.employee_id = %s AND p.device_time >= '2026-09-29' AND p.device_time < '2026-10-02'
"""


@dataclass(frozen=True, slots=True)
class _Month:
    """One city's month, in seconds; the punch's parts in milliseconds, of many punches."""

    people: int
    days: int
    bare: float
    judged: float
    kept: float
    again: float
    stored: Spread
    verdict: Spread
    bare_one: Spread

    def rate(self, seconds: float) -> float:
        """Employee-days a second."""
        return self.days / seconds


def run(plan: Plan, databases: Databases) -> list[Target]:
    """Judge a month of cities of several sizes, and single punches."""
    months = [_month(databases, people, plan.single_punches) for people in plan.judged_people]
    show_table(
        f"judge: a month of everybody, {FIRST:%Y-%m}; seconds",
        ("people", "days", "bare SQL", "judged", "x bare", "days/s", "judged and kept", "again", "us/day"),
        [
            (
                f"{m.people:,}",
                f"{m.days:,}",
                f"{m.bare:.2f}",
                f"{m.judged:.2f}",
                f"{m.judged / m.bare:.1f}",
                f"{m.rate(m.judged):,.0f}",
                f"{m.kept:.2f}",
                f"{m.again:.2f}",
                f"{m.judged / m.days * 1e6:.0f}",
            )
            for m in months
        ],
    )
    show_table(
        "judge: one new punch end to end, two durable transactions; milliseconds, median (least..most)",
        ("people", "stored and marked", "judged and kept", "bare SQL of the day"),
        [(f"{m.people:,}", m.stored, m.verdict, m.bare_one) for m in months],
    )
    return _targets(months)


def _targets(months: list[_Month]) -> list[Target]:
    first, last = months[0], months[-1]
    growth = (last.judged / last.days) / (first.judged / first.days)
    what = f"cost of a judged day, {first.people:,} to {last.people:,} people"
    per_punch = max(month.stored.median + month.verdict.median for month in months)
    return [
        at_most(what, growth, 1.5, "x"),
        at_most("one new punch to a kept verdict", per_punch, 1_000, "ms"),
    ]


def _month(databases: Databases, people: int, punches: int) -> _Month:
    policy = load_policy()
    with databases.fresh_store() as store:
        build_city(store, people)
        bare, _ = timed(lambda: fetch(store, _BARE))
        judged, days = min(timed(lambda: _judge(store, policy)) for _ in range(2))  # growth is compared: least noise
        options: dict[str, Any] = {"by": "bench", "cause": "bench", "clock": SystemClock()}
        kept, _ = timed(lambda: rebuild(store, policy, FIRST, LAST, **options))
        again, _ = timed(lambda: rebuild(store, policy, FIRST, LAST, **options))
        singles = [_single(store, policy, number + 1) for number in range(punches)]
    spreads = [Spread(tuple(1_000 * seconds for seconds in column)) for column in zip(*singles, strict=True)]
    return _Month(people, days, bare, judged, kept, again, *spreads)


def build_city(store: Store, people: int) -> None:
    """Fill a city: units of fifty, a month of punches, every terminal read to its end."""
    units = max(1, people // _PEOPLE_A_UNIT)
    with store.begin_as_owner() as connection:
        ensure_months(connection, FIRST - timedelta(days=31), LAST + timedelta(days=31))
        for statement in (_CITY + _PUNCHES).replace(":units", str(units)).replace(":people", str(people)).split(";\n"):
            if statement.strip():
                connection.exec_driver_sql(statement.replace("%", "%%"))
    with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("VACUUM ANALYZE")


@contextmanager
def _cursor(store: Store) -> Iterator[psycopg.Cursor[Any]]:
    with store.begin() as connection, closing(cast("psycopg.Cursor[Any]", connection.connection.cursor())) as cursor:
        yield cursor


def fetch(store: Store, query: str, *values: object) -> int:
    """Fetch every row of a query as it comes; give their number."""
    with _cursor(store) as cursor:
        return len(cursor.execute(query.encode(), values or None).fetchall())


def _judge(store: Store, policy: Policy) -> int:
    with store.begin() as connection:
        return sum(1 for _ in assess_range(connection, policy, FIRST, LAST, as_of=datetime.now(UTC)))


def _single(store: Store, policy: Policy, employee: int) -> tuple[float, float, float]:
    """Bring one punch of the last day, and judge; give the seconds of both, and of the bare query."""
    at = datetime(2026, 9, 30, 15, 0, employee % 60)  # noqa: DTZ001  a device's clock has no zone
    punch = Punch(str(employee), at, 1, 0, 0, b"bench")

    def keep() -> None:
        with store.begin() as connection:
            result = import_dump(connection, 1, _ZONE, [punch], [], at.replace(tzinfo=ZoneInfo(_ZONE)))
            mark_touched(connection, 1, result.touched, "punch")

    stored, _ = timed(keep)
    verdict, judged = timed(lambda: assess_dirty(store, policy, SystemClock()))
    assert judged == 1, "one punch touches one day"
    bare, _ = timed(lambda: fetch(store, _BARE_ONE, employee))
    return stored, verdict, bare
