"""Bring judged days together: what closed months hold, stored verdicts, and the rest judged on the spot."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cached_property
from heapq import merge
from itertools import groupby
from zoneinfo import ZoneInfo

from eabsensi.assessing.city import City
from eabsensi.assessing.content import day_content, verdict_row
from eabsensi.assessing.ranges import judge_postings, load_city, load_tree
from eabsensi.assessing.why import find_person
from eabsensi.discipline.accumulation import may_run_into
from eabsensi.discipline.facts import PersonFact, UnitFact
from eabsensi.errors import EabsensiError
from eabsensi.law.policy import Policy
from eabsensi.reports.dayreading import key_of_day, person_fact, read_day, read_stored, units_by_day
from eabsensi.reports.judged import Closing, JudgedDay, JudgedPeriod
from eabsensi.reports.tallying import Bound, added, tally_of
from eabsensi.store.connection import Connection
from eabsensi.store.facts import PersonRow, load_postings
from eabsensi.store.periods import Learnt, Period, closed_contents, learnt_since, load_period_rows, load_periods
from eabsensi.store.tallies import PersonTally, days_without_verdict, tally_month, tally_years
from eabsensi.store.verdicts import StoredVerdict, load_verdicts

_DAYS_AT_ONCE = 40_000  # employee-days in memory while they are put together
_DAY = timedelta(days=1)


class MuchToJudgeError(EabsensiError):
    """So many days have no verdict yet that judging them on the spot takes longer than was asked for."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a report asks for.

    Attributes:
        first: first date.
        last: last date.
        as_of: the instant of knowledge.
        unit: code; its people and those of the units below it. None is the whole city.
        past: the instant lies in the past, so that what is stored by now does not tell what was known.
        alone: without the units below.
        most_judged: so many days without a verdict are judged on the spot; None is as many as there are.

    """

    first: date
    last: date
    as_of: datetime
    unit: str | None = None
    past: bool = False
    alone: bool = False
    most_judged: int | None = None


def judged_month(connection: Connection, policy: Policy, asked: Asked) -> JudgedPeriod:
    """Load a month of a unit or the city; a person is shown by the unit of each day.

    Raises:
        UnknownUnitError: there is no such unit.

    """
    loader = _Loader(connection, policy, asked)
    ids = loader.posted(asked.first) | loader.once_closed()
    codes = set(loader.codes)
    days = [day for day in loader.days(ids, asked.first) if day.unit.code in codes]
    days.sort(key=lambda day: (day.unit.code, day.person.name, day.person.nip, day.on))
    return loader.period(days, loader.beside(ids, asked.first))


def judged_year(connection: Connection, policy: Policy, asked: Asked) -> JudgedPeriod:
    """Load a year of everybody who is posted in a unit during it, in whatever unit the days were; a stream.

    Where a run of absences may go on over New Year, December of the year before is there too. Of the stored days only
    undetermined ones tell their reasons: a year is added up.

    Raises:
        UnknownUnitError: there is no such unit.

    """
    loader = _Loader(connection, policy, asked)
    return loader.year(loader.posted(asked.first))


def judged_year_near(connection: Connection, policy: Policy, asked: Asked) -> JudgedPeriod:
    """Load what :func:`judged_year` does of those alone whose stored days might reach a tier; nobody else does.

    Raises:
        UnknownUnitError: there is no such unit.

    """
    loader = _Loader(connection, policy, asked)
    return loader.year(loader.near_a_tier(loader.posted(asked.first)))


def tallied_month(
    connection: Connection, policy: Policy, asked: Asked
) -> tuple[JudgedPeriod, list[tuple[UnitFact, list[PersonTally]]]]:
    """Add a month up without its days: a period that holds none, and each unit's people.

    Raises:
        UnknownUnitError: there is no such unit.

    """
    loader = _Loader(connection, policy, asked)
    return loader.period((), {}), loader.tallies()


def judged_person(connection: Connection, policy: Policy, asked: Asked, nip: str) -> JudgedPeriod:
    """Load one person's days, in whatever unit they were; the unit asked for plays no part.

    Raises:
        UnknownPersonError: there is no such employee.

    """
    employee, _ = find_person(connection, nip)
    loader = _Loader(connection, policy, replace(asked, unit=None))
    return loader.period(list(loader.days([employee], asked.first)), loader.beside([employee], asked.first))


def judged_person_year(
    connection: Connection, policy: Policy, asked: Asked, nip: str, *, told_from: date = date.max
) -> JudgedPeriod:
    """Load one person's year as :func:`judged_year` does, from December where a run may go on over New Year.

    Args:
        connection: in a transaction.
        policy: the law.
        asked: the year.
        nip: whose.
        told_from: the stored days from this one on tell their reasons and citations.

    Raises:
        UnknownPersonError: there is no such employee.

    """
    employee, _ = find_person(connection, nip)
    found = _Loader(connection, policy, replace(asked, unit=None)).year([employee], told_from)
    return replace(found, days=list(found.days))


class _Loader:
    """One report's loading: the city of its instant, and what is closed."""

    def __init__(self, connection: Connection, policy: Policy, asked: Asked) -> None:
        self._connection = connection
        self._policy = policy
        self._asked = asked
        self._tree = load_tree(connection, policy)
        if asked.unit is not None:
            self._tree.require(asked.unit)
        self.codes = [asked.unit] if asked.unit and asked.alone else self._tree.below(asked.unit)
        self.zone = (
            self._tree.zone(asked.unit, asked.first) if asked.unit else ZoneInfo(policy.timezone.on(asked.first).value)
        )
        self._through = min(asked.last, asked.as_of.astimezone(self.zone).date())
        self._latest = self._latest_periods()
        self._closed = {key: period for key, period in self._latest.items() if period.state == "closed"}
        self._judged_days = 0
        self._told_from = date.min

    @cached_property
    def _city(self) -> City:
        """The city with its devices, loaded once there is something to judge."""
        return load_city(self._connection, self._policy, self._asked.as_of)

    @cached_property
    def _runs_from(self) -> date:
        """The date from which runs of a year that begins on the first date may go on."""
        first = self._asked.first
        joined = self._policy.run_at_new_year.on(first).value == "joined"
        return date(first.year - 1, 12, 1) if joined else first

    def _latest_periods(self) -> dict[tuple[str, date], Period]:
        """Give the last word that was known at the instant on each unit's month."""
        year = self._asked.first.year
        months = [date(year - 1, 12, 1), *(date(year, month, 1) for month in range(1, 13))]
        known = (row for row in load_periods(self._connection, months) if row.at <= self._asked.as_of)
        return {(row.unit_code, row.month): row for row in known}

    def posted(self, first: date) -> set[int]:
        """Give those with a posting in the units asked for."""
        if first > self._through:
            return set()
        rows = load_postings(self._connection, first, self._through, units=self.codes)
        return {row.person.employee_id for row in rows}

    def once_closed(self) -> set[int]:
        """Give those who stand in a closed month of these units, wherever they are posted by now."""
        month = self._asked.first.replace(day=1)
        closed = (self._closed[code, month] for code in self.codes if (code, month) in self._closed)
        rows = (load_period_rows(self._connection, period.unit_code, month, period.version) for period in closed)
        return {employee for found in rows for employee in found}

    def near_a_tier(self, ids: Collection[int]) -> list[int]:
        """Give those whose stored days, and what is not stored, might add up to a tier."""
        if not ids:
            return []
        first = self._runs_from
        bound = Bound.of(self._policy, first, self._through)
        return [one.employee_id for one in tally_years(self._connection, first, self._through, ids) if bound.holds(one)]

    def tallies(self) -> list[tuple[UnitFact, list[PersonTally]]]:
        """Give each unit's people with what their days add up to; those that nothing stored tells are judged now."""
        month = self._asked.first
        closed = [period for (_, of), period in self._closed.items() if of == month]
        asked = (self._connection, month, self._through, closed, self.codes)
        if month > self._through:
            return []
        found = tally_month(*asked)
        found += map(tally_of, self._judged(days_without_verdict(*asked)).values())
        by_unit: dict[str, dict[int, PersonTally]] = {}
        for one in found:
            known = by_unit.setdefault(one.unit_code, {})
            known[one.employee_id] = added(known[one.employee_id], one) if one.employee_id in known else one
        return [(self._unit(code), list(people.values())) for code, people in sorted(by_unit.items())]

    def period(self, days: Iterable[JudgedDay], beside: Mapping[int, tuple[JudgedDay, ...]]) -> JudgedPeriod:
        """Put the days into their setting."""
        asked, tree = self._asked, self._tree
        closings: dict[str, tuple[Closing, ...]] = {}
        for (code, month), row in sorted(self._latest.items()):
            if asked.first <= month <= asked.last:
                closing = Closing(month, row.version, row.state == "closed", row.through_on, row.at, row.sha256)
                closings[code] = (*closings.get(code, ()), closing)
        unit = tree.fact(asked.unit) if asked.unit else None
        ancestries = {code: tree.ancestry(code) for code in tree.units}
        return JudgedPeriod(asked.first, asked.last, asked.as_of, self.zone, unit, days, closings, ancestries, beside)

    def year(self, ids: Collection[int], told_from: date = date.max) -> JudgedPeriod:
        """Give the year of these people, with December of the year before where it may matter."""
        self._told_from = told_from
        batches = self._batches(ids, self._runs_from)
        days = (day for batch in batches for day in self._year_days(batch))
        return self.period(days, self.beside(ids, self._runs_from))

    def _year_days(self, ids: Sequence[int]) -> Iterator[JudgedDay]:
        first = self._asked.first
        days = list(self._batch(ids, first, self._through))
        if self._runs_from == first:
            return iter(days)
        before = self._batch(self._running(ids, days), self._runs_from, min(self._through, first - _DAY))
        return merge(before, days, key=key_of_day)

    def _running(self, ids: Sequence[int], days: Sequence[JudgedDay]) -> list[int]:
        """Give those whose absences may have begun before the year, or would by what was learnt of closed days."""
        found = {item.employee_id for item in self._learnt(ids, self._runs_from)}
        for employee, own in groupby(days, key=lambda day: day.person.employee_id):
            if may_run_into(day.outcome for day in own):
                found.add(employee)
        return sorted(found)

    def days(self, ids: Collection[int], first: date) -> Iterator[JudgedDay]:
        """Give the days of these people from ``first`` on, each person's together and by date."""
        for batch in self._batches(ids, first):
            yield from self._batch(batch, first, self._through)

    def _batches(self, ids: Collection[int], first: date) -> Iterator[Sequence[int]]:
        ordered = sorted(ids)
        step = max(1, _DAYS_AT_ONCE // max(1, (self._through - first).days + 1))
        return (ordered[start : start + step] for start in range(0, len(ordered), step))

    def _batch(self, ids: Sequence[int], first: date, last: date) -> Iterator[JudgedDay]:
        if last < first or not ids:
            return
        postings = load_postings(self._connection, first, last, employees=ids)
        found = self._closed_days(ids, first, last)
        units = units_by_day(postings)
        people = {row.person.employee_id: person_fact(row.person) for row in postings}
        if not self._asked.past:
            self._add_stored(found, people, units, (first, last))
        closed = {(employee, on) for (employee, on), code in units.items() if self._is_closed(code, on)}
        # Who is not in the content of a closed month was not there when it was closed.
        found.update(self._judged({key for key in units if key not in found} - closed))
        yield from (found[key] for key in sorted(found))

    def _learnt(self, ids: Collection[int], first: date) -> list[Learnt]:
        """Give what was learnt since of closed days of these people."""
        periods = self._closed_since(first)
        return learnt_since(self._connection, periods, ids, self._asked.as_of) if periods else []

    def _closed_days(self, ids: Sequence[int], first: date, last: date) -> dict[tuple[int, date], JudgedDay]:
        """Give what closed months hold of these people; an addendum is put beside it and changes nothing."""
        periods = [period for period in self._closed_since(first) if period.month <= last]
        if not periods:
            return {}
        later = {(item.unit_code, item.on_date, item.employee_id): item for item in self._learnt(ids, first)}
        found: dict[tuple[int, date], JudgedDay] = {}
        closed_at = {(period.unit_code, period.month): period.at for period in periods}
        contents = closed_contents(self._connection, periods, ids)
        # Two units' months may hold the same day, as after a transfer that was recorded late: it counts in the one that
        # was closed first, so that no closing changes the figures of another closed month. The database counts alike.
        for code, month, employee in sorted(contents, key=lambda key: (closed_at[key[:2]], key[0])):
            content = contents[code, month, employee]
            person = person_fact(PersonRow(*(content[name] for name in PersonRow._fields)))
            for told in content["days"]:
                day = read_day(told, person, self._unit(code), told["version"])
                known = later.get((code, day.on, employee))
                if first <= day.on <= last and (employee, day.on) not in found:
                    after = self._learnt_day(known, person) if known else None
                    found[employee, day.on] = replace(day, addendum=known is not None, later=after)
        return found

    def _closed_since(self, first: date) -> list[Period]:
        return [row for row in self._closed.values() if row.month >= first.replace(day=1)]

    def _learnt_day(self, learnt: Learnt, person: PersonFact) -> JudgedDay | None:
        return read_day(learnt.after, person, self._unit(learnt.unit_code), None) if learnt.after else None

    def beside(self, ids: Collection[int], first: date) -> dict[int, tuple[JudgedDay, ...]]:
        """Give the days of these people that no closed month holds and an addendum tells."""
        missing = [
            item for item in self._learnt(ids, first) if not item.was_closed and first <= item.on_date <= self._through
        ]
        employees = {item.employee_id for item in missing}
        postings = load_postings(self._connection, first, self._through, employees=employees) if missing else ()
        people = {row.person.employee_id: person_fact(row.person) for row in postings}
        found: dict[int, tuple[JudgedDay, ...]] = {}
        for item in missing:
            day = self._learnt_day(item, people[item.employee_id]) if item.employee_id in people else None
            if day:
                found[item.employee_id] = (*found.get(item.employee_id, ()), day)
        return found

    def _add_stored(
        self,
        found: dict[tuple[int, date], JudgedDay],
        people: Mapping[int, PersonFact],
        units: Mapping[tuple[int, date], str],
        span: tuple[date, date],
    ) -> None:
        """Add the verdicts that stand, where they were judged in the unit of the posting and the day is not closed."""
        stands = load_verdicts(self._connection, *span, employees=people, told_from=self._told_from)
        for stored in stands:
            key = stored.row.employee_id, stored.row.on_date
            if units.get(key) != stored.row.unit_code:
                continue
            closed = found.get(key)
            if closed is None and not self._is_closed(stored.row.unit_code, stored.row.on_date):
                found[key] = self._stored_day(stored, people[key[0]])
            elif closed and closed.addendum and closed.later is None:  # it is another unit's day by now
                found[key] = replace(closed, later=self._stored_day(stored, people[key[0]]))

    def _stored_day(self, stored: StoredVerdict, person: PersonFact) -> JudgedDay:
        code, on = stored.row.unit_code, stored.row.on_date
        return read_stored(stored, person, self._unit(code), self._tree.zone(code, on))

    def _judged(self, wanted: Collection[tuple[int, date]]) -> dict[tuple[int, date], JudgedDay]:
        """Judge employee-days that neither a closed month nor a stored verdict tells, on the spot.

        Raises:
            MuchToJudgeError: they are more than were asked for.

        """
        if not wanted:
            return {}
        self._judged_days += len(wanted)
        if self._asked.most_judged is not None and self._judged_days > self._asked.most_judged:
            raise MuchToJudgeError(f"More than {self._asked.most_judged} days have no verdict yet.")
        low, high = min(on for _, on in wanted), max(on for _, on in wanted)
        needed = load_postings(self._connection, low, high, employees={employee for employee, _ in wanted})
        judged = judge_postings(
            self._connection, self._city, needed, low, high, as_of=self._asked.as_of, wanted=set(wanted)
        )
        found = {}
        for day in judged:
            row = verdict_row(day)
            told = day_content(row, self._city.zone(row.unit_code, row.on_date))
            found[row.employee_id, row.on_date] = read_day(told, day.person, day.unit, None)
        return found

    def _is_closed(self, code: str, on: date) -> bool:
        period = self._closed.get((code, on.replace(day=1))) if self._closed else None
        return period is not None and period.through_on is not None and on <= period.through_on

    def _unit(self, code: str) -> UnitFact:
        return self._tree.fact(code)
