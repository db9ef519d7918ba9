"""eabsensi demo: everything at work on an invented city."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from eabsensi.cli.output import say
from eabsensi.clock import SystemClock
from eabsensi.rehearsing.demo import run_demo


def demo_command(
    folder: Annotated[Path, typer.Option("--folder", metavar="DIR", help="Where its sheets and reports go.")] = Path(
        "demo-output"
    ),
    *,
    serve: Annotated[bool, typer.Option("--serve", help="Serve the portal at the end, with a login printed.")] = False,
    port: Annotated[int, typer.Option("--port", min=1, max=65535, help="Of the portal.")] = 8370,
) -> None:
    """Put up an invented city, collect it, judge it and report its last working day. Touches nothing else."""
    run_demo(folder.resolve(), SystemClock(), say, portal_port=port if serve else None)
