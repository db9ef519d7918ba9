"""``eabsensi simulate``: any number of terminals until somebody stops them."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from eabsensi.devices.attlog import Layout
from eabsensi.devices.simulator.config import TerminalConfig, Transport
from eabsensi.devices.simulator.fleet import Fleet
from eabsensi.devices.simulator.terminal import Terminal
from eabsensi.errors import EabsensiError, UsageError

#: What ``--layout`` takes; plain 8 is the packed kind, the one that was captured.
LAYOUTS: Final = {"8": Layout.EIGHT_PACKED, **{layout.value: layout for layout in Layout}}
_LAST_PORT: Final = 65_535


class AddressTakenError(EabsensiError):
    """A simulated terminal cannot listen at its address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulateOptions:
    """What the command line asks for.

    Attributes:
        count: terminals; they take consecutive ports.
        port: of the first; 0 chooses free ones.
        records: made-up punches in each log.
        layout: a key of :data:`LAYOUTS`.
        serial: of the first; further ones count up its last digits.
        delay_ms: thinking time before each answer.
        live_rate: new punches per minute at each terminal; 0 for none.
        segment_bytes: least and most bytes of a TCP segment; None for whole replies.

    """

    count: int = 1
    host: str = "127.0.0.1"
    port: int = 4370
    records: int = 2000
    layout: str = "40"
    transport: Transport = "tcp"
    comm_key: int = 0
    serial: str = "SIMU000000001"
    delay_ms: int = 0
    live_rate: float = 0.0
    segment_bytes: tuple[int, int] | None = (24, 256)


def simulate(options: SimulateOptions, on_started: Callable[[list[Terminal]], None], stop: threading.Event) -> None:
    """Run terminals until ``stop`` is set.

    Args:
        options: what to run.
        on_started: called once, when all of them listen.
        stop: set from a signal handler or another thread.

    Raises:
        UsageError: the options do not go together.
        AddressTakenError: an address cannot be had.

    """
    configs = terminal_configs(options)
    with Fleet() as fleet:
        try:
            terminals = fleet.add_all(configs)
        except OSError as error:
            raise _address_taken(options, error) from error
        on_started(terminals)
        _live(terminals, options.live_rate, stop)


def terminal_configs(options: SimulateOptions) -> list[TerminalConfig]:
    """Give the configuration of each terminal.

    Raises:
        UsageError: the options do not go together.

    """
    _check(options)
    return [
        TerminalConfig(
            serial=numbered_serial(options.serial, index),
            host=options.host,
            port=options.port + index if options.port else 0,
            transport=options.transport,
            layout=LAYOUTS[options.layout],
            records=options.records,
            record_capacity=max(100_000, 2 * options.records),
            comm_key=options.comm_key,
            delay_seconds=options.delay_ms / 1000,
            segment_bytes=options.segment_bytes,
            mac=f"00:17:61:00:{index >> 8 & 0xFF:02X}:{index & 0xFF:02X}",
            seed=index,
        )
        for index in range(options.count)
    ]


def numbered_serial(first: str, index: int) -> str:
    """Count up the digits at the end of a serial: ``SIMU0009`` and 1 give ``SIMU0010``."""
    stem = first.rstrip("0123456789")
    digits = first[len(stem) :]
    return f"{stem}{int(digits or 0) + index:0{len(digits)}d}" if index else first


def _check(options: SimulateOptions) -> None:
    if options.count < 1:
        raise UsageError("There is nothing to simulate.", remedy="Give --count 1 or more.")
    if options.layout not in LAYOUTS:
        raise UsageError(f"There is no layout {options.layout}.", remedy=f"Give one of {', '.join(LAYOUTS)}.")
    if options.port and options.port + options.count - 1 > _LAST_PORT:
        raise UsageError(
            f"{options.count} ports from {options.port} on go beyond {_LAST_PORT}.", remedy="Give a lower --port."
        )


def _address_taken(options: SimulateOptions, error: OSError) -> AddressTakenError:
    return AddressTakenError(
        f"Cannot listen at {options.host}, port {options.port}: {error.strerror}.",
        remedy="Give another --port or --host, or --port 0 for free ones.",
    )


def _live(terminals: list[Terminal], per_minute: float, stop: threading.Event) -> None:
    """Let people punch now and then; without a rate just wait."""
    rng = random.Random(0)  # noqa: S311 - repeatable, not secret
    pause = 60 / per_minute if per_minute else None
    while not stop.wait(pause):
        for terminal in terminals:
            terminal.punch(rng.choice([user.pin for user in terminal.state.users.values()]))
