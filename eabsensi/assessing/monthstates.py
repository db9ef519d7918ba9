"""How the months of the units stand: open, closed with which version, and what was learnt since."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from eabsensi.assessing.closing import PeriodCheck, month_end, period_history, verify_period
from eabsensi.store.connection import Connection
from eabsensi.store.monthstates import Named, addenda_counts, open_days, people_named, units_posted
from eabsensi.store.people import Unit, load_units
from eabsensi.store.periods import Period, latest_periods


@dataclass(frozen=True, slots=True)
class MonthState:
    """One unit's month.

    Attributes:
        month: its first day.
        posted: anybody was posted in the unit then.
        judged: any day of it has a stored verdict; what is open of a month without one is not known yet.
        period: the last word on it; None where it was never closed.
        open_days: stored employee-days that are undetermined or incomplete.
        addenda: what was learnt since the last closing; 0 where it is not closed.

    """

    month: date
    posted: bool
    judged: bool
    period: Period | None
    open_days: int
    addenda: int

    @property
    def closed(self) -> bool:
        """Whether the month is closed now."""
        return self.period is not None and self.period.state == "closed"


def month_states(connection: Connection, months: Sequence[date]) -> list[tuple[Unit, tuple[MonthState, ...]]]:
    """Give every unit in which anybody was posted in one of these months, by name, with the state of each.

    Args:
        connection: in a transaction.
        months: first days, the earliest first.

    """
    posted, latest = units_posted(connection, months), latest_periods(connection, months)
    waiting = open_days(connection, months[0], month_end(months[-1]))
    addenda = addenda_counts(connection, months)

    def state(code: str, month: date) -> MonthState:
        period = latest.get((code, month))
        since = addenda.get((code, month, period.version), 0) if period else 0
        return MonthState(
            month=month,
            posted=(code, month) in posted,
            judged=posted.get((code, month), False),
            period=period,
            open_days=waiting.get((code, month), 0),
            addenda=since,
        )

    found = ((unit, tuple(state(unit.code, month) for month in months)) for unit in load_units(connection).values())
    concerned = [row for row in found if any(item.posted or item.period for item in row[1])]
    return sorted(concerned, key=lambda row: row[0].name)


@dataclass(frozen=True, slots=True)
class PeriodStory:
    """Every closing and reopening of a unit's month.

    Attributes:
        history: the first one first.
        checks: version of each closing to what it looks like today.
        people: employee id to name, of those whom an addendum is about.

    """

    history: tuple[Period, ...]
    checks: Mapping[int, PeriodCheck]
    people: Mapping[int, Named]

    @property
    def last(self) -> Period | None:
        """The last word on the month."""
        return self.history[-1] if self.history else None

    @property
    def closed(self) -> bool:
        """Whether the month is closed now."""
        return self.last is not None and self.last.state == "closed"


def period_story(connection: Connection, unit: str, month: date) -> PeriodStory:
    """Tell a unit's month, and make sure that the rows of each closing are those that were closed.

    Args:
        connection: in a transaction.
        unit: its code.
        month: any day of it.

    """
    history = tuple(period_history(connection, unit, month))
    closings = [item.version for item in history if item.state == "closed"]
    checks = {version: verify_period(connection, unit, month, version) for version in closings}
    ids = {addendum.employee_id for check in checks.values() for addendum in check.addenda}
    return PeriodStory(history, checks, people_named(connection, ids))
