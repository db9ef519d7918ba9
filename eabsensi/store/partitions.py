"""The months of ``punch``: the only place with partition DDL.

A month is made ahead of its first punch. Punches of a month that is not there (a terminal's clock that says 2000 or
2063, a log older than the first month) are kept in the DEFAULT partition, and move when their month is made.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import date
from typing import IO, Any, Final, NamedTuple, cast

import psycopg
from sqlalchemy import Connection

MONTHS_AHEAD = 3

_EXISTING = """
SELECT child.relname
FROM pg_inherits JOIN pg_class AS child ON child.oid = inhrelid
WHERE inhparent = 'punch'::regclass
"""


_IS_OWNER = "SELECT pg_has_role(relowner, 'USAGE') FROM pg_class WHERE oid = 'punch'::regclass"


def horizon(today: date) -> date:
    """Give the last day up to which months should exist, seen from ``today``."""
    months = today.month - 1 + MONTHS_AHEAD
    return date(today.year + months // 12, months % 12 + 1, 1)


def create_default(owner_conn: Connection) -> None:
    """Make the place for times that no month holds."""
    owner_conn.exec_driver_sql("CREATE TABLE punch_default PARTITION OF punch DEFAULT")


def ensure_months(owner_conn: Connection, first: date, last: date) -> int:
    """Make the missing months from ``first``'s to ``last``'s, both included, and move the rows that waited for them.

    Safe to repeat, and at the same time from several processes. Where a month is missing, writers and readers wait
    until the caller's transaction ends.

    Args:
        owner_conn: a connection of the tables' owner, in a transaction.
        first: any day of the first month.
        last: any day of the last month.

    Returns:
        How many months were made.

    """
    if not _missing(owner_conn, first, last):
        return 0
    # The whole table first and at once: a lock on the parent alone, followed by one on DEFAULT, would deadlock with a
    # transaction that has read DEFAULT and then inserts.
    owner_conn.exec_driver_sql("LOCK TABLE punch IN ACCESS EXCLUSIVE MODE")
    missing = _missing(owner_conn, first, last)
    for month in missing:
        _create_month(owner_conn, month)
    return len(missing)


def may_make(connection: Connection) -> bool:
    """Tell whether the session's user is the tables' owner, who alone can make months."""
    return bool(connection.exec_driver_sql(_IS_OWNER).scalar_one())


def missing_months(connection: Connection, first: date, last: date) -> list[date]:
    """Give the months from ``first``'s to ``last``'s that are not there; their punches wait in DEFAULT."""
    return _missing(connection, first, last)


def _missing(connection: Connection, first: date, last: date) -> list[date]:
    existing = set(connection.exec_driver_sql(_EXISTING).scalars())
    return [month for month in _months(first, last) if _name(month) not in existing]


def _create_month(owner_conn: Connection, month: date) -> None:
    name, start, end = _name(month), month.isoformat(), _next(month).isoformat()
    move = f"""
        WITH waiting AS (
            DELETE FROM punch_default WHERE device_time >= '{start}' AND device_time < '{end}' RETURNING *
        )
        INSERT INTO {name} SELECT * FROM waiting
    """  # noqa: S608  made of a date
    owner_conn.exec_driver_sql(f"CREATE TABLE {name} (LIKE punch INCLUDING ALL)")
    owner_conn.exec_driver_sql(move)
    owner_conn.exec_driver_sql(f"ALTER TABLE punch ATTACH PARTITION {name} FOR VALUES FROM ('{start}') TO ('{end}')")


def _name(month: date) -> str:
    return f"punch_{month:%Y_%m}"


def _next(month: date) -> date:
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def _months(first: date, last: date) -> Iterator[date]:
    month = first.replace(day=1)
    while month <= last:
        yield month
        month = _next(month)


class MonthOfPunches(NamedTuple):
    """A month that is there: its first day, its rows by the server's estimate, and its bytes, indexes included."""

    month: date
    rows: int
    total_bytes: int


def months_of_punches(connection: Connection) -> list[MonthOfPunches]:
    """Give the months that are there, oldest first; DEFAULT is none of them."""
    found = [MonthOfPunches(*row) for row in connection.exec_driver_sql(_SIZES)]
    return sorted(found)


def copy_month_out(owner_conn: Connection, month: date, stream: IO[bytes]) -> int:
    """Write a month's punches as CSV with a header, raw bytes in hexadecimal, in the order of time.

    Nobody can add to the month until the transaction ends.

    Returns:
        How many rows were written, counted by the server.

    """
    name = _name(month)
    owner_conn.exec_driver_sql(f"LOCK TABLE {name} IN SHARE MODE")
    columns = ", ".join(_COLUMNS)
    copy = f"COPY (SELECT {columns} FROM {name} ORDER BY device_time, device_id, pin, ordinal) TO STDOUT (FORMAT csv, HEADER)"  # noqa: S608, E501  made of a date
    with contextlib.closing(cast("psycopg.Cursor[Any]", owner_conn.connection.cursor())) as cursor:
        with cursor.copy(copy.encode()) as rows:
            for block in rows:
                stream.write(block)
        return cursor.rowcount


def remove_month(owner_conn: Connection, month: date) -> None:
    """Detach a month and drop it; whoever calls has proved that its rows are kept elsewhere, and notes it.

    Writers and readers wait until the caller's transaction ends.
    """
    name = _name(month)
    owner_conn.exec_driver_sql("LOCK TABLE punch IN ACCESS EXCLUSIVE MODE")
    owner_conn.exec_driver_sql(f"ALTER TABLE punch DETACH PARTITION {name}")
    owner_conn.exec_driver_sql(f"DROP TABLE {name}")


_COLUMNS: Final = (
    "device_id", "pin", "device_time", "ordinal", "verify_mode", "punch_state", "workcode", "punched_at", "source",
    "generation", "poll_id", "clock_offset_seconds", "received_at", "raw",
)  # fmt: skip
_SIZES = r"""
SELECT to_date(substring(relname FROM 7), 'YYYY_MM'), greatest(reltuples, 0)::bigint, pg_total_relation_size(child.oid)
FROM pg_inherits JOIN pg_class AS child ON child.oid = inhrelid
WHERE inhparent = 'punch'::regclass AND relname ~ '^punch_\d{4}_\d\d$'
"""
