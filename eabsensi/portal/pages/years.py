"""A year: days without reason month by month, and those whose absences reach a tier of the law."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from fastapi import APIRouter, Depends
from fastapi.responses import HTMLResponse, RedirectResponse

from eabsensi.access.roles import Right
from eabsensi.access.trail import Action
from eabsensi.law.wording import month_names
from eabsensi.portal.asking import Units, query, unit_of, year_of
from eabsensi.portal.visit import Visit, Visiting
from eabsensi.reports.judged import open_notes
from eabsensi.reports.labels import label
from eabsensi.reports.yearly import YearlyReport, YearSection, year_state

router = APIRouter()
UnitsVisit: TypeAlias = Annotated[Visit, Depends(Visiting(Right.SEE_UNITS))]
IndicationsVisit: TypeAlias = Annotated[Visit, Depends(Visiting(Right.SEE_INDICATIONS))]


@router.get("/years")
def years_page(visit: UnitsVisit, year: int | None = None, unit: str = "") -> RedirectResponse:
    """Lead to a year: the one chosen, else this one."""
    return visit.go(f"/years/{year_of(year or visit.today.year)}{query(unit=unit)}")


@router.get("/years/{year}")
def year_page(visit: UnitsVisit, year: int, unit: str = "") -> HTMLResponse:
    """Show one unit's people by months; of several units, ask which."""
    year_of(year)
    code, units = unit_of(visit, unit), Units.of(visit)
    if not unit:
        code = units.seen[0].code if len(units.seen) == 1 else None
    with visit.begin() as connection:
        visit.note(connection, Action.SEE_UNIT, unit=code, subject=str(year))
    report = visit.desk.year(year, code) if code else None
    return visit.page(
        "years.html",
        year=year,
        unit=code,
        units=units.seen,
        report=report,
        sections=[(section, *_face(visit, report, section)) for section in report.sections] if report else [],
        months=month_names(visit.language),
        legend=(label("yearly_legend", visit.language), label("sum_legend", visit.language)),
        query=query,
    )


def _face(visit: Visit, report: YearlyReport, section: YearSection) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Give which months are closed, and what keeps days open."""
    state = year_state(report.period, section.unit, section.rows, visit.language)
    return state, open_notes((day for row in section.rows for day in row.open_days), visit.language)


@router.get("/indications")
def indications_home(visit: IndicationsVisit, year: int | None = None, unit: str = "") -> RedirectResponse:
    """Lead to the indications of a year: the one chosen, else this one."""
    return visit.go(f"/indications/{year_of(year or visit.today.year)}{query(unit=unit)}")


@router.get("/indications/{year}")
def indications_page(visit: IndicationsVisit, year: int, unit: str = "") -> HTMLResponse:
    """Show whose absences reach a tier, with the dates and the articles; an official decides."""
    code, units = unit_of(visit, unit), Units.of(visit)
    report = visit.desk.indications(year_of(year), code)
    with visit.begin() as connection:
        visit.note(connection, Action.SEE_REPORT, unit=code, subject=f"indications {year}")
    return visit.page(
        "indications.html",
        year=year,
        unit=code,
        unit_name=units.known[code].name if code else "",
        units=units.seen,
        report=report,
        legend=(label("indications_legend", visit.language), label("sum_legend", visit.language)),
        query=query,
    )
