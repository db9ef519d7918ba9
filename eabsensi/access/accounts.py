"""Accounts of people and API tokens of programs: made, placed, disabled, revoked; each change stands in the trail.

Who changes something is a viewer, who has to have the right, or the name of whoever runs the command on the server.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from eabsensi.access.passwords import Passwords, check_password, one_time_password
from eabsensi.access.refusals import RefusedError, Sentence
from eabsensi.access.roles import Right, Role, Viewer
from eabsensi.access.sessions import new_token, token_hash
from eabsensi.access.throttle import forget_name
from eabsensi.access.trail import Action, record
from eabsensi.access.viewers import USERNAME
from eabsensi.law.wording import Language
from eabsensi.store import accounts as stored
from eabsensi.store.connection import Connection
from eabsensi.store.people import load_employees, load_units
from eabsensi.store.sessions import end_sessions

WHOLE_CITY = frozenset({Role.ADMIN, Role.HR})
TOKEN_START = "eabsensi_"  # noqa: S105  by which a scanner for leaked secrets knows ours; no secret itself
LONGEST_TOKEN_DAYS = 3650

_ILL_NAMED = Sentence(
    "{name} tidak dapat menjadi nama: pakai 2 sampai 64 huruf kecil, angka, titik, garis, atau @.",
    "{name} cannot be a name: take 2 to 64 lower-case letters, digits, dots, dashes or @.",
)
_TAKEN = Sentence("Akun {name} sudah ada; pakai nama lain.", "There is an account {name} already; take another name.")
_UNKNOWN = Sentence(
    "Tidak ada akun {name}; periksa daftar akun.", "There is no account {name}; `eabsensi account list` shows them."
)
_WANTS_UNIT = Sentence("Operator memerlukan unit kerja; sebutkan unitnya.", "An operator needs a unit; name it.")
_WANTS_NO_UNIT = Sentence(
    "Peran {role} tidak dibatasi unit kerja; hapus unitnya.", "The role {role} is not bound to a unit; leave it out."
)
_NO_SUCH_UNIT = Sentence(
    "Tidak ada unit kerja {unit}; periksa daftar unit.", "There is no unit {unit}; `eabsensi unit list` shows them."
)
_WANTS_NIP = Sentence("Akun pegawai memerlukan NIP; sebutkan NIP-nya.", "An employee's account needs the NIP; name it.")
_NO_SUCH_NIP = Sentence(
    "Tidak ada pegawai dengan NIP {nip}; periksa daftar pegawai.",
    "There is no employee with NIP {nip}; `eabsensi employee list` shows them.",
)
_OWN = Sentence(
    "Akun sendiri tidak dapat diubah di sini; mintalah admin lain, supaya tidak ada yang mengunci dirinya.",
    "One's own account cannot be changed here; ask another administrator, so that nobody locks themselves out.",
)
_NAMELESS = Sentence("Nama pemilik akun kosong; isi namanya.", "The account has no person's name; give one.")
_TOKEN_TAKEN = Sentence(
    "Token {name} sudah ada atau pernah ada; pakai nama lain.",
    "There is or was a token {name} already; take another name.",
)
_NO_SUCH_TOKEN = Sentence(
    "Tidak ada token {name} yang berlaku; periksa daftar token.",
    "There is no token {name} that is not revoked; `eabsensi account token list` shows them.",
)
_TOKEN_ROLE = Sentence(
    "Token tidak dapat berperan pegawai, karena program bukan orang; pakai peran lain.",
    "A token cannot have the role employee, since a program is no person; take another role.",
)
_TOKEN_DAYS = Sentence(
    "Masa berlaku token harus 1 sampai {longest} hari.", "A token is valid for 1 to {longest} days; give such a number."
)


class AccountError(RefusedError):
    """The account or token cannot be made or changed like that."""

    sentence = _UNKNOWN


class UnknownAccountError(AccountError):
    """There is no such account."""


@dataclass(frozen=True, slots=True)
class WantedAccount:
    """An account to be made.

    Attributes:
        username: what is typed at the door; lower case.
        role: what may be done.
        unit: root of what an operator or leader sees; None is the whole city, for all but operators.
        nip: the employee's whose account it is; an employee's account needs it.
        name: the person's; None takes the employee's.
        language: in which the person reads.

    """

    username: str
    role: Role
    unit: str | None = None
    nip: str | None = None
    name: str | None = None
    language: Language = Language.ID


def create_account(
    connection: Connection,
    passwords: Passwords,
    wanted: WantedAccount,
    *,
    password: str | None = None,
    by: Viewer | str,
    at: datetime,
) -> str | None:
    """Make an account.

    Args:
        connection: in a transaction.
        passwords: makes the hash.
        wanted: the account.
        password: as the person has chosen it; None makes one for one use.
        by: who makes it.
        at: when.

    Returns:
        The one-time password, to be shown once; None where the person has chosen one.

    Raises:
        AccountError: the name is taken or ill-formed, or role, unit and NIP do not go together.
        PasswordRefusedError: the password breaks a rule.
        NotAllowedError: the viewer may not manage accounts.

    """
    _require(by)
    name = _checked(connection, wanted)
    if password is not None:
        check_password(password, username=wanted.username, name=name, nip=wanted.nip)
    once = None if password is not None else one_time_password()
    row = stored.NewAccount(
        username=wanted.username,
        password_hash=passwords.hash(password or once or ""),
        role=wanted.role.value,
        unit=wanted.unit,
        nip=wanted.nip,
        name=name,
        language=wanted.language.value,
        must_change_password=once is not None,
    )
    if stored.add_account(connection, row, by=_name(by), at=at) is None:
        raise AccountError(_TAKEN, name=wanted.username)
    _note(connection, by, at, _placing("create", wanted.role, wanted.unit), username=wanted.username, nip=wanted.nip)
    return once


def disable_account(connection: Connection, username: str, *, by: Viewer | str, at: datetime) -> None:
    """Close an account; all its sessions end at once.

    Raises:
        AccountError: there is no such account.
        NotAllowedError: the viewer may not manage accounts.

    """
    account = _held(connection, username, by)
    if account.disabled_at is None:
        stored.set_disabled(connection, account.id, at)
    ended = end_sessions(connection, account.id)
    _note(
        connection, by, at, {"change": "disable", "sessions_ended": ended}, username=account.username, nip=account.nip
    )


def enable_account(connection: Connection, username: str, *, by: Viewer | str, at: datetime) -> None:
    """Open an account again, also one that waits because too many attempts have failed.

    Raises:
        AccountError: there is no such account.
        NotAllowedError: the viewer may not manage accounts.

    """
    account = _held(connection, username, by)
    stored.set_disabled(connection, account.id, None)
    forget_name(connection, account.username)
    _note(connection, by, at, {"change": "enable"}, username=account.username, nip=account.nip)


def place_account(
    connection: Connection, username: str, role: Role, unit: str | None, *, by: Viewer | str, at: datetime
) -> None:
    """Give an account another role or unit; it counts from the next page on.

    Raises:
        AccountError: there is no such account or unit, or role and unit do not go together.
        NotAllowedError: the viewer may not manage accounts.

    """
    account = _held(connection, username, by)
    _check_place(connection, role, unit)
    if role is Role.EMPLOYEE and account.nip is None:
        raise AccountError(_WANTS_NIP)
    stored.place_account(connection, account.id, role.value, unit)
    before = {"role": account.role, "unit": account.unit}
    _note(
        connection,
        by,
        at,
        _placing("place", role, unit) | {"before": before},
        username=account.username,
        nip=account.nip,
    )


def reset_password(
    connection: Connection, passwords: Passwords, username: str, *, by: Viewer | str, at: datetime
) -> str:
    """Set a password for one use and give it, to be shown once; all the account's sessions end.

    Raises:
        AccountError: there is no such account.
        NotAllowedError: the viewer may not manage accounts.

    """
    account = _held(connection, username, by)
    once = one_time_password()
    stored.set_password(connection, account.id, passwords.hash(once), must_change=True, at=at)
    forget_name(connection, account.username)
    detail = {"change": "reset", "sessions_ended": end_sessions(connection, account.id)}
    record(connection, by, Action.CHANGE_PASSWORD, at=at, nip=account.nip, subject=account.username, detail=detail)
    return once


# --- tokens of programs --------------------------------------------------------------------------------------------


def list_tokens(connection: Connection) -> list[stored.TokenRow]:
    """Give every token by name, revoked ones too; none shows what opens the door."""
    return stored.list_tokens(connection)


def create_token(
    connection: Connection,
    name: str,
    role: Role,
    unit: str | None,
    *,
    days: int | None,
    by: Viewer | str,
    at: datetime,
) -> str:
    """Make a token for a program and give it, to be shown once.

    Args:
        connection: in a transaction.
        name: of the program that will use it.
        role: what it may read.
        unit: root of what it sees; None is the whole city.
        days: how long it is valid; None until it is revoked.
        by: who makes it.
        at: when.

    Raises:
        AccountError: the name is or was taken or is ill-formed, or role, unit and days do not go together.
        NotAllowedError: the viewer may not manage accounts.

    """
    _require(by)
    if not USERNAME.fullmatch(name):
        raise AccountError(_ILL_NAMED, name=name)
    if role is Role.EMPLOYEE:
        raise AccountError(_TOKEN_ROLE)
    if days is not None and not 1 <= days <= LONGEST_TOKEN_DAYS:
        raise AccountError(_TOKEN_DAYS, longest=LONGEST_TOKEN_DAYS)
    _check_place(connection, role, unit)
    token = TOKEN_START + new_token()
    expires_at = None if days is None else at + timedelta(days=days)
    row = stored.NewToken(name, token_hash(token), role.value, unit, expires_at)
    if not stored.add_token(connection, row, by=_name(by), at=at):
        raise AccountError(_TOKEN_TAKEN, name=name)
    detail = _placing("create", role, unit) | {"days": days}
    record(connection, by, Action.CHANGE_TOKEN, at=at, unit=unit, subject=name, detail=detail)
    return token


def revoke_token(connection: Connection, name: str, *, by: Viewer | str, at: datetime) -> None:
    """End a token for good.

    Raises:
        AccountError: there is no such token, or it is revoked already.
        NotAllowedError: the viewer may not manage accounts.

    """
    _require(by)
    if not USERNAME.fullmatch(name) or not stored.revoke_token(connection, name, at):
        raise AccountError(_NO_SUCH_TOKEN, name=name)
    record(connection, by, Action.CHANGE_TOKEN, at=at, subject=name, detail={"change": "revoke"})


# --- what they share -----------------------------------------------------------------------------------------------


def _require(by: Viewer | str) -> None:
    if isinstance(by, Viewer):
        by.require(Right.MANAGE_ACCOUNTS)


def _name(by: Viewer | str) -> str:
    return by if isinstance(by, str) else by.account


def _held(connection: Connection, username: str, by: Viewer | str) -> stored.AccountRow:
    """Give an account that nobody else changes until the transaction ends."""
    _require(by)
    username = username.strip().lower()
    account = stored.load_account(connection, username, lock=True) if USERNAME.fullmatch(username) else None
    if account is None:
        raise UnknownAccountError(name=username)
    if isinstance(by, Viewer) and by.account == account.username:
        raise AccountError(_OWN)
    return account


def _checked(connection: Connection, wanted: WantedAccount) -> str:
    """Make sure that the account can be made, and give the person's name."""
    if not USERNAME.fullmatch(wanted.username):
        raise AccountError(_ILL_NAMED, name=wanted.username)
    _check_place(connection, wanted.role, wanted.unit)
    if wanted.role is Role.EMPLOYEE and wanted.nip is None:
        raise AccountError(_WANTS_NIP)
    name = (wanted.name or "").strip()
    if wanted.nip is not None:
        known = load_employees(connection, [wanted.nip]).get(wanted.nip) if wanted.nip.isprintable() else None
        if known is None:
            raise AccountError(_NO_SUCH_NIP, nip=wanted.nip)
        name = name or known[1].name
    if not name or not name.isprintable():
        raise AccountError(_NAMELESS)
    return name


def _check_place(connection: Connection, role: Role, unit: str | None) -> None:
    if role is Role.OPERATOR and unit is None:
        raise AccountError(_WANTS_UNIT)
    if unit is None:
        return
    if role not in {Role.OPERATOR, Role.LEADER}:
        raise AccountError(_WANTS_NO_UNIT, role=role.value)
    if unit not in load_units(connection):
        raise AccountError(_NO_SUCH_UNIT, unit=unit)


def _placing(change: str, role: Role, unit: str | None) -> dict[str, object]:
    return {"change": change, "role": role.value, "unit": unit}


def _note(
    connection: Connection,
    by: Viewer | str,
    at: datetime,
    detail: Mapping[str, object],
    *,
    username: str,
    nip: str | None,
) -> None:
    record(connection, by, Action.CHANGE_ACCOUNT, at=at, nip=nip, subject=username, detail=detail)
