"""Makes a viewer of what is stored: which units lie below the account's or token's."""

from __future__ import annotations

import re

from eabsensi.access.roles import Role, Viewer
from eabsensi.law.wording import Language
from eabsensi.store.accounts import AccountRow, TokenRow
from eabsensi.store.connection import Connection
from eabsensi.store.people import units_below

#: How accounts and tokens may be called; a colon is not in it, so no account looks like a token.
USERNAME = re.compile(r"[a-z0-9][a-z0-9._@-]{1,63}")
TOKEN_PREFIX = "token:"  # noqa: S105  how a program's account is written, no secret


def viewer_of_account(connection: Connection, account: AccountRow) -> Viewer:
    """Give the viewer of a person's account, with the units as they are now."""
    role = Role(account.role)
    return Viewer(
        account=account.username,
        name=account.name,
        role=role,
        unit=account.unit,
        units=_units(connection, role, account.unit),
        nip=account.nip,
        language=Language(account.language),
    )


def viewer_of_token(connection: Connection, token: TokenRow) -> Viewer:
    """Give the viewer of a program's token; it is nobody, so no person is its own."""
    role = Role(token.role)
    units = _units(connection, role, token.unit)
    return Viewer(TOKEN_PREFIX + token.name, token.name, role, token.unit, units, None, Language.ID)


def _units(connection: Connection, role: Role, unit: str | None) -> frozenset[str] | None:
    if role is Role.EMPLOYEE:
        return frozenset()
    return None if unit is None else frozenset(units_below(connection, unit))
