"""Sessions: how they begin, how long they live, how they are known again.

A token is 256 random bits and stays in the browser; the database has its SHA-256 only. Limits: NIST SP 800-63B
section 2.2.3 (12 hours; half an hour without a sign of life).
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from eabsensi.access.roles import Viewer
from eabsensi.access.viewers import viewer_of_account
from eabsensi.store.accounts import AccountRow
from eabsensi.store.connection import Connection
from eabsensi.store.sessions import SessionRow, add_session, find_session, touch_session

IDLE_LIMIT = timedelta(minutes=30)
LONGEST_SESSION = timedelta(hours=12)
NOTE_EVERY = timedelta(minutes=1)  # a page with ten pictures is one sign of life
_TOKEN_BYTES = 32
_LONGEST_AGENT = 300


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody who is logged in.

    Attributes:
        viewer: who, and how far they see.
        csrf: what a form of this session has to bring along; made of the token, and tells nothing about it.
        account_id: of the account.
        must_change_password: whether nothing else may be done before a new password is set.

    """

    viewer: Viewer
    csrf: str
    account_id: int
    must_change_password: bool


@dataclass(frozen=True, slots=True)
class Entry:
    """A session that has just begun; the token goes into the cookie and is kept nowhere else."""

    token: str
    session: Session

    def __repr__(self) -> str:
        """Give the entry without its token, so that no log line holds it."""
        return f"Entry(session={self.session.viewer.account!r})"


def new_token() -> str:
    """Give 256 random bits as text that stands in a cookie or a header."""
    return secrets.token_urlsafe(_TOKEN_BYTES)


def token_hash(token: str) -> str:
    """Give what is kept of a token; it has 256 bits of its own, so neither salt nor a slow hash is wanted."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def csrf_of(token: str) -> str:
    """Give the value that a session's forms carry."""
    return hmac.new(token.encode("utf-8", "surrogatepass"), b"eabsensi csrf", hashlib.sha256).hexdigest()


def open_session(connection: Connection, account: AccountRow, now: datetime, *, address: str, agent: str) -> Entry:
    """Begin a session under a new token, whatever the browser held before.

    Args:
        connection: in the transaction that has made sure of the person.
        account: whose; not disabled.
        now: when.
        address: from where.
        agent: the browser, as it calls itself.

    """
    token = new_token()
    agent = "".join(letter for letter in agent[:_LONGEST_AGENT] if letter.isprintable())
    row = SessionRow(token_hash(token), account.id, now, now + LONGEST_SESSION, address, agent)
    add_session(connection, row)
    return Entry(token, session_of(connection, account, token))


def recognise_session(connection: Connection, token: str, now: datetime) -> Session | None:
    """Give the session of a token and note the sign of life; None where it is over."""
    digest = token_hash(token)
    found = find_session(connection, digest, now, seen_after=now - IDLE_LIMIT)
    if found is None:
        return None
    account, last_seen_at = found
    if now - last_seen_at >= NOTE_EVERY:
        touch_session(connection, digest, now)
    return session_of(connection, account, token)


def session_of(connection: Connection, account: AccountRow, token: str) -> Session:
    """Make a session of an account and its token."""
    viewer = viewer_of_account(connection, account)
    return Session(viewer, csrf_of(token), account.id, account.must_change_password)
