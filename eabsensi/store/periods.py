"""Closed months: what a month of a unit was when it was closed, and what was learnt about it later.

Nothing here is ever changed: closing and reopening add a row with the next version, rows of a closed month stand as
they were, and a later difference is an addendum.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Literal, NamedTuple

from sqlalchemy import Connection, text

State = Literal["closed", "reopened"]


class Period(NamedTuple):
    """One closing or reopening of a unit's month; ``month`` is its first day.

    ``through_on``, ``sha256`` and ``policy_version`` are None where it was reopened.
    """

    unit_code: str
    month: date
    version: int
    state: State
    through_on: date | None
    at: datetime
    by: str
    reason: str
    sha256: str | None
    policy_version: str | None


class Addendum(NamedTuple):
    """A later difference of a closed day; ``before`` or ``after`` is None where the day was not the unit's."""

    unit_code: str
    month: date
    version: int
    employee_id: int
    on_date: date
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    at: datetime
    reason: str


_PERIOD = ", ".join(Period._fields)
_ADDENDUM = ", ".join(Addendum._fields)


def lock_unit(connection: Connection, unit_code: str) -> None:
    """Let others who close or reopen a month of this unit wait until the transaction ends."""
    connection.execute(text("SELECT FROM unit WHERE code = :code FOR NO KEY UPDATE"), {"code": unit_code})


def load_periods(
    connection: Connection, months: Collection[date], units: Collection[str] | None = None
) -> list[Period]:
    """Give every closing and reopening of some months, by unit, month and version."""
    asked = {"months": list(months), "units": None if units is None else list(units)}
    return [Period(*row) for row in connection.execute(_LOAD, asked)]


_LOAD = text(f"""
    SELECT {_PERIOD} FROM period
    WHERE month = ANY(CAST(:months AS date[]))
      AND (CAST(:units AS text[]) IS NULL OR unit_code = ANY(CAST(:units AS text[])))
    ORDER BY unit_code, month, version
""")  # noqa: S608  made of constants


def latest_periods(
    connection: Connection, months: Collection[date], units: Collection[str] | None = None
) -> dict[tuple[str, date], Period]:
    """Give the last word on each unit's month, for those that were ever closed."""
    return {(row.unit_code, row.month): row for row in load_periods(connection, months, units)}


def add_period(connection: Connection, period: Period, contents: Mapping[int, dict[str, Any]]) -> None:
    """Add a closing with its rows, employee id to content; a reopening has none."""
    connection.execute(_ADD, period._asdict())
    rows = {
        "ids": list(contents),
        "contents": [json.dumps(content, ensure_ascii=False) for content in contents.values()],
    }
    connection.execute(_ADD_ROWS, period._asdict() | rows)


_ADD = text(f"INSERT INTO period ({_PERIOD}) VALUES ({', '.join(f':{name}' for name in Period._fields)})")  # noqa: S608  constants
_ADD_ROWS = text("""
    INSERT INTO period_row (unit_code, month, version, employee_id, content)
    SELECT :unit_code, :month, :version, id, CAST(content AS jsonb)
    FROM unnest(CAST(:ids AS bigint[]), CAST(:contents AS text[])) AS given (id, content)
""")


def load_period_rows(connection: Connection, unit_code: str, month: date, version: int) -> dict[int, dict[str, Any]]:
    """Give what a closed month holds: employee id to content, by employee id."""
    asked = {"unit_code": unit_code, "month": month, "version": version}
    return {row.employee_id: row.content for row in connection.execute(_ROWS, asked)}


_ROWS = text("""
    SELECT employee_id, content FROM period_row
    WHERE unit_code = :unit_code AND month = :month AND version = :version ORDER BY employee_id
""")


def closed_contents(
    connection: Connection, periods: Collection[Period], employees: Collection[int]
) -> dict[tuple[str, date, int], dict[str, Any]]:
    """Give the closed content of some people: unit, month and employee id to content."""
    units, months, versions = zip(*(period[:3] for period in periods), strict=True) if periods else ((), (), ())
    asked = {"units": list(units), "months": list(months), "versions": list(versions), "ids": list(employees)}
    rows = connection.execute(_CONTENTS, asked)
    return {(row.unit_code, row.month, row.employee_id): row.content for row in rows}


_CONTENTS = text("""
    SELECT unit_code, month, employee_id, content
    FROM unnest(CAST(:units AS text[]), CAST(:months AS date[]), CAST(:versions AS integer[]))
         AS given (unit_code, month, version)
    JOIN period_row USING (unit_code, month, version)
    WHERE employee_id = ANY(CAST(:ids AS bigint[]))
""")


def load_addenda(connection: Connection, unit_code: str, month: date, version: int) -> list[Addendum]:
    """Give the addenda of a closed month, in the order in which they were found."""
    asked = {"unit_code": unit_code, "month": month, "version": version}
    return [Addendum(*row) for row in connection.execute(_ADDENDA, asked)]


_ADDENDA = text(f"""
    SELECT {_ADDENDUM} FROM addendum
    WHERE unit_code = :unit_code AND month = :month AND version = :version ORDER BY at, id
""")  # noqa: S608  made of constants


def last_addenda(
    connection: Connection, periods: Collection[Period], employees: Collection[int]
) -> dict[tuple[str, date, int], Addendum]:
    """Give the newest addendum of each closed day of some people: unit, date and employee id to addendum."""
    units, months, versions = zip(*(period[:3] for period in periods), strict=True) if periods else ((), (), ())
    asked = {"units": list(units), "months": list(months), "versions": list(versions), "ids": list(employees)}
    found = (Addendum(*row) for row in connection.execute(_LAST_ADDENDA, asked))
    return {(item.unit_code, item.on_date, item.employee_id): item for item in found}


_LAST_ADDENDA = text(f"""
    SELECT DISTINCT ON (unit_code, employee_id, on_date) {_ADDENDUM}
    FROM unnest(CAST(:units AS text[]), CAST(:months AS date[]), CAST(:versions AS integer[]))
         AS given (unit_code, month, version)
    JOIN addendum USING (unit_code, month, version)
    WHERE employee_id = ANY(CAST(:ids AS bigint[]))
    ORDER BY unit_code, employee_id, on_date, at DESC, id DESC
""")  # noqa: S608  made of constants


class Learnt(NamedTuple):
    """What the addenda known at an instant make of one closed day; ``after`` None where it is not the unit's any more.

    ``was_closed`` tells whether the closed month held the day at all.
    """

    unit_code: str
    employee_id: int
    on_date: date
    was_closed: bool
    after: dict[str, Any] | None


def learnt_since(
    connection: Connection, periods: Collection[Period], employees: Collection[int], as_of: datetime
) -> list[Learnt]:
    """Give what was learnt by ``as_of`` about closed days of some people, by person and date."""
    units, months, versions = zip(*(period[:3] for period in periods), strict=True) if periods else ((), (), ())
    asked = {"units": list(units), "months": list(months), "versions": list(versions), "ids": list(employees)}
    return [Learnt(*row) for row in connection.execute(_LEARNT, asked | {"as_of": as_of})]


_LEARNT = text("""
    SELECT unit_code, employee_id, on_date, (array_agg(before IS NOT NULL ORDER BY at, id))[1],
           (array_agg(after ORDER BY at DESC, id DESC))[1]
    FROM unnest(CAST(:units AS text[]), CAST(:months AS date[]), CAST(:versions AS integer[]))
         AS given (unit_code, month, version)
    JOIN addendum USING (unit_code, month, version)
    WHERE employee_id = ANY(CAST(:ids AS bigint[])) AND at <= :as_of
    GROUP BY unit_code, employee_id, on_date ORDER BY employee_id, on_date, unit_code
""")


def add_addenda(connection: Connection, addenda: Sequence[Addendum]) -> None:
    """Add what was learnt about closed days."""
    if not addenda:
        return
    columns: dict[str, object] = {
        name: [item[place] for item in addenda] for place, name in enumerate(Addendum._fields)
    }
    for name in ("before", "after"):
        contents = (getattr(item, name) for item in addenda)
        columns[name] = [None if value is None else json.dumps(value, ensure_ascii=False) for value in contents]
    connection.execute(_ADD_ADDENDA, columns)


_ADD_ADDENDA = text(f"""
    INSERT INTO addendum ({_ADDENDUM})
    SELECT unit_code, month, version, employee_id, on_date, CAST(before AS jsonb), CAST(after AS jsonb), at, reason
    FROM unnest(CAST(:unit_code AS text[]), CAST(:month AS date[]), CAST(:version AS integer[]),
                CAST(:employee_id AS bigint[]), CAST(:on_date AS date[]), CAST(:before AS text[]),
                CAST(:after AS text[]), CAST(:at AS timestamptz[]), CAST(:reason AS text[]))
         AS given ({_ADDENDUM})
""")  # noqa: S608  made of constants
