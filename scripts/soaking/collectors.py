"""The week's collectors: ``eabsensi run`` itself, looked after as systemd would, and blows to it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from scripts.soaking.city import chance

_STOP_SECONDS: Final = 60.0
_LOOK_SECONDS: Final = 0.05
_AT_WORK_SECONDS: Final = 2.0
#: What a collector says as soon as it works; before that systemd too would not reload it.
_WORKS: Final = '"event": "collecting"'
_DATABASE_AWAY: Final = "cannot be used now"


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast the collectors live: everything in seconds, everything shorter than in an office.

    Attributes:
        interval: between two polls of a terminal.
        granted: that a lease lasts.
        silence: that a terminal may be silent.

    """

    interval: float = 4.0
    granted: float = 8.0
    silence: float = 3.0

    def environment(self) -> dict[str, str]:
        """Give the settings that an operator would write for it."""
        return {
            "EABSENSI_POLL_SECONDS": f"{self.interval:g}",
            "EABSENSI_LEASE_SECONDS": f"{self.granted:g}",
            "EABSENSI_SILENCE_SECONDS": f"{self.silence:g}",
        }


def command() -> list[str]:
    """Give the service's command, of this installation; where util-linux can ask the kernel, it ends with the soak."""
    setpriv = shutil.which("setpriv")
    bound = [setpriv, "--pdeathsig", "KILL", "--"] if setpriv else []
    return [*bound, str(Path(sys.executable).with_name("eabsensi")), "run"]


@dataclass(slots=True)
class _Place:
    """Where one collector runs, one process after the other."""

    name: str
    log: Path
    process: subprocess.Popen[bytes] | None = None
    starts_at: float = 0.0
    wakes_at: float | None = None
    log_from: int = 0
    told_to_end: bool = False
    works_since: float | None = None

    @property
    def runs(self) -> bool:
        """Whether there is a living process."""
        return self.process is not None and self.process.poll() is None

    def said(self) -> str:
        """Give what its present process has logged."""
        if not self.log.exists():
            return ""
        with self.log.open("rb") as log:
            log.seek(self.log_from)
            return log.read().decode(errors="replace")

    def has_begun(self) -> bool:
        """Whether its present process collects, or did before it ended."""
        if self.works_since is None and _WORKS in self.said():
            self.works_since = time.monotonic()
        return self.works_since is not None

    def is_at_work(self) -> bool:
        """Whether it has collected for long enough that a blow finds it in the middle of something."""
        return self.runs and self.has_begun() and time.monotonic() - (self.works_since or 0) >= _AT_WORK_SECONDS


@dataclass(slots=True)
class Blow:
    """One blow to a collector: when, on whose process, how."""

    at: float
    pid: int
    how: str


@dataclass(slots=True)
class Tally:
    """What became of the collectors.

    Attributes:
        done: how often each thing happened.
        blows: that struck.
        unforeseen: last words of those that ended by themselves, save where the database was away at their start.

    """

    done: Counter[str] = field(default_factory=Counter)
    blows: list[Blow] = field(default_factory=list)
    unforeseen: list[str] = field(default_factory=list)


class Collectors:
    """Some collectors on one database. Call :meth:`look_after` often, always from the same thread: they die with it."""

    def __init__(self, folder: Path, environment: dict[str, str], pace: Pace, count: int, seed: int) -> None:
        self.tally = Tally()
        self._environment = {**os.environ, **environment, **pace.environment()}
        self._folder = folder
        self._places = [_Place(chr(ord("A") + at), folder / f"collector-{at}.log") for at in range(count)]
        self._random = chance("collectors", seed)

    @property
    def logs(self) -> list[Path]:
        """What they said."""
        return [place.log for place in self._places if place.log.exists()]

    @property
    def pids(self) -> list[int]:
        """The processes that run now."""
        return [place.process.pid for place in self._places if place.runs and place.process]

    def look_after(self) -> None:
        """Start those that have ended, after a moment, and wake those that are frozen for long enough."""
        now = time.monotonic()
        for place in self._places:
            if place.wakes_at is not None and now >= place.wakes_at:
                self._send(place, signal.SIGCONT)
                place.wakes_at = None
            if not place.runs:
                self._restart(place, now)
            place.has_begun()

    def start(self) -> None:
        """Start all of them, and wait until they collect, so that a week is as long on a busy machine.

        Raises:
            RuntimeError: one does not begin.

        """
        gives_up_at = time.monotonic() + _STOP_SECONDS
        while not all(place.runs and place.has_begun() for place in self._places):
            if time.monotonic() > gives_up_at:
                raise RuntimeError(f"a collector does not begin; its log is in {self._folder}")
            self.look_after()
            time.sleep(_LOOK_SECONDS)

    def kill(self) -> bool:
        """Kill one of those that collect; False where none does, or where it ended by itself a moment before."""
        place = self._any_at_work()
        if place is None or place.process is None:
            return False
        at, place.told_to_end = time.time(), True
        place.process.kill()
        if place.process.wait() != -signal.SIGKILL:
            place.told_to_end = False
            return False
        self._note("killed", place.process.pid, at)
        return True

    def stop(self) -> bool:
        """Ask one to end, as an upgrade does."""
        place = self._any_at_work()
        if place is not None:
            place.told_to_end = True
        return self._strike("stopped", signal.SIGTERM, place)

    def reload(self) -> bool:
        """Have one read devices.yaml again."""
        return self._strike("reloaded", signal.SIGHUP, self._any_at_work())

    def freeze(self, seconds: float) -> bool:
        """Stop one in its tracks for longer than its leases last, as a virtual machine that is moved."""
        place = self._any_at_work()
        if place is None or not self._strike("frozen", signal.SIGSTOP, place):
            return False
        place.wakes_at = time.monotonic() + seconds
        return True

    def stop_all(self) -> None:
        """End all of them in order; one that does not end is killed, and counted."""
        for place in self._places:
            if place.runs:
                place.told_to_end = True
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
                self._bury(place)

    def crashes(self) -> int:
        """Count the bugs that they told."""
        return sum(log.read_text(encoding="utf-8", errors="replace").count("Traceback (most") for log in self.logs)

    def _any_at_work(self) -> _Place | None:
        running = [place for place in self._places if place.wakes_at is None and place.is_at_work()]
        return self._random.choice(running) if running else None

    def _strike(self, how: str, number: int, place: _Place | None) -> bool:
        if place is None or place.process is None or place.process.poll() is not None:
            return False
        self._note(how, place.process.pid, time.time())
        place.process.send_signal(number)
        return True

    def _note(self, how: str, pid: int, at: float) -> None:
        self.tally.done[how] += 1
        self.tally.blows.append(Blow(at, pid, how))

    def _send(self, place: _Place, number: int) -> None:
        if place.process is not None and place.process.poll() is None:
            place.process.send_signal(number)

    def _bury(self, place: _Place) -> None:
        """Note how a process ended; one that could not begin because the database is away is started again."""
        if not place.told_to_end:
            said = place.said().strip()
            if _DATABASE_AWAY in said and not place.has_begun():
                self.tally.done["could not begin"] += 1
            else:
                self.tally.unforeseen.append(said.rpartition("\n")[2])
        place.process = None
        place.wakes_at = None

    def _restart(self, place: _Place, now: float) -> None:
        if place.process is not None:
            self._bury(place)
            place.starts_at = now + self._random.uniform(0.2, 1.5)
        if now >= place.starts_at:
            self.tally.done["started"] += 1
            place.told_to_end, place.works_since = False, None
            with place.log.open("ab") as log:
                place.log_from = log.tell()
                place.process = subprocess.Popen(  # noqa: S603  our own program
                    command(), cwd=self._folder, env=self._environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log
                )
