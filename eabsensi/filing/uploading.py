"""A spreadsheet of papers, filed row by row as if each stood on the form: rights, scope, four eyes, trail."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from eabsensi.access.refusals import RefusedError, Sentence
from eabsensi.filing.clerk import Clerk
from eabsensi.filing.papers import Filed, file_document
from eabsensi.filing.refusals import Fault, WishRefusedError
from eabsensi.filing.wishes import DocumentWish
from eabsensi.importing.documentfields import covers, document_kind
from eabsensi.importing.documents import COLUMNS, filing_by
from eabsensi.importing.fields import FieldError, day, identifier, nip
from eabsensi.importing.sheet import Cell, Row, SheetError, open_sheet
from eabsensi.law.wording import Language
from eabsensi.store.connection import Connection

MOST_ROWS: Final = 500
MOST_BYTES: Final = 1_000_000
_APPROVAL: Final = ("approved_at", "approved_by")
#: The form's names of the sheet's columns, where they differ.
_COLUMN_OF: Final = {"first": "from", "last": "to"}


class UnreadableSheetError(RefusedError):
    """The file is no spreadsheet of papers."""

    sentence = Sentence(
        "Berkas ini tidak dapat dibaca. Kirim CSV atau XLSX dengan baris judul kind, from, to, dan nip atau unit.",
        "This file cannot be read. Send a CSV or XLSX with the headings kind, from, to, and nip or unit.",
    )


class LargeSheetError(RefusedError):
    """The file is too large to be filed at once."""

    sentence = Sentence(
        "Berkas terlalu besar: paling banyak {rows} baris dan 1 MB. Bagi menjadi beberapa berkas.",
        "The file is too large: {rows} rows and 1 MB at most. Part it into several files.",
    )


_APPROVED_IN_FILE = Sentence(
    "Persetujuan tidak dibaca dari berkas; kosongkan kolom ini. Orang lain menyetujuinya di portal.",
    "An approval is not taken from a file; leave this column empty. Somebody else approves it in the portal.",
)
_AS_NUMBER = Sentence(
    "Tersimpan sebagai angka atau sudah dibulatkan; format kolomnya sebagai teks lalu ketik ulang.",
    "It is stored as a number or has been rounded; format the column as text and type it again.",
)
_READERS: Final[Mapping[str, Callable[[Cell], object]]] = {
    "nip": nip,
    "unit": identifier,
    "covers": covers,
    "from": day,
    "to": day,
    "issued_on": day,
}
_SAID_AS_SUCH: Final = {"nip", "unit"}


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A row that was not filed: its line in the file, from 1, and what is wrong, by column."""

    line: int
    faults: tuple[Fault, ...]

    def said(self, language: Language) -> list[tuple[str, str]]:
        """Give column and sentence of each fault."""
        return [(_COLUMN_OF.get(fault.place, fault.place), fault.said(language)) for fault in self.faults]


@dataclass(frozen=True, slots=True)
class Uploaded:
    """What became of a file's rows: papers that are new, those that were there already, and rows refused."""

    filed: tuple[int, ...]
    known: tuple[int, ...]
    refused: tuple[RefusedRow, ...]


def file_sheet(connection: Connection, clerk: Clerk, path: Path) -> Uploaded:
    """File the papers of a CSV or XLSX file; the columns are those of ``eabsensi document import``.

    Args:
        connection: in a transaction; the good rows are filed in it.
        clerk: who files.
        path: the file.

    Raises:
        NotAllowedError: the role may not file.
        UnreadableSheetError, LargeSheetError: nothing of it is filed.

    """
    if path.stat().st_size > MOST_BYTES:
        raise LargeSheetError(rows=MOST_ROWS)
    papers: list[Filed] = []
    refused: list[RefusedRow] = []
    for row, wish, faults in _read(clerk, path):
        if faults:
            refused.append(RefusedRow(row.line, tuple(faults)))
            continue
        try:
            papers.append(file_document(connection, clerk, wish))
        except WishRefusedError as trouble:
            refused.append(RefusedRow(row.line, trouble.faults))
    filed, known = ([paper.id for paper in papers if paper.is_new is new] for new in (True, False))
    return Uploaded(tuple(filed), tuple(known), tuple(refused))


def _read(clerk: Clerk, path: Path) -> list[tuple[Row, DocumentWish, list[Fault]]]:
    """Read every row before the first one is filed."""
    filing = filing_by(clerk.policy, clerk.name, clerk.clock.now())
    try:
        with open_sheet(path, COLUMNS) as sheet:
            rows = [row for _, row in zip(range(MOST_ROWS + 1), sheet.rows, strict=False)]
    except SheetError as error:
        raise UnreadableSheetError from error
    if len(rows) > MOST_ROWS:
        raise LargeSheetError(rows=MOST_ROWS)
    return [(row, *_wish(row, document_kind(filing.printed))) for row in rows]


def _wish(row: Row, kind: Callable[[Cell], str]) -> tuple[DocumentWish, list[Fault]]:
    """Read a row as the import does; what it cannot read stays as written, and the form's own check says why."""
    readers = {**_READERS, "kind": kind}
    faults = [Fault(column, _APPROVED_IN_FILE) for column in _APPROVAL if row.text(column)]
    read: dict[str, str] = {}
    for column in (*readers, "number", "note"):
        cell = row.cells[column]
        read[column] = cell.text
        if column not in readers or not cell.text:
            continue
        try:
            value = readers[column](cell)
        except FieldError:
            if column in _SAID_AS_SUCH:
                faults.append(Fault(column, _AS_NUMBER))
        else:
            read[column] = value.isoformat() if isinstance(value, date) else str(value)
    wish = DocumentWish(
        nip=read["nip"],
        unit=read["unit"],
        kind=read["kind"],
        covers=read["covers"] or "day",
        first=read["from"],
        last=read["to"],
        number=read["number"],
        issued_on=read["issued_on"],
        note=read["note"],
    )
    return wish, faults
