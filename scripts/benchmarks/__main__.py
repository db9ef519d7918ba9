"""``scripts/bench [--quick] [SECTION ...]``."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from dataclasses import replace

from scripts.benchmarks import (
    finding,
    fleet,
    growing,
    ingesting,
    judging,
    memory,
    reading,
    reporting,
    sweeping,
    touching,
    visiting,
    wire,
)
from scripts.benchmarks.databases import Databases
from scripts.benchmarks.plan import FULL, QUICK, Plan
from scripts.benchmarks.printing import Target, machine_line, show_targets

SECTIONS: dict[str, Callable[[Plan, Databases], list[Target]]] = {
    "read": reading.run,
    "wire": wire.run,
    "ingest": ingesting.run,
    "sweep": sweeping.run,
    "fleet": fleet.run,
    "live": touching.run,
    "memory": memory.run,
    "judge": judging.run,
    "grow": growing.run,
    "report": reporting.run,
    "portal": visiting.run,
    "findings": finding.run,
}


def main() -> None:
    """Run the sections that were asked for, or all, and hold them against the targets."""
    parser = argparse.ArgumentParser(prog="scripts/bench", description="Benchmarks side by side, with their ratios.")
    parser.add_argument("--quick", action="store_true", help="smaller and fewer runs; figures are rough")
    parser.add_argument("--large", action="store_true", help="judge a city of 100,000 people too; takes a while")
    parser.add_argument(
        "sections", nargs="*", metavar="SECTION", help=f"of {', '.join(SECTIONS)}; all where none is named"
    )
    arguments = parser.parse_args()
    unknown = [name for name in arguments.sections if name not in SECTIONS]
    if unknown:
        parser.error(f"there is no section {unknown[0]}; there are {', '.join(SECTIONS)}")
    plan = QUICK if arguments.quick else FULL
    if arguments.large:
        plan = replace(plan, judged_people=(*plan.judged_people, 100_000))
    started = time.perf_counter()
    targets: list[Target] = []
    with Databases() as databases:
        print(machine_line(databases.describe()))
        for name in arguments.sections or SECTIONS:
            targets += SECTIONS[name](plan, databases)
    show_targets(targets)
    print(f"\n{time.perf_counter() - started:.0f} s in all")


if __name__ == "__main__":
    main()
