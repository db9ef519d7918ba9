"""Honest input for each target, from which the fuzzer starts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Final

from eabsensi.devices.attlog import Layout
from eabsensi.devices.simulator.records import Entry, Filling, encode_packed, render_filling
from eabsensi.law.loader import SHIPPED
from scripts.fuzzing.lines import SCRIPT_BYTES
from scripts.fuzzing.sheets import PARTS, PLAIN, workbook

ROOT: Final = Path(__file__).parents[2]
CASES: Final = ROOT / "tests/fuzz/cases"
_NOTHING_BENT: Final = bytes(SCRIPT_BYTES)
_ROWS: Final = (
    b"\x00code,name,pattern,parent,kind,timezone\nDINKES,Dinas Kesehatan,5-day,,Dinas,Asia/Jakarta\n",
    b"\x01nip;name;kind;unit;since;until\n198001012005011001;Sari Wulan;PNS;DINKES;2026-01-01;31/12/2026\n",
    b"\x02serial\tpin\tnip\tfrom\tto\n*\t0042\t198001012005011001\t2026-01-01\t\n",
    b"\x03sep=,\nnip,date,shift\n198001012005011001,2026-01-05,PAGI\n",
    b'\x04kind,from,to,nip,covers,approved_at\nCT,2026-01-05,2026-01-06,198001012005011001,day,"2026-01-04 08:00"\n',
)
_DUMP: Final = b"CJDE193560123\r\n     42\t2026-01-05 07:10:00\t1\t0\t1\t0\r\n 7\t2026-02-31 07:00:00\t1\t0\r\n12AF\r\n"


def seeds_of(target: str) -> list[bytes]:
    """Give honest input of a target, and the crashes that it has had."""
    return [*honest_input(target), *(path.read_bytes() for path in sorted((CASES / target).glob("*")))]


def honest_input(target: str) -> list[bytes]:
    """Give input of a target that is as it should be."""
    return list(_SEEDS[target]())


def _logs() -> Iterator[tuple[int, bytes]]:
    first = datetime(2026, 9, 1, 7)  # noqa: DTZ001 - a device's clock has no zone
    filling = Filling(30, first, 9, ((7, "0042"), (8, "7"), (9, "123456789")))
    for number, layout in enumerate(Layout):
        if layout.is_fixed:
            yield number, render_filling(filling, layout)
        else:
            yield number, _packed(filling)


def _packed(filling: Filling) -> bytes:
    """Give every third record a full time, and the two after it a short one."""
    body, carry = b"", None
    for number, time in enumerate(filling.packed_times()):
        entry = Entry(1 + number % 3, "", time)
        carry = None if number % 3 == 0 else carry
        body += encode_packed(entry, carry)
        carry = time if number % 3 == 0 else carry
    return body


def _golden(transport: str) -> Iterator[bytes]:
    for frame in json.loads((ROOT / "tests/vectors/golden_frames.json").read_text()):
        if frame.get("transport") == transport and frame.get("hex"):
            yield bytes.fromhex(frame["hex"])


def _conversations() -> Iterator[bytes]:
    for _, log in _logs():
        for choice in (0x00, 0x01, 0x16, 0x27):
            yield bytes([choice]) + _NOTHING_BENT + log


def _policies() -> Iterator[bytes]:
    for kind, folder in enumerate(("kota-jambi", "national")):
        for path in sorted((SHIPPED / folder).glob("*.yaml")):
            yield bytes([kind]) + path.read_bytes()


def _registries() -> Iterator[bytes]:
    yield (ROOT / "devices.yaml").read_bytes()
    yield (
        b"devices:\n  - serial: CJDE193560123\n    unit: DINKES\n    name: Lobi\n    host: 10.20.3.4\n    port: 4370\n"
        b"    transport: tcp\n    timezone: Asia/Jakarta\n    encoding: gbk\n    comm_key: dinkes\n    live: true\n"
        b"    enabled: true\n    in_use_since: 2026-01-01\n"
    )


def _workbooks() -> Iterator[bytes]:
    for number, part in enumerate(PARTS):
        yield bytes([0, number]) + PLAIN[part]
    yield b"\x00\xff" + workbook({})


_SEEDS: Final = {
    "tcp": lambda: (b"\x07" + frame for frame in _golden("tcp")),
    "udp": lambda: _golden("udp"),
    "conversation": _conversations,
    "users": lambda: [_NOTHING_BENT + bytes(72), _NOTHING_BENT + bytes(28)],
    "log": lambda: (b"\x00" + log for _, log in _logs()),
    "layout": lambda: (bytes([number, 0]) + log for number, log in _logs()),
    "events": lambda: [b"\x1f" + bytes(range(48, 112)), b"\x0b" + b"\x2a\x00\x00\x00\x01\x00\x1a\x09\x01\x07\x18\x33"],
    "tables": lambda: [bytes(92), bytes(28 * 4), bytes(72 * 7)],
    "dump": lambda: [_DUMP],
    "registry": _registries,
    "csv": lambda: _ROWS,
    "xlsx": _workbooks,
    "policy": _policies,
}
