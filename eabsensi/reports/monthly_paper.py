"""The monthly report laid out: one wide table in a workbook, two on paper, the grid in halves on a screen."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from eabsensi.discipline.verdict import Status
from eabsensi.law.wording import Language, month_name
from eabsensi.reports.judged import JudgedDay, open_notes
from eabsensi.reports.labels import label
from eabsensi.reports.paper import Cell, Column, Drawings, Medium, Paper, Part, Table, Tint, Value, bare, written
from eabsensi.reports.recap import Recap, percentage, total_of
from eabsensi.reports.standings import star

if TYPE_CHECKING:
    from eabsensi.reports.monthly import MonthlyReport, MonthRow, MonthSection

_TINTS = {
    Status.ABSENT: Tint.ABSENT,
    Status.EXCUSED: Tint.EXCUSED,
    Status.OFF: Tint.OFF,
    Status.UNDETERMINED: Tint.UNDETERMINED,
}
_HALF = 15
_NAME_WIDTH = 24
RECAP_KEYS = (
    *("working_days", "attended", "absent_days", "late_times", "late_total", "early_times", "early_total"),
    *("missing_in", "missing_out", "deficit", "on_duty", "leave", "sick", "permission", "apel_missed"),
    *("open_days", "percent"),
)
_BRIEF = ("HK", "H", "TK", "TLx", "TLm", "PSWx", "PSWm", "-M", "-P", "KJ", "DL", "C", "S", "I", "TA", "?", "%")


def lay_out(report: MonthlyReport, medium: Medium, language: Language) -> Paper:
    """Lay a monthly report out."""
    period = report.period
    return Paper(
        stem=report.subject.stem,
        title=report.title(language),
        period=month_name(report.month, language),
        place=period.place(language),
        parts=(
            *((summary_part(report, medium, language),) if len(report.sections) > 1 else ()),
            *(_part(report, section, medium, language) for section in report.sections),
        ),
        setting=report.setting,
        empty=label("nobody_period", language),
    )


def summary_part(report: MonthlyReport, medium: Medium, language: Language) -> Part:
    """Give the units side by side, with their sum; people who moved stand in both."""
    rows = tuple(
        (section.unit.name, len(section.rows), *recap_cells(section.recap), _closed(report, section, language))
        for section in report.sections
    )
    people = sum(len(section.rows) for section in report.sections)
    whole = total_of([section.recap for section in report.sections])
    columns = (
        Column(label("unit", language), 18 if medium is Medium.SCREEN else 40, share="60mm"),
        Column(label("people", language), 3 if medium is Medium.SCREEN else 9, "right", "1fr"),
        *recap_columns(medium, language),
        Column(label("closing_column", language), 8),
    )
    total = (label("total", language), people, *(bare(value) for value in recap_cells(whole)), "")
    title = label("summary", language)
    table = Table(columns, rows, title if medium is Medium.PRINT else "", size=8, frozen_columns=1, total=total)
    return Part(
        code="",
        title=title,
        state=(),
        heading=label("incomplete", language),
        notes=tuple(
            open_share(section.unit.name, section.recap.undetermined, section.recap.working_days, language)
            for section in report.sections
            if section.recap.undetermined
        ),
        tables=(table,),
        remarks=(label("percent_formula", language),),
        signed=False,
    )


def open_share(unit: str, days: int, duty: int, language: Language) -> str:
    """Say how many of a unit's working days cannot be judged yet."""
    share = written(percentage(days, duty), language)
    return label("open_share", language).format(unit=unit, days=days, duty=duty, share=share)


def _closed(report: MonthlyReport, section: MonthSection, language: Language) -> str:
    """Give the version under which the unit's month is closed."""
    closings = report.period.closings.get(section.unit.code, ())
    return f"v{closings[-1].version}" if closings and closings[-1].closed else label("not_yet", language)


def _part(report: MonthlyReport, section: MonthSection, medium: Medium, language: Language) -> Part:
    return Part(
        code=section.unit.code,
        title=section.unit.name,
        state=report.period.state(section.unit.code, section.days, language),
        heading=label("incomplete", language),
        notes=open_notes(section.days, language),
        tables=tuple(_tables(report, section, medium, language)),
        remarks=(
            *(label(key, language) for key in ("percent_formula", "rounding")),
            *((label("brief_legend", language),) if medium is Medium.SCREEN else ()),
            " ".join(label(key, language) for key in ("recap_legend", "duty_legend", "open_legend")),
        ),
        drawings=report.draw(report, section, language) if report.draw and medium is Medium.PRINT else Drawings(),
    )


def _tables(report: MonthlyReport, section: MonthSection, medium: Medium, language: Language) -> list[Table]:
    rows, dates = section.rows, report.dates
    if medium is Medium.SHEET:
        return [_wide(rows, dates, language)]
    recap = Table(
        (*who_columns(medium, language), *recap_columns(medium, language)),
        tuple((*person_cells(row, medium), *recap_cells(row.recap)) for row in rows),
        title=label("recap", language),
        size=8,
    )
    if medium is Medium.PRINT:
        return [_grid(rows, dates, medium, language, label("grid", language)), recap]
    halves = (dates[:_HALF], dates[_HALF:])
    titles = (label("grid_part", language).format(first=half[0].day, last=half[-1].day) for half in halves)
    return [*(_grid(rows, half, medium, language, t) for half, t in zip(halves, titles, strict=True)), recap]


def _wide(rows: Sequence[MonthRow], dates: Sequence[date], language: Language) -> Table:
    return Table(
        (*who_columns(Medium.SHEET, language), *_day_columns(dates, 5), *recap_columns(Medium.SHEET, language)),
        tuple((*person_cells(row, Medium.SHEET), *_days(row, dates), *recap_cells(row.recap)) for row in rows),
        frozen_columns=3,
    )


def _grid(rows: Sequence[MonthRow], dates: Sequence[date], medium: Medium, language: Language, title: str) -> Table:
    return Table(
        (*who_columns(medium, language), *_day_columns(dates, 4)),
        tuple((*person_cells(row, medium), *_days(row, dates)) for row in rows),
        title=title,
        size=6.5,
    )


def who_columns(medium: Medium, language: Language) -> tuple[Column, ...]:
    """Name the columns of number and person."""
    number = Column(label("number", language), 4, "right")
    if medium is Medium.PRINT:
        return number, Column(label("name_nip", language), 30, share="52mm")
    if medium is Medium.SCREEN:
        return Column(label("number", language), 2, "right"), Column(label("name", language), 16)
    return number, Column(label("nip", language), 21), Column(label("name", language), 30)


def person_cells(row: MonthRow, medium: Medium) -> tuple[Value, ...]:
    """Give number and person."""
    if medium is Medium.PRINT:
        return row.number, f"{row.person.name}\n{row.person.nip}"
    if medium is Medium.SCREEN:
        return row.number, shortened(row.person.name, _NAME_WIDTH)
    return row.number, row.person.nip, row.person.name


def shortened(text: str, width: int) -> str:
    """Cut a text that is too long for a narrow place."""
    return text if len(text) <= width else f"{text[: width - 1]}…"


def _day_columns(dates: Sequence[date], width: int) -> tuple[Column, ...]:
    return tuple(Column(str(on.day), width, "center", "1fr") for on in dates)


def _days(row: MonthRow, dates: Sequence[date]) -> tuple[Value, ...]:
    return tuple(day_cell(row.days.get(on)) for on in dates)


def day_cell(day: JudgedDay | None) -> Value:
    """Give the printed codes of a day; a star where it is present and still open, blank where it is not judged."""
    if day is None:
        return None
    tint = _TINTS.get(day.status) or (Tint.LATE if any(c.startswith(("TL", "PSW")) for c in day.codes) else None)
    return Cell(" ".join(day.codes) + star(day.status, complete=day.complete), tint)


def recap_columns(medium: Medium, language: Language) -> tuple[Column, ...]:
    """Name the columns of the figures; in a terminal by the letters of the legend."""
    if medium is Medium.SCREEN:
        return tuple(Column(name, len(name), "right") for name in _BRIEF)
    return tuple(Column(label(key, language), 7, "right", "1fr") for key in RECAP_KEYS)


def recap_cells(recap: Recap) -> tuple[Value, ...]:
    """Give the figures in the order of their columns."""
    return (
        *(recap.working_days, recap.present, Cell(recap.absent_days, Tint.ABSENT if recap.absent_days else None)),
        *(recap.late_count, recap.late_minutes, recap.early_count, recap.early_minutes),
        *(recap.missing_in, recap.missing_out, recap.deficit_minutes),
        *(recap.duty, recap.leave, recap.sick, recap.permission, recap.apel_missed),
        *(Cell(recap.undetermined, Tint.UNDETERMINED if recap.undetermined else None), recap.percent),
    )
