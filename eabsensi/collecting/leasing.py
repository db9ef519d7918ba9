"""Leases on terminals: two collectors never talk to one terminal.

A lease is a row with an expiry by the database's clock. It is short and renewed from a thread of its own, so a
collector that dies frees its terminals within a minute and a half, and one that reads a slow terminal keeps it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final, Self

import structlog

from eabsensi.store.database import DatabaseUnavailableError, Store
from eabsensi.store.leases import acquire, release, renew

LEASE_SECONDS: Final = 90.0
RENEW_SECONDS: Final = 20.0


class Leases:
    """The leases of one collector. Use as a context manager: leaving gives all of them back."""

    def __init__(
        self,
        store: Store,
        holder: str,
        on_lost: Callable[[set[int]], None] | None = None,
        on_bug: Callable[[BaseException], None] | None = None,
    ) -> None:
        """Prepare.

        Args:
            store: where leases are kept.
            holder: this collector's name.
            on_lost: called, from the renewing thread, with devices whose lease ran out or another collector now holds.
            on_bug: told of an exception that nobody foresaw, since without renewals nothing may go on.

        """
        self.holder = holder
        self._store = store
        self._on_lost = on_lost or (lambda _: None)
        self._on_bug = on_bug or (lambda _: None)
        #: Each with a mark of its own, so that a lease that is dropped and taken again is not taken for the old one.
        self._held: dict[int, object] = {}
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._keep, name="leases", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()
        with self._lock:
            held, self._held = set(self._held), {}
        try:
            self._give_back(held)
        except DatabaseUnavailableError:
            # They expire by themselves.
            return

    def take(self, device_id: int) -> bool:
        """Take or keep a device's lease; False when another collector holds it.

        Raises:
            DatabaseUnavailableError: nobody can tell.

        """
        with self._store.begin() as connection:
            is_ours = acquire(connection, device_id, self.holder, LEASE_SECONDS)
        if is_ours:
            with self._lock:
                self._held[device_id] = object()
        return is_ours

    def drop(self, device_id: int) -> None:
        """Give a device back; where the database is away the lease expires by itself."""
        with self._lock:
            self._held.pop(device_id, None)
        try:
            self._give_back({device_id})
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

    def renew_all(self) -> None:
        """Renew every lease; those that another collector took meanwhile are reported and no longer ours."""
        with self._lock:
            held = dict(self._held)
        if not held:
            return
        with self._store.begin() as connection:
            kept = renew(connection, self.holder, sorted(held), LEASE_SECONDS)
        with self._lock:
            lost = {id_ for id_, mark in held.items() if id_ not in kept and self._held.get(id_) is mark}
            for device_id in lost:
                del self._held[device_id]
        if lost:
            self._on_lost(lost)

    def _give_back(self, device_ids: set[int]) -> None:
        if not device_ids:
            return
        with self._store.begin() as connection:
            for device_id in device_ids:
                release(connection, device_id, self.holder)

    def _keep(self) -> None:
        log = structlog.get_logger()
        while not self._ended.wait(RENEW_SECONDS):
            try:
                self.renew_all()
            except DatabaseUnavailableError as error:
                log.warning("leases not renewed", error=str(error))
            except BaseException as error:
                self._on_bug(error)
                raise
