"""Everything that judging a stretch of days needs, in a handful of set-based queries, as it was known at an instant.

Rows only: what they mean is for `assessing` and `discipline` to say. ``as_of`` makes an old report repeatable: polls,
punches, events, papers and rosters that came later are not seen. The number of queries does not depend on how many
people and days are asked for.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Connection, text

from eabsensi.store.ceremonies import Ceremony, ceremonies_between
from eabsensi.store.deviceslots import SLOTTED
from eabsensi.store.documents import ApprovedDocument, approved_documents
from eabsensi.store.loggaps import LogGap, gaps_between
from eabsensi.store.rosters import Shifts, rosters_between

_PROBES_AT_MOST = 20_000  # more steps in the index than this cost more than reading the days of everybody
_DAY = timedelta(days=1)


class PersonRow(NamedTuple):
    """A person."""

    employee_id: int
    nip: str
    name: str
    kind: str
    rank: str
    position: str


class PostingRow(NamedTuple):
    """A person in a unit from ``start`` to before ``end``, within the days asked for."""

    person: PersonRow
    unit_code: str
    start: date
    end: date


class DeviceRow(NamedTuple):
    """A device with what its polls until ``as_of`` told; the offset is device minus server.

    ``trusted_through`` is the latest recorded time that any of them had surely read, each by the clock it measured.
    ``in_use_from`` is the date on which its log begins (where that was not known at ``as_of``, of its registration), or
    on which it came to its unit, if later; where ``use_stated``, the one from which a person says it is used.
    """

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
    trusted_through: datetime | None
    in_use_from: date
    use_stated: bool


class EnrolmentRow(NamedTuple):
    """A PIN that means a person from ``start`` to before ``end``; ``device_id`` None is every device."""

    id: int
    employee_id: int
    device_id: int | None
    pin: str
    start: date
    end: date | None

    def holds(self, on: date) -> bool:
        """Whether it is valid on a date."""
        return self.start <= on and (self.end is None or on < self.end)


class TouchRow(NamedTuple):
    """A punch, or an event heard live (source ``live``) that the log has not been read past, of one enrolment.

    ``backdated``: a slow clock recorded it under a time up to which the log had already been read without it.
    """

    enrolment_id: int
    device_id: int
    punched_at: datetime
    received_at: datetime
    source: str
    clock_offset_seconds: float | None
    backdated: bool


@dataclass(frozen=True, slots=True)
class RangeRecords:
    """What the store holds about some people and days.

    Attributes:
        enrolments: employee id to enrolments that are valid on any of the days.
        overruled: (device, PIN) to the enrolments on that very device, which outrank one on every device.
        touches: employee id to punches and events around the days, each with its enrolment.
        rosters: employee id to shifts by date, one day more on either side.
        personal: employee id to approved documents.
        unit_wide: unit code to the approved documents of the unit and those below it.
        gaps: device to what it may have lost around the days, the earliest first.
        ceremonies: the gatherings.

    """

    enrolments: dict[int, list[EnrolmentRow]]
    overruled: dict[tuple[int, str], list[EnrolmentRow]]
    touches: dict[int, list[tuple[EnrolmentRow, TouchRow]]]
    rosters: dict[int, dict[date, Shifts]]
    personal: dict[int, list[ApprovedDocument]]
    unit_wide: dict[str, list[ApprovedDocument]]
    ceremonies: list[Ceremony]
    gaps: dict[int, list[LogGap]]


def load_postings(
    connection: Connection,
    first: date,
    last: date,
    *,
    units: Sequence[str] | None = None,
    employees: Collection[int] | None = None,
) -> list[PostingRow]:
    """Load who was where on the days from ``first`` to ``last``, inclusive, by unit, name and date.

    Args:
        connection: an open transaction.
        first: the first day.
        last: the last day.
        units: only postings in these units.
        employees: only postings of these people.

    """
    asked = {
        "first": first,
        "last": last,
        "units": None if units is None else list(units),
        "ids": None if employees is None else list(employees),
    }
    return [PostingRow(PersonRow(*row[:6]), *row[6:]) for row in connection.execute(_POSTINGS, asked)]


_POSTINGS = text("""
    SELECT e.id, e.nip, e.name, e.kind, e.rank, e.position, p.unit_code,
           greatest(lower(p.valid_during), CAST(:first AS date)),
           least(upper(p.valid_during), CAST(:last AS date) + 1)
    FROM posting p JOIN employee e ON e.id = p.employee_id
    WHERE p.valid_during && daterange(CAST(:first AS date), CAST(:last AS date), '[]')
      AND (CAST(:units AS text[]) IS NULL OR p.unit_code = ANY(CAST(:units AS text[])))
      AND (CAST(:ids AS bigint[]) IS NULL OR p.employee_id = ANY(CAST(:ids AS bigint[])))
    ORDER BY p.unit_code, e.name, e.nip, lower(p.valid_during)
""")


def load_devices(connection: Connection, as_of: datetime, tolerance_seconds: int) -> list[DeviceRow]:
    """Load every device, disabled ones too, by serial; each lookup is one step in an index.

    Only for a log that was read under a slow clock, the polls since the clock was right are looked through.
    """
    asked = {"as_of": as_of, "tolerance": tolerance_seconds}
    return [DeviceRow(*row) for row in connection.execute(_DEVICES, asked)]


_DEVICES = text("""
    SELECT d.id, d.serial, d.name, d.unit_code, d.timezone, d.enabled, d.disabled_at,
           read.complete_through, last.outcome, last.error, clock.clock_offset_seconds, trusted.trusted_through,
           CASE WHEN d.in_use_known_at <= :as_of AND d.in_use_since IS NOT NULL THEN d.in_use_since
                WHEN d.in_use_known_at <= :as_of AND d.in_use_from IS NOT NULL THEN greatest(d.in_use_from, d.moved_on)
                ELSE greatest(CAST(d.registered_at AT TIME ZONE d.timezone AS date), d.moved_on) END AS in_use_from,
           coalesce(d.in_use_known_at <= :as_of AND d.in_use_since IS NOT NULL, false) AS use_stated
    FROM device d
    LEFT JOIN LATERAL (SELECT complete_through, greatest(-clock_offset_seconds, 0) AS slow FROM poll
        WHERE device_id = d.id AND finished_at <= :as_of AND complete_through IS NOT NULL
        ORDER BY finished_at DESC LIMIT 1) read ON true
    LEFT JOIN LATERAL (SELECT outcome, error FROM poll
        WHERE device_id = d.id AND finished_at <= :as_of
        ORDER BY finished_at DESC, id DESC LIMIT 1) last ON true
    LEFT JOIN LATERAL (SELECT clock_offset_seconds FROM poll
        WHERE device_id = d.id AND finished_at <= :as_of AND clock_offset_seconds IS NOT NULL
        ORDER BY finished_at DESC LIMIT 1) clock ON true
    LEFT JOIN LATERAL (SELECT max(complete_through - CASE
            WHEN clock_offset_seconds < -CAST(:tolerance AS double precision)
            THEN -clock_offset_seconds * interval '1 second' ELSE interval '0' END) AS trusted_through FROM poll
        WHERE device_id = d.id AND finished_at <= :as_of AND complete_through IS NOT NULL
          AND finished_at >= read.complete_through - read.slow * interval '1 second') trusted ON true
    ORDER BY d.serial
""")


def load_range(
    connection: Connection,
    employees: Collection[int],
    first: date,
    last: date,
    *,
    as_of: datetime,
    devices: Sequence[DeviceRow],
) -> RangeRecords:
    """Load what was known about some people from ``first`` to ``last``, inclusive.

    Punches are those of the days and of one day on either side, for shifts over midnight and other time zones; and
    those that a wrong clock recorded anywhere, where by its measured offset they belong to these days.

    Args:
        connection: an open transaction.
        employees: who.
        first: the first day.
        last: the last day.
        as_of: nothing that became known later is seen.
        devices: all of them, of the same instant.

    """
    enrolments = _load_enrolments(connection, employees, first, last)
    documents = approved_documents(connection, employees, first, last, as_of)
    return RangeRecords(
        enrolments=_by(enrolments, lambda row: row.employee_id),
        overruled=_load_overruling(connection, enrolments, first, last),
        touches=_load_touches(connection, enrolments, _Stretch(first, last, as_of), devices),
        rosters=rosters_between(connection, employees, first - _DAY, last + _DAY, as_of),
        personal=_by((item for item in documents if item.unit_code is None), lambda item: item.employee_id),
        unit_wide=_by((item for item in documents if item.unit_code is not None), lambda item: item.unit_code),
        ceremonies=ceremonies_between(connection, first, last, as_of),
        gaps=gaps_between(connection, *_Stretch(first, last, as_of).instants, as_of),
    )


def _by(rows: Iterable[Any], key: Any) -> dict[Any, list[Any]]:
    found: dict[Any, list[Any]] = defaultdict(list)
    for row in rows:
        found[key(row)].append(row)
    return dict(found)


def _load_enrolments(connection: Connection, employees: Collection[int], first: date, last: date) -> list[EnrolmentRow]:
    asked = {"ids": list(employees), "first": first, "last": last}
    return [EnrolmentRow(*row) for row in connection.execute(_ENROLMENTS, asked)]


_ENROLMENTS = text("""
    SELECT id, employee_id, device_id, pin, coalesce(lower(valid_during), CAST('0001-01-01' AS date)),
           upper(valid_during)
    FROM enrolment
    WHERE employee_id = ANY(CAST(:ids AS bigint[]))
      AND valid_during && daterange(CAST(:first AS date), CAST(:last AS date), '[]')
""")


def _load_overruling(
    connection: Connection, enrolments: Sequence[EnrolmentRow], first: date, last: date
) -> dict[tuple[int, str], list[EnrolmentRow]]:
    """Load where a PIN that means a person on every device means somebody on one device in particular."""
    pins = sorted({row.pin for row in enrolments if row.device_id is None})
    rows = connection.execute(_OVERRULING, {"pins": pins, "first": first, "last": last}) if pins else ()
    return _by((EnrolmentRow(*row) for row in rows), lambda row: (row.device_id, row.pin))


_OVERRULING = text("""
    SELECT id, employee_id, device_id, pin, coalesce(lower(valid_during), CAST('0001-01-01' AS date)),
           upper(valid_during)
    FROM enrolment
    WHERE device_id IS NOT NULL AND pin = ANY(CAST(:pins AS text[]))
      AND valid_during && daterange(CAST(:first AS date), CAST(:last AS date), '[]')
""")


# --- punches and events --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Stretch:
    """The days whose punches are wanted, and the instant of knowledge."""

    first: date
    last: date
    as_of: datetime

    @property
    def instants(self) -> tuple[datetime, datetime]:
        """The outer bounds as instants, whatever the zone."""
        return self.bounds["low_at"], self.bounds["high_at"]

    @property
    def bounds(self) -> dict[str, Any]:
        """The outer bounds as constants, so that only the partitions concerned are planned and opened."""
        low, high = datetime.combine(self.first - _DAY, time()), datetime.combine(self.last + 2 * _DAY, time())
        low_at, high_at = low.replace(tzinfo=UTC), high.replace(tzinfo=UTC)
        return {"low": low, "high": high, "low_at": low_at, "high_at": high_at, "as_of": self.as_of}


def _load_touches(
    connection: Connection, enrolments: Sequence[EnrolmentRow], stretch: _Stretch, devices: Sequence[DeviceRow]
) -> dict[int, list[tuple[EnrolmentRow, TouchRow]]]:
    known = {row.id: row for row in enrolments}
    found: dict[int, list[tuple[EnrolmentRow, TouchRow]]] = defaultdict(list)
    if not enrolments or not devices:
        return {}
    asked = stretch.bounds | {
        "enrolments": [row.id for row in enrolments],
        "devices": [row.device_id for row in enrolments],
        "pins": [row.pin for row in enrolments],
        "every_device": [device.id for device in devices],
        "throughs": [device.complete_through for device in devices],
    }
    everywhere = sum(row.device_id is None for row in enrolments)
    few = everywhere * len(devices) + len(enrolments) <= _PROBES_AT_MOST
    if few:
        connection.execute(_ALONE)
    for query in (_FEW if few else _MANY, _WRONG_CLOCKS, _LIVE):
        for row in connection.execute(query, asked):
            touch = TouchRow(*row)
            enrolment = known[touch.enrolment_id]
            found[enrolment.employee_id].append((enrolment, touch))
    return found


# No statistics tell how rare wrong clocks are, so for a single person two more processes would be started to find
# nothing: ten times what the answer costs.
_ALONE = text("SELECT set_config('max_parallel_workers_per_gather', '0', true)")
_MINE = """
    WITH mine AS MATERIALIZED (
        SELECT * FROM unnest(CAST(:enrolments AS bigint[]), CAST(:devices AS integer[]), CAST(:pins AS text[]))
                      AS mine (enrolment_id, device_id, pin)
    )
"""
_TOUCH = "DISTINCT mine.enrolment_id, p.device_id, p.punched_at, p.received_at, p.source, p.clock_offset_seconds"
_BACKDATED = """
    p.clock_offset_seconds < -30 AND p.source = 'log' AND EXISTS (
        SELECT FROM poll WHERE poll.device_id = p.device_id AND poll.complete_through IS NOT NULL
        AND poll.finished_at > p.punched_at AND poll.finished_at < p.received_at
        AND poll.complete_through - greatest(-poll.clock_offset_seconds, 0) * interval '1 second' > p.punched_at)
"""

# Few people: a step in the index for each PIN on each device that it may have been used on.
_FEW = text(f"""
    {_MINE}, place AS MATERIALIZED (
        SELECT enrolment_id, device_id, pin FROM mine WHERE device_id IS NOT NULL
        UNION ALL
        SELECT mine.enrolment_id, every.device_id, mine.pin
        FROM mine, unnest(CAST(:every_device AS integer[])) AS every (device_id) WHERE mine.device_id IS NULL
    )
    SELECT {_TOUCH.replace("mine.", "place.")}, coalesce({_BACKDATED}, false) FROM place CROSS JOIN LATERAL (
        SELECT * FROM punch p WHERE p.device_id = place.device_id AND p.pin = place.pin
        AND p.device_time >= :low AND p.device_time < :high AND p.received_at <= :as_of OFFSET 0
    ) AS p
""")  # noqa: S608  made of constants

# Many people: the days of everybody are read once and matched.
_MANY = text(f"""
    {_MINE}
    SELECT {_TOUCH}, coalesce({_BACKDATED}, false) FROM mine JOIN punch p
      ON p.pin = mine.pin AND (mine.device_id IS NULL OR p.device_id = mine.device_id)
    WHERE p.device_time >= :low AND p.device_time < :high AND p.received_at <= :as_of
""")  # noqa: S608  made of constants

# What a clock that was wrong recorded under other dates: few rows, which have an index of their own.
_WRONG_CLOCKS = text(f"""
    {_MINE}
    SELECT {_TOUCH}, false FROM punch p JOIN mine
      ON p.pin = mine.pin AND (mine.device_id IS NULL OR p.device_id = mine.device_id)
    WHERE abs(p.clock_offset_seconds) > 30 AND p.received_at <= :as_of
      AND p.punched_at - p.clock_offset_seconds * interval '1 second' >= :low_at
      AND p.punched_at - p.clock_offset_seconds * interval '1 second' < :high_at
      AND NOT (p.device_time >= :low AND p.device_time < :high)
""")  # noqa: S608  made of constants

# An event may name the user id where the log names the slot: it counts only for whom both are the same.
_LIVE = text(f"""
    {_MINE}, place AS (
        SELECT * FROM unnest(CAST(:every_device AS integer[]), CAST(:throughs AS timestamptz[]))
                      AS place (device_id, complete_through)
    )
    SELECT DISTINCT mine.enrolment_id, v.device_id, v.punched_at, v.heard_at, 'live', CAST(NULL AS double precision),
           false
    FROM live_event v JOIN place ON place.device_id = v.device_id
    JOIN mine ON mine.pin = v.pin AND (mine.device_id IS NULL OR mine.device_id = v.device_id)
    WHERE v.heard_at <= :as_of AND (place.complete_through IS NULL OR v.heard_at > place.complete_through)
      AND ((v.device_time >= :low AND v.device_time < :high) OR (v.heard_at >= :low_at AND v.heard_at < :high_at))
      AND NOT EXISTS (SELECT FROM punch p WHERE p.device_id = v.device_id AND p.pin = v.pin
                      AND p.device_time = v.device_time AND p.received_at <= :as_of)
      AND NOT EXISTS (SELECT FROM device_log l WHERE l.device_id = v.device_id AND {SLOTTED} AND NOT EXISTS (
          SELECT FROM device_user u WHERE u.device_id = v.device_id AND u.pin = v.pin AND CAST(u.slot AS text) = u.pin))
""")  # noqa: S608  made of constants
