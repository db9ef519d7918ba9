"""Documents: papers filed for a person or a unit, approved, revoked; each change is kept with who and when.

A document is never edited and never removed: a wrong one is revoked, with the reason, and another is filed. So what
was approved at any earlier instant can be read again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import Connection, text

from eabsensi.errors import EabsensiError
from eabsensi.store.dirty import mark_units
from eabsensi.store.people import units_below
from eabsensi.store.touching import Touch, touch_people

__all__ = [
    "ApprovedDocument",
    "Document",
    "DocumentRow",
    "DocumentStateError",
    "StoredDocument",
    "approve_document",
    "approved_documents",
    "file_documents",
    "list_documents",
    "lock_documents",
    "revoke_document",
    "unrevoked_documents",
]


class DocumentStateError(EabsensiError):
    """The document cannot be approved or revoked."""


class Document(NamedTuple):
    """A paper to be filed, for either an employee or a unit.

    Attributes:
        employee_id: whose it is; None where it is a unit's.
        unit_code: everybody in this unit and those below it; None where it is a person's.
        kind: an internal name, e.g. ``annual_leave``.
        first_on: first date that it covers.
        last_on: last date, inclusive.
        covers: ``day``, ``in`` or ``out``.
        number: as written on it, may be ``""``.
        issued_on: the paper's own date.
        note: anything else.
        approved_at: when it was approved, timezone-aware; None where it is filed only.
        approved_by: who approved it.

    """

    employee_id: int | None
    unit_code: str | None
    kind: str
    first_on: date
    last_on: date
    covers: str = "day"
    number: str = ""
    issued_on: date | None = None
    note: str = ""
    approved_at: datetime | None = None
    approved_by: str | None = None


class StoredDocument(NamedTuple):
    """A filed paper with its id."""

    id: int
    document: Document


class ApprovedDocument(NamedTuple):
    """A paper that counts; for a person, or for everybody in a unit and those below it."""

    id: int
    employee_id: int | None
    unit_code: str | None
    kind: str
    first_on: date
    last_on: date
    covers: str
    number: str
    approved_at: datetime
    approved_by: str
    note: str


class DocumentRow(NamedTuple):
    """A paper for people; ``state`` is filed, approved or revoked."""

    id: int
    state: str
    nip: str | None
    name: str | None
    unit: str | None
    kind: str
    covers: str
    first: date
    last: date
    number: str
    issued_on: date | None
    approved_at: datetime | None
    approved_by: str | None
    filed_by: str
    filed_at: datetime
    revoked_at: datetime | None
    revoked_by: str | None
    revoke_reason: str | None
    note: str


_COLUMNS = ", ".join(Document._fields)


def lock_documents(connection: Connection) -> None:
    """Let others who file or approve wait until this transaction ends; readers go on."""
    connection.execute(text("LOCK TABLE document IN SHARE ROW EXCLUSIVE MODE"))


# --- changing ------------------------------------------------------------------------------------------------------

_CAUSES = {"approve": "document approved", "revoke": "document revoked"}
_TYPES = {
    "employee_id": "bigint[]",
    "first_on": "date[]",
    "last_on": "date[]",
    "issued_on": "date[]",
    "approved_at": "timestamptz[]",
}
_ARRAYS = ", ".join(f"CAST(:{name} AS {_TYPES.get(name, 'text[]')})" for name in Document._fields)
_FILE = text(f"""
    WITH filed AS (
        INSERT INTO document ({_COLUMNS}, filed_by, filed_at, approval_known_at)
        SELECT {_COLUMNS}, :filed_by, :filed_at,
               CASE WHEN approved_at IS NOT NULL THEN CAST(:filed_at AS timestamptz) END
        FROM unnest({_ARRAYS}) WITH ORDINALITY AS wanted ({_COLUMNS}, place) ORDER BY place
        RETURNING *
    ), noted AS (
        INSERT INTO document_change (document_id, at, by, action, before, after)
        SELECT id, filed_at, filed_by, 'file', NULL, to_jsonb(filed) FROM filed ORDER BY id
    )
    SELECT id FROM filed ORDER BY id
""")  # noqa: S608  made of constants


def file_documents(connection: Connection, documents: Sequence[Document], *, by: str, at: datetime) -> list[int]:
    """File papers, in one statement; the days of those that are approved already are judged again.

    Args:
        connection: in a transaction.
        documents: any number.
        by: who files them.
        at: the present instant, timezone-aware.

    Returns:
        Their ids, in the same order.

    """
    columns: dict[str, object] = {
        name: [document[place] for document in documents] for place, name in enumerate(Document._fields)
    }
    ids = list(connection.execute(_FILE, columns | {"filed_by": by, "filed_at": at}).scalars())
    _touch(connection, [document for document in documents if document.approved_at is not None], _CAUSES["approve"])
    return ids


def approve_document(
    connection: Connection,
    document_id: int,
    *,
    by: str,
    at: datetime,
    approved_at: datetime | None = None,
    noted_by: str | None = None,
) -> StoredDocument:
    """Approve a filed paper; its days are judged again.

    Args:
        connection: in a transaction.
        document_id: which.
        by: who approves it.
        at: the present instant, timezone-aware: the approval is known from here on.
        approved_at: when it was approved on paper, where that is earlier.
        noted_by: who enters it here, where that is somebody else.

    Raises:
        DocumentStateError: there is no such document, or it is approved or revoked already.

    """
    row = _locked(connection, document_id)
    if row.revoked_at is not None:
        raise DocumentStateError(
            f"Document {document_id} was revoked by {row.revoked_by}: {row.revoke_reason}",
            remedy="File it anew if it counts after all.",
        )
    if row.approved_at is not None:
        raise DocumentStateError(f"Document {document_id} was approved by {row.approved_by} on {row.approved_at:%F}.")
    change = {"approved_at": approved_at or at, "approved_by": by, "approval_known_at": at}
    return _changed(connection, document_id, "approve", change, by=noted_by or by, at=at)


def revoke_document(connection: Connection, document_id: int, *, by: str, reason: str, at: datetime) -> StoredDocument:
    """Revoke a paper, approved or not; it stays readable, and its days are judged again without it.

    Raises:
        DocumentStateError: there is no such document, it is revoked already, or no reason is given.

    """
    if not reason.strip():
        raise DocumentStateError("A document is revoked with a reason.", remedy="Say why, e.g. wrong dates.")
    row = _locked(connection, document_id)
    if row.revoked_at is not None:
        raise DocumentStateError(f"Document {document_id} was revoked already, by {row.revoked_by}.")
    change = {"revoked_at": at, "revoked_by": by, "revoke_reason": reason.strip()}
    return _changed(connection, document_id, "revoke", change, by=by, at=at)


def _locked(connection: Connection, document_id: int) -> DocumentRow:
    query = text(f"SELECT * FROM ({LISTED}) AS listed WHERE id = :id")  # noqa: S608  made of constants
    connection.execute(text("SELECT FROM document WHERE id = :id FOR UPDATE"), {"id": document_id})
    row = connection.execute(query, {"id": document_id}).one_or_none()
    if row is None:
        raise DocumentStateError(f"There is no document {document_id}.", remedy="`eabsensi document list` shows them.")
    return DocumentRow(*row[:-1])


def _changed(
    connection: Connection,
    document_id: int,
    action: str,
    change: dict[str, object],
    *,
    by: str,
    at: datetime,
) -> StoredDocument:
    """Write a change of a locked row with its before and after; the names of ``change`` are columns."""
    sets = ", ".join(f"{name} = :{name}" for name in change)
    query = text(f"""
        WITH present AS (SELECT to_jsonb(document) AS before FROM document WHERE id = :id),
        changed AS (UPDATE document SET {sets} WHERE id = :id RETURNING *),
        noted AS (
            INSERT INTO document_change (document_id, at, by, action, before, after)
            SELECT id, :at, :by, :action, before, to_jsonb(changed) FROM changed, present
        )
        SELECT {_COLUMNS} FROM changed
    """)  # noqa: S608  column names of ours
    row = connection.execute(query, {"id": document_id, "at": at, "by": by, "action": action} | change).one()
    document = Document(*row)
    if document.approved_at is not None:
        _touch(connection, [document], _CAUSES[action])
    return StoredDocument(document_id, document)


def _touch(connection: Connection, documents: Iterable[Document], cause: str) -> None:
    """Have the days judged again that these papers cover."""
    personal: list[Touch] = []
    for document in documents:
        if document.employee_id is not None:
            personal.append(Touch(document.employee_id, document.first_on, document.last_on))
        elif document.unit_code is not None:
            below = units_below(connection, document.unit_code)
            mark_units(connection, below, document.first_on, document.last_on, cause)
    touch_people(connection, personal, cause)


# --- reading -------------------------------------------------------------------------------------------------------

LISTED = """
    SELECT d.id, CASE WHEN d.revoked_at IS NOT NULL THEN 'revoked' WHEN d.approved_at IS NOT NULL THEN 'approved'
                      ELSE 'filed' END AS state,
           e.nip, e.name, d.unit_code, d.kind, d.covers, d.first_on, d.last_on, d.number, d.issued_on, d.approved_at,
           d.approved_by, d.filed_by, d.filed_at, d.revoked_at, d.revoked_by, d.revoke_reason, d.note,
           d.employee_id
    FROM document d LEFT JOIN employee e ON e.id = d.employee_id
"""


def approved_documents(
    connection: Connection, employee_ids: Collection[int], first: date, last: date, as_of: datetime
) -> list[ApprovedDocument]:
    """Give the papers that count for these people on any of the days, and those of every unit, as known at an instant.

    A paper counts once it is approved, the approval is recorded here, and it is not revoked. Which people a unit's
    paper reaches depends on their posting on the day, so that is the caller's to say.

    Args:
        connection: in a transaction.
        employee_ids: the people.
        first: the first day.
        last: the last day, inclusive.
        as_of: what was filed, approved or revoked later is not seen.

    """
    rows = connection.execute(
        text("""
            SELECT id, employee_id, unit_code, kind, first_on, last_on, covers, number, approved_at, approved_by, note
            FROM document
            WHERE (employee_id = ANY(CAST(:ids AS bigint[])) OR employee_id IS NULL)
              AND first_on <= :last AND last_on >= :first
              AND filed_at <= :as_of AND approved_at <= :as_of AND coalesce(approval_known_at, approved_at) <= :as_of
              AND (revoked_at IS NULL OR revoked_at > :as_of)
            ORDER BY id
        """),
        {"ids": list(employee_ids), "first": first, "last": last, "as_of": as_of},
    )
    return [ApprovedDocument(*row) for row in rows]


def unrevoked_documents(
    connection: Connection, employee_ids: Collection[int], unit_codes: Collection[str]
) -> list[StoredDocument]:
    """Give the papers of these people and units that are filed or approved, oldest first."""
    rows = connection.execute(
        text(f"""
            SELECT id, {_COLUMNS} FROM document
            WHERE revoked_at IS NULL
              AND (employee_id = ANY(CAST(:ids AS bigint[])) OR unit_code = ANY(CAST(:units AS text[])))
            ORDER BY id
        """),  # noqa: S608  made of constants
        {"ids": list(employee_ids), "units": list(unit_codes)},
    )
    return [StoredDocument(row[0], Document(*row[1:])) for row in rows]


def list_documents(
    connection: Connection,
    *,
    units: Sequence[str] | None = None,
    nip: str | None = None,
    first: date | None = None,
    last: date | None = None,
    state: str | None = None,
) -> list[DocumentRow]:
    """Give papers by their first day and id.

    Args:
        connection: in a transaction.
        units: only of these units, and of people who are posted there on one of the paper's days.
        nip: only of this person.
        first: only those that cover this day or a later one.
        last: only those that cover this day or an earlier one.
        state: only those that are ``filed``, ``approved`` or ``revoked``.

    """
    rows = connection.execute(
        text(f"""
            SELECT * FROM ({LISTED}) AS listed
            WHERE (CAST(:state AS text) IS NULL OR state = :state) AND (CAST(:nip AS text) IS NULL OR nip = :nip)
              AND (CAST(:first AS date) IS NULL OR last_on >= :first)
              AND (CAST(:last AS date) IS NULL OR first_on <= :last)
              AND (CAST(:units AS text[]) IS NULL OR unit_code = ANY(CAST(:units AS text[])) OR EXISTS (
                    SELECT FROM posting p
                    WHERE p.employee_id = listed.employee_id AND p.unit_code = ANY(CAST(:units AS text[]))
                      AND p.valid_during && daterange(listed.first_on, listed.last_on, '[]')))
            ORDER BY first_on, id
        """),  # noqa: S608  made of constants
        {"units": None if units is None else list(units), "nip": nip, "first": first, "last": last, "state": state},
    )
    return [DocumentRow(*row[:-1]) for row in rows]
