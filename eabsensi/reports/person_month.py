"""One person's month as a reader with a scope of units may see it: every date, the sums, and the year so far."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple
from zoneinfo import ZoneInfo

from eabsensi.discipline.tiers import Rulebook
from eabsensi.law.policy import Policy
from eabsensi.law.tiers import RunTier, Tier
from eabsensi.reports.charts.heatmap import Heatmap
from eabsensi.reports.charts.sources import person_calendar
from eabsensi.reports.judged import JudgedDay, JudgedPeriod
from eabsensi.reports.loading import Asked, judged_person_year
from eabsensi.reports.monthly import monthly_report
from eabsensi.reports.personal import PersonalReport, personal_report
from eabsensi.reports.yearly import YearRow, year_rows
from eabsensi.store.connection import Connection
from eabsensi.store.people import Posting

Sees = Callable[[str], bool]
_DAY = timedelta(days=1)


class Gap(StrEnum):
    """Why a date of a month shows no verdict."""

    TO_COME = "to-come"
    ELSEWHERE = "elsewhere"
    UNPOSTED = "unposted"
    AFTERWARDS = "afterwards"


@dataclass(frozen=True, slots=True)
class DateLine:
    """A date of the month: its judged day, or why there is none to be seen."""

    on: date
    day: JudgedDay | None
    gap: Gap | None


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the year's sum stands in the law's table; nothing here is a sanction.

    Attributes:
        rulebook: the law of the last date.
        days: what its table is asked for.
        reached: the tier of these days alone; None below the first.
        following: the next tier; None in the last one, or where no table is known.
        run: the tier of consecutive days; None where the law has none.
        run_reached_on: the date on which so many were reached; None where they were not.

    """

    rulebook: Rulebook
    days: int
    reached: Tier | None
    following: Tier | None
    run: RunTier | None
    run_reached_on: date | None


@dataclass(frozen=True, slots=True)
class PersonMonth:
    """A person's month.

    Attributes:
        month: its first day.
        report: the personal sheet of the days that are seen.
        lines: every date.
        calendar: the picture of the days that are seen.
        year: the running total through the month, of days in every unit; None without any day.
        standing: of that total; None where no law covers the kind of employment.

    """

    month: date
    report: PersonalReport
    lines: tuple[DateLine, ...]
    calendar: Heatmap
    year: YearRow | None
    standing: Standing | None


class AskedPerson(NamedTuple):
    """Whose month, as it was known when, with every posting of the person."""

    nip: str
    as_of: datetime
    postings: Collection[Posting]


def seen_only(period: JudgedPeriod, sees: Sees) -> JudgedPeriod:
    """Leave out the days in units that a reader does not see."""
    beside = {person: tuple(day for day in days if sees(day.unit.code)) for person, days in period.beside.items()}
    return replace(period, days=[day for day in period.days if sees(day.unit.code)], beside=beside)


def person_month(connection: Connection, policy: Policy, asked: AskedPerson, month: date, sees: Sees) -> PersonMonth:
    """Load a person's month and the year up to its end.

    Args:
        connection: an open transaction.
        policy: the law.
        asked: who, and the instant of knowledge.
        month: its first day.
        sees: tells of a unit's code whether the reader may see days in it.

    Raises:
        UnknownPersonError: there is no such employee.

    """
    nip, as_of, postings = asked
    last = (month + timedelta(days=31)).replace(day=1) - _DAY
    asked_year = Asked(month.replace(month=1), last, as_of)
    year = judged_person_year(connection, policy, asked_year, nip, told_from=month)
    whole = _month_of(year, policy, month)
    seen = seen_only(whole, sees)
    by_unit = replace(seen, days=sorted(seen.days, key=lambda day: (day.unit.code, day.on)))
    row = next(iter(year_rows(year, policy, month.year)), None)
    return PersonMonth(
        month=month,
        report=personal_report(seen, policy),
        lines=tuple(_lines(whole, postings, sees)),
        calendar=person_calendar(monthly_report(by_unit, policy), nip, policy),
        year=row,
        standing=standing(row) if row else None,
    )


def _month_of(year: JudgedPeriod, policy: Policy, month: date) -> JudgedPeriod:
    """Cut the last month out of a person's year."""
    closings = {code: tuple(one for one in found if one.month == month) for code, found in year.closings.items()}
    beside = {person: tuple(day for day in days if day.on >= month) for person, days in year.beside.items()}
    return replace(
        year,
        first=month,
        zone=ZoneInfo(policy.timezone.on(month).value),
        days=[day for day in year.days if day.on >= month],
        closings={code: found for code, found in closings.items() if found},
        beside={person: days for person, days in beside.items() if days},
    )


def _lines(period: JudgedPeriod, postings: Collection[Posting], sees: Sees) -> list[DateLine]:
    judged = {day.on: day for day in period.days}
    dates = (period.first + step * _DAY for step in range((period.last - period.first).days + 1))
    return [_line(on, judged.get(on), on > period.through, postings, sees) for on in dates]


def _line(on: date, day: JudgedDay | None, to_come: bool, postings: Collection[Posting], sees: Sees) -> DateLine:
    if day:
        return DateLine(on, day, None) if sees(day.unit.code) else DateLine(on, None, Gap.ELSEWHERE)
    posting = next((one for one in postings if one.start <= on and (one.end is None or on < one.end)), None)
    if posting is None:
        return DateLine(on, None, Gap.UNPOSTED)
    if not sees(posting.unit):
        return DateLine(on, None, Gap.ELSEWHERE)
    return DateLine(on, None, Gap.TO_COME if to_come else Gap.AFTERWARDS)


def standing(row: YearRow) -> Standing | None:
    """Say where a year's total stands in the table of the law in force at its end."""
    if not row.total.segments:
        return None
    segment = row.total.segments[-1]
    rulebook, days = segment.rulebook, segment.total_days
    regulation = rulebook.regulation
    if regulation is None:
        return Standing(rulebook, days, None, None, None, None)
    return Standing(rulebook, days, segment.tier, regulation.tier_after(days), regulation.run, segment.reached_on)
