"""How fast a whole log is read and decoded, beside pyzk 0.9 and pyzk2, and beside what the machine allows."""

from __future__ import annotations

import socket
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any, Final

import pyzk2
import zk

from eabsensi.devices.attlog import Layout, decode
from eabsensi.devices.logread import LogReading, LogRequest, read_log
from eabsensi.devices.session import Endpoint, Session
from eabsensi.devices.waiting import Deadline
from scripts.benchmarks.databases import Databases
from scripts.benchmarks.plan import Plan
from scripts.benchmarks.printing import Spread, Target, at_least, repeated, show_table
from scripts.benchmarks.processes import TerminalProcess

#: pyzk takes one recv for one frame: it reads nothing but whole replies in packets of 64 KiB.
WHOLE_REPLIES: Final = {"segment_bytes": None, "packet_bytes": 65_536}
_RECORD = struct.Struct("<H24sBIBII")


@dataclass(frozen=True, slots=True)
class _Read:
    """One log read by everybody; the terminals' answers come in whole replies, except for ``captured``."""

    records: int
    ours: Spread
    captured: Spread
    transfer: Spread
    decoding: Spread
    unpacking: Spread
    bare: Spread
    pyzk: Spread | None

    @property
    def ratio(self) -> float | None:
        return self.pyzk.median / self.ours.median if self.pyzk else None


def run(plan: Plan, _: Databases) -> list[Target]:
    """Read logs of several lengths."""
    with TerminalProcess() as terminals:
        bare_port = terminals.bare_port()
        reads = [_read(terminals, bare_port, records, plan) for records in plan.read_records]
        small = _read_small(terminals, plan)
    show_table(
        "read: a whole log over loopback, zero delay; seconds, median (least..most)",
        ("records", "ours", "pyzk 0.9", "ratio", "ours, captured segments"),
        [(f"{r.records:,}", r.ours, r.pyzk or "not run", _times(r.ratio), r.captured) for r in reads],
    )
    show_table(
        "read: of ours, the parts that cost; beside the bare limit; seconds",
        ("records", "transfer", "bare socket, same bytes", "decode", "struct.iter_unpack alone"),
        [(f"{r.records:,}", r.transfer, r.bare, r.decoding, r.unpacking) for r in reads],
    )
    _show_small(small, plan)
    return _targets(reads)


def _targets(reads: list[_Read]) -> list[Target]:
    compared = [read for read in reads if read.ratio is not None]
    at_100k = next((read for read in compared if read.records == 100_000), None)
    what = "read and decode of 100,000 records beside pyzk 0.9"
    first = at_least(what, at_100k.ratio or 0, 60, "x") if at_100k else Target(what, ">= 60 x", "", None)
    ratios = [read.ratio or 0 for read in compared]
    grows = len(ratios) > 1 and all(a < b for a, b in pairwise(ratios))
    shown = " < ".join(f"{ratio:.3g}" for ratio in ratios)
    return [first, Target("the ratio grows with the log", "rising", shown, grows if len(ratios) > 1 else None)]


def _read(terminals: TerminalProcess, bare_port: int, records: int, plan: Plan) -> _Read:
    common = {"records": records, "record_capacity": 2 * records}
    whole = terminals.add(**common, **WHOLE_REPLIES)
    captured = terminals.add(**common)
    body = _body(whole)
    assert len(decode(Layout.FORTY, body).punches) == records
    return _Read(
        records,
        ours=_over_session(whole, _read_ours, plan.runs),
        captured=_over_session(captured, _read_ours, plan.runs),
        transfer=_over_session(whole, _transfer, plan.runs),
        decoding=repeated(plan.runs, lambda: decode(Layout.FORTY, body)),
        unpacking=repeated(plan.runs, lambda: list(_RECORD.iter_unpack(body))),
        bare=repeated(plan.runs, lambda: _receive_bare(bare_port, len(body))),
        pyzk=_over_client(zk.ZK, whole, plan.pyzk_runs) if records <= plan.most_pyzk_records else None,
    )


def _read_small(terminals: TerminalProcess, plan: Plan) -> tuple[Spread, Spread, Spread]:
    terminal = terminals.add(records=plan.pyzk2_records, **WHOLE_REPLIES)
    return (
        _over_session(terminal, _read_ours, plan.runs),
        _over_client(zk.ZK, terminal, plan.runs),
        _over_client(pyzk2.ZK, terminal, plan.runs),
    )


def _show_small(small: tuple[Spread, Spread, Spread], plan: Plan) -> None:
    names = ("ours", "pyzk 0.9", "pyzk2")
    show_table(
        f"read: {plan.pyzk2_records:,} records, beside pyzk2 too (it is far slower on long logs); seconds",
        ("client", "seconds", "times ours"),
        [(name, spread, _times(spread.median / small[0].median)) for name, spread in zip(names, small, strict=True)],
    )


def _times(ratio: float | None) -> str:
    return "" if ratio is None else f"{ratio:.3g}x"


def _over_session(terminal: dict[str, Any], action: Callable[[Session], object], runs: int) -> Spread:
    with _session(terminal) as session:
        return repeated(runs, lambda: action(session))


@contextmanager
def _session(terminal: dict[str, Any]) -> Iterator[Session]:
    endpoint = Endpoint(terminal["host"], terminal["port"])
    with Session(endpoint, deadline=Deadline.after(600)) as session:
        yield session


def _body(terminal: dict[str, Any]) -> bytes:
    with _session(terminal) as session:
        return _transfer(session)


def _transfer(session: Session) -> bytes:
    buffer = session.prepare_log()
    assert buffer is not None, "the log is not empty"
    body = buffer.read_all()
    session.free_buffer()
    return body


def _read_ours(session: Session) -> LogReading:
    sizes = session.sizes()
    request = LogRequest(None, sizes, datetime(2099, 1, 1), known=lambda punches: [False] * len(punches))  # noqa: DTZ001  a device's clock has no zone
    return read_log(session, request)


def _over_client(client: Any, terminal: dict[str, Any], runs: int) -> Spread:
    connection = client(terminal["host"], terminal["port"], timeout=600, ommit_ping=True).connect()
    try:
        return repeated(runs, connection.get_attendance)
    finally:
        connection.disconnect()


def _receive_bare(port: int, wanted: int) -> None:
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(wanted.to_bytes(8, "little"))
        left = wanted
        while left:
            left -= len(connection.recv(1 << 16))
