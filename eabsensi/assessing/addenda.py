"""What is learnt about a closed month after its closing: noted beside it, once per difference, never in it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from eabsensi.assessing.city import City
from eabsensi.assessing.content import day_content, same_day
from eabsensi.store.connection import Connection
from eabsensi.store.periods import (
    Addendum,
    Period,
    add_addenda,
    closed_contents,
    last_addenda,
    latest_periods,
)
from eabsensi.store.verdicts import Standing, VerdictRow


class Change(NamedTuple):
    """A day that was judged differently: as it is now, or None where there is no posting any more; and as it stood."""

    row: VerdictRow | None
    before: Standing | None
    key: tuple[int, date]
    cause: str

    @property
    def units(self) -> set[str]:
        """The units whose month it concerns: two, where the posting of the day is another one."""
        named = {self.row.unit_code if self.row else None, self.before.unit_code if self.before else None}
        return {unit for unit in named if unit is not None}


@dataclass(frozen=True, slots=True)
class _Closed:
    """Closed months, what they hold, and the last addendum of each day."""

    periods: Mapping[tuple[str, date], Period]
    contents: Mapping[tuple[str, date, int], dict[str, Any]]
    addenda: Mapping[tuple[str, date, int], Addendum]

    def known(self, unit: str, key: tuple[int, date]) -> dict[str, Any] | None:
        """Give the day as the closed month and its addenda have it so far; None where it is not the unit's."""
        employee_id, on = key
        last = self.addenda.get((unit, on, employee_id))
        if last is not None:
            return last.after
        content = self.contents.get((unit, on.replace(day=1), employee_id), {"days": []})
        return next((day for day in content["days"] if day["date"] == on.isoformat()), None)


def note_addenda(connection: Connection, city: City, changes: Sequence[Change], at: datetime) -> int:
    """Add an addendum for each change of a closed day that is not noted yet, and give their number."""
    months = {change.key[1].replace(day=1) for change in changes}
    units = {unit for change in changes for unit in change.units}
    latest = latest_periods(connection, months, units) if changes else {}
    periods = {key: period for key, period in latest.items() if period.state == "closed"}
    if not periods:
        return 0
    closed = _load(connection, periods, {change.key[0] for change in changes})
    addenda = [item for change in changes for item in _differences(city, closed, change, at)]
    add_addenda(connection, addenda)
    return len(addenda)


def _load(connection: Connection, periods: Mapping[tuple[str, date], Period], employees: Collection[int]) -> _Closed:
    return _Closed(
        periods,
        closed_contents(connection, periods.values(), employees),
        last_addenda(connection, periods.values(), employees),
    )


def _differences(city: City, closed: _Closed, change: Change, at: datetime) -> Iterator[Addendum]:
    employee_id, on = change.key
    for unit in sorted(change.units):
        period = closed.periods.get((unit, on.replace(day=1)))
        if period is None or (period.through_on is not None and on > period.through_on):
            continue
        mine = change.row if change.row and change.row.unit_code == unit else None
        after = day_content(mine, city.zone(unit, on)) if mine else None
        before = closed.known(unit, change.key)
        if not same_day(before, after):
            yield Addendum(*period[:3], employee_id, on, before, after, at, change.cause)
