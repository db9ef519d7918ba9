"""How far the months of the units are: where people were posted, what is open, what was learnt after a closing."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import NamedTuple

from sqlalchemy import Connection, text


class Named(NamedTuple):
    """An employee as a list names one."""

    nip: str
    name: str


def units_posted(connection: Connection, months: Collection[date]) -> dict[tuple[str, date], bool]:
    """Give the units in which anybody was posted, with the first day of each of these months.

    The value tells whether any day of the unit's month has a stored verdict.
    """
    rows = connection.execute(_POSTED, {"months": list(months)})
    return {(row.unit_code, row.month): row.judged for row in rows}


_POSTED = text("""
    SELECT unit_code, month, EXISTS (
        SELECT FROM verdict WHERE verdict.unit_code = found.unit_code
           AND on_date BETWEEN month AND month + interval '1 month' - interval '1 day'
    ) AS judged
    FROM (
        SELECT DISTINCT unit_code, month FROM unnest(CAST(:months AS date[])) AS given (month)
        JOIN posting ON valid_during && daterange(month, CAST(month + interval '1 month' AS date))
    ) AS found
""")


def open_days(connection: Connection, first: date, last: date) -> dict[tuple[str, date], int]:
    """Count the stored employee-days that are undetermined or incomplete: unit and first of the month to number."""
    rows = connection.execute(_OPEN, {"first": first, "last": last})
    return {(row.unit_code, row.month): row.days for row in rows}


_OPEN = text("""
    SELECT unit_code, CAST(date_trunc('month', on_date) AS date) AS month, count(*) AS days FROM verdict
    WHERE (NOT complete OR status = 'undetermined') AND on_date BETWEEN :first AND :last
    GROUP BY 1, 2
""")


def addenda_counts(connection: Connection, months: Collection[date]) -> dict[tuple[str, date, int], int]:
    """Count what was learnt about closed months: unit, first of the month and version to number."""
    rows = connection.execute(_ADDENDA, {"months": list(months)})
    return {(row.unit_code, row.month, row.version): row.found for row in rows}


_ADDENDA = text("""
    SELECT unit_code, month, version, count(*) AS found FROM addendum
    WHERE month = ANY(CAST(:months AS date[])) GROUP BY 1, 2, 3
""")


def people_named(connection: Connection, employee_ids: Collection[int]) -> dict[int, Named]:
    """Give NIP and name of some people by their ids."""
    rows = connection.execute(_NAMED, {"ids": list(employee_ids)})
    return {row.id: Named(row.nip, row.name) for row in rows}


_NAMED = text("SELECT id, nip, name FROM employee WHERE id = ANY(CAST(:ids AS bigint[]))")
