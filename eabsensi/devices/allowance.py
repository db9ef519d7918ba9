"""How much terminals may send: each of them, and all that are being read at the same time.

What a terminal sends lies in memory until its poll is stored, decoded at several times its length. A terminal that
lies must not make the collector fall, nor may several together; so bytes are counted as they arrive, since a size that
is only claimed costs nothing.
"""

from __future__ import annotations

import threading
from types import TracebackType
from typing import Final, Self

from eabsensi.devices.errors import DeviceError, Policy, ProtocolError

#: The largest terminals hold so many records, and a record is at most this long.
MOST_RECORDS: Final = 1_000_000
LONGEST_RECORD_BYTES: Final = 49
#: A log may be read again where its transfer broke or its end moved; events and user tables come on top.
_READINGS: Final = 6
_BESIDES_BYTES: Final = 4 << 20
#: What each poll may receive without asking: every tail, and whole logs of some 25,000 records.
FREE_BYTES: Final = 1 << 20
#: And what all polls may hold beyond that: 64 logs of 100,000 records at once.
SHARED_BYTES: Final = 256 << 20


class TooMuchError(ProtocolError):
    """The terminal sends more than it can hold."""

    kind = "too_much"


class CrowdedError(DeviceError):
    """Too much is being read from other terminals at this moment."""

    kind = "crowded"
    policy = Policy.RETRY


class Budget:
    """The bytes that all polls of this process may hold at the same time. Thread-safe."""

    def __init__(self, total: int = SHARED_BYTES) -> None:
        """Begin with all of it."""
        self._left = total
        self._lock = threading.Lock()

    @property
    def left(self) -> int:
        """Bytes that nobody holds."""
        return self._left

    def allowance(self, capacity: int | None) -> Allowance:
        """Give one poll's part; its terminal holds at most ``capacity`` records, None where that is not known."""
        return Allowance(self, most_bytes(capacity))

    def take(self, count: int) -> None:
        """Take bytes.

        Raises:
            CrowdedError: others hold too many; nothing was taken.

        """
        with self._lock:
            if count > self._left:
                raise CrowdedError(remedy="It is read at its next turn.")
            self._left -= count

    def give_back(self, count: int) -> None:
        """Give bytes back."""
        with self._lock:
            self._left += count


class Allowance:
    """What one poll has received, and may still. Used by one thread; as a context manager it gives all back."""

    __slots__ = ("_budget", "_held", "_most", "_received")

    def __init__(self, budget: Budget, most: int) -> None:
        """Begin with nothing received."""
        self._budget = budget
        self._most = most
        self._received = 0
        self._held = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._budget.give_back(self._held)
        self._held = 0

    def widen(self, capacity: int | None) -> None:
        """Reckon with the capacity that the terminal has just told, where it is larger."""
        self._most = max(self._most, most_bytes(capacity))

    def take(self, count: int) -> None:
        """Count bytes that have arrived.

        Raises:
            TooMuchError: this terminal cannot hold so much.
            CrowdedError: all polls together hold too much.

        """
        self._received += count
        if self._received > self._most:
            raise TooMuchError(f"The terminal has sent {self._received} bytes, and its log cannot be so long.")
        beyond = self._received - FREE_BYTES - self._held
        if beyond > 0:
            self._budget.take(beyond)
            self._held += beyond


def most_bytes(capacity: int | None) -> int:
    """Give how much a terminal of this capacity may send in one poll; what a terminal claims has its bound too."""
    records = min(capacity, MOST_RECORDS) if capacity else MOST_RECORDS
    return records * LONGEST_RECORD_BYTES * _READINGS + _BESIDES_BYTES
