"""Filed papers as people look for them: one with its history, or a list, those that wait first."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import Connection, text

from eabsensi.store.documents import LISTED, DocumentRow

__all__ = ["DocumentStep", "FiledDocument", "document_history", "find_document", "search_documents", "undone"]


class FiledDocument(NamedTuple):
    """A paper, and whose it is by the store's key; None where it is a unit's."""

    row: DocumentRow
    employee_id: int | None


class DocumentStep(NamedTuple):
    """What was done to a paper: ``file``, ``approve`` or ``revoke``."""

    at: datetime
    by: str
    action: str


def find_document(connection: Connection, document_id: int, *, hold: bool = False) -> FiledDocument | None:
    """Give a paper; None where there is none with this number.

    Args:
        connection: in a transaction.
        document_id: its number.
        hold: let others who want to change it wait until the transaction ends.

    """
    asked = {"id": document_id}
    if hold:
        connection.execute(text("SELECT FROM document WHERE id = :id FOR UPDATE"), asked)
    row = connection.execute(_FIND, asked).one_or_none()
    return None if row is None else FiledDocument(DocumentRow(*row[:-1]), row.employee_id)


_FIND = text(f"SELECT * FROM ({LISTED}) AS listed WHERE id = :id")  # noqa: S608  made of constants


def document_history(connection: Connection, document_id: int) -> list[DocumentStep]:
    """Give what was done to a paper, the first first."""
    rows = connection.execute(
        text("SELECT at, by, action FROM document_change WHERE document_id = :id ORDER BY id"), {"id": document_id}
    )
    return [DocumentStep(*row) for row in rows]


def search_documents(
    connection: Connection,
    *,
    units: Collection[str] | None,
    person: str,
    first: date | None,
    last: date | None,
    state: str | None,
    waiting_first: bool,
    limit: int,
) -> list[DocumentRow]:
    """Give papers, the latest days first.

    Args:
        connection: in a transaction.
        units: only of these units, and of people who are posted there on one of the paper's days; None is all.
        person: only of this NIP, or of people whose name holds this, in small letters or capitals; ``""`` is all.
        first: only those that cover this day or a later one.
        last: only those that cover this day or an earlier one.
        state: only those that are ``filed``, ``approved`` or ``revoked``.
        waiting_first: those that are filed only come before all others, the oldest first.
        limit: how many at most.

    """
    asked = {"units": None if units is None else list(units), "person": person, "first": first, "last": last}
    rows = connection.execute(_SEARCH, asked | {"state": state, "waiting_first": waiting_first, "limit": limit})
    return [DocumentRow(*row[:-1]) for row in rows]


_SEARCH = text(f"""
    SELECT * FROM ({LISTED}) AS listed
    WHERE (CAST(:state AS text) IS NULL OR state = :state)
      AND (:person = '' OR nip = :person OR strpos(lower(name), lower(:person)) > 0)
      AND (CAST(:first AS date) IS NULL OR last_on >= :first)
      AND (CAST(:last AS date) IS NULL OR first_on <= :last)
      AND (CAST(:units AS text[]) IS NULL OR unit_code = ANY(CAST(:units AS text[])) OR EXISTS (
            SELECT FROM posting p
            WHERE p.employee_id = listed.employee_id AND p.unit_code = ANY(CAST(:units AS text[]))
              AND p.valid_during && daterange(listed.first_on, listed.last_on, '[]')))
    ORDER BY CASE WHEN :waiting_first AND state = 'filed' THEN filed_at END NULLS LAST, first_on DESC, id DESC
    LIMIT :limit
""")  # noqa: S608  made of constants


@contextmanager
def undone(connection: Connection) -> Iterator[None]:
    """Take back whatever is changed inside, so that one may look at what it would come to."""
    savepoint = connection.begin_nested()
    try:
        yield
    finally:
        savepoint.rollback()
