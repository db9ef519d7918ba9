"""Judge stretches of days of many people: few queries for a batch, then pure judging, person by person."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from eabsensi.assessing.city import City, UnitDay
from eabsensi.assessing.letgo import kept_rows, let_go_near, verdict_kept
from eabsensi.assessing.losses import LossyDay, with_loss
from eabsensi.discipline.facts import (
    Covers,
    DayFacts,
    DeviceFact,
    DocumentFact,
    DocumentKind,
    EventFact,
    EventKind,
    PersonFact,
    PunchFact,
    Source,
    UnitFact,
)
from eabsensi.discipline.judge import judge_day
from eabsensi.discipline.schedule import person_days
from eabsensi.discipline.verdict import Verdict
from eabsensi.discipline.workday import Workday
from eabsensi.law.policy import Policy
from eabsensi.store.ceremonies import Ceremony
from eabsensi.store.connection import Connection
from eabsensi.store.documents import ApprovedDocument
from eabsensi.store.facts import (
    EnrolmentRow,
    PostingRow,
    RangeRecords,
    TouchRow,
    load_devices,
    load_postings,
    load_range,
)
from eabsensi.store.people import load_units
from eabsensi.store.seals import retired_months
from eabsensi.store.verdicts import VerdictRow

#: Employee-days that are loaded and judged at once: enough to make the queries cheap, few enough for the memory.
BATCH_DAYS = 40_000
_BATCH_PEOPLE = 20_000
_WRONG_CLOCK_SECONDS = 30.0  # no policy tolerates less; a punch of such a clock is looked at by what it means too
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class PersonDay:
    """One verdict row: who, in which unit, and what the day was."""

    person: PersonFact
    unit: UnitFact
    verdict: Verdict


def assess_range(
    connection: Connection,
    policy: Policy,
    first: date,
    last: date,
    *,
    as_of: datetime,
    units: Collection[str] | None = None,
    employees: Collection[int] | None = None,
) -> Iterator[PersonDay]:
    """Judge every day from ``first`` to ``last``, inclusive, of everybody with a posting on it.

    Each day is reported by the unit of that day, so a transfer in the middle of a month parts it. Days go in stretches,
    within a stretch by unit, name and date; up to some hundred people and a month are one stretch.

    Args:
        connection: an open transaction of the store.
        policy: the law.
        first: the first date.
        last: the last date.
        as_of: the instant whose knowledge is used, timezone-aware.
        units: codes of the units whose people are wanted, without those below; None is every unit.
        employees: only these people.

    """
    city = load_city(connection, policy, as_of)
    postings = load_postings(connection, first, last, units=None if units is None else list(units), employees=employees)
    for low, high, batch in _batches(postings, first, last):
        yield from judge_postings(connection, city, batch, low, high, as_of=as_of)


def load_city(connection: Connection, policy: Policy, as_of: datetime) -> City:
    """Load units and devices as they were known at an instant."""
    tolerance = policy.clock_tolerance.on(as_of.date()).value
    let_go = frozenset(retired.month for retired in retired_months(connection))
    return City(policy, load_units(connection), load_devices(connection, as_of, tolerance), let_go)


def load_tree(connection: Connection, policy: Policy) -> City:
    """Load the units without the devices: enough for names, zones and what lies below what, not for judging."""
    return City(policy, load_units(connection), ())


def _batches(
    postings: Sequence[PostingRow], first: date, last: date
) -> Iterator[tuple[date, date, Sequence[PostingRow]]]:
    """Cut people and days into pieces; days before people, since a day of everybody is read at one go."""
    days = (last - first).days + 1
    for start in range(0, len(postings), _BATCH_PEOPLE):
        people = postings[start : start + _BATCH_PEOPLE]
        step = max(1, min(days, BATCH_DAYS // len(people)))
        for offset in range(0, days, step):
            low = first + timedelta(days=offset)
            yield low, min(last, low + timedelta(days=step - 1)), people


def judge_postings(
    connection: Connection,
    city: City,
    postings: Sequence[PostingRow],
    first: date,
    last: date,
    *,
    as_of: datetime,
    wanted: Collection[tuple[int, date]] | None = None,
) -> Iterator[PersonDay]:
    """Judge one batch; days whose punches were let go keep what was said of them.

    Args:
        connection: an open transaction.
        city: of the same instant.
        postings: whose days.
        first: the first date.
        last: the last date, inclusive.
        as_of: the instant of knowledge.
        wanted: only these (employee, date); None is all.

    """
    inside = [posting for posting in postings if posting.start <= last and first < posting.end]
    people = {posting.person.employee_id for posting in inside}
    if not people:
        return
    records = load_range(connection, people, first, last, as_of=as_of, devices=city.device_rows)
    batch = _Batch(city, records, _patterns(city, _beside(connection, records, first, last), records), as_of)
    span = [first + timedelta(days=step) for step in range((last - first).days + 1)] if city.let_go else ()
    kept = kept_rows(connection, city.let_go, people, span, as_of)
    for posting in inside:
        start, end = max(posting.start, first), min(posting.end - _DAY, last)
        person = _Person(batch, posting, start, end)
        for on in (start + timedelta(days=step) for step in range((end - start).days + 1)):
            key = posting.person.employee_id, on
            if wanted is None or key in wanted:
                day = person.judge(on)
                month = let_go_near(city.let_go, on) if city.let_go else None
                yield _kept_day(day, kept.get(key), month, city.zone(posting.unit_code, on)) if month else day


def _kept_day(day: PersonDay, row: VerdictRow | None, month: date, zone: ZoneInfo) -> PersonDay:
    return PersonDay(day.person, day.unit, verdict_kept(row, day.verdict, month, zone))


def day_case(
    connection: Connection, city: City, postings: Sequence[PostingRow], on: date, *, as_of: datetime
) -> tuple[DayFacts, Workday]:
    """Give what one person's day is judged from: everything known of it, and what it obliges to.

    Args:
        connection: an open transaction.
        city: of the same instant.
        postings: of the person, those of the neighbouring dates too; one holds on the date.
        on: the date.
        as_of: the instant of knowledge.

    """
    posting = next(posting for posting in postings if posting.start <= on < posting.end)
    records = load_range(connection, {posting.person.employee_id}, on, on, as_of=as_of, devices=city.device_rows)
    batch = _Batch(city, records, _patterns(city, postings, records), as_of)
    return _Person(batch, posting, on, on).case(on)


def _beside(connection: Connection, records: RangeRecords, first: date, last: date) -> Sequence[PostingRow]:
    """Load where those with a roster are posted, on the dates beside the stretch too: a night ends in one of them."""
    return load_postings(connection, first - _DAY, last + _DAY, employees=records.rosters) if records.rosters else ()


def _patterns(city: City, postings: Sequence[PostingRow], records: RangeRecords) -> dict[int, list[PostingRow]]:
    """Give the postings of people with a roster: the calendar of the neighbouring day may be another unit's."""
    found: dict[int, list[PostingRow]] = {}
    for posting in postings:
        if posting.person.employee_id in records.rosters and posting.unit_code in city.units:
            found.setdefault(posting.person.employee_id, []).append(posting)
    return found


class _Batch:
    """What all people of a batch share."""

    def __init__(
        self, city: City, records: RangeRecords, rostered: Mapping[int, list[PostingRow]], as_of: datetime
    ) -> None:
        self.city = city
        self.records = records
        self.rostered = rostered
        self.as_of = as_of
        self._unit_papers: dict[tuple[str, date], tuple[DocumentFact, ...]] = {}
        self._gatherings: dict[tuple[str, date], tuple[EventFact, ...]] = {}

    def unit_papers(self, code: str, on: date) -> tuple[DocumentFact, ...]:
        """Give the papers of the unit and of those above it that cover a date."""
        if not self.records.unit_wide:
            return ()
        key = (code, on)
        if key not in self._unit_papers:
            above = (self.records.unit_wide.get(unit, ()) for unit in self.city.ancestry(code))
            self._unit_papers[key] = tuple(_paper(item) for items in above for item in items if _covers(item, on))
        return self._unit_papers[key]

    def gatherings(self, code: str, on: date) -> tuple[EventFact, ...]:
        """Give the gatherings of a date that oblige the unit."""
        if not self.records.ceremonies:
            return ()
        key = (code, on)
        if key not in self._gatherings:
            obliging = {None, *self.city.ancestry(code)}
            self._gatherings[key] = tuple(
                _event(item) for item in self.records.ceremonies if item.on_date == on and item.unit_code in obliging
            )
        return self._gatherings[key]


class _Touch(NamedTuple):
    enrolment: EnrolmentRow
    row: TouchRow
    punch: PunchFact
    meant_at: datetime


class _Person:
    """One person in one posting: everything that was known, cut to the day that is judged."""

    def __init__(self, batch: _Batch, posting: PostingRow, first: date, last: date) -> None:
        records, employee_id = batch.records, posting.person.employee_id
        self._batch = batch
        self._unit = posting.unit_code
        self._fact = PersonFact(*posting.person)
        self._enrolments = records.enrolments.get(employee_id, [])
        self._papers = records.personal.get(employee_id, ())
        self._roster = records.rosters.get(employee_id)
        touches = [self._touch(*touch) for touch in records.touches.get(employee_id, ())]
        self._touches = sorted(touches, key=lambda touch: touch.row.punched_at)
        self._times = [touch.row.punched_at for touch in self._touches]
        self._astray = [
            touch for touch in touches if abs(touch.punch.clock_offset_seconds or 0.0) > _WRONG_CLOCK_SECONDS
        ]
        self._days = self._rostered_days(first, last) if self._roster else None

    def judge(self, on: date) -> PersonDay:
        """Judge one day of the posting."""
        facts, day = self.case(on)
        verdict = judge_day(facts, day, self._batch.city.rules(on), self._batch.as_of)
        return PersonDay(self._fact, facts.unit, verdict)

    def case(self, on: date) -> tuple[DayFacts, Workday]:
        """Give what is known of one day of the posting, and what it obliges to."""
        city = self._batch.city
        shared = city.unit_day(self._unit, on)
        day = self._days[on] if self._days else city.workday(shared.unit.pattern, shared.zone, on)
        return self._day_facts(on, shared), day

    def _rostered_days(self, first: date, last: date) -> dict[date, Workday]:
        city = self._batch.city
        patterns = {
            on: city.units[posting.unit_code].pattern
            for posting in self._batch.rostered[self._fact.employee_id]
            for on in (first - _DAY, last + _DAY)
            if posting.start <= on < posting.end
        }
        pattern, zone = city.units[self._unit].pattern, city.zone(self._unit, first)
        return person_days(city.policy, pattern, zone, first, last, self._roster, patterns=patterns)

    def _day_facts(self, on: date, shared: UnitDay) -> DayFacts:
        valid = [row for row in self._enrolments if row.holds(on)]
        devices, not_in_use = _expected(valid, shared)
        punches = self._punches(on, shared)
        if self._batch.records.gaps:
            low, high = self._bounds(on, shared)
            day = LossyDay(low, high, valid, punches, has_gatherings=bool(self._batch.gatherings(self._unit, on)))
            devices = tuple(with_loss(device, self._batch.records.gaps.get(device.id, ()), day) for device in devices)
        papers = tuple(_paper(item) for item in self._papers if _covers(item, on)) if self._papers else ()
        return DayFacts(
            on=on,
            person=self._fact,
            unit=shared.unit,
            zone=shared.zone,
            enrolled=bool(valid),
            devices=devices,
            punches=punches,
            documents=papers + self._batch.unit_papers(self._unit, on),
            events=self._batch.gatherings(self._unit, on),
            not_in_use=not_in_use,
        )

    def _punches(self, on: date, shared: UnitDay) -> tuple[PunchFact, ...]:
        """Give the punches of the date, by the recorded time and by what a wrong clock means; with a roster, wider."""
        if not self._touches:
            return ()
        low, high = self._bounds(on, shared)
        near = self._touches[bisect_left(self._times, low) : bisect_left(self._times, high)]
        if self._astray:
            found = set(near)
            near += [touch for touch in self._astray if low <= touch.meant_at < high and touch not in found]
        return tuple(touch.punch for touch in near if self._is_mine(touch, on))

    def _bounds(self, on: date, shared: UnitDay) -> tuple[datetime, datetime]:
        low = datetime.combine(on, time(), shared.zone)
        high = low + _DAY
        if self._days:
            low, high = low - _DAY, high + _DAY
        return low.astimezone(UTC), high.astimezone(UTC)  # as the store's are: compared much faster

    def _is_mine(self, touch: _Touch, on: date) -> bool:
        """Whether the PIN meant this person on the date; one enrolled on the very device comes before all others."""
        if not touch.enrolment.holds(on):
            return False
        overruling = self._batch.records.overruled
        if touch.enrolment.device_id is not None or not overruling:
            return True
        rivals = overruling.get((touch.row.device_id, touch.enrolment.pin), ())
        return not any(rival.holds(on) for rival in rivals)

    def _touch(self, enrolment: EnrolmentRow, row: TouchRow) -> _Touch:
        device = self._batch.city.devices[row.device_id]
        offset = device.clock_offset_seconds if row.source == Source.LIVE else row.clock_offset_seconds
        punch = PunchFact(device, row.punched_at, row.received_at, Source(row.source), offset, row.backdated)
        return _Touch(enrolment, row, punch, row.punched_at - timedelta(seconds=offset or 0.0))


def _expected(valid: Sequence[EnrolmentRow], shared: UnitDay) -> tuple[tuple[DeviceFact, ...], tuple[DeviceFact, ...]]:
    """Give the devices that could hold the person's punch, and those that were not in use yet.

    They are the unit's, and others on which the person is enrolled by name. Where the unit's own were all not in use
    yet, or all that know the person's PIN, nobody can say what the person did: then none could hold it.
    """
    devices, not_in_use = shared.devices, shared.not_in_use
    named = {row.device_id for row in valid if row.device_id is not None}
    if named:
        own = {device.id for device in (*devices, *not_in_use)}
        elsewhere = sorted(named - own)
        devices = (*devices, *(shared.counting[key] for key in elsewhere if key in shared.counting))
        not_in_use = (*not_in_use, *(shared.idle[key] for key in elsewhere if key in shared.idle))
    unproven = shared.not_in_use and not shared.devices
    if not_in_use and (unproven or (valid and all(row.device_id in shared.idle for row in valid))):
        return (), not_in_use
    return devices, not_in_use


def _covers(document: ApprovedDocument, on: date) -> bool:
    return document.first_on <= on <= document.last_on


def _paper(row: ApprovedDocument) -> DocumentFact:
    return DocumentFact(
        id=row.id,
        kind=DocumentKind(row.kind),
        first_on=row.first_on,
        last_on=row.last_on,
        number=row.number,
        approved_at=row.approved_at,
        approved_by=row.approved_by,
        covers=_COVERS[row.covers],
        unit_wide=row.unit_code is not None,
        note=row.note,
    )


_COVERS: Mapping[str, Covers] = {"day": "day", "in": "in", "out": "out"}


def _event(row: Ceremony) -> EventFact:
    return EventFact(
        id=row.id,
        kind=EventKind(row.kind),
        on=row.on_date,
        opens_at=row.opens_at,
        closes_at=row.closes_at,
        name=row.name,
        basis=row.basis,
    )
