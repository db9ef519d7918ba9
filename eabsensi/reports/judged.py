"""Judged days as reports count them, from stored verdicts, closed months or a judging on the spot."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from eabsensi.discipline.accumulation import DayOutcome
from eabsensi.discipline.facts import PersonFact, UnitFact
from eabsensi.discipline.verdict import Status
from eabsensi.law.wording import Language, long_date, moment, month_name, month_names
from eabsensi.reports.labels import label
from eabsensi.reports.standings import standing


@dataclass(frozen=True, slots=True)
class Told:
    """Something said in both languages."""

    indonesian: str
    english: str

    def text(self, language: Language) -> str:
        """Give the words of a language."""
        return self.indonesian if language is Language.ID else self.english


@dataclass(frozen=True, slots=True)
class JudgedDay:
    """One employee-day as its verdict has it.

    Attributes:
        on: the date.
        person: who.
        unit: of the posting on the date.
        status: present, absent, excused, off or undetermined.
        codes: the printed ones.
        in_at: arrival, None where there is none.
        out_at: departure, None where there is none.
        late_minutes: whole minutes.
        early_minutes: whole minutes.
        deficit_minutes: working minutes due and not given.
        absent_days: whole days that count as absence.
        complete: nothing unread can change it.
        document: code and number of the paper that decided.
        apel_missed: apel missed.
        ceremony_missed: ceremonies missed.
        scheduled: the day had hours of duty.
        schedule: the name of these hours, or of what the day is off for.
        starts_at: the first of these hours, None on a day without them.
        ends_at: the last.
        reasons: why.
        citations: the law, as printed.
        version: of the stored verdict; None where it was judged on the spot.
        addendum: something was learnt about it after its month was closed; the closed content stands.
        later: the day as the addendum has it; None where there is none, or it is not the unit's day any more.

    """

    on: date
    person: PersonFact
    unit: UnitFact
    status: Status
    codes: tuple[str, ...]
    in_at: datetime | None
    out_at: datetime | None
    late_minutes: int
    early_minutes: int
    deficit_minutes: int
    absent_days: int
    complete: bool
    document: str | None
    apel_missed: int
    ceremony_missed: int
    scheduled: bool
    reasons: tuple[Told, ...]
    citations: tuple[Told, ...]
    version: int | None = None
    addendum: bool = False
    later: JudgedDay | None = None
    schedule: str = ""
    starts_at: datetime | None = None
    ends_at: datetime | None = None

    @property
    def standing(self) -> str:
        """What the day is to punctuality, see :func:`eabsensi.reports.standings.standing`."""
        return standing(self)

    @property
    def outcome(self) -> DayOutcome:
        """What the day brings to month and year."""
        return DayOutcome(
            on=self.on,
            status=self.status,
            codes=self.codes,
            absent=self.status is Status.ABSENT or self.absent_days > 0,
            duty=self.scheduled,
            excused=self.status is Status.EXCUSED,
            late_minutes=self.late_minutes,
            early_minutes=self.early_minutes,
            complete=self.complete,
            apel_missed=self.apel_missed,
            ceremony_missed=self.ceremony_missed,
        )


@dataclass(frozen=True, slots=True)
class Closing:
    """The last word on a month of a unit.

    Attributes:
        month: its first day.
        version: counts closings and reopenings.
        closed: closed, or reopened since.
        through_on: the last day that the closing covers.
        at: when.
        sha256: of the closed content.

    """

    month: date
    version: int
    closed: bool
    through_on: date | None
    at: datetime
    sha256: str | None

    def text(self, zone: ZoneInfo, language: Language) -> str:
        """Say it on the face of a month's report."""
        at = moment(self.at.astimezone(zone), language)
        if not self.closed:
            return label("reopened", language).format(version=self.version, at=at)
        return label("closed", language).format(
            version=self.version, through=self._through(language), at=at, sha256=self.sha256
        )

    def brief(self, language: Language) -> str:
        """Say it in a year's report, where the months stand in one line."""
        name = month_names(language)[self.month.month - 1]
        if not self.closed:
            return label("reopened_brief", language).format(month=name, version=self.version)
        return f"{name}{self._through(language)} v{self.version} {(self.sha256 or '')[:12]}"

    def _through(self, language: Language) -> str:
        if self.through_on is None or (self.through_on + timedelta(days=1)).month != self.month.month:
            return ""
        return label("closed_through", language).format(through=long_date(self.through_on, language))


@dataclass(frozen=True, slots=True)
class JudgedPeriod:
    """The judged days of a stretch of time, by unit, name and date.

    Attributes:
        first: first date.
        last: last date, whether or not it has come.
        as_of: the instant whose knowledge is shown.
        zone: of the unit asked for, or of the city.
        unit: the unit asked for; None for the whole city.
        days: those up to the instant, each person's together; may be a stream that is read once.
        closings: unit code to the last word on each month that was ever closed.
        ancestries: unit code to the units above it, nearest first.
        beside: employee id to days that only addenda tell: of people posted in a unit after its month was closed. They
            are no part of what was closed, and of no figure.

    """

    first: date
    last: date
    as_of: datetime
    zone: ZoneInfo
    unit: UnitFact | None
    days: Iterable[JudgedDay]
    closings: Mapping[str, tuple[Closing, ...]] = field(default_factory=dict)
    ancestries: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    beside: Mapping[int, tuple[JudgedDay, ...]] = field(default_factory=dict)

    @property
    def through(self) -> date:
        """The last date that has come."""
        return min(self.last, self.as_of.astimezone(self.zone).date())

    def by_unit(self) -> Iterator[tuple[UnitFact, list[JudgedDay]]]:
        """Give each unit with its days, of days that stand in order of unit."""
        for _, found in groupby(self.days, key=lambda day: day.unit.code):
            days = list(found)
            yield days[0].unit, days

    def place(self, language: Language) -> str:
        """Name the unit asked for, or the city."""
        return self.unit.name if self.unit else label("city", language)

    def state(self, unit: str, days: Sequence[JudgedDay], language: Language) -> tuple[str, ...]:
        """Say of a month whether it is closed, with which version and hash, and what stands beside that."""
        closings = self.closings.get(unit, ())
        lines = [closing.text(self.zone, language) for closing in closings] or [label("not_closed", language)]
        beside = {person: found for person, found in self._beside(unit).items() if found}
        addenda = sum(day.addendum for day in days) + sum(map(len, beside.values()))
        return (*lines, *_aside(addenda, on_the_spot(days), language), *_posted_later(beside, language))

    def _beside(self, unit: str) -> Mapping[str, list[JudgedDay]]:
        """Give who is not in the closed content of a unit although posted there by now, with the days."""
        people = (days for days in self.beside.values() if days)
        return {
            f"{days[0].person.name} ({days[0].person.nip})": [day for day in days if day.unit.code == unit]
            for days in people
        }

    def year_state(self, unit: str, addenda: int, spot: int, language: Language) -> tuple[str, ...]:
        """Say of a year which months are closed."""
        closings = self.closings.get(unit, ())
        closed = "; ".join(closing.brief(language) for closing in closings)
        line = label("months_closed" if closed else "no_month_closed", language).format(months=closed)
        return (line, *_aside(addenda, spot, language))


def _aside(addenda: int, spot: int, language: Language) -> tuple[str, ...]:
    """Say what the figures do not rest on."""
    said = (("addenda", addenda), ("on_the_spot", spot))
    return tuple(label(key, language).format(count=count) for key, count in said if count)


def _posted_later(beside: Mapping[str, Sequence[JudgedDay]], language: Language) -> tuple[str, ...]:
    """Name who is missing from a closed month, with the dates."""
    named = (f"{person} {dates_text((day.on for day in days), language)}" for person, days in sorted(beside.items()))
    people = "; ".join(named)
    return (label("posted_later", language).format(people=people),) if people else ()


def by_person(days: Iterable[JudgedDay]) -> Iterator[tuple[PersonFact, list[JudgedDay]]]:
    """Give each person with the days, of days that stand in order of person."""
    for _, found in groupby(days, key=lambda day: day.person.employee_id):
        one = list(found)
        yield one[0].person, one


def cited(days: Iterable[JudgedDay]) -> tuple[Told, ...]:
    """Give the law that verdicts rest on, each once."""
    return tuple(dict.fromkeys(citation for day in days for citation in day.citations))


def on_the_spot(days: Iterable[JudgedDay]) -> int:
    """Count the days that no stored verdict told."""
    return sum(day.version is None for day in days)


def open_notes(days: Iterable[JudgedDay], language: Language) -> tuple[str, ...]:
    """Name what keeps days undetermined: each reason with its dates, and on them how many people."""
    found: dict[str, Counter[date]] = {}
    for day in days:
        if day.status is Status.UNDETERMINED:
            told = "; ".join(reason.text(language) for reason in day.reasons) or label("no_reason", language)
            found.setdefault(told, Counter())[day.on] += 1
    return tuple(f"{told} - {_counted(dates, language)}" for told, dates in found.items())


def _counted(dates: Counter[date], language: Language) -> str:
    """Write dates with how many people each has; those with as many stand together."""
    by_count: dict[int, list[date]] = {}
    for on, count in sorted(dates.items()):
        by_count.setdefault(count, []).append(on)
    people = label("people_unit", language)
    return "; ".join(f"{brief_dates_text(group, language)} ({count} {people})" for count, group in by_count.items())


def dates_text(dates: Iterable[date], language: Language) -> str:
    """Write dates by month, with runs as one, e.g. ``3-6, 12 November 2026``."""
    months = groupby(sorted(dates), key=lambda on: (on.year, on.month))
    return "; ".join(_month_text(list(group), language) for _, group in months)


#: More open days than these are told as a number: nobody reads a list of a whole year.
LISTED_DATES = 25


def brief_dates_text(dates: Collection[date], language: Language) -> str:
    """Write dates; many of them as their number with the first and the last."""
    if len(dates) <= LISTED_DATES:
        return dates_text(dates, language)
    first, last = (long_date(on, language) for on in (min(dates), max(dates)))
    return label("many_dates", language).format(days=len(dates), first=first, last=last)


def _month_text(dates: list[date], language: Language) -> str:
    runs: list[list[int]] = []
    for on in dates:
        if runs and on.day == runs[-1][-1] + 1:
            runs[-1].append(on.day)
        else:
            runs.append([on.day])
    days = ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs)
    return f"{days} {month_name(dates[0], language)}"
