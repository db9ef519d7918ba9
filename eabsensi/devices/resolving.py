"""Names of terminals to addresses, without waiting longer for a name server than for the terminal itself.

The system's resolver cannot be interrupted and may take half a minute. It works in a thread of its own, which nobody
waits for at the end, so that a dead name server holds up neither a poll's deadline nor the stop of the service.
"""

from __future__ import annotations

import queue
import select
import socket
import threading
from typing import Any, NamedTuple

from eabsensi.devices.waiting import StopSignal, Waiter


class Resolved(NamedTuple):
    """What a socket is made and connected with."""

    family: int
    kind: int
    protocol: int
    address: tuple[Any, ...]


def resolve(address: tuple[str, int], kind: int, seconds: float, stop: StopSignal | None) -> Resolved:
    """Give the first address behind a name.

    Args:
        address: host, as a name or an address, and port.
        kind: ``socket.SOCK_STREAM`` or ``socket.SOCK_DGRAM``.
        seconds: how long the name servers may take.
        stop: wakes and ends the wait.

    Raises:
        OSError: there is none; a TimeoutError where nobody said so in time.
        CancelledError: the collector is stopping.

    """
    try:
        return _looked_up(address, kind, socket.AI_NUMERICHOST)
    except socket.gaierror:
        return _asked(address, kind, seconds, stop)


def _asked(address: tuple[str, int], kind: int, seconds: float, stop: StopSignal | None) -> Resolved:
    answers: queue.SimpleQueue[Resolved | OSError] = queue.SimpleQueue()
    ours, theirs = socket.socketpair()

    def ask() -> None:
        with theirs:
            try:
                answers.put(_looked_up(address, kind, 0))
            except OSError as error:
                answers.put(error)

    with ours:
        threading.Thread(target=ask, name=f"resolve {address[0]}", daemon=True).start()
        if not Waiter(ours, stop, select.POLLIN).until_ready(seconds):
            raise TimeoutError(0, f"the name servers say nothing of {address[0]}")
    answer = answers.get()
    if isinstance(answer, OSError):
        raise answer
    return answer


def _looked_up(address: tuple[str, int], kind: int, how: int) -> Resolved:
    family, found_kind, protocol, _, resolved = socket.getaddrinfo(*address, type=kind, flags=how)[0]
    return Resolved(family, found_kind, protocol, resolved)
