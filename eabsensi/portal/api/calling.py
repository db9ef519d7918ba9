"""One request of a program: whose token it brings, and how far that sees."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated

from fastapi import Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from eabsensi.access.roles import Right, Viewer
from eabsensi.access.trail import Action, record
from eabsensi.portal.desk import Desk
from eabsensi.portal.visit import NotLoggedInError, address_of
from eabsensi.store.connection import Connection

_BEARER = HTTPBearer(
    auto_error=False, description="A token that an administrator has made under Akun > Token, or by the CLI."
)


class TokenRefusedError(NotLoggedInError):
    """The token is missing, unknown, revoked or past its end; send a valid one as `Authorization: Bearer TOKEN`."""


@dataclass(frozen=True, slots=True)
class Call:
    """A request of a program that has shown its token."""

    desk: Desk
    request: Request
    viewer: Viewer

    def unit(self, code: str | None) -> str | None:
        """Give the unit asked for, else the whole of what the token sees.

        Raises:
            NotAllowedError: it is another's.

        """
        if not code:
            return self.viewer.unit
        self.viewer.require_unit(code)
        return code

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """Run one transaction."""
        with self.desk.store.begin() as connection:
            yield connection

    def note(self, subject: str, unit: str | None, rows: int) -> None:
        """Write into the trail what this call reads."""
        with self.begin() as connection:
            record(
                connection,
                self.viewer,
                Action.READ_API,
                at=self.desk.clock.now(),
                unit=unit,
                subject=subject,
                address=address_of(self.request),
                detail={"rows": rows},
            )


class Calling:
    """Lets programs in whose token has a right.

    Raises:
        TokenRefusedError, TooOftenError, NotAllowedError: as their names say.

    """

    def __init__(self, right: Right) -> None:
        self.right = right

    def __call__(
        self, request: Request, given: Annotated[HTTPAuthorizationCredentials | None, Security(_BEARER)]
    ) -> Call:
        """Recognise the program."""
        desk: Desk = request.app.state.desk
        viewer = desk.doorkeeper.recognise_api(given.credentials) if given else None
        if viewer is None:
            raise TokenRefusedError
        desk.pace_of_tokens.take(viewer.account)
        viewer.require(self.right)
        return Call(desk, request, viewer)
