"""Coming in, leaving, a new password, and the language."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from eabsensi.access.doorkeeper import Entry, LoginRefusedError, Session, TooManyAttemptsError
from eabsensi.access.passwords import PasswordRefusedError
from eabsensi.access.roles import Right
from eabsensi.law.wording import Language
from eabsensi.portal.desk import Desk
from eabsensi.portal.templating import render_page
from eabsensi.portal.visit import (
    LANGUAGE_COOKIE,
    ForeignFormError,
    Posting,
    Visit,
    Visiting,
    address_of,
    inner_path,
    is_own_form,
    language_of,
    session_cookie,
)
from eabsensi.portal.wording import Wording
from eabsensi.store.accounts import set_language

router = APIRouter()

AnyVisit: TypeAlias = Annotated[Visit, Depends(Visiting(None, despite_due_password=True))]
AnyPosting: TypeAlias = Annotated[Visit, Depends(Posting(None, despite_due_password=True))]


@router.get("/")
def first_page(visit: Annotated[Visit, Depends(Visiting(None))]) -> RedirectResponse:
    """Lead to the day's figures, or an employee to the own days."""
    if visit.viewer.may(Right.SEE_UNITS):
        return visit.go("/today")
    return visit.go(f"/people/{visit.viewer.nip}")


@router.get("/login")
def login_page(request: Request, following: Annotated[str, Query(alias="next")] = "/") -> HTMLResponse:
    """Ask for name and password."""
    return login_answer(request, following)


@router.post("/login")
def log_in(
    request: Request,
    username: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
    following: Annotated[str, Form(alias="next")] = "/",
) -> Response:
    """Let somebody in, or say that name and password do not belong together."""
    desk: Desk = request.app.state.desk
    if not is_own_form(request):
        raise ForeignFormError
    try:
        entry = desk.doorkeeper.log_in(
            username, password, address=address_of(request), agent=request.headers.get("user-agent", "")
        )
    except LoginRefusedError as refused:
        return login_answer(request, following, username, refused)
    _remember(desk, entry.session, request.cookies.get(LANGUAGE_COOKIE, ""))
    return let_in(desk, entry, following)


def _remember(desk: Desk, session: Session, chosen: str) -> None:
    """Keep a language that somebody has chosen with the account, so that it is spoken on every machine."""
    if chosen in set(Language):
        with desk.store.begin() as connection:
            set_language(connection, session.account_id, chosen)


def let_in(desk: Desk, entry: Entry, following: str) -> RedirectResponse:
    """Give the browser its session and lead on."""
    answer = RedirectResponse(inner_path(following), status_code=303)
    answer.set_cookie(session_cookie(desk), entry.token, httponly=True, secure=desk.secure, samesite="lax", path="/")
    return answer


def login_answer(
    request: Request, following: str, username: str = "", refused: LoginRefusedError | None = None
) -> HTMLResponse:
    """Answer with the login page, and why somebody was not let in."""
    desk: Desk = request.app.state.desk
    language = language_of(request)
    context = {
        "viewer": None,
        "path": "/login",
        "here": "/login",
        "following": inner_path(following),
        "username": username,
        "has_single_sign_on": desk.single_sign_on is not None,
        "refusal": refused.said(language) if refused else "",
    }
    answer = HTMLResponse(render_page("login.html", Wording(language), context), status_code=401 if refused else 200)
    if isinstance(refused, TooManyAttemptsError):
        answer.status_code = 429
        answer.headers["Retry-After"] = str(refused.retry_after_seconds)
    return answer


@router.post("/logout")
def log_out(visit: AnyPosting) -> RedirectResponse:
    """End the session; the next one at this machine is spoken to in the own language."""
    cookie = session_cookie(visit.desk)
    visit.desk.doorkeeper.log_out(visit.request.cookies.get(cookie, ""), address=address_of(visit.request))
    answer = visit.go("/login")
    for name in (cookie, LANGUAGE_COOKIE):
        answer.delete_cookie(name, path="/", secure=visit.desk.secure, httponly=True, samesite="lax")
    return answer


@router.get("/password")
def password_page(visit: AnyVisit) -> HTMLResponse:
    """Ask for a new password."""
    return visit.page("password.html", refusal="", due=visit.session.must_change_password)


@router.post("/password")
def change_password(
    visit: AnyPosting,
    old: Annotated[str, Form()] = "",
    new: Annotated[str, Form()] = "",
    again: Annotated[str, Form()] = "",
) -> Response:
    """Change the password; every session of the account ends, so the new one is used at once."""
    refusal = "" if new == again else visit.wording.say("door.differ")
    if not refusal:
        try:
            visit.desk.doorkeeper.change_password(visit.session, old, new, address=address_of(visit.request))
        except (PasswordRefusedError, LoginRefusedError) as refused:
            refusal = refused.said(visit.language)
    if refusal:
        return visit.page("password.html", status=400, refusal=refusal, due=visit.session.must_change_password)
    return visit.go("/login")


@router.get("/language/{language}")
def choose_language(
    request: Request, language: Language, following: Annotated[str, Query(alias="next")] = "/"
) -> RedirectResponse:
    """Speak another language from now on; who is logged in, everywhere."""
    desk: Desk = request.app.state.desk
    session = desk.doorkeeper.recognise(request.cookies.get(session_cookie(desk), ""))
    if session is not None:
        _remember(desk, session, language.value)
    answer = RedirectResponse(inner_path(following), status_code=303)
    answer.set_cookie(
        LANGUAGE_COOKIE, language.value, max_age=31_536_000, secure=desk.secure, samesite="lax", httponly=True
    )
    return answer
