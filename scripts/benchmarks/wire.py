"""What crosses the wire, by the simulator's own count: a poll through the whole product, beside pyzk's whole log."""

from __future__ import annotations

import sys
from typing import Any, Final

import zk

from eabsensi.clock import SystemClock
from eabsensi.collecting.poll import Poller, PollOutcome
from eabsensi.store.devices import StoredDevice
from scripts.benchmarks.databases import Databases, device, no_comm_key, register
from scripts.benchmarks.plan import Plan
from scripts.benchmarks.printing import Target, at_most, show_table
from scripts.benchmarks.processes import TerminalProcess
from scripts.benchmarks.reading import WHOLE_REPLIES

_RECORDS: Final = 100_000
_NEW: Final = 20


def run(_: Plan, databases: Databases) -> list[Target]:
    """Count the bytes and round trips of polls, from connect to exit."""
    with TerminalProcess() as terminals, databases.fresh_store() as store:
        terminal = terminals.add(records=_RECORDS, record_capacity=2 * _RECORDS, **WHOLE_REPLIES)
        registered = register(store, [device(terminal["serial"], terminal["host"], terminal["port"])])[0]
        poller = Poller(store, SystemClock(), no_comm_key, collector="bench")
        first = _count(terminals, terminal, poller, registered, _RECORDS)
        terminals.punch(terminal["index"], _NEW)
        tail = _count(terminals, terminal, poller, registered, _NEW)
        idle = _count(terminals, terminal, poller, registered, 0)
        theirs = _count_pyzk(terminals, terminal)
    named = {"first contact": first, f"{_NEW} new punches": tail, "nothing new": idle, "pyzk 0.9, any time": theirs}
    show_table(
        f"wire: one read of a terminal with {_RECORDS:,} records, connect to exit, by the terminal's own count",
        ("poll", "bytes both ways", "round trips", "log bytes", "of pyzk's bytes"),
        [(name, *_row(counted, theirs["bytes"])) for name, counted in named.items()],
    )
    return [
        at_most(f"bytes both ways for {_NEW} new of {_RECORDS:,}", tail["bytes"], 4_096, "bytes"),
        at_most(f"round trips for {_NEW} new of {_RECORDS:,}", tail["round_trips"], 9, ""),
        at_most("round trips where nothing is new", idle["round_trips"], 5, ""),
        at_most("log bytes read where nothing is new", idle["log_bytes"], 0, "bytes"),
    ]


def _row(counted: dict[str, int], theirs: int) -> tuple[str, ...]:
    share = f"1/{theirs / counted['bytes']:,.0f}" if counted["bytes"] < theirs else "1"
    return (*(f"{counted[name]:,}" for name in ("bytes", "round_trips", "log_bytes")), share)


def _count(
    terminals: TerminalProcess, terminal: dict[str, Any], poller: Poller, registered: StoredDevice, expected: int
) -> dict[str, int]:
    terminals.reset(terminal["index"])
    outcome = poller.poll(registered)
    _check(outcome, expected)
    return terminals.counters(terminal["index"])


def _check(outcome: PollOutcome, expected: int) -> None:
    if not outcome.is_ok or outcome.punches_new != expected:
        sys.exit(f"bench: {expected} new punches were expected; the poll said: {outcome}")


def _count_pyzk(terminals: TerminalProcess, terminal: dict[str, Any]) -> dict[str, int]:
    terminals.reset(terminal["index"])
    connection = zk.ZK(terminal["host"], terminal["port"], timeout=600, ommit_ping=True).connect()
    connection.read_sizes()
    # What get_attendance puts on the wire, without its quadratic joining afterwards.
    connection.get_users()
    connection.read_with_buffer(13)
    connection.disconnect()
    return terminals.counters(terminal["index"])
