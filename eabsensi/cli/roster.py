"""eabsensi roster: who has which shift on which date."""

from __future__ import annotations

from functools import partial
from typing import Annotated

import typer

from eabsensi.cli.options import (
    ByOption,
    FileArgument,
    FirstOption,
    JsonOption,
    LastOption,
    NipOption,
    OutputOption,
    UnitOption,
    who,
)
from eabsensi.cli.people import run_import, show_rows, units_of, write_csv
from eabsensi.clock import SystemClock
from eabsensi.importing.rosters import RosterEntry, import_rosters
from eabsensi.law.loader import load_policy
from eabsensi.settings import Settings
from eabsensi.store.database import open_store
from eabsensi.store.rosters import RosterRow, list_rosters

app = typer.Typer(help="Rosters (daftar jaga): import, list, export.", no_args_is_help=True)

_EXPORTED = ("nip", "date", "shift")


@app.command("import")
def import_command(
    file: FileArgument,
    by: ByOption = None,
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would happen; write nothing.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Import rosters. Columns: nip, date, shift; a row for each shift, with the codes of the policy.

    What the file says about a person's date replaces what was known about it.
    """
    shifts = load_policy(Settings.load().policy).shifts
    entry = RosterEntry(who(by), SystemClock().now(), shifts)
    run_import("Rosters", file, partial(import_rosters, entry=entry), as_json=as_json, dry_run=dry_run)


@app.command("list")
def list_command(
    unit: UnitOption = None,
    nip: NipOption = None,
    first: FirstOption = None,
    last: LastOption = None,
    *,
    as_json: JsonOption = False,
) -> None:
    """List the rosters, a line for each shift."""
    with open_store(Settings.load()) as store, store.begin() as connection:
        rows = list_rosters(connection, units=units_of(connection, unit), nip=nip, first=first, last=last)
    show_rows(RosterRow._fields, rows, as_json=as_json)


@app.command("export")
def export_command(
    unit: UnitOption = None, first: FirstOption = None, last: LastOption = None, output: OutputOption = None
) -> None:
    """Write the rosters as CSV that can be imported again."""
    with open_store(Settings.load()) as store, store.begin() as connection:
        rows = list_rosters(connection, units=units_of(connection, unit), first=first, last=last)
    write_csv(_EXPORTED, [(row.nip, row.date, row.shift) for row in rows], output)
