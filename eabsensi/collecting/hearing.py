"""What live terminals say, kept away from the loop that listens: many events share one transaction."""

from __future__ import annotations

import queue
import threading
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

import structlog

from eabsensi.clock import Clock
from eabsensi.devices.attlog import Punch
from eabsensi.store.database import DatabaseUnavailableError, Store
from eabsensi.store.devices import StoredDevice
from eabsensi.store.dirty import mark_touched
from eabsensi.store.live import save_events

#: Events that wait at most; those beyond are left to the log, where all of them stand anyway.
MOST_WAITING: Final = 10_000
#: Kept in one transaction at most, so that a flood from one terminal does not hold up the others for long.
_AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True)
class _Heard:
    device: StoredDevice
    punches: list[Punch]
    at: datetime


class Hearing:
    """Keeps live events, provisionally, in a thread of its own. :meth:`hear` may be called from any thread."""

    def __init__(
        self, store: Store, clock: Clock, *, on_kept: Callable[[], None], most_waiting: int = MOST_WAITING
    ) -> None:
        """Prepare; :meth:`run` does the work.

        Args:
            store: where events are kept.
            clock: tells when they were heard.
            on_kept: called after days were marked for judging.
            most_waiting: how many may wait for the database.

        """
        self._store = store
        self._clock = clock
        self._on_kept = on_kept
        self._waiting: queue.SimpleQueue[_Heard | None] = queue.SimpleQueue()
        self._room = most_waiting
        self._lock = threading.Lock()
        self._overflowing = False
        self._log = structlog.get_logger()

    def hear(self, device: StoredDevice, punches: list[Punch]) -> None:
        """Take what a terminal said; never waits, not even for the database."""
        with self._lock:
            fits, was_overflowing = len(punches) <= self._room, self._overflowing
            self._overflowing = not fits
            if fits:
                self._room -= len(punches)
        if fits:
            self._waiting.put(_Heard(device, punches, self._clock.now()))
        elif not was_overflowing:
            # The log still holds them: nothing is lost but the moment.
            self._log.warning("live events not kept", serial=device.serial, reason="too many wait")

    def end(self) -> None:
        """Let :meth:`run` return once everything heard so far is kept; call it when nothing more is heard."""
        self._waiting.put(None)

    def run(self) -> None:
        """Keep what is heard, as much at once as has come meanwhile, until :meth:`end`."""
        ending = False
        while not ending:
            heard = [self._waiting.get()]
            while len(heard) < _AT_ONCE and not self._waiting.empty():
                heard.append(self._waiting.get_nowait())
            ending, said = None in heard, [one for one in heard if one is not None]
            self._keep(said)
            with self._lock:
                self._room += sum(len(one.punches) for one in said)

    def _keep(self, heard: list[_Heard]) -> None:
        if not heard:
            return
        try:
            with self._store.begin() as connection:
                for one in heard:
                    save_events(connection, one.device.id, one.device.timezone, one.punches, one.at)
                for device_id, touched in _touched(heard).items():
                    mark_touched(connection, device_id, touched, "live event")
        except DatabaseUnavailableError as error:
            count = sum(len(one.punches) for one in heard)
            self._log.warning("live events not kept", count=count, error=str(error))
        else:
            self._on_kept()


def _touched(heard: list[_Heard]) -> dict[int, set[tuple[str, date]]]:
    touched: dict[int, set[tuple[str, date]]] = defaultdict(set)
    for one in heard:
        touched[one.device.id] |= {(punch.pin, punch.device_time.date()) for punch in one.punches}
    return touched
