"""PINs that punch and are nobody's: kept like any other, and told apart by their rhythm until a person maps them."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from sqlalchemy import Connection, text

from eabsensi.store.deviceslots import SLOTTED

__all__ = ["Candidate", "UnmappedPin", "list_candidates", "unmapped_pins"]

_EARLIEST = datetime.min  # noqa: DTZ901  a device's wall clock has no zone
_LATEST = datetime.max  # noqa: DTZ901  as above


class UnmappedPin(NamedTuple):
    """A PIN on one device with punches on days on which it was enrolled to nobody; all times are the device's own.

    Attributes:
        serial: the device.
        unit: code of the unit where it stands.
        pin: text, as its punches name it: the slot where its records name slots.
        name: of that user as the device last showed it; None where its users were never read.
        punches: how many on such days.
        days: how many such days.
        first: the first of these punches.
        last: the last.
        usual: the median of the day's first punch.
        spread_minutes: between the earlier and the later quarter of the days' first punches.
        user_id: what the user in that slot types; None where the PIN is the user id, or the users were never read.

    """

    serial: str
    unit: str
    pin: str
    name: str | None
    punches: int
    days: int
    first: datetime
    last: datetime
    usual: time
    spread_minutes: int
    user_id: str | None = None


class Candidate(NamedTuple):
    """An employee who may be behind a PIN; ``unit`` None where there is no posting now, ``pins`` are those held now."""

    nip: str
    name: str
    unit: str | None
    pins: tuple[str, ...]


_UNMAPPED = text(f"""
    WITH day AS (
        SELECT device_id, pin, CAST(device_time AS date) AS on_date, count(*) AS punches,
               min(device_time) AS first_at, max(device_time) AS last_at
        FROM punch WHERE device_time >= :since AND device_time < :until GROUP BY 1, 2, 3
    ), nobody AS (
        SELECT *, CAST(extract(epoch FROM CAST(first_at AS time)) AS double precision) AS first_second FROM day
        WHERE NOT EXISTS (
            SELECT FROM enrolment n
            WHERE coalesce(n.device_id, 0) IN (0, day.device_id) AND n.pin = day.pin AND n.valid_during @> day.on_date)
    ), rhythm AS (
        SELECT device_id, pin, sum(punches) AS punches, count(*) AS days, min(first_at) AS first, max(last_at) AS last,
               percentile_disc(0.5) WITHIN GROUP (ORDER BY CAST(first_at AS time)) AS usual,
               percentile_cont(0.75) WITHIN GROUP (ORDER BY first_second)
                   - percentile_cont(0.25) WITHIN GROUP (ORDER BY first_second) AS spread_seconds
        FROM nobody GROUP BY 1, 2
    )
    SELECT device.serial, device.unit_code, rhythm.pin, nullif(coalesce(seat.name, known.name), '') AS name,
           CAST(rhythm.punches AS bigint), rhythm.days, rhythm.first, rhythm.last, rhythm.usual,
           CAST(round(rhythm.spread_seconds / 60) AS integer), seat.user_id
    FROM rhythm JOIN device ON device.id = rhythm.device_id
    LEFT JOIN device_log l ON l.device_id = rhythm.device_id
    LEFT JOIN device_user known ON known.device_id = rhythm.device_id AND known.pin = rhythm.pin
         AND ({SLOTTED}) IS NOT TRUE
    LEFT JOIN LATERAL (
        SELECT u.name, u.pin AS user_id FROM device_user u
        WHERE {SLOTTED} AND u.device_id = rhythm.device_id AND CAST(u.slot AS text) = rhythm.pin
        ORDER BY u.seen_at DESC, u.pin LIMIT 1
    ) AS seat ON true
    WHERE CAST(:serial AS text) IS NULL OR device.serial = :serial
    ORDER BY device.serial, rhythm.days DESC, length(rhythm.pin), rhythm.pin
""")  # noqa: S608  made of constants


def unmapped_pins(
    connection: Connection, *, serial: str | None = None, first: date | None = None, last: date | None = None
) -> list[UnmappedPin]:
    """Give the PINs with punches on days on which nobody was enrolled under them, by device, the busiest first.

    Args:
        connection: in a transaction.
        serial: on this device only.
        first: the first day, by the device's clock.
        last: the last day, inclusive.

    """
    wanted = {
        "serial": serial,
        "since": datetime.combine(first, time()) if first else _EARLIEST,
        "until": datetime.combine(last + timedelta(days=1), time()) if last else _LATEST,
    }
    return [UnmappedPin(*row) for row in connection.execute(_UNMAPPED, wanted)]


def list_candidates(connection: Connection, on: date) -> list[Candidate]:
    """Give every employee with the unit and the PINs that count on a day."""
    rows = connection.execute(
        text("""
            SELECT e.nip, e.name, p.unit_code, array(
                SELECT DISTINCT n.pin FROM enrolment n
                WHERE n.employee_id = e.id AND n.valid_during @> CAST(:on AS date) ORDER BY 1)
            FROM employee e
            LEFT JOIN posting p ON p.employee_id = e.id AND p.valid_during @> CAST(:on AS date)
            ORDER BY e.nip
        """),
        {"on": on},
    )
    return [Candidate(row[0], row[1], row[2], tuple(row[3])) for row in rows]
