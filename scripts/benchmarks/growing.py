"""What a punch and a verdict weigh in tables of a million rows, indexes included: what docs/growth.md reckons with."""

from __future__ import annotations

from typing import Any, Final

from eabsensi.assessing.keeping import rebuild
from eabsensi.clock import SystemClock
from eabsensi.law.loader import load_policy
from eabsensi.sealing.sealer import seal_evidence
from eabsensi.store.database import Store
from scripts.benchmarks.databases import Databases
from scripts.benchmarks.judging import FIRST, LAST, build_city
from scripts.benchmarks.plan import Plan
from scripts.benchmarks.printing import Target, show_table, timed

#: So many people make a million punches in a month of 22 working days.
_PEOPLE: Final = 20_000
_PEOPLE_QUICK: Final = 1_000
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
    show_table(
        f"grow: {people:,} people, {FIRST:%Y-%m}; judged and kept in {judged:.0f} s, sealed in {sealed:.0f} s",
        ("table", "rows", "MB", "bytes a row", "of these indexes"),
        rows,
    )
    return []


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
