"""eabsensi simulate: terminals in software, to rehearse with."""

from __future__ import annotations

import signal
import threading
from typing import Annotated

import typer

from eabsensi.cli.output import say
from eabsensi.devices.simulator.config import Transport
from eabsensi.devices.simulator.simulate import LAYOUTS, SimulateOptions, simulate
from eabsensi.devices.simulator.terminal import Terminal

TERMINALS_SHOWN = 20
_STANDARD = SimulateOptions()


def simulate_command(  # noqa: PLR0917  typer makes options of parameters; nobody calls this by position
    count: Annotated[
        int, typer.Option("--count", metavar="N", min=1, help="How many; they take ports one after the other.")
    ] = 1,
    host: Annotated[str, typer.Option("--host", metavar="ADDRESS", help="The address to listen at.")] = _STANDARD.host,
    port: Annotated[
        int, typer.Option("--port", metavar="PORT", min=0, max=65535, help="The first one's port; 0 for free ones.")
    ] = _STANDARD.port,
    records: Annotated[
        int, typer.Option("--records", metavar="N", min=0, help="Punches in each log.")
    ] = _STANDARD.records,
    layout: Annotated[
        str, typer.Option("--layout", metavar="|".join(LAYOUTS), help="How the log lays out a record.")
    ] = _STANDARD.layout,
    transport: Annotated[Transport, typer.Option("--transport", help="What they speak.")] = _STANDARD.transport,
    comm_key: Annotated[
        int, typer.Option("--comm-key", metavar="KEY", min=0, max=999_999, help="Their comm key; 0 for none.")
    ] = 0,
    serial: Annotated[
        str, typer.Option("--serial", metavar="SERIAL", help="The first one's serial; the others count up.")
    ] = (_STANDARD.serial),
    delay: Annotated[int, typer.Option("--delay", metavar="MS", min=0, help="Milliseconds before each answer.")] = 0,
    live: Annotated[float, typer.Option("--live", metavar="N", min=0, help="New punches a minute at each.")] = 0.0,
) -> None:
    """Run terminals in software until Ctrl-C; they speak the real wire protocol. Nothing real is touched."""
    options = SimulateOptions(
        count=count,
        host=host,
        port=port,
        records=records,
        layout=layout,
        transport=transport,
        comm_key=comm_key,
        serial=serial,
        delay_ms=delay,
        live_rate=live,
    )
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    simulate(options, _show, stop)


def _show(terminals: list[Terminal]) -> None:
    for terminal in terminals[:TERMINALS_SHOWN]:
        config = terminal.config
        say(f"{config.serial}  {config.host}:{terminal.port}  {config.transport}  layout {config.layout.value}")
    if len(terminals) > TERMINALS_SHOWN:
        last = terminals[-1]
        say(f"… up to {last.config.serial}  {last.config.host}:{last.port}")
    say(f"{len(terminals)} simulated. Ctrl-C ends them.")
