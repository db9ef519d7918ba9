"""eabsensi db: the database's tables."""

from __future__ import annotations

import typer

from eabsensi.cli.output import say
from eabsensi.settings import Settings
from eabsensi.store import schema
from eabsensi.store.database import open_store

app = typer.Typer(help="The database: bring its tables up to date.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Keep ``upgrade`` a command of its own while it is the only one."""


@app.command("upgrade")
def upgrade_command() -> None:
    """Make the tables, or bring them up to date; data stays. Run it after each upgrade of eabsensi."""
    with open_store(Settings.load(), upgrade=True) as store:
        say(f"{store.place} is up to date (revision {schema.current(store.engine)}).")
