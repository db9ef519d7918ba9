"""Whether a paper was given out here, and whether the seal on it is the chain's: no person's figures.

Anybody may ask, so nothing here takes long: the evidence itself is compared by `eabsensi audit verify`.
"""

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
from eabsensi.reports.verification import LONGEST_HEAD, is_part_of_head, read_code, read_head
from eabsensi.sealing.heads import parse_head
from eabsensi.sealing.lookup import Lookup, look_up
from eabsensi.store.issues import find_issue
from eabsensi.store.people import load_units

router = APIRouter()

_CODE: Final = re.compile(r"[A-Z2-7]{4}(-[A-Z2-7]{4}){2}")
_LONGEST: Final = LONGEST_HEAD + 40  # with what stands before it on paper


@router.get("/verify")
def verify_page(request: Request, code: str = "") -> Response:
    """Say of a code whether a paper was given out under it, of a seal whether the chain has it; anybody may ask."""
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
    head = read_head(written)
    return _head_page(request, head) if head else _paper_page(request, written)


def _paper_page(request: Request, written: str) -> HTMLResponse:
    """Tell of a verification code."""
    desk: Desk = request.app.state.desk
    found = read_code(written)
    if not _CODE.fullmatch(found):
        return _unknown(request, written, written)
    with desk.store.begin() as connection:
        paper = find_issue(connection, found)
        if paper is None:
            return _unknown(request, written, found)
        unit = load_units(connection).get(paper.unit_code or "")
        role = role_of(connection, paper.issued_by)
    return _page(request, 200, written=found, paper=paper, period=_period(request, paper.period), unit=unit, role=role)


def _unknown(request: Request, written: str, code: str) -> HTMLResponse:
    """Say that there is no such paper, or that a seal was not written whole."""
    cut = is_part_of_head(written)
    return _page(request, 404, written=written if cut else code, unknown=True, cut=cut)


def _head_page(request: Request, head: str) -> HTMLResponse:
    """Tell of a seal of the evidence; by the database itself, since a copy may not have it yet."""
    desk: Desk = request.app.state.desk
    with desk.store.begin_snapshot() as connection:
        sealed: Lookup = look_up(connection, parse_head(head))
    return _page(request, 200 if sealed.seal else 404, written=head, sealed=sealed)


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
        "cut": False,
        "paper": None,
        "sealed": None,
        "longest": _LONGEST,
        "zone": desk.now.tzinfo,
        **told,
    }
    wording = Wording(language_of(request, viewer))
    return HTMLResponse(render_page("verify.html", wording, context), status_code=status)
