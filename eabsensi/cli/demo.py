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
) -> None:
    """Put up an invented city, collect it and report its last working day. Touches nothing else."""
    run_demo(folder.resolve(), SystemClock(), say)
