"""Who a PIN is, from a spreadsheet: serial (``*`` = every device), pin, nip, from, to."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from operator import itemgetter
from pathlib import Path
from typing import NamedTuple

from eabsensi.errors import Problem
from eabsensi.importing.counts import ImportCounts, RowsRead, counting, no_progress
from eabsensi.importing.fields import FieldError, RowReader, day, identifier, nearest, nip, optional_day, pin, place
from eabsensi.importing.sheet import Columns, Row, open_sheet
from eabsensi.importing.slotrules import SlotRules
from eabsensi.importing.terminalpins import NamedPin, pin_doubts
from eabsensi.store.people import (
    Connection,
    Enrolment,
    device_ids,
    load_employees,
    load_enrolments,
    lock_people,
    save_enrolments,
)
from eabsensi.store.touching import Touch, touch_since

COLUMNS = Columns(required=("serial", "pin", "nip", "from"), optional=("to",))
EVERY_DEVICE = "*"
_NO_DAY = date.min


class _Line(NamedTuple):
    line: int
    serial: str
    pin: str
    nip: str
    start: date
    end: date | None


class Holder(NamedTuple):
    """An enrolment with what a message needs: whose it is, and the line it came from (0 = it was there before)."""

    enrolment: Enrolment
    nip: str
    name: str
    line: int

    def __str__(self) -> str:
        """Describe it for a message."""
        since = f"from {self.enrolment.start}"
        until = f" to {self.enrolment.end - timedelta(days=1)}" if self.enrolment.end else " on"
        on_line = f", line {self.line}" if self.line else ""
        return f"{self.name or 'NIP'} {self.nip} {since}{until}{on_line}"


def import_enrolments(
    connection: Connection, path: Path, *, rows_read: RowsRead = no_progress
) -> tuple[ImportCounts, list[Problem]]:
    """Import enrolments from a CSV or XLSX file.

    A PIN of a device (or of every device) is one person's at a time: a row that overlaps with somebody else's is
    refused. The same person's row ends an enrolment (``to``) or lets it begin earlier; an empty ``to`` changes no end.

    Args:
        connection: a transaction of the store; the good rows are written in it.
        path: the file.
        rows_read: told now and then how many rows have been read.

    Returns:
        what happened, and the problems: refused rows, PINs that no user of their terminal has, and what is odd about
        the file.

    Raises:
        SheetError: the file as a whole cannot be read.

    """
    lock_people(connection)
    lines: list[_Line] = []
    failed = 0
    with open_sheet(path, COLUMNS) as sheet:
        problems = sheet.problems
        for row in counting(sheet.rows, rows_read):
            line, troubles = _parse(sheet.name, row)
            problems += troubles
            failed += bool(troubles)
            if not troubles:
                lines.append(line)
    counts, told = _save(connection, lines, path.name)
    refused = failed + counts.failed
    return replace(counts, failed=refused), problems + told


def _parse(file: str, row: Row) -> tuple[_Line, list[Problem]]:
    reader = RowReader(file, row)
    serial = reader.read("serial", identifier, "")
    number = reader.read("pin", pin, "")
    person = reader.read("nip", nip, "")
    start = reader.read("from", day, _NO_DAY)
    last = reader.read("to", optional_day, None)
    if last is not None and start != _NO_DAY and last < start:
        reader.refuse("to", f"{last} is before {start}.", "The last day cannot be before the first.")
    end = last + timedelta(days=1) if last is not None else None
    return _Line(row.line, serial, number, person, start, end), reader.problems


def _save(connection: Connection, lines: list[_Line], file: str) -> tuple[ImportCounts, list[Problem]]:
    devices = device_ids(connection)
    people = load_employees(connection, {line.nip for line in lines})
    holders = holders_of(connection, {line.pin for line in lines})
    before = {holder.enrolment for group in holders.values() for holder in group}
    problems: list[Problem] = []
    unchanged = 0
    for line in lines:
        try:
            device_id = _device_id(line.serial, devices)
            wish = _holder(line, device_id, people)
            group = holders.setdefault((device_id, line.pin), [])
            planned = plan_enrolment(group, wish)
        except _ColumnError as trouble:
            problems.append(place(file, line.line, trouble.column, str(trouble), trouble.remedy))
            continue
        unchanged += planned == group
        holders[device_id, line.pin] = planned
    rules = SlotRules.load(connection)
    names = {row[0]: row[1].name for row in people.values()}
    problems += _drop_clashes(rules, holders, names, file)
    after = [holder.enrolment for group in holders.values() for holder in group if holder.enrolment not in before]
    save_enrolments(connection, after)
    touch_since(connection, touched_days(after, holders), "enrolment changed")
    created = sum(not enrolment.id for enrolment in after)
    new = [enrolment for enrolment in after if not enrolment.id]
    notices = [Problem(f"{file} device {serial}", what, remedy) for serial, what, remedy in rules.notices(new)]
    doubts = _pin_doubts(connection, file, lines, problems)
    counts = ImportCounts(created, len(after) - created, unchanged, len(problems), len(doubts))
    return counts, problems + doubts + notices


def _pin_doubts(connection: Connection, file: str, lines: list[_Line], refused: list[Problem]) -> list[Problem]:
    """Give the doubts about the PINs of the rows that were taken."""
    places = {problem.where for problem in refused}
    columns = ("serial", "pin", "nip", "to")
    taken = [line for line in lines if not any(place(file, line.line, name, "").where in places for name in columns)]
    named = [NamedPin(line.line, line.serial, line.pin, line.end) for line in taken if line.serial != EVERY_DEVICE]
    return pin_doubts(connection, file, named)


def _drop_clashes(
    rules: SlotRules,
    holders: dict[tuple[int | None, str], list[Holder]],
    names: Mapping[int, str],
    file: str,
) -> list[Problem]:
    """Leave out new enrolments that would give a punch to the wrong person.

    Those of one terminal are looked at first: they outrank the others only where they are not left out themselves.
    """
    problems: list[tuple[int, Problem]] = []
    for key in sorted(holders, key=lambda key: key[0] is None):
        for holder in [holder for holder in holders[key] if holder.line and not holder.enrolment.id]:
            employee = names.get(holder.enrolment.employee_id, "")
            clash = rules.clash(holder.enrolment, employee, held_by(holders, key[1]))
            if clash is not None:
                holders[key].remove(holder)
                problems.append((holder.line, place(file, holder.line, "pin", str(clash), clash.remedy)))
    return [problem for _, problem in sorted(problems, key=itemgetter(0))]


def holders_of(connection: Connection, pins: Collection[str]) -> dict[tuple[int | None, str], list[Holder]]:
    """Give who holds these PINs, by device (None: every device) and PIN."""
    holders: dict[tuple[int | None, str], list[Holder]] = {}
    for enrolment, number, name in load_enrolments(connection, pins):
        holders.setdefault((enrolment.device_id, enrolment.pin), []).append(Holder(enrolment, number, name, 0))
    return holders


def held_by(holders: Mapping[tuple[int | None, str], list[Holder]], number: str) -> Callable[[int], list[Enrolment]]:
    """Give whoever tells the enrolments of a PIN on a device of its own."""
    return lambda device_id: [holder.enrolment for holder in holders.get((device_id, number), ())]


def touched_days(changed: list[Enrolment], holders: Mapping[tuple[int | None, str], list[Holder]]) -> Iterator[Touch]:
    """Give the days of whom a PIN now is, or is no more; on one device it also hides who has it on every device."""
    for enrolment in changed:
        if enrolment.id and enrolment.end is not None:  # a known one can only end earlier
            first, last = enrolment.end, None
        else:
            first = enrolment.start
            last = enrolment.end - timedelta(days=1) if enrolment.end is not None else None
        others = holders.get((None, enrolment.pin), []) if enrolment.device_id is not None else []
        for employee_id in {enrolment.employee_id, *(other.enrolment.employee_id for other in others)}:
            yield Touch(employee_id, first, last)


class _ColumnError(FieldError):
    """A cell does not fit what is known; ``column`` says which."""

    def __init__(self, column: str, what: str, remedy: str) -> None:
        super().__init__(what, remedy)
        self.column = column


def _device_id(serial: str, devices: Mapping[str, int]) -> int | None:
    if serial == EVERY_DEVICE:
        return None
    if serial not in devices:
        remedy = f"{nearest(serial, devices)}Register it first (eabsensi device add), or write * for every device."
        raise _ColumnError("serial", f"there is no device {serial}.", remedy)
    return devices[serial]


def _holder(line: _Line, device_id: int | None, people: Mapping[str, tuple[int, object]]) -> Holder:
    if line.nip not in people:
        raise _ColumnError("nip", f"there is no employee {line.nip}.", "Import the employee first.")
    enrolment = Enrolment(0, device_id, line.pin, people[line.nip][0], line.start, line.end)
    return Holder(enrolment, line.nip, "", line.line)


def plan_enrolment(group: list[Holder], wish: Holder) -> list[Holder]:
    """Give the enrolments of one PIN in one place once ``wish`` is fulfilled.

    Raises:
        FieldError: the PIN is another person's on some of the days, or the same person's in a way that is unclear.

    """
    wanted = wish.enrolment
    met = [holder for holder in group if _overlap(holder.enrolment, wanted)]
    strangers = [holder for holder in met if holder.enrolment.employee_id != wanted.employee_id]
    if strangers:
        raise _ColumnError(
            "pin",
            f"PIN {wanted.pin} is already enrolled to {strangers[0]}.",
            "End that one first: import its row again with its last day in the column to.",
        )
    if not met:
        return [*group, wish]
    first = min(met, key=lambda holder: holder.enrolment.start)
    if wanted.start < first.enrolment.start:
        earlier = wish._replace(enrolment=wanted._replace(end=first.enrolment.start))
        return [*_ended(group, first, wanted.end), earlier]
    return _ended(group, first, wanted.end)


def _ended(group: list[Holder], known: Holder, end: date | None) -> list[Holder]:
    present = known.enrolment.end
    if end is None or end == present:
        return group
    if present is not None and end > present:
        raise _ColumnError(
            "to",
            f"the enrolment has already ended on {present - timedelta(days=1)}.",
            f"To go on, add a row with from {present}.",
        )
    shorter = known._replace(enrolment=known.enrolment._replace(end=end))
    return [shorter if holder is known else holder for holder in group]


def _overlap(one: Enrolment, other: Enrolment) -> bool:
    return (one.end is None or other.start < one.end) and (other.end is None or one.start < other.end)
