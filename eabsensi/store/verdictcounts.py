"""Standing verdicts counted by the database: what a picture of weeks needs of ten thousand people."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import NamedTuple

from sqlalchemy import Connection, text

from eabsensi.store.arrivals import arrival_unknown


class DayCount(NamedTuple):
    """How many people of a date have the same of everything below.

    Attributes:
        on_date: the date.
        shift: their unit works in shifts.
        scheduled: the day had hours.
        status: of the verdict.
        late: it carries a late code.
        arrival_unknown: they were present, but it is not known yet when they came.
        minute: whole minutes from the start of these hours to the arrival, rounded down; None without either.
        people: how many.

    """

    on_date: date
    shift: bool
    scheduled: bool
    status: str
    late: bool
    arrival_unknown: bool
    minute: int | None
    people: int


def count_verdicts(
    connection: Connection, first: date, last: date, units: Collection[str] | None = None
) -> tuple[DayCount, ...]:
    """Count the verdicts from ``first`` to ``last``, inclusive, by date; nobody off or excused.

    Args:
        connection: in a transaction.
        first: the first date.
        last: the last date.
        units: only days that were judged in these units, without those below; None is every unit.

    """
    asked = {"first": first, "last": last, "units": None if units is None else list(units)}
    counts = (DayCount(*row) for row in connection.execute(_COUNT, asked))
    return tuple(sorted(counts, key=lambda count: count.on_date))


# Unordered, so that the database adds up in a table in memory; with an order it sorts every verdict on disk first.
_LATE = "' ' || array_to_string(v.codes, ' ') LIKE '% TL%'"
_COUNT = text(f"""
    SELECT v.on_date, u.pattern = 'shift', v.schedule_start IS NOT NULL, v.status,
           {_LATE}, {arrival_unknown(late=f"({_LATE})", no_in="v.in_at IS NULL")},
           CAST(floor(date_part('epoch', v.in_at - v.schedule_start) / 60) AS integer), count(*)
    FROM verdict v JOIN unit u ON u.code = v.unit_code
    WHERE v.on_date BETWEEN :first AND :last
      AND v.status IN ('present', 'absent', 'undetermined')
      AND (CAST(:units AS text[]) IS NULL OR v.unit_code = ANY(CAST(:units AS text[])))
    GROUP BY 1, 2, 3, 4, 5, 6, 7
""")  # noqa: S608  made of constants
