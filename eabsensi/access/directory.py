"""The accounts as they are listed and found: without what opens the door."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from eabsensi.access.accounts import UnknownAccountError
from eabsensi.access.roles import Role
from eabsensi.access.viewers import USERNAME
from eabsensi.law.wording import Language
from eabsensi.store import accounts as stored
from eabsensi.store.connection import Connection


@dataclass(frozen=True, slots=True)
class Account:
    """An account as it is listed: without what opens the door."""

    username: str
    name: str
    role: Role
    unit: str | None
    nip: str | None
    language: Language
    created_at: datetime
    created_by: str
    disabled_at: datetime | None
    password_changed_at: datetime | None
    must_change_password: bool


def list_accounts(connection: Connection) -> list[Account]:
    """Give every account by username, disabled ones too."""
    return [_account(row) for row in stored.list_accounts(connection)]


def find_account(connection: Connection, username: str) -> Account:
    """Give one account.

    Raises:
        UnknownAccountError: there is none.

    """
    row = stored.load_account(connection, username) if USERNAME.fullmatch(username) else None
    if row is None:
        raise UnknownAccountError(name=username)
    return _account(row)


@dataclass(frozen=True, slots=True)
class Search:
    """Which accounts are looked for.

    Attributes:
        words: each has to stand in the username, the name, the NIP or the unit's code; ``""`` is everybody.
        role: of this role only; None of all but employees, of whom there may be thousands.
        disabled: those that are disabled, of whatever role, instead of those that are open.

    """

    words: str = ""
    role: Role | None = None
    disabled: bool = False

    def of(self, accounts: Sequence[Account]) -> list[Account]:
        """Give those that fit."""
        words = self.words.casefold().split()
        return [account for account in accounts if self._fits(account) and _holds(account, words)]

    def _fits(self, account: Account) -> bool:
        if (account.disabled_at is not None) is not self.disabled:
            return False
        if self.role is not None:
            return account.role is self.role
        return self.disabled or bool(self.words) or account.role is not Role.EMPLOYEE


def _holds(account: Account, words: Sequence[str]) -> bool:
    told = " ".join((account.username, account.name, account.nip or "", account.unit or "")).casefold()
    return all(word in told for word in words)


def _account(row: stored.AccountRow) -> Account:
    return Account(
        username=row.username,
        name=row.name,
        role=Role(row.role),
        unit=row.unit,
        nip=row.nip,
        language=Language(row.language),
        created_at=row.created_at,
        created_by=row.created_by,
        disabled_at=row.disabled_at,
        password_changed_at=row.password_changed_at,
        must_change_password=row.must_change_password,
    )


def role_of(connection: Connection, username: str) -> Role | None:
    """Give the role that an account has by now; None where it is no account, e.g. a command on the server."""
    row = stored.load_account(connection, username) if USERNAME.fullmatch(username) else None
    return None if row is None else Role(row.role)
