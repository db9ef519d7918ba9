"""Options and arguments that several commands share, and how they are read."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated, TypeAlias

import typer


def day(text: str) -> date:
    """Read a date given as 2026-01-31.

    Raises:
        typer.BadParameter: it is no date.

    """
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is no date; write it as 2026-01-31.") from None


JsonOption: TypeAlias = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]
FileArgument: TypeAlias = Annotated[
    Path, typer.Argument(metavar="FILE", help="CSV or XLSX; the first row names the columns.", show_default=False)
]
OutputOption: TypeAlias = Annotated[
    Path | None, typer.Option("-o", "--output", metavar="FILE", help="Write to this file instead of the terminal.")
]
UnitOption: TypeAlias = Annotated[
    str | None, typer.Option("--unit", metavar="CODE", help="Only this unit and the units below it.")
]
SerialArgument: TypeAlias = Annotated[
    str, typer.Argument(metavar="SERIAL", help="The device's serial number.", show_default=False)
]
