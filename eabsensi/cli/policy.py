"""eabsensi policy: the law as dated data."""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from datetime import date
from typing import Annotated

import typer

from eabsensi.cli.output import FAILED, say, show_problems, show_table
from eabsensi.clock import SystemClock
from eabsensi.law.calendar import DayKind, day_rule
from eabsensi.law.loader import PolicyError, load_policy
from eabsensi.law.policy import Policy
from eabsensi.law.wording import Language, day_name
from eabsensi.settings import Settings

app = typer.Typer(help="The rules that days are judged by.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Keep ``check`` a command of its own while it is the only one."""


def _month(text: str) -> date:
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        raise typer.BadParameter(f"{text!r} is no month; write it as 2026-01.") from None


@app.command("check")
def check_command(
    month: Annotated[
        date | None, typer.Option("--month", metavar="MONTH", parser=_month, help="Print this month's calendar too.")
    ] = None,
    pattern: Annotated[str, typer.Option("--pattern", help="Whose calendar: 5-day or 6-day.")] = "5-day",
) -> None:
    """Check that the policy can be used: every value dated and cited, no gap, no overlap."""
    try:
        policy = load_policy(Settings.load().policy)
    except PolicyError as refused:
        show_problems(refused.problems)
        raise typer.Exit(FAILED) from refused
    today = SystemClock().now().date()
    years = sorted(policy.holiday_years)
    say(f"The policy {policy.name} (version {policy.version}) is whole: {len(policy.series)} dated values,")
    say(f"{len(policy.holidays)} holidays of {years[0]} to {years[-1]}, {len(policy.seasons)} seasons.")
    unconfirmed = policy.unconfirmed(today)
    if unconfirmed:
        say(f"\n{len(unconfirmed)} values in force on {today} are not confirmed by the agency:")
        show_table(
            ("KEY", "SINCE", "SOURCE"), [(key, item.from_on, item.citation.instrument) for key, item in unconfirmed]
        )
    if month is not None:
        show_table(("DATE", "DAY", "WHAT", "HOURS", "NAME"), _days(policy, month, pattern))


def _days(policy: Policy, month: date, pattern: str) -> Iterator[tuple[object, ...]]:
    for number in range(1, calendar.monthrange(month.year, month.month)[1] + 1):
        on = month.replace(day=number)
        rule = day_rule(policy, pattern, on)
        hours = f"{rule.hours.start:%H:%M}-{rule.hours.end:%H:%M}" if rule.hours and rule.kind is DayKind.WORK else ""
        yield (on, day_name(on, Language.EN), rule.kind.value, hours, rule.name)
