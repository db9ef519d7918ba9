"""eabsensi enrolment: which PIN is whom."""

from __future__ import annotations

from typing import Annotated

import typer

from eabsensi.cli.options import FileArgument, JsonOption, OutputOption
from eabsensi.cli.people import run_import, show_rows, write_csv
from eabsensi.importing.enrolments import import_enrolments
from eabsensi.settings import Settings
from eabsensi.store.database import open_store
from eabsensi.store.people import list_enrolments

app = typer.Typer(help="Enrolments (PIN to employee): import, list, export.", no_args_is_help=True)

_DeviceOption = Annotated[
    str | None, typer.Option("--device", metavar="SERIAL", help="Only those that count on this device.")
]
_LISTED = ("serial", "pin", "nip", "name", "from", "to")
_EXPORTED = ("serial", "pin", "nip", "from", "to")


@app.command("import")
def import_command(file: FileArgument, *, as_json: JsonOption = False) -> None:
    """Import enrolments. Columns: serial (* = every device), pin, nip, from; also to (the last day)."""
    run_import("Enrolments", file, import_enrolments, as_json=as_json)


@app.command("list")
def list_command(device: _DeviceOption = None, *, as_json: JsonOption = False) -> None:
    """List the enrolments."""
    with open_store(Settings.load()) as store, store.begin() as connection:
        show_rows(_LISTED, list_enrolments(connection, device), as_json=as_json)


@app.command("export")
def export_command(device: _DeviceOption = None, output: OutputOption = None) -> None:
    """Write the enrolments as CSV that can be imported again."""
    with open_store(Settings.load()) as store, store.begin() as connection:
        rows = [(row.serial, row.pin, row.nip, row.since, row.until) for row in list_enrolments(connection, device)]
        write_csv(_EXPORTED, rows, output)
