"""The morning's page: the city, or a unit, on one day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Final, TypeAlias

from fastapi import APIRouter, Depends, Query
from fastapi.responses import HTMLResponse
from markupsafe import Markup

from eabsensi.access.roles import Right
from eabsensi.access.trail import Action
from eabsensi.discipline.reasons import Reason
from eabsensi.discipline.verdict import Status
from eabsensi.portal.asking import day_of, unit_of
from eabsensi.portal.memo import Drawn
from eabsensi.portal.templating import render_part
from eabsensi.portal.visit import Visit, Visiting
from eabsensi.reports.daily import DailyReport, DailyRow, Section

router = APIRouter()
PEOPLE_ON_A_PAGE: Final = 200
MOST_PAGES: Final = 100_000
UnitsVisit: TypeAlias = Annotated[Visit, Depends(Visiting(Right.SEE_UNITS))]


class Show(StrEnum):
    """Which people of the day are shown."""

    UNITS = "units"
    ALL = "all"
    LATE = "late"
    EARLY = "early"
    ABSENT = "absent"
    EXCUSED = "excused"
    UNDETERMINED = "undetermined"

    def holds(self, row: DailyRow) -> bool:
        """Whether a person's day belongs to what is shown."""
        match self:
            case Show.LATE:
                return row.late_minutes > 0
            case Show.EARLY:
                return row.early_minutes > 0
            case Show.ABSENT | Show.EXCUSED | Show.UNDETERMINED:
                return row.status is Status(self.value)
            case _:
                return True


@router.get("/today")
def today_page(
    visit: UnitsVisit,
    date: str = "",
    unit: str = "",
    show: Show | None = None,
    page: Annotated[int, Query(ge=1, le=MOST_PAGES)] = 1,
) -> HTMLResponse:
    """Show a day of the city by units, or its people: all, the late, the absent, ..."""
    on = day_of(date) if date else visit.today
    code = unit_of(visit, unit)
    drawn = visit.desk.drawn_day(on, code, patience=visit.desk.patience_seconds)
    report = drawn.figures
    shown = show or (Show.UNITS if len(report.sections) > 1 else Show.ALL)
    with visit.begin() as connection:
        visit.note(connection, Action.SEE_UNIT, unit=code, subject=f"{on} {shown}")
    pages = drawn.once(shown, lambda: _pages(report.sections, shown))
    return visit.page(
        "today.html",
        report=report,
        drawn=_drawn(visit, drawn, shown),
        common=_common(pages[min(page, len(pages)) - 1]),
        silent=[section for section in report.sections if section.unread],
        on=on,
        unit=code,
        counts=drawn.once("counts", lambda: report.counts),
        several=len(report.sections) > 1,
        sections=pages[min(page, len(pages)) - 1],
        page=min(page, len(pages)),
        pages=len(pages),
        show=shown,
        shows=Show,
        before=on - timedelta(days=1),
        after=on + timedelta(days=1),
    )


def _drawn(visit: Visit, drawn: Drawn[DailyReport], shown: Show) -> Markup:
    """Draw what a page shows beside the people: the pictures, and of several units a line for each."""
    parts = {Show.UNITS: "today_units.html", Show.ALL: "today_pictures.html"}
    if shown not in parts:
        return Markup()
    return drawn.once((shown, visit.language), lambda: _part(visit, drawn.figures, parts[shown]))


def _part(visit: Visit, report: DailyReport, template: str) -> Markup:
    board, pictures = visit.desk.board(report, visit.language)
    around = {"report": report, "on": report.on, "unit": report.unit.code if report.unit else None}
    return render_part(template, visit.wording, {"board": board, "pictures": pictures, **around})


def _common(shown: Sequence[tuple[Section, list[DailyRow]]]) -> list[Reason]:
    """Give what every unit shown says, e.g. that the day is not over: it is said once, above them all."""
    notes = [section.notes for section, _ in shown]
    return [note for note in notes[0] if all(note in others for others in notes)] if len(notes) > 1 else []


def _pages(sections: Sequence[Section], show: Show) -> list[list[tuple[Section, list[DailyRow]]]]:
    """Share the units out to pages: whole units, until a page has enough people; the table of units is one page."""
    if show is Show.UNITS:
        return [[(section, []) for section in sections]]
    found = [(section, [row for row in section.rows if show.holds(row)]) for section in sections]
    pages: list[list[tuple[Section, list[DailyRow]]]] = [[]]
    for section, rows in found:
        if not rows and len(found) > 1:
            continue
        if sum(len(shown) for _, shown in pages[-1]) >= PEOPLE_ON_A_PAGE:
            pages.append([])
        pages[-1].append((section, rows))
    return pages
