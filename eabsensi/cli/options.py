"""Options and arguments that several commands share, and how they are read."""

from __future__ import annotations

import getpass
import os
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
ByOption: TypeAlias = Annotated[
    str | None, typer.Option("--by", metavar="NAME", help="Who does this; without it, the account that runs it.")
]
NipOption: TypeAlias = Annotated[str | None, typer.Option("--nip", metavar="NIP", help="Only this person.")]
FirstOption: TypeAlias = Annotated[
    date | None, typer.Option("--from", metavar="DATE", parser=day, help="The first day, e.g. 2026-01-31.")
]
LastOption: TypeAlias = Annotated[date | None, typer.Option("--to", metavar="DATE", parser=day, help="The last day.")]


def who(by: str | None) -> str:
    """Give who does something: as named, else the account, also behind sudo.

    Raises:
        typer.BadParameter: nobody is named and the account has no name.

    """
    named = (by or os.environ.get("SUDO_USER") or "").strip()
    try:
        return named or getpass.getuser()
    except (KeyError, OSError):
        raise typer.BadParameter("This account has no name; say with --by who does this.") from None


SerialArgument: TypeAlias = Annotated[
    str, typer.Argument(metavar="SERIAL", help="The device's serial number.", show_default=False)
]
