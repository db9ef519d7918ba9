"""Accounts of people: who may come in as what; made, placed, disabled, and given a new password."""

from __future__ import annotations

from typing import Annotated, Final, TypeAlias

from fastapi import APIRouter, Depends, Form
from fastapi.responses import HTMLResponse, Response

from eabsensi.access.accounts import (
    AccountError,
    WantedAccount,
    create_account,
    disable_account,
    enable_account,
    place_account,
    reset_password,
)
from eabsensi.access.directory import Search, find_account, list_accounts
from eabsensi.access.doorkeeper import ONE_TIME_LASTS
from eabsensi.access.roles import Right, Role
from eabsensi.law.wording import Language
from eabsensi.portal.asking import Units, query
from eabsensi.portal.visit import Posting, Visit, Visiting

router = APIRouter()
AccountsVisit: TypeAlias = Annotated[Visit, Depends(Visiting(Right.MANAGE_ACCOUNTS))]
AccountsPost: TypeAlias = Annotated[Visit, Depends(Posting(Right.MANAGE_ACCOUNTS))]
Field: TypeAlias = Annotated[str, Form()]
RoleField: TypeAlias = Annotated[Role, Form()]

MOST_SHOWN: Final = 200


@router.get("/accounts")
def accounts_page(visit: AccountsVisit, q: str = "", role: str = "", *, disabled: bool = False) -> Response:
    """Show the accounts that are looked for."""
    return _list(visit, Search(q, Role(role) if role in set(Role) else None, disabled))


@router.post("/accounts")
def create(  # noqa: PLR0917  the framework makes form fields of parameters; nobody calls this by position
    visit: AccountsPost,
    role: RoleField,
    username: Field = "",
    name: Field = "",
    nip: Field = "",
    unit: Field = "",
    language: Annotated[Language, Form()] = Language.ID,
) -> Response:
    """Make an account, and show its password for one use: now, and never again."""
    wanted = WantedAccount(
        username=username.strip().lower(),
        role=role,
        unit=unit or None,
        nip=nip.replace(" ", "") or None,
        name=name or None,
        language=language,
    )
    try:
        with visit.begin() as connection:
            once = create_account(
                connection, visit.desk.doorkeeper.passwords, wanted, by=visit.viewer, at=visit.desk.clock.now()
            )
    except AccountError as refused:
        return _list(visit, Search(), wanted=wanted, refusal=refused.said(visit.language))
    return _account(visit, wanted.username, once=once or "")


def _list(visit: Visit, search: Search, *, wanted: WantedAccount | None = None, refusal: str = "") -> HTMLResponse:
    with visit.begin() as connection:
        known = list_accounts(connection)
    found = search.of(known)
    return visit.page(
        "accounts.html",
        status=400 if refusal else 200,
        accounts=found[:MOST_SHOWN],
        count=len(found),
        search=search,
        asked=query(q=search.words, role=search.role, disabled="true" if search.disabled else "")[1:],
        roles=Role,
        units=Units.of(visit),
        wanted=wanted,
        refusal=refusal,
    )


@router.get("/accounts/people/{username}")
def account_page(visit: AccountsVisit, username: str) -> HTMLResponse:
    """Show one account, and what may be done with it."""
    return _account(visit, username)


@router.post("/accounts/people/{username}/place")
def place(visit: AccountsPost, username: str, role: RoleField, unit: Field = "") -> Response:
    """Give an account another role or unit."""
    try:
        with visit.begin() as connection:
            place_account(connection, username, role, unit or None, by=visit.viewer, at=visit.desk.clock.now())
    except AccountError as refused:
        return _account(visit, username, refusal=refused.said(visit.language))
    return visit.go(f"/accounts/people/{username}")


@router.post("/accounts/people/{username}/disable")
def disable(visit: AccountsPost, username: str) -> Response:
    """Close an account; its sessions end."""
    with visit.begin() as connection:
        disable_account(connection, username, by=visit.viewer, at=visit.desk.clock.now())
    return visit.go(f"/accounts/people/{username}")


@router.post("/accounts/people/{username}/enable")
def enable(visit: AccountsPost, username: str) -> Response:
    """Open an account again."""
    with visit.begin() as connection:
        enable_account(connection, username, by=visit.viewer, at=visit.desk.clock.now())
    return visit.go(f"/accounts/people/{username}")


@router.post("/accounts/people/{username}/reset")
def reset(visit: AccountsPost, username: str) -> Response:
    """Set a password for one use and show it: now, and never again."""
    with visit.begin() as connection:
        once = reset_password(
            connection, visit.desk.doorkeeper.passwords, username, by=visit.viewer, at=visit.desk.clock.now()
        )
    return _account(visit, username, once=once)


def _account(visit: Visit, username: str, *, once: str = "", refusal: str = "") -> HTMLResponse:
    with visit.begin() as connection:
        account = find_account(connection, username)
    return visit.page(
        "account.html",
        status=400 if refusal else 200,
        account=account,
        is_own=account.username == visit.viewer.account,
        once=once,
        once_days=ONE_TIME_LASTS.days,
        refusal=refusal,
        roles=Role,
        units=Units.of(visit),
        zone=visit.desk.now.tzinfo,
    )
