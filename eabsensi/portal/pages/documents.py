"""Papers: those in scope, a form for another one, and one paper with its days and what may be decided."""

from __future__ import annotations

from dataclasses import asdict
from enum import StrEnum
from typing import Annotated, TypeAlias

from fastapi import APIRouter, Depends, Form
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from eabsensi.access.roles import Right
from eabsensi.access.trail import Action
from eabsensi.filing.looking import Wanted, find_papers, look_at_paper, offered_kinds, offered_people
from eabsensi.filing.papers import approve, file_document, revoke, withdraw
from eabsensi.filing.refusals import NoReasonError, WishRefusedError
from eabsensi.filing.wishes import COVERS, LONGEST_NOTE, LONGEST_NUMBER, DocumentWish
from eabsensi.portal.asking import Units, day_of, query, unit_of
from eabsensi.portal.clerking import clerk_of
from eabsensi.portal.visit import Posting, Visit, Visiting

router = APIRouter()
FilingVisit: TypeAlias = Annotated[Visit, Depends(Visiting(Right.FILE_DOCUMENT))]
FilingPosting: TypeAlias = Annotated[Visit, Depends(Posting(Right.FILE_DOCUMENT))]
DecidingPosting: TypeAlias = Annotated[Visit, Depends(Posting(Right.DECIDE_DOCUMENT))]
Field: TypeAlias = Annotated[str, Form()]


class State(StrEnum):
    """What has become of a paper."""

    FILED = "filed"
    APPROVED = "approved"
    REVOKED = "revoked"


@router.get("/documents")
def documents_page(  # noqa: PLR0917  the fields of a form; FastAPI gives them by name
    visit: FilingVisit, state: str = "", unit: str = "", person: str = "", first: str = "", last: str = ""
) -> HTMLResponse:
    """List the papers, those that wait first for whoever decides."""
    wanted = wanted_papers(visit, state, unit, person, first, last)
    units = Units.of(visit)
    with visit.begin() as connection:
        listed = find_papers(connection, clerk_of(visit), wanted)
        visit.note(connection, Action.SEE_UNIT, unit=wanted.unit, subject=f"documents {wanted.state or ''}".strip())
    return visit.page(
        "documents.html",
        wanted=wanted,
        listed=listed,
        units=units,
        states=State,
        zone=visit.desk.now.tzinfo,
        asked=query(**asdict(wanted))[1:],
    )


def wanted_papers(visit: Visit, state: str, unit: str, person: str, first: str, last: str) -> Wanted:  # noqa: PLR0917  the fields of a form
    """Read which papers are looked for.

    Raises:
        UsageError: a date is none.
        NotAllowedError: the unit is another's.

    """
    return Wanted(
        unit=unit_of(visit, unit) if unit else None,
        person=person,
        first=day_of(first) if first else None,
        last=day_of(last) if last else None,
        state=state if state in set(State) else None,
    )


@router.get("/documents/new")
def new_page(visit: FilingVisit, nip: str = "", first: str = "", last: str = "") -> HTMLResponse:
    """Ask for a paper; a link may bring the person and the days along."""
    query = visit.request.query_params
    wish = DocumentWish(nip=nip, first=first or query.get("from", ""), last=last or query.get("to", ""))
    return _form(visit, wish, None)


@router.post("/documents/new")
def file_one(  # noqa: PLR0917  the fields of a form; FastAPI gives them by name
    visit: FilingPosting,
    nip: Field = "",
    unit: Field = "",
    kind: Field = "",
    covers: Field = "day",
    first: Field = "",
    last: Field = "",
    number: Field = "",
    issued_on: Field = "",
    note: Field = "",
) -> Response:
    """File a paper, or show the form again with what is wrong."""
    wish = DocumentWish(nip, unit, kind, covers, first, last, number, issued_on, note)
    try:
        with visit.begin() as connection:
            filed = file_document(connection, clerk_of(visit), wish)
    except WishRefusedError as refused:
        return _form(visit, wish, refused)
    return visit.go(f"/documents/{filed.id}?done={'filed' if filed.is_new else 'known'}")


def _form(visit: Visit, wish: DocumentWish, refused: WishRefusedError | None) -> HTMLResponse:
    units = Units.of(visit)
    with visit.begin() as connection:
        people = offered_people(connection, clerk_of(visit), visit.today)
    return visit.page(
        "document_new.html",
        status=200 if refused is None else 403 if refused.outside else 400,
        wish=wish,
        faults=refused.by_field(visit.language) if refused else {},
        kinds=offered_kinds(visit.desk.policy, visit.today),
        covers=COVERS,
        units=units,
        people=people,
        longest={"number": LONGEST_NUMBER, "note": LONGEST_NOTE},
    )


@router.get("/documents/{document_id}")
def document_page(visit: FilingVisit, document_id: int, done: str = "") -> HTMLResponse:
    """Show a paper."""
    return _paper(visit, document_id, done=done)


def _paper(visit: Visit, document_id: int, *, done: str = "", refusal: str = "", status: int = 200) -> HTMLResponse:
    units = Units.of(visit)
    with visit.begin() as connection:
        view = look_at_paper(connection, clerk_of(visit), document_id)
        row = view.row
        action = Action.SEE_PERSON if row.nip else Action.SEE_UNIT
        visit.note(connection, action, unit=row.unit, nip=row.nip, subject=f"document {row.id}")
    shown = done if done in {"filed", "known", row.state} else ""
    return visit.page(
        "document.html",
        status=status,
        view=view,
        units=units.known,
        done=shown,
        refusal=refusal,
        zone=visit.desk.now.tzinfo,
    )


@router.post("/documents/{document_id}/approve")
def approve_one(visit: DecidingPosting, document_id: int) -> RedirectResponse:
    """Approve a paper; its days are judged at once."""
    with visit.begin() as connection:
        approve(connection, clerk_of(visit), document_id)
    visit.desk.forget()
    return visit.go(f"/documents/{document_id}?done=approved")


@router.post("/documents/{document_id}/revoke")
def revoke_one(visit: DecidingPosting, document_id: int, reason: Field = "") -> Response:
    """Revoke a paper, with a reason; its days are judged at once."""
    try:
        with visit.begin() as connection:
            revoke(connection, clerk_of(visit), document_id, reason)
    except NoReasonError as refused:
        return _paper(visit, document_id, refusal=refused.said(visit.language), status=400)
    visit.desk.forget()
    return visit.go(f"/documents/{document_id}?done=revoked")


@router.post("/documents/{document_id}/withdraw")
def withdraw_one(visit: FilingPosting, document_id: int, reason: Field = "") -> Response:
    """Take back a paper that one filed oneself and nobody has approved."""
    try:
        with visit.begin() as connection:
            withdraw(connection, clerk_of(visit), document_id, reason)
    except NoReasonError as refused:
        return _paper(visit, document_id, refusal=refused.said(visit.language), status=400)
    return visit.go(f"/documents/{document_id}?done=revoked")
