"""Rosters from a spreadsheet: nip, date, shift; a row for each shift, so a date with two shifts has two rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple

from eabsensi.errors import Problem
from eabsensi.importing.counts import ImportCounts, RowsRead, counting, no_progress
from eabsensi.importing.fields import FieldError, RowReader, day, nearest, nip, place, wanted
from eabsensi.importing.sheet import Cell, Columns, Row, open_sheet
from eabsensi.law.dated import Series
from eabsensi.law.duty import ShiftTable
from eabsensi.store.people import Connection, load_employees
from eabsensi.store.rosters import Shifts, lock_rosters, save_rosters

COLUMNS = Columns(required=("nip", "date", "shift"))
_NO_DAY = date.min


@dataclass(frozen=True, slots=True)
class RosterEntry:
    """Who enters rosters when, and the shifts that there are.

    Attributes:
        by: who says so.
        at: the present instant, timezone-aware.
        shifts: those that the law knows, by date; None accepts any word.

    """

    by: str
    at: datetime
    shifts: Series[ShiftTable] | None = None

    def table(self, on: date) -> ShiftTable | None:
        """Give the shifts that there are on a date; None where any word will do."""
        return None if self.shifts is None else self.shifts.on(on).value


class _Line(NamedTuple):
    line: int
    nip: str
    on: date
    shift: str


def import_rosters(
    connection: Connection, path: Path, entry: RosterEntry, *, rows_read: RowsRead = no_progress
) -> tuple[ImportCounts, list[Problem]]:
    """Import rosters from a CSV or XLSX file.

    What the file says about a person's date replaces what was known about it; several rows of one date are its shifts,
    in the order of the file. A date with a refused row is left as it is, because half of its shifts would be wrong.

    Args:
        connection: a transaction of the store; the good dates are written in it.
        path: the file.
        entry: who enters it, and which shifts there are.
        rows_read: told now and then how many rows have been read.

    Returns:
        what happened to how many person-dates and how many rows were refused, and the problems.

    Raises:
        SheetError: the file as a whole cannot be read.

    """
    lock_rosters(connection)
    dates = _Dates(path.name, entry)
    with open_sheet(path, COLUMNS) as sheet:
        problems = sheet.problems
        for row in counting(sheet.rows, rows_read):
            line, troubles = _parse(sheet.name, row, entry)
            dates.problems += troubles
            dates.add(line, is_good=not troubles)
    people = {number: key for number, (key, _) in load_employees(connection, dates.people).items()}
    counts = save_rosters(connection, dates.settled(people), by=entry.by, at=entry.at)
    return ImportCounts(*counts, dates.refused), problems + dates.problems


def _parse(file: str, row: Row, entry: RosterEntry) -> tuple[_Line, list[Problem]]:
    reader = RowReader(file, row)
    number, on = reader.read("nip", nip, ""), reader.read("date", day, _NO_DAY)
    table = None
    try:
        table = entry.table(on) if on != _NO_DAY else None
    except LookupError:
        reader.refuse("date", f"the law knows no shifts on {on}.", "Check the year.")
    shift = reader.read("shift", _shift(table), "")
    return _Line(row.line, number, on, shift), reader.problems


def _shift(table: ShiftTable | None) -> Callable[[Cell], str]:
    """Make a reader for a shift's code, in capitals; any word where there is no table."""

    def read(cell: Cell) -> str:
        code = wanted(cell)
        if table is None:
            return code
        if not table.knows(code):
            known = [*table.duty, *table.free]
            raise FieldError(f"there is no shift {code!r}.", f"{nearest(code, known)}Known are {', '.join(known)}.")
        return code.upper()

    return read


class _Dates:
    """The rows gathered by person and date.

    Attributes:
        people: the NIPs of the rows.
        refused: how many rows are not taken.
        problems: why.

    """

    def __init__(self, file: str, entry: RosterEntry) -> None:
        self._file = file
        self._entry = entry
        self._lines: dict[tuple[str, date], list[_Line]] = {}
        self._spoilt: dict[tuple[str, date], int] = {}
        self.people: set[str] = set()
        self.refused = 0
        self.problems: list[Problem] = []

    def add(self, line: _Line, *, is_good: bool) -> None:
        """Take a row in; one that is wrong spoils its date."""
        if not is_good:
            self.refused += 1
            self._spoilt.setdefault((line.nip, line.on), line.line)
            return
        self.people.add(line.nip)
        present = self._lines.setdefault((line.nip, line.on), [])
        same = next((other for other in present if other.shift == line.shift), None)
        if same is not None:
            self._refuse(
                line, "shift", f"{line.shift} on {line.on} is already on line {same.line}.", "Keep one of them."
            )
            return
        present.append(line)

    def settled(self, people: dict[str, int]) -> dict[tuple[int, date], Shifts]:
        """Give the shifts of each person-date that is whole; the others are refused."""
        wanted: dict[tuple[int, date], Shifts] = {}
        for (number, on), lines in self._lines.items():
            if number not in people:
                self._refuse_all(lines, "nip", f"there is no employee {number}.", "Import the employee first.")
            elif (number, on) in self._spoilt:
                what = f"line {self._spoilt[number, on]} of the same date is refused."
                self._refuse_all(lines, "date", what, "Correct it, and import both again.")
            elif len(lines) > 1 and self._is_free(on, lines):
                self._refuse_all(lines, "shift", f"{on} is a day off and has a shift.", "Keep one of them.")
            else:
                wanted[people[number], on] = tuple(line.shift for line in lines)
        return wanted

    def _is_free(self, on: date, lines: list[_Line]) -> bool:
        table = self._entry.table(on)
        return table is not None and any(line.shift in table.free for line in lines)

    def _refuse_all(self, lines: list[_Line], column: str, what: str, remedy: str) -> None:
        for line in lines:
            self._refuse(line, column, what, remedy)

    def _refuse(self, line: _Line, column: str, what: str, remedy: str) -> None:
        self.refused += 1
        self.problems.append(place(self._file, line.line, column, what, remedy))
