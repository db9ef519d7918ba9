"""The days that a paper or a PIN touches: judged at once, and what they were before and would be after."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from eabsensi.assessing.city import City
from eabsensi.assessing.content import verdict_row
from eabsensi.assessing.keeping import SKEW, Kept, keep_people, make_occasion
from eabsensi.assessing.ranges import judge_postings, load_city
from eabsensi.discipline.verdict import Status
from eabsensi.filing.clerk import Clerk
from eabsensi.law.loader import COVERED_FROM
from eabsensi.law.wording import Language
from eabsensi.store.connection import Connection
from eabsensi.store.dirty import forget_marks, wait_for_people
from eabsensi.store.facts import PostingRow, load_postings
from eabsensi.store.filed import undone
from eabsensi.store.verdicts import VerdictRow, load_verdicts, load_verdicts_before

#: Employee-days that are judged while somebody waits for the page; more are left to the assessor, who is told anyway.
AT_ONCE: Final = 3_000
NOTHING_KEPT: Final = Kept()
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class DayVerdict:
    """A verdict as a page shows it; instants are in the unit's zone, reasons hold both languages."""

    status: Status
    codes: tuple[str, ...]
    in_at: datetime | None
    out_at: datetime | None
    late_minutes: int
    early_minutes: int
    complete: bool
    reasons: tuple[Mapping[str, Any], ...]

    def why(self, language: Language) -> str:
        """Give the reasons in a language."""
        return "; ".join(str(reason[language.value]) for reason in self.reasons)

    def differs(self, other: DayVerdict | None) -> bool:
        """Tell whether two verdicts differ in more than their words."""
        return other is None or replace(self, reasons=()) != replace(other, reasons=())


@dataclass(frozen=True, slots=True)
class TouchedDay:
    """One employee-day.

    Attributes:
        nip, name, unit: whose, and the unit of that day.
        on: which day.
        before: what it stood at before the change that one asks about; None where it had no verdict.
        now: what it stands at; None where it has no verdict.
        then: what it would become; None where that was not asked.

    """

    nip: str
    name: str
    unit: str
    on: date
    before: DayVerdict | None
    now: DayVerdict | None
    then: DayVerdict | None = None

    @property
    def changed(self) -> bool:
        """Whether it stands at something else than before."""
        return self.now.differs(self.before) if self.now else self.before is not None


@dataclass(frozen=True, slots=True)
class Judgement:
    """What judging at once came to.

    Attributes:
        kept: employee-days judged, versions, addenda.
        changes: the days whose verdict is another one now.
        left: employee-days that are too many to be judged at once; the assessor does them in the next minutes.

    """

    kept: Kept = NOTHING_KEPT
    changes: tuple[TouchedDay, ...] = ()
    left: int = 0


def judge_now(
    connection: Connection, clerk: Clerk, people: Collection[int], days: tuple[date, date], cause: str
) -> Judgement:
    """Judge the days of some people up to today, in the transaction that changed something about them.

    Args:
        connection: the transaction; what was changed in it is seen.
        clerk: who changed it.
        people: whose days.
        days: the first and the last, inclusive; those still to come are left out.
        cause: why, kept with each new version.

    """
    first, last = _until(clerk, days)
    if not people or first > last:
        return Judgement()
    if (wanted := len(people) * ((last - first).days + 1)) > AT_ONCE:
        return Judgement(left=wanted)
    wait_for_people(connection, people)
    occasion = make_occasion(connection, clerk.policy, clerk.clock, clerk.name)
    last = min(last, occasion.city.latest_date(occasion.judged_at))
    if first > last:
        return Judgement()
    before = _standing(connection, people, first, last)
    forget_marks(connection, people, first, last)
    kept = keep_people(connection, occasion, people, first, last, causes=cause)
    postings = load_postings(connection, first, last, employees=people)
    days_of = _days(occasion.city, postings, before, _standing(connection, people, first, last))
    return Judgement(kept, tuple(day for day in days_of if day.changed))


def _until(clerk: Clerk, days: tuple[date, date]) -> tuple[date, date]:
    """Cut days to what the law covers and what has come in any zone of the country."""
    return max(days[0], COVERED_FROM), min(days[1], clerk.clock.now().date() + _DAY)


def _standing(
    connection: Connection, people: Collection[int], first: date, last: date
) -> dict[tuple[int, date], VerdictRow]:
    return by_day(stored.row for stored in load_verdicts(connection, first, last, employees=people))


def by_day(rows: Iterable[VerdictRow]) -> dict[tuple[int, date], VerdictRow]:
    """Give rows by employee and date."""
    return {(row.employee_id, row.on_date): row for row in rows}


def _days(
    city: City,
    postings: Sequence[PostingRow],
    before: Mapping[tuple[int, date], VerdictRow],
    now: Mapping[tuple[int, date], VerdictRow],
    then: Mapping[tuple[int, date], VerdictRow] | None = None,
) -> list[TouchedDay]:
    found = []
    for posting in sorted(postings, key=lambda posting: (posting.person.name, posting.start)):
        for on in (posting.start + step * _DAY for step in range((posting.end - posting.start).days)):
            key, zone = (posting.person.employee_id, on), city.zone(posting.unit_code, on)
            said = (_said(rows.get(key), zone) for rows in (before, now, then or {}))
            found.append(TouchedDay(posting.person.nip, posting.person.name, posting.unit_code, on, *said))
    return found


def _said(row: VerdictRow | None, zone: ZoneInfo) -> DayVerdict | None:
    if row is None:
        return None
    return DayVerdict(
        status=Status(row.status),
        codes=row.codes,
        in_at=row.in_at.astimezone(zone) if row.in_at else None,
        out_at=row.out_at.astimezone(zone) if row.out_at else None,
        late_minutes=row.late_minutes,
        early_minutes=row.early_minutes,
        complete=row.complete,
        reasons=tuple(row.reasons),
    )


@dataclass(frozen=True, slots=True)
class TouchedDays:
    """The days that something touches.

    Attributes:
        shown: those of them that are looked at, by name and date.
        total: all of them up to today.
        coming: how many dates are still to come.

    """

    shown: tuple[TouchedDay, ...] = ()
    total: int = 0
    coming: int = 0

    @property
    def is_much(self) -> bool:
        """Whether the days are too many to be judged at once."""
        return self.total > AT_ONCE

    @property
    def changed(self) -> int:
        """How many of the shown ones stand at something else than before."""
        return sum(day.changed for day in self.shown)


def look_at_days(
    connection: Connection,
    clerk: Clerk,
    postings: Sequence[PostingRow],
    *,
    last: date,
    since: datetime | None,
    limit: int,
    change: Callable[[Connection], object] | None = None,
) -> TouchedDays:
    """Tell what days stand at, what they stood at before, and what they would become.

    Args:
        connection: a transaction.
        clerk: who looks.
        postings: whose days, cut to the days in question.
        last: the last day in question, which may be still to come.
        since: the instant of the change that is asked about; None: nothing was changed yet.
        limit: how many days are looked at.
        change: what would be done; it is done, judged and taken back. None: nothing is asked.

    """
    now = clerk.clock.now()
    city = load_city(connection, clerk.policy, now + SKEW)
    today = city.latest_date(now)
    past = [
        cut for posting in postings if (cut := posting._replace(end=min(posting.end, today + _DAY))).end > cut.start
    ]
    total = sum((posting.end - posting.start).days for posting in past)
    shown = _first_days(past, limit)
    coming = max(0, (last - today).days)
    if not shown:
        return TouchedDays(coming=coming)
    people = {posting.person.employee_id for posting in shown}
    bounds = min(posting.start for posting in shown), max(posting.end for posting in shown) - _DAY
    before = load_verdicts_before(connection, people, *bounds, since) if since else []
    standing = _standing(connection, people, *bounds)
    then = _rehearsed(connection, clerk, shown, bounds, change) if change else None
    return TouchedDays(tuple(_days(city, shown, by_day(before), standing, then)), total, coming)


def _first_days(postings: Sequence[PostingRow], limit: int) -> list[PostingRow]:
    """Cut postings to the first so many days."""
    found = []
    for posting in postings:
        days = min(limit, (posting.end - posting.start).days)
        if days:
            found.append(posting._replace(end=posting.start + days * _DAY))
        limit -= days
    return found


def _rehearsed(
    connection: Connection,
    clerk: Clerk,
    postings: Sequence[PostingRow],
    bounds: tuple[date, date],
    change: Callable[[Connection], object],
) -> dict[tuple[int, date], VerdictRow]:
    """Judge as if something were done."""
    as_of = clerk.clock.now() + SKEW
    with undone(connection):
        change(connection)
        city = load_city(connection, clerk.policy, as_of)
        judged = list(judge_postings(connection, city, postings, *bounds, as_of=as_of))
    return by_day(verdict_row(day) for day in judged)
