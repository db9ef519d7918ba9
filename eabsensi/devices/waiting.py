"""How long to wait, and how to be told to stop waiting."""

from __future__ import annotations

import os
import select
import socket
import time
from dataclasses import dataclass

from eabsensi.devices.errors import CancelledError


class StopSignal:
    """Wakes every thread that waits on a terminal, at once and for good."""

    def __init__(self) -> None:
        self._read_end, self._write_end = os.pipe()
        self._is_set = False

    def set(self) -> None:
        """Wake all that wait now or later; setting twice is harmless."""
        if not self._is_set:
            self._is_set = True
            os.write(self._write_end, b"x")

    @property
    def is_set(self) -> bool:
        """Whether it was set."""
        return self._is_set

    def wait(self, seconds: float) -> bool:
        """Wait until it is set, at most so long; tells whether it is."""
        waiting = select.poll()
        waiting.register(self._read_end, select.POLLIN)
        waiting.poll(max(0, round(seconds * 1000)))
        return self._is_set

    def fileno(self) -> int:
        """Give the descriptor that becomes readable."""
        return self._read_end

    def close(self) -> None:
        """Give the descriptors back, once nobody waits any more."""
        os.close(self._read_end)
        os.close(self._write_end)


class DeadlinePassedError(TimeoutError):
    """The time given to a whole poll is used up."""


@dataclass(frozen=True, slots=True)
class Deadline:
    """The monotonic instant by which a whole poll must have ended."""

    ends_at: float

    @classmethod
    def after(cls, seconds: float) -> Deadline:
        """Start the time now."""
        return cls(time.monotonic() + seconds)

    def limit(self, seconds: float) -> float:
        """Shorten a wait so that it does not outlast the deadline.

        Raises:
            DeadlinePassedError: nothing is left.

        """
        left = self.ends_at - time.monotonic()
        if left <= 0:
            raise DeadlinePassedError
        return min(seconds, left)

    def require_right(self) -> None:
        """Make sure that the terminal may still be spoken to; here it may, whatever the time: a goodbye is due.

        Raises:
            LeaseOverError: in a subclass, where somebody else may have the right by now.

        """


class Waiter:
    """Waits for one socket, and for the signal to stop."""

    def __init__(self, sock: socket.socket, stop: StopSignal | None, wanted: int = select.POLLIN) -> None:
        self._stop = stop
        self._poll = select.poll()
        self._sock_fd = sock.fileno()
        self._poll.register(self._sock_fd, wanted)
        if stop is not None:
            self._poll.register(stop.fileno(), select.POLLIN)

    def until_ready(self, seconds: float) -> bool:
        """Wait until the socket can be read (or, if so made, written); False when the time is up.

        Raises:
            CancelledError: the collector is stopping.

        """
        ready = self._poll.poll(max(0, round(seconds * 1000)))
        if self._stop is not None and self._stop.is_set:
            raise CancelledError
        return any(fd == self._sock_fd for fd, _ in ready)
