"""Patterns that deserve a person's look: the findings of some weeks, each with its evidence."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, Final, TypeAlias

from fastapi import APIRouter, Depends, Query
from fastapi.responses import FileResponse, HTMLResponse

from eabsensi.access.roles import Right
from eabsensi.access.trail import Action
from eabsensi.discipline.findings.catalogue import CATALOGUE
from eabsensi.discipline.findings.finding import Rule
from eabsensi.errors import UsageError
from eabsensi.portal.asking import Units, day_of, query, unit_of
from eabsensi.portal.pages.downloads import Parcel, stem_of
from eabsensi.portal.visit import Visit, Visiting
from eabsensi.reports.findings import INDICATION, LEGEND, NOTHING, evidence_lines, not_possible
from eabsensi.reports.judged import brief_dates_text

router = APIRouter()
FindingsVisit: TypeAlias = Annotated[Visit, Depends(Visiting(Right.SEE_FINDINGS))]
FromQuery: TypeAlias = Annotated[str, Query(alias="from")]
ToQuery: TypeAlias = Annotated[str, Query(alias="to")]
#: What is shown where no days are asked for: four weeks, until yesterday.
_USUAL: Final = timedelta(days=28)


@router.get("/findings")
def findings_page(
    visit: FindingsVisit, first: FromQuery = "", last: ToQuery = "", unit: str = "", rule: str = ""
) -> HTMLResponse:
    """Show the findings of the days asked for; of one rule, or of all."""
    code, units = unit_of(visit, unit), Units.of(visit)
    start, end, only = *_days(visit, first, last), _rule(rule)
    with visit.begin() as connection:
        visit.note(connection, Action.SEE_REPORT, unit=code, subject=f"findings {start} {end}")
    report = visit.desk.findings(start, end, code, patience=visit.desk.patience_seconds)
    return visit.page(
        "findings.html",
        first=start,
        last=end,
        unit=code,
        unit_name=units.known[code].name if code else "",
        units=units.seen,
        rule=only,
        rules=CATALOGUE,
        report=report,
        rows=[one for one in report.rows if only in (None, one.rule)],
        counts={found: sum(one.rule is found for one in report.rows) for found in CATALOGUE},
        label=INDICATION.text(visit.language),
        legend=LEGEND.text(visit.language),
        nothing=NOTHING.text(visit.language),
        missing=not_possible(None, visit.language),
        dates=lambda one: brief_dates_text(one.dates, visit.language),
        evidence=lambda one: evidence_lines(one, visit.language),
        address=query(**{"from": start, "to": end, "unit": code}).removeprefix("?"),
        query=query,
    )


@router.get("/downloads/findings.{ending}")
def findings_file(
    visit: FindingsVisit, ending: str, first: FromQuery = "", last: ToQuery = "", unit: str = ""
) -> FileResponse:
    """Send the findings of the days asked for."""
    code = unit_of(visit, unit)
    start, end = _days(visit, first, last)
    parcel = Parcel(visit, stem_of("temuan", f"{start}_{end}", code), code)
    return parcel.send(ending, visit.desk.findings(start, end, code))


def _days(visit: Visit, first: str, last: str) -> tuple[date, date]:
    """Give the days asked for, else the usual ones."""
    end = day_of(last) if last else visit.today - timedelta(days=1)
    return (day_of(first) if first else end - _USUAL + timedelta(days=1)), end


def _rule(text: str) -> Rule | None:
    """Read the number of a rule; nothing is every rule.

    Raises:
        UsageError: there is no such rule.

    """
    if text and text not in set(Rule):
        raise UsageError(f"There is no rule {text!r}.", remedy="Choose one from the list.")
    return Rule(text) if text else None
