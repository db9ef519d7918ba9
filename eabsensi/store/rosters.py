"""Rosters: the shifts of a person on a date. A date is written whole; what it was before is kept with who and when."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Connection, text

from eabsensi.store.touching import Touch, touch_people

__all__ = ["RosterCounts", "RosterRow", "Shifts", "list_rosters", "lock_rosters", "rosters_between", "save_rosters"]

Shifts = tuple[str, ...]
_DAY = timedelta(days=1)


class RosterCounts(NamedTuple):
    """How many person-dates got a roster, another one, or the one that they had."""

    created: int
    updated: int
    unchanged: int


class RosterRow(NamedTuple):
    """One shift of a person on a date."""

    nip: str
    name: str
    date: date
    shift: str


def lock_rosters(connection: Connection) -> None:
    """Let others who write rosters wait until this transaction ends; readers go on."""
    connection.execute(text("LOCK TABLE roster IN SHARE ROW EXCLUSIVE MODE"))


_CHANGES = text("""
    WITH wanted AS (
        SELECT * FROM unnest(CAST(:employee_id AS bigint[]), CAST(:on_date AS date[]), CAST(:sequence AS integer[]),
                             CAST(:shift AS text[])) AS wanted (employee_id, on_date, sequence, shift)
    ), wish AS (
        SELECT employee_id, on_date, array_agg(shift ORDER BY sequence) AS after FROM wanted GROUP BY 1, 2
    ), present AS (
        SELECT r.employee_id, r.on_date, array_agg(r.shift ORDER BY r.sequence) AS before
        FROM roster r JOIN wish USING (employee_id, on_date) GROUP BY 1, 2
    )
    INSERT INTO roster_change (employee_id, on_date, before, after, at, by)
    SELECT wish.employee_id, wish.on_date, coalesce(present.before, '{}'), wish.after, :at, :by
    FROM wish LEFT JOIN present USING (employee_id, on_date)
    WHERE present.before IS DISTINCT FROM wish.after
    RETURNING employee_id, on_date, cardinality(before) AS shifts_before
""")
_REMOVE = text("""
    DELETE FROM roster
    USING unnest(CAST(:employee_id AS bigint[]), CAST(:on_date AS date[])) AS gone (employee_id, on_date)
    WHERE roster.employee_id = gone.employee_id AND roster.on_date = gone.on_date
""")
_INSERT = text("""
    INSERT INTO roster (employee_id, on_date, sequence, shift)
    SELECT * FROM unnest(CAST(:employee_id AS bigint[]), CAST(:on_date AS date[]), CAST(:sequence AS integer[]),
                         CAST(:shift AS text[]))
""")


def save_rosters(
    connection: Connection, wanted: Mapping[tuple[int, date], Shifts], *, by: str, at: datetime
) -> RosterCounts:
    """Write the shifts of person-dates, each replacing what was there; changed dates are judged again.

    Three statements, however many dates.

    Args:
        connection: in a transaction that holds :func:`lock_rosters`.
        wanted: (employee id, date) to at least one shift, the earliest first.
        by: who says so.
        at: the present instant, timezone-aware.

    """
    rows = connection.execute(_CHANGES, _flat(wanted) | {"by": by, "at": at}).all()
    changed = {(row.employee_id, row.on_date) for row in rows}
    dates = [list(column) for column in zip(*changed, strict=True)] or [[], []]
    connection.execute(_REMOVE, {"employee_id": dates[0], "on_date": dates[1]})
    connection.execute(_INSERT, _flat({key: wanted[key] for key in changed}))
    # The windows of a shift meet those of the days around it.
    touched = (Touch(employee, on - _DAY, on + _DAY) for employee, on in changed)
    touch_people(connection, touched, "roster changed")
    created = sum(row.shifts_before == 0 for row in rows)
    return RosterCounts(created, len(rows) - created, len(wanted) - len(rows))


def _flat(wanted: Mapping[tuple[int, date], Shifts]) -> dict[str, object]:
    """Turn person-dates into one array per column, a row for each shift."""
    rows = [
        (employee_id, on, sequence, shift)
        for (employee_id, on), shifts in wanted.items()
        for sequence, shift in enumerate(shifts, start=1)
    ]
    names = ("employee_id", "on_date", "sequence", "shift")
    return {name: [row[place] for row in rows] for place, name in enumerate(names)}


# What the roster was at an instant: as it is, except for dates that were changed since; those are as the first of
# these changes found them.
_AS_OF = text("""
    WITH undone AS (
        SELECT DISTINCT ON (employee_id, on_date) employee_id, on_date, before FROM roster_change
        WHERE employee_id = ANY(CAST(:ids AS bigint[])) AND on_date BETWEEN :first AND :last AND at > :as_of
        ORDER BY employee_id, on_date, at, id
    )
    SELECT employee_id, on_date, sequence, shift FROM roster
    WHERE employee_id = ANY(CAST(:ids AS bigint[])) AND on_date BETWEEN :first AND :last
      AND NOT EXISTS (SELECT FROM undone WHERE undone.employee_id = roster.employee_id
                      AND undone.on_date = roster.on_date)
    UNION ALL
    SELECT employee_id, on_date, shift.sequence, shift.shift
    FROM undone, unnest(undone.before) WITH ORDINALITY AS shift (shift, sequence)
    ORDER BY 1, 2, 3
""")


def rosters_between(
    connection: Connection, employee_ids: Collection[int], first: date, last: date, as_of: datetime
) -> dict[int, dict[date, Shifts]]:
    """Give the shifts of these people by date, as they were known at an instant; only dates that have any.

    Args:
        connection: in a transaction.
        employee_ids: the people.
        first: the first date.
        last: the last date, inclusive.
        as_of: what was changed later is not seen.

    """
    rows = connection.execute(_AS_OF, {"ids": list(employee_ids), "first": first, "last": last, "as_of": as_of})
    found: dict[int, dict[date, Shifts]] = defaultdict(dict)
    for row in rows:
        dates = found[row.employee_id]
        dates[row.on_date] = (*dates.get(row.on_date, ()), row.shift)
    return dict(found)


def list_rosters(
    connection: Connection,
    *,
    units: Sequence[str] | None = None,
    nip: str | None = None,
    first: date | None = None,
    last: date | None = None,
) -> list[RosterRow]:
    """Give the present rosters by NIP and date, a row for each shift.

    Args:
        connection: in a transaction.
        units: only of people who are posted there on the date.
        nip: only of this person.
        first: the first date.
        last: the last date, inclusive.

    """
    rows = connection.execute(
        text("""
            SELECT e.nip, e.name, r.on_date, r.shift FROM roster r JOIN employee e ON e.id = r.employee_id
            WHERE (CAST(:nip AS text) IS NULL OR e.nip = :nip)
              AND (CAST(:first AS date) IS NULL OR r.on_date >= :first)
              AND (CAST(:last AS date) IS NULL OR r.on_date <= :last)
              AND (CAST(:units AS text[]) IS NULL OR EXISTS (
                    SELECT FROM posting p WHERE p.employee_id = r.employee_id
                    AND p.unit_code = ANY(CAST(:units AS text[])) AND p.valid_during @> r.on_date))
            ORDER BY e.nip, r.on_date, r.sequence
        """),
        {"units": None if units is None else list(units), "nip": nip, "first": first, "last": last},
    )
    return [RosterRow(*row) for row in rows]
