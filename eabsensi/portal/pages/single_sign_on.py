"""Coming in with the account of the city's own identity provider: there and back."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse, Response
from starlette.exceptions import HTTPException

from eabsensi.access.single_sign_on import TICKET_LASTS, SignOnRefusedError, SingleSignOn, Ticket
from eabsensi.portal.desk import Desk
from eabsensi.portal.pages.door import let_in, login_answer
from eabsensi.portal.visit import address_of, inner_path

router = APIRouter()

BACK: Final = "/login/single-sign-on/back"


@router.get("/login/single-sign-on")
def leave(request: Request, following: Annotated[str, Query(alias="next")] = "/") -> Response:
    """Lead to the provider; the browser keeps a ticket to come back with."""
    desk, door = _door(request)
    try:
        there, ticket = door.begin(inner_path(following))
    except SignOnRefusedError as refused:
        return login_answer(request, following, refused=refused)
    answer = RedirectResponse(there, status_code=303)
    answer.set_cookie(
        _cookie(desk),
        ticket.written(),
        max_age=int(TICKET_LASTS.total_seconds()),
        httponly=True,
        secure=desk.secure,
        samesite="lax",
        path="/",
    )
    return answer


@router.get(BACK)
def come_back(request: Request, state: str = "", code: str = "") -> Response:
    """Let somebody in whom the provider has proven, or say why not."""
    desk, door = _door(request)
    following = "/"
    try:
        ticket = Ticket.read(request.cookies.get(_cookie(desk), ""))
        following = ticket.following
        entry = door.finish(
            ticket, state, code, address=address_of(request), agent=request.headers.get("user-agent", "")
        )
    except SignOnRefusedError as refused:
        answer: Response = login_answer(request, following, refused=refused)
    else:
        answer = let_in(desk, entry, following)
    answer.delete_cookie(_cookie(desk), path="/", secure=desk.secure, httponly=True, samesite="lax")
    return answer


def _door(request: Request) -> tuple[Desk, SingleSignOn]:
    desk: Desk = request.app.state.desk
    if desk.single_sign_on is None:
        raise HTTPException(404)
    return desk, desk.single_sign_on


def _cookie(desk: Desk) -> str:
    """Name the ticket's cookie; the prefix binds it to this host over HTTPS."""
    return "__Host-eabsensi-ticket" if desk.secure else "eabsensi-ticket"
