"""What a benchmark shows: tables, spreads over runs, and targets."""

from __future__ import annotations

import gc
import os
import platform
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Spread:
    """The same thing measured some times."""

    runs: tuple[float, ...]

    @property
    def median(self) -> float:
        """The middle of the runs."""
        return statistics.median(self.runs)

    def __str__(self) -> str:
        if len(self.runs) == 1:
            return f"{self.median:.3f} (1 run)"
        return f"{self.median:.3f} ({min(self.runs):.3f}..{max(self.runs):.3f})"


@dataclass(frozen=True, slots=True)
class Target:
    """One target; ``is_met`` is None where this run did not measure it."""

    what: str
    wanted: str
    measured: str
    is_met: bool | None


def at_most(what: str, measured: float, limit: float, unit: str) -> Target:
    """Make the target of a figure that should be small."""
    return Target(what, f"<= {limit:,g} {unit}".rstrip(), f"{measured:,.4g} {unit}".rstrip(), measured <= limit)


def at_least(what: str, measured: float, limit: float, unit: str) -> Target:
    """Make the target of a figure that should be large."""
    return Target(what, f">= {limit:,g} {unit}".rstrip(), f"{measured:,.4g} {unit}".rstrip(), measured >= limit)


def timed(action: Callable[[], T]) -> tuple[float, T]:
    """Run an action on a heap without garbage; give its seconds and its result."""
    gc.collect()
    started = time.perf_counter()
    result = action()
    return time.perf_counter() - started, result


def repeated(runs: int, action: Callable[[], object]) -> Spread:
    """Time an action some times."""
    return Spread(tuple(timed(action)[0] for _ in range(runs)))


def show_table(title: str, headers: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print a table: the first column to the left, the others to the right."""
    cells = [list(headers), *([str(cell) for cell in row] for row in rows)]
    widths = [max(len(row[at]) for row in cells) for at in range(len(headers))]
    print(f"\n{title}")
    for number, row in enumerate(cells):
        print(
            "  "
            + "  ".join(c.rjust(w) if at else c.ljust(w) for at, (c, w) in enumerate(zip(row, widths, strict=True)))
        )
        if number == 0:
            print("  " + "  ".join("-" * width for width in widths))


def show_targets(targets: Sequence[Target]) -> None:
    """Print each target with what was measured."""
    words = {True: "met", False: "NOT MET", None: "not measured"}
    rows = [(target.what, target.wanted, target.measured, words[target.is_met]) for target in targets]
    show_table("targets", ("target", "wanted", "measured", ""), rows)


def machine_line(postgres: str) -> str:
    """Describe what the figures were measured on."""
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    cores = len(os.sched_getaffinity(0))
    return f"{cores} cores, Python {platform.python_version()}, PostgreSQL {postgres}, load average {load} at the start"
