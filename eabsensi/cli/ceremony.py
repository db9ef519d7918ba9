"""eabsensi ceremony: apel and ceremonies, each with a window of its own."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from eabsensi.cli.options import ByOption, FirstOption, JsonOption, LastOption, UnitOption, day, who
from eabsensi.cli.output import say
from eabsensi.cli.people import show_rows, units_of
from eabsensi.clock import SystemClock
from eabsensi.law.loader import load_policy
from eabsensi.law.policy import Policy
from eabsensi.settings import Settings
from eabsensi.store.ceremonies import Ceremony, CeremonyRow, add_ceremony, cancel_ceremony, list_ceremonies
from eabsensi.store.connection import Connection
from eabsensi.store.database import open_store
from eabsensi.store.people import timezone_of

app = typer.Typer(help="Apel and ceremonies: add, list, cancel.", no_args_is_help=True)

_SHORT = ("id", "kind", "date", "opens_at", "closes_at", "name", "unit", "basis", "cancelled_by")


class Kind(StrEnum):
    """What people gather for."""

    APEL = "apel"
    UPACARA = "upacara"


def _clock(text: str) -> time:
    try:
        return datetime.strptime(text, "%H:%M").time()  # noqa: DTZ007  a wall clock; the unit's zone is added below
    except ValueError:
        raise typer.BadParameter(f"{text!r} is no time of day; write it as 07:15.") from None


@app.command("add")
def add_command(  # noqa: PLR0917  typer makes options of parameters; nobody calls this by position
    on: Annotated[date, typer.Option("--date", metavar="DATE", parser=day, help="The day.", show_default=False)],
    opens: Annotated[
        time, typer.Option("--from", metavar="TIME", parser=_clock, help="When the register opens.", show_default=False)
    ],
    closes: Annotated[
        time, typer.Option("--to", metavar="TIME", parser=_clock, help="When it closes.", show_default=False)
    ],
    kind: Annotated[Kind, typer.Option("--kind", help="What it is.")] = Kind.APEL,
    unit: Annotated[
        str | None, typer.Option("--unit", metavar="CODE", help="Whom it obliges: this unit and those below; else all.")
    ] = None,
    name: Annotated[str | None, typer.Option("--name", metavar="NAME", help="As announced.")] = None,
    basis: Annotated[str, typer.Option("--basis", metavar="TEXT", help="The letter that orders it.")] = "",
    weekly_until: Annotated[
        date | None, typer.Option("--weekly-until", metavar="DATE", parser=day, help="Again every week up to this day.")
    ] = None,
    by: ByOption = None,
) -> None:
    """Announce a gathering. Times are those of the unit's zone; who misses it is neither late nor absent from work."""
    settings, at = Settings.load(), SystemClock().now()
    with open_store(settings) as store, store.begin() as connection:
        zone = _zone(connection, load_policy(settings.policy), unit, on)
        for date_on in _weekly(on, weekly_until or on):
            opens_at, closes_at = (datetime.combine(date_on, clock, zone) for clock in (opens, closes))
            ceremony = Ceremony(0, kind.value, date_on, opens_at, closes_at, name or kind.capitalize(), unit, basis)
            number = add_ceremony(connection, ceremony, by=who(by), at=at)
            say(f"Gathering {number}: {ceremony.name} on {date_on}, {opens:%H:%M} to {closes:%H:%M} {zone.key}.")


@app.command("list")
def list_command(
    unit: UnitOption = None, first: FirstOption = None, last: LastOption = None, *, as_json: JsonOption = False
) -> None:
    """List the gatherings, cancelled ones too; those for everybody with every unit."""
    settings = Settings.load()
    policy = load_policy(settings.policy)
    with open_store(settings) as store, store.begin() as connection:
        rows = list_ceremonies(connection, units=units_of(connection, unit), first=first, last=last)
        zones = {row.unit: _zone(connection, policy, row.unit, row.date) for row in rows}
    listed = [dict(zip(CeremonyRow._fields, _local(row, zones[row.unit]), strict=True)) for row in rows]
    columns = CeremonyRow._fields if as_json else _SHORT
    show_rows(columns, [[row[name] for name in columns] for row in listed], as_json=as_json)


@app.command("cancel")
def cancel_command(
    number: Annotated[int, typer.Argument(metavar="ID", help="As listed.", show_default=False)], by: ByOption = None
) -> None:
    """Call a gathering off; it stays listed."""
    with open_store(Settings.load()) as store, store.begin() as connection:
        row = cancel_ceremony(connection, number, by=who(by), at=SystemClock().now())
    say(f"Gathering {number} is cancelled: {row.kind} {row.name} on {row.date}.")


def _zone(connection: Connection, policy: Policy, unit: str | None, on: date) -> ZoneInfo:
    """Give the zone whose wall clock is meant: the unit's, else the city's."""
    named = timezone_of(connection, unit) if unit is not None else None
    return ZoneInfo(named or policy.timezone.on(on).value)


def _weekly(first: date, last: date) -> list[date]:
    return [first + timedelta(weeks=week) for week in range(max(0, (last - first).days // 7) + 1)]


def _local(row: CeremonyRow, zone: ZoneInfo) -> CeremonyRow:
    return row._replace(opens_at=row.opens_at.astimezone(zone), closes_at=row.closes_at.astimezone(zone))
