"""How fast reports are made: a city's day and month, each rendering, beside the bare query of the same rows."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from contextlib import redirect_stdout
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

from eabsensi.assessing.daily import assess_day
from eabsensi.assessing.keeping import rebuild
from eabsensi.clock import SystemClock
from eabsensi.law.loader import load_policy
from eabsensi.law.policy import Policy
from eabsensi.reports.daily import daily_report
from eabsensi.reports.loading import Asked, judged_month
from eabsensi.reports.monthly import monthly_report
from eabsensi.reports.rendering import Format, render, render_daily
from eabsensi.store.connection import Connection
from eabsensi.store.database import Store
from scripts.benchmarks.databases import Databases
from scripts.benchmarks.judging import FIRST, LAST, build_city, fetch
from scripts.benchmarks.plan import Plan
from scripts.benchmarks.printing import Target, at_most, show_table, timed

_BARE: Final = """
    SELECT u.name, e.nip, e.name, e.rank, e.position, v.on_date, v.status, v.codes, v.in_at, v.out_at, v.late_minutes,
           v.early_minutes, v.complete, v.document, v.schedule_name, v.schedule_start, v.schedule_end, v.reasons,
           v.citations
    FROM verdict v JOIN employee e ON e.id = v.employee_id JOIN unit u ON u.code = v.unit_code
    WHERE v.on_date BETWEEN %s AND %s ORDER BY u.code, e.name, v.on_date
"""
_FORMATS: Final = (Format.TABLE, Format.CSV, Format.JSON, Format.XLSX)
Renders = Callable[[Format, Path | None], object]


@dataclass(frozen=True, slots=True)
class _Made:
    """One report: seconds of the bare query, of its rows, and of each rendering (without the rows)."""

    name: str
    lines: int
    bare: float
    rows: float
    renderings: dict[str, float]


def run(plan: Plan, databases: Databases) -> list[Target]:
    """Make the day's and the month's report of a city."""
    policy = load_policy()
    with databases.fresh_store() as store, tempfile.TemporaryDirectory(prefix="eabsensi-bench-") as folder:
        build_city(store, plan.reported_people)
        rebuild(store, policy, FIRST, LAST, by="bench", cause="bench", clock=SystemClock())
        made = [_daily(store, policy, Path(folder)), _monthly(store, policy, Path(folder))]
    _show(plan, made)
    return [
        at_most(f"{one.name}: rows and {name}", (one.rows + one.renderings[name]) / one.bare, limit, "x bare query")
        for one, name, limit in ((made[0], "json", 40), (made[1], "xlsx", 40))
    ]


def _show(plan: Plan, made: list[_Made]) -> None:
    names = list(made[0].renderings)
    show_table(
        f"report: {plan.reported_people:,} people; seconds (times the bare query); renderings without their rows",
        ("report", "lines", "bare query", "rows", *names),
        [
            (
                one.name,
                f"{one.lines:,}",
                f"{one.bare:.2f}",
                *(f"{seconds:.2f} ({seconds / one.bare:.1f}x)" for seconds in (one.rows, *one.renderings.values())),
            )
            for one in made
        ],
    )


def _daily(store: Store, policy: Policy, folder: Path) -> _Made:
    on = LAST
    bare, _ = timed(lambda: fetch(store, _BARE, on, on))
    with store.begin() as connection:
        rows, report = timed(lambda: daily_report(assess_day(connection, policy, on, as_of=datetime.now(UTC)), policy))
    seconds = _renderings(folder / "daily", lambda fmt, out: render_daily(report, fmt, out))
    return _Made("a day of the city", sum(1 for _ in report.rows), bare, rows, seconds)


def _monthly(store: Store, policy: Policy, folder: Path) -> _Made:
    bare, _ = timed(lambda: fetch(store, _BARE, FIRST, LAST))
    with store.begin() as connection:
        rows, report = timed(lambda: monthly_report(_month_of(connection, policy, FIRST), policy))
        seconds = _renderings(folder / "monthly", lambda fmt, out: render(report, fmt, out))
    return _Made("a month of the city", sum(len(section.rows) for section in report.sections), bare, rows, seconds)


def _month_of(connection: Connection, policy: Policy, month: date) -> object:
    return judged_month(connection, policy, Asked(month, LAST, datetime.now(UTC)))


def _renderings(folder: Path, renders: Renders) -> dict[str, float]:
    """Time every rendering: text, workbook, and a PDF per unit."""
    folder.mkdir()
    seconds: dict[str, float] = {}
    for fmt in _FORMATS:
        seconds[str(fmt)], _ = timed(lambda fmt=fmt: _rendered(folder, fmt, renders))
    seconds["pdf per unit"], _ = timed(lambda: renders(Format.PDF, folder))
    return seconds


def _rendered(folder: Path, fmt: Format, renders: Renders) -> None:
    if fmt is Format.TABLE:
        with (folder / "report.txt").open("w", encoding="utf-8") as stream, redirect_stdout(stream):
            renders(fmt, None)
    else:
        renders(fmt, folder / f"report.{fmt}")
