"""File a paper, approve it, revoke it: with rights, scope, four eyes and the trail; the verdicts follow at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from eabsensi.access.refusals import Sentence
from eabsensi.access.roles import NotAllowedError, Right
from eabsensi.access.trail import Action
from eabsensi.filing.clerk import Clerk
from eabsensi.filing.judging import Judgement, judge_now
from eabsensi.filing.refusals import (
    APPROVED_ALREADY,
    NOT_YOURS_TO_WITHDRAW,
    REVOKED_ALREADY,
    DecidedError,
    Fault,
    FourEyesError,
    NoReasonError,
    NoSuchDocumentError,
    OwnPaperError,
    WishRefusedError,
)
from eabsensi.filing.wishes import DocumentWish, plain, read_wish
from eabsensi.importing.documents import is_same, overlaps
from eabsensi.store.connection import Connection
from eabsensi.store.documents import (
    DocumentRow,
    StoredDocument,
    approve_document,
    file_documents,
    lock_documents,
    revoke_document,
    unrevoked_documents,
)
from eabsensi.store.facts import PostingRow, load_postings
from eabsensi.store.filed import FiledDocument, find_document
from eabsensi.store.people import units_below


@dataclass(frozen=True, slots=True)
class Filed:
    """A paper that is there now; ``is_new`` False where the same one was there already."""

    id: int
    is_new: bool


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision, and the verdicts that it changed at once."""

    row: DocumentRow
    judgement: Judgement


_OTHERS = "BKPSDM"  # who decides, where it cannot be the one who looks
_SAME_NUMBER = Sentence(
    "Nomor yang sama sudah ada pada dokumen {id} ({first} s.d. {last}); cabut yang itu dahulu bila salah.",
    "Document {id} ({first} to {last}) has the same number; revoke that one first if it is wrong.",
)


def file_document(connection: Connection, clerk: Clerk, wish: DocumentWish) -> Filed:
    """File a paper; it counts for nothing until somebody else approves it.

    The same paper filed twice, as by a second click, is there once.

    Args:
        connection: in a transaction.
        clerk: who files.
        wish: what was written on the form.

    Raises:
        NotAllowedError: the role may not file.
        WishRefusedError: with what is wrong, by field; also where the person or unit is outside the scope.

    """
    clerk.require(Right.FILE_DOCUMENT)
    document = read_wish(connection, clerk, wish)
    lock_documents(connection)
    owners = (
        [document.employee_id] if document.employee_id else [],
        [document.unit_code] if document.unit_code else [],
    )
    for known in unrevoked_documents(connection, *owners):
        if is_same(known.document, document):
            return Filed(known.id, is_new=False)
        if document.number and document.number == known.document.number and overlaps(known.document, document):
            values = {"id": known.id, "first": known.document.first_on, "last": known.document.last_on}
            raise WishRefusedError([Fault("number", _SAME_NUMBER, values)])
    [document_id] = file_documents(connection, [document], by=clerk.name, at=clerk.clock.now())
    paper = find_document(connection, document_id)
    assert paper is not None
    _note(connection, clerk, Action.FILE_DOCUMENT, paper.row)
    return Filed(document_id, is_new=True)


def approve(connection: Connection, clerk: Clerk, document_id: int) -> Decided:
    """Approve a filed paper; its days up to today are judged at once, those of a closed month as addenda.

    Approving again what one has approved oneself changes nothing.

    Raises:
        NotAllowedError: the role may not decide, or it is outside the scope.
        NoSuchDocumentError: there is no such paper.
        FourEyesError, OwnPaperError: it was filed by, or is about, the one who approves.
        DecidedError: it was approved by somebody else, or revoked.

    """
    clerk.require(Right.DECIDE_DOCUMENT)
    paper = open_paper(connection, clerk, document_id, hold=True)
    row = paper.row
    if row.state == "approved" and clerk.is_same(row.approved_by):
        return Decided(row, Judgement())
    _require_open(clerk, row)
    require_other_eyes(clerk, row)
    at = clerk.clock.now()
    approve_document(connection, document_id, by=clerk.name, at=at)
    return _decided(connection, clerk, paper, Action.APPROVE_DOCUMENT, "document approved")


def require_other_eyes(clerk: Clerk, row: DocumentRow) -> None:
    """Make sure that somebody else filed a paper, and that it is about somebody else.

    Raises:
        FourEyesError, OwnPaperError: as their names say.

    """
    if clerk.is_same(row.filed_by):
        raise FourEyesError(id=row.id, by=row.filed_by)
    if clerk.viewer is not None and row.nip is not None and clerk.viewer.nip == row.nip:
        raise OwnPaperError(id=row.id)


def revoke(connection: Connection, clerk: Clerk, document_id: int, reason: str) -> Decided:
    """Revoke a paper, approved or not; the days that it covered are judged again at once.

    Raises:
        NotAllowedError: the role may not decide, or it is outside the scope.
        NoSuchDocumentError: there is no such paper.
        NoReasonError: no reason is given.
        DecidedError: it was revoked already, by somebody else.

    """
    clerk.require(Right.DECIDE_DOCUMENT)
    return _revoked(connection, clerk, open_paper(connection, clerk, document_id, hold=True), reason)


def withdraw(connection: Connection, clerk: Clerk, document_id: int, reason: str) -> Decided:
    """Take back a paper that one has filed oneself and that nobody has approved.

    Raises:
        NotAllowedError: the role may not file, or it is outside the scope.
        NoSuchDocumentError: there is no such paper.
        NoReasonError: no reason is given.
        DecidedError: somebody else filed it, or it was decided already.

    """
    clerk.require(Right.FILE_DOCUMENT)
    paper = open_paper(connection, clerk, document_id, hold=True)
    if not clerk.is_same(paper.row.filed_by) or paper.row.state == "approved":
        raise DecidedError(NOT_YOURS_TO_WITHDRAW, id=document_id)
    return _revoked(connection, clerk, paper, reason)


def _revoked(connection: Connection, clerk: Clerk, paper: FiledDocument, reason: str) -> Decided:
    row = paper.row
    if row.state == "revoked":
        if clerk.is_same(row.revoked_by):
            return Decided(row, Judgement())
        raise _decided_already(clerk, row)
    if not (reason := plain(reason)):
        raise NoReasonError
    revoke_document(connection, row.id, by=clerk.name, reason=reason, at=clerk.clock.now())
    return _decided(connection, clerk, paper, Action.REVOKE_DOCUMENT, "document revoked")


def _decided(connection: Connection, clerk: Clerk, paper: FiledDocument, action: Action, cause: str) -> Decided:
    """Write the decision into the trail, and judge what an approved paper covers or covered."""
    after = find_document(connection, paper.row.id)
    assert after is not None
    row = after.row
    _note(connection, clerk, action, row)
    if row.approved_at is None:
        return Decided(row, Judgement())
    people = {posting.person.employee_id for posting in postings_of(connection, paper)}
    return Decided(row, judge_now(connection, clerk, people, (row.first, row.last), cause))


# --- whose, and whether it may be touched --------------------------------------------------------------------------


def open_paper(connection: Connection, clerk: Clerk, document_id: int, *, hold: bool = False) -> FiledDocument:
    """Give a paper that is within the scope.

    Args:
        connection: in a transaction.
        clerk: who asks.
        document_id: its number.
        hold: let others who want to change it wait.

    Raises:
        NoSuchDocumentError: there is none.
        NotAllowedError: it is outside the scope.

    """
    known = 0 < document_id < 2**63
    paper = find_document(connection, document_id, hold=hold) if known else None
    if paper is None:
        raise NoSuchDocumentError(id=document_id)
    if clerk.viewer is None:
        return paper
    row = paper.row
    if row.unit is not None:
        clerk.viewer.require_unit(row.unit)
    elif clerk.units is not None:
        units = [posting.unit_code for posting in postings_of(connection, paper)]
        if not any(map(clerk.sees_unit, units)):
            raise NotAllowedError
    return paper


def postings_of(connection: Connection, paper: FiledDocument) -> list[PostingRow]:
    """Give who was where on a paper's days, of those whom it is about."""
    row = paper.row
    if row.unit is not None:
        return load_postings(connection, row.first, row.last, units=units_below(connection, row.unit))
    assert paper.employee_id is not None
    return load_postings(connection, row.first, row.last, employees=[paper.employee_id])


def _require_open(clerk: Clerk, row: DocumentRow) -> None:
    if row.state != "filed":
        raise _decided_already(clerk, row)


def _decided_already(clerk: Clerk, row: DocumentRow) -> DecidedError:
    if row.state == "revoked":
        return DecidedError(REVOKED_ALREADY, id=row.id, by=row.revoked_by, reason=row.revoke_reason)
    assert row.approved_at is not None
    return DecidedError(APPROVED_ALREADY, id=row.id, by=row.approved_by, on=local_date(clerk, row.approved_at))


def local_date(clerk: Clerk, at: datetime) -> date:
    """Give the city's date of an instant."""
    return at.astimezone(ZoneInfo(clerk.policy.timezone.on(at.date()).value)).date()


def rehearsal(clerk: Clerk, row: DocumentRow) -> Callable[[Connection], StoredDocument] | None:
    """Give what would be decided next about a paper: approval, else revocation; None where it is revoked."""
    at = clerk.clock.now()
    decider = clerk.name if clerk.may(Right.DECIDE_DOCUMENT) and not clerk.is_same(row.filed_by) else _OTHERS
    if row.state == "filed":
        return lambda connection: approve_document(connection, row.id, by=decider, at=at)
    if row.state == "approved":
        return lambda connection: revoke_document(connection, row.id, by=clerk.name, reason="?", at=at)
    return None


def _note(connection: Connection, clerk: Clerk, action: Action, row: DocumentRow) -> None:
    detail: dict[str, object] = {"kind": row.kind, "from": row.first.isoformat(), "to": row.last.isoformat()}
    if row.revoke_reason:
        detail["reason"] = row.revoke_reason
    subject = f"document {row.id} {row.number}".strip()
    clerk.note(connection, action, unit=row.unit, nip=row.nip, subject=subject, detail=detail)
