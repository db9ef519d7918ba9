"""Days added up by the database: what a ranking or a year's first look needs of ten thousand people."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import NamedTuple

from sqlalchemy import Connection, text

from eabsensi.store.arrivals import arrival_unknown
from eabsensi.store.periods import Period


class PersonTally(NamedTuple):
    """What one person's days in one unit add up to; all are days unless named otherwise.

    Attributes:
        unit_code: of the days.
        employee_id: whose.
        working: not off, undetermined ones too.
        present: present.
        on_time: of them those without a late code whose arrival is known, or answered for.
        arrival_unknown: of them those without a late code whose arrival is not known yet.
        late: with a late code.
        late_minutes: of these.
        early: with an early code.
        missing: late ones without an arrival, and early ones without a departure.
        absent: days without reason.
        undetermined: that cannot be judged yet.

    """

    unit_code: str
    employee_id: int
    working: int
    present: int
    on_time: int
    arrival_unknown: int
    late: int
    late_minutes: int
    early: int
    missing: int
    absent: int
    undetermined: int


def tally_month(
    connection: Connection, month: date, last: date, closed: Collection[Period], units: Collection[str]
) -> list[PersonTally]:
    """Add up a month: what closed months hold, else the verdicts that stand in the unit of the posting.

    Args:
        connection: in a transaction.
        month: its first day.
        last: the last day that is counted.
        closed: the closings of this month that hold, of all units.
        units: whose days are wanted, without those below.

    """
    return [PersonTally(*row) for row in connection.execute(_TALLY, _asked(month, last, closed, units))]


def days_without_verdict(
    connection: Connection, month: date, last: date, closed: Collection[Period], units: Collection[str]
) -> set[tuple[int, date]]:
    """Give employee and date of what :func:`tally_month` leaves out: days that nothing stored tells."""
    rows = connection.execute(_MISSING, _asked(month, last, closed, units))
    return {(employee, on) for employee, on in rows}


def _asked(month: date, last: date, closed: Collection[Period], units: Collection[str]) -> dict[str, object]:
    closed = sorted(closed, key=lambda period: (period.at, period.unit_code))
    return {
        "month": month,
        "last": last,
        "units": list(units),
        "codes": [period.unit_code for period in closed],
        "versions": [period.version for period in closed],
        "throughs": [period.through_on for period in closed],
    }


# A day that two units' months hold, as after a transfer that was recorded late, counts in the one that was closed
# first: no closing changes the figures of another closed month. Reports that load the days one by one do the same.
_CLOSED = """
    WITH closed AS MATERIALIZED (
        SELECT * FROM unnest(CAST(:codes AS text[]), CAST(:versions AS integer[]), CAST(:throughs AS date[]))
                      WITH ORDINALITY AS closed (unit_code, version, through_on, place)
    ), kept AS NOT MATERIALIZED (
        SELECT closed.place, row.unit_code, row.employee_id, row.content
        FROM closed JOIN period_row AS row ON row.unit_code = closed.unit_code AND row.month = :month
                                          AND row.version = closed.version
    ), twice AS MATERIALIZED (
        SELECT employee_id, told.date AS on_date, min(place) AS place
        FROM kept CROSS JOIN LATERAL jsonb_to_recordset(content -> 'days') AS told (date date)
        WHERE employee_id IN (SELECT employee_id FROM kept GROUP BY 1 HAVING count(*) > 1)
        GROUP BY 1, 2 HAVING count(*) > 1
    ), held AS MATERIALIZED (
        SELECT kept.unit_code, kept.employee_id, told.date AS on_date, told.status, told.codes,
               told."in" IS NULL AS no_in, told."out" IS NULL AS no_out, told.late_minutes, told.absent_days,
               told.complete, told.document
        FROM kept CROSS JOIN LATERAL jsonb_to_recordset(kept.content -> 'days')
             AS told (date date, status text, codes text[], "in" text, "out" text, late_minutes integer,
                      absent_days integer, complete boolean, document text)
        WHERE told.date BETWEEN :month AND :last
          AND NOT EXISTS (SELECT FROM twice WHERE twice.employee_id = kept.employee_id AND twice.on_date = told.date
                                              AND twice.place < kept.place)
    )
"""
_OPEN = """
    NOT EXISTS (SELECT FROM closed WHERE closed.unit_code = p.unit_code AND {on} <= closed.through_on)
    AND NOT EXISTS (SELECT FROM held WHERE held.employee_id = p.employee_id AND held.on_date = {on})
"""
_POSTED = """
    p.unit_code = ANY(CAST(:units AS text[]))
    AND p.valid_during && daterange(CAST(:month AS date), CAST(:last AS date), '[]')
"""
# A step in the key's index for each person, however many years the table holds.
_STANDING = """
    SELECT * FROM verdict v WHERE v.employee_id = p.employee_id AND v.on_date BETWEEN :month AND :last
    AND v.on_date <@ p.valid_during AND v.unit_code = p.unit_code OFFSET 0
"""
_LATE, _EARLY = (f"' ' || array_to_string(codes, ' ') LIKE '% {prefix}%'" for prefix in ("TL", "PSW"))
_UNKNOWN = arrival_unknown(late="late", no_in="no_in")
_TALLY = text(f"""
    {_CLOSED}, day AS (
        SELECT * FROM held
        UNION ALL
        SELECT v.unit_code, v.employee_id, v.on_date, v.status, v.codes, v.in_at IS NULL, v.out_at IS NULL,
               v.late_minutes, v.absent_days, v.complete, v.document
        FROM posting p CROSS JOIN LATERAL ({_STANDING}) AS v
        WHERE {_POSTED} AND {_OPEN.format(on="v.on_date")}
    ), marked AS (
        SELECT day.*, {_LATE} AS late, {_EARLY} AS early FROM day WHERE unit_code = ANY(CAST(:units AS text[]))
    )
    SELECT unit_code, employee_id,
           count(*) FILTER (WHERE status <> 'off'),
           count(*) FILTER (WHERE status = 'present'),
           count(*) FILTER (WHERE status = 'present' AND NOT late AND NOT ({_UNKNOWN})),
           count(*) FILTER (WHERE {_UNKNOWN}),
           count(*) FILTER (WHERE late),
           coalesce(sum(late_minutes) FILTER (WHERE late), 0),
           count(*) FILTER (WHERE early),
           count(*) FILTER (WHERE late AND no_in) + count(*) FILTER (WHERE early AND no_out),
           coalesce(sum(absent_days), 0),
           count(*) FILTER (WHERE status = 'undetermined')
    FROM marked GROUP BY unit_code, employee_id ORDER BY unit_code, employee_id
""")  # noqa: S608  made of constants
_MISSING = text(f"""
    {_CLOSED}
    SELECT p.employee_id, CAST(day AS date)
    FROM posting p
    CROSS JOIN LATERAL (SELECT ARRAY(SELECT v.on_date FROM ({_STANDING}) AS v) AS dates OFFSET 0) AS told
    CROSS JOIN LATERAL generate_series(greatest(lower(p.valid_during), CAST(:month AS date)),
                                       least(upper(p.valid_during) - 1, CAST(:last AS date)), interval '1 day') AS day
    WHERE {_POSTED} AND {_OPEN.format(on="CAST(day AS date)")}
      AND CAST(day AS date) <> ALL(told.dates)
""")  # noqa: S608  made of constants


class YearTally(NamedTuple):
    """What bounds one person's year from above.

    Attributes:
        employee_id: who.
        kind: of the employee.
        absent: days that may count as absence.
        minutes: late and early together.
        untold: days of the postings that no stored verdict tells.
        changed: an addendum changes a closed day.

    """

    employee_id: int
    kind: str
    absent: int
    minutes: int
    untold: int
    changed: bool


def tally_years(connection: Connection, first: date, last: date, employees: Collection[int]) -> list[YearTally]:
    """Add up what could make a year's total of some people, by the verdicts that stand from ``first`` to ``last``."""
    asked = {"first": first, "last": last, "ids": list(employees)}
    return [YearTally(*row) for row in connection.execute(_YEARS, asked)]


_YEARS = text("""
    WITH told AS (
        SELECT v.employee_id, count(*) AS days,
               count(*) FILTER (WHERE v.status = 'absent' OR v.absent_days > 0) AS absent,
               sum(v.late_minutes + v.early_minutes) AS minutes
        FROM verdict v JOIN posting p ON p.employee_id = v.employee_id AND p.unit_code = v.unit_code
                                     AND v.on_date <@ p.valid_during
        WHERE v.on_date BETWEEN :first AND :last GROUP BY v.employee_id
    ), posted AS (
        SELECT employee_id, sum(upper(inside) - lower(inside)) AS days
        FROM (SELECT employee_id, valid_during * daterange(CAST(:first AS date), CAST(:last AS date), '[]') AS inside
              FROM posting) AS spent
        WHERE NOT isempty(inside) GROUP BY employee_id
    )
    SELECT e.id, e.kind, coalesce(told.absent, 0), coalesce(told.minutes, 0),
           coalesce(posted.days, 0) - coalesce(told.days, 0),
           EXISTS (SELECT FROM addendum a WHERE a.employee_id = e.id AND a.on_date BETWEEN :first AND :last)
    FROM employee e LEFT JOIN told ON told.employee_id = e.id LEFT JOIN posted ON posted.employee_id = e.id
    WHERE e.id = ANY(CAST(:ids AS bigint[])) ORDER BY e.id
""")
