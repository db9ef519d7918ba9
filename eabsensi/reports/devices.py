"""The health of the terminals: when each was last read, up to when its log is complete, and what wants doing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from eabsensi.assessing.ranges import load_tree
from eabsensi.discipline.facts import UnitFact
from eabsensi.discipline.reasons import outcome_text
from eabsensi.law.policy import Policy
from eabsensi.law.wording import Language, full_date
from eabsensi.reports.device_words import advice
from eabsensi.reports.labels import label
from eabsensi.reports.paper import Cell, Column, Medium, Paper, Part, Setting, Subject, Table, Tint, Value
from eabsensi.reports.recap import percentage
from eabsensi.store.connection import Connection
from eabsensi.store.health import DeviceHealth, device_health


@dataclass(frozen=True, slots=True)
class DeviceRow:
    """One terminal and the unit that it stands in."""

    number: int
    unit: UnitFact
    health: DeviceHealth


@dataclass(frozen=True, slots=True)
class DevicesReport:
    """The terminals at one instant, ready for every rendering."""

    unit: UnitFact | None
    rows: tuple[DeviceRow, ...]
    setting: Setting

    keys: ClassVar[Sequence[str]] = (
        *("unit", "unit_name", "serial", "name", "enabled", "last_read_at", "last_poll_at", "outcome"),
        *("complete_through", "clock_offset_seconds", "records", "capacity", "filled_percent", "days_until_full"),
        *("failures", "todo"),
    )

    @property
    def subject(self) -> Subject:
        """The present, of a unit or the city."""
        return Subject("devices", self.setting.as_of.date().isoformat(), self.unit.code if self.unit else None)

    def title(self, language: Language) -> str:
        """Name it as its face does."""
        return label("devices_title", language)

    def paper_units(self) -> Sequence[str]:
        """Name no unit: the terminals stand in one list."""
        return ()

    def objects(self, language: Language) -> Iterator[Mapping[str, Any]]:
        """Give a row per terminal; instants are ISO 8601 in the report's zone, ``todo`` is in words."""
        return (self._object(row, language) for row in self.rows)

    def paper(self, medium: Medium, language: Language) -> Paper:
        """Lay it out."""
        setting = self.setting
        return Paper(
            stem=self.subject.stem,
            title=self.title(language),
            period=full_date(setting.as_of.date(), language),
            place=self.unit.name if self.unit else label("city", language),
            parts=(self._part(medium, language),) if self.rows else (),
            setting=setting,
            empty=label("no_device", language),
        )

    def _part(self, medium: Medium, language: Language) -> Part:
        wanting = sum(bool(advice(row.health, self.setting.as_of, language)) for row in self.rows)
        return Part(
            code="",
            title=self.unit.name if self.unit else label("city", language),
            state=(label("devices_state", language).format(count=len(self.rows), wanting=wanting),),
            heading="",
            notes=(),
            tables=tuple(self._tables(medium, language)),
            remarks=(label("devices_legend", language),),
            signed=False,
        )

    def _object(self, row: DeviceRow, language: Language) -> Mapping[str, Any]:
        health = row.health
        return {
            "unit": row.unit.code,
            "unit_name": row.unit.name,
            "serial": health.serial,
            "name": health.name,
            "enabled": health.enabled,
            "last_read_at": self._local(health.last_ok_at),
            "last_poll_at": self._local(health.last_poll_at),
            "outcome": health.last_outcome,
            "complete_through": self._local(health.complete_through),
            "clock_offset_seconds": rounded(health.clock_offset_seconds),
            "records": health.records_on_device,
            "capacity": health.record_capacity,
            "filled_percent": _filled(health),
            "days_until_full": rounded(health.days_until_full),
            "failures": health.failures,
            "todo": list(advice(health, self.setting.as_of, language)),
        }

    def _tables(self, medium: Medium, language: Language) -> Iterator[Table]:
        rows = tuple(self._cells(row, medium, language) for row in self.rows)
        yield Table(_columns(medium, language), rows, size=7.5, frozen_columns=2 if medium is Medium.SHEET else 0)
        if medium is Medium.SCREEN:
            todo = ((row.number, row.unit.name, self._todo(row.health, language)) for row in self.rows)
            columns = (
                *(Column(label("number", language), 2, "right"), Column(label("unit", language), 24)),
                Column(label("todo", language), 60),
            )
            yield Table(columns, tuple(line for line in todo if line[-1]))

    def _cells(self, row: DeviceRow, medium: Medium, language: Language) -> tuple[Value, ...]:
        health = row.health
        screen = medium is Medium.SCREEN
        return (
            row.number,
            health.serial,
            *(() if screen else (row.unit.name,)),
            health.name,
            outcome_text(health.last_outcome, language),
            *(self._local(at) for at in (health.last_ok_at, health.complete_through)),
            rounded(health.clock_offset_seconds),
            *(health.records_on_device, health.record_capacity, _filled(health)),
            rounded(health.days_until_full),
            health.failures,
            *(() if screen else (self._todo(health, language),)),
        )

    def _todo(self, health: DeviceHealth, language: Language) -> Value:
        todo = "; ".join(advice(health, self.setting.as_of, language))
        return Cell(todo, Tint.UNDETERMINED if health.enabled else Tint.OFF) if todo else ""

    def _local(self, at: datetime | None) -> datetime | None:
        return at.astimezone(self.setting.zone).replace(microsecond=0) if at else None


def devices_report(
    connection: Connection, policy: Policy, *, as_of: datetime, unit: str | None = None
) -> DevicesReport:
    """Make the report of the present.

    Args:
        connection: an open transaction of the store.
        policy: for the zone and the paper.
        as_of: the present instant, timezone-aware.
        unit: code of a unit; its terminals and those of the units below it. None is the whole city.

    Raises:
        UnknownUnitError: there is no such unit.

    """
    city = load_tree(connection, policy)
    if unit is not None:
        city.require(unit)
    codes, on = set(city.below(unit)), as_of.date()
    zone = city.zone(unit, on) if unit else ZoneInfo(policy.timezone.on(on).value)
    found = sorted(
        (health for health in device_health(connection) if health.unit_code in codes),
        key=lambda health: (health.unit_code, health.serial),
    )
    rows = tuple(DeviceRow(number, city.fact(health.unit_code), health) for number, health in enumerate(found, 1))
    ancestries = {code: city.ancestry(code) for code in codes}
    asked = city.fact(unit) if unit else None
    return DevicesReport(asked, rows, Setting.of(policy, as_of, zone, (), ancestries))


def rounded(number: float | None) -> int | None:
    """Give a whole number as HR reads it; halves go up."""
    return None if number is None else int(Decimal(str(number)).quantize(Decimal(1), ROUND_HALF_UP))


def _filled(health: DeviceHealth) -> Decimal | None:
    if health.records_on_device is None or not health.record_capacity:
        return None
    return percentage(health.records_on_device, health.record_capacity)


_FIGURES = (
    *(("clock_offset", "13mm"), ("records", "14mm"), ("capacity", "16mm"), ("filled", "12mm")),
    *(("days_until_full", "13mm"), ("failures", "14mm")),
)
_TIMES = ("last_read", "complete_through")
_SCREEN_WIDTHS = {"records": 7, "capacity": 8}


def _columns(medium: Medium, language: Language) -> tuple[Column, ...]:
    """Name the columns; in a terminal the unit is left out, and what to do stands below."""
    if medium is Medium.SCREEN:
        figures = (Column(label(key, language), _SCREEN_WIDTHS.get(key, 6), "right") for key, _ in _FIGURES)
        return (
            Column(label("number", language), 2, "right"),
            *(Column(label("serial", language), 13), Column(label("device", language), 12)),
            Column(label("status", language), 9),
            *(Column(label(key, language), 10) for key in _TIMES),
            *figures,
        )
    return (
        Column(label("number", language), 5, "right"),
        Column(label("serial", language), 18, share="27mm"),
        Column(label("unit", language), 34, share="38mm"),
        Column(label("device", language), 34, share="36mm"),
        Column(label("status", language), 20, share="20mm"),
        *(Column(label(key, language), 19, share="19mm") for key in _TIMES),
        *(Column(label(key, language), 11, "right", share) for key, share in _FIGURES),
        Column(label("todo", language), 70, share="1fr"),
    )
