"""The pages' own lists as files: the rows of the page, narrowed as it is, for whom it opens."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from fastapi import APIRouter, Depends, Query
from fastapi.responses import FileResponse

from eabsensi.access.directory import Search
from eabsensi.access.roles import Right, Role
from eabsensi.portal.asking import day_of, month_of, unit_of
from eabsensi.portal.clerking import clerk_of
from eabsensi.portal.pages.closing import months_shown
from eabsensi.portal.pages.documents import wanted_papers
from eabsensi.portal.pages.downloads import Parcel, stem_of
from eabsensi.portal.pages.people import sought_people
from eabsensi.portal.pages.trail import trail_filters
from eabsensi.portal.visit import Visit, Visiting
from eabsensi.reports.listing import Frame, Listing
from eabsensi.reports.listings import (
    accounts_listing,
    addenda_listing,
    closing_listing,
    documents_listing,
    people_listing,
    trail_listing,
    unmapped_listing,
)
from eabsensi.store.connection import Connection

router = APIRouter()
FilingVisit: TypeAlias = Annotated[Visit, Depends(Visiting(Right.FILE_DOCUMENT))]
UnmappedVisit: TypeAlias = Annotated[Visit, Depends(Visiting(Right.SEE_UNMAPPED))]
ClosingVisit: TypeAlias = Annotated[Visit, Depends(Visiting(Right.CLOSE_PERIOD))]
UnitsVisit: TypeAlias = Annotated[Visit, Depends(Visiting(Right.SEE_UNITS))]
TrailVisit: TypeAlias = Annotated[Visit, Depends(Visiting(Right.SEE_TRAIL))]
AccountsVisit: TypeAlias = Annotated[Visit, Depends(Visiting(Right.MANAGE_ACCOUNTS))]


@router.get("/downloads/documents.{ending}")
def documents_file(  # noqa: PLR0917  the fields of a form; FastAPI gives them by name
    visit: FilingVisit,
    ending: str,
    state: str = "",
    unit: str = "",
    person: str = "",
    first: str = "",
    last: str = "",
) -> FileResponse:
    """Send the papers."""
    wanted = wanted_papers(visit, state, unit, person, first, last)
    with visit.begin() as connection:
        frame = _frame(visit, connection, unit_of(visit, unit))
        listing = documents_listing(connection, frame, clerk_of(visit), wanted)
    return _send(visit, ending, "dokumen", listing)


@router.get("/downloads/unmapped.{ending}")
def unmapped_file(visit: UnmappedVisit, ending: str, first: str = "", last: str = "") -> FileResponse:
    """Send the PINs that are nobody's."""
    start, end = day_of(first) if first else None, day_of(last) if last else None
    with visit.begin() as connection:
        frame = _frame(visit, connection, visit.viewer.unit)
        listing = unmapped_listing(connection, frame, clerk_of(visit), start, end)
    return _send(visit, ending, "pin-tanpa-pemilik", listing)


@router.get("/downloads/closing.{ending}")
def closing_file(visit: ClosingVisit, ending: str, month: str = "") -> FileResponse:
    """Send the states of the units' months."""
    with visit.begin() as connection:
        frame = _frame(visit, connection, visit.viewer.unit)
        listing = closing_listing(connection, frame, months_shown(visit, month), visit.viewer.sees_unit)
    return _send(visit, ending, "tutup-periode", listing)


@router.get("/downloads/addenda.{ending}")
def addenda_file(visit: ClosingVisit, ending: str, month: str, unit: str) -> FileResponse:
    """Send what was learnt after a unit's month was closed."""
    first = month_of(month)
    visit.viewer.require_unit(unit)
    with visit.begin() as connection:
        listing = addenda_listing(connection, _frame(visit, connection, unit), unit, first)
    return _send(visit, ending, "adendum", listing)


@router.get("/downloads/people.{ending}")
def people_file(visit: UnitsVisit, ending: str, q: str = "", unit: str = "", *, former: bool = False) -> FileResponse:
    """Send the people who are found, all pages of them."""
    code = unit_of(visit, unit)
    with visit.begin() as connection:
        sought = sought_people(visit, connection, code, q, former=former)
        listing = people_listing(connection, _frame(visit, connection, code), sought)
    return _send(visit, ending, "pegawai", listing)


@router.get("/downloads/trail.{ending}")
def trail_file(  # noqa: PLR0917  the framework makes query values of parameters; nobody calls this by position
    visit: TrailVisit,
    ending: str,
    account: str = "",
    nip: str = "",
    action: str = "",
    first: Annotated[str, Query(alias="from")] = "",
    last: Annotated[str, Query(alias="to")] = "",
) -> FileResponse:
    """Send the newest entries of the trail."""
    filters = trail_filters(visit, account, nip, action, first, last)
    with visit.begin() as connection:
        listing = trail_listing(connection, _frame(visit, connection, visit.viewer.unit), **filters)
    return _send(visit, ending, "jejak-audit", listing, nip=filters["nip"])


@router.get("/downloads/accounts.{ending}")
def accounts_file(
    visit: AccountsVisit, ending: str, q: str = "", role: str = "", *, disabled: bool = False
) -> FileResponse:
    """Send the accounts that are looked for, without what opens the door."""
    search = Search(q, Role(role) if role in set(Role) else None, disabled)
    with visit.begin() as connection:
        listing = accounts_listing(connection, _frame(visit, connection, visit.viewer.unit), search)
    return _send(visit, ending, "akun", listing)


def _frame(visit: Visit, connection: Connection, unit: str | None) -> Frame:
    return Frame.of(connection, visit.desk.policy, visit.desk.clock.now(), unit)


def _send(visit: Visit, ending: str, kind: str, listing: Listing, nip: str | None = None) -> FileResponse:
    about = listing.subject
    return Parcel(visit, stem_of(kind, about.period, about.unit), about.unit, nip).send(ending, listing)
