"""What terminals' polls, logs and users show, added up by the database; rows for ``discipline.findings``.

Polls and punches are found by device and time. What comes back are days and single remarkable rows, never every poll.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, TextClause, text

from eabsensi.store.deviceslots import SLOTTED
from eabsensi.store.findingfacts import Stretch

__all__ = [
    "BackwardsRow",
    "ClockDayRow",
    "DeviceStretch",
    "FutureRow",
    "LateRow",
    "LossRow",
    "MassRow",
    "OutageRow",
    "StrangerRow",
    "TerminalRow",
    "UnknownUserRow",
    "clock_days",
    "future_rows",
    "late_rows",
    "losses",
    "masses",
    "outages",
    "steps_back",
    "strangers",
    "terminals",
    "unknown_users",
]

R = TypeVar("R", bound=tuple[Any, ...])


class TerminalRow(NamedTuple):
    """A device."""

    id: int
    serial: str
    name: str
    unit: str
    capacity: int | None


_TERMINALS = text("""
    SELECT id, serial, name, unit_code, record_capacity FROM device
    WHERE CAST(:units AS text[]) IS NULL OR unit_code = ANY(CAST(:units AS text[])) ORDER BY serial
""")


def terminals(connection: Connection, units: Collection[str] | None) -> dict[int, TerminalRow]:
    """Give the devices of some units, or all, by id."""
    asked = {"units": None if units is None else list(units)}
    return {row.id: TerminalRow(*row) for row in connection.execute(_TERMINALS, asked)}


class DeviceStretch(NamedTuple):
    """Some devices and days; ``tolerance_seconds`` is how wrong a clock may be."""

    connection: Connection
    devices: Collection[int]
    stretch: Stretch
    tolerance_seconds: int

    def ask(self, query: TextClause, kind: type[R], **more: Any) -> list[R]:
        """Ask one query; give its rows."""
        zone, margin = ZoneInfo(self.stretch.zone), timedelta(days=1)
        bounds = self.stretch.bounds
        asked = bounds | {
            "devices": list(self.devices),
            "low_at": bounds["low"].replace(tzinfo=zone),
            "high_at": min(bounds["high"].replace(tzinfo=zone), self.stretch.as_of),
            "earlier_at": bounds["low"].replace(tzinfo=zone) - margin,
            "tolerance": self.tolerance_seconds,
        }
        rows = self.connection.execute(query, asked | more)
        return [kind(*row) for row in rows]


class FutureRow(NamedTuple):
    """A record that lies after its own receipt."""

    device: int
    pin: str
    at: datetime
    ahead_seconds: int


_FUTURE = text("""
    SELECT device_id, pin, device_time, CAST(extract(epoch FROM punched_at - received_at) AS bigint) FROM punch
    WHERE device_id = ANY(CAST(:devices AS integer[])) AND received_at >= :low_at AND received_at < :high_at
      AND punched_at > received_at + make_interval(secs => :ahead)
    ORDER BY device_id, device_time, pin
""")


def future_rows(asked: DeviceStretch, ahead_seconds: int) -> list[FutureRow]:
    """Give records received in the stretch that lie so far after their receipt."""
    return asked.ask(_FUTURE, FutureRow, ahead=ahead_seconds)


class ClockDayRow(NamedTuple):
    """How wrong a clock was on a date, and its farthest jump."""

    device: int
    on: date
    wrong: int
    worst_seconds: float
    jump_at: datetime | None
    jump_from: float
    jump_to: float


_CLOCKS = text("""
    WITH measured AS (
        SELECT p.device_id, p.finished_at AT TIME ZONE d.timezone AS at, p.finished_at, p.clock_offset_seconds AS now,
               lag(p.clock_offset_seconds) OVER (PARTITION BY p.device_id ORDER BY p.finished_at) AS before
        FROM device d JOIN poll p ON p.device_id = d.id
        WHERE d.id = ANY(CAST(:devices AS integer[])) AND p.clock_offset_seconds IS NOT NULL
          AND p.finished_at >= :earlier_at AND p.finished_at < :high_at
    ), told AS (
        SELECT *, abs(now - before) AS jump FROM measured
        WHERE finished_at >= :low_at AND (abs(now) > :tolerance OR abs(now - before) >= :jump)
    )
    SELECT device_id, CAST(at AS date), count(*) FILTER (WHERE abs(now) > :tolerance),
           (array_agg(now ORDER BY abs(now) DESC))[1],
           (array_agg(at ORDER BY jump DESC) FILTER (WHERE jump >= :jump))[1],
           coalesce((array_agg(before ORDER BY jump DESC) FILTER (WHERE jump >= :jump))[1], 0),
           coalesce((array_agg(now ORDER BY jump DESC) FILTER (WHERE jump >= :jump))[1], 0)
    FROM told GROUP BY 1, 2 ORDER BY 1, 2
""")


def clock_days(asked: DeviceStretch, jump_seconds: int) -> list[ClockDayRow]:
    """Give the dates on which polls measured a wrong clock or one that had jumped."""
    return asked.ask(_CLOCKS, ClockDayRow, jump=jump_seconds)


class BackwardsRow(NamedTuple):
    """A reading whose records begin before the last one of the reading before."""

    device: int
    first: datetime
    before: datetime
    rows: int


_BACKWARDS = text("""
    WITH bunch AS (
        SELECT device_id, generation, poll_id, min(device_time) AS first, max(device_time) AS last, count(*) AS rows
        FROM punch
        WHERE device_id = ANY(CAST(:devices AS integer[])) AND device_time >= :low AND device_time < :high
          AND received_at <= :as_of AND source = 'log' AND poll_id IS NOT NULL
        GROUP BY 1, 2, 3
    ), following AS (
        SELECT *, lag(last) OVER (PARTITION BY device_id, generation ORDER BY poll_id) AS before FROM bunch
    )
    SELECT device_id, first, before, rows FROM following
    WHERE first <= before - make_interval(secs => :backwards) ORDER BY device_id, poll_id
""")


def steps_back(asked: DeviceStretch, backwards_seconds: int) -> list[BackwardsRow]:
    """Give the readings that begin so far before the end of the one before, in one log."""
    return asked.ask(_BACKWARDS, BackwardsRow, backwards=backwards_seconds)


class MassRow(NamedTuple):
    """Several PINs within one second."""

    device: int
    at: datetime
    pins: list[str]


_MASSES = text("""
    SELECT device_id, device_time, array_agg(DISTINCT pin) FROM punch
    WHERE device_id = ANY(CAST(:devices AS integer[])) AND device_time >= :low AND device_time < :high
      AND received_at <= :as_of
    GROUP BY device_id, device_time HAVING count(DISTINCT pin) >= :people ORDER BY device_id, device_time
""")


def masses(asked: DeviceStretch, people: int) -> list[MassRow]:
    """Give the seconds in which so many PINs recorded on one device."""
    return asked.ask(_MASSES, MassRow, people=people)


class LossRow(NamedTuple):
    """A poll that found fewer records than the one before."""

    device: int
    at: datetime
    before: int
    after: int


_LOSSES = text("""
    WITH counted AS (
        SELECT p.device_id, p.finished_at, p.finished_at AT TIME ZONE d.timezone AS at, p.records_on_device AS now,
               lag(p.records_on_device) OVER (PARTITION BY p.device_id ORDER BY p.finished_at) AS before
        FROM device d JOIN poll p ON p.device_id = d.id
        WHERE d.id = ANY(CAST(:devices AS integer[])) AND p.records_on_device IS NOT NULL AND p.outcome = 'ok'
          AND p.finished_at >= :earlier_at AND p.finished_at < :high_at
    )
    SELECT device_id, date_trunc('second', at), before, now FROM counted
    WHERE finished_at >= :low_at AND now <= before - :lost ORDER BY device_id, at
""")


def losses(asked: DeviceStretch, lost_records: int) -> list[LossRow]:
    """Give the polls that found so many records fewer than the good one before."""
    return asked.ask(_LOSSES, LossRow, lost=lost_records)


class StrangerRow(NamedTuple):
    """A poll at which another serial answered."""

    device: int
    at: datetime
    error: str


_STRANGERS = text("""
    SELECT d.id, date_trunc('second', p.finished_at AT TIME ZONE d.timezone), coalesce(p.error, '')
    FROM device d JOIN poll p ON p.device_id = d.id
    WHERE d.id = ANY(CAST(:devices AS integer[])) AND p.outcome = 'wrong_serial'
      AND p.finished_at >= :low_at AND p.finished_at < :high_at
    ORDER BY d.id, p.finished_at
""")


def strangers(asked: DeviceStretch) -> list[StrangerRow]:
    """Give the polls at which another terminal answered."""
    return asked.ask(_STRANGERS, StrangerRow)


class OutageRow(NamedTuple):
    """A date without a good poll in the arrival time, and with one afterwards."""

    device: int
    on: date
    failed: int
    back_at: datetime


_OUTAGES = text("""
    WITH tried AS (
        SELECT p.device_id, p.finished_at AT TIME ZONE d.timezone AS at, p.outcome = 'ok' AS good
        FROM device d JOIN poll p ON p.device_id = d.id
        WHERE d.id = ANY(CAST(:devices AS integer[])) AND p.outcome <> 'cancelled'
          AND p.finished_at >= :low_at AND p.finished_at < :high_at
    ), day AS (
        SELECT device_id, CAST(at AS date) AS on_date,
               count(*) FILTER (WHERE NOT good AND CAST(at AS time) >= :opens AND CAST(at AS time) < :closes) AS failed,
               count(*) FILTER (WHERE good AND CAST(at AS time) >= :opens AND CAST(at AS time) < :closes) AS good,
               min(at) FILTER (WHERE good AND CAST(at AS time) >= :closes AND CAST(at AS time) < :back_by) AS back_at
        FROM tried GROUP BY 1, 2
    )
    SELECT device_id, on_date, failed, date_trunc('second', back_at) FROM day
    WHERE failed > 0 AND good = 0 AND back_at IS NOT NULL ORDER BY 1, 2
""")


def outages(asked: DeviceStretch, opens: time, closes: time, back_by: time) -> list[OutageRow]:
    """Give the dates on which every poll between two times failed and one until a third succeeded."""
    return asked.ask(_OUTAGES, OutageRow, opens=opens, closes=closes, back_by=back_by)


class LateRow(NamedTuple):
    """A record that came although the log had been read past its time without it; ``received`` is local too."""

    device: int
    pin: str
    at: datetime
    received: datetime


_LATE = text("""
    SELECT p.device_id, p.pin, p.device_time, date_trunc('second', p.received_at AT TIME ZONE d.timezone)
    FROM punch p JOIN device d ON d.id = p.device_id
    WHERE p.device_id = ANY(CAST(:devices AS integer[])) AND p.device_time >= :low AND p.device_time < :high
      AND p.received_at <= :as_of AND p.source = 'log'
      AND p.received_at - p.punched_at >= make_interval(mins => :minutes)
      AND abs(coalesce(p.clock_offset_seconds, 0)) <= :tolerance
      AND EXISTS (
          SELECT FROM poll q WHERE q.device_id = p.device_id AND q.finished_at > p.punched_at
          AND q.finished_at < p.received_at - interval '1 minute'
          AND q.complete_through >= p.punched_at + make_interval(secs => :tolerance))
    ORDER BY p.device_id, p.device_time, p.pin
""")


def late_rows(asked: DeviceStretch, minutes: int) -> list[LateRow]:
    """Give the records that came so late, by a clock that is right, after the log was read past their time."""
    return asked.ask(_LATE, LateRow, minutes=minutes)


class UnknownUserRow(NamedTuple):
    """A user of a terminal who is enrolled as nobody; ``seen`` is when the terminal last showed the name."""

    device: int
    pin: str
    name: str
    seen: date


# Where records name slots the slot is the PIN; who sat there before the present user is left out.
_USERS = text(f"""
    SELECT u.device_id, named.pin, u.name, CAST(u.seen_at AT TIME ZONE d.timezone AS date)
    FROM device_user u JOIN device d ON d.id = u.device_id LEFT JOIN device_log l ON l.device_id = u.device_id
    CROSS JOIN LATERAL (SELECT CASE WHEN {SLOTTED} THEN CAST(u.slot AS text) ELSE u.pin END AS pin) AS named
    WHERE u.device_id = ANY(CAST(:devices AS integer[])) AND u.seen_at >= :low_at AND u.seen_at < :high_at
      AND named.pin IS NOT NULL
      AND NOT ({SLOTTED} AND EXISTS (
          SELECT FROM device_user after
          WHERE after.device_id = u.device_id AND after.slot = u.slot AND after.seen_at > u.seen_at)) IS TRUE
      AND NOT EXISTS (
          SELECT FROM enrolment n WHERE n.pin = named.pin
          AND (n.device_id = u.device_id OR (n.device_id IS NULL AND named.pin = u.pin))
          AND n.valid_during @> CAST(u.seen_at AT TIME ZONE d.timezone AS date))
    ORDER BY u.device_id, length(named.pin), named.pin
""")  # noqa: S608  made of constants


def unknown_users(asked: DeviceStretch) -> list[UnknownUserRow]:
    """Give the users that terminals showed in the stretch and who are nobody."""
    return asked.ask(_USERS, UnknownUserRow)
