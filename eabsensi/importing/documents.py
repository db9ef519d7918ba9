"""Documents from a spreadsheet: nip (or unit), kind, from, to, number, issued_on, approved_at, approved_by, note."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from eabsensi.access.trail import Action, record
from eabsensi.errors import Problem
from eabsensi.importing.counts import ImportCounts, RowsRead, counting, no_progress
from eabsensi.importing.documentfields import UNIT_KINDS, covers, document_kind, optional_instant, printed_codes
from eabsensi.importing.fields import FieldError, RowReader, day, identifier, nearest, nip, optional_day, place, words
from eabsensi.importing.sheet import Cell, Columns, Row, open_sheet
from eabsensi.law.policy import Policy
from eabsensi.store.documents import (
    Document,
    approve_document,
    file_documents,
    lock_documents,
    unrevoked_documents,
)
from eabsensi.store.people import Connection, load_employees, load_units

COLUMNS = Columns(
    required=("kind", "from", "to"),
    optional=("nip", "unit", "number", "issued_on", "approved_at", "approved_by", "note", "covers"),
)
LONGEST: Final = timedelta(days=10 * 366)
_NO_DAY = date.min


@dataclass(frozen=True, slots=True)
class Filing:
    """Who files when, and how the rows are read.

    Attributes:
        by: who files.
        at: the present instant, timezone-aware.
        zone: in which an approval without an offset is meant.
        printed: printed code to internal name of the kind.

    """

    by: str
    at: datetime
    zone: ZoneInfo
    printed: Mapping[str, str]


def filing_by(policy: Policy, by: str, at: datetime) -> Filing:
    """Give the filing of somebody at an instant, with the zone and the printed codes of the law of that day."""
    on = at.date()
    zone = ZoneInfo(policy.timezone.on(on).value)
    return Filing(by, at, zone, printed_codes(policy.documents.on(on).value))


class _Line(NamedTuple):
    line: int
    nip: str
    document: Document


class _Known(NamedTuple):
    """A paper that is there already; ``id`` 0 where an earlier line of the file brings it."""

    id: int
    line: int
    document: Document

    def __str__(self) -> str:
        """Describe it for a message."""
        paper = self.document
        number = f" {paper.number}" if paper.number else ""
        where = f"document {self.id}" if self.id else f"line {self.line}"
        return f"{paper.kind}{number} from {paper.first_on} to {paper.last_on} ({where})"


def import_documents(
    connection: Connection, path: Path, filing: Filing, *, rows_read: RowsRead = no_progress
) -> tuple[ImportCounts, list[Problem]]:
    """Import documents from a CSV or XLSX file.

    A row without approval is filed and counts for nothing until somebody approves it. A row that repeats a document
    changes nothing, except that it may bring the approval. One that overlaps with another of the same kind is filed
    too, and reported; with the same number as well, one of the two is wrong, and the row is refused.

    What is filed or approved stands in the trail, a row for each document.

    Args:
        connection: a transaction of the store; the good rows are written in it.
        path: the file.
        filing: who files when.
        rows_read: told now and then how many rows have been read.

    Returns:
        what happened, and the problems: refused rows, overlaps, and what is odd about the file.

    Raises:
        SheetError: the file as a whole cannot be read.

    """
    lock_documents(connection)
    lines: list[_Line] = []
    failed = 0
    with open_sheet(path, COLUMNS) as sheet:
        problems = sheet.problems
        for row in counting(sheet.rows, rows_read):
            line, troubles = _parse(sheet.name, row, filing)
            problems += troubles
            failed += bool(troubles)
            if not troubles:
                lines.append(line)
    plan = _Plan(connection, path.name, lines)
    plan.settle()
    ids = file_documents(connection, plan.new, by=filing.by, at=filing.at)
    for document_id, document in zip(ids, plan.new, strict=True):
        _note(connection, filing, Action.FILE_DOCUMENT, document_id, document, owner=plan.nip_of(document))
    for document_id, document in plan.approved:
        by = document.approved_by or filing.by
        approved_at = document.approved_at
        approve_document(connection, document_id, by=by, at=filing.at, approved_at=approved_at, noted_by=filing.by)
        _note(connection, filing, Action.APPROVE_DOCUMENT, document_id, document, owner=plan.nip_of(document))
    counts = ImportCounts(len(plan.new), len(plan.approved), plan.unchanged, failed + plan.refused)
    return counts, problems + plan.problems


def _note(
    connection: Connection, filing: Filing, action: Action, document_id: int, document: Document, *, owner: str | None
) -> None:
    """Write into the trail, in the transaction that files or approves, as the portal does."""
    detail = {"kind": document.kind, "from": document.first_on.isoformat(), "to": document.last_on.isoformat()}
    if document.approved_at is not None and document.approved_by is not None:
        detail |= {"approved_by": document.approved_by, "approved_at": document.approved_at.isoformat()}
    subject = f"document {document_id} {document.number}".strip()
    unit = document.unit_code
    record(connection, filing.by, action, at=filing.at, unit=unit, nip=owner, subject=subject, detail=detail)


# --- one row -------------------------------------------------------------------------------------------------------


def _parse(file: str, row: Row, filing: Filing) -> tuple[_Line, list[Problem]]:
    reader = RowReader(file, row)
    person = reader.read("nip", _optional(nip), "")
    document = Document(
        employee_id=None,
        unit_code=reader.read("unit", _optional(identifier), "") or None,
        kind=reader.read("kind", document_kind(filing.printed), ""),
        first_on=reader.read("from", day, _NO_DAY),
        last_on=reader.read("to", day, _NO_DAY),
        covers=reader.read("covers", covers, "day"),
        number=reader.read("number", words, ""),
        issued_on=reader.read("issued_on", optional_day, None),
        note=reader.read("note", words, ""),
        approved_at=reader.read("approved_at", optional_instant(filing.zone), None),
        approved_by=reader.read("approved_by", words, "") or None,
    )
    if not reader.problems:
        _check(reader, person, document, filing.at)
    return _Line(row.line, person, document), reader.problems


def _optional(parse: Callable[[Cell], str]) -> Callable[[Cell], str]:
    """Make a reader that lets the cell be empty."""
    return lambda cell: parse(cell) if cell.text.removeprefix("'").strip() else ""


def _check(reader: RowReader, person: str, document: Document, now: datetime) -> None:
    """Refuse a row whose cells do not go together."""
    first, last = document.first_on, document.last_on
    if person and document.unit_code:
        reader.refuse("unit", "a document is either a person's or a unit's.", "Leave nip or unit empty.")
    elif not person and not document.unit_code:
        reader.refuse("nip", "there is neither nip nor unit.", "Fill in whose document it is.")
    elif document.unit_code and document.kind not in UNIT_KINDS:
        reader.refuse("unit", f"{document.kind} is a person's, not a unit's.", "Give a row for each nip.")
    if last < first:
        reader.refuse("to", f"{last} is before {first}.", "The last day cannot be before the first.")
    elif last - first > LONGEST:
        reader.refuse("to", f"{first} to {last} is more than ten years.", "Check the years.")
    if (document.approved_at is None) != (document.approved_by is None):
        missing = "approved_at" if document.approved_at is None else "approved_by"
        reader.refuse(missing, "an approval needs who and when.", "Fill in both, or neither to file it only.")
    if document.approved_at is not None and document.approved_at > now:
        reader.refuse("approved_at", f"{document.approved_at:%F %R} is still to come.", "Give when it was approved.")


# --- against what is there -----------------------------------------------------------------------------------------


class _Plan:
    """What becomes of the good rows.

    Attributes:
        new: to be filed.
        approved: known ones, as (id, row), whose approval the file brings.
        unchanged: rows that repeat what is known.
        refused: rows that do not fit what is known.
        problems: of the refused rows, and overlaps.

    """

    def __init__(self, connection: Connection, file: str, lines: list[_Line]) -> None:
        self._file = file
        self._lines = lines
        self._people = {
            number: key for number, (key, _) in load_employees(connection, {line.nip for line in lines}).items()
        }
        self._nips = {key: number for number, key in self._people.items()}
        self._units = load_units(connection)
        self._known: dict[tuple[int | None, str | None], list[_Known]] = defaultdict(list)
        for stored in unrevoked_documents(connection, self._people.values(), self._units):
            owner = stored.document.employee_id, stored.document.unit_code
            self._known[owner].append(_Known(stored.id, 0, stored.document))
        self.new: list[Document] = []
        self.approved: list[tuple[int, Document]] = []
        self.unchanged = 0
        self.refused = 0
        self.problems: list[Problem] = []

    def nip_of(self, document: Document) -> str | None:
        """Give whose a document of the file is; None where it is a unit's."""
        return None if document.employee_id is None else self._nips[document.employee_id]

    def settle(self) -> None:
        """Decide on every row, in the order of the file."""
        for line in self._lines:
            try:
                self._settle(line)
            except _ColumnError as trouble:
                self.refused += 1
                self.problems.append(place(self._file, line.line, trouble.column, str(trouble), trouble.remedy))

    def _settle(self, line: _Line) -> None:
        document = self._owned(line)
        known = self._known[document.employee_id, document.unit_code]
        same = next((item for item in known if is_same(item.document, document)), None)
        if same is not None:
            self._repeat(same, document)
            return
        for other in known:
            if overlaps(other.document, document):
                self._overlap(line, other, document)
        known.append(_Known(0, line.line, document))
        self.new.append(document)

    def _owned(self, line: _Line) -> Document:
        unit = line.document.unit_code
        if unit is not None:
            if unit not in self._units:
                raise _ColumnError("unit", f"there is no unit {unit}.", nearest(unit, self._units).strip())
            return line.document
        if line.nip not in self._people:
            raise _ColumnError("nip", f"there is no employee {line.nip}.", "Import the employee first.")
        return line.document._replace(employee_id=self._people[line.nip])

    def _repeat(self, same: _Known, document: Document) -> None:
        """Take over an approval; other changes of a filed paper would go unseen, so they are refused."""
        if not same.id:
            raise _ColumnError("from", f"this is {same} again.", "Keep one of them.")
        for column in ("note", "issued_on"):
            given, kept = getattr(document, column), getattr(same.document, column)
            if given and given != kept:
                remedy = f"If the row is right, run `eabsensi document revoke {same.id}` and import it again."
                raise _ColumnError(column, f"{same} is filed with {kept or 'nothing'} here.", remedy)
        if document.approved_at is not None and same.document.approved_at is None:
            known = self._known[document.employee_id, document.unit_code]
            known[known.index(same)] = same._replace(document=document)
            self.approved.append((same.id, document))
        else:
            self.unchanged += 1

    def _overlap(self, line: _Line, other: _Known, document: Document) -> None:
        if document.number and document.number == other.document.number:
            remedy = f"Revoke document {other.id} first if this row is right." if other.id else "Keep one of them."
            raise _ColumnError("from", f"the same number stands on {other}.", remedy)
        what = f"it overlaps with {other}. It was filed as it is."
        self.problems.append(place(self._file, line.line, "from", what, "Please check."))


class _ColumnError(FieldError):
    """A row does not fit what is known; ``column`` says where."""

    def __init__(self, column: str, what: str, remedy: str) -> None:
        super().__init__(what, remedy)
        self.column = column


def is_same(one: Document, other: Document) -> bool:
    """Tell whether two papers of one owner are the same paper."""
    names = ("kind", "first_on", "last_on", "covers", "number")
    return all(getattr(one, name) == getattr(other, name) for name in names)


def overlaps(one: Document, other: Document) -> bool:
    """Tell whether two papers of one owner say the same about the same part of a day."""
    same_part = one.covers == other.covers or "day" in {one.covers, other.covers}
    return one.kind == other.kind and same_part and one.first_on <= other.last_on and other.first_on <= one.last_on
