"""The monthly report: for each unit the days 1 to 31 of everybody, and what they add up to."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, ClassVar

from eabsensi.discipline.facts import PersonFact, UnitFact
from eabsensi.law.policy import Policy
from eabsensi.law.wording import Language
from eabsensi.reports import monthly_paper
from eabsensi.reports.judged import JudgedDay, JudgedPeriod, by_person, cited
from eabsensi.reports.labels import label
from eabsensi.reports.paper import Drawings, Medium, Paper, Setting, Subject
from eabsensi.reports.recap import Recap, code_groups, recap, total_of, undetermined_dates


@dataclass(frozen=True, slots=True)
class MonthRow:
    """One person's month in one unit."""

    number: int
    unit: UnitFact
    person: PersonFact
    days: Mapping[date, JudgedDay]
    recap: Recap


@dataclass(frozen=True, slots=True)
class MonthSection:
    """The month of one unit."""

    unit: UnitFact
    rows: tuple[MonthRow, ...]
    days: tuple[JudgedDay, ...]

    @property
    def recap(self) -> Recap:
        """Add its people up."""
        return total_of([row.recap for row in self.rows])


#: Draws the pictures of one unit's pages; see :mod:`eabsensi.reports.illustrating`.
Draw = Callable[["MonthlyReport", MonthSection, Language], Drawings]


@dataclass(frozen=True, slots=True)
class MonthlyReport:
    """A monthly report, ready for every rendering; ``draw`` makes the pictures on paper, None leaves them out."""

    month: date
    period: JudgedPeriod
    sections: tuple[MonthSection, ...]
    setting: Setting
    policy: Policy
    draw: Draw | None = None

    keys: ClassVar[Sequence[str]] = (
        *("month", "unit", "nip", "name", "kind", "days", "working_days", "present", "absent_days"),
        *("late_count", "late_minutes", "early_count", "early_minutes", "missing_in", "missing_out"),
        *("deficit_minutes", "duty", "leave", "sick", "permission", "apel_missed", "undetermined", "percent"),
        *("undetermined_on", "closed", "version", "sha256", "on_the_spot"),
    )

    @property
    def subject(self) -> Subject:
        """A month of a unit or the city."""
        return Subject("monthly", f"{self.month:%Y-%m}", self.period.unit.code if self.period.unit else None)

    def title(self, language: Language) -> str:
        """Name it as its face does."""
        return label("monthly_title", language)

    def paper_units(self) -> Sequence[str]:
        """Name the units that have pages of their own."""
        return [section.unit.code for section in self.sections]

    @property
    def dates(self) -> tuple[date, ...]:
        """Every date of the month."""
        count = (self.period.last - self.period.first).days + 1
        return tuple(self.period.first + timedelta(days=place) for place in range(count))

    def objects(self, language: Language) -> Iterator[Mapping[str, Any]]:
        """Give a row per person and unit; ``days`` holds the printed codes by date."""
        del language  # nothing in them is words
        for section in self.sections:
            closings = self.period.closings.get(section.unit.code, ())
            closing = closings[-1] if closings else None
            for row in section.rows:
                yield {
                    "month": f"{self.month:%Y-%m}",
                    "unit": section.unit.code,
                    "nip": row.person.nip,
                    "name": row.person.name,
                    "kind": row.person.kind,
                    "days": {on.isoformat(): " ".join(day.codes) for on, day in row.days.items()},
                    **{name: getattr(row.recap, name) for name in self.keys[6:23]},
                    "undetermined_on": [on.isoformat() for on in undetermined_dates(row.days.values())],
                    "closed": bool(closing and closing.closed),
                    "version": closing.version if closing else None,
                    "sha256": closing.sha256 if closing else None,
                    "on_the_spot": sum(day.version is None for day in row.days.values()),
                }

    def paper(self, medium: Medium, language: Language) -> Paper:
        """Lay it out."""
        return monthly_paper.lay_out(self, medium, language)


def monthly_report(period: JudgedPeriod, policy: Policy) -> MonthlyReport:
    """Make the report of a judged month."""
    sections, groups = [], code_groups(policy, period.first, period.last)
    for unit, days in period.by_unit():
        rows = tuple(
            MonthRow(number, unit, person, {day.on: day for day in own}, recap(own, groups))
            for number, (person, own) in enumerate(by_person(days), 1)
        )
        sections.append(MonthSection(unit, rows, tuple(days)))
    law = cited(day for section in sections for day in section.days)
    setting = Setting.of(policy, period.as_of, period.zone, law, period.ancestries)
    return MonthlyReport(period.first, period, tuple(sections), setting, policy)
