"""The simulated terminals' own process: orders come as lines of JSON on stdin, answers go to stdout."""

from __future__ import annotations

import json
import socket
import sys
import threading
from typing import Any

from eabsensi.devices.simulator.config import TerminalConfig
from eabsensi.devices.simulator.fleet import Fleet

_BARE_BYTES = bytes(1 << 20)


def add(fleet: Fleet, configs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Put up terminals and tell where they are."""
    first = len(fleet.terminals)
    terminals = fleet.add_all([TerminalConfig(**_with_tuple(config)) for config in configs])
    return [
        {"index": first + at, "serial": terminal.serial, "host": terminal.host, "port": terminal.port}
        for at, terminal in enumerate(terminals)
    ]


def punch(fleet: Fleet, index: int, count: int) -> None:
    """Let people punch in turn."""
    terminal = fleet.terminals[index]
    for number in range(count):
        terminal.punch(str(number % 20 + 1))


def touch(fleet: Fleet, index: int, pin: str) -> None:
    """Let somebody punch now."""
    fleet.terminals[index].punch(pin)


def open_sessions(fleet: Fleet) -> int:
    """Count the sessions of all terminals."""
    return sum(terminal.open_sessions for terminal in fleet.terminals)


def go_offline(fleet: Fleet, indices: list[int], how: str) -> None:
    """Unplug terminals."""
    for index in indices:
        fleet.terminals[index].go_offline("vanish" if how == "vanish" else "refuse")


def reset(fleet: Fleet, index: int) -> None:
    """Count from nought."""
    fleet.terminals[index].counters.reset()


def counters(fleet: Fleet, index: int) -> dict[str, int]:
    """Tell what a terminal has counted."""
    counted = fleet.terminals[index].counters
    return {
        "bytes": counted.bytes_total,
        "round_trips": counted.round_trips,
        "log_bytes": counted.log_bytes_read,
        "connections": counted.connections,
        "left_open": counted.sessions_left_open,
        "forbidden": len(counted.forbidden_seen),
    }


def bare(_: Fleet) -> int:
    """Serve bytes without any protocol, to one client after the other."""
    listener = socket.create_server(("127.0.0.1", 0))
    threading.Thread(target=_send_bytes, args=(listener,), daemon=True).start()
    return int(listener.getsockname()[1])


def _send_bytes(listener: socket.socket) -> None:
    while True:
        connection, _ = listener.accept()
        with connection:
            left = int.from_bytes(connection.recv(8), "little")
            while left:
                connection.sendall(_BARE_BYTES[:left])
                left -= min(left, len(_BARE_BYTES))


def _with_tuple(config: dict[str, Any]) -> dict[str, Any]:
    """JSON has no tuples."""
    bounds = config.get("segment_bytes")
    return config | ({"segment_bytes": tuple(bounds)} if bounds else {})


def main() -> None:
    """Obey until stdin ends."""
    orders = {order.__name__: order for order in (add, punch, touch, open_sessions, go_offline, reset, counters, bare)}
    with Fleet() as fleet:
        for line in sys.stdin:
            order = json.loads(line)
            answer = orders[order.pop("what")](fleet, **order)
            print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
