"""The personal sheet: one employee's month day by day, what it adds up to, signed by the employee and the superior."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, ClassVar

from eabsensi.discipline.facts import PersonFact, UnitFact
from eabsensi.discipline.verdict import Status
from eabsensi.law.policy import Policy
from eabsensi.law.wording import Language, clock_time, day_name, long_date, month_name
from eabsensi.reports.judged import JudgedDay, JudgedPeriod, cited, open_notes
from eabsensi.reports.labels import label
from eabsensi.reports.monthly_paper import RECAP_KEYS, day_cell, recap_cells
from eabsensi.reports.paper import Column, Medium, Paper, Part, Setting, Signature, Subject, Table, Value
from eabsensi.reports.recap import Recap, code_groups, recap


@dataclass(frozen=True, slots=True)
class PersonalReport:
    """One person's month, ready for every rendering.

    Attributes:
        month: its first day.
        person: who; None where nothing is judged of that month.
        unit: of the last day.
        period: the days.
        days: the same, by date.
        recap: what they add up to.
        setting: what stands around it.

    """

    month: date
    person: PersonFact | None
    unit: UnitFact | None
    period: JudgedPeriod
    days: tuple[JudgedDay, ...]
    recap: Recap
    setting: Setting

    keys: ClassVar[Sequence[str]] = (
        *("month", "date", "day", "unit", "nip", "name", "status", "codes", "schedule", "start", "end", "in", "out"),
        *("late_minutes", "early_minutes", "document", "remark", "complete", "version"),
    )

    @property
    def subject(self) -> Subject:
        """A month of a person, by the unit that signs it."""
        return Subject("personal", f"{self.month:%Y-%m}", self.unit.code if self.unit else None)

    def title(self, language: Language) -> str:
        """Name it as its face does."""
        return label("personal_title", language)

    def paper_units(self) -> Sequence[str]:
        """Name the unit whose paper it is."""
        return [self.unit.code] if self.unit else []

    def objects(self, language: Language) -> Iterator[Mapping[str, Any]]:
        """Give a row per judged day; instants are ISO 8601 with the unit's offset."""
        return (self._object(day, language) for day in self.days)

    def paper(self, medium: Medium, language: Language) -> Paper:
        """Lay it out, on a high page, so that a month stands on one."""
        nip = self.person.nip if self.person else "-"
        parts = (self._part(self.person, self.unit, medium, language),) if self.person and self.unit else ()
        return Paper(
            stem=f"{self.subject.stem}-{nip}",
            title=self.title(language),
            period=month_name(self.month, language),
            place=self.person.name if self.person else "-",
            parts=parts,
            setting=self.setting,
            empty=label("nobody_period", language),
            portrait=True,
        )

    def _part(self, person: PersonFact, unit: UnitFact, medium: Medium, language: Language) -> Part:
        about = ", ".join(part for part in (person.kind, person.rank, person.position) if part)
        return Part(
            code=unit.code,
            title=unit.name,
            state=(
                f"{person.name}, NIP {person.nip} ({about})",
                *self.period.state(unit.code, self.days, language),
            ),
            heading=label("incomplete", language),
            notes=open_notes(self.days, language),
            tables=(_day_table(self.days, medium, language), _recap_table(self.recap, medium, language)),
            remarks=tuple(label(key, language) for key in ("percent_formula", "recap_legend", "open_legend")),
            signatures=self._signatures(person, unit, language),
        )

    def _signatures(self, person: PersonFact, unit: UnitFact, language: Language) -> tuple[Signature, ...]:
        on = f"{self.setting.letterhead(unit.code).place}, {long_date(self.setting.as_of.date(), language)}"
        return (
            Signature((label("known", language), label("superior_signs", language))),
            Signature((on, label("employee_signs", language)), person.name, person.rank, person.nip),
        )

    def _object(self, day: JudgedDay, language: Language) -> Mapping[str, Any]:
        return {
            "month": f"{self.month:%Y-%m}",
            "date": day.on,
            "day": day_name(day.on, language),
            "unit": day.unit.code,
            "nip": day.person.nip,
            "name": day.person.name,
            "status": day.status,
            "codes": " ".join(day.codes),
            "schedule": day.schedule,
            "start": day.starts_at,
            "end": day.ends_at,
            "in": day.in_at,
            "out": day.out_at,
            "late_minutes": day.late_minutes,
            "early_minutes": day.early_minutes,
            "document": day.document,
            "remark": _remark(day, self.unit, language),
            "complete": day.complete,
            "version": day.version,
        }


def personal_report(period: JudgedPeriod, policy: Policy) -> PersonalReport:
    """Make the report of one person's judged month."""
    days = tuple(sorted(period.days, key=lambda day: day.on))
    last = days[-1] if days else None
    return PersonalReport(
        month=period.first,
        person=last.person if last else None,
        unit=last.unit if last else None,
        period=period,
        days=days,
        recap=recap(days, code_groups(policy, period.first, period.last)),
        setting=Setting.of(policy, period.as_of, period.zone, cited(days), period.ancestries),
    )


def _remark(day: JudgedDay, home: UnitFact | None, language: Language) -> str:
    """Say why, where the schedule does not say it already, and the unit where it is not the one that signs."""
    elsewhere = [day.unit.name] if home and day.unit.code != home.code else []
    told = (reason.text(language) for reason in day.reasons)
    return "; ".join([*elsewhere, *(one for one in told if one != day.schedule)])


def _day_table(days: Sequence[JudgedDay], medium: Medium, language: Language) -> Table:
    home = days[-1].unit
    rows = tuple(_cells(day, _remark(day, home, language), medium, language) for day in days)
    return Table(_columns(medium, language), rows, size=8.5, frozen_columns=2 if medium is Medium.SHEET else 0)


def _columns(medium: Medium, language: Language) -> tuple[Column, ...]:
    if medium is Medium.SHEET:
        times = (Column(label(key, language), 10, "right") for key in ("starts", "ends", "in", "out"))
        first = (Column(label("date", language), 19, "right"), Column(label("day", language), 10))
        schedule = (Column(label("schedule", language), 30), *times)
    else:
        hours = ((label(key, language), 5, "12mm") for key in ("in", "out"))
        first = (
            Column(label("date_short", language), 3, "right", "9mm"),
            Column(label("day", language), 6, share="13mm"),
        )
        schedule = (
            Column(label("schedule", language), 11, share="23mm"),
            *(Column(name, width, "right", share) for name, width, share in hours),
        )
    return (
        *first,
        *schedule,
        Column(label("codes", language), 10, share="18mm"),
        *(Column(label(key, language), 5, "right", "10mm") for key in ("late_brief", "early_brief")),
        Column(label("document", language), 16, share="23mm"),
        Column(label("remark", language), 60 if medium is Medium.SHEET else 20, share="1fr"),
    )


def _cells(day: JudgedDay, remark: str, medium: Medium, language: Language) -> tuple[Value, ...]:
    codes = day_cell(day)
    rest = (codes, day.late_minutes or None, day.early_minutes or None, day.document or "", remark)
    if medium is Medium.SHEET:
        times = (at.time() if at else None for at in (day.starts_at, day.ends_at, day.in_at, day.out_at))
        return (day.on, day_name(day.on, language), day.schedule, *times, *rest)
    came, left = (_clock(at, day, language) for at in (day.in_at, day.out_at))
    return (day.on.day, day_name(day.on, language), _hours(day, language), came, left, *rest)


def _clock(at: datetime | None, day: JudgedDay, language: Language) -> str:
    if at:
        return clock_time(at, language)
    return "" if day.status is Status.OFF else "-"


def _hours(day: JudgedDay, language: Language) -> str:
    if day.starts_at is None or day.ends_at is None:
        return day.schedule
    return f"{clock_time(day.starts_at, language)}-{clock_time(day.ends_at, language)}"


def _recap_table(sums: Recap, medium: Medium, language: Language) -> Table:
    """Give the figures: in one line on paper, below each other elsewhere."""
    names, values = [label(key, language) for key in RECAP_KEYS], recap_cells(sums)
    title = label("recap", language)
    if medium is Medium.PRINT:
        return Table(tuple(Column(name, 7, "right", "1fr") for name in names), (values,), title, size=7)
    columns = (Column(label("figure", language), 20), Column(label("amount", language), 10, "right"))
    return Table(columns, tuple(zip(names, values, strict=True)), title)
