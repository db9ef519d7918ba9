"""The days of everybody who depends on a device: marked for judging again when what the device can tell changes.

Those are people of its unit, of the units below that have no device of their own, and who are enrolled on it by name.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row, text

from eabsensi.store.dirty import mark_touched

_TOLERATED_AT_MOST_SECONDS = 900.0  # no agency takes a slower clock for right; what it does tolerate, judging knows
_LOOKS_BACK = timedelta(days=400)  # a device that was never read may close days this old
_LOOKS_BACK_UNJUDGED = timedelta(days=62)
_DAY = timedelta(days=1)


class LogAdvance(NamedTuple):
    """A device's log that has been read further.

    Attributes:
        device_id: which device.
        after: how far its log had been read before by the server's clock; None where it never was.
        through: how far now.

    """

    device_id: int
    after: datetime | None
    through: datetime


def mark_coverage(connection: Connection, advances: Sequence[LogAdvance], cause: str = "coverage") -> int:
    """Mark the open days that devices' logs, read further than before, may close or change.

    Those are days of people who depend on a device: its unit's, that of the nearest unit above with a device, or
    one on which they are enrolled by name. A day is marked when the reading passes its end; while it runs, where an
    arrival, a shift or a gathering still waits for this device.

    Args:
        connection: the transaction that stores the polls; their rows have been written.
        advances: one of each device.
        cause: in words.

    Returns:
        How many marks were made.

    """
    if not advances:
        return 0
    ids, through = [each.device_id for each in advances], [each.through for each in advances]
    read = {row.device_id: row for row in connection.execute(_READ, {"device_ids": ids, "through": through})}
    marks = _mark_passed_events(connection, [each for each in advances if read[each.device_id].live])
    spans = [span for each in advances if (span := _span(each, read[each.device_id])).known < span.reached]
    for mark, overtaken in ((_MARK_COVERAGE, False), (_MARK_OVERTAKEN, True)):
        concerned = [span for span in spans if span.overtaken is overtaken]
        if concerned:
            marks += connection.execute(mark, _asked(concerned, cause)).rowcount
    return marks


class _Span(NamedTuple):
    """The time about which one device can newly tell; overtaken where a clock that was ahead had claimed it before."""

    device_id: int
    zone: ZoneInfo
    known: datetime
    reached: datetime
    overtaken: bool


def _span(advance: LogAdvance, read: Row[Any]) -> _Span:
    device_id, after, through = advance
    zone = ZoneInfo(read.timezone)
    if after is not None and after > through:
        return _Span(device_id, zone, through, after, overtaken=True)
    reached = _reached(through, read.offset)
    known = min((at for at in (read.known, after) if at), default=reached - _LOOKS_BACK)
    return _Span(device_id, zone, known, reached, overtaken=False)


def _asked(spans: Sequence[_Span], cause: str) -> dict[str, object]:
    last = [span.reached.astimezone(span.zone).date() for span in spans]
    first = [
        max(span.known.astimezone(span.zone).date(), on - _LOOKS_BACK) - _DAY
        for span, on in zip(spans, last, strict=True)
    ]
    return {
        "device_ids": [span.device_id for span in spans],
        "zones": [span.zone.key for span in spans],
        "known": [span.known for span in spans],
        "reached": [span.reached for span in spans],
        "first": first,
        "last": last,
        "first_unjudged": [on - _LOOKS_BACK_UNJUDGED for on in last],
        "left": None,
        "cause": cause,
    }


def _mark_passed_events(connection: Connection, advances: Sequence[LogAdvance]) -> int:
    """Mark the days on which a touch was heard that the log, now read past it, does not hold: it counts no more."""
    if not advances:
        return 0
    ids, after, through = zip(*advances, strict=True)
    rows = connection.execute(_PASSED_EVENTS, {"device_ids": [*ids], "after": [*after], "through": [*through]})
    passed: dict[int, set[tuple[str, date]]] = {}
    for row in rows:
        passed.setdefault(row.device_id, set()).add((row.pin, row.on_date))
    return sum(
        mark_touched(connection, device_id, touched, "live event not in the log")
        for device_id, touched in passed.items()
    )


_PASSED_EVENTS = text("""
    SELECT DISTINCT v.device_id, v.pin, CAST(v.device_time AS date) AS on_date
    FROM unnest(CAST(:device_ids AS int[]), CAST(:after AS timestamptz[]), CAST(:through AS timestamptz[]))
      AS log (device_id, after, through)
    JOIN live_event v ON v.device_id = log.device_id AND v.heard_at <= log.through
     AND (log.after IS NULL OR v.heard_at > log.after)
    WHERE NOT EXISTS (SELECT FROM punch p WHERE p.device_id = v.device_id AND p.pin = v.pin
                      AND p.device_time = v.device_time)
""")


def _reached(through: datetime, offset: float | None) -> datetime:
    """Give how far a reading may reach at most: under a slow clock late touches stand under early times."""
    slow = max(-(offset or 0.0), 0.0)
    return through - timedelta(seconds=slow if slow > _TOLERATED_AT_MOST_SECONDS else 0.0)


# What earlier readings knew at least, each by its own clock; none of them unreads what another one has read.
_READ = text("""
    SELECT log.device_id, device.timezone, device.live, own.clock_offset_seconds AS offset, earlier.known
    FROM unnest(CAST(:device_ids AS int[]), CAST(:through AS timestamptz[])) AS log (device_id, through)
    JOIN device ON device.id = log.device_id
    LEFT JOIN LATERAL (SELECT clock_offset_seconds FROM poll
        WHERE device_id = log.device_id AND finished_at >= log.through AND complete_through = log.through
        ORDER BY finished_at LIMIT 1) own ON true
    LEFT JOIN LATERAL (SELECT complete_through, greatest(-clock_offset_seconds, 0) AS slow FROM poll
        WHERE device_id = log.device_id AND complete_through < log.through
        ORDER BY finished_at DESC LIMIT 1) last ON true
    LEFT JOIN LATERAL (
        SELECT max(complete_through - greatest(-clock_offset_seconds, 0) * interval '1 second') AS known FROM poll
        WHERE device_id = log.device_id AND complete_through < log.through
          AND finished_at >= last.complete_through - last.slow * interval '1 second') earlier ON true
""")


_DEPENDENTS = """
    WITH RECURSIVE asked (device_id, first_on, last_on) AS (
        SELECT * FROM unnest(CAST(:device_ids AS int[]), CAST(:first AS date[]), CAST(:last AS date[]))
    ), relying (device_id, code) AS (
        SELECT id, unit_code FROM device WHERE id = ANY(CAST(:device_ids AS int[]))
        UNION
        SELECT asked.device_id, code FROM asked, unit WHERE code = CAST(:left AS text)
        UNION
        SELECT relying.device_id, unit.code FROM relying JOIN unit ON unit.parent_code = relying.code
        WHERE NOT EXISTS (SELECT FROM device own WHERE own.unit_code = unit.code AND own.enabled)
    ), day AS (
        SELECT device_id, first_on + step AS on_date
        FROM asked, generate_series(0, last_on - first_on) AS step
    ), person AS (
        SELECT day.device_id, p.employee_id, day.on_date
        FROM day JOIN relying USING (device_id) JOIN posting p ON p.unit_code = relying.code
         AND p.valid_during @> day.on_date
        UNION
        SELECT day.device_id, e.employee_id, day.on_date
        FROM day JOIN enrolment e ON e.device_id = day.device_id AND e.valid_during @> day.on_date
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
    JOIN unnest(CAST(:device_ids AS int[]), CAST(:zones AS text[]), CAST(:known AS timestamptz[]),
                CAST(:reached AS timestamptz[]), CAST(:first_unjudged AS date[]))
      AS span (device_id, zone, known, reached, first_unjudged) ON span.device_id = person.device_id
    CROSS JOIN LATERAL (SELECT CAST(person.on_date + 1 AS timestamp) AT TIME ZONE span.zone AS ends_at) AS clock
    WHERE (clock.ends_at > span.known AND clock.ends_at <= span.reached
           AND (v.employee_id IS NOT NULL OR person.on_date >= span.first_unjudged)
           AND v.complete IS NOT TRUE)
       OR (NOT v.complete AND v.schedule_start < span.reached AND (
              v.in_at > span.known
              OR (v.in_at IS NULL AND v.schedule_end > span.known)
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
    first, last = today - _LOOKS_BACK, today + _DAY
    asked = {"device_ids": [device_id], "first": [first], "last": [last], "cause": cause, "left": left}
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
    if first is not None and first >= last - _LOOKS_BACK:
        start = first
    else:
        oldest = connection.execute(_OLDEST_JUDGED).scalar() or last + _DAY
        start = oldest if first is None else max(first, min(oldest, last - _LOOKS_BACK))
    if start > last:
        return 0
    asked = {
        "device_ids": [device_id],
        "first": [start],
        "last": [last],
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
