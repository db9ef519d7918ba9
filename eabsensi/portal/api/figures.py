"""The judged figures for programs: days, months, years, indications, allowance."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Annotated, Any, Final, TypeAlias

from fastapi import APIRouter, Depends, Query
from fastapi.responses import Response

from eabsensi.access.roles import Right
from eabsensi.law.wording import Language
from eabsensi.portal.api.calling import Call, Calling
from eabsensi.portal.api.paging import CursorQuery, LimitQuery, answer, read_cursor
from eabsensi.portal.api.shapes import Allowance, Daily, Indication, Monthly, Yearly, responses
from eabsensi.portal.asking import month_end, month_of
from eabsensi.reports.allowance import allowance_report
from eabsensi.reports.feeding import Feed, daily_feed, period_feed
from eabsensi.reports.indications import indications_report
from eabsensi.reports.judged import JudgedPeriod
from eabsensi.reports.loading import Asked, judged_month, judged_year
from eabsensi.reports.monthly import monthly_report
from eabsensi.reports.paper import Reported
from eabsensi.reports.yearly import yearly_report

router = APIRouter(tags=["figures"])

EARLIEST, LATEST = date(2010, 1, 1), date(2100, 12, 31)
USUAL_ROWS: Final = 500
UnitsCall: TypeAlias = Annotated[Call, Depends(Calling(Right.SEE_UNITS))]
IndicationsCall: TypeAlias = Annotated[Call, Depends(Calling(Right.SEE_INDICATIONS))]
AllowanceCall: TypeAlias = Annotated[Call, Depends(Calling(Right.SEE_ALLOWANCE))]
UnitQuery: TypeAlias = Annotated[
    str | None, Query(max_length=64, description="Code of a unit, with those below it; else all that the token sees.")
]
MonthQuery: TypeAlias = Annotated[str, Query(pattern=r"^20[1-9][0-9]-(0[1-9]|1[0-2])$", examples=["2026-11"])]
_BOUNDS: Final = f"{EARLIEST} to {LATEST}."  # JSON Schema has no word for it
DayQuery: TypeAlias = Annotated[
    date, Query(alias="date", ge=EARLIEST, le=LATEST, description=f"The day; {_BOUNDS}", examples=["2026-11-24"])
]
FromQuery: TypeAlias = Annotated[
    date, Query(alias="from", ge=EARLIEST, le=LATEST, description=f"The first day; {_BOUNDS}", examples=["2026-10-28"])
]
ToQuery: TypeAlias = Annotated[
    date,
    Query(
        alias="to", ge=EARLIEST, le=LATEST, description="The last day, not before the first.", examples=["2026-11-24"]
    ),
]
YearQuery: TypeAlias = Annotated[int, Query(ge=EARLIEST.year, le=LATEST.year, examples=[2026])]
LanguageQuery: TypeAlias = Annotated[Language, Query(description="Of the words in the rows.")]
_KEY_SIZE: Final = 3  # unit, name, NIP


@router.get("/daily", responses=responses(Daily))
def daily(  # noqa: PLR0917  the framework makes query values of parameters; nobody calls this by position
    call: UnitsCall,
    on: DayQuery,
    unit: UnitQuery = None,
    language: LanguageQuery = Language.ID,
    cursor: CursorQuery = None,
    limit: LimitQuery = USUAL_ROWS,
) -> Response:
    """Give everybody's day, judged by what is known now."""
    after, code = read_cursor("daily", _KEY_SIZE, cursor), call.unit(unit)
    feed = daily_feed(call.desk.day(on, code), language)
    return answer(call, "daily", on.isoformat(), code, (feed, after, limit))


@router.get("/monthly", responses=responses(Monthly))
def monthly(  # noqa: PLR0917  as above
    call: UnitsCall,
    month: MonthQuery,
    unit: UnitQuery = None,
    language: LanguageQuery = Language.ID,
    cursor: CursorQuery = None,
    limit: LimitQuery = USUAL_ROWS,
) -> Response:
    """Give everybody's month: a code for each day, and what they add up to."""
    return _month(call, ("monthly", month, unit, language), (cursor, limit), monthly_report)


@router.get("/allowance", responses=responses(Allowance))
def allowance(  # noqa: PLR0917  as above
    call: AllowanceCall,
    month: MonthQuery,
    unit: UnitQuery = None,
    language: LanguageQuery = Language.ID,
    cursor: CursorQuery = None,
    limit: LimitQuery = USUAL_ROWS,
) -> Response:
    """Give what the month takes off everybody's allowance, in percent, with a line for each day and rule."""
    return _month(call, ("allowance", month, unit, language), (cursor, limit), allowance_report)


@router.get("/yearly", responses=responses(Yearly))
def yearly(  # noqa: PLR0917  as above
    call: UnitsCall,
    year: YearQuery,
    unit: UnitQuery = None,
    language: LanguageQuery = Language.ID,
    cursor: CursorQuery = None,
    limit: LimitQuery = USUAL_ROWS,
) -> Response:
    """Give everybody's days absent by month, the minutes that became days, and their sum."""
    return _year(call, ("yearly", year, unit, language), (cursor, limit), yearly_report)


@router.get("/indications", responses=responses(Indication))
def indications(  # noqa: PLR0917  as above
    call: IndicationsCall,
    year: YearQuery,
    unit: UnitQuery = None,
    language: LanguageQuery = Language.ID,
    cursor: CursorQuery = None,
    limit: LimitQuery = USUAL_ROWS,
) -> Response:
    """Give those whose absences reach a tier of the law, or may; an official decides."""
    return _year(call, ("indications", year, unit, language), (cursor, limit), indications_report)


def _month(
    call: Call,
    asked: tuple[str, str, str | None, Language],
    paged: tuple[str | None, int],
    report_of: Callable[..., Reported],
) -> Response:
    kind, text, unit, language = asked
    after, code, month = read_cursor(kind, _KEY_SIZE, paged[0]), call.unit(unit), month_of(text)
    policy = call.desk.policy

    def work() -> Feed[Any]:
        with call.desk.reading() as (connection, at):
            wanted = Asked(month, month_end(month), at, code)
            period = judged_month(connection, policy, wanted)
            return period_feed(period, lambda days: report_of(days, policy), language)

    feed = call.desk.feed((f"{kind} {language}", month, code), work)
    return answer(call, kind, text, code, (feed, after, paged[1]))


def _year(
    call: Call,
    asked: tuple[str, int, str | None, Language],
    paged: tuple[str | None, int],
    report_of: Callable[..., Reported],
) -> Response:
    kind, year, unit, language = asked
    after, code, first = read_cursor(kind, _KEY_SIZE, paged[0]), call.unit(unit), date(year, 1, 1)
    policy = call.desk.policy

    def made(days: JudgedPeriod) -> Reported:
        return report_of(days, policy, year)

    def work() -> Feed[Any]:
        with call.desk.reading() as (connection, at):
            wanted = Asked(first, date(year, 12, 31), at, code)
            return period_feed(judged_year(connection, policy, wanted), made, language)

    feed = call.desk.feed((f"{kind} {language}", first, code), work)
    return answer(call, kind, str(year), code, (feed, after, paged[1]))
