"""A conversation with a terminal that a person's command asks for, beside collectors: it needs the lease as they do.

A terminal is never spoken to by two programs at once. So whoever probes or audits one waits a while for the collector
that is reading it, then holds its lease as a collector does, and gives it back. An address where no
registered terminal is known has no lease; where a registered one turns out to answer there, its lease is asked for.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Final, Self

from eabsensi.clock import Clock
from eabsensi.collecting.leasing import Leases
from eabsensi.devices.errors import CancelledError
from eabsensi.devices.resolving import resolve
from eabsensi.devices.session import Endpoint
from eabsensi.devices.waiting import Deadline, StopSignal
from eabsensi.errors import EabsensiError
from eabsensi.store.database import Store
from eabsensi.store.devices import StoredDevice, find_device, list_devices
from eabsensi.store.leases import holder_of

#: How long a collector has to finish what it is doing; a poll takes a second or a few.
WAIT_SECONDS: Final = 20.0
_LOOK_SECONDS: Final = 0.5
#: What the name servers may take for the names in devices.yaml, all together.
_NAMES_SECONDS: Final = 3.0


class TerminalHeldError(EabsensiError):
    """Another collector holds the terminal."""


class Visit:
    """One command's conversations with terminals. Use as a context manager: leaving gives its leases back.

    Attributes:
        name: this process's, in its leases.
        stop: ends the wait, and conversations.

    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        *,
        name: str,
        stop: StopSignal,
        on_wait: Callable[[str], None] = lambda _: None,
        seconds: float = WAIT_SECONDS,
    ) -> None:
        """Prepare; nothing is held before :meth:`wait_for` or :meth:`wait_at`.

        Args:
            store: where leases are kept.
            clock: measures the patience.
            name: this process's, in its leases.
            stop: ends the wait, and conversations.
            on_wait: told once, in a sentence, who is waited for.
            seconds: how long to wait.

        """
        self.name = name
        self.stop = stop
        self._store = store
        self._clock = clock
        self._on_wait = on_wait
        self._seconds = seconds
        self._leases = Leases(store, name)
        self._device: StoredDevice | None = None

    def __enter__(self) -> Self:
        self._leases.__enter__()
        return self

    def __exit__(self, *told: object) -> None:
        self._leases.__exit__(*told)

    def deadline(self, seconds: float) -> Deadline:
        """Make a deadline for a conversation, which also ends with the lease where there is one."""
        return Deadline.after(seconds) if self._device is None else self._leases.deadlines(self._device.id)(seconds)

    def wait_for(self, device: StoredDevice) -> None:
        """Take the lease of a registered terminal, and wait for whoever has it.

        Raises:
            TerminalHeldError: it was not to be had in time.
            CancelledError: the command was told to stop.
            DatabaseUnavailableError: nobody can tell.

        """
        ends_at, told = self._clock.monotonic() + self._seconds, False
        while not self._leases.take(device.id):
            if self._clock.monotonic() >= ends_at:
                raise _held(device, self._holder(device))
            if not told:
                self._on_wait(f"{self._holder(device)} is at {device.serial}; waiting {self._seconds:.0f} s at most.")
                told = True
            if self.stop.wait(_LOOK_SECONDS):
                raise CancelledError
        self._device = device

    def wait_at(self, endpoint: Endpoint) -> None:
        """Take the lease of the terminal that is registered at an address, if any; see :meth:`wait_for`."""
        with self._store.begin() as connection:
            devices = list_devices(connection)
        at_port = [device for device in devices if device.port == endpoint.port]
        # One that was removed or disabled may stand here too; the one that collectors read goes before it.
        at_port.sort(key=lambda device: not device.enabled)
        if found := self._first_at(endpoint, at_port):
            self.wait_for(found)

    def recognise(self, serial: str) -> bool:
        """Make sure of the right to go on with the terminal that has told its serial; tells whether a lease changed.

        Raises:
            TerminalHeldError: it is registered elsewhere, and a collector is at it.

        """
        with self._store.begin() as connection:
            device = find_device(connection, serial) if serial else None
        if device is None or (self._device is not None and device.id == self._device.id):
            return False
        if not self._leases.take(device.id):  # no waiting: a session is open
            raise _held(device, self._holder(device))
        self._device = device
        return True

    def _first_at(self, endpoint: Endpoint, devices: list[StoredDevice]) -> StoredDevice | None:
        """Give the first that is registered at an address, by the same name or by another one for it."""
        if same := [device for device in devices if device.host == endpoint.host]:
            return same[0]
        ends_at = self._clock.monotonic() + _NAMES_SECONDS
        wanted = self._address(endpoint.host, ends_at)
        return next((d for d in devices if wanted and self._address(d.host, ends_at) == wanted), None)

    def _address(self, host: str, ends_at: float) -> str:
        """Give the address behind a name; "" where the name servers do not say."""
        try:
            left = max(0.0, ends_at - self._clock.monotonic())
            return str(resolve((host, 0), socket.SOCK_STREAM, left, self.stop).address[0])
        except OSError:
            return ""

    def _holder(self, device: StoredDevice) -> str:
        with self._store.begin() as connection:
            holder = holder_of(connection, device.id)
        return f"The collector {holder}" if holder else "Another collector"


def _held(device: StoredDevice, holder: str) -> TerminalHeldError:
    read_there = f"it read by that one: `eabsensi poll {device.serial} --full`"
    let_go = f"have it let go: `eabsensi device disable {device.serial}`, then `systemctl reload eabsensi-collector`"
    return TerminalHeldError(
        f"{holder} is at {device.serial}{' and keeps a session open for live events' if device.live else ''}; "
        "a terminal is never spoken to by two.",
        remedy=f"Have {read_there}; or {let_go}." if device.live else f"Try again in a moment, or have {read_there}.",
    )
