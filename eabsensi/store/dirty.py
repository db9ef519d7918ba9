"""The employee-days that have to be judged again: a durable queue, marked in the transaction of what changed them.

A mark is a row that waits for nobody: two polls that touch the same day add two rows, and a day that is marked while an
assessor judges it keeps its new row. Who judges a person holds that person's row, so the verdict that is written last
has seen the most. Marking a day needlessly costs a moment; forgetting one costs somebody's allowance.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, timedelta
from typing import NamedTuple

from sqlalchemy import Connection, text

WRONG_CLOCK_SECONDS = 60.0  # from here on a clock's offset may move a punch to another date
_DAY = timedelta(days=1)


class DirtyDay(NamedTuple):
    """An employee-day to judge again, with what changed it."""

    employee_id: int
    on: date
    cause: str


def mark_touched(connection: Connection, device_id: int, touched: Iterable[tuple[str, date]], cause: str) -> int:
    """Mark the days that new punches may belong to.

    A punch of a shift over midnight belongs to the date on which the shift began, so the neighbouring dates are marked
    too where a roster or a shift unit is concerned, and where devices stand in several time zones. Where the device's
    clock is wrong, the date that its punches mean is marked beside the one that they say.

    Args:
        connection: the transaction that stores the punches.
        device_id: whose punches they are.
        touched: PIN and device date of each.
        cause: in words.

    Returns:
        How many marks were made.

    """
    recorded = sorted(set(touched))
    if not recorded:
        return 0
    offset = _clock_of(connection, device_id)
    days = {(pin, on + step) for pin, on in recorded for step in _steps(offset)}
    pins, dates = zip(*sorted(days), strict=True)
    asked = {"device_id": device_id, "pins": list(pins), "dates": list(dates), "cause": cause}
    return connection.execute(_MARK_TOUCHED, asked).rowcount


def _steps(offset: float) -> set[timedelta]:
    """Give the dates that a record may mean, counted from the one that it says."""
    if abs(offset) <= WRONG_CLOCK_SECONDS:
        return {timedelta(0)}
    days = -offset / _DAY.total_seconds()
    return {timedelta(0), timedelta(days=int(days // 1)), timedelta(days=int(days // 1) + 1)}


def _clock_of(connection: Connection, device_id: int) -> float:
    """Give the offset of a device's clock as last measured."""
    return float(connection.execute(_CLOCK, {"device_id": device_id}).scalar() or 0.0)


_CLOCK = text("""
    SELECT clock_offset_seconds FROM poll WHERE device_id = :device_id AND clock_offset_seconds IS NOT NULL
    ORDER BY finished_at DESC LIMIT 1
""")

_MARK_TOUCHED = text("""
    WITH person AS (
        SELECT DISTINCT e.employee_id, day.on_date
        FROM unnest(CAST(:pins AS text[]), CAST(:dates AS date[])) AS day (pin, on_date)
        JOIN enrolment e ON coalesce(e.device_id, 0) IN (0, :device_id) AND e.pin = day.pin
         AND e.valid_during && daterange(day.on_date - 1, day.on_date + 2)
    ), abroad AS (
        SELECT EXISTS (SELECT FROM device other WHERE other.timezone <> own.timezone)
            OR EXISTS (SELECT FROM unit WHERE unit.timezone <> own.timezone) AS may_be
        FROM device own WHERE own.id = :device_id
    )
    INSERT INTO dirty_day (employee_id, on_date, cause, marked_at)
    SELECT DISTINCT person.employee_id, person.on_date + step, CAST(:cause AS text), now()
    FROM abroad, person, generate_series(-1, 1) AS step
    WHERE step = 0 OR abroad.may_be
       OR EXISTS (SELECT FROM roster r WHERE r.employee_id = person.employee_id
                  AND r.on_date BETWEEN person.on_date - 1 AND person.on_date + 1)
       OR EXISTS (SELECT FROM posting p JOIN unit ON unit.code = p.unit_code
                  WHERE p.employee_id = person.employee_id AND unit.pattern = 'shift'
                  AND p.valid_during && daterange(person.on_date - 1, person.on_date + 2))
""")


def mark_people(connection: Connection, employee_ids: Collection[int], first: date, last: date, cause: str) -> int:
    """Mark every day of some people from ``first`` to ``last``, inclusive; the assessor drops those still to come."""
    asked = {"ids": sorted(set(employee_ids)), "first": first, "last": last, "cause": cause}
    return connection.execute(_MARK_PEOPLE, asked).rowcount if employee_ids and first <= last else 0


def mark_units(connection: Connection, unit_codes: Collection[str], first: date, last: date, cause: str) -> int:
    """Mark the days from ``first`` to ``last``, inclusive, of everybody posted in some units on them.

    Only the units that are named: whoever wants those below names them too.
    """
    asked = {"codes": sorted(set(unit_codes)), "first": first, "last": last, "cause": cause}
    return connection.execute(_MARK_UNITS, asked).rowcount if unit_codes and first <= last else 0


_DAYS = "generate_series(0, CAST(:last AS date) - CAST(:first AS date)) AS step"

_MARK_PEOPLE = text(f"""
    INSERT INTO dirty_day (employee_id, on_date, cause, marked_at)
    SELECT employee_id, CAST(:first AS date) + step, CAST(:cause AS text), now()
    FROM unnest(CAST(:ids AS bigint[])) AS person (employee_id), {_DAYS}
""")  # noqa: S608  made of constants

_MARK_UNITS = text(f"""
    INSERT INTO dirty_day (employee_id, on_date, cause, marked_at)
    SELECT employee_id, CAST(:first AS date) + step, CAST(:cause AS text), now()
    FROM posting, {_DAYS}
    WHERE unit_code = ANY(CAST(:codes AS text[])) AND valid_during @> CAST(:first AS date) + step
""")  # noqa: S608  made of constants


def mark_unjudged(connection: Connection, first: date, last: date, cause: str = "day over") -> int:
    """Mark the days from ``first`` to ``last``, inclusive, of everybody with a posting that have no verdict at all.

    A day on which nothing was recorded is touched by nothing; this is what makes it undetermined, and then absent.
    """
    asked = {"first": first, "last": last, "cause": cause}
    return connection.execute(_MARK_UNJUDGED, asked).rowcount if first <= last else 0


_MARK_UNJUDGED = text("""
    INSERT INTO dirty_day (employee_id, on_date, cause, marked_at)
    SELECT p.employee_id, day.on_date, CAST(:cause AS text), now()
    FROM (SELECT CAST(:first AS date) + step AS on_date
          FROM generate_series(0, CAST(:last AS date) - CAST(:first AS date)) AS step) AS day
    JOIN posting p ON p.valid_during @> day.on_date
    WHERE NOT EXISTS (SELECT FROM verdict v WHERE v.employee_id = p.employee_id AND v.on_date = day.on_date)
""")


def mark_papers_due(connection: Connection, first: date, last: date, cause: str = "document due") -> int:
    """Mark the open days from ``first`` to ``last``, inclusive, that an approved document covers.

    A paper may settle a day once its hours are over, although no terminal has told anything new since.
    """
    return connection.execute(_MARK_PAPERS, {"first": first, "last": last, "cause": cause}).rowcount


_MARK_PAPERS = text("""
    INSERT INTO dirty_day (employee_id, on_date, cause, marked_at)
    SELECT v.employee_id, v.on_date, CAST(:cause AS text), now() FROM verdict v
    WHERE v.on_date BETWEEN :first AND :last AND NOT v.complete AND EXISTS (
        SELECT FROM document d
        WHERE d.first_on <= v.on_date AND d.last_on >= v.on_date AND d.approved_at IS NOT NULL
          AND d.revoked_at IS NULL AND (d.employee_id = v.employee_id OR d.unit_code IS NOT NULL))
""")


def mark_policy_change(connection: Connection, policy_version: str, since: date, cause: str = "policy") -> int:
    """Mark the days from ``since`` on that were judged by another version of the law and are not closed."""
    asked = {"policy_version": policy_version, "since": since, "cause": f"{cause} {policy_version}"}
    return connection.execute(_MARK_POLICY, asked).rowcount


_MARK_POLICY = text("""
    WITH latest AS (
        SELECT DISTINCT ON (unit_code, month) unit_code, month, state, through_on FROM period
        ORDER BY unit_code, month, version DESC
    )
    INSERT INTO dirty_day (employee_id, on_date, cause, marked_at)
    SELECT v.employee_id, v.on_date, CAST(:cause AS text), now() FROM verdict v
    WHERE v.on_date >= :since AND v.policy_version <> :policy_version
      AND NOT EXISTS (SELECT FROM latest WHERE latest.unit_code = v.unit_code AND latest.state = 'closed'
                      AND latest.month = CAST(date_trunc('month', v.on_date) AS date)
                      AND v.on_date <= latest.through_on)
""")


def hold_people(connection: Connection, employee_ids: Collection[int]) -> list[int]:
    """Take those of some people whom nobody else is judging; they stay taken until the transaction ends."""
    asked = {"ids": list(employee_ids)}
    return list(connection.execute(_HOLD, asked).scalars())


def wait_for_person(connection: Connection, employee_id: int) -> None:
    """Wait until nobody else judges a person, and take that one; call it while nobody else is held."""
    connection.execute(text("SELECT FROM employee WHERE id = :id FOR NO KEY UPDATE"), {"id": employee_id})


def wait_for_people(connection: Connection, employee_ids: Collection[int]) -> None:
    """Wait until nobody else judges any of some people, and take them all.

    Imports, which change people in an order of their own, are waited for first and wait in their turn.
    """
    share_people(connection)
    connection.execute(_WAIT, {"ids": list(employee_ids)})


def share_people(connection: Connection) -> None:
    """Wait for imports that change people, and let those wait that come later, until this transaction ends."""
    # An update of no row takes the lock as LOCK TABLE would, but asks only for the right to one column.
    connection.execute(text("UPDATE employee SET created_at = created_at WHERE false"))


_WAIT = text("SELECT FROM employee WHERE id = ANY(CAST(:ids AS bigint[])) ORDER BY id FOR NO KEY UPDATE")

_HOLD = text("""
    SELECT id FROM employee WHERE id = ANY(CAST(:ids AS bigint[])) ORDER BY id FOR NO KEY UPDATE SKIP LOCKED
""")


def take_dirty(connection: Connection, limit: int) -> list[DirtyDay]:
    """Take up to ``limit`` marks of people whom nobody else is judging, and remove them.

    Those of the newest days come first, and of a day the oldest: what somebody does now is not to wait until last month
    has been judged again.

    What is judged from here on in this transaction has seen whatever these marks stand for. If the transaction fails,
    the marks are there again.

    Returns:
        Each employee-day once, with its causes.

    """
    asked = {"limit": limit}
    marked = connection.execute(_NEXT, asked).all()
    held = hold_people(connection, {row.employee_id for row in marked})
    wanted = [(row.employee_id, row.on_date) for row in marked if row.employee_id in set(held)]
    return _remove(connection, wanted)


def forget_marks(connection: Connection, employee_ids: Collection[int], first: date, last: date) -> None:
    """Remove the marks of people who are held and about to be judged from ``first`` to ``last``, inclusive."""
    asked = {"ids": list(employee_ids), "first": first, "last": last}
    connection.execute(_FORGET, asked)


_NEXT = text("""
    SELECT DISTINCT employee_id, on_date
    FROM (SELECT employee_id, on_date FROM dirty_day ORDER BY on_date DESC, marked_at LIMIT :limit) AS next
""")
_FORGET = text("""
    DELETE FROM dirty_day WHERE employee_id = ANY(CAST(:ids AS bigint[])) AND on_date BETWEEN :first AND :last
""")
_REMOVE = text("""
    WITH removed AS (
        DELETE FROM dirty_day
        USING unnest(CAST(:ids AS bigint[]), CAST(:dates AS date[])) AS wanted (employee_id, on_date)
        WHERE dirty_day.employee_id = wanted.employee_id AND dirty_day.on_date = wanted.on_date
        RETURNING dirty_day.employee_id, dirty_day.on_date, dirty_day.cause
    )
    SELECT employee_id, on_date, string_agg(DISTINCT cause, '; ' ORDER BY cause) FROM removed GROUP BY 1, 2
    ORDER BY 2, 1
""")


def _remove(connection: Connection, wanted: list[tuple[int, date]]) -> list[DirtyDay]:
    if not wanted:
        return []
    ids, dates = zip(*wanted, strict=True)
    rows = connection.execute(_REMOVE, {"ids": list(ids), "dates": list(dates)})
    return [DirtyDay(*row) for row in rows]
