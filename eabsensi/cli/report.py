"""eabsensi report: what HR reads."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from eabsensi.assessing.daily import assess_day
from eabsensi.cli.options import OutputOption, UnitOption, day
from eabsensi.cli.output import warn
from eabsensi.clock import SystemClock
from eabsensi.law.loader import load_policy
from eabsensi.law.wording import Language
from eabsensi.reports.daily import daily_report
from eabsensi.reports.rendering import Format, render_daily
from eabsensi.settings import Settings
from eabsensi.store.database import open_store

app = typer.Typer(help="Reports: daily.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Keep ``daily`` a command of its own while it is the only one."""


def _instant(text: str) -> datetime:
    """Read an instant; without an offset it is local, by the policy's timezone."""
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is no instant; write it as 2026-01-31T17:00.") from None


@app.command("daily")
def daily_command(  # noqa: PLR0917  typer makes options of parameters; nobody calls this by position
    on: Annotated[date, typer.Option("--date", metavar="DATE", parser=day, help="The day, e.g. 2026-01-31.")],
    unit: UnitOption = None,
    as_of: Annotated[
        datetime | None,
        typer.Option("--as-of", metavar="TIME", parser=_instant, help="By what was known then, e.g. 2026-01-31T17:00."),
    ] = None,
    output_format: Annotated[Format, typer.Option("--format", help="xlsx and pdf need -o.")] = Format.TABLE,
    output: OutputOption = None,
    language: Annotated[Language, typer.Option("--language", help="Of the report.")] = Language.ID,
) -> None:
    """Judge a day and report it: everybody's status, with what is incomplete and why."""
    settings = Settings.load()
    policy = load_policy(settings.policy)
    known_at = as_of or SystemClock().now()
    if known_at.tzinfo is None:
        known_at = known_at.replace(tzinfo=ZoneInfo(policy.timezone.on(known_at.date()).value))
    with open_store(settings) as store, store.begin() as connection:
        report = daily_report(assess_day(connection, policy, on, as_of=known_at, unit=unit), policy)
    for path in render_daily(report, output_format, output, language):
        warn(f"Written: {path}")
