"""Workbooks, whatever the report: formats, sheets ready to print on F4, names that a spreadsheet accepts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import xlsxwriter

from eabsensi.law.wording import Language
from eabsensi.reports.labels import label

_FOLIO = 14  # 8.5 by 13 inches, the F4 of Indonesian offices
_FOOTER_MOST = 220  # of 255 characters that a spreadsheet takes; the right side has the rest
_FORBIDDEN = re.compile(r"[\[\]:*?/\\]")
_PROSE = {"text_wrap": True, "valign": "top"}
_LINE_HEIGHT = 15  # points
EDGED = {"border": 1, "border_color": "#BFBFBF", "valign": "top"}
_OPTIONS = {
    "constant_memory": True,
    # no cell becomes a formula, a link or a number because of what its text looks like
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}


class Book:
    """A workbook in the making; rows are written as they come, so memory does not grow with the city.

    Attributes:
        language: of the words.
        title: format of a sheet's first line.
        note: format of what is incomplete.
        plain: format of a line outside tables.
        strong: format of a table's title.
        text: format of a cell with text; NIPs stay text.
        wrapped: the same, over several lines.
        number: format of a whole number.

    """

    def __init__(self, book: Any, language: Language, footer: str) -> None:
        self._book = book
        self._names: set[str] = set()
        self._footer = footer
        self.language = language
        self.title = book.add_format({"bold": True, "font_size": 13})
        self._widths: Sequence[float] = ()
        self.note = book.add_format({"font_color": "#9C5700", "bold": True, **_PROSE})
        self.plain = book.add_format(_PROSE)
        self.strong = book.add_format({"bold": True})
        self._head = self.edged(bold=True, bg_color="#D9E1F2", text_wrap=True, valign="vcenter")
        self.text = self.edged(num_format="@")
        self.wrapped = self.edged(num_format="@", text_wrap=True)
        self.number = self.edged(num_format="0")

    def edged(self, **looks: object) -> Any:
        """Make a format with a thin border."""
        return self._book.add_format({**EDGED, **looks})

    def sheet(
        self, name: str, title: str, lines: Sequence[str], widths: Sequence[float], *, portrait: bool = False
    ) -> tuple[Any, int]:
        """Start a sheet with its title, the lines under it and its print setup; give it and the next free line."""
        sheet = self._book.add_worksheet(self._free_name(name))
        for column, width in enumerate(widths):
            sheet.set_column(column, column, width)
        if not portrait:
            sheet.set_landscape()
        sheet.set_paper(_FOLIO)
        sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
        sheet.fit_to_pages(1, 0)
        left = self._footer.replace("&", "&&")[:_FOOTER_MOST]
        sheet.set_footer(f"&L{left}&R{label('page', self.language)} &P {label('of', self.language)} &N")
        self._widths = widths
        sheet.write_string(0, 0, title, self.title)
        for place, line in enumerate(lines, 1):
            self.prose(sheet, place, line, self.plain)
        return sheet, len(lines) + 2

    def prose(self, sheet: Any, line: int, text: str, looks: Any) -> None:
        """Write a sentence across the sheet's columns, over as many lines as it needs, so that print cuts nothing."""
        lines = -(-len(text) // max(1, int(sum(self._widths))))
        if lines > 1:
            sheet.set_row(line, _LINE_HEIGHT * lines)
        if len(self._widths) > 1:
            sheet.merge_range(line, 0, line, len(self._widths) - 1, text, looks)
        else:
            sheet.write_string(line, 0, text, looks)

    def end(self, sheet: Any, line: int) -> None:
        """End a sheet whose last line is ``line``: its columns, and nothing beside them, go on paper."""
        sheet.print_area(0, 0, line, max(0, len(self._widths) - 1))

    def header(self, sheet: Any, line: int, headings: Sequence[str], *, frozen_columns: int = 0) -> None:
        """Write the headings of a sheet's table, frozen and repeated on every printed page."""
        self.headings(sheet, line, headings)
        sheet.freeze_panes(line + 1, frozen_columns)
        sheet.repeat_rows(line)

    def headings(self, sheet: Any, line: int, headings: Sequence[str]) -> None:
        """Write headings."""
        for column, heading in enumerate(headings):
            sheet.write_string(line, column, heading, self._head)

    def _free_name(self, wanted: str) -> str:
        """Give a sheet name that a spreadsheet accepts and that is not taken."""
        base = _FORBIDDEN.sub("-", wanted).strip("'")[:31] or "-"
        name, place = base, 2
        while name.lower() in self._names:
            name, place = f"{base[:27]} {place}", place + 1
        self._names.add(name.lower())
        return name


@contextmanager
def new_book(path: Path, language: Language, *, title: str, made_at: datetime, footer: str) -> Iterator[Book]:
    """Open a workbook at ``path`` and write it out at the end."""
    with xlsxwriter.Workbook(str(path), _OPTIONS) as book:
        book.set_properties({"title": title, "created": made_at.astimezone(UTC).replace(tzinfo=None)})
        yield Book(book, language, footer)
