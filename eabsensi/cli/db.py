"""eabsensi db: the database's tables; its commands log in as their owner."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from eabsensi.cli.options import ByOption, JsonOption, who
from eabsensi.cli.output import say, show_json
from eabsensi.clock import SystemClock
from eabsensi.errors import UsageError
from eabsensi.sealing.retiring import retire_month
from eabsensi.settings import Settings
from eabsensi.store import schema
from eabsensi.store.database import open_store
from eabsensi.store.evidence import summarise_arrivals
from eabsensi.store.partitions import ensure_months, horizon, may_make, months_of_punches
from eabsensi.store.seals import retired_months

app = typer.Typer(help="The database: bring its tables up to date, make and let go months.", no_args_is_help=True)


def _month(text: str) -> date:
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        raise typer.BadParameter(f"{text!r} is no month; write it as 2021-03.") from None


@app.command("upgrade")
def upgrade_command() -> None:
    """Make the tables, or bring them up to date; data stays. Run it after each upgrade of eabsensi."""
    with open_store(Settings.load(), upgrade=True) as store:
        say(f"{store.place} is up to date (revision {schema.current(store.engine)}).")


@app.command("upkeep")
def upkeep_command() -> None:
    """Make the months of punches that are coming; eabsensi-upkeep.timer runs it every day."""
    today = SystemClock().now().date()
    with open_store(Settings.load()) as store, store.begin_as_owner() as connection:
        if not may_make(connection):
            raise UsageError(
                "Only the owner of the tables can make months.",
                remedy="Run it with the owner's database URL, as `sudo eabsensi db upkeep` does.",
            )
        made = ensure_months(connection, today, horizon(today))
        summarise_arrivals(connection)
    say(f"Made {made} months." if made else "Every month up to the horizon is there.")


@app.command("months")
def months_command(*, as_json: JsonOption = False) -> None:
    """List the months of punches: rows as the server estimates them, size, and months that were let go."""
    with open_store(Settings.load()) as store, store.begin() as connection:
        there, gone = months_of_punches(connection), retired_months(connection)
    if as_json:
        kept = [{"month": f"{each.month:%Y-%m}", "rows": each.rows, "bytes": each.total_bytes} for each in there]
        show_json({"months": kept, "retired": [retired._asdict() for retired in gone]})
        return
    for retired in gone:
        say(f"{retired.month:%Y-%m}  {retired.rows:>13,} rows  let go by {retired.by}: {retired.reason}")
    for each in there:
        say(f"{each.month:%Y-%m}  {each.rows:>13,} rows  {each.total_bytes / 1e6:>10,.1f} MB")


@app.command("retire")
def retire_command(
    month: Annotated[date, typer.Argument(metavar="MONTH", parser=_month, help="The month, e.g. 2021-03.")],
    to: Annotated[Path, typer.Option("--to", metavar="FOLDER", help="Where its archive is written.")],
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="The decision of retention, for the chain.")],
    by: ByOption = None,
) -> None:
    """Let a month's punches go: archived, counted, read back, noted in the chain, and only then removed.

    The month must be closed in every unit and two years old. Verdicts, closed months and documents stay, and its days
    are never judged again.
    """
    with open_store(Settings.load()) as store:
        gone = retire_month(store, SystemClock(), month, to=to, by=who(by), reason=reason)
    say(f"{gone.rows:,} punches of {gone.month:%Y-%m} lie in {gone.path}, counted three times; the month is removed.")
    say(f"sha256 {gone.sha256}")
