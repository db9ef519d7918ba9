"""The morning's page: the city, or a unit, on one day."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from enum import StrEnum
from typing import Annotated, TypeAlias

from fastapi import APIRouter, Depends
from fastapi.responses import HTMLResponse

from eabsensi.access.roles import Right
from eabsensi.access.trail import Action
from eabsensi.discipline.verdict import Status
from eabsensi.portal.asking import day_of, unit_of
from eabsensi.portal.visit import Visit, Visiting
from eabsensi.reports.daily import DailyRow, count

router = APIRouter()
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
def today_page(visit: UnitsVisit, date: str = "", unit: str = "", show: Show | None = None) -> HTMLResponse:
    """Show a day of the city by units, or its people: all, the late, the absent, ..."""
    on = day_of(date) if date else visit.today
    code = unit_of(visit, unit)
    report = visit.desk.day(on, code)
    shown = show or (Show.UNITS if len(report.sections) > 1 else Show.ALL)
    with visit.begin() as connection:
        visit.note(connection, Action.SEE_UNIT, unit=code, subject=f"{on} {shown}")
    pictured = shown in (Show.UNITS, Show.ALL)
    board, pictures = visit.desk.board(report, visit.language) if pictured else (None, {})
    return visit.page(
        "today.html",
        report=report,
        board=board,
        pictures=pictures,
        silent=[section for section in report.sections if section.unread],
        on=on,
        unit=code,
        counts=count(report.rows),
        sections=[(section, _shown(section.rows, shown)) for section in report.sections],
        show=shown,
        shows=Show,
        before=on - timedelta(days=1),
        after=on + timedelta(days=1),
    )


def _shown(rows: Iterable[DailyRow], show: Show) -> list[DailyRow]:
    return [row for row in rows if show.holds(row)]
