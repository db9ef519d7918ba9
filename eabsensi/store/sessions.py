"""Sessions, known by their token's hash, and the failed log-ins that slow the next ones down."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, text

from eabsensi.store.accounts import ACCOUNT_COLUMNS, AccountRow

__all__ = [
    "Attempts",
    "SessionRow",
    "add_session",
    "drop_stale",
    "end_session",
    "end_sessions",
    "find_session",
    "forget_attempts",
    "lock_attempts",
    "save_attempts",
    "touch_session",
]


class SessionRow(NamedTuple):
    """A session to be kept; ``token_hash`` is the only trace of what the browser holds."""

    token_hash: str
    account_id: int
    created_at: datetime
    expires_at: datetime
    address: str
    agent: str


def add_session(connection: Connection, session: SessionRow) -> None:
    """Keep a new session, last seen when it was made."""
    connection.execute(
        text("""
            INSERT INTO session (token_hash, account_id, created_at, last_seen_at, expires_at, address, agent)
            VALUES (:token_hash, :account_id, :created_at, :created_at, :expires_at, :address, :agent)
        """),
        session._asdict(),
    )


def find_session(
    connection: Connection, token_hash: str, now: datetime, *, seen_after: datetime
) -> tuple[AccountRow, datetime] | None:
    """Give whose session this is and when it was last seen; None where it is over or the account is disabled.

    Args:
        connection: in a transaction.
        token_hash: of the token that came.
        now: a session that ends by now is over.
        seen_after: so is one that was last seen at this instant or before.

    """
    row = connection.execute(
        text(f"""
            SELECT {ACCOUNT_COLUMNS}, s.last_seen_at
            FROM session s JOIN account a ON a.id = s.account_id LEFT JOIN employee e ON e.id = a.employee_id
            WHERE s.token_hash = :hash AND s.expires_at > :now AND s.last_seen_at > :seen_after
              AND a.disabled_at IS NULL
        """),  # noqa: S608  made of constants
        {"hash": token_hash, "now": now, "seen_after": seen_after},
    ).one_or_none()
    return None if row is None else (AccountRow(*row[:-1]), row.last_seen_at)


def touch_session(connection: Connection, token_hash: str, now: datetime) -> None:
    """Note that a session was seen."""
    connection.execute(
        text("UPDATE session SET last_seen_at = :now WHERE token_hash = :hash AND last_seen_at < :now"),
        {"hash": token_hash, "now": now},
    )


def end_session(connection: Connection, token_hash: str) -> str | None:
    """End a session and give whose it was; None where there is none."""
    row = connection.execute(
        text("""
            DELETE FROM session USING account a WHERE token_hash = :hash AND a.id = account_id RETURNING a.username
        """),
        {"hash": token_hash},
    ).one_or_none()
    return None if row is None else str(row.username)


def end_sessions(connection: Connection, account_id: int) -> int:
    """End every session of an account and give how many there were."""
    ended = connection.execute(text("DELETE FROM session WHERE account_id = :id"), {"id": account_id})
    return ended.rowcount


def drop_stale(connection: Connection, now: datetime, *, seen_after: datetime, attempts_before: datetime) -> None:
    """Remove sessions that are over and failures long forgotten; what another transaction holds waits for the next."""
    connection.execute(
        text("""
            DELETE FROM session WHERE token_hash IN (
                SELECT token_hash FROM session WHERE expires_at <= :now OR last_seen_at <= :seen_after
                FOR UPDATE SKIP LOCKED)
        """),
        {"now": now, "seen_after": seen_after},
    )
    connection.execute(
        text("""
            DELETE FROM login_attempt WHERE subject IN (
                SELECT subject FROM login_attempt WHERE last_at <= :before FOR UPDATE SKIP LOCKED)
        """),
        {"before": attempts_before},
    )


# --- failed log-ins ------------------------------------------------------------------------------------------------


class Attempts(NamedTuple):
    """What failed under one name or from one address; ``noted`` once the trail knows of the block."""

    subject: str
    failures: int
    last_at: datetime
    blocked_until: datetime | None
    noted: bool


def lock_attempts(connection: Connection, subjects: Collection[str], now: datetime) -> list[Attempts]:
    """Give what failed under these subjects; whoever tries the same waits until this transaction ends.

    Both statements take the subjects in one order, so that two processes never wait for each other.
    """
    connection.execute(
        text("""
            INSERT INTO login_attempt (subject, failures, last_at, noted)
            SELECT subject, 0, :now, false FROM unnest(CAST(:subjects AS text[])) AS wanted (subject) ORDER BY subject
            ON CONFLICT (subject) DO NOTHING
        """),
        {"subjects": list(subjects), "now": now},
    )
    rows = connection.execute(
        text("""
            SELECT subject, failures, last_at, blocked_until, noted FROM login_attempt
            WHERE subject = ANY(CAST(:subjects AS text[])) ORDER BY subject FOR UPDATE
        """),
        {"subjects": list(subjects)},
    )
    return [Attempts(*row) for row in rows]


def save_attempts(connection: Connection, attempts: Iterable[Attempts]) -> None:
    """Write what :func:`lock_attempts` gave, as it is now."""
    for row in attempts:  # two at most
        connection.execute(
            text("""
                UPDATE login_attempt SET failures = :failures, last_at = :last_at, blocked_until = :blocked_until,
                       noted = :noted
                WHERE subject = :subject
            """),
            row._asdict(),
        )


def forget_attempts(connection: Connection, subject: str) -> None:
    """Forget the failures under a subject."""
    connection.execute(text("DELETE FROM login_attempt WHERE subject = :subject"), {"subject": subject})
