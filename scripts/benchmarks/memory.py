"""Peak memory: of reading a long log, and of holding many live sessions."""

from __future__ import annotations

from typing import Any, Final

from scripts.benchmarks.databases import Databases
from scripts.benchmarks.plan import Plan
from scripts.benchmarks.printing import Target, show_table
from scripts.benchmarks.processes import TerminalProcess, run_apart
from scripts.benchmarks.reading import WHOLE_REPLIES

_SESSIONS: Final = 500


def run(plan: Plan, _: Databases) -> list[Target]:
    """Measure each in a process of its own; no target, but what it takes is told."""
    records = plan.memory_records
    with TerminalProcess() as terminals:
        terminal = terminals.add(records=records, record_capacity=2 * records, **WHOLE_REPLIES)
        read = run_apart("memory_process", read=terminal)
        fleet = terminals.add_all([{"serial": f"LIVE{number:05d}"} for number in range(_SESSIONS)])
        held = run_apart("memory_process", hold=fleet)
    show_table(
        "memory: resident MiB of a process",
        ("what", "before", "peak", "added", "each"),
        [_row(f"read {records:,} records", read, records), _row(f"hold {_SESSIONS} live sessions", held, _SESSIONS)],
    )
    return []


def _row(name: str, measured: dict[str, Any], count: int) -> tuple[str, ...]:
    before, peak = measured["before_mib"], measured["peak_mib"]
    each = (peak - before) * 1024 * 1024 / count
    return (name, f"{before:.0f}", f"{peak:.0f}", f"{peak - before:.1f}", f"{each:,.0f} bytes")
