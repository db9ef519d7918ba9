"""The door: who may come in, who is known again, who goes.

Whoever is refused learns nothing: the same sentence after the same time, whether the name is unknown, the password
wrong or the account disabled. The reason stands in the trail.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import argon2

from eabsensi.access.passwords import Passwords, check_new, check_password
from eabsensi.access.refusals import RefusedError, Sentence
from eabsensi.access.roles import Viewer
from eabsensi.access.sessions import (
    IDLE_LIMIT,
    NOTE_EVERY,
    Entry,
    Session,
    open_session,
    recognise_session,
    token_hash,
)
from eabsensi.access.throttle import LONGEST_MEMORY, Blocked, Throttled
from eabsensi.access.trail import Action, record
from eabsensi.access.viewers import USERNAME, viewer_of_account, viewer_of_token
from eabsensi.clock import Clock
from eabsensi.store.accounts import AccountRow, load_account, load_token, renew_hash, set_password, use_token
from eabsensi.store.connection import Connection
from eabsensi.store.database import Store
from eabsensi.store.sessions import drop_stale, end_session, end_sessions

__all__ = ["Doorkeeper", "Entry", "LoginRefusedError", "Session", "TooManyAttemptsError"]

ONE_TIME_LASTS = timedelta(days=7)  # a password that somebody else has chosen and written down


class LoginRefusedError(RefusedError):
    """Username and password do not open the door; why is not told."""

    sentence = Sentence(
        "Nama pengguna atau kata sandi tidak dikenal; periksa lalu coba lagi, atau hubungi admin BKPSDM.",
        "Username or password are not known; check them and try again, or ask the agency's administrator.",
    )


class TooManyAttemptsError(LoginRefusedError):
    """Too much has failed; the next attempt has to wait.

    Attributes:
        retry_after_seconds: how long, at least 1.

    """

    sentence = Sentence(
        "Terlalu banyak percobaan masuk yang gagal; tunggu {seconds} detik lalu coba lagi.",
        "Too many attempts have failed; wait {seconds} seconds and try again.",
    )

    def __init__(self, retry_after_seconds: int) -> None:
        super().__init__(seconds=retry_after_seconds)
        self.retry_after_seconds = retry_after_seconds


class Doorkeeper:
    """Lets people and programs in. One for a process; threads may share it."""

    def __init__(self, store: Store, clock: Clock, hasher: argon2.PasswordHasher | None = None) -> None:
        self._store = store
        self._clock = clock
        self._passwords = Passwords(hasher)

    @property
    def passwords(self) -> Passwords:
        """What makes hashes here, for whoever makes an account: one place bounds how many are made at once."""
        return self._passwords

    def log_in(self, username: str, password: str, *, address: str, agent: str) -> Entry:
        """Let a person in under a new session; every attempt is in the trail.

        Args:
            username: as typed; capitals and spaces around it do not matter.
            password: as typed.
            address: from where.
            agent: the browser, as it calls itself.

        Raises:
            TooManyAttemptsError: too much has failed under this name or from this address; nothing was compared.
            LoginRefusedError: the name is unknown, the password wrong, or the account disabled.

        """
        username = username.strip().lower()
        throttled = Throttled.of(username, address)
        began = self._clock.now()
        account = self._begin(username, throttled, began, address)
        right = self._passwords.verify(account and account.password_hash, password)
        now = self._clock.now()
        if account is None or not right or _closed(account, now):
            self._refuse(account, right, now, address)
            raise LoginRefusedError
        renewed = self._renewed(account, password)
        with self._store.begin() as connection:
            present = _unless_changed(connection, account)
            if present is not None:
                throttled.take_back(connection, began)
                return self._admit(connection, present, renewed, now, address=address, agent=agent)
            record(connection, username, Action.LOG_IN_REFUSED, at=now, subject="changed-meanwhile", address=address)
        raise LoginRefusedError

    def recognise(self, token: str) -> Session | None:
        """Give the session of a cookie; None where it is unknown or over, or the account is disabled.

        A session is over half an hour after the last sign of life, and twelve hours after it began.
        """
        with self._store.begin() as connection:
            return recognise_session(connection, token, self._clock.now())

    def log_out(self, token: str, *, address: str = "") -> None:
        """End a session; nothing happens where there is none."""
        now = self._clock.now()
        with self._store.begin() as connection:
            username = end_session(connection, token_hash(token))
            account = None if username is None else load_account(connection, username)
            if account is not None:
                viewer = viewer_of_account(connection, account)
                record(connection, viewer, Action.LOG_OUT, at=now, address=address)

    def recognise_api(self, token: str) -> Viewer | None:
        """Give the viewer of a program's token; None where it is unknown, revoked or past its end."""
        now = self._clock.now()
        with self._store.begin() as connection:
            found = load_token(connection, token_hash(token), now)
            if found is None:
                return None
            use_token(connection, found.name, now, unless_since=now - NOTE_EVERY)
            return viewer_of_token(connection, found)

    def change_password(self, session: Session, old: str, new: str, *, address: str = "") -> None:
        """Set a person's own password; all their sessions end, this one too, so that they log in with the new one.

        Args:
            session: the person's.
            old: the present password; guessing it is slowed down as at the door.
            new: the wanted one.
            address: from where.

        Raises:
            TooManyAttemptsError: the old one was wrong too often.
            LoginRefusedError: the old one is wrong.
            PasswordRefusedError: the new one breaks a rule; one sentence says which.

        """
        viewer = session.viewer
        check_new(old, new)
        check_password(new, username=viewer.account, name=viewer.name, nip=viewer.nip)
        throttled = Throttled.of(viewer.account)
        began = self._clock.now()
        account = self._begin(viewer.account, throttled, began, address)
        right = self._passwords.verify(account and account.password_hash, old)
        now = self._clock.now()
        if account is None or not right or account.disabled_at is not None:
            self._refuse(account, right, now, address)
            raise LoginRefusedError
        kept = self._passwords.hash(new)
        with self._store.begin() as connection:
            if _unless_changed(connection, account) is None:
                raise LoginRefusedError
            throttled.take_back(connection, began)
            set_password(connection, account.id, kept, must_change=False, at=now)
            ended = end_sessions(connection, account.id)
            record(
                connection, viewer, Action.CHANGE_PASSWORD, at=now, address=address, detail={"sessions_ended": ended}
            )

    def _begin(self, username: str, throttled: Throttled, now: datetime, address: str) -> AccountRow | None:
        """Count the attempt and give the account, where there is one."""
        with self._store.begin() as connection:
            account = load_account(connection, username) if USERNAME.fullmatch(username) else None
            blocked = throttled.begin(connection, now)
            if blocked is not None and blocked.first_notice:
                _note_block(connection, account, blocked, now, address)
        if blocked is not None:
            raise TooManyAttemptsError(blocked.seconds)
        return account

    def _refuse(self, account: AccountRow | None, right: bool, now: datetime, address: str) -> None:
        subject = _reason(account, right, now)
        with self._store.begin() as connection:
            record(connection, _known_name(account), Action.LOG_IN_REFUSED, at=now, subject=subject, address=address)

    def _renewed(self, account: AccountRow, password: str) -> str | None:
        """Give a hash of today's parameters, where the kept one has others."""
        kept = account.password_hash
        return self._passwords.hash(password) if kept is not None and self._passwords.is_outdated(kept) else None

    def _admit(
        self,
        connection: Connection,
        account: AccountRow,
        renewed: str | None,
        now: datetime,
        *,
        address: str,
        agent: str,
    ) -> Entry:
        if renewed is not None:
            renew_hash(connection, account.id, renewed)
        drop_stale(connection, now, seen_after=now - IDLE_LIMIT, attempts_before=now - LONGEST_MEMORY)
        entry = open_session(connection, account, now, address=address, agent=agent)
        record(connection, entry.session.viewer, Action.LOG_IN, at=now, address=address)
        return entry


def _note_block(
    connection: Connection, account: AccountRow | None, blocked: Blocked, now: datetime, address: str
) -> None:
    """Write one row for each block, not for each attempt: the trail only grows, and anybody can knock."""
    name, detail = _known_name(account), {"wait_seconds": blocked.seconds}
    record(connection, name, Action.LOG_IN_REFUSED, at=now, subject="too-many-attempts", address=address, detail=detail)


def _known_name(account: AccountRow | None) -> str:
    """Give the account's name; nothing of a name that nobody has, since it may be a password in the wrong field."""
    return "" if account is None else account.username


def _unless_changed(connection: Connection, account: AccountRow) -> AccountRow | None:
    """Give the account as it is now, held until the transaction ends; None where its door was changed meanwhile."""
    present = load_account(connection, account.username, lock=True)
    if present is None or present.disabled_at is not None:
        return None
    return present if present.password_changed_at == account.password_changed_at else None


def _closed(account: AccountRow, now: datetime) -> bool:
    return account.disabled_at is not None or _expired(account, now)


def _expired(account: AccountRow, now: datetime) -> bool:
    """Tell whether a one-time password was never used for what it was given for."""
    set_at = account.password_changed_at
    return account.must_change_password and set_at is not None and now - set_at >= ONE_TIME_LASTS


def _reason(account: AccountRow | None, right: bool, now: datetime) -> str:
    if account is None:
        return "unknown-name"
    if not right:
        return "wrong-password"
    return "one-time-password-expired" if account.disabled_at is None and _expired(account, now) else "disabled"
