"""One request of somebody who has come in: who it is, what they may, and how the answer is made."""

from __future__ import annotations

import hmac
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Final
from urllib.parse import quote, urlsplit

from fastapi import Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from eabsensi.access.doorkeeper import Session
from eabsensi.access.roles import Right, Viewer
from eabsensi.access.trail import Action, record
from eabsensi.errors import EabsensiError
from eabsensi.law.wording import Language
from eabsensi.portal.desk import Desk
from eabsensi.portal.templating import render_page
from eabsensi.portal.wording import Wording
from eabsensi.store.connection import Connection

LANGUAGE_COOKIE: Final = "eabsensi-language"


class NotLoggedInError(EabsensiError):
    """Nobody is logged in here."""


class PasswordDueError(EabsensiError):
    """The password has to be changed first."""


class ForeignFormError(EabsensiError):
    """The form does not come from this portal, or is too old."""


def session_cookie(desk: Desk) -> str:
    """Name the session's cookie; the prefix binds it to this host over HTTPS."""
    return "__Host-eabsensi" if desk.secure else "eabsensi"


def address_of(request: Request) -> str:
    """Give the address of who asks."""
    return request.client.host if request.client else ""


def language_of(request: Request, viewer: Viewer | None = None) -> Language:
    """Give the language to speak: the one chosen here, else the account's, else Bahasa Indonesia."""
    chosen = request.cookies.get(LANGUAGE_COOKIE, "")
    if chosen in set(Language):
        return Language(chosen)
    return viewer.language if viewer else Language.ID


@dataclass(frozen=True, slots=True)
class Visit:
    """A request of a person who is logged in."""

    desk: Desk
    request: Request
    session: Session

    @property
    def viewer(self) -> Viewer:
        """Who asks."""
        return self.session.viewer

    @property
    def language(self) -> Language:
        """The language to answer in."""
        return language_of(self.request, self.viewer)

    @property
    def wording(self) -> Wording:
        """The words of that language."""
        return Wording(self.language)

    @property
    def today(self) -> date:
        """The city's date."""
        return self.desk.today

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """Run one transaction."""
        with self.desk.store.begin() as connection:
            yield connection

    def note(
        self,
        connection: Connection,
        action: Action,
        *,
        unit: str | None = None,
        nip: str | None = None,
        subject: str = "",
        detail: Mapping[str, Any] | None = None,
    ) -> None:
        """Write into the audit trail what this visit sees or does."""
        record(
            connection,
            self.viewer,
            action,
            at=self.desk.clock.now(),
            unit=unit,
            nip=nip,
            subject=subject,
            address=address_of(self.request),
            detail=detail,
        )

    def page(self, template: str, *, status: int = 200, **values: Any) -> HTMLResponse:
        """Answer with a page; see ``templates/base.html`` for what each page gives."""
        context = {
            "visit": self,
            "viewer": self.viewer,
            "csrf": self.session.csrf,
            "path": self.request.url.path,
            "here": here(self.request),
            **values,
        }
        return HTMLResponse(render_page(template, self.wording, context), status_code=status)

    def go(self, path: str) -> RedirectResponse:
        """Answer a form with the page to look at next."""
        return RedirectResponse(path, status_code=303)


def here(request: Request) -> str:
    """Give the path and query of a request, to come back to."""
    return request.url.path + (f"?{request.url.query}" if request.url.query else "")


def inner_path(path: str) -> str:
    """Give a path of this portal to go on to; anything else becomes the first page."""
    parts = urlsplit(path)
    is_inner = path.startswith("/") and not path.startswith(("//", "/\\")) and not parts.scheme and not parts.netloc
    return path if is_inner else "/"


def login_path(request: Request) -> str:
    """Give the login page that leads back to what was asked for."""
    wanted = here(request) if request.method == "GET" else "/"
    return "/login" if wanted == "/" else f"/login?next={quote(wanted)}"


class Visiting:
    """Lets those in who are logged in and whose role has a right; ``None`` asks for no particular one.

    Raises:
        NotLoggedInError, PasswordDueError, NotAllowedError: as their names say.

    """

    def __init__(self, right: Right | None, *, despite_due_password: bool = False) -> None:
        self.right = right
        self._despite_due_password = despite_due_password

    def __call__(self, request: Request) -> Visit:
        """Recognise the visitor."""
        desk: Desk = request.app.state.desk
        session = desk.doorkeeper.recognise(request.cookies.get(session_cookie(desk), ""))
        if session is None:
            raise NotLoggedInError
        if session.must_change_password and not self._despite_due_password:
            raise PasswordDueError
        if self.right is not None:
            session.viewer.require(self.right)
        return Visit(desk, request, session)


class Posting(Visiting):
    """Lets a form in that this portal made for this very session.

    Raises:
        ForeignFormError: it was made elsewhere.

    """

    def __call__(self, request: Request, csrf: Annotated[str, Form()] = "") -> Visit:
        """Recognise the visitor and the form."""
        visit = super().__call__(request)
        if not is_own_form(request) or not hmac.compare_digest(csrf.encode(), visit.session.csrf.encode()):
            raise ForeignFormError
        return visit


def is_own_form(request: Request) -> bool:
    """Whether the browser says that a form was sent from a page of this portal."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = request.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == request.headers.get("host")
