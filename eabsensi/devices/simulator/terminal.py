"""One terminal: State, Service and Scenario put together, on a loop."""

from __future__ import annotations

import asyncio
import threading
from typing import Final

from eabsensi.devices.commands import Command
from eabsensi.devices.simulator.config import TerminalConfig
from eabsensi.devices.simulator.line import Pace
from eabsensi.devices.simulator.service import Service
from eabsensi.devices.simulator.state import State
from eabsensi.devices.simulator.tcp import TcpServer
from eabsensi.devices.simulator.trouble import Trouble
from eabsensi.devices.simulator.udp import UdpServer
from eabsensi.devices.simulator.wirescenario import WireScenario

_ATTEMPTS_AT_A_SHARED_PORT: Final = 20


class Terminal(WireScenario):
    """A terminal in software.

    Attributes:
        host, port: where it answers; the port is 0 until it has started.
        state: the truth inside the box.
        trouble, pace: what is wrong with it and how slow it is; set by the verbs.

    """

    def __init__(self, config: TerminalConfig) -> None:
        self.config = config
        self.host = config.host
        self.port = config.port
        self.trouble = Trouble()
        self.pace = Pace.of(config)
        self.state = State(config)
        self.service = Service(self.state, self.trouble)
        self.service.power = self._power
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._tcp: TcpServer | None = None
        self._udp: UdpServer | None = None

    def start(self, loop: asyncio.AbstractEventLoop, thread: threading.Thread) -> None:
        """Begin to listen; called in the loop's own thread."""
        self._loop, self._thread = loop, thread
        if self.config.transport in ("tcp", "both"):
            self._tcp = TcpServer(self.service, self.pace)
        if self.config.transport in ("udp", "both"):
            self._udp = UdpServer(self.service, self.pace)
        self._listen()

    def stop(self) -> None:
        """Close every socket; called in the loop's own thread."""
        for server in (self._tcp, self._udp):
            if server is not None:
                server.close()
        self._tcp = self._udp = None
        self._loop = None

    def _listen(self) -> None:
        attempts = _ATTEMPTS_AT_A_SHARED_PORT if not self.port else 1
        for attempt in range(attempts):
            try:
                self.port = self._listen_once()
            except OSError:
                if attempt == attempts - 1:
                    raise
            else:
                return

    def _listen_once(self) -> int:
        """Listen on both transports under one number; a free TCP port may be taken on UDP."""
        port = self.port
        if self._udp is not None:
            self._udp.close()
            port = self._udp.listen(self.host, port)
        return self._tcp.listen(self.host, port) if self._tcp is not None else port

    def _power(self, command: Command) -> None:
        """Restart or go off, after the confirmation has gone out."""
        assert self._loop is not None
        if command is Command.RESTART:
            self._loop.call_soon(self._restart)
        else:
            self._loop.call_soon(self._go_offline, "refuse")
