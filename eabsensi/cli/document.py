"""eabsensi document: papers that outrank punches, for a person or a unit."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from functools import partial
from typing import Annotated, TypeAlias

import typer

from eabsensi.access.refusals import RefusedError
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
from eabsensi.cli.output import DONE_IN_PART, FAILED, say, show_error
from eabsensi.cli.people import run_import, show_rows, units_of, write_csv
from eabsensi.clock import SystemClock
from eabsensi.filing.clerk import Clerk
from eabsensi.filing.papers import Decided, approve, revoke
from eabsensi.importing.documents import filing_by, import_documents
from eabsensi.law.loader import load_policy
from eabsensi.settings import Settings
from eabsensi.store.connection import Connection
from eabsensi.store.database import open_store
from eabsensi.store.documents import DocumentRow, list_documents

app = typer.Typer(
    help="Documents (leave, duty, sickness, corrections): import, list, approve, revoke, export.", no_args_is_help=True
)

_EXPORTED = ("nip", "unit", "kind", "covers", "from", "to", "number", "issued_on", "approved_at", "approved_by", "note")
_LISTED = tuple({"first": "from", "last": "to"}.get(name, name) for name in DocumentRow._fields)
_SHORT = ("id", "state", "nip", "name", "unit", "kind", "covers", "from", "to", "number", "approved_by", "note")

IdsArgument: TypeAlias = Annotated[
    list[int], typer.Argument(metavar="ID ...", help="Numbers of documents, as listed.", show_default=False)
]


class State(StrEnum):
    """What has become of a document."""

    FILED = "filed"
    APPROVED = "approved"
    REVOKED = "revoked"


@app.command("import")
def import_command(
    file: FileArgument,
    by: ByOption = None,
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would happen; write nothing.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Import documents. Columns: nip or unit, kind, from, to; also number, issued_on, approved_at, approved_by, note.

    The kind is a name such as annual_leave or a printed code such as CT. A document counts once it is approved: by the
    columns approved_at and approved_by, or with `eabsensi document approve`.

    The column covers says in or out where only the arrival or the departure is meant.
    """
    filing = filing_by(load_policy(Settings.load().policy), who(by), SystemClock().now())
    run_import("Documents", file, partial(import_documents, filing=filing), as_json=as_json, dry_run=dry_run)


@app.command("list")
def list_command(
    unit: UnitOption = None,
    nip: NipOption = None,
    first: FirstOption = None,
    last: LastOption = None,
    state: Annotated[State | None, typer.Option("--state", help="Only those in this state.")] = None,
    *,
    as_json: JsonOption = False,
) -> None:
    """List the documents; --from and --to narrow to those that cover one of these days."""
    with open_store(Settings.load()) as store, store.begin() as connection:
        units = units_of(connection, unit)
        rows = list_documents(connection, units=units, nip=nip, first=first, last=last, state=state)
    listed = [dict(zip(_LISTED, row, strict=True)) for row in rows]
    columns = _LISTED if as_json else _SHORT
    show_rows(columns, [[row[name] for name in columns] for row in listed], as_json=as_json)


@app.command("approve")
def approve_command(
    ids: IdsArgument,
    by: Annotated[str, typer.Option("--by", metavar="NAME", help="Who approves.", show_default=False)],
) -> None:
    """Approve filed documents: from now on they outrank the punches of their days.

    Who filed a document does not approve it.
    """
    _change(ids, by, approve, "approved")


@app.command("revoke")
def revoke_command(
    ids: IdsArgument,
    by: Annotated[str, typer.Option("--by", metavar="NAME", help="Who revokes.", show_default=False)],
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; it is kept.", show_default=False)],
) -> None:
    """Revoke documents, approved or not. They stay listed; days of a closed month get an addendum."""
    _change(ids, by, partial(revoke, reason=reason), "revoked")


@app.command("export")
def export_command(unit: UnitOption = None, output: OutputOption = None) -> None:
    """Write the documents that are not revoked as CSV that can be imported again."""
    with open_store(Settings.load()) as store, store.begin() as connection:
        rows = list_documents(connection, units=units_of(connection, unit))
    write_csv(_EXPORTED, [_exported(row) for row in rows if row.state != State.REVOKED], output)


def _change(ids: list[int], by: str, change: Callable[[Connection, Clerk, int], Decided], done: str) -> None:
    """Change documents one by one; those that cannot be are told, and the others are changed."""
    failed, settings = 0, Settings.load()
    clerk = Clerk(by, load_policy(settings.policy), SystemClock())
    with open_store(settings) as store:
        for number in ids:
            try:
                with store.begin() as connection:
                    paper = change(connection, clerk, number).row
            except RefusedError as refused:
                show_error(refused)
                failed += 1
            else:
                say(f"Document {number} is {done}: {paper.kind} from {paper.first} to {paper.last}.")
    if failed:
        raise typer.Exit(DONE_IN_PART if failed < len(ids) else FAILED)


def _exported(row: DocumentRow) -> tuple[object, ...]:
    approved_at = row.approved_at.isoformat() if row.approved_at else None
    return (
        *(row.nip, row.unit, row.kind, row.covers, row.first, row.last, row.number, row.issued_on),
        *(approved_at, row.approved_by, row.note),
    )
