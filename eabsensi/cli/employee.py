"""eabsensi employee: people and where they are posted."""

from __future__ import annotations

from typing import Annotated

import typer

from eabsensi.cli.options import FileArgument, JsonOption, OutputOption, UnitOption
from eabsensi.cli.people import run_import, show_rows, units_of, write_csv
from eabsensi.importing.employees import import_employees
from eabsensi.settings import Settings
from eabsensi.store.database import open_store
from eabsensi.store.people import EmployeeRow, list_employees

app = typer.Typer(help="Employees and their postings: import, list, export.", no_args_is_help=True)

_COLUMNS = EmployeeRow._fields


@app.command("import")
def import_command(
    file: FileArgument,
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would happen; write nothing.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Import employees. Columns: nip, name, kind, unit, since; also rank, position, until.

    The kind is PNS, CPNS, PPPK, PPPK-PW or other; since and until are dates such as 2026-01-31.

    A row with another unit is a transfer: the posting that lasts on that day ends there.
    """
    run_import("Employees", file, import_employees, as_json=as_json, dry_run=dry_run)


@app.command("list")
def list_command(unit: UnitOption = None, *, as_json: JsonOption = False) -> None:
    """List the employees, a line for each posting."""
    with open_store(Settings.load()) as store, store.begin() as connection:
        show_rows(_COLUMNS, list_employees(connection, units_of(connection, unit)), as_json=as_json)


@app.command("export")
def export_command(unit: UnitOption = None, output: OutputOption = None) -> None:
    """Write the employees as CSV that can be imported again, a line for each posting."""
    with open_store(Settings.load()) as store, store.begin() as connection:
        write_csv(_COLUMNS, list_employees(connection, units_of(connection, unit)), output)
