"""How long a sweep of a whole city takes, and what its dead terminals cost the living."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Any, Final

from eabsensi.store.database import Store
from scripts.benchmarks.databases import Databases, device, register
from scripts.benchmarks.plan import Plan
from scripts.benchmarks.printing import Spread, Target, at_most, show_table
from scripts.benchmarks.processes import TerminalProcess, run_apart

_RECORDS: Final = 2_000
_DELAY_SECONDS: Final = 0.02
_LIMIT_SECONDS: Final = 10


@dataclass(frozen=True, slots=True)
class _Fleet:
    """What was swept and how it went, run by run."""

    name: str
    runs: list[dict[str, Any]]

    def spread(self, which: str, what: str) -> Spread:
        return Spread(tuple(run[which][what] for run in self.runs))

    @property
    def peak_mib(self) -> float:
        return max(float(run["peak_mib"]) for run in self.runs)


def run(plan: Plan, databases: Databases) -> list[Target]:
    """Sweep a fleet whole, and with a dead fifth."""
    with TerminalProcess() as terminals:
        fleet = terminals.add_all([_terminal(number) for number in range(plan.terminals)])
        dead = [terminal["index"] for number, terminal in enumerate(fleet) if number % 5 == 4]
        whole = _sweeps(f"{plan.terminals}, all living", databases, fleet, plan.sweep_runs)
        terminals.go_offline(dead[::2], "refuse")
        terminals.go_offline(dead[1::2], "vanish")
        mixed = _sweeps(f"{plan.terminals}, {len(dead)} of them dead", databases, fleet, plan.sweep_runs)
    _check(whole, plan.terminals)
    _check(mixed, plan.terminals - len(dead))
    _show(plan, databases.describe(), [whole, mixed])
    return _targets(whole, mixed)


def _show(plan: Plan, postgres: str, fleets: list[_Fleet]) -> None:
    show_table(
        f"sweep: {plan.terminals} terminals of {_RECORDS:,} records, {_DELAY_SECONDS * 1000:g} ms per command; of the "
        f"dead half refuse and half are a black hole; PostgreSQL {postgres}; seconds",
        ("fleet", "first: last living", "first: all", "idle: last living", "idle: all", "CPU of ours", "peak MiB"),
        [
            (
                fleet.name,
                *(fleet.spread(which, what) for which in ("first", "idle") for what in ("last_living", "seconds")),
                f"{fleet.spread('first', 'cpu_seconds').median:.1f} + {fleet.spread('idle', 'cpu_seconds').median:.1f}",
                f"{fleet.peak_mib:.0f}",
            )
            for fleet in fleets
        ],
    )


def _targets(whole: _Fleet, mixed: _Fleet) -> list[Target]:
    targets = [
        at_most(f"{which} sweep of {fleet.name}", fleet.spread(which, "seconds").median, _LIMIT_SECONDS, "s")
        for which in ("first", "idle")
        for fleet in (whole, mixed)
    ]
    for which in ("first", "idle"):
        before, among = (fleet.spread(which, "last_living").median for fleet in (whole, mixed))
        what = f"{which} sweep: the last living one is read, beside a fleet without dead ones"
        # A fifth fewer are read; runs of the same thing differ by more than a tenth on a shared machine.
        targets.append(at_most(what, among / before, 1.1, "x"))
    return targets


def _terminal(number: int) -> dict[str, Any]:
    return {"serial": f"BENCH{number:05d}", "records": _RECORDS, "delay_seconds": _DELAY_SECONDS, "segment_bytes": None}


def _sweeps(name: str, databases: Databases, fleet: list[dict[str, Any]], runs: int) -> _Fleet:
    return _Fleet(name, [_sweep_once(databases, fleet) for _ in range(runs)])


def _sweep_once(databases: Databases, fleet: list[dict[str, Any]]) -> dict[str, Any]:
    with databases.fresh() as url:
        store = Store.at(url)
        register(store, [device(terminal["serial"], terminal["host"], terminal["port"]) for terminal in fleet])
        store.dispose()
        return run_apart("sweep_process", url=url)


def _check(fleet: _Fleet, living: int) -> None:
    for run in fleet.runs:
        for which in ("first", "idle"):
            new = living * _RECORDS if which == "first" else 0
            if (run[which]["ok"], run[which]["new"]) != (living, new):
                sys.exit(f"bench: {living} terminals should answer with {new} new punches, but: {run[which]}")
