"""eabsensi enrolment: which PIN is whom."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from eabsensi.cli.options import FileArgument, FirstOption, JsonOption, LastOption, OutputOption
from eabsensi.cli.output import say, show_json, show_table, warn
from eabsensi.cli.people import run_import, show_rows, write_csv
from eabsensi.clock import SystemClock
from eabsensi.importing.enrolments import import_enrolments
from eabsensi.importing.suggesting import UnmappedPerson, unmapped_people
from eabsensi.settings import Settings
from eabsensi.store.database import open_store
from eabsensi.store.people import list_enrolments

app = typer.Typer(help="Enrolments (PIN to employee): import, list, export; who is not mapped.", no_args_is_help=True)

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


@app.command("unmapped")
def unmapped_command(
    device: Annotated[str | None, typer.Option("--device", metavar="SERIAL", help="Only on this device.")] = None,
    first: FirstOption = None,
    last: LastOption = None,
    *,
    as_json: JsonOption = False,
) -> None:
    """List PINs whose punches are nobody's, with their rhythm and the employees whose names come nearest.

    Nothing is mapped by itself: import an enrolment from the day on which the PIN began to be theirs. Names on a device
    are known once `eabsensi device users` has read them.
    """
    today = SystemClock().now().date()
    with open_store(Settings.load()) as store, store.begin() as connection:
        people = unmapped_people(connection, today, serial=device, first=first, last=last)
    if as_json:
        show_json([_unmapped_json(person) for person in people])
    elif people:
        show_table(_UNMAPPED, [_unmapped_row(person) for person in people], right=("PUNCHES", "DAYS"))
        if any(person.pin.user_id is not None for person in people):
            warn("Where a user id is shown, records name the slot: enrol by the PIN, with this serial, never with *.")
        warn("Their punches are kept; they count once an enrolment is imported that is valid on their days.")
    else:
        say("Every PIN with punches is enrolled.")


_UNMAPPED = (
    "SERIAL",
    "PIN",
    "USER ID",
    "NAME ON DEVICE",
    "PUNCHES",
    "DAYS",
    "FIRST",
    "LAST",
    "USUALLY",
    "RHYTHM",
    "PERHAPS",
)


def _unmapped_row(person: UnmappedPerson) -> tuple[object, ...]:
    pin = person.pin
    perhaps = "; ".join(
        f"{match.nip} {match.name}, {match.unit or 'no posting'} ({match.likeness} %)"
        + (f", has PIN {', '.join(match.pins)}" if match.pins else "")
        for match in person.suggestions
    )
    rhythm = f"{'steady' if person.steady else 'irregular'}, ±{pin.spread_minutes // 2} min"
    seen = (pin.punches, pin.days, pin.first.date(), pin.last.date(), f"{pin.usual:%H:%M}")
    return (pin.serial, pin.pin, pin.user_id, pin.name, *seen, rhythm, perhaps)


def _unmapped_json(person: UnmappedPerson) -> dict[str, Any]:
    suggestions = [match._asdict() for match in person.suggestions]
    usual = f"{person.pin.usual:%H:%M}"
    return person.pin._asdict() | {"usual": usual, "steady": person.steady, "suggestions": suggestions}
