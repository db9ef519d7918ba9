"""The week's collectors: real processes, looked after as systemd would, and blows to them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from scripts.soaking.city import chance

ROOT: Final = Path(__file__).parents[2]
_STOP_SECONDS: Final = 60.0


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast the collectors live: everything in seconds, everything shorter than in an office.

    Attributes:
        interval: between two polls of a terminal.
        granted, trusted, renew_every: of a lease.

    """

    interval: float = 4.0
    granted: float = 8.0
    trusted: float = 6.0
    renew_every: float = 1.5

    def task(self) -> str:
        """Give it as the collector's process reads it."""
        terms = {"granted": self.granted, "trusted": self.trusted, "renew_every": self.renew_every}
        patience = {"reach": 2, "connect": 3, "command": 3, "prepare": 5, "packet": 2, "goodbye": 0.5}
        return json.dumps({"interval": self.interval, "terms": terms, "patience": patience, "parent": os.getpid()})


@dataclass(slots=True)
class _Place:
    """Where one collector runs, one process after the other."""

    name: str
    log: Path
    process: subprocess.Popen[bytes] | None = None
    starts_at: float = 0.0
    wakes_at: float | None = None


@dataclass(slots=True)
class Blow:
    """One blow to a collector: when, on whose process, how."""

    at: float
    pid: int
    how: str


@dataclass(slots=True)
class Tally:
    """What became of the collectors."""

    done: Counter[str] = field(default_factory=Counter)
    blows: list[Blow] = field(default_factory=list)


class Collectors:
    """Some collectors on one database. Call :meth:`look_after` often."""

    def __init__(self, folder: Path, environment: dict[str, str], pace: Pace, count: int, seed: int) -> None:
        self.tally = Tally()
        self._pace = pace
        self._environment = {**os.environ, **environment}
        self._places = [_Place(chr(ord("A") + at), folder / f"collector-{at}.log") for at in range(count)]
        self._random = chance("collectors", seed)

    @property
    def logs(self) -> list[Path]:
        """What they said."""
        return [place.log for place in self._places if place.log.exists()]

    @property
    def pids(self) -> list[int]:
        """The processes that run now."""
        return [place.process.pid for place in self._places if _runs(place) and place.process]

    def look_after(self) -> None:
        """Start those that have ended, after a moment, and wake those that are frozen for long enough."""
        now = time.monotonic()
        for place in self._places:
            if place.wakes_at is not None and now >= place.wakes_at:
                self._send(place, signal.SIGCONT)
                place.wakes_at = None
            if not _runs(place):
                self._restart(place, now)

    def kill(self) -> bool:
        """Kill one of those that run; False where none does."""
        return self._strike("killed", signal.SIGKILL)

    def stop(self) -> bool:
        """Ask one to end, as an upgrade does."""
        return self._strike("stopped", signal.SIGTERM)

    def reload(self) -> bool:
        """Have one read devices.yaml again."""
        return self._strike("reloaded", signal.SIGHUP)

    def freeze(self, seconds: float) -> bool:
        """Stop one in its tracks for longer than its leases last, as a virtual machine that is moved."""
        place = self._any()
        if place is None or not self._strike("frozen", signal.SIGSTOP, place):
            return False
        place.wakes_at = time.monotonic() + seconds
        return True

    def stop_all(self) -> None:
        """End all of them in order; one that does not end is killed, and counted."""
        for place in self._places:
            self._send(place, signal.SIGCONT)
            self._send(place, signal.SIGTERM)
        for place in self._places:
            if place.process is not None:
                try:
                    place.process.wait(_STOP_SECONDS)
                except subprocess.TimeoutExpired:
                    self.tally.done["did not stop"] += 1
                    place.process.kill()
                    place.process.wait()

    def crashes(self) -> int:
        """Count the bugs that they told."""
        return sum(log.read_text(encoding="utf-8", errors="replace").count("Traceback (most") for log in self.logs)

    def _any(self) -> _Place | None:
        running = [place for place in self._places if _runs(place) and place.wakes_at is None]
        return self._random.choice(running) if running else None

    def _strike(self, how: str, number: int, place: _Place | None = None) -> bool:
        place = place or self._any()
        if place is None or place.process is None:
            return False
        self.tally.done[how] += 1
        self.tally.blows.append(Blow(time.time(), place.process.pid, how))
        self._send(place, number)
        return True

    def _send(self, place: _Place, number: int) -> None:
        if place.process is not None and place.process.poll() is None:
            place.process.send_signal(number)

    def _restart(self, place: _Place, now: float) -> None:
        if place.process is not None:
            place.process = None
            place.wakes_at = None
            place.starts_at = now + self._random.uniform(0.2, 1.5)
        if now >= place.starts_at:
            self.tally.done["started"] += 1
            with place.log.open("ab") as log:
                place.process = subprocess.Popen(  # noqa: S603  our own module under this interpreter
                    [sys.executable, "-m", "scripts.soaking.collector_process", self._pace.task()],
                    cwd=ROOT,
                    env=self._environment,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                )


def _runs(place: _Place) -> bool:
    return place.process is not None and place.process.poll() is None
