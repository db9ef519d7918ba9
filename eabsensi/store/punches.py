"""Punches out of the store, as a stream: the whole city's year passes through a few megabytes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from sqlalchemy import Connection, text

from eabsensi.store.people import units_below

ROWS_AT_A_TIME = 5_000


class PunchRow(NamedTuple):
    """One punch for other programs (design §7).

    Attributes:
        serial: the device's serial.
        unit: code of the unit where the device stands now.
        pin: text, as on the device.
        nip: whose PIN it was on that day; None where nobody is enrolled.
        device_time: the device's own wall clock, naive.
        punched_at: the instant that it means in the device's timezone.
        verify_mode: how the person was recognised; None where the record does not say.
        punch_state: 0 in, 1 out, …; None where the record does not say.
        source: ``log`` or ``usb``.
        received_at: when the store got it.

    """

    serial: str
    unit: str
    pin: str
    nip: str | None
    device_time: datetime
    punched_at: datetime
    verify_mode: int | None
    punch_state: int | None
    source: str
    received_at: datetime


# At most one enrolment matches each join: overlaps are excluded by a constraint. The device's own wins.
_PUNCHES = """
    SELECT d.serial, d.unit_code, p.pin, coalesce(e.nip, every_e.nip), p.device_time, p.punched_at,
           p.verify_mode, p.punch_state, p.source, p.received_at, p.ordinal
    FROM punch p
    JOIN device d ON d.id = p.device_id
    LEFT JOIN enrolment n
           ON n.device_id = p.device_id AND n.pin = p.pin AND n.valid_during @> CAST(p.device_time AS date)
    LEFT JOIN employee e ON e.id = n.employee_id
    LEFT JOIN enrolment every_n
           ON every_n.device_id IS NULL AND every_n.pin = p.pin AND every_n.valid_during @> CAST(p.device_time AS date)
    LEFT JOIN employee every_e ON every_e.id = every_n.employee_id
    WHERE p.device_time >= :first AND p.device_time < :after_last
      AND (CAST(:serial AS text) IS NULL OR d.serial = :serial)
      AND (CAST(:units AS text[]) IS NULL OR d.unit_code = ANY(CAST(:units AS text[])))
"""
_ORDER = "ORDER BY p.device_time, d.serial, p.pin, p.ordinal"
_EXPORT = text(f"{_PUNCHES} {_ORDER}")
_PAGE = text(f"""
    {_PUNCHES} AND (CAST(:serial_after AS text) IS NULL OR
        (p.device_time, d.serial, p.pin, p.ordinal) > (:first, :serial_after, :pin_after, :ordinal_after))
    {_ORDER} LIMIT :limit
""")


def export_punches(
    connection: Connection, first: date, last: date, *, serial: str | None = None, unit: str | None = None
) -> Iterator[PunchRow]:
    """Stream punches through a server-side cursor, oldest first.

    Args:
        connection: stays busy until the stream is used up.
        first: the first day, by the device's clock.
        last: the last day, inclusive.
        serial: of one device only.
        unit: of devices in this unit and the units below it only.

    """
    wanted = {
        "first": datetime.combine(first, time()),
        "after_last": datetime.combine(last + timedelta(days=1), time()),
        "serial": serial,
        "units": None if unit is None else units_below(connection, unit),
    }
    streamed = _EXPORT.execution_options(stream_results=True, yield_per=ROWS_AT_A_TIME)
    with connection.execute(streamed, wanted) as rows:
        for row in rows:
            yield PunchRow(*row[:-1])


class PunchPlace(NamedTuple):
    """Where a punch stands among all: a page goes on after it."""

    device_time: datetime
    serial: str
    pin: str
    ordinal: int


def page_of_punches(
    connection: Connection,
    first: date,
    last: date,
    *,
    serial: str | None,
    unit: str | None,
    after: PunchPlace | None,
    limit: int,
) -> list[tuple[PunchPlace, PunchRow]]:
    """Give the punches that follow a place, oldest first; days and filters as in :func:`export_punches`.

    No index gives a city's punches in the order of time, so the time is asked for in stretches, each twice as long as
    the one before: a page of a busy day sorts that day only, and a year without punches is a few questions.

    Args:
        connection: in a transaction.
        first: the first day, by the device's clock.
        last: the last day, inclusive.
        serial: of one device only.
        unit: of devices in this unit and the units below it only.
        after: the last punch that is known already; None begins.
        limit: punches at most.

    """
    begin, end = datetime.combine(first, time()), datetime.combine(last + timedelta(days=1), time())
    place = after if after is not None and after.device_time >= begin else None
    begin = place.device_time if place else begin
    units = None if unit is None else units_below(connection, unit)
    found: list[tuple[PunchPlace, PunchRow]] = []
    stretch = timedelta(days=1)
    while begin < end and len(found) < limit:
        until = min(end, begin + stretch)
        wanted = {
            "first": begin,
            "after_last": until,
            "serial": serial,
            "units": units,
            "limit": limit - len(found),
            "serial_after": place.serial if place else None,
            "pin_after": place.pin if place else None,
            "ordinal_after": place.ordinal if place else None,
        }
        found += [
            (PunchPlace(row.device_time, row.serial, row.pin, row.ordinal), PunchRow(*row[:-1]))
            for row in connection.execute(_PAGE, wanted)
        ]
        begin, place, stretch = until, None, stretch * 2
    return found
