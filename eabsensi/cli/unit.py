"""eabsensi unit: the organisation tree."""

from __future__ import annotations

import typer

from eabsensi.cli.options import FileArgument, JsonOption, OutputOption, UnitOption
from eabsensi.cli.people import run_import, show_rows, units_of, write_csv
from eabsensi.importing.units import import_units
from eabsensi.settings import Settings
from eabsensi.store.database import open_store
from eabsensi.store.people import Connection, Unit, load_units

app = typer.Typer(help="Work units (OPD): import, list, export.", no_args_is_help=True)

_COLUMNS = ("code", "name", "parent", "kind", "pattern", "timezone")


@app.command("import")
def import_command(file: FileArgument, *, as_json: JsonOption = False) -> None:
    """Import units. Columns: code, name, pattern (5-day, 6-day, shift); also parent, kind, timezone."""
    run_import("Units", file, import_units, as_json=as_json)


@app.command("list")
def list_command(unit: UnitOption = None, *, as_json: JsonOption = False) -> None:
    """List the units."""
    with open_store(Settings.load()) as store, store.begin() as connection:
        show_rows(_COLUMNS, _units(connection, unit), as_json=as_json)


@app.command("export")
def export_command(unit: UnitOption = None, output: OutputOption = None) -> None:
    """Write the units as CSV that can be imported again."""
    with open_store(Settings.load()) as store, store.begin() as connection:
        write_csv(_COLUMNS, _units(connection, unit), output)


def _units(connection: Connection, code: str | None) -> list[Unit]:
    wanted = units_of(connection, code)
    return [unit for unit in load_units(connection).values() if wanted is None or unit.code in wanted]
