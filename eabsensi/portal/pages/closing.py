"""Closing: which months of which units are closed, what a closing would freeze, and what was learnt since."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Final, TypeAlias
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Form
from fastapi.responses import HTMLResponse, Response

from eabsensi.access.roles import Right
from eabsensi.access.trail import Action
from eabsensi.assessing.closing import (
    AlreadyClosedError,
    NobodyPostedError,
    NotClosedError,
    NotOverError,
    OpenDaysError,
    PeriodError,
    close_in,
    reopen_in,
)
from eabsensi.assessing.monthstates import PeriodStory, month_states, period_story
from eabsensi.assessing.ranges import load_city
from eabsensi.errors import UsageError
from eabsensi.portal.asking import day_of, month_end, month_of, neighbour, query
from eabsensi.portal.visit import Posting, Visit, Visiting
from eabsensi.reports.cause_words import cause_text
from eabsensi.reports.closing_preview import closing_preview
from eabsensi.store.connection import Connection
from eabsensi.store.periods import Addendum, Period

router = APIRouter()
ClosingVisit: TypeAlias = Annotated[Visit, Depends(Visiting(Right.CLOSE_PERIOD))]
ClosingPost: TypeAlias = Annotated[Visit, Depends(Posting(Right.CLOSE_PERIOD))]
Field: TypeAlias = Annotated[str, Form()]

MONTHS_AT_ONCE: Final = 4
PEOPLE_NAMED: Final = 200
_WORDS: Final = {
    AlreadyClosedError: "closing.already",
    NotOverError: "closing.not_over",
    NobodyPostedError: "closing.nobody",
    NotClosedError: "closing.not_closed",
    OpenDaysError: "closing.reason_needed",
}


@router.get("/closing")
def closing_page(visit: ClosingVisit, month: str = "") -> HTMLResponse:
    """Show the last months of every unit, with the state of each."""
    months = months_shown(visit, month)
    last = months[-1]
    with visit.begin() as connection:
        found = month_states(connection, months)
        visit.note(connection, Action.SEE_REPORT, subject=f"closing {last:%Y-%m}")
    rows = [(unit, states) for unit, states in found if visit.viewer.sees_unit(unit.code)]
    return visit.page(
        "closing.html",
        months=months,
        rows=rows,
        before=neighbour(last, 1 - MONTHS_AT_ONCE),
        after=neighbour(last, MONTHS_AT_ONCE - 1),
        month_end=month_end,
        query=query,
    )


def months_shown(visit: Visit, month: str) -> list[date]:
    """Give the months that are shown together, the one asked for last; without one, this month is.

    Raises:
        UsageError: it is no month.

    """
    last = month_of(month) if month else visit.today.replace(day=1)
    return [neighbour(last, back) for back in range(1 - MONTHS_AT_ONCE, 1)]


@router.get("/closing/{month}")
def period_page(visit: ClosingVisit, month: str, unit: str) -> HTMLResponse:
    """Show one unit's month: what happened to it, what was learnt since, and the form to close or reopen it."""
    return _period_page(visit, month_of(month), unit)


@router.get("/closing/{month}/check")
def check_page(visit: ClosingVisit, month: str, unit: str, through: str = "") -> HTMLResponse:
    """Say what a closing would freeze and what is still open, before it is done."""
    first = month_of(month)
    return _check_page(visit, first, unit, _through(visit, first, through))


@router.post("/closing/{month}/close")
def close(visit: ClosingPost, month: str, unit: Field = "", through: Field = "", reason: Field = "") -> Response:
    """Close a unit's month, or say why it cannot be closed."""
    first = month_of(month)
    visit.viewer.require_unit(unit)
    last = _through(visit, first, through)
    try:
        with visit.begin() as connection:
            period = close_in(
                connection,
                visit.desk.policy,
                unit,
                first,
                by=_who(visit),
                through=last,
                reason=reason,
                clock=visit.desk.clock,
            )
            _note(visit, connection, Action.CLOSE_PERIOD, period)
    except PeriodError as refused:
        return _check_page(visit, first, unit, last, refusal=_said(visit, refused))
    visit.desk.forget()
    return visit.go(f"/closing/{first:%Y-%m}{query(unit=unit)}")


@router.post("/closing/{month}/reopen")
def reopen(visit: ClosingPost, month: str, unit: Field = "", reason: Field = "") -> Response:
    """Reopen a closed month with a reason."""
    first = month_of(month)
    visit.viewer.require_unit(unit)
    if not reason.strip():
        return _period_page(visit, first, unit, refusal=visit.wording.say("closing.reopen_reason"))
    try:
        with visit.begin() as connection:
            period = reopen_in(connection, unit, first, by=_who(visit), reason=reason, clock=visit.desk.clock)
            _note(visit, connection, Action.REOPEN_PERIOD, period)
    except PeriodError as refused:
        return _period_page(visit, first, unit, refusal=_said(visit, refused))
    visit.desk.forget()
    return visit.go(f"/closing/{first:%Y-%m}{query(unit=unit)}")


def _period_page(visit: Visit, first: date, unit: str, refusal: str = "") -> HTMLResponse:
    visit.viewer.require_unit(unit)
    with visit.begin() as connection:
        name, zone = _unit(visit, connection, unit, first)
        story = period_story(connection, unit, first)
        visit.note(connection, Action.SEE_REPORT, unit=unit, subject=f"closing {first:%Y-%m}")
    return visit.page(
        "period.html",
        status=409 if refusal else 200,
        refusal=refusal,
        month=first,
        month_end=month_end(first),
        unit=unit,
        unit_name=name,
        zone=zone,
        story=story,
        addenda=_addenda(story, visit),
        cause=lambda cause: cause_text(cause, visit.language),
        query=query,
    )


def _check_page(visit: Visit, first: date, unit: str, through: date, refusal: str = "") -> HTMLResponse:
    visit.viewer.require_unit(unit)
    with visit.begin() as connection:
        name, _ = _unit(visit, connection, unit, first)
        preview = closing_preview(connection, visit.desk.policy, unit, (first, through), visit.desk.clock.now())
        visit.note(connection, Action.SEE_REPORT, unit=unit, subject=f"closing check {first:%Y-%m}")
    return visit.page(
        "period_check.html",
        status=409 if refusal else 200,
        refusal=refusal,
        month=first,
        month_end=month_end(first),
        unit=unit,
        unit_name=name,
        preview=preview,
        named=preview.open[:PEOPLE_NAMED],
        query=query,
    )


def _unit(visit: Visit, connection: Connection, unit: str, first: date) -> tuple[str, ZoneInfo]:
    """Give a unit's name and zone.

    Raises:
        UnknownUnitError: there is no such unit.

    """
    city = load_city(connection, visit.desk.policy, visit.desk.clock.now())
    city.require(unit)
    return city.unit_day(unit, first).unit.name, city.zone(unit, first)


def _addenda(story: PeriodStory, visit: Visit) -> list[tuple[int, Addendum, str, str]]:
    """Give what was learnt after each closing, the newest first, with the codes before and after."""
    return [
        (version, item, _codes(item.before, visit), _codes(item.after, visit))
        for version, check in sorted(story.checks.items(), reverse=True)
        for item in reversed(check.addenda)
    ]


def _codes(content: dict[str, object] | None, visit: Visit) -> str:
    codes = content.get("codes") if content else None
    return " ".join(map(str, codes)) if isinstance(codes, list) else visit.wording.say("closing.not_here")


def _through(visit: Visit, first: date, written: str) -> date:
    """Read the last day that a closing covers; nothing means the month's last.

    Raises:
        UsageError: it is no day of that month.

    """
    last = day_of(written) if written else month_end(first)
    if last.replace(day=1) != first:
        raise UsageError(visit.wording.say("closing.other_month", month=visit.wording.month(first)))
    return last


def _who(visit: Visit) -> str:
    """Name who closes: the account, and the person behind it."""
    return f"{visit.viewer.account} ({visit.viewer.name})"


def _said(visit: Visit, refused: PeriodError) -> str:
    """Say a refusal in the reader's language."""
    return visit.wording.say(next(word for kind, word in _WORDS.items() if isinstance(refused, kind)))


def _note(visit: Visit, connection: Connection, action: Action, period: Period) -> None:
    detail = {"version": period.version, "sha256": period.sha256, "reason": period.reason}
    visit.note(connection, action, unit=period.unit_code, subject=f"{period.month:%Y-%m}", detail=detail)
