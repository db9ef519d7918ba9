"""Everything that judging a day needs, in a handful of set-based queries, as it was known at an instant.

Rows only: what they mean is for `assessing` and `discipline` to say. ``as_of`` makes an old report repeatable: polls,
punches and events that came later are not seen.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, text

_NEAR = timedelta(days=2)


class PersonRow(NamedTuple):
    """A person with the unit of the posting on the day."""

    employee_id: int
    nip: str
    name: str
    kind: str
    rank: str
    position: str
    unit_code: str


class DeviceRow(NamedTuple):
    """A device with what its polls until ``as_of`` told; the offsets (device minus server) are those around the day."""

    id: int
    serial: str
    name: str
    unit_code: str
    timezone: str
    enabled: bool
    disabled_at: datetime | None
    complete_through: datetime | None
    last_outcome: str | None
    last_error: str | None
    clock_offset_seconds: float | None
    lowest_offset: float | None
    highest_offset: float | None


class TouchRow(NamedTuple):
    """A punch, or an event heard live (source ``live``) that the log has not been read past, of one person."""

    employee_id: int
    device_id: int
    punched_at: datetime
    received_at: datetime
    source: str
    clock_offset_seconds: float | None


@dataclass(frozen=True, slots=True)
class DayRecords:
    """What the store holds about a date.

    Attributes:
        people: those with a posting on the date in the units asked for, by unit and name.
        devices: every device, disabled ones too, by serial.
        enrolments: employee id to the ids of the devices on which a PIN means that person; None is every device.
        touches: employee id to the punches and events around the date.

    """

    people: list[PersonRow]
    devices: list[DeviceRow]
    enrolments: dict[int, set[int | None]]
    touches: dict[int, list[TouchRow]]


class _Window(NamedTuple):
    """A stretch of one device's local wall clock in which punches of the day may be recorded."""

    device_id: int
    low: datetime
    high: datetime
    complete_through: datetime | None


def load_day(
    connection: Connection,
    on: date,
    units: Sequence[str],
    as_of: datetime,
    *,
    first_at: datetime,
    last_at: datetime,
) -> DayRecords:
    """Load the people, devices, enrolments and punches of a date.

    Args:
        connection: an open transaction.
        on: the date; postings and enrolments are those valid on it.
        units: codes of the units whose people are wanted.
        as_of: nothing that became known later is seen.
        first_at: start of the date in the earliest time zone of these units.
        last_at: end of the date in the latest time zone of these units.

    """
    people = _load_people(connection, on, units)
    devices = _load_devices(connection, as_of, first_at, last_at)
    employees = [person.employee_id for person in people]
    enrolments: dict[int, set[int | None]] = defaultdict(set)
    for employee_id, device_id in connection.execute(_ENROLMENTS, {"ids": employees, "on": on}):
        enrolments[employee_id].add(device_id)
    touches: dict[int, list[TouchRow]] = defaultdict(list)
    for windows in _grouped(_windows(devices, first_at, last_at), first_at, last_at):
        for touch in _load_touches(connection, on, employees, windows, as_of):
            touches[touch.employee_id].append(touch)
    return DayRecords(people, devices, dict(enrolments), dict(touches))


def _load_people(connection: Connection, on: date, units: Sequence[str]) -> list[PersonRow]:
    rows = connection.execute(
        text("""
            SELECT e.id, e.nip, e.name, e.kind, e.rank, e.position, p.unit_code
            FROM posting p JOIN employee e ON e.id = p.employee_id
            WHERE p.valid_during @> CAST(:on AS date) AND p.unit_code = ANY(CAST(:units AS text[]))
            ORDER BY p.unit_code, e.name, e.nip
        """),
        {"on": on, "units": list(units)},
    )
    return [PersonRow(*row) for row in rows]


def _load_devices(connection: Connection, as_of: datetime, first_at: datetime, last_at: datetime) -> list[DeviceRow]:
    """Load every device with its coverage and clock; each lookup is one step in the index on (device, finished_at)."""
    rows = connection.execute(
        text("""
            SELECT d.id, d.serial, d.name, d.unit_code, d.timezone, d.enabled, d.disabled_at,
                   read.complete_through, last.outcome, last.error, clock.clock_offset_seconds,
                   around.lowest, around.highest
            FROM device d
            LEFT JOIN LATERAL (SELECT complete_through FROM poll
                WHERE device_id = d.id AND finished_at <= :as_of AND complete_through IS NOT NULL
                ORDER BY finished_at DESC LIMIT 1) read ON true
            LEFT JOIN LATERAL (SELECT outcome, error FROM poll
                WHERE device_id = d.id AND finished_at <= :as_of
                ORDER BY finished_at DESC, id DESC LIMIT 1) last ON true
            LEFT JOIN LATERAL (SELECT clock_offset_seconds FROM poll
                WHERE device_id = d.id AND finished_at <= :as_of AND clock_offset_seconds IS NOT NULL
                ORDER BY finished_at DESC LIMIT 1) clock ON true
            LEFT JOIN LATERAL (SELECT min(clock_offset_seconds) AS lowest, max(clock_offset_seconds) AS highest
                FROM poll WHERE device_id = d.id
                AND finished_at BETWEEN :first_at AND least(:as_of, :last_at)) around ON true
            ORDER BY d.serial
        """),
        {"as_of": as_of, "first_at": first_at, "last_at": last_at + timedelta(days=1)},
    )
    return [DeviceRow(*row) for row in rows]


_ENROLMENTS = text("""
    SELECT employee_id, device_id FROM enrolment
    WHERE employee_id = ANY(CAST(:ids AS bigint[])) AND valid_during @> CAST(:on AS date)
""")

# A PIN enrolled on one device means that person there, whatever it means everywhere else.
_TOUCHES = text("""
    WITH place AS (
        SELECT * FROM unnest(CAST(:devices AS integer[]), CAST(:lows AS timestamp[]), CAST(:highs AS timestamp[]),
                             CAST(:throughs AS timestamptz[])) AS place (device_id, low, high, complete_through)
    ), mine AS (
        SELECT employee_id, device_id, pin FROM enrolment
        WHERE employee_id = ANY(CAST(:ids AS bigint[])) AND valid_during @> CAST(:on AS date)
    ), touch AS (
        SELECT p.device_id, p.pin, p.punched_at, p.received_at, p.source, p.clock_offset_seconds
        FROM place JOIN punch p
          ON p.device_id = place.device_id AND p.device_time >= place.low AND p.device_time < place.high
        WHERE p.device_time >= :low AND p.device_time < :high AND p.received_at <= :as_of
        UNION ALL
        SELECT v.device_id, v.pin, v.punched_at, v.heard_at, 'live', NULL
        FROM place JOIN live_event v
          ON v.device_id = place.device_id AND v.device_time >= place.low AND v.device_time < place.high
        WHERE v.heard_at <= :as_of AND (place.complete_through IS NULL OR v.heard_at > place.complete_through)
          AND NOT EXISTS (SELECT FROM punch p WHERE p.device_id = v.device_id AND p.pin = v.pin
                          AND p.device_time = v.device_time AND p.received_at <= :as_of)
    )
    SELECT DISTINCT mine.employee_id, touch.device_id, touch.punched_at, touch.received_at, touch.source,
           touch.clock_offset_seconds
    FROM touch JOIN mine ON mine.pin = touch.pin
    WHERE mine.device_id = touch.device_id
       OR (mine.device_id IS NULL AND NOT EXISTS (
            SELECT FROM enrolment own WHERE own.device_id = touch.device_id AND own.pin = touch.pin
            AND own.valid_during @> CAST(:on AS date)))
""")


def _load_touches(
    connection: Connection, on: date, employees: Sequence[int], windows: Sequence[_Window], as_of: datetime
) -> Iterable[TouchRow]:
    if not windows or not employees:
        return []
    devices, lows, highs, throughs = (list(column) for column in zip(*windows, strict=True))
    rows = connection.execute(
        _TOUCHES,
        {
            "devices": devices,
            "lows": lows,
            "highs": highs,
            "throughs": throughs,
            "ids": list(employees),
            "on": on,
            "as_of": as_of,
            # the outer bounds as constants, so that only the partitions concerned are planned and opened
            "low": min(lows),
            "high": max(highs),
        },
    )
    return [TouchRow(*row) for row in rows]


def _windows(devices: Iterable[DeviceRow], first_at: datetime, last_at: datetime) -> list[_Window]:
    """Give where punches of the day may stand on each device: by the right time, and by its own clock."""
    found: list[_Window] = []
    for device in devices:
        zone = ZoneInfo(device.timezone)
        low, high = (at.astimezone(zone).replace(tzinfo=None) for at in (first_at, last_at))
        measured = (device.lowest_offset, device.highest_offset, device.clock_offset_seconds)
        shifts = sorted({0.0, *(offset for offset in measured if offset)})
        merged: list[_Window] = []
        for shift in (timedelta(seconds=seconds) for seconds in shifts):
            if merged and low + shift <= merged[-1].high:
                merged[-1] = merged[-1]._replace(high=high + shift)
            else:
                merged.append(_Window(device.id, low + shift, high + shift, device.complete_through))
        found += merged
    return found


def _grouped(windows: Iterable[_Window], first_at: datetime, last_at: datetime) -> list[list[_Window]]:
    """Put the windows around the day into one query; a clock years off gets its own, to keep the bounds narrow."""
    near: list[_Window] = []
    far: list[list[_Window]] = []
    low, high = (at.replace(tzinfo=None) for at in (first_at - _NEAR, last_at + _NEAR))
    for window in windows:
        if low <= window.low and window.high <= high:
            near.append(window)
        else:
            far.append([window])
    return [near, *far]
