"""What stands in a spreadsheet's cell, made into an identifier, a date or a word; or a sentence on why not."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable
from datetime import date
from typing import TypeVar

from eabsensi.errors import Problem
from eabsensi.importing.sheet import Cell, Row

T = TypeVar("T")

_SCIENTIFIC = re.compile(r"[+-]?\d+(?:[.,]\d+)?[eE][+-]?\d+")
_DECIMAL = re.compile(r"\d+[.,]0+")
_ROUNDED_NIP = re.compile(r"\d{15}000")
_ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_PIN = re.compile(r"[!-~]{1,24}")
_GROUPING = re.compile(r"[\s.\u00a0-]")

_AS_TEXT = "Format the column as text (Format Cells > Text) and enter the values again from the source."


class FieldError(ValueError):
    """A cell cannot be used; the arguments are what is wrong and what to do."""

    def __init__(self, what: str, remedy: str = "") -> None:
        super().__init__(what)
        self.remedy = remedy


class RowReader:
    """Reads the cells of one row and collects what is wrong with them.

    Attributes:
        problems: what is wrong; a row with problems is not imported.

    """

    def __init__(self, file: str, row: Row) -> None:
        self._file = file
        self._row = row
        self.problems: list[Problem] = []

    def read(self, column: str, parse: Callable[[Cell], T], otherwise: T) -> T:
        """Parse a cell; where that fails, note the problem and give ``otherwise``."""
        try:
            return parse(self._row.cells[column])
        except FieldError as trouble:
            self.refuse(column, str(trouble), trouble.remedy)
            return otherwise

    def refuse(self, column: str, what: str, remedy: str = "") -> None:
        """Note that the row cannot be imported."""
        self.problems.append(place(self._file, self._row.line, column, what, remedy))


def place(file: str, line: int, column: str, what: str, remedy: str = "") -> Problem:
    """Give the problem of a cell."""
    return Problem(f"{file} line {line} column {column}", what, remedy)


def identifier(cell: Cell) -> str:
    """Read an identifier: text, leading zeros kept.

    Raises:
        FieldError: it is empty, or a spreadsheet has turned it into a number.

    """
    text = cell.text.removeprefix("'").strip()
    if not text:
        raise FieldError("there is no value.", "Fill it in.")
    if cell.is_number or _SCIENTIFIC.fullmatch(text) or _DECIMAL.fullmatch(text):
        raise FieldError(
            f"{text} was turned into a number by the spreadsheet; leading zeros and digits past the 15th are lost.",
            _AS_TEXT,
        )
    return text


def nip(cell: Cell) -> str:
    """Read a NIP: grouped writing and Excel's leading ' are taken off, nothing is repaired.

    Raises:
        FieldError: it is empty, a number, or shows the zeros that a spreadsheet's rounding leaves.

    """
    text = _GROUPING.sub("", identifier(cell))
    if _ROUNDED_NIP.fullmatch(text):
        raise FieldError(
            f"{text} ends in 000, which no NIP does: a spreadsheet has rounded it, and its last digits are lost.",
            _AS_TEXT,
        )
    if not text.isprintable():
        raise FieldError(f"{text!r} holds a character that cannot be shown.", "Type it again.")
    return text


def pin(cell: Cell) -> str:
    """Read a PIN as a device shows it: up to 24 printable characters, leading zeros kept.

    Raises:
        FieldError: it is empty, a number in the spreadsheet, or no PIN.

    """
    text = identifier(cell)
    if not _PIN.fullmatch(text):
        raise FieldError(f"{text!r} is no PIN.", "A PIN has up to 24 letters and digits, as the terminal shows it.")
    return text


def wanted(cell: Cell) -> str:
    """Read text that must be there.

    Raises:
        FieldError: it is empty, or holds a character that cannot be shown.

    """
    text = words(cell)
    if not text:
        raise FieldError("there is no value.", "Fill it in.")
    return text


def words(cell: Cell) -> str:
    """Read text that may be empty; runs of blanks and line ends become one blank.

    Raises:
        FieldError: it holds a character that cannot be shown, e.g. NUL.

    """
    text = " ".join(cell.text.split())
    if not text.isprintable():
        raise FieldError(f"{text!r} holds a character that cannot be shown.", "Type it again.")
    return text


def day(cell: Cell) -> date:
    """Read a date, written 2026-01-31 or held as a date by the spreadsheet.

    Raises:
        FieldError: it is empty, written another way, or no date of the calendar.

    """
    text = cell.text.removeprefix("'").strip()
    if not text:
        raise FieldError("there is no date.", "Write it as 2026-01-31.")
    if cell.is_number or not _ISO_DATE.fullmatch(text):
        raise FieldError(
            f"{text} is not written as a date that can be read one way only.", "Write it as year-month-day: 2026-01-31."
        )
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise FieldError(f"{text} is no date of the calendar.", "Write it as year-month-day: 2026-01-31.") from None


def optional_day(cell: Cell) -> date | None:
    """Read a date that may be empty; see :func:`day`."""
    return day(cell) if cell.text.removeprefix("'").strip() else None


def one_of(choices: tuple[str, ...]) -> Callable[[Cell], str]:
    """Make a reader for a word of a list, in any case; it gives the word as the list writes it."""
    by_lower = {choice.lower(): choice for choice in choices}

    def read(cell: Cell) -> str:
        word = wanted(cell)
        if word.lower() not in by_lower:
            raise FieldError(f"{word!r} is not known.", f"{nearest(word, choices)}It is one of {', '.join(choices)}.")
        return by_lower[word.lower()]

    return read


def nearest(word: str, choices: Iterable[str]) -> str:
    """Give "Did you mean …? " for the choice that resembles a word, or ``""``."""
    by_lower = {choice.lower(): choice for choice in choices}
    near = difflib.get_close_matches(word.lower(), by_lower, n=1, cutoff=0.6)
    return f"Did you mean {by_lower[near[0]]!r}? " if near else ""


def nip_doubts(number: str, kind: str) -> str:
    """Say what is odd about a NIP or NI PPPK; ``""`` where nothing is. Nobody is refused for it.

    The layout is birth date, then for a PNS the month of appointment, for a PPPK its year and a contract number from
    21, then sex and a sequence from 001 (Perka BKN 22/2007 and 43/2007; discipline.md §4.1).
    """
    if kind == "other":
        return ""
    if not (number.isascii() and number.isdigit()) or len(number) not in {9, 18}:
        return f"{number} is no NIP: it has 18 digits (9 in the old form)."
    if len(number) == 9:
        return f"{number} is an old NIP of 9 digits."
    if not _is_date(number[:8]):
        return f"{number} does not begin with a date of birth."
    if number[14] not in "12":
        return f"the 15th digit of {number} is the sex, 1 or 2."
    return _appointment_doubts(number, kind)


def _appointment_doubts(number: str, kind: str) -> str:
    year, month = int(number[8:12]), int(number[12:14])
    is_contract = month >= 21
    if not is_contract and not 1 <= month <= 12:
        return f"digits 9 to 14 of {number} are no month of appointment."
    if is_contract != (kind in {"PPPK", "PPPK-PW"}):
        belongs = "a PPPK" if is_contract else "a PNS"
        return f"{number} is the number of {belongs}, but the kind is {kind}."
    age = year - int(number[:4])
    return f"{number} says an appointment at the age of {age}." if not 16 <= age <= 60 else ""


def _is_date(digits: str) -> bool:
    try:
        date(int(digits[:4]), int(digits[4:6]), int(digits[6:8]))
    except ValueError:
        return False
    return True
