"""A spreadsheet's rows by header name, from CSV or XLSX, each with the line that people see in their program.

Cells keep one fact besides their text: whether the spreadsheet holds them as a number. An identifier held as a number
has lost its leading zeros and, past 15 digits, its last digits; nothing here repairs that.
"""

from __future__ import annotations

import csv
import io
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import IO, Any, NamedTuple
from xml.etree.ElementTree import ParseError

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from eabsensi.errors import EabsensiError, Problem

_DELIMITERS = (",", ";", "\t")
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_XLSX_MARK = b"PK\x03\x04"
_XLS_MARK = b"\xd0\xcf\x11\xe0"
#: No sheet has more rows (ECMA-376), but a file may say so.
_MOST_LINES = 1_048_576
#: A sheet of 100,000 people is 60 MB of text.
_MOST_UNPACKED_BYTES = 256 << 20
#: What openpyxl and what it rests on raise where a file is not what it should be; it has no error of its own for that.
_BROKEN = (
    InvalidFileException, zipfile.BadZipFile, zlib.error, ParseError, OSError, ValueError, TypeError, AttributeError,
    LookupError, EOFError, NotImplementedError, RuntimeError, OverflowError, AssertionError, struct.error,
)  # fmt: skip


class SheetError(EabsensiError):
    """The spreadsheet cannot be read."""


class Cell(NamedTuple):
    """What stands in a cell: its text, trimmed, and whether the spreadsheet holds it as a number."""

    text: str
    is_number: bool = False


class Row(NamedTuple):
    """One row: the line of the file, from 1, and the cells of the known columns; a missing column is empty."""

    line: int
    cells: dict[str, Cell]

    def text(self, column: str) -> str:
        """Give a cell's text; ``""`` where it is empty."""
        return self.cells[column].text


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns that a kind of spreadsheet has."""

    required: tuple[str, ...]
    optional: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sheet:
    """An open spreadsheet.

    Attributes:
        name: the file's name, for problems.
        rows: a stream, to be read once; empty rows are left out.
        problems: what is odd about the file as a whole, e.g. its encoding.

    """

    name: str
    rows: Iterator[Row]
    problems: list[Problem]


_Line = tuple[int, Sequence[Cell]]
_NOTHING = Cell("")


@contextmanager
def open_sheet(path: Path, columns: Columns) -> Iterator[Sheet]:
    """Open a CSV or XLSX file; which of them it is, its first bytes say, not its name.

    Raises:
        SheetError: it cannot be read, or its header misses a column or has one twice.

    """
    head = _first_bytes(path)
    if head.startswith(_XLS_MARK):
        raise SheetError(f"{path} is an old Excel file (.xls).", remedy="Save it as .xlsx or as CSV.")
    if head.startswith(_XLSX_MARK):
        with _xlsx_lines(path) as lines:
            yield Sheet(path.name, _rows(path, lines, columns), [])
    else:
        text, problems = _decoded(path)
        yield Sheet(path.name, _rows(path, _csv_lines(path, text), columns), problems)


def _first_bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            return stream.read(8)
    except OSError as cause:
        raise SheetError(
            f"{path} cannot be read: {cause.strerror}.", remedy="Check the name and its rights."
        ) from cause


def _rows(path: Path, lines: Iterator[_Line], columns: Columns) -> Iterator[Row]:
    """Read the header at once, so that a wrong file is refused before anything is written; then stream."""
    header = next(((line, cells) for line, cells in lines if any(cell.text for cell in cells)), None)
    if header is None:
        raise SheetError(f"{path} is empty.", remedy=f"Its first row names the columns: {', '.join(columns.required)}.")
    places = _places(path, header, columns)
    return _named(lines, places, [*columns.required, *columns.optional])


def _named(lines: Iterator[_Line], places: dict[str, int], names: Iterable[str]) -> Iterator[Row]:
    known = [(name, places.get(name, -1)) for name in names]
    for line, cells in lines:
        if any(cell.text for cell in cells):
            count = len(cells)
            yield Row(line, {name: cells[place] if 0 <= place < count else _NOTHING for name, place in known})


def _places(path: Path, header: _Line, columns: Columns) -> dict[str, int]:
    line, cells = header
    names = [cell.text.lower() for cell in cells]
    wanted = {*columns.required, *columns.optional}
    twice = sorted({name for name in names if name in wanted and names.count(name) > 1})
    if twice:
        raise SheetError(f"{path} line {line}: the column {twice[0]} stands twice.", remedy="Keep one of them.")
    missing = [name for name in columns.required if name not in names]
    if missing:
        found = ", ".join(name for name in names if name) or "nothing"
        raise SheetError(
            f"{path} line {line}: the header has no column {', '.join(missing)}; it has {found}.",
            remedy=f"The columns are {', '.join(columns.required)}"
            + (f"; also {', '.join(columns.optional)} where wanted." if columns.optional else "."),
        )
    return {name: names.index(name) for name in wanted if name in names}


# --- CSV -----------------------------------------------------------------------------------------------------------


def _decoded(path: Path) -> tuple[str, list[Problem]]:
    content = path.read_bytes()
    if content.startswith(_UTF16_MARKS):
        return content.decode("utf-16", errors="replace"), []
    try:
        return content.decode("utf-8-sig"), []
    except UnicodeDecodeError as cause:
        line = content.count(b"\n", 0, cause.start) + 1
        what = "the file is not in UTF-8; it was read as Windows-1252."
        remedy = "Check the names with accents, or save it as CSV UTF-8."
        return content.decode("cp1252", errors="replace"), [Problem(f"{path.name} line {line}", what, remedy)]


def _csv_lines(path: Path, text: str) -> Iterator[_Line]:
    skipped = 0
    if text[:4].lower() == "sep=":  # Excel's own note of the delimiter
        first, _, text = text.partition("\n")
        delimiter, skipped = (first[4:5] or ","), 1
    else:
        delimiter = _delimiter(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    line = 1
    try:
        for fields in reader:
            yield line + skipped, [Cell(field.strip()) for field in fields]
            line = reader.line_num + 1
    except csv.Error as cause:
        raise SheetError(f"{path} line {line + skipped} is no CSV: {cause}.", remedy="Save it as CSV again.") from cause


def _delimiter(text: str) -> str:
    header = next((line for line in io.StringIO(text) if line.strip()), "")
    outside_quotes = "".join(header.split('"')[::2])
    return max(_DELIMITERS, key=outside_quotes.count)


# --- XLSX ----------------------------------------------------------------------------------------------------------


@contextmanager
def _xlsx_lines(path: Path) -> Iterator[Iterator[_Line]]:
    with path.open("rb") as stream:  # openpyxl leaves a file of its own open where it fails half-way
        with _refusing_broken(path):
            _refuse_bomb(path, stream)
            book = openpyxl.load_workbook(stream, read_only=True, data_only=True)
        try:
            with _refusing_broken(path):
                sheet = book.worksheets[0]
                sheet.reset_dimensions()  # some programs write a wrong extent, which would cut rows off
            yield _xlsx_rows(path, sheet)
        finally:
            book.close()


def _xlsx_rows(path: Path, sheet: Any) -> Iterator[_Line]:
    """Read row by row; what is broken further down shows only then."""
    rows = sheet.iter_rows(values_only=True)
    for line in range(1, _MOST_LINES + 1):
        with _refusing_broken(path):
            values = next(rows, None)
        if values is None:
            return
        yield line, _cells(values)
    raise SheetError(f"{path} has more than {_MOST_LINES} rows.", remedy="Divide it among several files.")


@contextmanager
def _refusing_broken(path: Path) -> Iterator[None]:
    try:
        yield
    except _BROKEN as cause:
        raise SheetError(f"{path} is no readable XLSX file.", remedy="Open it and save it as .xlsx again.") from cause


def _refuse_bomb(path: Path, stream: IO[bytes]) -> None:
    """Look how much would come out before anything does: a few kilobytes can hold gigabytes of nothing."""
    with zipfile.ZipFile(stream) as archive:
        unpacked = sum(part.file_size for part in archive.infolist())
    if unpacked > _MOST_UNPACKED_BYTES:
        raise SheetError(f"{path} holds {unpacked >> 20} MB of text.", remedy="Divide it among several files.")
    stream.seek(0)


def _cells(values: Iterable[object]) -> list[Cell]:
    return [_cell(value) for value in values]


def _cell(value: object) -> Cell:
    if value is None:
        return _NOTHING
    if isinstance(value, str):
        return Cell(value.strip())
    if isinstance(value, bool):
        return Cell(str(value).lower())
    if isinstance(value, datetime):
        return Cell(value.date().isoformat() if value.time() == time() else value.isoformat(" "))
    if isinstance(value, (date, time)):
        return Cell(value.isoformat())
    return Cell(str(value), is_number=True)
