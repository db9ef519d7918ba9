"""PINs that punch and are nobody's, and saying whose one is."""

from __future__ import annotations

from typing import Annotated, TypeAlias
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form
from fastapi.responses import HTMLResponse, Response

from eabsensi.access.roles import Right
from eabsensi.access.trail import Action
from eabsensi.filing.mapping import PinWish, look_at_mapping, map_pin, unmapped_in_scope, unmapped_pin
from eabsensi.filing.refusals import WishRefusedError
from eabsensi.portal.asking import Units, day_of, moment_of, query
from eabsensi.portal.clerking import clerk_of
from eabsensi.portal.visit import Posting, Visit, Visiting

router = APIRouter()
UnmappedVisit: TypeAlias = Annotated[Visit, Depends(Visiting(Right.SEE_UNMAPPED))]
MappingVisit: TypeAlias = Annotated[Visit, Depends(Visiting(Right.MAP_PIN))]
MappingPosting: TypeAlias = Annotated[Visit, Depends(Posting(Right.MAP_PIN))]
Field: TypeAlias = Annotated[str, Form()]


@router.get("/unmapped")
def unmapped_page(visit: UnmappedVisit, first: str = "", last: str = "") -> HTMLResponse:
    """List the PINs that are nobody's, on the devices in scope."""
    start, end = day_of(first) if first else None, day_of(last) if last else None
    with visit.begin() as connection:
        found = unmapped_in_scope(connection, clerk_of(visit), start, end)
        visit.note(connection, Action.SEE_UNIT, unit=visit.viewer.unit, subject="unmapped PINs")
    asked = query(first=start, last=end)[1:]
    return visit.page("unmapped.html", found=found, first=start, last=end, units=Units.of(visit).known, asked=asked)


@router.get("/unmapped/map")
def map_page(visit: MappingVisit, serial: str, pin: str, nip: str = "") -> HTMLResponse:
    """Ask whose a PIN is."""
    return _form(visit, PinWish(serial, pin, nip), None)


@router.post("/unmapped/map")
def map_one(  # noqa: PLR0917  the fields of a form; FastAPI gives them by name
    visit: MappingPosting,
    serial: Field = "",
    pin: Field = "",
    nip: Field = "",
    since: Field = "",
    everywhere: Field = "",
) -> Response:
    """Say whose a PIN is, or show the form again with what is wrong."""
    wish, at = PinWish(serial, pin, nip, since, bool(everywhere)), visit.desk.clock.now()
    try:
        with visit.begin() as connection:
            mapped = map_pin(connection, clerk_of(visit), wish)
    except WishRefusedError as refused:
        return _form(visit, wish, refused)
    visit.desk.forget()
    return visit.go(f"/unmapped/mapped?{urlencode({'nip': mapped.nip, 'since': mapped.since, 'at': at.isoformat()})}")


def _form(visit: Visit, wish: PinWish, refused: WishRefusedError | None) -> HTMLResponse:
    with visit.begin() as connection:
        found = unmapped_pin(connection, clerk_of(visit), wish.serial, wish.pin)
    since = wish.since or (found.pin.first.date().isoformat() if found else "")
    return visit.page(
        "unmapped_map.html",
        status=400 if refused else 200,
        found=found,
        wish=wish._replace(since=since),
        faults=refused.by_field(visit.language) if refused else {},
        units=Units.of(visit).known,
    )


@router.get("/unmapped/mapped")
def mapped_page(visit: MappingVisit, nip: str, since: str, at: str) -> HTMLResponse:
    """Show what a mapping changed."""
    start, moment = day_of(since), moment_of(at)
    with visit.begin() as connection:
        view = look_at_mapping(connection, clerk_of(visit), nip, start, moment)
        visit.note(connection, Action.SEE_PERSON, nip=view.nip, subject=f"mapping since {start}")
    return visit.page("unmapped_mapped.html", view=view, since=start, units=Units.of(visit).known)
