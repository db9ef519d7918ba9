"""What closing a unit's month would freeze, and which of its days are still open; shown before it is done."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from eabsensi.discipline.facts import PersonFact, UnitFact
from eabsensi.discipline.verdict import Status
from eabsensi.law.policy import Policy
from eabsensi.law.wording import Language
from eabsensi.reports.judged import JudgedDay, by_person
from eabsensi.reports.loading import Asked, judged_month
from eabsensi.store.connection import Connection


@dataclass(frozen=True, slots=True)
class OpenPerson:
    """Somebody with open days."""

    person: PersonFact
    days: tuple[JudgedDay, ...]

    def reasons(self, language: Language) -> tuple[str, ...]:
        """Say why they are open, each reason once."""
        told = (reason.text(language) for day in self.days for reason in day.reasons)
        return tuple(dict.fromkeys(told))


@dataclass(frozen=True, slots=True)
class ClosingPreview:
    """A unit's month as it would be frozen now.

    Attributes:
        unit: None where nobody was posted in it.
        through: the last day that would be covered.
        as_of: the instant whose knowledge is shown.
        over: that day has come, so that the month may be closed through it.
        people: how many.
        days: employee-days.
        open: those with undetermined or incomplete days; closing needs a reason while there are any.

    """

    unit: UnitFact | None
    through: date
    as_of: datetime
    over: bool
    people: int
    days: int
    open: tuple[OpenPerson, ...]

    @property
    def open_days(self) -> int:
        """Count the employee-days that are open."""
        return sum(len(row.days) for row in self.open)


def closing_preview(
    connection: Connection, policy: Policy, unit: str, span: tuple[date, date], as_of: datetime
) -> ClosingPreview:
    """Judge a unit's month anew, as a closing would whatever is stored, and keep nothing.

    Args:
        connection: in a transaction.
        policy: the law.
        unit: its code; units below are closed on their own.
        span: the month's first day, and the last that would be covered.
        as_of: the present, timezone-aware.

    Raises:
        UnknownUnitError: there is no such unit.

    """
    first, through = span
    asked = Asked(first, through, as_of, unit, past=True, alone=True)  # as if nothing were stored
    period = judged_month(connection, policy, asked)
    days = list(period.days)
    return ClosingPreview(
        unit=days[0].unit if days else None,
        through=through,
        as_of=as_of.astimezone(period.zone),
        over=period.through == through,
        people=len({day.person.employee_id for day in days}),
        days=len(days),
        open=tuple(_open(days)),
    )


def _open(days: Sequence[JudgedDay]) -> Iterator[OpenPerson]:
    for person, own in by_person(days):
        found = tuple(day for day in own if not day.complete or day.status is Status.UNDETERMINED)
        if found:
            yield OpenPerson(person, found)
