"""The yearly report: days without reason month by month, minutes that became days, and their sum. It follows people."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
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
from eabsensi.reports.paper import Cell, Column, Drawings, Medium, Paper, Part, Setting, Subject, Table, Tint, Value
from eabsensi.reports.summarising import summary_parts


@dataclass(frozen=True, slots=True)
class Revised:
    """A year with its addenda counted: what it would be if the closed months were closed again today."""

    total: YearTotal
    indication: Indication | None

    def tier_text(self, language: Language) -> str:
        """Say where it leads."""
        if self.indication is None:
            return label("below_limit", language)
        tier = self.indication.tier_text(language)
        return label("indicated", language).format(tier=tier) if self.indication.tier else tier

    def text(self, language: Language) -> str:
        """Say its figures and where they lead, in one line."""
        total = self.total
        return label("with_addenda", language).format(
            absent=total.absent_days, total=total.total_days, run=total.longest_run, tier=self.tier_text(language)
        )

    def as_object(self, language: Language) -> Mapping[str, Any]:
        """Give it for a program."""
        total, found = self.total, self.indication
        return {
            "absent_days": total.absent_days,
            "converted_days": total.converted_days,
            "total_days": total.total_days,
            "longest_run": total.longest_run,
            "tier": found.tier_text(language) if found else None,
            "citation": found.citation.text(language) if found and found.citation else None,
        }


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
        addenda_on: days of closed months that changed since, those of a posting recorded later among them.
        revised: the year with these counted; None where there are none.
        standings: month to what its days are to punctuality, see :attr:`JudgedDay.standing`.

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
    revised: Revised | None = None
    standings: Mapping[int, Counter[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class YearSection:
    """The year of the people of one unit."""

    unit: UnitFact
    rows: tuple[YearRow, ...]


#: Draws the pictures of one unit's pages; see :mod:`eabsensi.reports.illustrating`.
DrawYear = Callable[["YearlyReport", YearSection, Language], Drawings]


@dataclass(frozen=True, slots=True)
class YearlyReport:
    """A yearly report, ready for every rendering; ``draw`` makes the pictures on paper, None leaves them out."""

    year: int
    period: JudgedPeriod
    sections: tuple[YearSection, ...]
    setting: Setting
    draw: DrawYear | None = None

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
            "with_addenda",
        ),
    )

    @property
    def subject(self) -> Subject:
        """A year of a unit or the city."""
        return Subject("yearly", str(self.year), self.period.unit.code if self.period.unit else None)

    def title(self, language: Language) -> str:
        """Name it as its face does."""
        return label("yearly_title", language)

    def paper_units(self) -> Sequence[str]:
        """Name the units that have pages of their own."""
        return [section.unit.code for section in self.sections]

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
                    "with_addenda": row.revised.as_object(language) if row.revised else None,
                }

    def paper(self, medium: Medium, language: Language) -> Paper:
        """Lay it out."""
        return Paper(
            stem=self.subject.stem,
            title=self.title(language),
            period=label("year", language).format(year=self.year),
            place=self.period.place(language),
            parts=(
                *summary_parts(_SUMMED, [_summed(section) for section in self.sections], medium, language),
                *(self._part(section, medium, language) for section in self.sections),
            ),
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
            drawings=self.draw(self, section, language) if self.draw and medium is Medium.PRINT else Drawings(),
        )


def yearly_report(period: JudgedPeriod, policy: Policy, year: int) -> YearlyReport:
    """Make the report of a judged year; days before it only serve runs over New Year."""
    rows = year_rows(period, policy, year)
    sections = []
    for _, found in groupby(rows, key=lambda row: row.unit.code):
        group = tuple(found)
        sections.append(YearSection(group[0].unit, group))
    laws = (segment.rulebook.citation for row in rows for segment in row.total.segments)
    setting = Setting.of(policy, period.as_of, period.zone, tuple(dict.fromkeys(laws)), period.ancestries)
    return YearlyReport(year, period, tuple(sections), setting)


def year_rows(period: JudgedPeriod, policy: Policy, year: int) -> list[YearRow]:
    """Add up each person's year, by the unit of the last posting in it, then by name."""
    found, beside = [], dict(period.beside)
    for person, days in by_person(period.days):
        later = beside.pop(person.employee_id, ())
        if any(day.on.year == year for day in (*days, *later)):
            found.append(_year_row(period, policy, year, days, later))
    # Whoever was posted in closed months only afterwards is no part of them, and is shown all the same.
    found += [_year_row(period, policy, year, (), later) for later in beside.values() if later[-1].on.year == year]
    found.sort(key=lambda row: (row.unit.code, row.person.name, row.person.nip))
    return [
        replace(row, number=number)
        for _, group in groupby(found, key=lambda row: row.unit.code)
        for number, row in enumerate(group, 1)
    ]


def _year_row(
    period: JudgedPeriod, policy: Policy, year: int, days: Sequence[JudgedDay], later: Sequence[JudgedDay]
) -> YearRow:
    """Add up one person's year, as it was closed and, where something was learnt since, as it would be now."""
    own = [day for day in days if day.on.year == year]
    added = [day for day in later if day.on.year == year]
    last = max((*own, *added), key=lambda day: day.on)
    total, indication = _sum(period, policy, year, last.person.kind, days)
    changed = any(day.addendum for day in days) or bool(later)
    return YearRow(
        number=0,
        unit=last.unit,
        person=last.person,
        months=_months(total, period.through.year * 12 + period.through.month - year * 12),
        total=total,
        indication=indication,
        open_days=tuple(day for day in own if day.status is Status.UNDETERMINED),
        on_the_spot=on_the_spot(own),
        addenda_on=tuple(sorted({*(day.on for day in own if day.addendum), *(day.on for day in added)})),
        revised=Revised(*_sum(period, policy, year, last.person.kind, _with_addenda(days, later))) if changed else None,
        standings=_standings(own),
    )


def _standings(days: Iterable[JudgedDay]) -> Mapping[int, Counter[str]]:
    found: defaultdict[int, Counter[str]] = defaultdict(Counter)
    for day in days:
        found[day.on.month][day.standing] += 1
    return found


def _with_addenda(days: Sequence[JudgedDay], later: Sequence[JudgedDay]) -> list[JudgedDay]:
    """Put what was learnt in the place of what was closed; a day that is nobody's any more falls away."""
    known = {day.on: day.later if day.addendum else day for day in days} | {day.on: day for day in later}
    return [day for day in known.values() if day]


def _sum(
    period: JudgedPeriod, policy: Policy, year: int, kind: str, days: Iterable[JudgedDay]
) -> tuple[YearTotal, Indication | None]:
    total = accumulate(policy, kind, year, [day.outcome for day in days], through=period.through)
    return total, indicate(policy, kind, total)


def year_state(period: JudgedPeriod, unit: UnitFact, rows: Sequence[YearRow], language: Language) -> tuple[str, ...]:
    """Say which months of the unit are closed, and what the figures of these people do not rest on."""
    addenda, spot = sum(len(row.addenda_on) for row in rows), sum(row.on_the_spot for row in rows)
    return period.year_state(unit.code, addenda, spot, language)


def _months(total: YearTotal, begun: int) -> tuple[int | None, ...]:
    """Count the days absent of each month; None from the first month on that has not begun."""
    return tuple(sum(on.month == month for on in total.dates) if month <= begun else None for month in range(1, 13))


_SUMMED = ("people", "absent_days", "converted", "sum", "open_days", "people_reached")


def _summed(section: YearSection) -> tuple[str, tuple[int, ...]]:
    totals = [row.total for row in section.rows]
    return section.unit.name, (
        len(totals),
        sum(total.absent_days for total in totals),
        sum(total.converted_days for total in totals),
        sum(total.total_days for total in totals),
        sum(len(total.undetermined_on) for total in totals),
        sum(row.indication is not None for row in section.rows),
    )


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
        _reached(row, medium, language),
    )


def _reached(row: YearRow, medium: Medium, language: Language) -> str:
    """Name the tier, and beside it what the addenda would make of it."""
    tier = _tier(row.indication, medium, language) if row.indication else ""
    if row.revised is None:
        return tier
    brief = medium is Medium.SCREEN
    later = label("with_addenda_brief" if brief else "with_addenda_cell", language).format(
        total=row.revised.total.total_days, tier=row.revised.tier_text(language)
    )
    return f"{tier}\n{later}".strip()


def _tier(indication: Indication, medium: Medium, language: Language) -> str:
    """Name the tier; in a terminal only its level, since the words of the law are long."""
    if medium is not Medium.SCREEN:
        return indication.tier_text(language)
    if indication.tier is None:
        return label("decide", language)
    return level_text(indication.tier.level, language) + (" *" if indication.indicative else "")
