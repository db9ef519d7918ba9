"""The daily report in a terminal: readable at 100 columns, and without colour."""

from __future__ import annotations

from datetime import datetime
from typing import TextIO

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from eabsensi.discipline.verdict import Status
from eabsensi.law.wording import Language, clock_time, decimal, full_date
from eabsensi.reports.daily import Counts, DailyReport, DailyRow, Section
from eabsensi.reports.labels import label, status_label
from eabsensi.reports.lettering import Remarks
from eabsensi.reports.standings import star

_WIDTH = 110
_NAME_WIDTH = 28
_UNIT_WIDTH = 36
_STYLES = {
    Status.PRESENT: "green",
    Status.ABSENT: "bold red",
    Status.EXCUSED: "cyan",
    Status.OFF: "dim",
    Status.UNDETERMINED: "bold yellow",
}


def write_table(report: DailyReport, stream: TextIO, language: Language) -> None:
    """Write the report as tables: for more than one unit a summary first, then each unit."""
    console = Console(file=stream, highlight=False, emoji=False)
    if not console.is_terminal:
        console.width = _WIDTH
    _heading(console, report, language)
    if not report.sections:
        console.print(label("nobody", language))
    if len(report.sections) > 1:
        console.print(_summary(report, language))
    for section in report.sections:
        _section(console, section, language)
    _foot(console, report, language)


def _heading(console: Console, report: DailyReport, language: Language) -> None:
    place = report.unit.name if report.unit else label("city", language)
    console.print(Text(f"{label('title', language)} - {place}", style="bold"))
    as_of = report.setting.moment(language)
    console.print(Text(f"{full_date(report.on, language)}   {label('as_of', language)} {as_of}"))


def _summary(report: DailyReport, language: Language) -> Table:
    table = Table(
        title=label("summary", language), title_justify="left", box=None, padding=(0, 2, 0, 0), header_style="bold"
    )
    table.add_column(label("unit", language), no_wrap=True)
    for heading in count_headings(language):
        table.add_column(heading, justify="right", width=max(map(len, heading.split())))
    for section in report.sections:
        table.add_row(
            Text(_shortened(section.unit.name, _UNIT_WIDTH)), *(str(number) for number in counted(section.counts))
        )
    table.add_row(Text(label("total", language), "bold"), *(Text(str(n), "bold") for n in counted(report.counts)))
    return table


def count_headings(language: Language) -> list[str]:
    """Name the columns of the counts."""
    return [
        label("people", language),
        status_label(Status.PRESENT, language),
        label("late_count", language),
        label("early_count", language),
        *(status_label(s, language, short=True) for s in (Status.ABSENT, Status.EXCUSED, Status.OFF)),
        status_label(Status.UNDETERMINED, language),
    ]


def counted(counts: Counts) -> tuple[int, ...]:
    """Give the counts in the order of their columns."""
    return (
        *(counts.people, counts.present, counts.late, counts.early),
        *(counts.absent, counts.excused, counts.off, counts.undetermined),
    )


def _section(console: Console, section: Section, language: Language) -> None:
    console.print()
    console.print(Text(f"{section.unit.name} ({section.unit.code})", style="bold"))
    for note in section.notes:
        told = f"{label(section.notes_key, language)}: {note.text(language)}"
        console.print(Padding(Text(told, style="yellow"), (0, 0, 0, 2), expand=False))
    remarks = Remarks()
    table = _columns(language)
    for row in section.rows:
        table.add_row(*_cells(row, remarks, language))
    console.print(table)
    for letter, remark in remarks.told():
        console.print(Padding(Text(f"{letter}. {remark}", style="dim"), (0, 0, 0, 2), expand=False))
    console.print(Padding(Text(counts_line(section.counts, language)), (0, 0, 0, 2), expand=False))


def _columns(language: Language) -> Table:
    table = Table(box=None, padding=(0, 1, 0, 0), header_style="bold")
    table.add_column(label("number", language), justify="right")
    table.add_column(label("nip", language), no_wrap=True, min_width=18)
    table.add_column(label("name", language), no_wrap=True, min_width=_NAME_WIDTH)
    table.add_column(label("status", language), no_wrap=True, min_width=13)
    table.add_column(label("codes", language), no_wrap=True, min_width=8)
    table.add_column(label("in", language), justify="right", no_wrap=True)
    table.add_column(label("out", language), justify="right", no_wrap=True)
    table.add_column(label("late_brief", language), justify="right", no_wrap=True)
    table.add_column(label("early_brief", language), justify="right", no_wrap=True)
    table.add_column(label("note", language))
    return table


def _cells(row: DailyRow, remarks: Remarks, language: Language) -> tuple[str | Text, ...]:
    style = _STYLES[row.status] if row.codes == ("H",) or row.status is not Status.PRESENT else "yellow"
    return (
        str(row.number),
        Text(row.nip),
        Text(_shortened(row.name, _NAME_WIDTH)),
        Text(
            status_label(row.status, language, short=True) + star(row.status, complete=row.complete),
            style=_STYLES[row.status],
        ),
        Text(" ".join(row.codes), style=style),
        _clock(row.in_at, language),
        _clock(row.out_at, language),
        str(row.late_minutes or ""),
        str(row.early_minutes or ""),
        remarks.letter(row.remark(language)),
    )


def _shortened(text: str, width: int) -> str:
    return text if len(text) <= width else f"{text[: width - 1]}…"


def _clock(at: datetime | None, language: Language) -> str:
    return clock_time(at, language) if at else "-"


def counts_line(counts: Counts, language: Language) -> str:
    """Say the counts in one line; those that are nought are left out, save the present and the absent."""
    named = zip(count_headings(language), counted(counts), strict=True)
    always = {label("people", language), status_label(Status.PRESENT, language)}
    parts = [f"{name} {number}" for name, number in named if number or name in always]
    if counts.open:
        parts.append(f"{label('open_count', language)} {counts.open}")
    expected = counts.people - counts.off
    if expected:
        parts.append(f"{decimal(100 * counts.present / expected, language)} % {label('present_share', language)}")
    return "  ".join(parts)


def _foot(console: Console, report: DailyReport, language: Language) -> None:
    console.print()
    if report.sections:
        console.print(Text(label("brief", language)))
    if report.counts.open:
        console.print(Text(label("star", language)))
    if len(report.sections) > 1:
        console.print(Text(f"{label('total', language)}: {counts_line(report.counts, language)}", style="bold"))
    console.print(Text(f"{report.setting.policy(language)}. {report.setting.law(language)}", style="dim"))
