"""Whether a paper was given out here: what its code stands for, and no person's figures."""

from __future__ import annotations

import re
from datetime import date
from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from eabsensi.access.directory import role_of
from eabsensi.portal.desk import Desk
from eabsensi.portal.pacing import TooOftenError
from eabsensi.portal.templating import render_page
from eabsensi.portal.visit import address_of, here, language_of, session_cookie
from eabsensi.portal.wording import Wording
from eabsensi.reports.verification import read_code
from eabsensi.store.issues import find_issue
from eabsensi.store.people import load_units

router = APIRouter()

_CODE: Final = re.compile(r"[A-Z2-7]{4}(-[A-Z2-7]{4}){2}")
_LONGEST: Final = 40


@router.get("/verify")
def verify_page(request: Request, code: str = "") -> Response:
    """Say of a code whether a paper was given out under it; anybody may ask who holds one."""
    desk: Desk = request.app.state.desk
    written = code.strip()[:_LONGEST]
    if not written:
        return _page(request, 200)
    try:
        desk.pace_of_codes.take(address_of(request))
    except TooOftenError as refused:
        answer = _page(request, 429, written=written, refusal=refused.said(language_of(request)))
        answer.headers["Retry-After"] = str(refused.retry_after_seconds)
        return answer
    found = read_code(written)
    if not _CODE.fullmatch(found):
        return _page(request, 404, written=written, unknown=True)
    with desk.store.begin() as connection:
        paper = find_issue(connection, found)
        if paper is None:
            return _page(request, 404, written=found, unknown=True)
        unit = load_units(connection).get(paper.unit_code or "")
        role = role_of(connection, paper.issued_by)
    return _page(request, 200, written=found, paper=paper, period=_period(request, paper.period), unit=unit, role=role)


def _period(request: Request, period: str) -> str:
    """Say a date, month or year as papers do."""
    wording = Wording(language_of(request))
    if len(period) == len("2026-11"):
        return wording.month(date.fromisoformat(f"{period}-01"))
    return wording.long_date(date.fromisoformat(period)) if len(period) == len("2026-11-24") else period


def _page(request: Request, status: int, *, written: str = "", **told: object) -> HTMLResponse:
    desk: Desk = request.app.state.desk
    session = desk.doorkeeper.recognise(request.cookies.get(session_cookie(desk), ""))
    viewer = session.viewer if session else None
    context = {
        "viewer": viewer,
        "csrf": session.csrf if session else "",
        "path": "/verify",
        "here": here(request),
        "written": written,
        "refusal": "",
        "unknown": False,
        "paper": None,
        "zone": desk.now.tzinfo,
        **told,
    }
    wording = Wording(language_of(request, viewer))
    return HTMLResponse(render_page("verify.html", wording, context), status_code=status)
