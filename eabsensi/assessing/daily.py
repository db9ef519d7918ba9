"""Judge a day of a unit or of the whole city by what was known at an instant."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from eabsensi.discipline.coverage import Coverage
from eabsensi.discipline.facts import DayFacts, DeviceFact, PersonFact, PunchFact, Source, UnitFact
from eabsensi.discipline.judge import judge_day
from eabsensi.discipline.reasons import NoDevice, Reason
from eabsensi.discipline.rules import AttendanceRules, attendance_rules
from eabsensi.discipline.verdict import Verdict
from eabsensi.discipline.workday import Workday, workday
from eabsensi.errors import UsageError
from eabsensi.law.policy import Policy
from eabsensi.store.connection import Connection
from eabsensi.store.facts import DayRecords, DeviceRow, TouchRow, load_day
from eabsensi.store.people import Unit, load_units

_DAY = timedelta(days=1)


class UnknownUnitError(UsageError):
    """There is no such unit."""


@dataclass(frozen=True, slots=True)
class PersonDay:
    """One verdict row: who, in which unit, and what the day was."""

    person: PersonFact
    unit: UnitFact
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class DayAssessment:
    """A day judged.

    Attributes:
        on: the date.
        as_of: the instant whose knowledge was used.
        unit: the unit asked for, with all units below it; None for the whole city.
        rows: a verdict per person, by unit and name.
        unit_devices: unit code to the devices that its people are expected to use.
        unit_notes: unit code to what keeps its day open and what is wrong with its devices; nothing for a day off.
        zone: the time zone of the unit asked for, or of the city.

    """

    on: date
    as_of: datetime
    unit: UnitFact | None
    rows: tuple[PersonDay, ...]
    unit_devices: Mapping[str, tuple[DeviceFact, ...]]
    unit_notes: Mapping[str, tuple[Reason, ...]]
    zone: ZoneInfo


def assess_day(
    connection: Connection, policy: Policy, on: date, *, as_of: datetime, unit: str | None = None
) -> DayAssessment:
    """Judge a date for everybody with a posting on it.

    Args:
        connection: an open transaction of the store.
        policy: the law.
        on: the date.
        as_of: the instant whose knowledge is used, timezone-aware.
        unit: code of a unit; its people and those of all units below it. None is the whole city.

    Raises:
        UnknownUnitError: there is no such unit.

    """
    units = load_units(connection)
    if unit is not None and unit not in units:
        raise _unknown(unit, units)
    city = _City(policy, on, units)
    codes = [code for code in units if unit is None or unit in city.ancestry(code)]
    starts = [datetime.combine(on, time(), city.zone(code)) for code in codes] or [as_of]
    records = load_day(connection, on, codes, as_of, first_at=min(starts), last_at=max(starts) + _DAY)
    return _Assessor(city, records, as_of).assess(unit, codes)


def _unknown(code: str, units: Mapping[str, Unit]) -> UnknownUnitError:
    near = difflib.get_close_matches(code, units, n=1)
    remedy = f"Did you mean {near[0]}?" if near else "See `eabsensi unit list`."
    return UnknownUnitError(f"There is no unit {code}.", remedy=remedy)


class _City:
    """The organisation tree on one date, with the zone and workday of each unit."""

    def __init__(self, policy: Policy, on: date, units: Mapping[str, Unit]) -> None:
        self.policy = policy
        self.on = on
        self.units = units
        self._workdays: dict[tuple[str, str], Workday] = {}

    def ancestry(self, code: str) -> list[str]:
        """Give the unit and those above it, nearest first; a circle in the tree ends where it closes."""
        found: list[str] = []
        step: str | None = code
        while step is not None and step in self.units and step not in found:
            found.append(step)
            step = self.units[step].parent
        return found

    def zone(self, code: str) -> ZoneInfo:
        """Give the unit's own zone, else its nearest ancestor's, else the policy's."""
        named = (self.units[unit].timezone for unit in self.ancestry(code))
        return ZoneInfo(next((zone for zone in named if zone), None) or self.policy.timezone.on(self.on).value)

    def workday(self, code: str) -> Workday:
        """Give what the date obliges the unit's people to; worked out once per pattern and zone."""
        pattern, zone = self.units[code].pattern, self.zone(code)
        if (pattern, zone.key) not in self._workdays:
            self._workdays[pattern, zone.key] = workday(self.policy, pattern, zone, self.on)
        return self._workdays[pattern, zone.key]

    def unit_fact(self, code: str) -> UnitFact:
        """Give the unit as a frozen value."""
        unit = self.units[code]
        return UnitFact(unit.code, unit.name, unit.pattern, unit.timezone)


@dataclass(frozen=True, slots=True)
class _UnitDay:
    """What everybody of one unit shares on the date; ``counting`` are the devices that could hold any punch of it."""

    unit: UnitFact
    zone: ZoneInfo
    workday: Workday
    devices: tuple[DeviceFact, ...]
    counting: Mapping[int, DeviceFact]


class _Assessor:
    """Turns the records of a day into facts, and the facts into verdicts."""

    def __init__(self, city: _City, records: DayRecords, as_of: datetime) -> None:
        self._city = city
        self._records = records
        self._as_of = as_of
        self._facts = {row.id: _device_fact(row) for row in records.devices}

    def assess(self, unit: str | None, codes: list[str]) -> DayAssessment:
        """Judge everybody of the units ``codes``."""
        rules = attendance_rules(self._city.policy, self._city.on)
        units = {code: self._unit_day(code) for code in codes}
        rows = []
        for record in self._records.people:
            shared, person = units[record.unit_code], PersonFact(*record[:6])
            verdict = judge_day(self._day_facts(person, shared), shared.workday, rules, self._as_of)
            rows.append(PersonDay(person, shared.unit, verdict))
        return DayAssessment(
            on=self._city.on,
            as_of=self._as_of,
            unit=units[unit].unit if unit else None,
            rows=tuple(rows),
            unit_devices={code: shared.devices for code, shared in units.items()},
            unit_notes={code: self._notes(shared, rules) for code, shared in units.items()},
            zone=units[unit].zone if unit else ZoneInfo(self._city.policy.timezone.on(self._city.on).value),
        )

    def _notes(self, shared: _UnitDay, rules: AttendanceRules) -> tuple[Reason, ...]:
        span = shared.workday.span
        if span is None:
            return (shared.workday.reason,) if shared.workday.reason else ()
        coverage = Coverage(shared.devices, self._as_of, rules.clock_tolerance_seconds)
        missing = () if shared.devices else (NoDevice(shared.unit.name),)
        return (*missing, *coverage.gaps(span, shared.zone), *coverage.wrong_clocks())

    def _unit_day(self, code: str) -> _UnitDay:
        zone = self._city.zone(code)
        counting = self._counting(zone)
        devices: tuple[DeviceFact, ...] = ()
        for unit in self._city.ancestry(code):  # a unit without a device of its own uses those of the one above
            devices = devices or tuple(device for device in counting.values() if device.unit_code == unit)
        return _UnitDay(self._city.unit_fact(code), zone, self._city.workday(code), devices, counting)

    def _counting(self, zone: ZoneInfo) -> dict[int, DeviceFact]:
        """Give the devices that could hold a punch of the day: enabled, or disabled only after it began."""
        starts = datetime.combine(self._city.on, time(), zone)
        rows = (row for row in self._records.devices if row.enabled or (row.disabled_at and row.disabled_at > starts))
        return {row.id: self._facts[row.id] for row in rows}

    def _day_facts(self, person: PersonFact, shared: _UnitDay) -> DayFacts:
        enrolled = self._records.enrolments.get(person.employee_id, set())
        own = {device.id for device in shared.devices}
        elsewhere = sorted(key for key in enrolled if key is not None and key in shared.counting and key not in own)
        touches = self._records.touches.get(person.employee_id, [])
        return DayFacts(
            on=self._city.on,
            person=person,
            unit=shared.unit,
            zone=shared.zone,
            enrolled=bool(enrolled),
            devices=(*shared.devices, *(shared.counting[key] for key in elsewhere)),
            punches=tuple(self._punch(touch) for touch in touches),
        )

    def _punch(self, touch: TouchRow) -> PunchFact:
        device = self._facts[touch.device_id]
        live = touch.source == Source.LIVE
        offset = device.clock_offset_seconds if live else touch.clock_offset_seconds
        return PunchFact(device, touch.punched_at, touch.received_at, Source(touch.source), offset)


def _device_fact(row: DeviceRow) -> DeviceFact:
    return DeviceFact(
        id=row.id,
        serial=row.serial,
        name=row.name,
        unit_code=row.unit_code,
        complete_through=row.complete_through,
        last_outcome=row.last_outcome,
        last_error=row.last_error,
        clock_offset_seconds=row.clock_offset_seconds,
    )
