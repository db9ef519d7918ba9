"""Indications: whose days without reason reach a tier, with the dates and the articles. An official decides."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, ClassVar

from eabsensi.discipline.indication import Indication, Reading
from eabsensi.law.policy import Policy
from eabsensi.law.tiers import level_text
from eabsensi.law.wording import Language, long_date
from eabsensi.reports.judged import JudgedPeriod, brief_dates_text, dates_text, open_notes
from eabsensi.reports.labels import label
from eabsensi.reports.paper import Column, Medium, Paper, Part, Setting, Subject, Table, Value
from eabsensi.reports.summarising import summary_parts
from eabsensi.reports.yearly import YearRow, year_rows, year_state


@dataclass(frozen=True, slots=True)
class Indicated:
    """A person whose year reaches a tier, or may, or would with the addenda to closed months counted.

    Attributes:
        row: the year.
        indication: of the closed content and what is not closed; None where only the addenda lead to one.

    """

    row: YearRow
    indication: Indication | None

    def label(self, language: Language) -> str:
        """Say what it is: an indication, never more."""
        found, parts = self.indication, []
        if found is None:
            return label("only_addenda", language)
        if found.tier and not found.indicative:
            parts.append(label("indication_level", language).format(level=level_text(found.tier.level, language)))
        if found.indicative:
            parts.append(label("indicative", language))
        if found.doubts:
            why = ", ".join(label(doubt.value, language) for doubt in found.doubts)
            parts.append(label("needs_decision", language).format(why=why))
        return "; ".join(parts)

    def attention(self, language: Language) -> str:
        """Say what an official should know beside the tier."""
        total, found = self.row.total, self.indication
        said = [self.label(language)]
        if found and found.salary_stop_from:
            said.append(label("salary_stop", language).format(on=long_date(found.salary_stop_from, language)))
        if total.possible_run > total.longest_run:
            said.append(label("possible_run", language).format(days=total.possible_run))
        if total.undetermined_on:
            said.append(
                label("undetermined_dates", language).format(dates=brief_dates_text(total.undetermined_on, language))
            )
        if self.row.addenda_on:
            said.append(label("addenda_dates", language).format(dates=dates_text(self.row.addenda_on, language)))
        if self.row.revised:
            said.append(self.row.revised.text(language))
        if found and found.needs_decision:
            said += [reading.text(language) for reading in found.readings]
        return "; ".join(said)


@dataclass(frozen=True, slots=True)
class IndicationsReport:
    """The year's indications, ready for every rendering."""

    year: int
    period: JudgedPeriod
    rows: tuple[Indicated, ...]
    setting: Setting

    keys: ClassVar[Sequence[str]] = (
        *("nip", "name", "kind", "year", "absent_days", "converted_days", "total_days", "longest_run", "law", "tier"),
        *("citation", "label", "dates", "unit", "level", "interim_form", "salary_stop_from", "indicative"),
        *(
            "needs_decision",
            "readings",
            "run_dates",
            "possible_run",
            "undetermined_on",
            "through",
            "on_the_spot",
            "addenda_on",
            "with_addenda",
        ),
    )

    @property
    def subject(self) -> Subject:
        """A year of a unit or the city."""
        return Subject("indications", str(self.year), self.period.unit.code if self.period.unit else None)

    def title(self, language: Language) -> str:
        """Name it as its face does."""
        return label("indications_title", language)

    def paper_units(self) -> Sequence[str]:
        """Name the units that have pages of their own."""
        return list(dict.fromkeys(row.row.unit.code for row in self.rows))

    def objects(self, language: Language) -> Iterator[Mapping[str, Any]]:
        """Give a row per person (design §7); the keys after ``dates`` are extra."""
        for row in self.rows:
            found, total, person = row.indication, row.row.total, row.row.person
            revised = row.row.revised
            yield {
                "nip": person.nip,
                "name": person.name,
                "kind": person.kind,
                "year": self.year,
                "absent_days": total.absent_days,
                "converted_days": total.converted_days,
                "total_days": total.total_days,
                "longest_run": total.longest_run,
                "law": found.law if found else None,
                "tier": found.tier_text(language) if found else None,
                "citation": found.citation.text(language) if found and found.citation else None,
                "label": row.label(language),
                "dates": list(total.dates),
                "unit": row.row.unit.code,
                "level": found.tier.level.value if found and found.tier else None,
                "interim_form": found.interim_text(language) or None if found else None,
                "salary_stop_from": found.salary_stop_from if found else None,
                "indicative": found.indicative if found else False,
                "needs_decision": found.needs_decision if found else True,
                "readings": [_reading(reading, language) for reading in found.readings] if found else [],
                "run_dates": list(total.run_dates),
                "possible_run": total.possible_run,
                "undetermined_on": list(total.undetermined_on),
                "through": total.through,
                "on_the_spot": row.row.on_the_spot,
                "addenda_on": list(row.row.addenda_on),
                "with_addenda": revised.as_object(language) if revised else None,
            }

    def paper(self, medium: Medium, language: Language) -> Paper:
        """Lay it out."""
        groups = [list(group) for _, group in groupby(self.rows, key=lambda row: row.row.unit.code)]
        return Paper(
            stem=self.subject.stem,
            title=self.title(language),
            period=label("year", language).format(year=self.year),
            place=self.period.place(language),
            parts=(
                *summary_parts(("people", *_NUMBERS[:3]), [_summed(group) for group in groups], medium, language),
                *(self._part(group, medium, language) for group in groups),
            ),
            setting=self.setting,
            empty=label("nobody_indicated", language),
        )

    def _part(self, rows: list[Indicated], medium: Medium, language: Language) -> Part:
        unit = rows[0].row.unit
        return Part(
            code=unit.code,
            title=unit.name,
            state=year_state(self.period, unit, [row.row for row in rows], language),
            heading=label("incomplete", language),
            notes=open_notes((day for row in rows for day in row.row.open_days), language),
            tables=_tables(rows, medium, language),
            remarks=(label("indications_legend", language), label("sum_legend", language)),
        )


def indications_report(period: JudgedPeriod, policy: Policy, year: int) -> IndicationsReport:
    """Make the report of a judged year: those whom a reading of the law puts into a tier, with addenda or without."""
    rows = tuple(
        Indicated(row, row.indication)
        for row in year_rows(period, policy, year)
        if row.indication or (row.revised and row.revised.indication)
    )
    setting = Setting.of(policy, period.as_of, period.zone, _cited(rows), period.ancestries)
    return IndicationsReport(year, period, rows, setting)


def _cited(rows: Sequence[Indicated]) -> tuple[Any, ...]:
    found = [row.indication for row in rows if row.indication]
    found += [row.row.revised.indication for row in rows if row.row.revised and row.row.revised.indication]
    cited = [reading.tier.citation for each in found for reading in each.readings if reading.tier]
    cited += [each.interim.citation for each in found if each.interim]
    return tuple(dict.fromkeys(cited))


def _reading(reading: Reading, language: Language) -> dict[str, Any]:
    return {
        "scope": reading.scope.value,
        "law": reading.rulebook.law,
        "first_on": reading.first_on,
        "last_on": reading.last_on,
        "days": reading.days,
        "tier": reading.tier.sanction.text(language) if reading.tier else None,
        "citation": reading.tier.citation.text(language) if reading.tier else None,
    }


def _tables(rows: Sequence[Indicated], medium: Medium, language: Language) -> tuple[Table, ...]:
    if medium is Medium.SCREEN:
        return _figures(rows, language), _details(rows, language)
    cells = tuple(_cells(number, row, medium, language) for number, row in enumerate(rows, 1))
    return (Table(_columns(medium, language), cells, frozen_columns=3 * (medium is Medium.SHEET)),)


def _figures(rows: Sequence[Indicated], language: Language) -> Table:
    """Give the numbers alone, as wide as a terminal."""
    columns = (
        *(Column(label("number", language), 2, "right"), Column(label("name_nip", language), 26)),
        Column(label("kind", language), 7),
        *(Column(label(key, language), 3, "right") for key in _NUMBERS),
        Column(label("tier", language), 36),
    )
    cells = (_cells(number, row, Medium.SCREEN, language) for number, row in enumerate(rows, 1))
    return Table(columns, tuple(line[: len(columns)] for line in cells))


def _details(rows: Sequence[Indicated], language: Language) -> Table:
    """Give what does not fit beside the numbers, a line each."""
    names = [label(key, language) for key in ("interim_form", "dates", "attention_column")]
    cells: list[tuple[Value, ...]] = []
    for number, row in enumerate(rows, 1):
        told = _cells(number, row, Medium.SCREEN, language)[-3:]
        cells += [(number, name, value) for name, value in zip(names, told, strict=True) if value != "-"]
    columns = (Column(label("number", language), 2, "right"), Column("", 14), Column(label("details", language), 60))
    return Table(columns, tuple(cells))


def _summed(rows: Sequence[Indicated]) -> tuple[str, tuple[int, ...]]:
    totals = [row.row.total for row in rows]
    return rows[0].row.unit.name, (
        len(totals),
        sum(total.absent_days for total in totals),
        sum(total.converted_days for total in totals),
        sum(total.total_days for total in totals),
    )


_NUMBERS = ("absent_days", "converted", "sum", "longest_run")
_SHARES = ("9mm", "16mm", "14mm", "17mm")


def _columns(medium: Medium, language: Language) -> tuple[Column, ...]:
    wide = medium is Medium.SHEET
    who = (
        (Column(label("nip", language), 21), Column(label("name", language), 30))
        if wide
        else (Column(label("name_nip", language), share="46mm"),)
    )
    return (
        Column(label("number", language), 5, "right"),
        *who,
        Column(label("kind", language), 8),
        *(Column(label(key, language), 12, "right", share) for key, share in zip(_NUMBERS, _SHARES, strict=True)),
        Column(label("tier", language), 44, share="1.1fr"),
        Column(label("interim_form", language), 44, share="1.1fr"),
        Column(label("dates", language), 40, share="40mm"),
        Column(label("attention_column", language), 50, share="1.2fr"),
    )


def _cells(number: int, row: Indicated, medium: Medium, language: Language) -> tuple[Value, ...]:
    found, total, person = row.indication, row.row.total, row.row.person
    who: tuple[Value, ...] = (person.nip, person.name)
    if medium is not Medium.SHEET:
        who = (f"{person.name}\n{person.nip}",)
    tier, basis = label("below_limit", language), ""
    if found:
        tier = found.tier_text(language)
        basis = f" ({found.citation.text(language)})" if found.citation else ""
    return (
        number,
        *who,
        person.kind,
        *(total.absent_days, total.converted_days, total.total_days, total.longest_run),
        f"{tier}{basis}",
        (found.interim_text(language) if found else "") or "-",
        dates_text(total.dates, language) or "-",
        row.attention(language),
    )
