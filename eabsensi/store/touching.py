"""Which employee-days a change of people's postings, enrolments, documents and rosters touches; they are judged again.

A posting may begin years before the first terminal was read. Days from before the city was collected and judged are
nobody's verdict yet, so a change that reaches back endlessly marks days from there on only; older ones are judged
when somebody asks for them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from sqlalchemy import Connection, text

from eabsensi.store.dirty import mark_people, mark_units

__all__ = ["Touch", "collected_since", "touch_people", "touch_since", "touch_units_since"]


class Touch(NamedTuple):
    """Days of one employee, both inclusive; ``last`` None means until today."""

    employee_id: int
    first: date
    last: date | None


def touch_people(connection: Connection, touches: Iterable[Touch], cause: str) -> None:
    """Mark days as they are given, also those to come; one statement for all people with the same days.

    Args:
        connection: in the transaction of the change.
        touches: each with its last day.
        cause: what changed, for the verdict's history.

    """
    together: dict[tuple[date, date], set[int]] = defaultdict(set)
    for touch in touches:
        assert touch.last is not None, "only touch_since knows what today is"
        together[touch.first, touch.last].add(touch.employee_id)
    for (first, last), employees in sorted(together.items()):
        mark_people(connection, sorted(employees), first, last, cause)


def touch_since(connection: Connection, touches: Iterable[Touch], cause: str) -> None:
    """Mark days up to today at most, and from before the first judged or collected day none.

    Args:
        connection: in the transaction of the change.
        touches: of any length.
        cause: what changed, for the verdict's history.

    """
    wanted = list(touches)
    if not wanted:
        return
    bounds = _bounds(connection)
    cut = (
        Touch(touch.employee_id, max(touch.first, bounds.first), min(touch.last or bounds.today, bounds.today))
        for touch in wanted
    )
    touch_people(connection, (touch for touch in cut if touch.last is not None and touch.first <= touch.last), cause)


def touch_units_since(connection: Connection, codes: Iterable[str], first: date, cause: str) -> None:
    """Mark the days of everybody in these units up to today; see :func:`touch_since`."""
    wanted = list(codes)
    if wanted:
        bounds = _bounds(connection)
        mark_units(connection, wanted, max(first, bounds.first), bounds.today, cause)


def collected_since(connection: Connection) -> date:
    """Give the first day that was judged or collected."""
    return _bounds(connection).first


class _Bounds(NamedTuple):
    first: date
    today: date


def _bounds(connection: Connection) -> _Bounds:
    """Give the first day that was judged or collected, and today in the zone that is furthest ahead of it (WIT)."""
    row = connection.execute(
        text("""
            SELECT CAST(now() AT TIME ZONE 'Asia/Jayapura' AS date) AS today,
                   (SELECT min(judged.first_on) FROM unit, LATERAL (
                       SELECT min(on_date) AS first_on FROM verdict WHERE unit_code = unit.code) judged) AS judged,
                   (SELECT CAST(finished_at AS date) FROM poll ORDER BY id LIMIT 1) AS polled
        """)
    ).one()
    return _Bounds(min(row.judged or row.today, row.polled or row.today), row.today)
