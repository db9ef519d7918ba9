"""Days added up: one judged day as the database counts it, and who cannot have come near a tier of the law."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from eabsensi.discipline.tiers import rulebook_on
from eabsensi.discipline.verdict import Status
from eabsensi.law.policy import Policy
from eabsensi.reports.judged import JudgedDay
from eabsensi.reports.standings import arrival_unknown
from eabsensi.store.tallies import PersonTally, YearTally

_KINDS = ("PNS", "CPNS", "PPPK", "PPPK-PW")
#: A day that is not stored may be an absence, or as many minutes as make two days.
_UNTOLD_DAYS = 2


def tally_of(day: JudgedDay) -> PersonTally:
    """Count one day."""
    late, early = (any(code.startswith(prefix) for code in day.codes) for prefix in ("TL", "PSW"))
    present, unknown = day.status is Status.PRESENT, arrival_unknown(day)
    return PersonTally(
        unit_code=day.unit.code,
        employee_id=day.person.employee_id,
        working=day.status is not Status.OFF,
        present=present,
        on_time=present and not late and not unknown,
        arrival_unknown=unknown,
        late=late,
        late_minutes=day.late_minutes if late else 0,
        early=early,
        missing=(late and day.in_at is None) + (early and day.out_at is None),
        absent=day.absent_days,
        undetermined=day.status is Status.UNDETERMINED,
    )


def added(one: PersonTally, other: PersonTally) -> PersonTally:
    """Add up two tallies of the same person in the same unit."""
    return PersonTally(*one[:2], *(first + second for first, second in zip(one[2:], other[2:], strict=True)))


@dataclass(frozen=True, slots=True)
class Bound:
    """What a year must hold at least before any reading of the law can name a tier.

    Attributes:
        days: the fewest days that any table in force asks for; 1 where a table is not known, which is told.
        minutes_per_day: the fewest minutes that any rule makes a day of; None where none does.

    """

    days: int
    minutes_per_day: int | None

    @classmethod
    def of(cls, policy: Policy, first: date, last: date) -> Bound:
        """Look at every date of a stretch and every kind of employee that a law covers."""
        least, minutes = [], []
        for step in range((last - first).days + 1):
            on = first + timedelta(days=step)
            for book in filter(None, (rulebook_on(policy, kind, on) for kind in _KINDS)):
                table, rule = book.regulation, book.hour_rule(policy, on)
                least += [tier.first for tier in table.tiers] if table and table.tiers else [1]
                least += [table.run.days] if table and table.run else []
                minutes += [rule.minutes] if rule and rule.minutes else []
        return cls(min(least, default=1), min(minutes, default=None))

    def holds(self, year: YearTally) -> bool:
        """Whether a year might reach a tier; never False where it does."""
        converted = year.minutes // self.minutes_per_day if self.minutes_per_day else 0
        return year.changed or year.absent + converted + _UNTOLD_DAYS * year.untold >= self.days
