"""When each terminal is read: a fixed phase, a back-off after failures, quiet hours. Pure; time is an argument."""

from __future__ import annotations

import hashlib
import heapq
import math
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final

from eabsensi.devices.errors import Policy

#: Local times in which employees queue at the terminals; long reads wait until they are over.
PUNCH_PEAKS: Final = ((time(6, 30), time(8, 30)), (time(15, 30), time(17, 0)))
#: Polls side by side, at most; beyond this, a city's line is the limit, not the threads.
MOST_WORKERS: Final = 64
#: Whatever is due is started within so many seconds, as far as the workers go.
CATCH_UP_SECONDS: Final = 5.0
#: The longest log that may be read whole during a punch peak, in bytes: a few seconds of an old terminal.
PEAK_HEAVY_BYTES: Final = 256 * 1024
#: Local hours in which the weekly audits are spread.
NIGHT_HOURS: Final = (21, 22, 23, 0, 1, 2, 3, 4)
AUDIT_EVERY: Final = timedelta(days=7)
#: A failing terminal is tried again after at most this many seconds, one that waits for a person after the other.
LONGEST_BACK_OFF: Final = 1_800.0
STOPPED_SECONDS: Final = 6 * 3_600.0

#: Terminals in the order in which they became due: the first is taken out at no cost, and any other removed.
_Waiting = OrderedDict[str, None]


def share(serial: str) -> float:
    """Give a terminal its fixed place in [0, 1): the same on every start, evenly spread over a fleet."""
    return int.from_bytes(hashlib.blake2b(serial.encode(), digest_size=8).digest(), "big") / 2**64


def next_turn(serial: str, now: float, interval: float) -> float:
    """Give the next instant after ``now`` at which this terminal's fixed phase comes round, in monotonic seconds."""
    phase = share(serial) * interval
    turn = (math.floor((now - phase) / interval) + 1) * interval + phase
    return turn if turn > now else turn + interval


@dataclass(slots=True)
class Breaker:
    """How often a terminal has failed in a row, and what that means for its next turn.

    Attributes:
        failures: in a row.

    """

    failures: int = 0

    def succeeded(self) -> None:
        """Forget earlier failures."""
        self.failures = 0

    def failed(self, policy: Policy, interval: float) -> float:
        """Count a failure and give the seconds until the next try."""
        self.failures += 1
        if policy is Policy.STOP:
            return STOPPED_SECONDS
        if policy is Policy.RETRY:
            return interval
        return min(interval * 2.0 ** min(self.failures - 1, 16), max(interval, LONGEST_BACK_OFF))


class DueHeap:
    """Which terminal is due next, on the monotonic clock; moving one forward or removing it is cheap.

    Quick and slow terminals wait in one heap and are taken out apart.
    """

    def __init__(self) -> None:
        self._heap: list[tuple[float, str]] = []
        self._due_at: dict[str, float] = {}
        self._slow: set[str] = set()
        self._ready: tuple[_Waiting, _Waiting] = (OrderedDict(), OrderedDict())

    def __len__(self) -> int:
        return len(self._due_at)

    def __contains__(self, serial: str) -> bool:
        return serial in self._due_at

    def put(self, serial: str, due_at: float, *, slow: bool = False) -> None:
        """Set when a terminal is due, and whether among the slow ones, whatever was set before."""
        self.remove([serial])
        self._due_at[serial] = due_at
        if slow:
            self._slow.add(serial)
        heapq.heappush(self._heap, (due_at, serial))

    def hasten(self, serial: str, due_at: float) -> None:
        """Make a terminal due earlier, never later; one that is not waiting stays as it is."""
        if serial in self._due_at and due_at < self._due_at[serial]:
            self.put(serial, due_at, slow=serial in self._slow)

    def remove(self, serials: Iterable[str]) -> None:
        """Forget terminals."""
        for serial in serials:
            self._due_at.pop(serial, None)
            self._slow.discard(serial)
            for waiting in self._ready:
                waiting.pop(serial, None)

    def due(self, now: float, *, slow: bool = False) -> int:
        """Count the quick (or the slow) terminals that are due."""
        self._advance(now)
        return len(self._ready[slow])

    def pop_due(self, now: float, *, slow: bool = False) -> str | None:
        """Take out the quick (or the slow) terminal that has been due longest; None when none is due."""
        self._advance(now)
        serial = next(iter(self._ready[slow]), None)
        if serial is not None:
            self.remove([serial])
        return serial

    def _advance(self, now: float) -> None:
        while self._heap and self._heap[0][0] <= now:
            due_at, serial = heapq.heappop(self._heap)
            if self._due_at.get(serial) == due_at:
                self._ready[serial in self._slow][serial] = None


def workers_needed(fleet: int, mean_seconds: float, interval: float, *, due: int = 0, most: int) -> int:
    """Give how many polls must run side by side.

    Enough to fit a fleet into its interval, with half as much in reserve; and enough to start whatever is due by now
    within :data:`CATCH_UP_SECONDS`, so that many workers come after an outage, and go again.

    Args:
        fleet: terminals.
        mean_seconds: that a poll takes of a worker.
        interval: seconds between two polls of a terminal.
        due: terminals that are due and wait for a worker.
        most: workers.

    """
    steady = 1.5 * fleet * mean_seconds / interval
    return max(2, min(most, math.ceil(max(steady, due * mean_seconds / CATCH_UP_SECONDS))))


def heavy_bytes_at(local: datetime) -> int | None:
    """Give the longest log that may be read whole at this local time; None for any."""
    in_peak = any(start <= local.time() < end for start, end in PUNCH_PEAKS)
    return PEAK_HEAVY_BYTES if in_peak else None


def audit_is_due(serial: str, local: datetime, last_full_at: datetime | None, now: datetime) -> bool:
    """Tell whether a terminal's weekly full read should happen at this local time of the night."""
    its_hour = NIGHT_HOURS[int(share(serial) * len(NIGHT_HOURS))]
    # One that lies ahead was noted by a clock that was wrong.
    overdue = last_full_at is None or last_full_at > now or now - last_full_at >= AUDIT_EVERY
    return overdue and local.hour == its_hour
