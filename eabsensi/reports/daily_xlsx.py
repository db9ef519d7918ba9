"""The daily report as a workbook: real dates and numbers, NIP as text, one sheet per unit, ready to print on F4."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import xlsxwriter

from eabsensi.discipline.verdict import Status
from eabsensi.law.wording import Language, full_date, moment, zone_name
from eabsensi.reports.daily import DailyReport, DailyRow, Section
from eabsensi.reports.daily_table import count_headings, counted, counts_line
from eabsensi.reports.labels import label, status_label

_FOLIO = 14  # 8.5 by 13 inches, the F4 of Indonesian offices
_FORBIDDEN = re.compile(r"[\[\]:*?/\\]")
_COLOURS = {
    Status.PRESENT: "#E7F4E4",
    Status.ABSENT: "#F8D7DA",
    Status.EXCUSED: "#DDEBF7",
    Status.OFF: "#EDEDED",
    Status.UNDETERMINED: "#FFF3CD",
}
_WIDTHS = (5, 21, 30, 16, 26, 18, 12, 8, 8, 10, 10, 9, 60)


def write_xlsx(report: DailyReport, path: Path, language: Language) -> None:
    """Write the workbook to ``path``; rows are written as they come, so memory does not grow with the city."""
    options = {
        "constant_memory": True,
        # no cell becomes a formula, a link or a number because of what its text looks like
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(str(path), options) as book:
        created = report.as_of.astimezone(UTC).replace(tzinfo=None)
        book.set_properties({"title": label("title", language), "created": created})
        sheets = _Sheets(book, report, language)
        if len(report.sections) != 1:
            sheets.summary()
        for section in report.sections:
            sheets.section(section)


class _Sheets:
    """Writes the sheets of one workbook."""

    def __init__(self, book: Any, report: DailyReport, language: Language) -> None:
        self._book = book
        self._report = report
        self._language = language
        self._names: set[str] = set()
        edged = {"border": 1, "border_color": "#BFBFBF", "valign": "top"}
        self._title = book.add_format({"bold": True, "font_size": 13})
        self._note = book.add_format({"font_color": "#9C5700", "bold": True})
        self._plain = book.add_format({})
        self._head = book.add_format(
            {**edged, "bold": True, "bg_color": "#D9E1F2", "text_wrap": True, "valign": "vcenter"}
        )
        self._text = book.add_format({**edged, "num_format": "@"})
        self._wrapped = book.add_format({**edged, "num_format": "@", "text_wrap": True})
        self._number = book.add_format({**edged, "num_format": "0"})
        self._clock = book.add_format({**edged, "num_format": "hh.mm" if language is Language.ID else "hh:mm"})
        self._status = {s: book.add_format({**edged, "bg_color": c}) for s, c in _COLOURS.items()}

    def summary(self) -> None:
        """Write the counts of every unit, then everything that is incomplete."""
        sheet, line = self._sheet(label("summary", self._language), label("city", self._language), (40, *[14] * 8))
        self._header(sheet, line, [label("unit", self._language), *count_headings(self._language)])
        for section in self._report.sections:
            line += 1
            self._counts(sheet, line, section.unit.name, counted(section.counts))
        self._counts(sheet, line + 1, label("total", self._language), counted(self._report.counts))
        line += 3
        for section in self._report.sections:
            for note in section.notes:
                sheet.write_string(line, 0, f"{section.unit.name}: {note.text(self._language)}", self._note)
                line += 1
        sheet.write_string(line, 0, self._law(), self._plain)

    def section(self, section: Section) -> None:
        """Write the sheet of one unit."""
        language = self._language
        sheet, line = self._sheet(section.unit.code, section.unit.name, _WIDTHS)
        for note in section.notes:
            sheet.write_string(line - 1, 0, f"{label(section.notes_key, language)}: {note.text(language)}", self._note)
            line += 1
        self._header(sheet, line, self._headings())
        sheet.autofilter(line, 0, line + len(section.rows), len(_WIDTHS) - 1)
        for row in section.rows:
            line += 1
            self._row(sheet, line, row)
        sheet.write_string(line + 2, 1, counts_line(section.counts, language), self._plain)
        sheet.write_string(line + 3, 1, self._law(), self._plain)

    def _sheet(self, name: str, title: str, widths: tuple[int, ...]) -> tuple[Any, int]:
        """Start a sheet with its title and print setup; give it and the line of its table's header."""
        report, language = self._report, self._language
        sheet = self._book.add_worksheet(self._free_name(name))
        for column, width in enumerate(widths):
            sheet.set_column(column, column, width)
        sheet.set_landscape()
        sheet.set_paper(_FOLIO)
        sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
        sheet.fit_to_pages(1, 0)
        sheet.set_footer(
            f"&L{report.policy_name} {report.policy_version}&R{label('page', language)} &P {label('of', language)} &N"
        )
        sheet.write_string(0, 0, f"{label('title', language)} - {title}", self._title)
        as_of = f"{moment(report.as_of, language)} {zone_name(report.zone.key)}"
        sheet.write_string(1, 0, f"{full_date(report.on, language)}   {label('as_of', language)} {as_of}", self._plain)
        return sheet, 3

    def _free_name(self, wanted: str) -> str:
        """Give a sheet name that a spreadsheet accepts and that is not taken."""
        base = _FORBIDDEN.sub("-", wanted).strip("'")[:31] or "-"
        name, place = base, 2
        while name.lower() in self._names:
            name, place = f"{base[:27]} {place}", place + 1
        self._names.add(name.lower())
        return name

    def _header(self, sheet: Any, line: int, headings: list[str]) -> None:
        for column, heading in enumerate(headings):
            sheet.write_string(line, column, heading, self._head)
        sheet.freeze_panes(line + 1, 0)
        sheet.repeat_rows(line)

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
        sheet.write_number(line, 0, row.number, self._number)
        for column, text in enumerate((row.nip, row.name, row.rank, row.position), 1):
            sheet.write_string(line, column, text, self._text)
        sheet.write_string(line, 5, status_label(row.status, language), self._status[row.status])
        sheet.write_string(line, 6, " ".join(row.codes), self._text)
        self._time(sheet, line, 7, row.in_at)
        self._time(sheet, line, 8, row.out_at)
        sheet.write_number(line, 9, row.late_minutes, self._number)
        sheet.write_number(line, 10, row.early_minutes, self._number)
        sheet.write_string(line, 11, label("yes" if row.complete else "no", language), self._text)
        sheet.write_string(line, 12, row.explanation(language), self._wrapped)

    def _time(self, sheet: Any, line: int, column: int, at: datetime | None) -> None:
        if at is None:
            sheet.write_blank(line, column, None, self._text)
        else:
            sheet.write_datetime(line, column, at.time(), self._clock)

    def _counts(self, sheet: Any, line: int, name: str, numbers: tuple[int, ...]) -> None:
        sheet.write_string(line, 0, name, self._text)
        for column, number in enumerate(numbers, 1):
            sheet.write_number(line, column, number, self._number)

    def _law(self) -> str:
        report, language = self._report, self._language
        policy = label("policy", language).format(name=report.policy_name, version=report.policy_version)
        cited = "; ".join(citation.text(language) for citation in report.citations)
        return f"{policy}. {label('law', language)}: {cited or '-'}."
