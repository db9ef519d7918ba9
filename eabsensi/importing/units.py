"""Work units from a spreadsheet: code, name, parent, kind, pattern, timezone."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from eabsensi.errors import Problem
from eabsensi.importing.counts import ImportCounts, RowsRead, counting, no_progress
from eabsensi.importing.fields import FieldError, RowReader, identifier, nearest, one_of, place, wanted, words
from eabsensi.importing.sheet import Cell, Columns, Row, open_sheet
from eabsensi.store.people import Connection, Unit, load_units, lock_people, save_units, units_below
from eabsensi.store.touching import touch_units_since

COLUMNS = Columns(required=("code", "name", "pattern"), optional=("parent", "kind", "timezone"))
PATTERNS = ("5-day", "6-day", "shift")


def import_units(
    connection: Connection, path: Path, *, rows_read: RowsRead = no_progress
) -> tuple[ImportCounts, list[Problem]]:
    """Import units from a CSV or XLSX file; parents may stand anywhere in it.

    Args:
        connection: a transaction of the store; the good rows are written in it.
        path: the file.
        rows_read: told now and then how many rows have been read.

    Returns:
        what happened, and the problems: refused rows, and what is odd about the file.

    Raises:
        SheetError: the file as a whole cannot be read.

    """
    lock_people(connection)
    known = load_units(connection)
    lines: dict[str, int] = {}
    units: dict[str, Unit] = {}
    failed = 0
    with open_sheet(path, COLUMNS) as sheet:
        problems = sheet.problems
        for row in counting(sheet.rows, rows_read):
            unit, troubles = _parse(sheet.name, row, lines)
            problems += troubles
            failed += bool(troubles)
            if not troubles:
                units[unit.code], lines[unit.code] = unit, row.line
    misplaced = _refuse_misplaced(units, known, lines, path.name)
    problems += misplaced
    changed = [unit for unit in units.values() if known.get(unit.code) != unit]
    save_units(connection, changed)
    _touch(connection, changed, known)
    created = sum(unit.code not in known for unit in changed)
    counts = ImportCounts(created, len(changed) - created, len(units) - len(changed), failed + len(misplaced))
    return counts, problems


def _touch(connection: Connection, changed: list[Unit], known: dict[str, Unit]) -> None:
    """Have the days judged again of units whose hours, zone or place in the tree changed, and of those below them."""
    moved: set[str] = set()
    for unit in changed:
        before = known.get(unit.code, unit)
        if (unit.pattern, unit.timezone, unit.parent) != (before.pattern, before.timezone, before.parent):
            moved.update(units_below(connection, unit.code))
    touch_units_since(connection, sorted(moved), date.min, "unit changed")


def _parse(file: str, row: Row, lines: dict[str, int]) -> tuple[Unit, list[Problem]]:
    reader = RowReader(file, row)
    unit = Unit(
        code=reader.read("code", _code, ""),
        name=reader.read("name", wanted, ""),
        parent=reader.read("parent", _optional_code, None),
        kind=reader.read("kind", words, ""),
        pattern=reader.read("pattern", one_of(PATTERNS), ""),
        timezone=reader.read("timezone", _timezone, None),
    )
    if unit.code in lines:
        reader.refuse("code", f"{unit.code} is already on line {lines[unit.code]}.", "Keep one of them.")
    return unit, reader.problems


def _code(cell: Cell) -> str:
    code = identifier(cell)
    if not code.isprintable() or " " in code:
        raise FieldError(f"{code!r} is no code.", "A code has no blanks, e.g. DINKES or 1.02.01.")
    return code


def _optional_code(cell: Cell) -> str | None:
    return _code(cell) if cell.text else None


def _timezone(cell: Cell) -> str | None:
    name = words(cell)
    if not name:
        return None
    try:
        return ZoneInfo(name).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        zones = ("Asia/Jakarta", "Asia/Pontianak", "Asia/Makassar", "Asia/Jayapura")
        remedy = f"{nearest(name, zones)}In Indonesia it is Asia/Jakarta, Asia/Makassar or Asia/Jayapura."
        raise FieldError(f"{name!r} is no timezone.", remedy) from None


def _refuse_misplaced(
    units: dict[str, Unit], known: dict[str, Unit], lines: dict[str, int], file: str
) -> list[Problem]:
    """Take out units whose parent is unknown or below themselves; then those that hung on them."""
    problems: list[Problem] = []
    while True:
        tree = known | units
        wrong = {code: why for code in units if (why := _misplacement(code, tree))}
        if not wrong:
            return problems
        for code, (what, remedy) in wrong.items():
            problems.append(place(file, lines[code], "parent", what, remedy))
            del units[code]


def _misplacement(code: str, tree: dict[str, Unit]) -> tuple[str, str] | None:
    above, parent = {code}, tree[code].parent
    if parent is not None and parent not in tree:
        return f"there is no unit {parent}.", f"{nearest(parent, tree)}Add it to the file, or leave the parent empty."
    while parent is not None and parent in tree:
        if parent == code:
            return f"{code} would stand below itself.", "Follow the parents upwards: they must end at the top."
        if parent in above:
            return None  # a circle further up; the units in it are refused themselves
        above.add(parent)
        parent = tree[parent].parent
    return None
