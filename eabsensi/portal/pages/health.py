"""Whether the portal works, for the proxy and for monitoring."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse

from eabsensi.portal.desk import Desk

router = APIRouter()


@router.get("/healthz")
def healthz(request: Request) -> PlainTextResponse:
    """Say ok once the database answers."""
    desk: Desk = request.app.state.desk
    desk.store.check_schema()
    return PlainTextResponse("ok\n")
