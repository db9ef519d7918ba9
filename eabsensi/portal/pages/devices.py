"""The terminals' health: what needs a hand first. Nothing here touches a terminal."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from fastapi import APIRouter, Depends
from fastapi.responses import HTMLResponse

from eabsensi.access.roles import Right
from eabsensi.access.trail import Action
from eabsensi.discipline.clockreasons import offset_text
from eabsensi.discipline.reasons import outcome_text
from eabsensi.portal.asking import Units, unit_of
from eabsensi.portal.visit import Visit, Visiting
from eabsensi.reports.device_board import device_board
from eabsensi.reports.device_words import advice

router = APIRouter()
DevicesVisit: TypeAlias = Annotated[Visit, Depends(Visiting(Right.SEE_DEVICES))]


@router.get("/devices")
def devices_page(visit: DevicesVisit, unit: str = "") -> HTMLResponse:
    """Show how every terminal in scope is doing."""
    code, now, language = unit_of(visit, unit), visit.desk.clock.now(), visit.language
    with visit.begin() as connection:
        board = device_board(connection, visit.desk.policy, as_of=now, unit=code)
        visit.note(connection, Action.SEE_UNIT, unit=code, subject="devices")
    return visit.page(
        "devices.html",
        board=board,
        unit=code,
        units=Units.of(visit),
        advice=lambda health: advice(health, now, language),
        outcome=lambda health: outcome_text(health.last_outcome, language),
        offset=lambda seconds: offset_text(seconds, language),
        zone=board.report.setting.zone,
    )
