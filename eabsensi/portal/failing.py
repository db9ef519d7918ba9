"""What a request that failed is answered: one sentence in the reader's language, and the right status."""

from __future__ import annotations

from typing import Final

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException

from eabsensi.access.accounts import UnknownAccountError
from eabsensi.access.refusals import RefusedError
from eabsensi.access.roles import NotAllowedError
from eabsensi.assessing.city import UnknownUnitError
from eabsensi.assessing.why import NotPostedError, UnknownPersonError
from eabsensi.errors import EabsensiError, UsageError
from eabsensi.filing.refusals import NoSuchDocumentError
from eabsensi.portal.memo import StillCountingError
from eabsensi.portal.pacing import TooOftenError
from eabsensi.portal.templating import render_page
from eabsensi.portal.visit import ForeignFormError, NotLoggedInError, PasswordDueError, here, language_of, login_path
from eabsensi.portal.wording import Wording
from eabsensi.store.database import DatabaseUnavailableError

log = structlog.get_logger(__name__)

#: The first that fits counts. What is not here is a fault of ours or of the moment, and says so.
_STATUS: Final[tuple[tuple[type[EabsensiError], int], ...]] = (
    (StillCountingError, 202),
    (NotLoggedInError, 401),
    (NotAllowedError, 403),
    (ForeignFormError, 403),
    (UnknownAccountError, 404),
    (UnknownUnitError, 404),
    (UnknownPersonError, 404),
    (NotPostedError, 404),
    (NoSuchDocumentError, 404),
    (UsageError, 400),
    (TooOftenError, 429),
    (DatabaseUnavailableError, 503),
)
#: Failures whose own sentence is for IT; readers get ours.
_OWN_WORDS: Final = {401, 403, 404, 405, 413, 500, 503}
ASK_AGAIN_SECONDS: Final = 3
#: Where the database is, is for the log.
_UNREACHABLE: Final = "The database cannot be reached now; no record is lost. Try again in a moment."


def is_api(request: Request) -> bool:
    """Whether a program asks."""
    return request.url.path.startswith("/api/")


def status_of(error: EabsensiError) -> int:
    """Give the HTTP status of an expected failure; 409 where what was asked for does not fit what is there."""
    return next((status for kind, status in _STATUS if isinstance(error, kind)), 409)


def refuse(request: Request, status: int, sentence: str) -> Response:
    """Answer that it cannot be done: as JSON to programs, as a page to people."""
    if is_api(request):
        headers = {"WWW-Authenticate": "Bearer"} if status == 401 else None
        return JSONResponse({"error": {"status": status, "message": sentence}}, status_code=status, headers=headers)
    wording = Wording(language_of(request))
    told = wording.say(f"failing.status_{status}") if status in _OWN_WORDS else sentence
    return _page(request, status, told)


def _page(request: Request, status: int, sentence: str) -> HTMLResponse:
    context = {"viewer": None, "status": status, "sentence": sentence, "path": request.url.path, "here": "/"}
    return HTMLResponse(render_page("failed.html", Wording(language_of(request)), context), status_code=status)


def _counting(request: Request) -> HTMLResponse:
    """Say that the figures are being counted; the browser asks again by itself, without a script."""
    context = {"viewer": None, "path": request.url.path, "here": here(request)}
    page = render_page("counting.html", Wording(language_of(request)), context)
    return HTMLResponse(page, status_code=202, headers={"Refresh": str(ASK_AGAIN_SECONDS)})


def install(app: FastAPI) -> None:
    """Make every failure answer as above."""
    app.add_exception_handler(EabsensiError, _expected)
    app.add_exception_handler(RequestValidationError, _malformed)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _bug)


def _expected(request: Request, error: Exception) -> Response:
    assert isinstance(error, EabsensiError)
    if not is_api(request):
        if isinstance(error, NotLoggedInError):
            return RedirectResponse(login_path(request), status_code=303)
        if isinstance(error, PasswordDueError):
            return RedirectResponse("/password", status_code=303)
        if isinstance(error, StillCountingError):
            return _counting(request)
    status = status_of(error)
    if isinstance(error, DatabaseUnavailableError):
        log.error("database unavailable", error=str(error))
        return refuse(request, status, _UNREACHABLE)
    if isinstance(error, RefusedError) and not is_api(request):
        answer: Response = _page(request, status, error.said(language_of(request)))
    else:
        answer = refuse(request, status, str(error))
    if isinstance(error, TooOftenError):
        answer.headers["Retry-After"] = str(error.retry_after_seconds)
    return answer


def _malformed(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    if not is_api(request):
        return _page(request, 400, Wording(language_of(request)).say("failing.malformed"))
    said = "; ".join(f"{'.'.join(str(part) for part in one['loc'][1:])}: {one['msg']}" for one in error.errors())
    return refuse(request, 400, said)


def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    answer = refuse(request, error.status_code, str(error.detail))
    answer.headers.update(error.headers or {})  # e.g. Allow, which has to come with 405
    return answer


def _bug(request: Request, error: Exception) -> Response:
    log.error("a page failed", path=request.url.path, exc_info=error)
    return refuse(request, 500, "An error of ours; it is in the log.")
