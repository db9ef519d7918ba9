"""Terminals on the wall, in software: a process in the Debian's network, which outlives the Debian's reboots.

Run as a program it serves orders, one JSON line each: ``["slow", 0.05]``, ``["touch", 20]``, ``["truth"]``,
``["sessions"]``; it answers with one.
"""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final, Self
from zoneinfo import ZoneInfo

from eabsensi.devices.simulator.config import TerminalConfig
from eabsensi.devices.simulator.fleet import Fleet
from eabsensi.devices.simulator.terminal import Terminal

COUNT: Final = 8
#: The first one asks for a comm key, the second one holds a session.
COMM_KEY: Final = 730_194
SERIALS: Final = tuple(f"BOOT{number:04}" for number in range(COUNT))
HOSTS: Final = tuple(f"127.20.0.{number + 1}" for number in range(COUNT))
PORT: Final = 4370
_RECORDS: Final = 1_500
_ZONE: Final = ZoneInfo("Asia/Jakarta")


def serve() -> None:
    """Put the terminals up, and obey until the orders end."""
    with Fleet() as fleet:
        terminals = [
            fleet.add(TerminalConfig(serial=serial, host=host, port=PORT, comm_key=0 if at else COMM_KEY, seed=at))
            for at, (serial, host) in enumerate(zip(SERIALS, HOSTS, strict=True))
        ]
        first = (datetime.now(_ZONE) - timedelta(days=3)).replace(microsecond=0, tzinfo=None)
        for terminal in terminals:
            terminal.fill(_RECORDS, first)
        pins = itertools.cycle(range(1, 21))
        print(json.dumps("ready"), flush=True)
        for line in sys.stdin:
            print(json.dumps(_obey(terminals, pins, *json.loads(line))), flush=True)


def _obey(terminals: list[Terminal], pins: itertools.cycle[int], order: str, amount: float = 0) -> object:
    if order == "slow":
        for terminal in terminals:
            terminal.delay(amount)
    elif order == "touch":
        for terminal in terminals:
            for _ in range(int(amount)):
                terminal.punch(str(next(pins)))
    elif order == "sessions":
        return [terminal.open_sessions for terminal in terminals]
    elif order == "truth":
        return sorted([t.serial, p.pin, f"{p.device_time}"] for t in terminals for p in t.ever_punched)
    return None


class Terminals:
    """The process, seen from outside."""

    def __init__(self, in_network: list[str]) -> None:
        command = [*in_network[:3], sys.executable, "-m", "scripts.booting.terminals"]
        self._process = subprocess.Popen(  # noqa: S603 - our own program
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[2],
        )
        self._answer()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()

    def order(self, *words: object) -> Any:
        """Give an order, and its answer."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(words) + "\n")
        self._process.stdin.flush()
        return self._answer()

    def _answer(self) -> Any:
        assert self._process.stdout is not None
        return json.loads(self._process.stdout.readline())


if __name__ == "__main__":
    serve()
