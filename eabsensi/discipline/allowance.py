"""What a month's codes take off the allowance, in percent, line by line and exactly."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from eabsensi.discipline.accumulation import DayOutcome
from eabsensi.discipline.verdict import ABSENT_CODE, APEL_MISSED_CODE, Status
from eabsensi.law.citation import Citation
from eabsensi.law.dated import Dated
from eabsensi.law.policy import Policy

WHOLE = Decimal(100)


@dataclass(frozen=True, slots=True)
class AllowanceLine:
    """One deduction.

    Attributes:
        on: the day.
        code: as printed on that day.
        percent: of the month's allowance.
        citation: the rule.

    """

    on: date
    code: str
    percent: Decimal
    citation: Citation


@dataclass(frozen=True, slots=True)
class AllowanceTotal:
    """A month's deductions of one person.

    Attributes:
        lines: earliest first.
        open_on: days that something unread may still change; nothing is taken off for them yet.

    """

    lines: tuple[AllowanceLine, ...]
    open_on: tuple[date, ...]

    @property
    def summed(self) -> Decimal:
        """The sum of the lines, in percent."""
        return sum((line.percent for line in self.lines), Decimal(0))

    @property
    def percent(self) -> Decimal:
        """What is taken off: the sum, and never more than the whole allowance."""
        return min(self.summed, WHOLE)


def allowance(policy: Policy, month_days: Sequence[DayOutcome]) -> AllowanceTotal:
    """Add up what the days of a month take off the allowance.

    Args:
        policy: the rules; each day falls under those of its own date.
        month_days: in any order.

    """
    ordered = sorted(month_days, key=lambda day: day.on)
    return AllowanceTotal(
        lines=tuple(line for day in ordered if day.complete for line in _lines(policy, day)),
        open_on=tuple(day.on for day in ordered if not day.complete),
    )


def _lines(policy: Policy, day: DayOutcome) -> Iterator[AllowanceLine]:
    if day.counts:
        code = day.codes[0] if day.status is Status.EXCUSED else ABSENT_CODE
        yield _line(day, code, policy.allowance_absent_day.on(day.on))
    elif day.status in {Status.PRESENT, Status.EXCUSED}:  # a paper for half the day leaves the other half to be served
        yield from _band_lines(policy, day)
    for _ in range(day.apel_missed):
        yield _line(day, APEL_MISSED_CODE, policy.allowance_missed_apel.on(day.on))
    for _ in range(day.ceremony_missed):
        yield _line(day, APEL_MISSED_CODE, policy.allowance_missed_ceremony.on(day.on))


def _band_lines(policy: Policy, day: DayOutcome) -> Iterator[AllowanceLine]:
    bands = policy.allowance_bands.on(day.on)
    for code in day.codes:
        if _is_missing_punch(policy, day, code):
            yield _line(day, code, policy.allowance_missing_punch.on(day.on))
        elif code in bands.value:
            yield AllowanceLine(day.on, code, bands.value[code], bands.citation)


def _is_missing_punch(policy: Policy, day: DayOutcome, code: str) -> bool:
    """A missing punch has the code of its rule and no minutes: nobody knows how late or early it was."""
    missing_in, missing_out = policy.missing_in.on(day.on).value, policy.missing_out.on(day.on).value
    return (code == missing_in and not day.late_minutes) or (code == missing_out and not day.early_minutes)


def _line(day: DayOutcome, code: str, percent: Dated[Decimal]) -> AllowanceLine:
    return AllowanceLine(day.on, code, percent.value, percent.citation)
