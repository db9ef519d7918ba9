"""A large fleet: how near a quiet sweep comes to the round trips that it needs, and what each terminal costs."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Any, Final

from eabsensi.collecting.schedule import MOST_WORKERS
from eabsensi.store.database import Store
from scripts.benchmarks.databases import Databases, device, register
from scripts.benchmarks.plan import Plan
from scripts.benchmarks.printing import Spread, Target, at_most, show_table
from scripts.benchmarks.processes import TerminalProcess, run_apart

#: Connect, options, time, sizes, exit: what a terminal without news is asked (``wire`` counts them).
_ROUND_TRIPS: Final = 5
_RECORDS: Final = 300
_MEGABIT: Final = 125_000


@dataclass(frozen=True, slots=True)
class Line:
    """A fleet behind lines of one kind.

    Attributes:
        terminals: how many.
        delay: seconds of each round trip.
        bytes_per_second: of each line; None is unlimited.

    """

    terminals: int
    delay: float
    bytes_per_second: int | None = None

    @property
    def name(self) -> str:
        """As the table shows it."""
        rate = ", 1 Mbit/s" if self.bytes_per_second else ""
        return f"{self.terminals:,} at {1_000 * self.delay:.0f} ms{rate}"

    @property
    def bound(self) -> float:
        """Seconds that the round trips alone take the workers."""
        return self.terminals * _ROUND_TRIPS * self.delay / MOST_WORKERS


def run(plan: Plan, databases: Databases) -> list[Target]:
    """Sweep fleets in which nothing is new."""
    target = Line(plan.fleet, 0.05)
    others = [Line(plan.fleet, 0.05, _MEGABIT), Line(plan.fleet, 0.2), Line(5 * plan.fleet, 0.05)]
    swept = [(target, _sweep(databases, target, plan.sweep_runs))]
    swept += [(line, _sweep(databases, line, 1)) for line in others]
    show_table(
        f"fleet: a sweep with nothing new, {MOST_WORKERS} workers, {_ROUND_TRIPS} round trips each; seconds",
        ("fleet", "swept", "round trips / workers", "times that", "ms of CPU a terminal", "KiB a terminal"),
        [
            (
                line.name,
                spread := Spread(tuple(run["idle"]["seconds"] for run in runs)),
                f"{line.bound:.2f}",
                f"{spread.median / line.bound:.2f}x",
                f"{1_000 * min(run['idle']['cpu_seconds'] for run in runs) / line.terminals:.1f}",
                f"{1_024 * max(run['peak_mib'] - run['start_mib'] for run in runs) / line.terminals:.0f}",
            )
            for line, runs in swept
        ],
    )
    ratio = Spread(tuple(run["idle"]["seconds"] for run in swept[0][1])).median / target.bound
    return [at_most(f"sweep of {target.name} beside its round trips", ratio, 1.5, "x")]


def _sweep(databases: Databases, line: Line, runs: int) -> list[dict[str, Any]]:
    with TerminalProcess() as terminals:
        fleet = terminals.add_all([_terminal(line, number) for number in range(line.terminals)])
        return [_sweep_once(databases, fleet) for _ in range(runs)]


def _terminal(line: Line, number: int) -> dict[str, Any]:
    pace = {"delay_seconds": line.delay, "bytes_per_second": line.bytes_per_second}
    return {"serial": f"FLEET{number:05d}", "records": _RECORDS, "segment_bytes": None, **pace}


def _sweep_once(databases: Databases, fleet: list[dict[str, Any]]) -> dict[str, Any]:
    with databases.fresh() as url:
        store = Store.at(url)
        register(store, [device(terminal["serial"], terminal["host"], terminal["port"]) for terminal in fleet])
        store.dispose()
        swept = run_apart("sweep_process", url=url)
    for which in ("first", "idle"):
        if swept[which]["ok"] != len(fleet):
            sys.exit(f"bench: {len(fleet)} terminals should answer, but: {swept[which]}")
    return swept
