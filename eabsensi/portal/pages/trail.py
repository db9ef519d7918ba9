"""The audit trail: for HR all of it, for an employee who looked at the own days."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Annotated, Any, Final, TypeAlias

from fastapi import APIRouter, Depends, Query
from fastapi.responses import HTMLResponse

from eabsensi.access.roles import NotAllowedError, Right
from eabsensi.access.trail import Action, TrailEntry, entries
from eabsensi.errors import UsageError
from eabsensi.portal.asking import day_of, query
from eabsensi.portal.visit import Visit, Visiting

router = APIRouter()
TrailVisit: TypeAlias = Annotated[Visit, Depends(Visiting(Right.SEE_TRAIL))]
PersonVisit: TypeAlias = Annotated[Visit, Depends(Visiting(Right.SEE_PERSON))]
BeforeQuery: TypeAlias = Annotated[int | None, Query(ge=1, lt=2**63)]

ROWS: Final = 100


@router.get("/trail")
def trail_page(  # noqa: PLR0917  the framework makes query values of parameters; nobody calls this by position
    visit: TrailVisit,
    account: str = "",
    nip: str = "",
    action: str = "",
    first: Annotated[str, Query(alias="from")] = "",
    last: Annotated[str, Query(alias="to")] = "",
    before: BeforeQuery = None,
) -> HTMLResponse:
    """Show what was done, the newest first; that somebody looked is itself noted."""
    narrowed = trail_filters(visit, account, nip, action, first, last)
    filters = {name: narrowed[name] or "" for name in ("account", "nip", "action")}
    asked = query(**filters, **{"from": first, "to": last})
    with visit.begin() as connection:
        visit.note(connection, Action.SEE_TRAIL, nip=narrowed["nip"], subject=asked[1:])
        found = entries(connection, before_id=before, limit=ROWS + 1, **narrowed)
    return _page(visit, "trail.html", found, filters=filters, first=first, last=last, asked=asked, before=before)


def trail_filters(  # noqa: PLR0917  the fields of a form
    visit: Visit, account: str, nip: str, action: str, first: str, last: str
) -> dict[str, Any]:
    """Read what is looked for, as :func:`eabsensi.access.trail.entries` takes it.

    Raises:
        UsageError: nothing in the trail can be called so, or a date is none.

    """
    return {
        "account": _word(account) or None,
        "nip": _word(nip).replace(" ", "") or None,
        "action": _word(action) or None,
        "since": _midnight(visit, first),
        "until": _midnight(visit, last, days=1),
    }


@router.get("/people/{nip}/trail")
def own_trail_page(visit: PersonVisit, nip: str, before: BeforeQuery = None) -> HTMLResponse:
    """Show a person who has looked at the own days; to nobody else."""
    if nip != visit.viewer.nip:
        raise NotAllowedError
    with visit.begin() as connection:
        visit.note(connection, Action.SEE_TRAIL, nip=nip)
        found = entries(connection, before_id=before, nip=nip, limit=ROWS + 1)
    return _page(visit, "own_trail.html", found, nip=nip, before=before)


def _page(visit: Visit, template: str, found: Sequence[TrailEntry], **values: Any) -> HTMLResponse:
    say = visit.wording.say
    return visit.page(
        template,
        entries=found[:ROWS],
        older=found[ROWS - 1].id if len(found) > ROWS else None,
        actions={action.value: say(f"trail.{action.replace('-', '_')}") for action in Action},
        zone=visit.desk.now.tzinfo,
        **values,
    )


def _word(text: str) -> str:
    """Give what is looked for.

    Raises:
        UsageError: nothing in the trail can be called so.

    """
    if not text.isprintable():
        raise UsageError("What is looked for holds a character that cannot be shown.", remedy="Type it again.")
    return text.strip()


def _midnight(visit: Visit, text: str, *, days: int = 0) -> datetime | None:
    """Give when a day begins, or the day so many later.

    Raises:
        UsageError: it is no date of this time.

    """
    if not text:
        return None
    on = day_of(text)
    if not 2000 <= on.year <= 2100:
        raise UsageError(f"{text} is no date of the trail.", remedy="Write it as 2026-01-31.")
    return datetime.combine(on + timedelta(days=days), time(), visit.desk.now.tzinfo)
