"""How many terminals are read side by side; those that take their time take nobody's place.

One that does not even answer counts for a moment only. One whose poll lasts longer than half a minute is slow: an old
one with a long log, or one that lies. Slow ones have slots of their own, and wait for each other, never the others for
them.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from eabsensi.devices.allowance import CrowdedError
from eabsensi.devices.waiting import Deadline

#: A terminal that has not opened its session by then is probably dead, and stops counting until it does.
OPENING_SECONDS: Final = 0.25
#: A terminal whose poll has lasted so long is slow.
SLOW_SECONDS: Final = 30.0
#: Slow ones that are read at a time, beside the others. More would share a city's line until none is done in its time.
MOST_SLOW: Final = 32
#: A slow poll that is let go on, since nobody waits, looks so often whether somebody does.
_LOOK_SECONDS: Final = 1.0


class Slots:
    """Bounds the polls under way in a sweep, each of which waits for its slot. Thread-safe."""

    def __init__(self, most: int, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        """Prepare.

        Args:
            most: polls side by side; those that wait for a terminal to answer at all, and slow ones, come on top.
            monotonic: tells the time, in seconds.

        """
        self._most = most
        self._monotonic = monotonic
        self._door = threading.Lock()
        self._changed = threading.Condition()
        self._opening: dict[object, float] = {}
        self._open: dict[object, float] = {}

    @contextmanager
    def taken(self) -> Iterator[Callable[[], None]]:
        """Wait for a slot and hold it; yields what is to be called once the terminal has opened its session."""
        slot = object()
        # One at a time looks for room, so that the others need not be woken for nothing.
        with self._door, self._changed:
            while (room_in := self._seconds_until_room()) > 0:
                self._changed.wait(room_in)
            self._opening[slot] = self._monotonic()
        try:
            yield lambda: self._opened(slot)
        finally:
            self._give_back(slot)

    def _opened(self, slot: object) -> None:
        with self._changed:
            self._opening.pop(slot, None)
            self._open[slot] = self._monotonic()

    def _give_back(self, slot: object) -> None:
        with self._changed:
            self._opening.pop(slot, None)
            self._open.pop(slot, None)
            self._changed.notify_all()

    def _seconds_until_room(self) -> float:
        """Give 0 where there is room, else how long to wait before looking again."""
        now = self._monotonic()
        hopeful_from = now - OPENING_SECONDS
        hopeful = [since for since in self._opening.values() if since > hopeful_from]
        slow = sum(since <= now - SLOW_SECONDS for since in self._open.values())
        if len(self._open) - min(slow, MOST_SLOW) + len(hopeful) < self._most:
            return 0
        return min(hopeful, default=now) - hopeful_from


class PollSlots:
    """Counts a collector's polls under way, quick ones and slow ones apart. Thread-safe."""

    def __init__(self, others_wait: Callable[[], bool], monotonic: Callable[[], float]) -> None:
        """Begin with none.

        Args:
            others_wait: tells whether a quick terminal waits for a slot.
            monotonic: tells the time, in seconds.

        """
        self._others_wait = others_wait
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._taken = {False: 0, True: 0}

    @property
    def quick(self) -> int:
        """Polls that hold a quick slot."""
        return self._taken[False]

    @property
    def slow(self) -> int:
        """Polls that hold a slow slot."""
        return self._taken[True]

    def take(self, *, slow: bool) -> PollSlot:
        """Take a quick or a slow slot for a poll that begins now; whoever asks has made sure that there is one."""
        with self._lock:
            self._taken[slow] += 1
        return PollSlot(self, slow=slow)

    def give_back(self, slot: PollSlot) -> None:
        """Give a slot back."""
        with self._lock:
            self._taken[slot.in_slow] -= 1

    def now(self) -> float:
        """Tell the time that slots go by."""
        return self._monotonic()

    def move_over(self, slot: PollSlot) -> None:
        """Put a poll that has turned slow into a slow slot, if there is one; else leave it while nobody waits.

        Raises:
            CrowdedError: there is none, and somebody waits.

        """
        with self._lock:
            if self._taken[True] < MOST_SLOW:
                self._taken[False] -= 1
                self._taken[True] += 1
                slot.in_slow = True
                return
        if self._others_wait():
            raise CrowdedError(
                f"The terminal is slow, and so are {MOST_SLOW} others that are being read.",
                remedy="It is read when one of these is done.",
            )


class PollSlot:
    """What one poll holds; used by the poll's thread.

    Attributes:
        in_slow: whether it is a slow one.
        turned_slow: whether the poll has lasted so long that its terminal is slow.

    """

    __slots__ = ("_since", "_slots", "in_slow", "turned_slow")

    def __init__(self, slots: PollSlots, *, slow: bool) -> None:
        self._slots = slots
        self._since = slots.now()
        self.in_slow = slow
        self.turned_slow = False

    def deadlines(self, make: Callable[[float], Deadline]) -> Callable[[float], Deadline]:
        """Give what makes deadlines, from seconds, which also see to it that a slow poll leaves its quick slot."""
        return lambda seconds: _SlotDeadline.within(make(seconds), self)

    def seconds_left(self) -> float:
        """Give for how long the poll may wait before it asks again.

        Raises:
            CrowdedError: it has to give way to others.

        """
        left = self._since + SLOW_SECONDS - self._slots.now()
        if left > 0:
            return left
        self.turned_slow = True
        if not self.in_slow:
            self._slots.move_over(self)
        return math.inf if self.in_slow else _LOOK_SECONDS


@dataclass(frozen=True, slots=True)
class _SlotDeadline(Deadline):
    """A deadline of a poll that also has to keep to its slot."""

    inner: Deadline
    slot: PollSlot

    @classmethod
    def within(cls, inner: Deadline, slot: PollSlot) -> _SlotDeadline:
        return cls(inner.ends_at, inner, slot)

    def limit(self, seconds: float) -> float:
        return min(self.inner.limit(seconds), self.slot.seconds_left())

    def require_right(self) -> None:
        self.inner.require_right()
