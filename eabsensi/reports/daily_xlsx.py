"""The daily report as a workbook: real dates and numbers, NIP as text, one sheet per unit, ready to print on F4."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from eabsensi.discipline.verdict import Status
from eabsensi.law.wording import Language, full_date
from eabsensi.reports.daily import DailyReport, DailyRow, Section
from eabsensi.reports.daily_table import count_headings, counted, counts_line
from eabsensi.reports.labels import label, status_label
from eabsensi.reports.letter import book_foot
from eabsensi.reports.sheet import Book, new_book

_COLOURS = {
    Status.PRESENT: "#E7F4E4",
    Status.ABSENT: "#F8D7DA",
    Status.EXCUSED: "#DDEBF7",
    Status.OFF: "#EDEDED",
    Status.UNDETERMINED: "#FFF3CD",
}
_WIDTHS = (5, 21, 30, 16, 26, 18, 12, 8, 8, 10, 10, 9, 60)


def write_xlsx(report: DailyReport, path: Path, language: Language, verify_at: str | None = None) -> None:
    """Write the workbook to ``path``; ``verify_at`` is the address where its code is looked up."""
    footer = book_foot(report, language, verify_at)
    with new_book(path, language, title=report.title(language), made_at=report.as_of, footer=footer) as book:
        sheets = _Sheets(book, report)
        if len(report.sections) != 1:
            sheets.summary()
        for section in report.sections:
            sheets.section(section)


class _Sheets:
    """Writes the sheets of one workbook."""

    def __init__(self, book: Book, report: DailyReport) -> None:
        self._book = book
        self._report = report
        self._language = book.language
        self._clock = book.edged(num_format="hh.mm" if book.language is Language.ID else "hh:mm")
        self._status = {status: book.edged(bg_color=colour) for status, colour in _COLOURS.items()}

    def summary(self) -> None:
        """Write the counts of every unit, then everything that is incomplete."""
        sheet, line = self._sheet(label("summary", self._language), label("city", self._language), (40, *[14] * 8))
        self._book.header(sheet, line, [label("unit", self._language), *count_headings(self._language)])
        for section in self._report.sections:
            line += 1
            self._counts(sheet, line, section.unit.name, counted(section.counts))
        self._counts(sheet, line + 1, label("total", self._language), counted(self._report.counts))
        line += 3
        for section in self._report.sections:
            for note in section.notes:
                self._book.prose(sheet, line, f"{section.unit.name}: {note.text(self._language)}", self._book.note)
                line += 1
        self._book.prose(sheet, line, self._law(), self._book.plain)
        self._book.end(sheet, line)

    def section(self, section: Section) -> None:
        """Write the sheet of one unit."""
        language = self._language
        sheet, line = self._sheet(section.unit.code, section.unit.name, _WIDTHS)
        for note in section.notes:
            told = f"{label(section.notes_key, language)}: {note.text(language)}"
            self._book.prose(sheet, line - 1, told, self._book.note)
            line += 1
        self._book.header(sheet, line, self._headings())
        sheet.autofilter(line, 0, line + len(section.rows), len(_WIDTHS) - 1)
        for row in section.rows:
            line += 1
            self._row(sheet, line, row)
        self._book.prose(sheet, line + 2, counts_line(section.counts, language), self._book.plain)
        self._book.prose(sheet, line + 3, self._law(), self._book.plain)
        self._book.end(sheet, line + 3)

    def _sheet(self, name: str, title: str, widths: tuple[int, ...]) -> tuple[Any, int]:
        """Start a sheet; give it and the line of its table's header."""
        report, language = self._report, self._language
        day = f"{full_date(report.on, language)}   {label('as_of', language)} {report.setting.moment(language)}"
        return self._book.sheet(name, f"{label('title', language)} - {title}", [day], widths)

    def _headings(self) -> list[str]:
        keys = (
            "number",
            "nip",
            "name",
            "rank",
            "position",
            "status",
            "codes",
            "in",
            "out",
            "late",
            "early",
            "complete",
        )
        minutes = f" ({label('minutes', self._language)})"
        headings = [label(key, self._language) + (minutes if key in ("late", "early") else "") for key in keys]
        return [*headings, label("explanation", self._language)]

    def _row(self, sheet: Any, line: int, row: DailyRow) -> None:
        language = self._language
        sheet.write_number(line, 0, row.number, self._book.number)
        for column, text in enumerate((row.nip, row.name, row.rank, row.position), 1):
            sheet.write_string(line, column, text, self._book.text)
        sheet.write_string(line, 5, status_label(row.status, language), self._status[row.status])
        sheet.write_string(line, 6, " ".join(row.codes), self._book.text)
        self._time(sheet, line, 7, row.in_at)
        self._time(sheet, line, 8, row.out_at)
        sheet.write_number(line, 9, row.late_minutes, self._book.number)
        sheet.write_number(line, 10, row.early_minutes, self._book.number)
        sheet.write_string(line, 11, label("yes" if row.complete else "no", language), self._book.text)
        sheet.write_string(line, 12, row.explanation(language), self._book.wrapped)

    def _time(self, sheet: Any, line: int, column: int, at: datetime | None) -> None:
        if at is None:
            sheet.write_blank(line, column, None, self._book.text)
        else:
            sheet.write_datetime(line, column, at.time(), self._clock)

    def _counts(self, sheet: Any, line: int, name: str, numbers: tuple[int, ...]) -> None:
        sheet.write_string(line, 0, name, self._book.text)
        for column, number in enumerate(numbers, 1):
            sheet.write_number(line, column, number, self._book.number)

    def _law(self) -> str:
        setting, language = self._report.setting, self._language
        return f"{setting.policy(language)}. {setting.law(language)}"
