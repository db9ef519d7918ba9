"""Find the patterns of some days: load what the rules look at, and hold it against the policy's thresholds."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from itertools import groupby
from operator import attrgetter
from typing import Final, TypeVar
from zoneinfo import ZoneInfo

from eabsensi.assessing.city import City
from eabsensi.discipline.findings import devicerules, facts, pairrules, personrules, unitrules
from eabsensi.discipline.findings.correctionrules import Usual, corrections
from eabsensi.discipline.findings.finding import Finding, Rule
from eabsensi.errors import UsageError
from eabsensi.law.citation import Citation
from eabsensi.law.dated import Series
from eabsensi.law.duty import DocumentClass
from eabsensi.law.policy import Policy
from eabsensi.store import findingdevices as devices
from eabsensi.store import findingfacts as stored
from eabsensi.store.connection import Connection
from eabsensi.store.people import Unit, load_units
from eabsensi.store.unmapped import unmapped_pins

_L = TypeVar("_L")
_F = TypeVar("_F")
#: More days than a year are no stretch that anybody examines; they would only take long.
MOST_DAYS: Final = 366
_PEOPLE = frozenset({Rule.R7, Rule.R12, Rule.R13, Rule.R14, Rule.R16})
_LEAVE = ("annual_leave", "big_leave", "sick_leave", "maternity_leave", "important_leave", "unpaid_leave")
_DUTY = ("duty", "training", "study")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for.

    Attributes:
        first, last: the days, inclusive.
        as_of: the present.
        unit: only people, devices and papers of this unit and those below it; None is the whole city.
        rules: only these; None is every rule.

    """

    first: date
    last: date
    as_of: datetime
    unit: str | None = None
    rules: frozenset[Rule] | None = None

    def has(self, *rules: Rule) -> bool:
        """Whether any of these rules is asked for."""
        return self.rules is None or not self.rules.isdisjoint(rules)


@dataclass(frozen=True, slots=True)
class Findings:
    """What was found.

    Attributes:
        wanted: what was asked for.
        found: by rule, unit and subject.
        units: every unit by its code.
        ancestries: unit code to the units above it, nearest first.
        zone: the city's.
        citations: of the thresholds in force on the last day.

    """

    wanted: Wanted
    found: tuple[Finding, ...]
    units: Mapping[str, Unit]
    ancestries: Mapping[str, tuple[str, ...]]
    zone: ZoneInfo
    citations: tuple[Citation, ...]


def find_patterns(connection: Connection, policy: Policy, wanted: Wanted) -> Findings:
    """Hold some days against the rules; the thresholds are those in force on the last day.

    Args:
        connection: an open transaction of the store.
        policy: the law and the local rules.
        wanted: what is asked for.

    Raises:
        UnknownUnitError: there is no such unit.
        UsageError: the days run backwards, or are more than :data:`MOST_DAYS`.

    """
    if not wanted.first <= wanted.last < wanted.first + timedelta(days=MOST_DAYS):
        raise UsageError(
            f"{wanted.first} to {wanted.last} is no stretch of 1 to {MOST_DAYS} days.",
            remedy="Give --from and --to, the earlier day first.",
        )
    city = City(policy, load_units(connection), ())
    if wanted.unit is not None:
        city.require(wanted.unit)
    search = _Search(connection, policy, wanted, city)
    found = sorted((one for one in search.run() if wanted.has(one.rule)), key=attrgetter("order"))
    return Findings(
        wanted=wanted,
        found=tuple(found),
        units=city.units,
        ancestries={code: city.ancestry(code)[1:] for code in city.units},
        zone=ZoneInfo(search.zone),
        citations=search.citations,
    )


@dataclass(frozen=True)
class _Search:
    """One search through the stored facts."""

    connection: Connection
    policy: Policy
    wanted: Wanted
    city: City

    @property
    def zone(self) -> str:
        """The city's zone on the last day."""
        return self.policy.timezone.on(self.wanted.last).value

    @property
    def citations(self) -> tuple[Citation, ...]:
        """Cite the thresholds."""
        series = [one for one in self.policy.series if one.key.startswith("finding_")]
        return tuple(dict.fromkeys(one.on(self.wanted.last).citation for one in series))

    @cached_property
    def units(self) -> frozenset[str] | None:
        """The units in scope; None is every unit."""
        return frozenset(self.city.below(self.wanted.unit)) if self.wanted.unit is not None else None

    @cached_property
    def stretch(self) -> stored.Stretch:
        """The days."""
        return stored.Stretch(self.wanted.first, self.wanted.last, self.wanted.as_of, self.zone)

    @cached_property
    def people(self) -> Mapping[int, facts.Person]:
        """Everybody, by id."""
        return {row.id: facts.Person(*row) for row in stored.members(self.connection, self.wanted.last).values()}

    @cached_property
    def in_scope(self) -> Collection[int] | None:
        """The ids of those in scope; None is everybody."""
        if self.units is None:
            return None
        return [one.id for one in self.people.values() if one.unit in self.units]

    def limit(self, series: Series[_L]) -> _L:
        """Give the thresholds in force on the last day."""
        return series.on(self.wanted.last).value

    def run(self) -> Iterator[Finding]:
        """Give what is found, in no order."""
        yield from self._devices()
        yield from self._people()
        if self.wanted.has(Rule.R11):
            yield from self._journeys()
        if self.wanted.has(Rule.R15):
            yield from self._corrections()

    # --- terminals -------------------------------------------------------------------------------------------------

    def _devices(self) -> Iterator[Finding]:
        limit = self.limit
        tolerance = limit(self.policy.clock_tolerance)
        rules: dict[Rule, Callable[[facts.DeviceFacts], Iterator[Finding]]] = {
            Rule.R1: lambda known: devicerules.future_records(known, limit(self.policy.finding_future)),
            Rule.R2: lambda known: devicerules.wrong_clocks(known, limit(self.policy.finding_clock), tolerance),
            Rule.R3: lambda known: devicerules.broken_order(known, limit(self.policy.finding_order)),
            Rule.R4: lambda known: devicerules.lost_records(known, limit(self.policy.finding_log)),
            Rule.R5: lambda known: devicerules.strangers(known, limit(self.policy.finding_identity)),
            Rule.R6: lambda known: devicerules.morning_outages(known, limit(self.policy.finding_outage)),
            Rule.R9: lambda known: devicerules.unknown_users(known, limit(self.policy.finding_users)),
            Rule.R14: lambda known: devicerules.late_records(known, limit(self.policy.finding_rhythm)),
            Rule.R17: lambda known: devicerules.ghosts(known, limit(self.policy.finding_ghost)),
        }
        known = self._device_facts()
        for rule, look in rules.items():
            if self.wanted.has(rule):
                yield from look(known)

    def _device_facts(self) -> facts.DeviceFacts:
        """Load what the asked rules look at."""
        policy, has, limit = self.policy, self.wanted.has, self.limit
        known = {row.id: facts.Terminal(*row) for row in devices.terminals(self.connection, self.units).values()}
        asked = devices.DeviceStretch(self.connection, list(known), self.stretch, limit(policy.clock_tolerance))
        order, outage = limit(policy.finding_order), limit(policy.finding_outage)
        future, jump = limit(policy.future_tolerance), limit(policy.finding_clock).jump_seconds
        lost, late = limit(policy.finding_log).lost_records, limit(policy.finding_rhythm).late_minutes
        back = devices.steps_back(asked, order.backwards_seconds) if has(Rule.R3) else ()
        outages = devices.outages(asked, outage.opens, outage.closes, outage.back_by) if has(Rule.R6) else ()
        mass = devices.masses(asked, order.people) if has(Rule.R3) else ()
        return facts.DeviceFacts(
            terminals=known,
            future=_made(facts.FutureRecord, devices.future_rows(asked, future) if has(Rule.R1) else ()),
            clocks=_made(facts.ClockDay, devices.clock_days(asked, jump) if has(Rule.R2) else ()),
            backwards=_made(facts.Backwards, back),
            masses=tuple(facts.Mass(row.device, row.at, tuple(row.pins)) for row in mass),
            losses=_made(facts.LogLoss, devices.losses(asked, lost) if has(Rule.R4) else ()),
            strangers=_made(facts.Stranger, devices.strangers(asked) if has(Rule.R5) else ()),
            outages=_made(facts.OutageDay, outages),
            late=_made(facts.LateRecord, devices.late_rows(asked, late) if has(Rule.R14) else ()),
            users=_made(facts.UnknownUser, devices.unknown_users(asked) if has(Rule.R9) else ()),
            ghosts=self._ghosts(known) if has(Rule.R17) else (),
        )

    def _ghosts(self, known: Mapping[int, facts.Terminal]) -> tuple[facts.Ghost, ...]:
        ids = {terminal.serial: terminal.id for terminal in known.values()}
        found = unmapped_pins(self.connection, first=self.wanted.first, last=self.wanted.last)
        return tuple(
            facts.Ghost(
                *(ids[row.serial], row.pin, row.name or "", row.days, row.first, row.last),
                *(row.usual, row.spread_minutes),
            )
            for row in found
            if row.serial in ids
        )

    # --- people ----------------------------------------------------------------------------------------------------

    def _people(self) -> Iterator[Finding]:
        """Go through everybody's days once; of each person only a tally is kept, and the dates of those in pairs."""
        pairs = self._pairs() if self.wanted.has(Rule.R8) else []
        if not pairs and not self.wanted.has(*_PEOPLE):
            return
        met = {who for row in pairs for who in (row.first, row.second)}
        scope = self.in_scope if self.wanted.has(*_PEOPLE) else list(met)
        dates: dict[int, frozenset[date]] = {}
        tallies: list[unitrules.Tally] = []
        for person, days in self._days(scope):
            yield from personrules.person_findings(person, days, self._person_limits)
            tallies.append(unitrules.Tally.of(person, days))
            if person.id in met:
                dates[person.id] = frozenset(day.on for day in days)
        names = {unit.code: unit.name for unit in self.city.units.values()}
        yield from unitrules.without_finger(tallies, names, self.limit(self.policy.finding_verify))
        yield from unitrules.no_midday(tallies, self.limit(self.policy.finding_midday))
        yield from pairrules.companions(
            (self._pair(row, dates) for row in pairs), self.limit(self.policy.finding_companions)
        )

    def _days(self, scope: Collection[int] | None) -> Iterator[tuple[facts.Person, list[facts.PersonDay]]]:
        midday, midnight = self.limit(self.policy.finding_midday), self.limit(self.policy.finding_midnight)
        rows = stored.person_days(
            self.connection,
            self.stretch,
            scope,
            midday=(midday.opens, midday.closes),
            midnight_seconds=midnight.within_seconds,
        )
        for employee, of_it in groupby(rows, key=attrgetter("employee_id")):
            if employee in self.people:
                yield self.people[employee], [_day(row) for row in of_it]

    @cached_property
    def _person_limits(self) -> personrules.PersonLimits:
        policy, papers = self.policy, self.limit(self.policy.documents)
        return personrules.PersonLimits(
            excused=self.limit(policy.finding_excused),
            midday=self.limit(policy.finding_midday),
            rhythm=self.limit(policy.finding_rhythm),
            midnight=self.limit(policy.finding_midnight),
            leave=frozenset(papers[kind].code for kind in _LEAVE if kind in papers),
            duty=frozenset(papers[kind].code for kind in _DUTY if kind in papers),
        )

    def _pairs(self) -> list[stored.PairRow]:
        limit = self.limit(self.policy.finding_companions)
        return stored.pairs_between(
            self.connection, self.stretch, self.in_scope, within_seconds=limit.within_seconds, days=limit.days
        )

    def _pair(self, row: stored.PairRow, dates: Mapping[int, frozenset[date]]) -> facts.Pair:
        rows = zip(row.at, row.seconds, row.forward, row.device, strict=True)
        meetings = tuple(
            facts.Meeting(at, seconds, forward, self._serials.get(device, "")) for at, seconds, forward, device in rows
        )
        both = dates.get(row.first, frozenset()) & dates.get(row.second, frozenset())
        return facts.Pair(self.people[row.first], self.people[row.second], len(both), meetings)

    @cached_property
    def _serials(self) -> Mapping[int, str]:
        return {row.id: row.serial for row in devices.terminals(self.connection, None).values()}

    def _journeys(self) -> Iterator[Finding]:
        """Look at the whole city, since neighbours show by those who pass from one to the other."""
        limit = self.limit(self.policy.finding_travel)
        rows = stored.journeys_between(self.connection, self.stretch, minutes=limit.minutes)
        known = (
            facts.Journey(self.people[row.employee_id], *row[1:]) for row in rows if row.employee_id in self.people
        )
        return self._within(pairrules.impossible_travel(known, limit))

    def _corrections(self) -> Iterator[Finding]:
        """Look at the whole city's papers for what is usual, and at those in scope for what is not."""
        rules = self.limit(self.policy.documents).values()
        names = {rule.kind: rule.name for rule in rules if rule.document_class is DocumentClass.CORRECTION}
        rows = stored.corrections_between(self.connection, self.stretch, list(names))
        papers = [
            facts.Correction(self.people[row.employee_id], row.on, names[row.kind], *row[3:])
            for row in rows
            if row.employee_id in self.people
        ]
        mine = papers if self.units is None else [one for one in papers if one.person.unit in self.units]
        return corrections(mine, self.limit(self.policy.finding_corrections), Usual.of(papers))

    def _within(self, found: Iterable[Finding]) -> Iterator[Finding]:
        return (one for one in found if self.units is None or one.subject.unit in self.units)


def _made(kind: Callable[..., _F], rows: Iterable[tuple[object, ...]]) -> tuple[_F, ...]:
    """Turn rows of the store into facts; their fields stand in the same order."""
    return tuple(kind(*row) for row in rows)


def _day(row: stored.PersonDayRow) -> facts.PersonDay:
    return facts.PersonDay(
        *row[1:10],
        midnight=tuple(row.midnight or ()),
        status=row.status,
        codes=tuple(row.codes or ()),
        closed_before=row.closed_before,
    )
