"""Names of terminals: a name server that says nothing holds up neither a poll nor the stop of the service."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest

from eabsensi.devices.errors import CancelledError, UnreachableError
from eabsensi.devices.link import Link, TcpLink, UdpLink
from eabsensi.devices.waiting import Deadline, StopSignal

NAME = "lobi.dinkes.example"


@pytest.fixture
def dead_name_servers(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Let look-ups of names hang until the test is over; yields what is set when the first one hangs."""
    over, hangs = threading.Event(), threading.Event()

    def look_up(host: str, port: int, *, type: int, flags: int = 0) -> object:  # noqa: A002  the library's name
        if flags & socket.AI_NUMERICHOST:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        hangs.set()
        over.wait()
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    yield hangs
    over.set()


def open_tcp(wait: float, stop: StopSignal | None = None) -> Link:
    return TcpLink((NAME, 4370), wait=wait, deadline=Deadline.after(wait), stop=stop)


def open_udp(wait: float, stop: StopSignal | None = None) -> Link:
    return UdpLink((NAME, 4370), deadline=Deadline.after(wait), stop=stop)


@pytest.mark.parametrize("open_link", [open_tcp, open_udp])
def test_dead_name_servers_do_not_outlast_the_deadline(dead_name_servers, open_link) -> None:
    with pytest.raises(UnreachableError, match=NAME):
        open_link(0.05)
    assert dead_name_servers.is_set()


@pytest.mark.parametrize("open_link", [open_tcp, open_udp])
def test_stopping_does_not_wait_for_dead_name_servers(dead_name_servers, open_link) -> None:
    stop, ended = StopSignal(), []

    def connect() -> None:
        with pytest.raises(CancelledError):
            open_link(1e6, stop)
        ended.append(True)

    connecting = threading.Thread(target=connect, daemon=True)
    connecting.start()
    dead_name_servers.wait()
    stop.set()
    connecting.join(30)
    assert ended
    stop.close()


def test_a_name_that_nobody_knows_is_said_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def look_up(*_: object, **__: object) -> object:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    with pytest.raises(UnreachableError, match="Name or service not known"):
        open_tcp(1.0)
