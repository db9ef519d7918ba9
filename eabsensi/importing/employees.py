"""Employees and their postings from a spreadsheet: nip, name, kind, rank, position, unit, since (and until)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

from eabsensi.errors import Problem
from eabsensi.importing.counts import ImportCounts, RowsRead, counting, no_progress
from eabsensi.importing.fields import (
    FieldError,
    RowReader,
    day,
    identifier,
    nearest,
    nip,
    nip_doubts,
    one_of,
    optional_day,
    place,
    wanted,
    words,
)
from eabsensi.importing.sheet import Columns, Row, open_sheet
from eabsensi.store.people import (
    Connection,
    Employee,
    Posting,
    load_employees,
    load_postings,
    load_units,
    lock_people,
    save_employees,
    save_postings,
)
from eabsensi.store.touching import Touch, touch_since

COLUMNS = Columns(required=("nip", "name", "kind", "unit", "since"), optional=("rank", "position", "until"))
KINDS = ("PNS", "CPNS", "PPPK", "PPPK-PW", "other")
_NO_DAY = date.min


class _Line(NamedTuple):
    """A good row: the person, and where they are from which day on; ``end`` is the first day they are not."""

    line: int
    person: Employee
    unit: str
    since: date
    end: date | None


def import_employees(
    connection: Connection, path: Path, *, rows_read: RowsRead = no_progress
) -> tuple[ImportCounts, list[Problem]]:
    """Import employees and postings from a CSV or XLSX file.

    A row says that the person is in the unit from ``since`` on. Another posting that lasts on that day ends there, so
    a transfer is one new row; a day on which the person already is in that unit changes nothing. Several rows of one
    NIP tell its history. An empty rank or position leaves what is known. For a dry run, roll the transaction back.

    Args:
        connection: a transaction of the store; the good rows are written in it.
        path: the file.
        rows_read: told now and then how many rows have been read.

    Returns:
        what happened to how many people, and the problems: refused rows, doubtful NIPs, oddities of the file.

    Raises:
        SheetError: the file as a whole cannot be read.

    """
    lock_people(connection)
    units = load_units(connection)
    lines: dict[tuple[str, date], _Line] = {}
    failed = 0
    with open_sheet(path, COLUMNS) as sheet:
        problems = sheet.problems
        for row in counting(sheet.rows, rows_read):
            line, troubles, doubts = _parse(sheet.name, row, units, lines)
            problems += troubles + doubts
            failed += bool(troubles)
            if not troubles:
                lines[line.person.nip, line.since] = line
    history = sorted(lines.values(), key=lambda line: (line.person.nip, line.since))
    created, changed = _save_people(connection, history)
    moved, misplaced = _save_postings(connection, history, path.name)
    updated = (changed | moved) - created
    people = {line.person.nip for line in history}
    counts = ImportCounts(
        len(created), len(updated), len(people) - len(created) - len(updated), failed + len(misplaced)
    )
    return counts, problems + misplaced


def _parse(
    file: str, row: Row, units: Iterable[str], lines: dict[tuple[str, date], _Line]
) -> tuple[_Line, list[Problem], list[Problem]]:
    reader = RowReader(file, row)
    person = Employee(
        nip=reader.read("nip", nip, ""),
        name=reader.read("name", wanted, ""),
        kind=reader.read("kind", one_of(KINDS), "other"),
        rank=reader.read("rank", words, ""),
        position=reader.read("position", words, ""),
    )
    unit = reader.read("unit", identifier, "")
    since = reader.read("since", day, _NO_DAY)
    until = reader.read("until", optional_day, None)
    if unit and unit not in units:
        reader.refuse("unit", f"there is no unit {unit}.", f"{nearest(unit, units)}Import the units first.")
    if until is not None and since != _NO_DAY and until < since:
        reader.refuse("until", f"{until} is before {since}.", "The last day cannot be before the first.")
    if person.nip and (person.nip, since) in lines:
        first = lines[person.nip, since].line
        reader.refuse("nip", f"{person.nip} since {since} is already on line {first}.", "Keep one of them.")
    doubt = nip_doubts(person.nip, person.kind) if not reader.problems else ""
    doubts = [place(file, row.line, "nip", f"{doubt} It was imported as it is.", "Please check.")] if doubt else []
    end = until + timedelta(days=1) if until is not None else None
    return _Line(row.line, person, unit, since, end), reader.problems, doubts


def _save_people(connection: Connection, history: list[_Line]) -> tuple[set[str], set[str]]:
    """Write the people as their latest row says; give the NIPs that are new and those that changed."""
    latest = {line.person.nip: line.person for line in history}
    stored = load_employees(connection, latest)
    known = {number: person for number, (_, person) in stored.items()}
    for number, person in known.items():
        given = latest[number]
        latest[number] = given._replace(rank=given.rank or person.rank, position=given.position or person.position)
    changed = {number for number, person in latest.items() if known.get(number) != person}
    save_employees(connection, [latest[number] for number in sorted(changed)])
    moved = [key for number, (key, person) in stored.items() if person.kind != latest[number].kind]
    touch_since(connection, (Touch(key, date.min, None) for key in moved), "kind of employee changed")
    return changed - known.keys(), changed & known.keys()


def _save_postings(connection: Connection, history: list[_Line], file: str) -> tuple[set[str], list[Problem]]:
    ids = {
        number: key for number, (key, _) in load_employees(connection, {line.person.nip for line in history}).items()
    }
    before: dict[int, list[Posting]] = {}
    for posting in load_postings(connection, ids.values()):
        before.setdefault(posting.employee_id, []).append(posting)
    after = {key: list(postings) for key, postings in before.items()}
    moved: set[str] = set()
    problems: list[Problem] = []
    for line in history:
        key = ids[line.person.nip]
        wish = Posting(0, key, line.unit, line.since, line.end)
        try:
            planned = plan_posting(after.get(key, []), wish)
        except FieldError as trouble:
            problems.append(place(file, line.line, "since", str(trouble), trouble.remedy))
            continue
        if planned != after.get(key, []):
            after[key] = planned
            moved.add(line.person.nip)
    stored = {posting for postings in before.values() for posting in postings}
    save_postings(connection, [item for postings in after.values() for item in postings if item not in stored])
    touched = ((key, first_difference(before.get(key, []), postings)) for key, postings in after.items())
    touch_since(connection, (Touch(key, first, None) for key, first in touched if first), "posting changed")
    return moved, problems


def plan_posting(postings: list[Posting], wish: Posting) -> list[Posting]:
    """Give a person's postings once ``wish`` is fulfilled; oldest first.

    Args:
        postings: the present ones, oldest first, without overlaps.
        wish: unit, first day, and first day after it or None where that is open.

    Raises:
        FieldError: the wish reaches into a later posting.

    """
    current = next((item for item in postings if item.start <= wish.start and _lasts(item.end, wish.start)), None)
    later = next((item for item in postings if item.start > wish.start), None)
    if current is not None and current.unit == wish.unit:
        return _ended(postings, current, wish.end)
    if later is not None and wish.end is not None and wish.end > later.start:
        raise FieldError(
            f"the posting would reach into the one in {later.unit} from {later.start} on.",
            "End it before that day, or import the later posting's change first.",
        )
    if current is None:
        end = wish.end or (later.start if later else None)
        return sorted([*postings, wish._replace(end=end)], key=lambda item: item.start)
    end = wish.end or current.end
    if current.start == wish.start:
        return [item._replace(unit=wish.unit, end=end) if item is current else item for item in postings]
    closed = [item._replace(end=wish.start) if item is current else item for item in postings]
    return sorted([*closed, wish._replace(end=end)], key=lambda item: item.start)


def first_difference(before: list[Posting], after: list[Posting]) -> date | None:
    """Give the first day on which two histories of a person name another unit; None where they agree."""
    both = [*before, *after]
    turns = sorted({item.start for item in both} | {item.end for item in both if item.end is not None})
    return next((on for on in turns if _unit_on(before, on) != _unit_on(after, on)), None)


def _unit_on(postings: list[Posting], on: date) -> str | None:
    return next((item.unit for item in postings if item.start <= on and _lasts(item.end, on)), None)


def _ended(postings: list[Posting], current: Posting, end: date | None) -> list[Posting]:
    if end is None or end == current.end:
        return postings
    if current.end is not None and end > current.end:
        raise FieldError(
            f"the posting in {current.unit} has already ended on {current.end - timedelta(days=1)}.",
            f"To go on, add a row that begins on {current.end}.",
        )
    return [item._replace(end=end) if item is current else item for item in postings]


def _lasts(end: date | None, on: date) -> bool:
    return end is None or on < end
