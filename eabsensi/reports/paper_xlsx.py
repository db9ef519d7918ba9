"""A laid-out report as a workbook: one sheet per part, real numbers, NIP as text, ready to print on F4."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

from eabsensi.law.wording import Language
from eabsensi.reports.labels import label
from eabsensi.reports.letter import book_foot
from eabsensi.reports.paper import Medium, Paper, Papered, Part, Table, Tint, Value, bare, tint
from eabsensi.reports.sheet import Book, new_book

_COLOURS = {
    Tint.LATE: "#FCE4D6",
    Tint.ABSENT: "#F8D7DA",
    Tint.EXCUSED: "#DDEBF7",
    Tint.OFF: "#EDEDED",
    Tint.UNDETERMINED: "#FFF3CD",
}


def write_xlsx(report: Papered, path: Path, language: Language, verify_at: str | None = None) -> None:
    """Write the workbook to ``path``; ``verify_at`` is the address where its code is looked up."""
    paper = report.paper(Medium.SHEET, language)
    footer = book_foot(report, language, verify_at)
    with new_book(path, language, title=paper.title, made_at=paper.setting.as_of, footer=footer) as book:
        sheets = _Sheets(book, paper)
        for part in paper.parts:
            sheets.part(part)
        if not paper.parts:
            sheets.part(Part("", paper.place, (), "", (), (), (paper.empty,)))


class _Sheets:
    """Writes the sheets of one workbook."""

    def __init__(self, book: Book, paper: Paper) -> None:
        self._book = book
        self._paper = paper
        self._formats: dict[tuple[str, str, Tint | None, bool, bool], Any] = {}

    def part(self, part: Part) -> None:
        """Write the sheet of one part; the header of its first table is frozen."""
        book, paper = self._book, self._paper
        as_of = f"{label('as_of', book.language)} {paper.setting.moment(book.language)}"
        title = f"{paper.title} - {part.title}"
        widths = [column.width for column in part.tables[0].columns] if part.tables else [40]
        sheet, line = book.sheet(
            part.code or part.title, title, [f"{paper.period}   {as_of}", *part.state], widths, portrait=paper.portrait
        )
        for note in part.notes:
            book.prose(sheet, line - 1, f"{part.heading}: {note}", book.note)
            line += 1
        for place, table in enumerate(part.tables):
            line = self._table(sheet, line, table, first=place == 0) + 2
        for remark in (*part.remarks, f"{paper.setting.policy(book.language)}. {paper.setting.law(book.language)}"):
            book.prose(sheet, line, remark, book.plain)
            line += 1
        book.end(sheet, line - 1)

    def _table(self, sheet: Any, line: int, table: Table, *, first: bool) -> int:
        """Write a table from ``line`` on; give the line of its last row."""
        if table.title:
            sheet.write_string(line, 0, table.title, self._book.strong)
            line += 1
        headings = [column.heading for column in table.columns]
        if first:
            self._book.header(sheet, line, headings, frozen_columns=table.frozen_columns)
        else:
            self._book.headings(sheet, line, headings)
        for row in table.rows:
            line += 1
            self._row(sheet, line, table, row, strong=False)
        if table.total:
            line += 1
            self._row(sheet, line, table, table.total, strong=True)
        return line

    def _row(self, sheet: Any, line: int, table: Table, row: tuple[Value, ...], *, strong: bool) -> None:
        for place, (column, value) in enumerate(zip(table.columns, row, strict=True)):
            plain = bare(value)
            looks = self._looks(plain, column.align, tint(value), strong=strong, wrap=_wraps(plain, column.width))
            if plain is None or plain == "":
                sheet.write_blank(line, place, None, looks)
            elif isinstance(plain, str):
                sheet.write_string(line, place, plain, looks)
            elif isinstance(plain, (date, time)):
                sheet.write_datetime(line, place, _without_zone(plain), looks)
            else:
                sheet.write_number(line, place, plain, looks)

    def _looks(self, value: object, align: str, colour: Tint | None, *, strong: bool, wrap: bool) -> Any:
        """Make each format of the workbook once."""
        kind = _number_format(value, self._book.language)
        key = (kind, align, colour, strong, wrap)
        if key not in self._formats:
            looks: dict[str, object] = {"num_format": kind, "align": align, "bold": strong, "text_wrap": wrap}
            if colour:
                looks["bg_color"] = _COLOURS[colour]
            self._formats[key] = self._book.edged(**looks)
        return self._formats[key]


def _without_zone(value: date | time) -> date | time:
    """Give a date or time as a spreadsheet holds it: the local one."""
    return value.replace(tzinfo=None) if isinstance(value, (datetime, time)) else value


def _number_format(value: object, language: Language) -> str:
    """Give how a spreadsheet shows a value; the value itself stays a number, a date or a time."""
    indonesian = language is Language.ID
    if isinstance(value, time):
        return "hh.mm" if indonesian else "hh:mm"
    if isinstance(value, datetime):
        return "dd-mm-yyyy hh.mm" if indonesian else "dd-mm-yyyy hh:mm"
    if isinstance(value, date):
        return "[$-421]d mmmm yyyy" if indonesian else "d mmmm yyyy"
    if isinstance(value, Decimal):
        places = max(0, -int(value.as_tuple().exponent))
        return f"0.{'0' * places}" if places else "0"
    return "0" if isinstance(value, int) else "@"


def _wraps(value: object, width: float) -> bool:
    """Whether a text is longer than its column, and would be hidden by the next one."""
    return isinstance(value, str) and len(value) > width
