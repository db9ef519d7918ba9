"""The ranking of units in a month; those whose data is incomplete stand apart, never below the others."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

from eabsensi.discipline.facts import UnitFact
from eabsensi.law.policy import Policy
from eabsensi.law.wording import Language, month_name
from eabsensi.reports.discipline_index import (
    THRESHOLDS,
    UNDETERMINED_MOST,
    WEIGHTS,
    Grade,
    UnitFigures,
    figures_of,
)
from eabsensi.reports.judged import Closing, JudgedPeriod, cited
from eabsensi.reports.labels import label
from eabsensi.reports.monthly import MonthSection, monthly_report
from eabsensi.reports.monthly_paper import open_share
from eabsensi.reports.paper import (
    Cell,
    Column,
    Drawings,
    Medium,
    Paper,
    Part,
    Setting,
    Subject,
    Table,
    Tint,
    Value,
)
from eabsensi.reports.tallying import tally_of
from eabsensi.store.tallies import PersonTally

_FIGURES = (
    *("people", "duty", "attended", "percent", "punctuality", "late_times", "early_times", "missing_times"),
    *("absent_days", "late_total", "undetermined_share", "index"),
)
_BRIEF = ("Peg", "Wajib", "Hadir", "%H", "%Tepat", "TLx", "PSWx", "-A", "TK", "TLm", "%?")


@dataclass(frozen=True, slots=True)
class RankedUnit:
    """One unit's place; None where it is not ranked. ``closing`` is the last word on its month."""

    place: int | None
    unit: UnitFact
    figures: UnitFigures
    closing: Closing | None


#: Draws the pictures of the ranking; see :mod:`eabsensi.reports.illustrating`.
DrawUnits = Callable[["RankingReport", Language], Drawings]


@dataclass(frozen=True, slots=True)
class RankingReport:
    """A ranking, ready for every rendering; ``draw`` makes the pictures on paper, None leaves them out."""

    month: date
    period: JudgedPeriod
    rows: tuple[RankedUnit, ...]
    setting: Setting
    draw: DrawUnits | None = None

    keys: ClassVar[Sequence[str]] = (
        *("month", "place", "unit", "name", "people", "duty_days", "judged_days", "present", "percent"),
        *("punctuality_percent", "late_count", "early_count", "missing_count", "absent_days", "late_minutes"),
        *("undetermined", "undetermined_percent", "index", "grade", "complete", "closed", "version"),
    )

    @property
    def subject(self) -> Subject:
        """A month of a unit or the city."""
        return Subject("ranking", f"{self.month:%Y-%m}", self.period.unit.code if self.period.unit else None)

    def title(self, language: Language) -> str:
        """Name it as its face does."""
        return label("ranking_title", language)

    def paper_units(self) -> Sequence[str]:
        """Name no unit: the units stand side by side."""
        return ()

    def objects(self, language: Language) -> Iterator[Mapping[str, Any]]:
        """Give a row per unit, ranked ones first; ``place`` is null where the data is incomplete."""
        del language  # nothing in them is words
        return (_object(self.month, row) for row in self.rows)

    def paper(self, medium: Medium, language: Language) -> Paper:
        """Lay it out."""
        return Paper(
            stem=self.subject.stem,
            title=self.title(language),
            period=month_name(self.month, language),
            place=self.period.place(language),
            parts=(self._part(medium, language),) if self.rows else (),
            setting=self.setting,
            empty=label("nobody_period", language),
        )

    def _part(self, medium: Medium, language: Language) -> Part:
        ranked = [row for row in self.rows if row.place is not None]
        apart = [row for row in self.rows if row.place is None]
        tables = [_table(ranked, medium, language, "ranked")] if ranked else []
        tables += [_table(apart, medium, language, "apart")] if apart else []
        closed = sum(bool(row.closing and row.closing.closed) for row in self.rows)
        state = label("units_closed", language).format(closed=closed, units=len(self.rows))
        return Part(
            code="",
            title=self.period.place(language),
            state=(state,),
            heading=label("incomplete", language),
            notes=tuple(
                open_share(row.unit.name, row.figures.undetermined, row.figures.duty, language)
                for row in self.rows
                if row.figures.undetermined
            ),
            tables=tuple(tables),
            remarks=formula(language) + ((label("brief_ranking", language),) if medium is Medium.SCREEN else ()),
            drawings=self.draw(self, language) if self.draw and medium is Medium.PRINT else Drawings(),
        )


def ranking_report(period: JudgedPeriod, policy: Policy) -> RankingReport:
    """Make the report of a judged month."""
    month = monthly_report(period, policy)
    rows = _placed([_row(period, section) for section in month.sections])
    law = cited(day for section in month.sections for day in section.days)
    setting = Setting.of(policy, period.as_of, period.zone, law, period.ancestries)
    return RankingReport(period.first, period, tuple(rows), setting)


def counted_ranking(
    period: JudgedPeriod, units: Iterable[tuple[UnitFact, Sequence[PersonTally]]], policy: Policy
) -> RankingReport:
    """Make the report of a month that was added up without its days; it cites no law and draws no picture."""
    rows = [RankedUnit(None, unit, figures_of(people), _closing(period, unit)) for unit, people in units]
    setting = Setting.of(policy, period.as_of, period.zone, (), period.ancestries)
    return RankingReport(period.first, period, tuple(_placed(rows)), setting)


def formula(language: Language) -> tuple[str, ...]:
    """Say on the report's face how the index is made, and that nobody has confirmed it."""
    least = dict(zip(("very_good", "good", "fair"), THRESHOLDS, strict=True))
    return (
        label("share_formula", language),
        label("index_formula", language).format(**WEIGHTS),
        label("index_grades", language).format(**least),
        label("index_apart", language).format(most=UNDETERMINED_MOST),
        label("index_unconfirmed", language),
    )


def grade_text(grade: Grade | None, language: Language) -> str:
    """Call an index by its name."""
    return label(f"grade_{grade.value}", language) if grade else "-"


def _row(period: JudgedPeriod, section: MonthSection) -> RankedUnit:
    return RankedUnit(None, section.unit, figures_of(map(tally_of, section.days)), _closing(period, section.unit))


def _closing(period: JudgedPeriod, unit: UnitFact) -> Closing | None:
    closings = period.closings.get(unit.code, ())
    return closings[-1] if closings else None


def _placed(rows: Iterable[RankedUnit]) -> Iterator[RankedUnit]:
    """Give the complete units their places, equal ones the same, then the others by code."""
    found = list(rows)
    ranked = [row for row in found if row.figures.complete and row.figures.index is not None]
    ranked.sort(key=lambda row: (-(row.figures.index or 0), row.unit.code))
    places: dict[object, int] = {}
    for place, row in enumerate(ranked, 1):
        shared = places.setdefault(row.figures.index, place)
        yield RankedUnit(shared, row.unit, row.figures, row.closing)
    yield from (row for row in found if row not in ranked)


def _object(month: date, row: RankedUnit) -> Mapping[str, Any]:
    figures = row.figures
    return {
        "month": f"{month:%Y-%m}",
        "place": row.place,
        "unit": row.unit.code,
        "name": row.unit.name,
        "people": figures.people,
        "duty_days": figures.duty,
        "judged_days": figures.judged,
        "present": figures.present,
        "percent": figures.attendance,
        "punctuality_percent": figures.punctuality,
        "late_count": figures.late,
        "early_count": figures.early,
        "missing_count": figures.missing,
        "absent_days": figures.absent,
        "late_minutes": figures.late_minutes,
        "undetermined": figures.undetermined,
        "undetermined_percent": figures.undetermined_share,
        "index": figures.index,
        "grade": figures.grade,
        "complete": figures.complete,
        "closed": bool(row.closing and row.closing.closed),
        "version": row.closing.version if row.closing else None,
    }


def _table(rows: Sequence[RankedUnit], medium: Medium, language: Language, title: str) -> Table:
    frozen = 2 if medium is Medium.SHEET else 0
    cells = tuple(_cells(row, language) for row in rows)
    return Table(_columns(medium, language), cells, label(title, language), size=8, frozen_columns=frozen)


def _columns(medium: Medium, language: Language) -> tuple[Column, ...]:
    screen = medium is Medium.SCREEN
    names = [*_BRIEF, label("index", language)] if screen else [label(key, language) for key in _FIGURES]
    return (
        Column(label("place", language) if not screen else "#", 10 if not screen else 2, "right"),
        Column(label("unit", language), 40 if not screen else 26, share="62mm"),
        *(
            Column(name, 11 if not screen else max(len(name), 6 if "%" in name else 0), "right", "1fr")
            for name in names
        ),
        Column(label("grade", language), 18 if not screen else 12, share="27mm"),
    )


def _cells(row: RankedUnit, language: Language) -> tuple[Value, ...]:
    figures = row.figures
    return (
        row.place,
        row.unit.name,
        *(figures.people, figures.duty, figures.present, figures.attendance, figures.punctuality),
        *(figures.late, figures.early, figures.missing),
        *(Cell(figures.absent, Tint.ABSENT if figures.absent else None), figures.late_minutes),
        *(Cell(figures.undetermined_share, Tint.UNDETERMINED if figures.undetermined else None), figures.index),
        grade_text(figures.grade, language),
    )
