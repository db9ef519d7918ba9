"""eabsensi period: close a month of a unit, reopen it, show that it is what was closed."""

from __future__ import annotations

from datetime import date
from typing import Annotated, TypeAlias
from zoneinfo import ZoneInfo

import typer

from eabsensi.access.trail import Action, record
from eabsensi.assessing.closing import (
    OpenDaysError,
    PeriodCheck,
    close_in,
    period_history,
    reopen_in,
    verify_period,
)
from eabsensi.assessing.ranges import load_city
from eabsensi.cli.options import ByOption, JsonOption, day, who
from eabsensi.cli.output import FAILED, say, show_error, show_json, show_problems, show_table, warn
from eabsensi.clock import SystemClock
from eabsensi.law.loader import load_policy
from eabsensi.settings import Settings
from eabsensi.store.database import open_store
from eabsensi.store.people import Connection
from eabsensi.store.periods import Addendum, Period

app = typer.Typer(help="Closed months: close, reopen, show.", no_args_is_help=True)


def _month(text: str) -> date:
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        raise typer.BadParameter(f"{text!r} is no month; write it as 2026-01.") from None


MonthOption: TypeAlias = Annotated[
    date, typer.Option("--month", metavar="MONTH", parser=_month, help="The month, e.g. 2026-01.", show_default=False)
]
OneUnitOption: TypeAlias = Annotated[
    str, typer.Option("--unit", metavar="CODE", help="The unit; those below it have closings of their own.")
]


@app.command("close")
def close_command(
    month: MonthOption,
    unit: OneUnitOption,
    through: Annotated[
        date | None,
        typer.Option("--through", metavar="DATE", parser=day, help="The last day covered, where it closes early."),
    ] = None,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why it closes with open days.")] = "",
    by: ByOption = None,
    *,
    as_json: JsonOption = False,
) -> None:
    """Close a month of a unit: it is judged once more, and its rows get a version and a hash.

    Where a day is still undetermined or incomplete, the days are named and nothing is closed, unless a reason says why
    it has to be.
    """
    settings = Settings.load()
    policy = load_policy(settings.policy)
    with open_store(settings) as store:
        try:
            with store.begin() as connection:
                period = close_in(connection, policy, unit, month, by=who(by), through=through, reason=reason)
                _note(connection, Action.CLOSE_PERIOD, period)
        except OpenDaysError as refused:
            show_problems(refused.problems)
            show_error(refused)
            raise typer.Exit(FAILED) from refused
    if as_json:
        show_json(period._asdict())
    else:
        say(f"{month:%Y-%m} of {unit} is closed through {period.through_on}, version {period.version}.")
        say(f"sha256 {period.sha256}")


@app.command("reopen")
def reopen_command(
    month: MonthOption,
    unit: OneUnitOption,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; kept for good.", show_default=False)],
    by: ByOption = None,
) -> None:
    """Reopen a closed month, so that it can be closed anew; what was closed stays readable under its version."""
    with open_store(Settings.load()) as store, store.begin() as connection:
        period = reopen_in(connection, unit, month, by=who(by), reason=reason)
        _note(connection, Action.REOPEN_PERIOD, period)
    say(f"{month:%Y-%m} of {unit} is open again (version {period.version}): {period.reason}")


def _note(connection: Connection, action: Action, period: Period) -> None:
    """Write into the trail, in the transaction that closes or reopens, as the portal does."""
    detail = {"version": period.version, "sha256": period.sha256, "reason": period.reason}
    subject = f"{period.month:%Y-%m}"
    record(connection, period.by, action, at=period.at, unit=period.unit_code, subject=subject, detail=detail)


@app.command("show")
def show_command(month: MonthOption, unit: OneUnitOption, *, as_json: JsonOption = False) -> None:
    """Show the closings of a month with what was learnt since, and make sure that their rows were not changed.

    Ends with 1 where rows of a closing are not those that were closed.
    """
    settings = Settings.load()
    policy = load_policy(settings.policy)
    with open_store(settings) as store, store.begin() as connection:
        now = SystemClock().now()
        city = load_city(connection, policy, now)
        city.require(unit)
        zone = city.zone(unit, month)
        history = period_history(connection, unit, month)
        closings = [item for item in history if item.state == "closed"]
        checks = {item.version: verify_period(connection, unit, month, item.version) for item in closings}
    if as_json:
        show_json([_content(item, checks.get(item.version)) for item in history])
    elif not history:
        say(f"{month:%Y-%m} of {unit} was never closed.")
    else:
        _show(history, checks, zone)
    if not all(check.is_whole for check in checks.values()):
        raise typer.Exit(FAILED)


def _content(period: Period, check: PeriodCheck | None) -> dict[str, object]:
    found = {"whole": check.is_whole, "addenda": [item._asdict() for item in check.addenda]} if check else {}
    return period._asdict() | found


def _show(history: list[Period], checks: dict[int, PeriodCheck], zone: ZoneInfo) -> None:
    rows = [
        (item.version, item.state, item.through_on, item.at.astimezone(zone), item.by, item.sha256, item.reason)
        for item in history
    ]
    show_table(("VERSION", "STATE", "THROUGH", "AT", "BY", "SHA256", "REASON"), rows, right=("VERSION",))
    for version, check in checks.items():
        if not check.is_whole:
            warn(f"Version {version}: its rows give {check.found}. They are not those that were closed.")
        if check.addenda:
            say(f"\nVersion {version}, learnt since:")
            show_table(("DATE", "EMPLOYEE", "BEFORE", "AFTER", "AT", "WHY"), (_row(i, zone) for i in check.addenda))


def _row(item: Addendum, zone: ZoneInfo) -> tuple[object, ...]:
    before, after = (_codes(content) for content in (item.before, item.after))
    return (item.on_date, item.employee_id, before, after, item.at.astimezone(zone), item.reason)


def _codes(content: dict[str, object] | None) -> str:
    codes = content.get("codes") if content else None
    return " ".join(map(str, codes)) if isinstance(codes, list) else "not in this unit"
