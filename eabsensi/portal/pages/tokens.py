"""Tokens by which programs read the API: made, and revoked."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from fastapi import APIRouter, Depends, Form
from fastapi.responses import HTMLResponse, Response

from eabsensi.access.accounts import AccountError, create_token, list_tokens, revoke_token
from eabsensi.access.roles import Right, Role
from eabsensi.portal.asking import Units
from eabsensi.portal.visit import Posting, Visit, Visiting

router = APIRouter()
AccountsVisit: TypeAlias = Annotated[Visit, Depends(Visiting(Right.MANAGE_ACCOUNTS))]
AccountsPost: TypeAlias = Annotated[Visit, Depends(Posting(Right.MANAGE_ACCOUNTS))]
Field: TypeAlias = Annotated[str, Form()]


@router.get("/accounts/tokens")
def tokens_page(visit: AccountsVisit) -> HTMLResponse:
    """Show the tokens, and the form for a new one."""
    return _tokens(visit)


@router.post("/accounts/tokens")
def create(
    visit: AccountsPost,
    role: Annotated[Role, Form()],
    name: Field = "",
    unit: Field = "",
    days: Annotated[int, Form(ge=1, le=3650)] = 365,
) -> Response:
    """Make a token and show it: now, and never again."""
    name = name.strip().lower()
    try:
        with visit.begin() as connection:
            token = create_token(
                connection, name, role, unit or None, days=days, by=visit.viewer, at=visit.desk.clock.now()
            )
    except AccountError as refused:
        return _tokens(visit, name=name, refusal=refused.said(visit.language))
    return _tokens(visit, name=name, token=token)


@router.post("/accounts/tokens/{name}/revoke")
def revoke(visit: AccountsPost, name: str) -> Response:
    """End a token for good."""
    with visit.begin() as connection:
        revoke_token(connection, name, by=visit.viewer, at=visit.desk.clock.now())
    return visit.go("/accounts/tokens")


def _tokens(visit: Visit, *, name: str = "", token: str = "", refusal: str = "") -> HTMLResponse:
    with visit.begin() as connection:
        tokens = list_tokens(connection)
    return visit.page(
        "tokens.html",
        status=400 if refusal else 200,
        tokens=tokens,
        token=token,
        name=name,
        refusal=refusal,
        roles=[role for role in Role if role is not Role.EMPLOYEE],
        units=Units.of(visit),
        now=visit.desk.now,
    )
