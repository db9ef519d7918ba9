"""eabsensi report nightly: the reports that stand ready in the morning; a systemd timer runs it."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from eabsensi.cli.options import ByOption, day, who
from eabsensi.cli.output import DONE_IN_PART, say, show_problems
from eabsensi.clock import SystemClock
from eabsensi.errors import SettingsError
from eabsensi.law.loader import load_policy
from eabsensi.reports.nightly import Night
from eabsensi.settings import Settings
from eabsensi.store.database import open_store
from eabsensi.store.roles import Role


def nightly_command(
    folder: Annotated[Path, typer.Option("--folder", metavar="DIR", help="Where the reports go.", show_default=False)],
    on: Annotated[
        date | None, typer.Option("--date", metavar="DATE", parser=day, help="The day; without it, yesterday.")
    ] = None,
    by: ByOption = None,
) -> None:
    """Write a day's reports into a folder: a workbook of the city, a PDF per unit, the devices' health.

    After the last day of a month also that month's. EABSENSI_PORTAL_ADDRESS is printed beside their codes.
    """
    settings, at = Settings.load(), SystemClock().now()
    policy = load_policy(settings.policy)
    today = at.astimezone(ZoneInfo(policy.timezone.on(at.date()).value)).date()
    with open_store(settings, role=Role.REPORTS) as store:
        night = Night(
            *(store, policy, on or today - timedelta(days=1), at, folder, who(by), settings.verify_at),
        )
        try:
            paths, problems = night.write()
        except OSError as cause:
            raise SettingsError(
                f"{folder} cannot hold reports: {cause.strerror}.", remedy="Name a folder that this account may write."
            ) from cause
    say(f"{len(paths)} reports of {night.on} are in {folder}.")
    show_problems(problems)
    if problems:
        raise typer.Exit(DONE_IN_PART)
