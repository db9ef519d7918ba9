"""The days of everybody who depends on a device: marked for judging again when what the device can tell changes.

Those are people of its unit, of the units below that have no device of their own, and who are enrolled on it by name.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, text

from eabsensi.store.dirty import mark_touched

_TOLERATED_AT_MOST_SECONDS = 900.0  # no agency takes a slower clock for right; what it does tolerate, judging knows
_LOOKS_BACK = timedelta(days=400)  # a device that was never read may close days this old
_LOOKS_BACK_UNJUDGED = timedelta(days=62)
_DAY = timedelta(days=1)


def mark_coverage(
    connection: Connection, device_id: int, after: datetime | None, through: datetime, cause: str = "coverage"
) -> int:
    """Mark the open days that a device's log, read further than before, may close or change.

    Those are days of people who depend on the device: their unit's, that of the nearest unit above with a device, or
    one on which they are enrolled by name. A day is marked when the reading passes its end; while it runs, where an
    arrival, a shift or a gathering still waits for this device.

    Args:
        connection: the transaction that stores the poll; its row has been written.
        device_id: which device.
        after: how far its log had been read before by the server's clock; None where it never was.
        through: how far now.
        cause: in words.

    Returns:
        How many marks were made.

    """
    read = connection.execute(_READ, {"device_id": device_id, "through": through}).one()
    passed = _mark_passed_events(connection, device_id, after, through) if read.live else 0
    if overtaken := after is not None and after > through:
        known, reached = through, after
    else:
        reached = _reached(through, read.offset)
        known = min((at for at in (read.known, after) if at), default=reached - _LOOKS_BACK)
    if known >= reached:
        return passed
    zone = ZoneInfo(read.timezone)
    first, last = known.astimezone(zone).date(), reached.astimezone(zone).date()
    asked = {
        "device_id": device_id,
        "zone": zone.key,
        "known": known,
        "reached": reached,
        "first": max(first, last - _LOOKS_BACK) - _DAY,
        "last": last,
        "first_unjudged": last - _LOOKS_BACK_UNJUDGED,
        "left": None,
        "cause": cause,
    }
    return passed + connection.execute(_MARK_OVERTAKEN if overtaken else _MARK_COVERAGE, asked).rowcount


def _mark_passed_events(connection: Connection, device_id: int, after: datetime | None, through: datetime) -> int:
    """Mark the days on which a touch was heard that the log, now read past it, does not hold: it counts no more."""
    asked = {"device_id": device_id, "after": after, "through": through}
    passed = {(row.pin, row.on_date) for row in connection.execute(_PASSED_EVENTS, asked)}
    return mark_touched(connection, device_id, passed, "live event not in the log")


_PASSED_EVENTS = text("""
    SELECT DISTINCT v.pin, CAST(v.device_time AS date) AS on_date FROM live_event v
    WHERE v.device_id = :device_id AND v.heard_at <= :through
      AND (CAST(:after AS timestamptz) IS NULL OR v.heard_at > :after)
      AND NOT EXISTS (SELECT FROM punch p WHERE p.device_id = v.device_id AND p.pin = v.pin
                      AND p.device_time = v.device_time)
""")


def _reached(through: datetime, offset: float | None) -> datetime:
    """Give how far a reading may reach at most: under a slow clock late touches stand under early times."""
    slow = max(-(offset or 0.0), 0.0)
    return through - timedelta(seconds=slow if slow > _TOLERATED_AT_MOST_SECONDS else 0.0)


# What earlier readings knew at least, each by its own clock; none of them unreads what another one has read.
_READ = text("""
    SELECT device.timezone, device.live, own.clock_offset_seconds AS offset, earlier.known
    FROM device
    LEFT JOIN LATERAL (SELECT clock_offset_seconds FROM poll
        WHERE device_id = device.id AND finished_at >= :through AND complete_through = :through
        ORDER BY finished_at LIMIT 1) own ON true
    LEFT JOIN LATERAL (SELECT complete_through, greatest(-clock_offset_seconds, 0) AS slow FROM poll
        WHERE device_id = device.id AND complete_through < :through
        ORDER BY finished_at DESC LIMIT 1) last ON true
    LEFT JOIN LATERAL (
        SELECT max(complete_through - greatest(-clock_offset_seconds, 0) * interval '1 second') AS known FROM poll
        WHERE device_id = device.id AND complete_through < :through
          AND finished_at >= last.complete_through - last.slow * interval '1 second') earlier ON true
    WHERE device.id = :device_id
""")


_DEPENDENTS = """
    WITH RECURSIVE relying (code) AS (
        SELECT unit_code FROM device WHERE id = :device_id
        UNION
        SELECT code FROM unit WHERE code = CAST(:left AS text)
        UNION
        SELECT unit.code FROM relying JOIN unit ON unit.parent_code = relying.code
        WHERE NOT EXISTS (SELECT FROM device own WHERE own.unit_code = unit.code AND own.enabled)
    ), day AS (
        SELECT CAST(:first AS date) + step AS on_date
        FROM generate_series(0, CAST(:last AS date) - CAST(:first AS date)) AS step
    ), person AS (
        SELECT p.employee_id, day.on_date FROM relying JOIN posting p ON p.unit_code = relying.code
        JOIN day ON p.valid_during @> day.on_date
        UNION
        SELECT e.employee_id, day.on_date FROM enrolment e JOIN day ON e.valid_during @> day.on_date
        WHERE e.device_id = :device_id
    )
    INSERT INTO dirty_day (employee_id, on_date, cause, marked_at)
    SELECT person.employee_id, person.on_date, CAST(:cause AS text), now() FROM person
"""

# The end of a date is its midnight, save for shifts that end late; these are looked at with every reading until closed.
_MARK_COVERAGE = text(
    _DEPENDENTS
    + """
    LEFT JOIN verdict v ON v.employee_id = person.employee_id AND v.on_date = person.on_date
    LEFT JOIN unit ON unit.code = v.unit_code
    CROSS JOIN LATERAL (SELECT CAST(person.on_date + 1 AS timestamp) AT TIME ZONE :zone AS ends_at) AS clock
    WHERE (clock.ends_at > :known AND clock.ends_at <= :reached
           AND (v.employee_id IS NOT NULL OR person.on_date >= :first_unjudged)
           AND v.complete IS NOT TRUE)
       OR (NOT v.complete AND v.schedule_start < :reached AND (
              v.in_at > :known
              OR (v.in_at IS NULL AND v.schedule_end > :known)
              OR unit.pattern = 'shift'
              OR v.schedule_end > clock.ends_at - interval '6 hours'
              OR CAST(v.apel AS text) LIKE '%undecided%'))
"""
)

# A server's clock that was ahead has claimed what nobody had read yet; the days concerned are open again.
_MARK_OVERTAKEN = text(
    _DEPENDENTS + " JOIN verdict v ON v.employee_id = person.employee_id AND v.on_date = person.on_date"
)


def mark_device(connection: Connection, device_id: int, today: date, cause: str, *, left: str | None = None) -> int:
    """Mark the open days of everybody who depends on a device, e.g. because it was disabled or moved.

    Args:
        connection: the transaction that changed it.
        device_id: which device.
        today: days up to the next one are marked.
        cause: in words.
        left: the unit that it stood in before; None where that is the same.

    """
    asked = {"device_id": device_id, "first": today - _LOOKS_BACK, "last": today + _DAY, "cause": cause, "left": left}
    return connection.execute(_MARK_OPEN, asked).rowcount


_MARK_OPEN = text(
    _DEPENDENTS
    + " JOIN verdict v ON v.employee_id = person.employee_id AND v.on_date = person.on_date AND NOT v.complete"
)


def mark_use(
    connection: Connection, device_id: int, first: date | None, last: date, *, cause: str = "device in use"
) -> int:
    """Mark days of everybody who depends on a device, because it is now known to have been in use on them, or not.

    Args:
        connection: the transaction in which that became known.
        device_id: which device.
        first: the first day. Days of the last year or so are marked whether they were judged or not, older ones where
            they were judged. None is every judged day, and no other.
        last: the last day, inclusive.
        cause: in words.

    Returns:
        How many marks were made.

    """
    oldest = connection.execute(_OLDEST_JUDGED).scalar() or last + _DAY
    start = oldest if first is None else max(first, min(oldest, last - _LOOKS_BACK))
    if start > last:
        return 0
    asked = {
        "device_id": device_id,
        "first": start,
        "last": last,
        "first_unjudged": last + _DAY if first is None else last - _LOOKS_BACK,
        "left": None,
        "cause": cause,
    }
    return connection.execute(_MARK_USE, asked).rowcount


_OLDEST_JUDGED = text("""
    SELECT min(judged.first_on)
    FROM unit, LATERAL (SELECT min(on_date) AS first_on FROM verdict WHERE unit_code = unit.code) judged
""")

_MARK_USE = text(
    _DEPENDENTS
    + """
    LEFT JOIN verdict v ON v.employee_id = person.employee_id AND v.on_date = person.on_date
    WHERE v.employee_id IS NOT NULL OR person.on_date >= :first_unjudged
"""
)
