"""What a month takes off the allowance, person by person, each line with its day and rule."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

from eabsensi.discipline.allowance import AllowanceLine, AllowanceTotal, allowance
from eabsensi.discipline.facts import PersonFact, UnitFact
from eabsensi.law.policy import Policy
from eabsensi.law.wording import Language, month_name
from eabsensi.reports.judged import JudgedDay, JudgedPeriod, by_person, on_the_spot, open_notes
from eabsensi.reports.labels import label
from eabsensi.reports.paper import Cell, Column, Medium, Paper, Part, Setting, Subject, Table, Tint, Value, written
from eabsensi.reports.summarising import summary_parts

_PLACES = 2


@dataclass(frozen=True, slots=True)
class AllowanceRow:
    """One person's month in one unit."""

    number: int
    unit: UnitFact
    person: PersonFact
    total: AllowanceTotal
    days: tuple[JudgedDay, ...]


@dataclass(frozen=True, slots=True)
class AllowanceReport:
    """The month's deductions, ready for every rendering."""

    month: date
    period: JudgedPeriod
    sections: tuple[tuple[UnitFact, tuple[AllowanceRow, ...]], ...]
    setting: Setting

    keys: ClassVar[Sequence[str]] = (
        *("month", "nip", "name", "unit", "percent", "lines", "open_on", "closed", "version", "sha256"),
        "on_the_spot",
    )

    @property
    def subject(self) -> Subject:
        """A month of a unit or the city."""
        return Subject("allowance", f"{self.month:%Y-%m}", self.period.unit.code if self.period.unit else None)

    def title(self, language: Language) -> str:
        """Name it as its face does."""
        return label("allowance_title", language)

    def paper_units(self) -> Sequence[str]:
        """Name the units that have pages of their own."""
        return [unit.code for unit, _ in self.sections]

    def objects(self, language: Language) -> Iterator[Mapping[str, Any]]:
        """Give a row per person and unit; percentages are exact, as text."""
        for unit, rows in self.sections:
            closings = self.period.closings.get(unit.code, ())
            closing = closings[-1] if closings else None
            for row in rows:
                yield {
                    "month": f"{self.month:%Y-%m}",
                    "nip": row.person.nip,
                    "name": row.person.name,
                    "unit": unit.code,
                    "percent": row.total.percent,
                    "lines": [_line(line, language) for line in row.total.lines],
                    "open_on": list(row.total.open_on),
                    "closed": bool(closing and closing.closed),
                    "version": closing.version if closing else None,
                    "sha256": closing.sha256 if closing else None,
                    "on_the_spot": on_the_spot(row.days),
                }

    def paper(self, medium: Medium, language: Language) -> Paper:
        """Lay it out."""
        return Paper(
            stem=self.subject.stem,
            title=self.title(language),
            period=month_name(self.month, language),
            place=self.period.place(language),
            parts=(
                *summary_parts(_SUMMED, [_summed(unit, rows) for unit, rows in self.sections], medium, language),
                *(self._part(unit, rows, medium, language) for unit, rows in self.sections),
            ),
            setting=self.setting,
            empty=label("nobody_period", language),
        )

    def _part(self, unit: UnitFact, rows: tuple[AllowanceRow, ...], medium: Medium, language: Language) -> Part:
        days = [day for row in rows for day in row.days]
        cells = tuple(_cells(row, medium, language) for row in rows)
        return Part(
            code=unit.code,
            title=unit.name,
            state=self.period.state(unit.code, days, language),
            heading=label("incomplete", language),
            notes=open_notes(days, language),
            tables=(Table(_columns(medium, language), cells, frozen_columns=3 if medium is Medium.SHEET else 0),),
            remarks=(label("allowance_legend", language),),
        )


def allowance_report(period: JudgedPeriod, policy: Policy) -> AllowanceReport:
    """Make the report of a judged month."""
    sections = []
    for unit, days in period.by_unit():
        rows = tuple(
            AllowanceRow(number, unit, person, allowance(policy, [day.outcome for day in own]), tuple(own))
            for number, (person, own) in enumerate(by_person(days), 1)
        )
        sections.append((unit, rows))
    lines = (line for _, rows in sections for row in rows for line in row.total.lines)
    cited = tuple(dict.fromkeys(line.citation for line in lines))
    setting = Setting.of(policy, period.as_of, period.zone, cited, period.ancestries)
    return AllowanceReport(period.first, period, tuple(sections), setting)


_SUMMED = ("people", "people_deducted", "open_days")


def _summed(unit: UnitFact, rows: Sequence[AllowanceRow]) -> tuple[str, tuple[int, ...]]:
    """Count people: percentages of different allowances have no sum."""
    deducted = sum(row.total.percent > 0 for row in rows)
    return unit.name, (len(rows), deducted, sum(len(row.total.open_on) for row in rows))


def percentage_cell(value: Decimal) -> Decimal:
    """Give a percentage as people read it: two places, more only where the rule has more."""
    return value if int(value.as_tuple().exponent) < -_PLACES else round(value, _PLACES)


def _line(line: AllowanceLine, language: Language) -> dict[str, Any]:
    return {
        "date": line.on,
        "code": line.code,
        "percent": line.percent,
        "citation": line.citation.text(language),
    }


def _columns(medium: Medium, language: Language) -> tuple[Column, ...]:
    wide = medium is Medium.SHEET
    who = (
        (Column(label("nip", language), 21), Column(label("name", language), 30))
        if wide
        else (Column(label("name_nip", language), 22, share="60mm"),)
    )
    return (
        Column(label("number", language), 5 if wide else 2, "right"),
        *who,
        Column(label("deduction", language), 12 if wide else 8, "right"),
        Column(label("deduction_lines", language), 80 if wide else 40, share="1fr"),
        Column(label("open_days", language), 12 if wide else 8, "right"),
    )


def _cells(row: AllowanceRow, medium: Medium, language: Language) -> tuple[Value, ...]:
    person = row.person
    who: tuple[Value, ...] = (person.nip, person.name)
    if medium is not Medium.SHEET:
        who = (f"{person.name}\n{person.nip}",)
    lines = "; ".join(
        f"{line.on.day}: {line.code} {written(percentage_cell(line.percent), language)}" for line in row.total.lines
    )
    waiting = len(row.total.open_on)
    return (
        row.number,
        *who,
        percentage_cell(row.total.percent),
        lines or "-",
        Cell(waiting, Tint.UNDETERMINED if waiting else None),
    )
