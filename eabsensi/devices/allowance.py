"""How much terminals may send: each of them, and all that are being read at the same time.

What a terminal sends lies in memory until its poll is stored. A terminal that lies must not make the collector fall,
nor may several together; so bytes are counted as they arrive, since a size that is only claimed costs nothing.

Decoded and on their way into the database, records take many times their length, whoever sent them. So long logs that
have arrived wait for each other: what has crossed a slow line is not thrown away for want of memory.
"""

from __future__ import annotations

import threading
import time
from types import TracebackType
from typing import Final, Self

from eabsensi.devices.errors import CancelledError, DeviceError, Policy, ProtocolError
from eabsensi.devices.waiting import StopSignal

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
#: What each poll may decode without asking, at some 1.3 kB a record until it is stored.
FREE_RECORDS: Final = 1_000
#: And what all polls may decode at the same time beyond that, half a gigabyte; a longer log waits to be the only one.
SHARED_RECORDS: Final = 400_000
#: Seconds after which one that waits for that gives up. 64 logs of 100,000 records were stored in 70.
ROOM_SECONDS: Final = 600.0
_LOOK_SECONDS: Final = 1.0


class TooMuchError(ProtocolError):
    """The terminal sends more than it can hold."""

    kind = "too_much"


class CrowdedError(DeviceError):
    """Too much is being read from other terminals at this moment."""

    kind = "crowded"
    policy = Policy.RETRY


class Budget:
    """What all polls of this process may hold at the same time: bytes that came, and records decoded. Thread-safe."""

    def __init__(self, total: int = SHARED_BYTES, *, records: int = SHARED_RECORDS) -> None:
        """Begin with all of it.

        Args:
            total: bytes as they come.
            records: decoded ones.

        """
        self._left = total
        self._lock = threading.Lock()
        self._most_records = records
        self._decoded = 0
        self._door = threading.Lock()
        self._changed = threading.Condition()

    @property
    def left(self) -> int:
        """Bytes that nobody holds."""
        return self._left

    @property
    def decoded(self) -> int:
        """Records that are decoded and not stored yet, of all polls that had to ask."""
        return self._decoded

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

    def await_room(self, records: int, stop: StopSignal | None) -> None:
        """Wait until so many records may be decoded beside those of others, in the order of asking, and count them.

        Raises:
            CrowdedError: others take too long.
            CancelledError: the collector is stopping.

        """
        ends_at = time.monotonic() + ROOM_SECONDS
        if not self._door.acquire(timeout=ROOM_SECONDS):
            raise _crowded_out()
        try:
            with self._changed:
                while self._decoded and self._decoded + records > self._most_records:
                    if stop is not None and stop.is_set:
                        raise CancelledError
                    if time.monotonic() > ends_at:
                        raise _crowded_out()
                    self._changed.wait(_LOOK_SECONDS)
                self._decoded += records
        finally:
            self._door.release()

    def count_decoded(self, records: int) -> None:
        """Count more, or fewer, records as decoded, without waiting."""
        with self._changed:
            self._decoded += records
            self._changed.notify_all()


def _crowded_out() -> CrowdedError:
    return CrowdedError(
        "Long logs of other terminals are being stored, and this one's has waited for too long.",
        remedy="It is read at its next turn.",
    )


class Allowance:
    """What one poll has received, and may still. Used by one thread; as a context manager it gives all back."""

    __slots__ = ("_budget", "_decoded", "_held", "_most", "_received")

    def __init__(self, budget: Budget, most: int) -> None:
        """Begin with nothing received."""
        self._budget = budget
        self._most = most
        self._received = 0
        self._held = 0
        self._decoded = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._budget.give_back(self._held)
        self._budget.count_decoded(-self._decoded)
        self._held = self._decoded = 0

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

    def decode(self, records: int, stop: StopSignal | None = None) -> None:
        """Count records that are about to be decoded; many wait until those of other polls are stored.

        Raises:
            TooMuchError: no terminal holds so many.
            CrowdedError: it had to wait for too long.
            CancelledError: the collector is stopping.

        """
        if records > MOST_RECORDS:
            raise TooMuchError(f"The terminal has sent {records} records, and no log is so long.")
        if records <= FREE_RECORDS:
            return
        if self._decoded:  # it would wait for itself
            self._budget.count_decoded(records)
        else:
            self._budget.await_room(records, stop)
        self._decoded += records


def most_bytes(capacity: int | None) -> int:
    """Give how much a terminal of this capacity may send in one poll; what a terminal claims has its bound too."""
    records = min(capacity, MOST_RECORDS) if capacity else MOST_RECORDS
    return records * LONGEST_RECORD_BYTES * _READINGS + _BESIDES_BYTES
