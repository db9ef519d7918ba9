"""Judge a day of a unit or of the whole city by what was known at an instant."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from eabsensi.assessing.city import City, UnitDay, UnknownUnitError
from eabsensi.assessing.ranges import PersonDay, judge_postings, load_city
from eabsensi.discipline.coverage import Coverage, without_devices
from eabsensi.discipline.facts import DeviceFact, UnitFact
from eabsensi.discipline.reasons import Reason
from eabsensi.law.policy import Policy
from eabsensi.sealing.heads import head_at
from eabsensi.store.connection import Connection
from eabsensi.store.facts import load_postings

__all__ = ["DayAssessment", "PersonDay", "UnknownUnitError", "assess_day"]


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
        ancestries: unit code to the units above it, nearest first.
        head: of the chain over the evidence as it is printed, at ``as_of``; None where nothing was sealed by then.

    """

    on: date
    as_of: datetime
    unit: UnitFact | None
    rows: tuple[PersonDay, ...]
    unit_devices: Mapping[str, tuple[DeviceFact, ...]]
    unit_notes: Mapping[str, tuple[Reason, ...]]
    zone: ZoneInfo
    ancestries: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    head: str | None = None


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
    city = load_city(connection, policy, as_of)
    if unit is not None:
        city.require(unit)
    codes = city.below(unit)
    postings = load_postings(connection, on, on, units=codes)
    units = {code: city.unit_day(code, on) for code in codes}
    return DayAssessment(
        on=on,
        as_of=as_of,
        unit=units[unit].unit if unit else None,
        rows=tuple(judge_postings(connection, city, postings, on, on, as_of=as_of)),
        unit_devices={code: shared.devices for code, shared in units.items()},
        unit_notes={code: _notes(city, shared, on, as_of) for code, shared in units.items()},
        zone=units[unit].zone if unit else ZoneInfo(policy.timezone.on(on).value),
        ancestries={code: city.ancestry(code) for code in codes},
        head=head_at(connection, as_of),
    )


def _notes(city: City, shared: UnitDay, on: date, as_of: datetime) -> tuple[Reason, ...]:
    day = city.workday(shared.unit.pattern, shared.zone, on)
    span = day.whole
    if span is None:
        return (day.reason,) if day.reason else ()
    coverage = Coverage(shared.devices, as_of, city.rules(on).clock_tolerance_seconds)
    missing = without_devices(shared.devices, shared.not_in_use, shared.unit.name)
    return (*missing, *coverage.gaps(span, shared.zone), *coverage.wrong_clocks())
