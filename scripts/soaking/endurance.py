"""One collector that nobody kills lives through the same troubles twice: what it holds afterwards must not grow."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Final

from scripts.soaking.blows import BlowAt
from scripts.soaking.collectors import Collectors
from scripts.soaking.plan import Happening, PunchAt
from scripts.soaking.settling import settle
from scripts.soaking.week import Stage

_LOOKS: Final = 20
_LOOK_SECONDS: Final = 0.15
#: What may come and go in calm: workers and pooled connections that were wanted once are kept for the next time.
MORE_THREADS, MORE_SOCKETS, MORE_MIB = 10, 12, 12.0


@dataclass(frozen=True, slots=True)
class Holding:
    """What a process holds in calm: the least of some looks."""

    threads: int
    sockets: int
    mib: float


@dataclass(frozen=True, slots=True)
class Endurance:
    """Before and after."""

    before: Holding
    after: Holding

    @property
    def is_steady(self) -> bool:
        """Whether nothing grew by more than comes and goes."""
        return (
            self.after.threads <= self.before.threads + MORE_THREADS
            and self.after.sockets <= self.before.sockets + MORE_SOCKETS
            and self.after.mib <= self.before.mib + MORE_MIB
        )


def endure(stage: Stage, collectors: Collectors, plans: Sequence[list[Happening]]) -> tuple[Endurance, list[str]]:
    """Play two plans of troubles before one collector, and look at it after each.

    Returns:
        What it held, and what did not come about in calm.

    """
    late = settle(stage, collectors)
    holdings: list[Holding] = []
    for plan in plans:
        stage.play(plan, collectors)
        late += settle(stage, collectors)
        holdings.append(_look_at(collectors))
    return Endurance(*holdings), late


def troubles_only(plan: list[Happening], seconds: float, later: timedelta) -> list[Happening]:
    """Give a plan's first seconds, its punches moved to a later time, with cut connections and no other blow.

    Punches are moved because no log repeats itself byte for byte: after a clear it could not be told from the old one.
    """
    first = [_moved(one, later) for one in plan if one.at < seconds and not isinstance(one, BlowAt)]
    return sorted([*first, BlowAt(seconds / 2, "connections cut")], key=lambda one: one.at)


def _moved(one: Happening, later: timedelta) -> Happening:
    if not isinstance(one, PunchAt):
        return one
    return replace(one, work=one.work._replace(device_time=one.work.device_time + later))


def _look_at(collectors: Collectors) -> Holding:
    (pid,) = collectors.pids
    looks = []
    for _ in range(_LOOKS):
        time.sleep(_LOOK_SECONDS)
        looks.append(_held_by(pid))
    return Holding(min(one.threads for one in looks), min(one.sockets for one in looks), min(one.mib for one in looks))


def _held_by(pid: int) -> Holding:
    place = Path("/proc", str(pid))
    status = dict(line.split(":", 1) for line in (place / "status").read_text(encoding="ascii").splitlines())
    sockets = sum(_is_socket(handle) for handle in (place / "fd").iterdir())
    return Holding(int(status["Threads"]), sockets, int(status["VmRSS"].split()[0]) / 1024)


def _is_socket(handle: Path) -> bool:
    try:
        return str(handle.readlink()).startswith("socket:")
    except FileNotFoundError:
        return False  # closed meanwhile
