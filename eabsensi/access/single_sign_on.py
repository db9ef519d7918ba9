"""Coming in with the account of the agency's own identity provider (OpenID Connect), without a password here.

Who somebody is, the provider says; what they may do, only the account here. No account is made on the way: an
administrator makes it first, and the provider's subject is bound to it at the first log-in.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from eabsensi.access.doorkeeper import LoginRefusedError
from eabsensi.access.refusals import Sentence
from eabsensi.access.sessions import Entry, open_session
from eabsensi.access.trail import Action, record
from eabsensi.access.viewers import USERNAME
from eabsensi.clock import Clock
from eabsensi.store.accounts import (
    AccountRow,
    bind_identity,
    drop_one_time_password,
    load_account,
    load_account_of_identity,
)
from eabsensi.store.connection import Connection
from eabsensi.store.database import Store

TICKET_LASTS = timedelta(minutes=10)  # to type a password at the provider, and a second factor

_STALE = Sentence(
    "Proses masuk ini sudah kedaluwarsa atau dimulai di jendela lain; mulai lagi.",
    "This log-in is too old or was begun in another window; begin again.",
)
_AWAY = Sentence(
    "Layanan akun pemerintah kota sedang tidak dapat dihubungi; coba lagi nanti, atau masuk dengan kata sandi.",
    "The city's account service cannot be reached now; try again later, or log in with a password.",
)
_UNPROVEN = Sentence(
    "Jawaban layanan akun pemerintah kota tidak dapat dibuktikan; coba lagi, atau hubungi admin BKPSDM.",
    "What the city's account service said cannot be proven; try again, or ask the agency's administrator.",
)
_NO_ACCOUNT = Sentence(
    "Akun pemerintah kota Anda tidak terhubung dengan akun di sini; hubungi admin BKPSDM.",
    "Your account of the city belongs to no account here; ask the agency's administrator.",
)


class SignOnRefusedError(LoginRefusedError):
    """Single sign-on does not open the door."""

    sentence = _NO_ACCOUNT


class StaleTicketError(SignOnRefusedError):
    """The log-in was not begun in this browser, or too long ago."""

    sentence = _STALE


class ProviderUnavailableError(SignOnRefusedError):
    """The identity provider cannot be reached."""

    sentence = _AWAY


class UnprovenIdentityError(SignOnRefusedError):
    """What the provider said is not proven: signature, issuer, audience, time or nonce."""

    sentence = _UNPROVEN


@dataclass(frozen=True, slots=True)
class Identity:
    """Somebody as the provider has proven them.

    Attributes:
        issuer: who says so.
        subject: which of the issuer's people; never given to another.
        username: what the issuer calls them, in lower case; ``""`` where it does not say.

    """

    issuer: str
    subject: str
    username: str


@dataclass(frozen=True, slots=True)
class Ticket:
    """What a browser keeps while its owner is at the provider.

    Attributes:
        state: comes back with the answer, so that nobody is logged in by another's answer.
        nonce: stands in what the provider signs, so that an old answer is worth nothing.
        verifier: opens the code (PKCE, RFC 7636), so that a stolen code is worth nothing.
        following: where to go on.
        began_at: seconds since 1970.

    """

    state: str
    nonce: str
    verifier: str
    following: str
    began_at: int

    @classmethod
    def new(cls, following: str, now: datetime) -> Ticket:
        """Make one of 256 random bits each."""
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        return cls(state, nonce, verifier, following, int(now.timestamp()))

    @property
    def challenge(self) -> str:
        """The verifier's digest, which the provider is told first."""
        digest = hashlib.sha256(self.verifier.encode()).digest()
        return base64.urlsafe_b64encode(digest).decode().rstrip("=")

    def written(self) -> str:
        """Write it as a cookie's value."""
        parts = [self.state, self.nonce, self.verifier, self.following, self.began_at]
        return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")

    @classmethod
    def read(cls, written: str) -> Ticket:
        """Read it.

        Raises:
            StaleTicketError: it is none.

        """
        try:
            parts = json.loads(base64.b64decode(written + "=" * (-len(written) % 4), altchars=b"-_", validate=True))
        except (binascii.Error, ValueError):
            raise StaleTicketError from None
        if not isinstance(parts, list) or [type(part) for part in parts] != [str, str, str, str, int]:
            raise StaleTicketError
        return cls(*parts)


class Provider(Protocol):
    """An identity provider; see :mod:`eabsensi.access.openid`."""

    def login_address(self, ticket: Ticket) -> str:
        """Give the address at which somebody logs in there."""

    def identify(self, code: str, ticket: Ticket, now: datetime) -> Identity:
        """Have it prove who came with a code."""


class SingleSignOn:
    """Leads people to the provider and lets them in when they come back."""

    def __init__(self, store: Store, clock: Clock, provider: Provider) -> None:
        self._store = store
        self._clock = clock
        self._provider = provider

    def begin(self, following: str) -> tuple[str, Ticket]:
        """Give the provider's address, and the ticket that the browser keeps.

        Raises:
            ProviderUnavailableError: the provider cannot be reached.

        """
        ticket = Ticket.new(following, self._clock.now())
        return self._provider.login_address(ticket), ticket

    def finish(self, ticket: Ticket, state: str, code: str, *, address: str, agent: str) -> Entry:
        """Let somebody in who comes back from the provider.

        Args:
            ticket: from the browser.
            state: from the provider's answer.
            code: from the provider's answer.
            address: from where.
            agent: the browser, as it calls itself.

        Raises:
            SignOnRefusedError: the ticket is stale, the identity unproven, or no open account belongs to it.

        """
        now = self._clock.now()
        age = now.timestamp() - ticket.began_at
        same = secrets.compare_digest(state.encode("utf-8", "replace"), ticket.state.encode("utf-8", "replace"))
        if not same or not 0 <= age < TICKET_LASTS.total_seconds():
            raise StaleTicketError
        try:
            identity = self._provider.identify(code, ticket, now)
        except UnprovenIdentityError:
            with self._store.begin() as connection:
                record(connection, "", Action.LOG_IN_REFUSED, at=now, subject="oidc unproven", address=address)
            raise
        with self._store.begin() as connection:
            account, refusal = _account_of(connection, identity)
            if account is not None and refusal is None:
                return _admit(connection, account, identity, now, address=address, agent=agent)
            name = account.username if account else ""
            record(connection, name, Action.LOG_IN_REFUSED, at=now, subject=f"oidc {refusal}", address=address)
        raise SignOnRefusedError


def _account_of(connection: Connection, identity: Identity) -> tuple[AccountRow | None, str | None]:
    """Find whose identity this is, and bind it to the account of that name if nobody else's is bound to it."""
    account = load_account_of_identity(connection, identity.issuer, identity.subject)
    if account is None:
        named = load_account(connection, identity.username, lock=True) if _is_name(identity.username) else None
        if named is None:
            return None, "no-account"
        if named.disabled_at is not None:
            return named, "disabled"
        if not bind_identity(connection, named.id, identity.issuer, identity.subject):
            return named, "other-subject"
        account = named
    return account, "disabled" if account.disabled_at is not None else None


def _is_name(username: str) -> bool:
    return USERNAME.fullmatch(username) is not None


def _admit(
    connection: Connection, account: AccountRow, identity: Identity, now: datetime, *, address: str, agent: str
) -> Entry:
    """Begin a session; a password for one use that was never used has no use any more."""
    if account.must_change_password:
        drop_one_time_password(connection, account.id)
        account = account._replace(must_change_password=False, password_hash=None)
    entry = open_session(connection, account, now, address=address, agent=agent)
    detail = {"issuer": identity.issuer}
    record(connection, entry.session.viewer, Action.LOG_IN, at=now, subject="oidc", address=address, detail=detail)
    return entry
