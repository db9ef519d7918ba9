"""A month: the units side by side, and one unit's people by days, by sums and by what is taken off the allowance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Annotated, Any, TypeAlias

from fastapi import APIRouter, Depends
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from markupsafe import Markup

from eabsensi.access.roles import Right
from eabsensi.access.trail import Action
from eabsensi.law.wording import Language
from eabsensi.portal.asking import Units, month_end, month_of, neighbour, query, unit_of
from eabsensi.portal.templating import render_part
from eabsensi.portal.visit import Visit, Visiting
from eabsensi.reports.allowance import AllowanceReport, allowance_report, percentage_cell
from eabsensi.reports.charts.heatmap import heatmap_svg
from eabsensi.reports.charts.sources import month_heatmaps
from eabsensi.reports.code_words import code_words
from eabsensi.reports.judged import JudgedDay, JudgedPeriod, open_notes
from eabsensi.reports.labels import label
from eabsensi.reports.loading import Asked, judged_month
from eabsensi.reports.monthly import MonthlyReport, MonthRow
from eabsensi.reports.monthly_paper import RECAP_KEYS, day_cell, recap_cells, recap_columns
from eabsensi.reports.paper import Column, Medium, Value, bare, tint, written
from eabsensi.reports.ranking import RankingReport, formula, grade_text
from eabsensi.reports.recap import Recap

router = APIRouter()
UnitsVisit: TypeAlias = Annotated[Visit, Depends(Visiting(Right.SEE_UNITS))]
AllowanceVisit: TypeAlias = Annotated[Visit, Depends(Visiting(Right.SEE_ALLOWANCE))]


class Show(StrEnum):
    """What of a month is shown."""

    UNITS = "units"
    GRID = "grid"
    RECAP = "recap"


@dataclass(frozen=True, slots=True)
class Shown:
    """A cell as it is shown: its words, and the class of its ground."""

    text: str
    tint: str = ""

    @classmethod
    def of(cls, value: Value, language: Language) -> Shown:
        """Write a report's cell; nothing as a hyphen."""
        found = tint(value)
        return cls(written(bare(value), language) or "-", found.value if found else "")


@router.get("/months")
def months_page(visit: UnitsVisit, month: str = "", unit: str = "", show: Show | None = None) -> RedirectResponse:
    """Lead to a month: the one chosen, else this one."""
    first = month_of(month) if month else visit.today
    return visit.go(f"/months/{first:%Y-%m}{query(unit=unit, show=show or '')}")


@router.get("/months/{month}")
def month_page(visit: UnitsVisit, month: str, unit: str = "", show: Show | None = None) -> HTMLResponse:
    """Show the units of a month side by side, or one unit's people."""
    first, code = month_of(month), unit_of(visit, unit)
    units = Units.of(visit)
    if not unit and len(units.seen) == 1:
        code = unit = units.seen[0].code
    shown = show or (Show.GRID if unit else Show.UNITS)
    with visit.begin() as connection:
        visit.note(connection, Action.SEE_UNIT, unit=code, subject=f"{first:%Y-%m} {shown}")
    if shown is Show.UNITS or code is None:
        return _units_page(visit, first, code, units)
    return _people_page(visit, first, code, shown, units)


@router.get("/months/{month}/allowance")
def allowance_page(visit: AllowanceVisit, month: str, unit: str = "") -> Response:
    """Show what a month takes off the allowance of one unit's people."""
    first, code = month_of(month), unit_of(visit, unit)
    if code is None:
        return visit.go(f"/months/{first:%Y-%m}")
    with visit.begin() as connection:
        period = judged_month(connection, visit.desk.policy, _asked(visit, first, code))
        visit.note(connection, Action.SEE_REPORT, unit=code, subject=f"allowance {first:%Y-%m}")
    report = allowance_report(period, visit.desk.policy)
    rows = [row for _, found in report.sections for row in found]
    days = [day for row in rows for day in row.days]
    return visit.page(
        "allowance.html",
        rows=rows,
        percent=lambda value: written(percentage_cell(value), visit.language),
        legend=label("allowance_legend", visit.language),
        **_around(report, code, Units.of(visit)),
        **_face(visit, period, code, days),
    )


def _units_page(visit: Visit, first: date, code: str | None, units: Units) -> HTMLResponse:
    """Show the ranking; the units whose data is incomplete stand apart."""
    report = visit.desk.ranking(first, code)
    groups = [[row for row in report.rows if (row.place is None) is apart] for apart in (False, True)]
    return visit.page(
        "months.html",
        groups=groups,
        share=lambda value: Shown.of(value, visit.language).text,
        grade=lambda grade: grade_text(grade, visit.language),
        formula=formula(visit.language),
        **_around(report, code, units),
    )


def _people_page(visit: Visit, first: date, code: str, show: Show, units: Units) -> HTMLResponse:
    drawn = visit.desk.month(first, code)
    report = drawn.figures
    return visit.page(
        "month.html",
        show=show,
        drawn=drawn.once((show, visit.language), lambda: _people(visit, report, code, show)),
        has_people=bool(report.sections),
        **_around(report, code, units),
    )


def _people(visit: Visit, report: MonthlyReport, code: str, show: Show) -> Markup:
    """Draw the people of one unit's month."""
    language, policy = visit.language, visit.desk.policy
    section = next(iter(report.sections), None)
    rows = section.rows if section else ()
    days = section.days if section else ()
    grid = show is Show.GRID
    context = {
        "grid": grid,
        "month": report.month,
        "unit_name": report.period.unit.name if report.period.unit else "",
        "address": query(month=f"{report.month:%Y-%m}", unit=code).removeprefix("?"),
        "dates": report.dates,
        "rows": [(row, _days(row, report, language) if grid else (), _figures(row.recap, language)) for row in rows],
        "total": _figures(section.recap, language) if section else (),
        "columns": _columns(language),
        "maps": _maps(report, language) if grid else (),
        "codes": code_words(policy, report.period.through, {code for day in days for code in day.codes}, language),
    }
    return render_part("month_people.html", visit.wording, context | _face(visit, report.period, code, days))


def _asked(visit: Visit, first: date, code: str) -> Asked:
    return Asked(first, month_end(first), visit.desk.clock.now(), code, alone=True)


def _around(report: MonthlyReport | AllowanceReport | RankingReport, code: str | None, units: Units) -> dict[str, Any]:
    """Give what stands around every page of a month."""
    month = report.month
    return {
        "report": report,
        "month": month,
        "unit": code,
        "unit_name": units.known[code].name if code else "",
        "units": units.seen,
        "below": [unit for unit in units.seen if code and unit.parent == code],
        "before": neighbour(month, -1),
        "after": neighbour(month, 1),
        "query": query,
        "shows": Show,
    }


def _face(visit: Visit, period: JudgedPeriod, code: str, days: Sequence[JudgedDay]) -> dict[str, Any]:
    """Give what a month says on its face: whether it is closed, and what is incomplete."""
    return {"state": period.state(code, days, visit.language), "notes": open_notes(days, visit.language)}


def _days(row: MonthRow, report: MonthlyReport, language: Language) -> list[tuple[date, Shown | None]]:
    """Give each date with its codes; None where it has not come or is not the unit's."""
    found = ((on, row.days.get(on)) for on in report.dates)
    return [(on, Shown.of(day_cell(day), language) if day else None) for on, day in found]


def _figures(recap: Recap, language: Language) -> list[Shown]:
    return [Shown.of(value, language) for value in recap_cells(recap)]


def _columns(language: Language) -> list[tuple[str, Column, Column]]:
    """Give the columns of the sums: their key, brief beside the days, and as a table of their own has them."""
    brief, full = (recap_columns(medium, language) for medium in (Medium.SCREEN, Medium.PRINT))
    return list(zip(RECAP_KEYS, brief, full, strict=True))


def _maps(report: MonthlyReport, language: Language) -> list[str]:
    """Draw the month; of a large unit several pictures of up to 60 people."""
    maps = (found for section in report.sections for found in month_heatmaps(report, section, report.policy))
    return [heatmap_svg(found, language) for found in maps if found.rows]
