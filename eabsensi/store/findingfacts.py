"""What people's records show beside each other, added up by the database: days, meetings, journeys, corrections.

Rows only; what they mean is for ``discipline.findings`` to say. Every query reads the punches of the asked days once,
and never sends them: a day of a person is one row, and these come one after the other.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Connection, text

__all__ = [
    "CorrectionRow",
    "JourneyRow",
    "MemberRow",
    "PairRow",
    "PersonDayRow",
    "Stretch",
    "corrections_between",
    "journeys_between",
    "members",
    "pairs_between",
    "person_days",
]

_ROWS_AT_ONCE = 5_000


@dataclass(frozen=True, slots=True)
class Stretch:
    """The days that are looked at, ``last`` inclusive; ``zone`` is the city's.

    Attributes:
        first, last: the days.
        as_of: nothing that was received later is seen.
        zone: name of the city's time zone.

    """

    first: date
    last: date
    as_of: datetime
    zone: str

    @property
    def bounds(self) -> dict[str, Any]:
        """Give the bounds as constants, so that only the partitions concerned are planned and opened."""
        low, high = datetime.combine(self.first, time()), datetime.combine(self.last + timedelta(days=1), time())
        asked: dict[str, Any] = {"low": low, "high": high, "as_of": self.as_of, "zone": self.zone}
        return asked | {"first": self.first, "last": self.last}


class MemberRow(NamedTuple):
    """An employee, with the unit of the last posting that began by the last day."""

    id: int
    nip: str
    name: str
    unit: str


_MEMBERS = text("""
    SELECT e.id, e.nip, e.name, latest.unit_code
    FROM employee e JOIN LATERAL (
        SELECT unit_code FROM posting p WHERE p.employee_id = e.id AND lower(p.valid_during) <= :last
        ORDER BY lower(p.valid_during) DESC LIMIT 1
    ) latest ON true
    ORDER BY e.id
""")


def members(connection: Connection, last: date) -> dict[int, MemberRow]:
    """Give everybody who was ever posted, by id."""
    return {row.id: MemberRow(*row) for row in connection.execute(_MEMBERS, {"last": last})}


# A PIN on its own device outranks the same PIN on every device; both joins are hashed.
_TOUCH = """
    touch AS (
        SELECT coalesce(own.employee_id, everywhere.employee_id) AS employee_id, p.device_id, p.device_time,
               p.punched_at, p.verify_mode, p.clock_offset_seconds
        FROM punch p
        LEFT JOIN enrolment own ON own.device_id = p.device_id AND own.pin = p.pin
              AND own.valid_during @> CAST(p.device_time AS date)
        LEFT JOIN enrolment everywhere ON everywhere.device_id IS NULL AND everywhere.pin = p.pin
              AND everywhere.valid_during @> CAST(p.device_time AS date)
        WHERE p.device_time >= :low AND p.device_time < :high AND p.received_at <= :as_of
          AND (CAST(:employees AS bigint[]) IS NULL
               OR coalesce(own.employee_id, everywhere.employee_id) = ANY(CAST(:employees AS bigint[])))
          AND coalesce(own.employee_id, everywhere.employee_id) IS NOT NULL
    )
"""


class PersonDayRow(NamedTuple):
    """One person's records of one date, with what the day was judged to be; see ``discipline.findings.facts``."""

    employee_id: int
    on: date
    unit: str | None
    shift: bool
    first: datetime
    last: datetime
    records: int
    password: int
    card: int
    midday: bool
    midnight: list[datetime] | None
    status: str | None
    codes: list[str] | None
    closed_before: datetime | None


# Verify modes as terminals write them (reference, protocol §3): 0 is a password, 2 to 4 a card.
_DAYS = text(f"""
    WITH {_TOUCH}, day AS (
        SELECT employee_id, CAST(device_time AS date) AS on_date, min(device_time) AS first_at,
               max(device_time) AS last_at, count(*) AS records,
               count(*) FILTER (WHERE verify_mode = 0) AS password,
               count(*) FILTER (WHERE verify_mode IN (2, 3, 4)) AS card,
               bool_or(CAST(device_time AS time) >= :opens AND CAST(device_time AS time) < :closes) AS midday,
               array_agg(device_time ORDER BY device_time) FILTER (
                   WHERE CAST(device_time AS time) < :after_midnight OR CAST(device_time AS time) >= :before_midnight
               ) AS midnight
        FROM touch GROUP BY 1, 2
    )
    SELECT day.employee_id, day.on_date, posting.unit_code,
           coalesce(unit.pattern = 'shift', false) OR EXISTS (
               SELECT FROM roster r
               WHERE r.employee_id = day.employee_id AND r.on_date BETWEEN day.on_date - 1 AND day.on_date),
           day.first_at, day.last_at, day.records, day.password, day.card, day.midday, day.midnight,
           v.status, v.codes, before.out_at AT TIME ZONE coalesce(unit.timezone, :zone)
    FROM day
    LEFT JOIN posting ON posting.employee_id = day.employee_id AND posting.valid_during @> day.on_date
    LEFT JOIN unit ON unit.code = posting.unit_code
    LEFT JOIN verdict v ON v.employee_id = day.employee_id AND v.on_date = day.on_date
    LEFT JOIN verdict before ON before.employee_id = day.employee_id AND before.on_date = day.on_date - 1
         AND before.out_at AT TIME ZONE coalesce(unit.timezone, :zone) >= CAST(day.on_date AS timestamp)
    ORDER BY day.employee_id, day.on_date
""")  # noqa: S608  made of constants


def person_days(
    connection: Connection,
    stretch: Stretch,
    employees: Collection[int] | None,
    *,
    midday: tuple[time, time],
    midnight_seconds: int,
) -> Iterator[PersonDayRow]:
    """Give the days with records, by employee and date; they come as they are read, not all at once.

    Args:
        connection: an open transaction.
        stretch: the days.
        employees: who; None is everybody.
        midday: from when until before when a record lies at midday.
        midnight_seconds: how close to midnight a record lies at it.

    """
    midnight = datetime.combine(stretch.first, time())
    margin = timedelta(seconds=midnight_seconds)
    asked = stretch.bounds | {
        "employees": _listed(employees),
        "opens": midday[0],
        "closes": midday[1],
        "after_midnight": (midnight + margin).time(),
        "before_midnight": (midnight - margin).time(),
    }
    rows = connection.execute(_DAYS, asked, execution_options={"yield_per": _ROWS_AT_ONCE})
    return (PersonDayRow(*row) for row in rows)


class PairRow(NamedTuple):
    """Two employees who met often, the lower id first; the lists run side by side, in the order of time."""

    first: int
    second: int
    at: list[datetime]
    seconds: list[int]
    forward: list[bool | None]
    device: list[int]


# Neighbours in a terminal's line, three at most; a finger that was felt twice stands in it once.
_PAIRS = text(f"""
    WITH {_TOUCH}, felt AS (
        SELECT device_id, employee_id, device_time,
               lag(device_time) OVER (PARTITION BY device_id, employee_id ORDER BY device_time) AS own
        FROM touch
    ), line AS (
        SELECT device_id, employee_id, device_time,
               lead(employee_id, 1) OVER w AS who1, lead(device_time, 1) OVER w AS at1,
               lead(employee_id, 2) OVER w AS who2, lead(device_time, 2) OVER w AS at2,
               lead(employee_id, 3) OVER w AS who3, lead(device_time, 3) OVER w AS at3
        FROM felt WHERE own IS NULL OR device_time - own > interval '1 minute'
        WINDOW w AS (PARTITION BY device_id ORDER BY device_time, employee_id)
    ), near AS (
        SELECT device_id, device_time, least(employee_id, who) AS one, greatest(employee_id, who) AS other,
               CAST(extract(epoch FROM at - device_time) AS integer) AS seconds,
               CASE WHEN at > device_time THEN employee_id < who END AS forward
        FROM line CROSS JOIN LATERAL (VALUES (who1, at1), (who2, at2), (who3, at3)) AS next (who, at)
        WHERE who <> employee_id AND at - device_time <= make_interval(secs => :within)
    )
    SELECT one, other, array_agg(device_time ORDER BY device_time), array_agg(seconds ORDER BY device_time),
           array_agg(forward ORDER BY device_time), array_agg(device_id ORDER BY device_time)
    FROM near GROUP BY one, other HAVING count(DISTINCT CAST(device_time AS date)) >= :days
    ORDER BY one, other
""")  # noqa: S608  made of constants


def pairs_between(
    connection: Connection, stretch: Stretch, employees: Collection[int] | None, *, within_seconds: int, days: int
) -> list[PairRow]:
    """Give the pairs that were within some seconds of each other on one terminal on so many days."""
    asked = stretch.bounds | {"employees": _listed(employees), "within": within_seconds, "days": days}
    return [PairRow(*row) for row in connection.execute(_PAIRS, asked)]


class JourneyRow(NamedTuple):
    """Two records of one person on terminals of two units; times by the city's zone, wrong clocks put right."""

    employee_id: int
    at: datetime
    serial: str
    next_at: datetime
    next_serial: str


_JOURNEYS = text(f"""
    WITH {_TOUCH}, placed AS (
        SELECT t.employee_id, d.serial, d.unit_code,
               t.punched_at - coalesce(t.clock_offset_seconds, 0) * interval '1 second' AS at
        FROM touch t JOIN device d ON d.id = t.device_id
    ), step AS (
        SELECT employee_id, at, serial, unit_code, lead(at) OVER w AS next_at, lead(serial) OVER w AS next_serial,
               lead(unit_code) OVER w AS next_unit
        FROM placed WINDOW w AS (PARTITION BY employee_id ORDER BY at, serial)
    )
    SELECT employee_id, date_trunc('second', at AT TIME ZONE :zone), serial,
           date_trunc('second', next_at AT TIME ZONE :zone), next_serial
    FROM step WHERE next_unit <> unit_code AND next_at - at < make_interval(mins => :minutes)
    ORDER BY employee_id, at
""")  # noqa: S608  made of constants


def journeys_between(connection: Connection, stretch: Stretch, *, minutes: int) -> list[JourneyRow]:
    """Give everybody's records on terminals of two units within some minutes."""
    asked = stretch.bounds | {"employees": None, "minutes": minutes}
    return [JourneyRow(*row) for row in connection.execute(_JOURNEYS, asked)]


class CorrectionRow(NamedTuple):
    """A correction by paper; ``own``: an account of the very employee filed or approved it."""

    employee_id: int
    on: date
    kind: str
    number: str
    filed_by: str
    filed_at: datetime
    own: bool
    hours_before_close: float | None


_CORRECTIONS = text("""
    SELECT d.employee_id, d.first_on, d.kind, d.number, d.filed_by, d.filed_at AT TIME ZONE :zone,
           EXISTS (
               SELECT FROM account a WHERE a.employee_id = d.employee_id AND (
                   a.username = d.filed_by OR EXISTS (
                       SELECT FROM document_change c
                       WHERE c.document_id = d.id AND c.action = 'approve' AND c.by = a.username))),
           CAST((SELECT extract(epoch FROM min(period.at) - d.filed_at) / 3600 FROM posting p
             JOIN period ON period.unit_code = p.unit_code AND period.month = date_trunc('month', d.first_on)
             WHERE p.employee_id = d.employee_id AND p.valid_during @> d.first_on
               AND period.state = 'closed' AND period.at >= d.filed_at) AS double precision)
    FROM document d
    WHERE d.employee_id IS NOT NULL AND d.kind = ANY(CAST(:kinds AS text[])) AND d.revoked_at IS NULL
      AND d.first_on BETWEEN :first AND :last AND d.filed_at <= :as_of
    ORDER BY d.filed_at, d.id
""")


def corrections_between(connection: Connection, stretch: Stretch, kinds: Collection[str]) -> list[CorrectionRow]:
    """Give the papers of these kinds that correct a day of the stretch and stand, of the whole city."""
    rows = connection.execute(_CORRECTIONS, stretch.bounds | {"kinds": list(kinds)})
    return [CorrectionRow(*row) for row in rows]


def _listed(employees: Collection[int] | None) -> list[int] | None:
    return None if employees is None else list(employees)
