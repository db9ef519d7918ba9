"""Accounts of people and API tokens of programs; roles and languages are text here, what they mean is access's."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, text

__all__ = [
    "AccountRow",
    "NewAccount",
    "NewToken",
    "TokenRow",
    "add_account",
    "add_token",
    "bind_identity",
    "drop_one_time_password",
    "list_accounts",
    "list_tokens",
    "load_account",
    "load_account_of_identity",
    "load_token",
    "place_account",
    "renew_hash",
    "revoke_token",
    "set_disabled",
    "set_password",
    "use_token",
]


class AccountRow(NamedTuple):
    """An account; ``nip`` is the employee's whose account it is, ``password_hash`` None means none is set."""

    id: int
    username: str
    password_hash: str | None
    role: str
    unit: str | None
    nip: str | None
    name: str
    language: str
    created_at: datetime
    created_by: str
    disabled_at: datetime | None
    password_changed_at: datetime | None
    must_change_password: bool


class NewAccount(NamedTuple):
    """An account to be made; the NIP has to be an employee's."""

    username: str
    password_hash: str | None
    role: str
    unit: str | None
    nip: str | None
    name: str
    language: str
    must_change_password: bool


ACCOUNT_COLUMNS = """
    a.id, a.username, a.password_hash, a.role, a.unit_code AS unit, e.nip, a.name, a.language, a.created_at,
    a.created_by, a.disabled_at, a.password_changed_at, a.must_change_password
"""
_ACCOUNTS = f"SELECT {ACCOUNT_COLUMNS} FROM account a LEFT JOIN employee e ON e.id = a.employee_id"  # noqa: S608  made of constants


def load_account(connection: Connection, username: str, *, lock: bool = False) -> AccountRow | None:
    """Give an account by its username in lower case; ``lock`` lets others who change it wait."""
    statement = f"{_ACCOUNTS} WHERE a.username = :username {'FOR UPDATE OF a' if lock else ''}"
    row = connection.execute(text(statement), {"username": username}).one_or_none()
    return None if row is None else AccountRow(*row)


def list_accounts(connection: Connection) -> list[AccountRow]:
    """Give every account by username, disabled ones too."""
    return [AccountRow(*row) for row in connection.execute(text(f"{_ACCOUNTS} ORDER BY a.username"))]


def add_account(connection: Connection, account: NewAccount, *, by: str, at: datetime) -> int | None:
    """Make an account and give its id; None where the username is taken."""
    row = connection.execute(
        text("""
            INSERT INTO account (username, password_hash, role, unit_code, employee_id, name, language, created_at,
                                 created_by, password_changed_at, must_change_password)
            VALUES (:username, :password_hash, :role, :unit,
                    (SELECT id FROM employee WHERE nip = CAST(:nip AS text)), :name, :language, :at, :by,
                    CASE WHEN CAST(:password_hash AS text) IS NULL THEN NULL ELSE CAST(:at AS timestamptz) END,
                    :must_change_password)
            ON CONFLICT (username) DO NOTHING RETURNING id
        """),
        account._asdict() | {"by": by, "at": at},
    ).one_or_none()
    return None if row is None else int(row.id)


def set_password(
    connection: Connection, account_id: int, password_hash: str, *, must_change: bool, at: datetime
) -> None:
    """Set the password's hash as of now."""
    connection.execute(
        text("""
            UPDATE account SET password_hash = :hash, must_change_password = :must_change, password_changed_at = :at
            WHERE id = :id
        """),
        {"id": account_id, "hash": password_hash, "must_change": must_change, "at": at},
    )


def renew_hash(connection: Connection, account_id: int, password_hash: str) -> None:
    """Keep the same password under a hash of newer parameters."""
    connection.execute(
        text("UPDATE account SET password_hash = :hash WHERE id = :id"), {"id": account_id, "hash": password_hash}
    )


def set_disabled(connection: Connection, account_id: int, at: datetime | None) -> None:
    """Disable an account as of an instant, or with None enable it again."""
    connection.execute(text("UPDATE account SET disabled_at = :at WHERE id = :id"), {"id": account_id, "at": at})


def set_language(connection: Connection, account_id: int, language: str) -> None:
    """Remember in which language the person reads."""
    known = "UPDATE account SET language = :language WHERE id = :id AND language <> :language"
    connection.execute(text(known), {"id": account_id, "language": language})


def place_account(connection: Connection, account_id: int, role: str, unit: str | None) -> None:
    """Give an account another role or unit."""
    connection.execute(
        text("UPDATE account SET role = :role, unit_code = :unit WHERE id = :id"),
        {"id": account_id, "role": role, "unit": unit},
    )


# --- identities of a provider (OpenID Connect) -----------------------------------------------------------------------


def load_account_of_identity(connection: Connection, issuer: str, subject: str) -> AccountRow | None:
    """Give the account that a provider's subject is bound to, held until the transaction ends."""
    row = connection.execute(
        text(f"{_ACCOUNTS} WHERE a.oidc_issuer = :issuer AND a.oidc_subject = :subject FOR UPDATE OF a"),
        {"issuer": issuer, "subject": subject},
    ).one_or_none()
    return None if row is None else AccountRow(*row)


def bind_identity(connection: Connection, account_id: int, issuer: str, subject: str) -> bool:
    """Bind a provider's subject to an account; False where one is bound already, which is never replaced."""
    bound = connection.execute(
        text("""
            UPDATE account SET oidc_issuer = :issuer, oidc_subject = :subject
            WHERE id = :id AND oidc_subject IS NULL RETURNING id
        """),
        {"id": account_id, "issuer": issuer, "subject": subject},
    )
    return bound.one_or_none() is not None


def drop_one_time_password(connection: Connection, account_id: int) -> None:
    """Let a password for one use end that nobody has replaced."""
    connection.execute(
        text("""
            UPDATE account SET password_hash = NULL, must_change_password = false
            WHERE id = :id AND must_change_password
        """),
        {"id": account_id},
    )


# --- tokens of programs --------------------------------------------------------------------------------------------


class NewToken(NamedTuple):
    """A token to be made; ``expires_at`` None means that it does not end by itself."""

    name: str
    token_hash: str
    role: str
    unit: str | None
    expires_at: datetime | None


class TokenRow(NamedTuple):
    """A token without what opens the door."""

    name: str
    role: str
    unit: str | None
    created_at: datetime
    created_by: str
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None


_TOKENS = """
    SELECT name, role, unit_code AS unit, created_at, created_by, expires_at, revoked_at, last_used_at FROM api_token
"""


def add_token(connection: Connection, token: NewToken, *, by: str, at: datetime) -> bool:
    """Keep a token; False where its name is taken, by a revoked one too, since the trail knows it by that name."""
    made = connection.execute(
        text("""
            INSERT INTO api_token (name, token_hash, role, unit_code, created_at, created_by, expires_at)
            VALUES (:name, :token_hash, :role, :unit, :at, :by, :expires_at)
            ON CONFLICT (name) DO NOTHING RETURNING name
        """),
        token._asdict() | {"by": by, "at": at},
    )
    return made.one_or_none() is not None


def list_tokens(connection: Connection) -> list[TokenRow]:
    """Give every token by name, revoked ones too."""
    return [TokenRow(*row) for row in connection.execute(text(f"{_TOKENS} ORDER BY name"))]


def load_token(connection: Connection, token_hash: str, now: datetime) -> TokenRow | None:
    """Give the token of a hash that is neither revoked nor past its end."""
    row = connection.execute(
        text(f"""{_TOKENS} WHERE token_hash = :hash AND revoked_at IS NULL
                 AND (expires_at IS NULL OR expires_at > :now)"""),
        {"hash": token_hash, "now": now},
    ).one_or_none()
    return None if row is None else TokenRow(*row)


def use_token(connection: Connection, name: str, now: datetime, *, unless_since: datetime) -> None:
    """Note that a token was used, unless that was noted since an instant."""
    connection.execute(
        text("""
            UPDATE api_token SET last_used_at = :now
            WHERE name = :name AND (last_used_at IS NULL OR last_used_at <= :since)
        """),
        {"name": name, "now": now, "since": unless_since},
    )


def revoke_token(connection: Connection, name: str, at: datetime) -> bool:
    """End a token; False where there is none that is not revoked."""
    ended = connection.execute(
        text("UPDATE api_token SET revoked_at = :at WHERE name = :name AND revoked_at IS NULL RETURNING name"),
        {"name": name, "at": at},
    )
    return ended.one_or_none() is not None
