"""Blows to collectors and database. One that finds nobody alive waits, so that as many strike as were planned."""

from __future__ import annotations

import time
from collections import Counter, deque
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

from scripts.soaking.collectors import Collectors
from scripts.soaking.database import ENDINGS, WeekDatabase, patiently

_PATIENCE_SECONDS: Final = 180.0
_LOOK_SECONDS: Final = 0.05
#: Blows that kill, and of which a number is asked for: of a collector, of a client's backend, of the whole server.
KILLS: Final = ("collector killed", "backend killed", "server killed", "server ended at once")
#: How the server is ended by a blow.
_ENDINGS: Final = {"server killed": "kill -9", "server ended at once": "immediate", "server restarted": "fast"}
#: Every kind there is.
KINDS: Final = (
    *KILLS,
    *("server restarted", "connections cut", "disk full"),
    *("collector frozen", "collector stopped", "collector reloaded"),
)


@dataclass(frozen=True, slots=True)
class BlowAt:
    """A blow to a collector or the database.

    Attributes:
        at: seconds after the week's begin.
        how: one of :data:`KINDS`.
        seconds: how long it lasts, where it does.

    """

    at: float
    how: str
    seconds: float = 0.0


class Blows:
    """Strikes as planned, and keeps count.

    Attributes:
        planned, struck: how many of each kind. A blow counts when a living process or a running database got it.
        waited: how many found nobody to strike at first.
        skipped: kinds that this machine cannot play, and why.

    """

    def __init__(self, database: WeekDatabase, thread: ThreadPoolExecutor) -> None:
        """Prepare.

        Args:
            database: to be struck.
            thread: the one thread that the database belongs to.

        """
        self.planned: Counter[str] = Counter()
        self.struck: Counter[str] = Counter()
        self.waited = 0
        self.skipped = {} if database.has_small_disk else {"disk full": "needs root and a mount"}
        self._database = database
        self._thread = thread
        self._owed: deque[BlowAt] = deque()
        self._under_way: list[Future[None]] = []

    @property
    def missed(self) -> list[str]:
        """What was planned and did not strike as often."""
        return [
            f"{how}: {count} planned, {self.struck[how]} struck"
            for how, count in self.planned.items()
            if how not in self.skipped and self.struck[how] < count
        ]

    def strike(self, blow: BlowAt, collectors: Collectors) -> None:
        """Strike now, or as soon as there is somebody."""
        self.planned[blow.how] += 1
        if blow.how in self.skipped:
            return
        if not blow.how.startswith("collector"):
            self._under_way.append(self._thread.submit(self._strike_database, blow))
        elif self._owed or not self._strike_collector(blow, collectors):
            self.waited += 1
            self._owed.append(blow)

    def catch_up(self, collectors: Collectors) -> bool:
        """Strike those that found nobody, in their order; tell whether one struck."""
        owed = len(self._owed)
        while self._owed and self._strike_collector(self._owed[0], collectors):
            self._owed.popleft()
        return len(self._owed) < owed

    def finish(self, collectors: Collectors) -> None:
        """Strike all that is owed, and wait until the database has recovered."""
        gives_up_at = time.monotonic() + _PATIENCE_SECONDS
        while self._owed or not all(blow.done() for blow in self._under_way):
            if time.monotonic() > gives_up_at:
                raise RuntimeError(f"nobody to be struck: {self._owed}")
            collectors.look_after()
            if self.catch_up(collectors):
                gives_up_at = time.monotonic() + _PATIENCE_SECONDS
            time.sleep(_LOOK_SECONDS)
        for blow in self._under_way:
            blow.result()
        self._under_way.clear()

    def _strike_collector(self, blow: BlowAt, collectors: Collectors) -> bool:
        match blow.how:
            case "collector killed":
                has_struck = collectors.kill()
            case "collector frozen":
                has_struck = collectors.freeze(blow.seconds)
            case "collector stopped":
                has_struck = collectors.stop()
            case _:
                has_struck = collectors.reload()
        self.struck[blow.how] += has_struck
        return has_struck

    def _strike_database(self, blow: BlowAt) -> None:
        match blow.how:
            case "connections cut":
                patiently(self._database.cut_connections, blow.how)
            case "backend killed":
                patiently(self._database.kill_backend, blow.how)
            case "disk full":
                patiently(lambda: self._database.fill_disk(blow.seconds), blow.how)
            case _:
                assert _ENDINGS[blow.how] in ENDINGS
                self._database.restart(_ENDINGS[blow.how], blow.seconds)
        self.struck[blow.how] += 1
