"""Close a month of a unit with a version and a hash, reopen it with a reason, and make sure that nobody changed it."""

from __future__ import annotations

import calendar
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from eabsensi.assessing.city import City
from eabsensi.assessing.content import closed_day, digest
from eabsensi.assessing.keeping import keep_people, make_occasion
from eabsensi.assessing.ranges import load_city
from eabsensi.clock import Clock, SystemClock
from eabsensi.discipline.verdict import Status
from eabsensi.errors import EabsensiError, Problem, UsageError
from eabsensi.law.policy import Policy
from eabsensi.store.connection import Connection
from eabsensi.store.database import Store
from eabsensi.store.dirty import forget_marks, wait_for_people
from eabsensi.store.facts import PersonRow, load_postings
from eabsensi.store.people import load_units
from eabsensi.store.periods import (
    Addendum,
    Period,
    add_period,
    latest_periods,
    load_addenda,
    load_period_rows,
    load_periods,
    lock_unit,
)
from eabsensi.store.verdicts import StoredVerdict, load_verdicts, people_judged_in


class PeriodError(EabsensiError):
    """The month cannot be closed or reopened."""


class AlreadyClosedError(PeriodError):
    """The month is closed already."""


class NotOverError(PeriodError):
    """The month is not over on the day through which it would be closed."""


class NobodyPostedError(PeriodError):
    """Nobody was posted in the unit in that month."""


class NotClosedError(PeriodError):
    """The month is not closed."""


class OpenDaysError(PeriodError):
    """Days of the month are still open.

    Attributes:
        problems: one for each open day.

    """

    def __init__(self, message: str, problems: list[Problem]) -> None:
        super().__init__(message, remedy="Settle them, or close the month all the same with --reason.")
        self.problems = problems


@dataclass(frozen=True, slots=True)
class PeriodCheck:
    """What a closed month looks like today.

    Attributes:
        period: the closing.
        found: the hash of the rows as they are now.
        addenda: what was learnt since.

    """

    period: Period
    found: str
    addenda: tuple[Addendum, ...]

    @property
    def is_whole(self) -> bool:
        """Whether the rows are those that were closed."""
        return self.found == self.period.sha256


def month_end(month: date) -> date:
    """Give the last day of a month."""
    return month.replace(day=calendar.monthrange(month.year, month.month)[1])


def close_period(
    store: Store,
    policy: Policy,
    unit: str,
    month: date,
    *,
    by: str,
    through: date | None = None,
    reason: str = "",
    clock: Clock | None = None,
) -> Period:
    """Close a month of a unit: judge it once more, and keep its rows and their hash.

    Args:
        store: the open database.
        policy: the law.
        unit: its code; units below are closed on their own.
        month: any day of it.
        by: who closes it.
        through: the last day that the closing covers, as when December closes early; None is the month's last.
        reason: why it is closed although days are open.
        clock: tells the time.

    Raises:
        UnknownUnitError: there is no such unit.
        PeriodError: the month is closed already, not over, or nobody was posted in the unit.
        OpenDaysError: days are undetermined or incomplete, and no reason was given.
        UsageError: ``through`` is no day of the month.

    """
    with store.begin() as connection:
        return close_in(connection, policy, unit, month, by=by, through=through, reason=reason, clock=clock)


def close_in(
    connection: Connection,
    policy: Policy,
    unit: str,
    month: date,
    *,
    by: str,
    through: date | None = None,
    reason: str = "",
    clock: Clock | None = None,
) -> Period:
    """Close a month of a unit in the caller's transaction; see :func:`close_period`."""
    clock = clock or SystemClock()
    month, last = month.replace(day=1), through or month_end(month)
    if last.replace(day=1) != month:
        raise UsageError(f"{last} is no day of {month:%Y-%m}.", remedy="Give --through a day of the month.")
    load_city(connection, policy, clock.now()).require(unit)
    lock_unit(connection, unit)
    before = latest_periods(connection, [month], [unit]).get((unit, month))
    if before is not None and before.state == "closed":
        raise AlreadyClosedError(f"{_name(unit, month)} is closed already (version {before.version}).")
    judged = _Judging(connection, policy, unit, month, last, clock)
    contents, problems = judged.contents(by)
    if problems and not reason.strip():
        raise OpenDaysError(_open_sentence(unit, month, problems), problems)
    period = Period(
        unit_code=unit,
        month=month,
        version=before.version + 1 if before else 1,
        state="closed",
        through_on=last,
        at=clock.now(),
        by=by,
        reason=reason.strip(),
        sha256=digest(contents.values()),
        policy_version=policy.version,
    )
    add_period(connection, period, contents)
    return period


class _Judging:
    """The month as it is judged for its closing."""

    def __init__(  # noqa: PLR0917  one closing's values, used in one place
        self, connection: Connection, policy: Policy, unit: str, month: date, last: date, clock: Clock
    ) -> None:
        self._connection = connection
        self._policy = policy
        self._unit = unit
        self._first = month
        self._last = last
        self._clock = clock

    def contents(self, by: str) -> tuple[dict[int, dict[str, Any]], list[Problem]]:
        """Judge everybody of the unit, and give each one's content and a problem for each open day."""
        people = self._people()
        concerned = people.keys() | people_judged_in(self._connection, [self._unit], self._first, self._last)
        wait_for_people(self._connection, concerned)
        forget_marks(self._connection, concerned, self._first, self._last)
        occasion = make_occasion(self._connection, self._policy, self._clock, by)
        if self._last > occasion.city.latest_date(occasion.judged_at):
            name = _name(self._unit, self._first)
            raise NotOverError(f"{name} is not over on {self._last}.", remedy="Close it through an earlier day.")
        cause = f"closing {self._first:%Y-%m}"
        keep_people(self._connection, occasion, concerned, self._first, self._last, causes=cause)
        return self._collect(occasion.city, self._people())

    def _people(self) -> dict[int, PersonRow]:
        postings = load_postings(self._connection, self._first, self._last, units=[self._unit])
        if not postings:
            raise NobodyPostedError(f"Nobody was posted in {self._unit} in {self._first:%Y-%m}.")
        return {posting.person.employee_id: posting.person for posting in postings}

    def _collect(self, city: City, people: dict[int, PersonRow]) -> tuple[dict[int, dict[str, Any]], list[Problem]]:
        contents = {key: person._asdict() | {"unit": self._unit, "days": []} for key, person in sorted(people.items())}
        problems: list[Problem] = []
        for stored in load_verdicts(self._connection, self._first, self._last, units=[self._unit]):
            row = stored.row
            contents[row.employee_id]["days"].append(closed_day(stored, city.zone(self._unit, row.on_date)))
            if not row.complete or row.status == Status.UNDETERMINED:
                problems.append(_open_day(people[row.employee_id], stored))
        return contents, problems


def _open_day(person: PersonRow, stored: StoredVerdict) -> Problem:
    reasons = "; ".join(reason["en"] for reason in stored.row.reasons) or "nothing more is known"
    state = "undetermined" if stored.row.status == Status.UNDETERMINED else "incomplete"
    return Problem(f"{person.nip} {person.name}, {stored.row.on_date}", f"{state}: {reasons}.")


def _open_sentence(unit: str, month: date, problems: Sequence[Problem]) -> str:
    days = "1 open day" if len(problems) == 1 else f"{len(problems):,} open days"
    return f"{_name(unit, month)} has {days}; the first is {problems[0]}"


def reopen_period(store: Store, unit: str, month: date, *, by: str, reason: str, clock: Clock | None = None) -> Period:
    """Reopen a closed month; its closed content stays readable under its version.

    Raises:
        UnknownUnitError: there is no such unit.
        PeriodError: the month is not closed.
        UsageError: no reason is given.

    """
    with store.begin() as connection:
        return reopen_in(connection, unit, month, by=by, reason=reason, clock=clock)


def reopen_in(
    connection: Connection, unit: str, month: date, *, by: str, reason: str, clock: Clock | None = None
) -> Period:
    """Reopen a closed month in the caller's transaction; see :func:`reopen_period`."""
    clock, month = clock or SystemClock(), month.replace(day=1)
    if not reason.strip():
        raise UsageError("A month is reopened with a reason.", remedy="Say why with --reason.")
    lock_unit(connection, unit)
    before = latest_periods(connection, [month], [unit]).get((unit, month))
    if before is None or before.state != "closed":
        raise NotClosedError(f"{_name(unit, month)} is not closed.", remedy="`eabsensi period show` tells its state.")
    period = before._replace(
        version=before.version + 1,
        state="reopened",
        through_on=None,
        at=clock.now(),
        by=by,
        reason=reason.strip(),
        sha256=None,
        policy_version=None,
    )
    add_period(connection, period, {})
    return period


def period_history(connection: Connection, unit: str, month: date) -> list[Period]:
    """Give every closing and reopening of a unit's month, the first one first."""
    return load_periods(connection, [month.replace(day=1)], [unit])


def verify_period(connection: Connection, unit: str, month: date, version: int | None = None) -> PeriodCheck:
    """Compute the hash of a closed month again.

    Args:
        connection: in a transaction.
        unit: its code.
        month: any day of it.
        version: of a closing; None is the last one.

    Raises:
        PeriodError: there is no such closing.

    """
    month = month.replace(day=1)
    history = period_history(connection, unit, month)
    closings = [item for item in history if item.state == "closed" and version in (None, item.version)]
    if not closings:
        what = "was never closed" if version is None else f"has no closing with version {version}"
        near = "" if unit in load_units(connection) else f"There is no unit {unit}."
        raise PeriodError(f"{_name(unit, month)} {what}.", remedy=near)
    period = closings[-1]
    rows = load_period_rows(connection, unit, month, period.version)
    addenda = load_addenda(connection, unit, month, period.version)
    return PeriodCheck(period, digest(rows.values()), tuple(addenda))


def _name(unit: str, month: date) -> str:
    return f"{month:%Y-%m} of {unit}"
