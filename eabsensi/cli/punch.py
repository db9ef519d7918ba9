"""eabsensi punch: USB dumps in, punches out."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, TextIO

import typer

from eabsensi.cli.options import JsonOption, OutputOption, UnitOption, day
from eabsensi.cli.output import finish_import, plain, result_stream, row_progress
from eabsensi.cli.people import units_of
from eabsensi.clock import SystemClock
from eabsensi.errors import UsageError
from eabsensi.importing.counts import counting
from eabsensi.importing.dump import import_usb_dump
from eabsensi.settings import Settings
from eabsensi.store.database import open_store
from eabsensi.store.punches import PunchRow, export_punches

app = typer.Typer(help="Punches: import a USB dump, export for other programs.", no_args_is_help=True)


class ExportFormat(StrEnum):
    """How punches are written."""

    CSV = "csv"
    JSONL = "jsonl"


@app.command("import")
def import_command(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The dump, attlog.dat.", show_default=False)],
    device: Annotated[
        str, typer.Option("--device", metavar="SERIAL", help="The device that it comes from.", show_default=False)
    ],
    *,
    as_json: JsonOption = False,
) -> None:
    """Import a device's USB dump. Punches that were collected already stay as they are."""
    now = SystemClock().now()
    with (
        open_store(Settings.load()) as store,
        store.begin() as connection,
        row_progress(f"{file.name}:", "lines") as rows_read,
    ):
        counts, problems = import_usb_dump(connection, device, file, now, rows_read=rows_read)
    finish_import("Punches", counts, problems, as_json=as_json)


@app.command("export")
def export_command(  # noqa: PLR0917  typer makes options of parameters; nobody calls this by position
    first: Annotated[
        date, typer.Option("--from", metavar="DATE", parser=day, help="The first day, by the device's clock.")
    ],
    last: Annotated[date, typer.Option("--to", metavar="DATE", parser=day, help="The last day, inclusive.")],
    device: Annotated[str | None, typer.Option("--device", metavar="SERIAL", help="Only this device.")] = None,
    unit: UnitOption = None,
    output_format: Annotated[ExportFormat, typer.Option("--format", help="How to write them.")] = ExportFormat.CSV,
    output: OutputOption = None,
) -> None:
    """Export punches, oldest first, with the NIP of whoever the PIN was on that day."""
    if last < first:
        raise UsageError(f"--to {last} is before --from {first}.", remedy="Exchange them.")
    with open_store(Settings.load()) as store, store.begin() as connection, result_stream(output) as stream:
        units_of(connection, unit)
        with row_progress("punches:", wanted=output is not None) as rows_read:
            rows = counting(export_punches(connection, first, last, serial=device, unit=unit), rows_read)
            _WRITERS[output_format](rows, stream)


def _write_csv(rows: Iterable[PunchRow], stream: TextIO) -> None:
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(PunchRow._fields)
    for row in rows:
        writer.writerow(value.isoformat() if isinstance(value, datetime) else value for value in row)


def _write_jsonl(rows: Iterable[PunchRow], stream: TextIO) -> None:
    stream.writelines(json.dumps(row._asdict(), ensure_ascii=False, default=plain) + "\n" for row in rows)


_WRITERS = {ExportFormat.CSV: _write_csv, ExportFormat.JSONL: _write_jsonl}
