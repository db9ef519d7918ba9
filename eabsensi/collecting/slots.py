"""How many terminals are read side by side; those that do not even answer take nobody's place."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

#: A terminal that has not opened its session by then is probably dead, and stops counting until it does.
OPENING_SECONDS: Final = 0.25


class Slots:
    """Bounds the polls under way. Thread-safe."""

    def __init__(self, most: int) -> None:
        """Prepare.

        Args:
            most: polls side by side; those that wait for a terminal to answer at all come on top.

        """
        self._most = most
        self._door = threading.Lock()
        self._changed = threading.Condition()
        self._opening: dict[object, float] = {}
        self._open: set[object] = set()

    @contextmanager
    def taken(self) -> Iterator[Callable[[], None]]:
        """Wait for a slot and hold it; yields what is to be called once the terminal has opened its session."""
        slot = object()
        # One at a time looks for room, so that the others need not be woken for nothing.
        with self._door, self._changed:
            while (room_in := self._seconds_until_room()) > 0:
                self._changed.wait(room_in)
            self._opening[slot] = time.monotonic()
        try:
            yield lambda: self._opened(slot)
        finally:
            self._give_back(slot)

    def _opened(self, slot: object) -> None:
        with self._changed:
            self._opening.pop(slot, None)
            self._open.add(slot)

    def _give_back(self, slot: object) -> None:
        with self._changed:
            self._opening.pop(slot, None)
            self._open.discard(slot)
            self._changed.notify_all()

    def _seconds_until_room(self) -> float:
        """Give 0 where there is room, else how long to wait before looking again."""
        hopeful_from = time.monotonic() - OPENING_SECONDS
        hopeful = [since for since in self._opening.values() if since > hopeful_from]
        if len(self._open) + len(hopeful) < self._most:
            return 0
        return min(hopeful, default=hopeful_from + OPENING_SECONDS) - hopeful_from
