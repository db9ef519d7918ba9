"""The organisation tree as judging needs it: zones, workdays and devices of each unit on each date, worked out once."""

from __future__ import annotations

import difflib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from eabsensi.discipline.facts import DeviceFact, UnitFact
from eabsensi.discipline.rules import AttendanceRules, attendance_rules
from eabsensi.discipline.workday import Workday, workday
from eabsensi.errors import UsageError
from eabsensi.law.policy import Policy
from eabsensi.store.facts import DeviceRow
from eabsensi.store.people import Unit


class UnknownUnitError(UsageError):
    """There is no such unit."""


@dataclass(frozen=True, slots=True)
class UnitDay:
    """What everybody of one unit shares on a date.

    Attributes:
        unit: the unit.
        zone: its time zone.
        devices: those that its people are expected to use.
        counting: every device that could hold a punch of the date.
        not_in_use: those that its people were expected to use, were they not known to be in use only later.
        idle: every device that is known to be in use only later.

    """

    unit: UnitFact
    zone: ZoneInfo
    devices: tuple[DeviceFact, ...]
    counting: Mapping[int, DeviceFact]
    not_in_use: tuple[DeviceFact, ...]
    idle: Mapping[int, DeviceFact]


class City:
    """Units and devices as they were known at one instant."""

    def __init__(
        self,
        policy: Policy,
        units: Mapping[str, Unit],
        devices: Sequence[DeviceRow],
        let_go: frozenset[date] = frozenset(),
    ) -> None:
        """Take the units and the devices of one instant, and the months whose punches were let go."""
        self.policy = policy
        self.units = units
        self.device_rows = devices
        self.devices = {row.id: _device_fact(row) for row in devices}
        self.let_go = let_go
        self._ancestries: dict[str, tuple[str, ...]] = {}
        self._facts = {
            unit.code: UnitFact(unit.code, unit.name, unit.pattern, unit.timezone) for unit in units.values()
        }
        self._rules: dict[date, AttendanceRules] = {}
        self._workdays: dict[tuple[str, str, date], Workday] = {}
        self._unit_days: dict[tuple[str, date], UnitDay] = {}
        self._counting: dict[tuple[str, date], _Counting] = {}

    def require(self, code: str) -> None:
        """Make sure that there is a unit.

        Raises:
            UnknownUnitError: there is none.

        """
        if code not in self.units:
            near = difflib.get_close_matches(code, self.units, n=1)
            remedy = f"Did you mean {near[0]}?" if near else "See `eabsensi unit list`."
            raise UnknownUnitError(f"There is no unit {code}.", remedy=remedy)

    def below(self, code: str | None) -> list[str]:
        """Give the unit with all below it, by code; None is every unit."""
        return [unit for unit in self.units if code is None or code in self.ancestry(unit)]

    def ancestry(self, code: str) -> tuple[str, ...]:
        """Give the unit and those above it, nearest first; a circle in the tree ends where it closes."""
        if code not in self._ancestries:
            found: list[str] = []
            step: str | None = code
            while step is not None and step in self.units and step not in found:
                found.append(step)
                step = self.units[step].parent
            self._ancestries[code] = tuple(found)
        return self._ancestries[code]

    def zone(self, code: str, on: date) -> ZoneInfo:
        """Give the unit's own zone, else its nearest ancestor's, else the policy's."""
        named = (self.units[unit].timezone for unit in self.ancestry(code))
        return ZoneInfo(next((zone for zone in named if zone), None) or self.policy.timezone.on(on).value)

    def latest_date(self, at: datetime) -> date:
        """Give the date that it is at an instant in the easternmost zone of the city."""
        named = {unit.timezone for unit in self.units.values() if unit.timezone}
        zones = named | {self.policy.timezone.on(at.date()).value}
        return max(at.astimezone(ZoneInfo(zone)).date() for zone in zones)

    def rules(self, on: date) -> AttendanceRules:
        """Give the rules in force on a date."""
        if on not in self._rules:
            self._rules[on] = attendance_rules(self.policy, on)
        return self._rules[on]

    def workday(self, pattern: str, zone: ZoneInfo, on: date) -> Workday:
        """Give what a date obliges people without a roster to."""
        key = (pattern, zone.key, on)
        if key not in self._workdays:
            self._workdays[key] = workday(self.policy, pattern, zone, on)
        return self._workdays[key]

    def fact(self, code: str) -> UnitFact:
        """Give the unit itself, of whatever date."""
        return self._facts[code]

    def unit_day(self, code: str, on: date) -> UnitDay:
        """Give what everybody of a unit shares on a date."""
        found = self._unit_days.get((code, on))
        if found is None:
            found = self._unit_days[code, on] = self._make_unit_day(code, on)
        return found

    def _make_unit_day(self, code: str, on: date) -> UnitDay:
        zone = self.zone(code, on)
        counting = self._counting_on(zone, on)
        own: tuple[DeviceFact, ...] = ()
        for unit in self.ancestry(code):  # a unit without a device of its own uses those of the one above
            own = own or counting.by_unit.get(unit, ())
        devices = tuple(device for device in own if device.id in counting.devices)
        idle = tuple(device for device in own if device.id in counting.idle)
        return UnitDay(self._facts[code], zone, devices, counting.devices, idle, counting.idle)

    def _counting_on(self, zone: ZoneInfo, on: date) -> _Counting:
        """Give the devices that could hold a punch of the date: enabled, or disabled only after it began.

        Apart from them those that are not known to have been in use yet. They are their unit's all the same: what the
        terminal above it holds nothing of, its people may have shown at theirs, before its log begins.
        """
        key = (zone.key, on)
        if key not in self._counting:
            starts = datetime.combine(on, time(), zone)
            by_unit: dict[str, tuple[DeviceFact, ...]] = defaultdict(tuple)
            devices: dict[int, DeviceFact] = {}
            idle: dict[int, DeviceFact] = {}
            for row in self.device_rows:
                if row.enabled or (row.disabled_at and row.disabled_at > starts):
                    device = self.devices[row.id]
                    (devices if device.was_in_use(on) else idle)[row.id] = device
                    by_unit[row.unit_code] += (device,)
            self._counting[key] = _Counting(devices, idle, by_unit)
        return self._counting[key]


@dataclass(frozen=True, slots=True)
class _Counting:
    devices: Mapping[int, DeviceFact]
    idle: Mapping[int, DeviceFact]
    by_unit: Mapping[str, tuple[DeviceFact, ...]]


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
        trusted_through=row.trusted_through,
        in_use_from=row.in_use_from,
        use_stated=row.use_stated,
    )
