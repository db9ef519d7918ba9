"""The months of ``punch``: the only place with partition DDL.

A month is made ahead of its first punch. Punches of a month that is not there (a terminal's clock that says 2000 or
2063, a log older than the first month) are kept in the DEFAULT partition, and move when their month is made.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from sqlalchemy import Connection

MONTHS_AHEAD = 3

_EXISTING = """
SELECT child.relname
FROM pg_inherits JOIN pg_class AS child ON child.oid = inhrelid
WHERE inhparent = 'punch'::regclass
"""


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
