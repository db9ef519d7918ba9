"""What a punch and a verdict weigh in tables of a million rows, indexes included: what docs/growth.md reckons with."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from eabsensi.assessing.keeping import rebuild
from eabsensi.clock import SystemClock
from eabsensi.devices.attlog import Punch
from eabsensi.law.loader import load_policy
from eabsensi.sealing.sealer import seal_evidence
from eabsensi.store.database import Store
from eabsensi.store.evidence import summarise_arrivals
from eabsensi.store.ingest import import_dump
from eabsensi.store.partitions import ensure_months
from scripts.benchmarks.databases import Databases
from scripts.benchmarks.judging import FIRST, LAST, build_city
from scripts.benchmarks.plan import Plan
from scripts.benchmarks.printing import Spread, Target, at_most, show_table, timed

#: So many people make a million punches in a month of 22 working days.
_PEOPLE: Final = 20_000
_PEOPLE_QUICK: Final = 1_000
_TURNS: Final = 10
_BUSY_HOUR: Final = """
INSERT INTO poll (device_id, collector, started_at, finished_at, mode, outcome, records_read, punches_new, bytes_sent,
                  bytes_received, round_trips, clock_offset_seconds, complete_through)
SELECT device.id, 'busy', at, at, 'tail', 'ok', 0, 0, 0, 0, 0, 0, at
FROM (SELECT now() - interval '55 minutes' + n * interval '270 milliseconds' AS at
      FROM generate_series(1, 12000) AS n) AS turns JOIN (SELECT min(id) AS id FROM device) AS device ON true;
INSERT INTO punch (device_id, pin, device_time, ordinal, punched_at, source, poll_id, clock_offset_seconds,
                   received_at, raw)
SELECT device_id, id::text, finished_at AT TIME ZONE 'Asia/Jakarta', 0, finished_at, 'log', id, 0, finished_at,
       decode(repeat('00', 40), 'hex')
FROM poll WHERE collector = 'busy' AND id - (SELECT min(id) FROM poll WHERE collector = 'busy') < 10000
"""
_SIZES: Final = """
    SELECT coalesce(parent.relname, child.relname) AS name,
           sum(pg_table_size(child.oid)) AS heap, sum(pg_indexes_size(child.oid)) AS indexes
    FROM pg_class AS child
    LEFT JOIN pg_inherits ON inhrelid = child.oid
    LEFT JOIN pg_class AS parent ON parent.oid = inhparent
    WHERE child.relkind = 'r' AND child.relnamespace = 'public'::regnamespace
    GROUP BY 1
"""
_WEIGHED: Final = ("punch", "verdict", "verdict_version", "poll", "seal_part")


def run(plan: Plan, databases: Databases) -> list[Target]:
    """Fill a city of a million punches, judge and seal it, and weigh the tables."""
    people = _PEOPLE if max(plan.judged_people) >= 10_000 else _PEOPLE_QUICK
    with databases.fresh_store() as store:
        build_city(store, people)
        options: dict[str, Any] = {"by": "bench", "cause": "bench", "clock": SystemClock()}
        judged, _ = timed(lambda: rebuild(store, load_policy(), FIRST, LAST, **options))
        sealed, _ = timed(lambda: seal_evidence(store, SystemClock(), since=None))
        rows = _weights(store)
        turn = _everyday_turn(store)
    show_table(
        f"grow: {people:,} people, {FIRST:%Y-%m}; judged and kept in {judged:.0f} s, sealed in {sealed:.0f} s",
        ("table", "rows", "MB", "bytes a row", "of these indexes"),
        rows,
    )
    show_table(
        "grow: a seal of 25 new punches, after an hour with 12,000 polls and 10,000 punches; milliseconds",
        ("in a city of", "median (least..most)"),
        [(f"{people:,}", turn)],
    )
    return [at_most("an everyday seal", turn.median, 250, "ms")]


def _everyday_turn(store: Store) -> Spread:
    """Seal a busy hour, then time turns that find one small dump each."""
    with store.begin_as_owner() as connection:
        ensure_months(connection, date(2026, 10, 1), SystemClock().now().date())
        for statement in _BUSY_HOUR.split(";\n"):
            connection.exec_driver_sql(statement)
        summarise_arrivals(connection)
    seal_evidence(store, SystemClock())
    return Spread(tuple(_turn(store, number) for number in range(_TURNS)))


def _turn(store: Store, number: int) -> float:
    now = SystemClock().now()
    at = now.replace(tzinfo=None, microsecond=0)
    punches = [Punch(f"{number}-{place}", at, 1, 0, 0, b"bench") for place in range(25)]
    with store.begin() as connection:
        import_dump(connection, 1, "Asia/Jakarta", punches, [], now)
    seconds, seals = timed(lambda: seal_evidence(store, SystemClock()))
    assert sum(seal.rows for seal in seals) == len(punches), "each new row is sealed, once"
    return 1_000 * seconds


def _weights(store: Store) -> list[tuple[Any, ...]]:
    with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("VACUUM ANALYZE")
        sizes = {row.name: (int(row.heap), int(row.indexes)) for row in connection.exec_driver_sql(_SIZES)}
        counts = {name: connection.exec_driver_sql(f"SELECT count(*) FROM {name}").scalar_one() for name in _WEIGHED}  # noqa: S608  constants
    return [
        (
            name,
            f"{counts[name]:,}",
            f"{sum(sizes[name]) / 1e6:,.0f}",
            f"{sum(sizes[name]) / max(1, counts[name]):.0f}",
            f"{sizes[name][1] / max(1, counts[name]):.0f}",
        )
        for name in _WEIGHED
    ]
