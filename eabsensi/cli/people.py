"""What the commands on units, employees and enrolments share: import, list and export of one kind of row."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from eabsensi.cli.output import finish_import, result_stream, row_progress, show_json, show_table
from eabsensi.errors import EabsensiError, Problem
from eabsensi.importing.counts import ImportCounts
from eabsensi.importing.fields import nearest
from eabsensi.settings import Settings
from eabsensi.store.database import open_store
from eabsensi.store.people import Connection, load_units, units_below

Importer = Callable[..., tuple[ImportCounts, list[Problem]]]


class UnknownUnitCodeError(EabsensiError):
    """There is no such unit."""


def run_import(what: str, file: Path, importer: Importer, *, as_json: bool, dry_run: bool = False) -> None:
    """Import a file in one transaction and show the outcome; a dry run takes everything back."""
    with open_store(Settings.load()) as store, store.begin() as connection:
        with row_progress(f"{file.name}:") as rows_read:
            counts, problems = importer(connection, file, rows_read=rows_read)
        if dry_run:
            connection.rollback()
    finish_import(what, counts, problems, as_json=as_json, dry_run=dry_run)


def units_of(connection: Connection, code: str | None) -> list[str] | None:
    """Give a unit's code and those below it; None where no unit is asked for.

    Raises:
        UnknownUnitCodeError: there is no such unit.

    """
    if code is None:
        return None
    found = units_below(connection, code)
    if not found:
        remedy = f"{nearest(code, load_units(connection))}eabsensi unit list shows them."
        raise UnknownUnitCodeError(f"There is no unit {code}.", remedy=remedy)
    return found


def show_rows(headers: Sequence[str], rows: Sequence[Sequence[Any]], *, as_json: bool) -> None:
    """Show rows as a table or as JSON objects."""
    if as_json:
        show_json([dict(zip(headers, row, strict=True)) for row in rows])
    else:
        show_table([header.upper() for header in headers], rows)


def write_csv(headers: Sequence[str], rows: Sequence[Sequence[Any]], output: Path | None) -> None:
    """Write rows as CSV that can be imported again."""
    with result_stream(output) as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(headers)
        writer.writerows(rows)
