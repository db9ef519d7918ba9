"""What days add up to: counts and minutes of one person, and of many."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from eabsensi.discipline.facts import DocumentKind
from eabsensi.discipline.verdict import Status
from eabsensi.law.policy import Policy
from eabsensi.reports.judged import JudgedDay

_KINDS = {
    "duty": (DocumentKind.DUTY, DocumentKind.TRAINING, DocumentKind.STUDY, DocumentKind.FLEXIBLE_PLACE),
    "leave": (
        *(DocumentKind.ANNUAL_LEAVE, DocumentKind.BIG_LEAVE, DocumentKind.SICK_LEAVE),
        *(DocumentKind.MATERNITY_LEAVE, DocumentKind.IMPORTANT_LEAVE, DocumentKind.UNPAID_LEAVE),
    ),
    "sick": (DocumentKind.SICK,),
    "permission": (DocumentKind.PERMISSION,),
}
CodeGroups = Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Recap:
    """What a person's month adds up to; all are days unless named otherwise.

    Attributes:
        working_days: days that ask for work, undetermined ones too.
        present: days present, duty elsewhere among them.
        absent_days: days without reason.
        late_count: days with a late code.
        late_minutes: of these.
        early_count: days with an early code.
        early_minutes: of these.
        missing_in: days present without an arrival where no paper stands for it.
        missing_out: days present without a departure where no paper stands for it.
        deficit_minutes: working minutes due and not given.
        duty: days of duty, training, study or work elsewhere.
        leave: days of leave.
        sick: days of sickness.
        permission: days of permission.
        apel_missed: gatherings missed.
        undetermined: days that cannot be judged yet.
        percent: present of the working days that are judged, two places; None where there is none.

    """

    working_days: int
    present: int
    absent_days: int
    late_count: int
    late_minutes: int
    early_count: int
    early_minutes: int
    missing_in: int
    missing_out: int
    deficit_minutes: int
    duty: int
    leave: int
    sick: int
    permission: int
    apel_missed: int
    undetermined: int
    percent: Decimal | None


def code_groups(policy: Policy, first: date, last: date) -> CodeGroups:
    """Give the printed codes that belong together, by the law in force at both ends of a stretch."""
    rules = [policy.documents.on(on).value for on in (first, last)]
    return {name: frozenset(rule[kind].code for rule in rules for kind in kinds) for name, kinds in _KINDS.items()}


def recap(days: Sequence[JudgedDay], groups: CodeGroups) -> Recap:
    """Add days up."""
    present = [day for day in days if day.status is Status.PRESENT]
    working = sum(day.status is not Status.OFF for day in days)
    undetermined = len(undetermined_dates(days))
    late, early = _coded(days, "TL"), _coded(days, "PSW")
    return Recap(
        working_days=working,
        present=len(present),
        absent_days=sum(day.absent_days for day in days),
        late_count=len(late),
        late_minutes=sum(day.late_minutes for day in late),
        early_count=len(early),
        early_minutes=sum(day.early_minutes for day in early),
        missing_in=sum(day.in_at is None for day in late),
        missing_out=sum(day.out_at is None for day in early),
        deficit_minutes=sum(day.deficit_minutes for day in days),
        duty=_any_of(days, groups["duty"]),
        leave=_any_of(days, groups["leave"]),
        sick=_any_of(days, groups["sick"]),
        permission=_any_of(days, groups["permission"]),
        apel_missed=sum(day.apel_missed + day.ceremony_missed for day in days),
        undetermined=undetermined,
        percent=percentage(len(present), working - undetermined),
    )


def total_of(recaps: Sequence[Recap]) -> Recap:
    """Add recaps up; the percentage is that of the sums."""
    figures = {
        field.name: sum(getattr(one, field.name) for one in recaps)
        for field in fields(Recap)
        if field.name != "percent"
    }
    return Recap(**figures, percent=percentage(figures["present"], figures["working_days"] - figures["undetermined"]))


def percentage(part: int, whole: int) -> Decimal | None:
    """Give the percentage with two places; None of nothing."""
    if whole <= 0:
        return None
    return (Decimal(100 * part) / whole).quantize(Decimal("0.01"), ROUND_HALF_UP)


def undetermined_dates(days: Iterable[JudgedDay]) -> list[date]:
    """Give the dates that cannot be judged yet."""
    return [day.on for day in days if day.status is Status.UNDETERMINED]


def _coded(days: Sequence[JudgedDay], prefix: str) -> list[JudgedDay]:
    return [day for day in days if any(code.startswith(prefix) for code in day.codes)]


def _any_of(days: Sequence[JudgedDay], codes: frozenset[str]) -> int:
    return sum(not codes.isdisjoint(day.codes) for day in days)
