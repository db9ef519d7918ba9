"""eabsensi assess: judge days again."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import typer

from eabsensi.assessing.keeping import rebuild
from eabsensi.assessing.ranges import load_city
from eabsensi.cli.options import ByOption, JsonOption, UnitOption, day, who
from eabsensi.cli.output import row_progress, say, show_json
from eabsensi.clock import SystemClock
from eabsensi.errors import UsageError
from eabsensi.law.loader import load_policy
from eabsensi.settings import Settings
from eabsensi.store.database import open_store


def assess_command(
    first: Annotated[date, typer.Option("--from", metavar="DATE", parser=day, help="The first day, e.g. 2026-01-01.")],
    last: Annotated[date, typer.Option("--to", metavar="DATE", parser=day, help="The last day.")],
    unit: UnitOption = None,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Kept with each verdict that changes.")] = "",
    by: ByOption = None,
    *,
    as_json: JsonOption = False,
) -> None:
    """Judge days again from everything that is known now, and keep what differs as a new version.

    The daemon does this by itself for each day that something touches; this is for whole stretches, as after a change
    of the rules. Days to come are left out. A closed month keeps its content: differences become addenda.
    """
    if last < first:
        raise UsageError(f"{last} is before {first}.", remedy="Give the earlier day with --from.")
    settings, clock = Settings.load(), SystemClock()
    policy = load_policy(settings.policy)
    with open_store(settings) as store, row_progress("Judging", "days", wanted=not as_json) as progress:
        units = None
        if unit is not None:
            with store.begin() as connection:
                city = load_city(connection, policy, clock.now())
            city.require(unit)
            units = city.below(unit)
        cause = f"judged again: {reason}" if reason else "judged again"
        kept = rebuild(store, policy, first, last, units, by=who(by), cause=cause, clock=clock, done=progress)
    if as_json:
        show_json({"judged": kept.judged, "changed": kept.versions, "addenda": kept.addenda})
        return
    say(f"{kept.judged:,} employee-days judged, {kept.versions:,} of them differently than before.")
    if kept.addenda:
        say(f"{kept.addenda:,} of these belong to closed months and were noted there as addenda.")
