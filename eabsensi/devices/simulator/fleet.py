"""Many terminals on one event loop in one thread of their own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self, TypeVar

from eabsensi.devices.simulator.config import TerminalConfig
from eabsensi.devices.simulator.terminal import Terminal

T = TypeVar("T")


class Fleet:
    """Runs terminals: ``with Fleet() as fleet: terminal = fleet.add(TerminalConfig(...))``."""

    def __init__(self) -> None:
        self.terminals: list[Terminal] = []
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._turn, name="simulated-terminals", daemon=True)

    def start(self) -> Self:
        """Start the thread."""
        self._thread.start()
        return self

    def stop(self) -> None:
        """Close every socket and end the thread."""
        if self._loop.is_closed():
            return
        self._in_thread(self._stop_all)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def add(self, config: TerminalConfig | None = None) -> Terminal:
        """Build a terminal and let it listen.

        Raises:
            OSError: its address cannot be had.

        """
        return self.add_all([config or TerminalConfig()])[0]

    def add_all(self, configs: list[TerminalConfig]) -> list[Terminal]:
        """Build many terminals and let them listen.

        Raises:
            OSError: an address cannot be had; then none of them listens.

        """
        terminals = [Terminal(config) for config in configs]
        self._in_thread(lambda: self._start_all(terminals))
        self.terminals.extend(terminals)
        return terminals

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _turn(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()

    def _start_all(self, terminals: list[Terminal]) -> None:
        try:
            for terminal in terminals:
                terminal.start(self._loop, self._thread)
        except OSError:
            for terminal in terminals:
                terminal.stop()
            raise

    def _stop_all(self) -> None:
        for terminal in self.terminals:
            terminal.stop()

    def _in_thread(self, action: Callable[[], T]) -> T:
        async def act() -> T:
            return action()

        return asyncio.run_coroutine_threadsafe(act(), self._loop).result()
