"""People: looking somebody up, a person's month, and why a day was judged as it was."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, Final, TypeAlias

from fastapi import APIRouter, Depends, Query
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from eabsensi.access.roles import Right
from eabsensi.access.trail import Action
from eabsensi.assessing.why import NotPostedError, explain_day
from eabsensi.portal.asking import Units, day_of, month_end, month_of, neighbour, unit_of
from eabsensi.portal.persons import Person, person_of
from eabsensi.portal.visit import Visit, Visiting
from eabsensi.reports.charts.heatmap import heatmap_svg
from eabsensi.reports.indications import Indicated
from eabsensi.reports.person_month import AskedPerson, PersonMonth, person_month
from eabsensi.reports.why import why_sections
from eabsensi.store.connection import Connection
from eabsensi.store.people import Sought, search_people, units_below

router = APIRouter()
PersonVisit: TypeAlias = Annotated[Visit, Depends(Visiting(Right.SEE_PERSON))]

ON_A_PAGE: Final = 50
_LONGEST_SEARCH: Final = 80
_MOST_PAGES: Final = 100_000
_DAY: Final = timedelta(days=1)


@router.get("/people")
def people_page(
    visit: PersonVisit,
    q: str = "",
    unit: str = "",
    former: bool = False,
    page: Annotated[int, Query(ge=1, le=_MOST_PAGES)] = 1,
) -> Response:
    """Find people by name, NIP or unit; an employee is led to the own page."""
    if not visit.viewer.may(Right.SEE_UNITS) and visit.viewer.nip:
        return visit.go(f"/people/{visit.viewer.nip}")
    visit.viewer.require(Right.SEE_UNITS)
    code, units = unit_of(visit, unit), Units.of(visit)
    with visit.begin() as connection:
        sought = sought_people(visit, connection, code, q, former=former)
        words = sought.words
        found = search_people(connection, sought, limit=ON_A_PAGE, offset=(page - 1) * ON_A_PAGE)
        visit.note(connection, Action.SEE_UNIT, unit=code, subject=f"people {words}".strip())
    return visit.page(
        "people.html",
        found=found,
        units=units,
        unit=unit,
        words=words,
        former=former,
        page=page,
        pages=-(-found.total // ON_A_PAGE),
        first=(page - 1) * ON_A_PAGE,
    )


def sought_people(visit: Visit, connection: Connection, unit: str | None, words: str, *, former: bool) -> Sought:
    """Say whom a search is for, in a unit and those below it."""
    below = units_below(connection, unit) if unit else None
    return Sought(visit.today, below, words.strip()[:_LONGEST_SEARCH], former)


@router.get("/people/{nip}")
def person_page(visit: PersonVisit, nip: str) -> RedirectResponse:
    """Lead to the latest month of a person that the visitor sees."""
    with visit.begin() as connection:
        person = person_of(visit, connection, nip)
    return visit.go(f"/people/{nip}/months/{_latest(person):%Y-%m}")


def _latest(person: Person) -> date:
    """Give today, or the last day of a person who is not posted any more where the visitor sees it."""
    today = person.visit.today
    seen = [posting for posting in person.postings if person.seen_in(posting.unit) and posting.start <= today]
    return min([today, *(posting.end - _DAY for posting in seen[-1:] if posting.end)])


@router.get("/people/{nip}/months/{month}")
def month_page(visit: PersonVisit, nip: str, month: str) -> HTMLResponse:
    """Show a person's month, and the running total of the year."""
    first = month_of(month)
    with visit.begin() as connection:
        person = person_of(visit, connection, nip)
        person.require(first, month_end(first))
        found = _month(visit, connection, person, first)
        visit.note(connection, Action.SEE_PERSON, nip=nip, subject=f"{first:%Y-%m}")
    own = nip == visit.viewer.nip
    return visit.page(
        "person_month.html",
        person=person,
        found=found,
        indicated=Indicated(found.year, found.year.indication) if found.year else None,
        shows_law=own or visit.viewer.may(Right.SEE_INDICATIONS),
        calendar=heatmap_svg(found.calendar, visit.language),
        before=_reachable(person, neighbour(first, -1)),
        after=_reachable(person, neighbour(first, 1)),
    )


def _month(visit: Visit, connection: Connection, person: Person, first: date) -> PersonMonth:
    asked = AskedPerson(person.nip, visit.desk.clock.now(), person.postings)
    return person_month(connection, visit.desk.policy, asked, first, person.seen_in)


def _reachable(person: Person, month: date) -> date | None:
    """Give a month that may be opened; None where it would be refused, or has not begun."""
    seen = person.seen_during(month, month_end(month)) and month <= person.visit.today
    return month if seen and person.units(month, month_end(month)) else None


@router.get("/people/{nip}/days/{on}")
def day_page(visit: PersonVisit, nip: str, on: str) -> HTMLResponse:
    """Explain one day of a person."""
    day, viewer = day_of(on), visit.viewer
    with visit.begin() as connection:
        person = person_of(visit, connection, nip)
        person.require(day, day)
        visit.note(connection, Action.SEE_PERSON, nip=nip, subject=f"{day}")
        try:
            explained = explain_day(connection, visit.desk.policy, nip, day, as_of=visit.desk.clock.now())
        except NotPostedError:
            explained = None
    return visit.page(
        "person_day.html",
        status=200 if explained else 404,
        person=person,
        on=day,
        explained=explained,
        sections=why_sections(explained, visit.desk.policy, visit.language) if explained else (),
        may_file=explained is not None and viewer.may(Right.FILE_DOCUMENT),
        before=day - _DAY if person.seen_during(day - _DAY, day - _DAY) else None,
        after=day + _DAY if person.seen_during(day + _DAY, day + _DAY) else None,
    )
