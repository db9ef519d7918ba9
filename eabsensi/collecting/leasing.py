"""Leases on terminals: two collectors never talk to one terminal.

A lease is a row with an expiry by the database's clock. It is short and renewed from a thread of its own, so a
collector that dies frees its terminals within a minute and a half, and one that reads a slow terminal keeps it.

A collector that cannot renew (frozen, cut off, database away) cannot be told that it has lost a terminal. So it keeps
its own time: it trusts a lease for less long than the database grants it, counted from before it asked, and
whoever talks to a terminal asks the lease before each frame. Nothing is then sent to a terminal that somebody
else may have taken over; its connections are closed as soon as the lease is over.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, NamedTuple, Self

import structlog

from eabsensi.collecting.together import Together
from eabsensi.devices.errors import LeaseOverError
from eabsensi.devices.waiting import Deadline
from eabsensi.store.database import DatabaseUnavailableError, Store
from eabsensi.store.leases import acquire, release, renew

_NEVER: Final = float("-inf")
#: How late the end of a lease may be noticed by who has nothing to send.
_LOOK_SECONDS: Final = 1.0


@dataclass(frozen=True, slots=True)
class LeaseTerms:
    """How long leases last, in seconds.

    Attributes:
        granted: by the database; afterwards another collector may take the terminal.
        trusted: by the holder, from before it asked. The rest is room for clocks of database servers that differ, which
            matters when one takes over from another, and for a frame that is on its way.
        renew_every: between two renewals; a third of these after one that failed.

    """

    granted: float = 90.0
    trusted: float = 75.0
    renew_every: float = 20.0


class Lease:
    """One terminal's lease as its holder knows it. Thread-safe: a number that is replaced.

    Attributes:
        grants: how often it was granted, so that an older answer is not taken for news.

    """

    __slots__ = ("_ends_at", "grants")

    def __init__(self) -> None:
        self._ends_at = _NEVER
        self.grants = 0

    @property
    def seconds_left(self) -> float:
        """For how long the terminal may still be talked to; 0 or less where it is over."""
        return self._ends_at - time.monotonic()

    def prolong(self, ends_at: float) -> None:
        """Trust it until a monotonic instant."""
        self._ends_at = max(self._ends_at, ends_at)
        self.grants += 1

    def end(self) -> None:
        """Trust it no more."""
        self._ends_at = _NEVER


@dataclass(frozen=True, slots=True)
class LeasedDeadline(Deadline):
    """A deadline of something that also needs a lease, which may be prolonged meanwhile or run out."""

    lease: Lease

    def limit(self, seconds: float) -> float:
        """Shorten a wait so that it outlasts neither the deadline nor the lease.

        Raises:
            LeaseOverError: the lease is over.
            DeadlinePassedError: nothing is left of the deadline.

        """
        self.require_right()
        return min(Deadline.limit(self, seconds), self.lease.seconds_left)

    def require_right(self) -> None:
        """Make sure that the terminal may still be spoken to.

        Raises:
            LeaseOverError: the lease is over.

        """
        if self.lease.seconds_left <= 0:
            raise LeaseOverError


class _Wish(NamedTuple):
    """A device whose lease is to be taken, or to be given back."""

    device_id: int
    take: bool


class Leases:
    """The leases of one collector. Use as a context manager: leaving gives all of them back."""

    def __init__(
        self,
        store: Store,
        holder: str,
        on_lost: Callable[[set[int]], None] | None = None,
        on_bug: Callable[[BaseException], None] | None = None,
        terms: LeaseTerms | None = None,
    ) -> None:
        """Prepare.

        Args:
            store: where leases are kept.
            holder: this collector's name.
            on_lost: called, from a thread of ours, with devices whose lease ran out or another collector now holds.
            on_bug: told of an exception that nobody foresaw, since without renewals nothing may go on.
            terms: how long leases last.

        """
        self.holder = holder
        self._store = store
        self._on_lost = on_lost or (lambda _: None)
        self._on_bug = on_bug or (lambda _: None)
        self._terms = terms or LeaseTerms()
        self._wishes = Together(self._fulfil)
        self._held: dict[int, Lease] = {}
        self._lock = threading.Lock()
        self._ended = threading.Event()
        # A renewal may hang on a database that is cut off, so the ends are watched by somebody else.
        self._threads = [
            threading.Thread(target=self._guarded, args=(work,), name=name, daemon=True)
            for name, work in (("leases", self._keep), ("lease-ends", self._watch_ends))
        ]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        for thread in self._threads:
            thread.join()
        with self._lock:
            held, self._held = self._held, {}
        for lease in held.values():
            lease.end()
        try:
            self._fulfil([_Wish(device_id, take=False) for device_id in held])
        except DatabaseUnavailableError:
            # They expire by themselves.
            return

    def take(self, device_id: int) -> bool:
        """Take or keep a device's lease; False when another collector holds it.

        Raises:
            DatabaseUnavailableError: nobody can tell.

        """
        return self._wishes.ask(_Wish(device_id, take=True))

    def drop(self, device_id: int) -> None:
        """Give a device back; where the database is away the lease expires by itself."""
        try:
            self._wishes.ask(_Wish(device_id, take=False))
        except DatabaseUnavailableError:
            return

    @contextmanager
    def taken(self, device_id: int) -> Iterator[bool]:
        """Hold a device's lease for a while; yields whether it was to be had."""
        is_ours = self.take(device_id)
        try:
            yield is_ours
        finally:
            if is_ours:
                self.drop(device_id)

    def deadlines(self, device_id: int) -> Callable[[float], Deadline]:
        """Give what makes deadlines, from seconds, for conversations with a device that end with its lease."""
        with self._lock:
            lease = self._held.get(device_id) or Lease()
        return lambda seconds: LeasedDeadline(time.monotonic() + seconds, lease)

    def renew_all(self) -> None:
        """Renew every lease; those that another collector took meanwhile are reported and no longer ours."""
        with self._lock:
            asked = {device_id: (lease, lease.grants) for device_id, lease in self._held.items()}
        if not asked:
            return
        asked_at = time.monotonic()
        with self._store.begin() as connection:
            kept = renew(connection, self.holder, sorted(asked), self._terms.granted)
        lost: set[int] = set()
        with self._lock:
            for device_id, (lease, grants) in asked.items():
                if self._held.get(device_id) is not lease:
                    continue  # given back meanwhile
                if device_id in kept:
                    lease.prolong(asked_at + self._terms.trusted)
                elif lease.grants == grants:
                    lost.add(device_id)
        self._lose(lost)

    def end_overdue(self) -> None:
        """Report the leases that ran out without a renewal; they are no longer ours."""
        with self._lock:
            overdue = {device_id for device_id, lease in self._held.items() if lease.seconds_left <= 0}
        self._lose(overdue)

    def _lose(self, device_ids: set[int]) -> None:
        self._end(device_ids)
        if device_ids:
            self._on_lost(device_ids)

    def _fulfil(self, wishes: Sequence[_Wish]) -> list[bool]:
        """Take and give back many leases at a time; tells of each whether it is ours now.

        What is trusted changes here too, in the order in which the rows do: a lease that is taken while it is being
        given back would else be trusted without its row.
        """
        if not wishes:
            return []
        wanted = {wish.device_id for wish in wishes if wish.take}
        left = {wish.device_id for wish in wishes} - wanted
        self._end(left)
        asked_at = time.monotonic()
        with self._store.begin() as connection:
            release(connection, left, self.holder)
            ours = acquire(connection, wanted, self.holder, self._terms.granted)
        with self._lock:
            for device_id in ours:
                self._held.setdefault(device_id, Lease()).prolong(asked_at + self._terms.trusted)
        return [wish.device_id in ours for wish in wishes]

    def _end(self, device_ids: set[int]) -> None:
        with self._lock:
            for device_id in device_ids:
                self._held.pop(device_id, Lease()).end()

    def _keep(self) -> None:
        log = structlog.get_logger()
        pause = self._terms.renew_every
        while not self._ended.wait(pause):
            pause = self._terms.renew_every
            try:
                self.renew_all()
            except DatabaseUnavailableError as error:
                log.warning("leases not renewed", error=str(error))
                pause /= 3

    def _watch_ends(self) -> None:
        while not self._ended.wait(min(_LOOK_SECONDS, self._terms.trusted / 5)):
            self.end_overdue()

    def _guarded(self, work: Callable[[], None]) -> None:
        try:
            work()
        except BaseException as error:
            self._on_bug(error)
            raise
