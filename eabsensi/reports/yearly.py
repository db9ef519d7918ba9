"""The yearly report: days without reason month by month, minutes that became days, and their sum. It follows people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby
from typing import Any, ClassVar

from eabsensi.discipline.accumulation import YearTotal, accumulate
from eabsensi.discipline.facts import PersonFact, UnitFact
from eabsensi.discipline.indication import Indication, indicate
from eabsensi.discipline.verdict import Status
from eabsensi.law.policy import Policy
from eabsensi.law.tiers import level_text
from eabsensi.law.wording import Language, month_names
from eabsensi.reports.judged import JudgedDay, JudgedPeriod, by_person, on_the_spot, open_notes
from eabsensi.reports.labels import label
from eabsensi.reports.paper import Cell, Column, Medium, Paper, Part, Setting, Table, Tint, Value


@dataclass(frozen=True, slots=True)
class YearRow:
    """One person's year.

    Attributes:
        number: place within the unit, from 1.
        unit: of the last posting in the year.
        person: who.
        months: days absent in each month, January first; None for months that have not begun.
        total: what the law counts.
        indication: where that leads; None below the first tier.
        open_days: the undetermined days of the year.
        on_the_spot: days of the year that no stored verdict told.
        addenda_on: days of closed months that changed since.

    """

    number: int
    unit: UnitFact
    person: PersonFact
    months: tuple[int | None, ...]
    total: YearTotal
    indication: Indication | None
    open_days: tuple[JudgedDay, ...]
    on_the_spot: int
    addenda_on: tuple[date, ...]


@dataclass(frozen=True, slots=True)
class YearSection:
    """The year of the people of one unit."""

    unit: UnitFact
    rows: tuple[YearRow, ...]


@dataclass(frozen=True, slots=True)
class YearlyReport:
    """A yearly report, ready for every rendering."""

    year: int
    period: JudgedPeriod
    sections: tuple[YearSection, ...]
    setting: Setting

    keys: ClassVar[Sequence[str]] = (
        *("year", "unit", "nip", "name", "kind", "months", "absent_days", "converted_minutes", "converted_days"),
        *(
            "total_days",
            "longest_run",
            "tier",
            "undetermined",
            "undetermined_on",
            "dates",
            "through",
            "on_the_spot",
            "addenda_on",
        ),
    )

    def objects(self, language: Language) -> Iterator[Mapping[str, Any]]:
        """Give a row per person; ``months`` holds twelve numbers, null for months that have not begun."""
        for section in self.sections:
            for row in section.rows:
                total = row.total
                yield {
                    "year": self.year,
                    "unit": row.unit.code,
                    "nip": row.person.nip,
                    "name": row.person.name,
                    "kind": row.person.kind,
                    "months": list(row.months),
                    "absent_days": total.absent_days,
                    "converted_minutes": total.converted_minutes,
                    "converted_days": total.converted_days,
                    "total_days": total.total_days,
                    "longest_run": total.longest_run,
                    "tier": row.indication.tier_text(language) if row.indication else None,
                    "undetermined": len(total.undetermined_on),
                    "undetermined_on": list(total.undetermined_on),
                    "dates": list(total.dates),
                    "through": total.through,
                    "on_the_spot": row.on_the_spot,
                    "addenda_on": list(row.addenda_on),
                }

    def paper(self, medium: Medium, language: Language) -> Paper:
        """Lay it out."""
        return Paper(
            stem=f"yearly-{self.year}",
            title=label("yearly_title", language),
            period=label("year", language).format(year=self.year),
            place=self.period.place(language),
            parts=tuple(self._part(section, medium, language) for section in self.sections),
            setting=self.setting,
            empty=label("nobody_period", language),
        )

    def _part(self, section: YearSection, medium: Medium, language: Language) -> Part:
        rows = tuple(_cells(row, medium, language) for row in section.rows)
        return Part(
            code=section.unit.code,
            title=section.unit.name,
            state=year_state(self.period, section.unit, section.rows, language),
            heading=label("incomplete", language),
            notes=open_notes((day for row in section.rows for day in row.open_days), language),
            tables=(Table(_columns(medium, language), rows, size=7, frozen_columns=3 * (medium is Medium.SHEET)),),
            remarks=(
                f"{label('yearly_legend', language)} {label('sum_legend', language)}",
                *((label("brief_year", language), f"*: {label('indicative', language)}") * (medium is Medium.SCREEN)),
            ),
        )


def yearly_report(period: JudgedPeriod, policy: Policy, year: int) -> YearlyReport:
    """Make the report of a judged year; days before it only serve runs over New Year."""
    rows = year_rows(period, policy, year)
    sections = []
    for _, found in groupby(rows, key=lambda row: row.unit.code):
        group = tuple(found)
        sections.append(YearSection(group[0].unit, group))
    laws = (segment.rulebook.citation for row in rows for segment in row.total.segments)
    setting = Setting.of(policy, period.as_of, period.zone, tuple(dict.fromkeys(laws)))
    return YearlyReport(year, period, tuple(sections), setting)


def year_rows(period: JudgedPeriod, policy: Policy, year: int) -> list[YearRow]:
    """Add up each person's year, by the unit of the last posting in it, then by name."""
    found = []
    for _, days in by_person(period.days):
        own = [day for day in days if day.on.year == year]
        if not own:
            continue
        person = own[-1].person
        outcomes = [day.outcome for day in days]
        total = accumulate(policy, person.kind, year, outcomes, through=period.through)
        months = _months(total, period.through.year * 12 + period.through.month - year * 12)
        open_days = tuple(day for day in own if day.status is Status.UNDETERMINED)
        indication = indicate(policy, person.kind, total)
        addenda = tuple(day.on for day in own if day.addendum)
        found.append(YearRow(0, own[-1].unit, person, months, total, indication, open_days, on_the_spot(own), addenda))
    found.sort(key=lambda row: (row.unit.code, row.person.name, row.person.nip))
    return [
        replace(row, number=number)
        for _, group in groupby(found, key=lambda row: row.unit.code)
        for number, row in enumerate(group, 1)
    ]


def year_state(period: JudgedPeriod, unit: UnitFact, rows: Sequence[YearRow], language: Language) -> tuple[str, ...]:
    """Say which months of the unit are closed, and what the figures of these people do not rest on."""
    addenda, spot = sum(len(row.addenda_on) for row in rows), sum(row.on_the_spot for row in rows)
    return period.year_state(unit.code, addenda, spot, language)


def _months(total: YearTotal, begun: int) -> tuple[int | None, ...]:
    """Count the days absent of each month; None from the first month on that has not begun."""
    return tuple(sum(on.month == month for on in total.dates) if month <= begun else None for month in range(1, 13))


_FIGURES = (
    *(("absent_days", "7mm"), ("converted_minutes", "12mm"), ("converted", "12mm")),
    *(("sum", "11mm"), ("longest_run", "13mm"), ("open_days", "12mm")),
)


def _columns(medium: Medium, language: Language) -> tuple[Column, ...]:
    names = month_names(language)
    if medium is Medium.SCREEN:
        brief = ("TK", "m", "K", label("brief_sum", language), label("brief_run", language), "?")
        return (
            *(Column(label("number", language), 2, "right"), Column(label("name_nip", language), 18)),
            *(Column(name, 3, "right") for name in (*(name[:3] for name in names), *brief)),
            Column(label("reached", language), 13),
        )
    number = Column(label("number", language), 5, "right")
    months = tuple(Column(name, 10, "right", "1fr") for name in names)
    figures = tuple(Column(label(key, language), 11, "right", share) for key, share in _FIGURES)
    tier = Column(label("reached", language), 30, share="34mm")
    if medium is Medium.PRINT:
        return number, Column(label("name_nip", language), share="42mm"), *months, *figures, tier
    return number, Column(label("nip", language), 21), Column(label("name", language), 30), *months, *figures, tier


def _cells(row: YearRow, medium: Medium, language: Language) -> tuple[Value, ...]:
    person, total = row.person, row.total
    who: tuple[Value, ...] = (person.nip, person.name)
    if medium is not Medium.SHEET:
        who = (f"{person.name}\n{person.nip}",)
    undetermined = len(total.undetermined_on)
    return (
        row.number,
        *who,
        *(Cell(count, Tint.ABSENT) if count else count for count in row.months),
        *(total.absent_days, total.converted_minutes, total.converted_days, total.total_days, total.longest_run),
        Cell(undetermined, Tint.UNDETERMINED if undetermined else None),
        _tier(row.indication, medium, language) if row.indication else "",
    )


def _tier(indication: Indication, medium: Medium, language: Language) -> str:
    """Name the tier; in a terminal only its level, since the words of the law are long."""
    if medium is not Medium.SCREEN:
        return indication.tier_text(language)
    if indication.tier is None:
        return label("decide", language)
    return level_text(indication.tier.level, language) + (" *" if indication.indicative else "")
