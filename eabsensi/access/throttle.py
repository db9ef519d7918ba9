"""Slows guessing down: each failure under a name or from an address makes the next attempt wait longer.

The counts are rows, so that they hold over every process of the portal and over a restart. An attempt counts when it
begins and is taken back when it was right: many guesses at the same moment cannot slip in between.
"""

from __future__ import annotations

import hashlib
import ipaddress
import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from eabsensi.store.connection import Connection
from eabsensi.store.sessions import Attempts, forget_attempts, lock_attempts, save_attempts


@dataclass(frozen=True, slots=True)
class Limit:
    """How much may fail under one subject.

    Attributes:
        free: failures without any wait.
        first: the wait after that many; each further failure doubles it.
        longest: the wait never gets longer.
        forgotten_after: without a failure for so long, the count begins anew.

    """

    free: int
    first: timedelta
    longest: timedelta
    forgotten_after: timedelta

    def wait(self, failures: int) -> timedelta | None:
        """Give how long the next attempt has to wait; None where it need not."""
        if failures < self.free:
            return None
        doublings = min(failures - self.free, 30)  # past the longest wait anyway
        return min(self.first * (1 << doublings), self.longest)


#: At the longest wait 96 guesses a day; NIST SP 800-63B section 3.2.2 wants at most 100 in a row.
OF_NAME = Limit(5, timedelta(seconds=2), timedelta(minutes=15), timedelta(days=1))
#: A whole office comes from one address, and on a Monday many mistype.
OF_ADDRESS = Limit(50, timedelta(seconds=2), timedelta(minutes=15), timedelta(hours=1))
LONGEST_MEMORY = max(OF_NAME.forgotten_after, OF_ADDRESS.forgotten_after)


@dataclass(frozen=True, slots=True)
class Blocked:
    """The attempt has to wait.

    Attributes:
        seconds: how long, at least 1.
        first_notice: whether nobody was told of this block before; the trail notes it once.

    """

    seconds: int
    first_notice: bool


@dataclass(frozen=True, slots=True)
class Throttled:
    """One attempt's subjects; ``address`` None where only the name counts."""

    name: str
    address: str | None

    @classmethod
    def of(cls, username: str, address: str | None = None) -> Throttled:
        """Give the subjects of an attempt; a name is hashed, since now and then somebody types the password there."""
        digest = hashlib.sha256(username.encode("utf-8", "surrogatepass")).hexdigest()
        return cls(f"name:{digest}", None if address is None else f"address:{_network(address)}")

    def begin(self, connection: Connection, now: datetime) -> Blocked | None:
        """Count an attempt as failed until :meth:`take_back`; or give why it has to wait, and count nothing."""
        rows = lock_attempts(connection, [item for item in (self.name, self.address) if item is not None], now)
        blocked = [row for row in rows if row.blocked_until is not None and row.blocked_until > now]
        if blocked:
            save_attempts(connection, [row._replace(noted=True) for row in blocked if not row.noted])
            until = max(row.blocked_until for row in blocked if row.blocked_until is not None)
            seconds = max(1, math.ceil((until - now).total_seconds()))
            return Blocked(seconds, any(not row.noted for row in blocked))
        save_attempts(connection, [self._count(row, now) for row in rows])
        return None

    def take_back(self, connection: Connection, began: datetime) -> None:
        """Forget the name's failures, since its password was right, and the attempt that began then under its address.

        The address's other failures stay: else one good account would give endless guesses at others.
        """
        for row in lock_attempts(connection, [self.address] if self.address is not None else [], began):
            blocked_until = None if row.last_at == began else row.blocked_until  # a later failure's wait stays
            save_attempts(connection, [row._replace(failures=max(0, row.failures - 1), blocked_until=blocked_until)])
        forget_attempts(connection, self.name)

    def _count(self, row: Attempts, now: datetime) -> Attempts:
        limit = OF_NAME if row.subject == self.name else OF_ADDRESS
        failures = 1 if now - row.last_at >= limit.forgotten_after else row.failures + 1
        wait = limit.wait(failures)
        return Attempts(row.subject, failures, now, None if wait is None else now + wait, noted=False)


def forget_name(connection: Connection, username: str) -> None:
    """Let a name begin anew, as an administrator does who has spoken to the person."""
    forget_attempts(connection, Throttled.of(username).name)


def _network(address: str) -> str:
    """Give what one visitor holds: an IPv4 address, or the /64 of an IPv6 one."""
    try:
        known = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address[:64]
    if isinstance(known, ipaddress.IPv4Address):
        return str(known)
    return str(known.ipv4_mapped or ipaddress.ip_network((known, 64), strict=False))
