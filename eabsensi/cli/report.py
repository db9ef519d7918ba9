"""eabsensi report: what HR reads."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Annotated, TypeAlias
from zoneinfo import ZoneInfo

import typer

from eabsensi.assessing.daily import assess_day
from eabsensi.cli.options import OutputOption, UnitOption, day
from eabsensi.cli.output import warn
from eabsensi.clock import SystemClock
from eabsensi.law.loader import load_policy
from eabsensi.law.policy import Policy
from eabsensi.law.wording import Language
from eabsensi.reports.allowance import allowance_report
from eabsensi.reports.daily import daily_report
from eabsensi.reports.indications import indications_report
from eabsensi.reports.judged import JudgedPeriod
from eabsensi.reports.loading import Asked, judged_month, judged_year
from eabsensi.reports.monthly import monthly_report
from eabsensi.reports.paper import Papered
from eabsensi.reports.rendering import Format, render, render_daily
from eabsensi.reports.yearly import yearly_report
from eabsensi.settings import Settings
from eabsensi.store.connection import Connection
from eabsensi.store.database import open_store

app = typer.Typer(help="Reports: daily, monthly, yearly, indications, allowance.", no_args_is_help=True)


def instant(text: str) -> datetime:
    """Read an instant; without an offset it is local, by the policy's timezone.

    Raises:
        typer.BadParameter: it is no instant.

    """
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is no instant; write it as 2026-01-31T17:00.") from None


def _month(text: str) -> date:
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        raise typer.BadParameter(f"{text!r} is no month; write it as 2026-01.") from None


def known_at(as_of: datetime | None, policy: Policy) -> datetime:
    """Give the instant of knowledge: as given, local where it has no offset, or the present."""
    at = as_of or SystemClock().now()
    return at if at.tzinfo else at.replace(tzinfo=ZoneInfo(policy.timezone.on(at.date()).value))


MonthOption: TypeAlias = Annotated[
    date, typer.Option("--month", metavar="MONTH", parser=_month, help="The month, e.g. 2026-01.")
]
YearOption: TypeAlias = Annotated[int, typer.Option("--year", min=2010, max=2100, help="January to December of it.")]
AsOfOption: TypeAlias = Annotated[
    datetime | None,
    typer.Option("--as-of", metavar="TIME", parser=instant, help="By what was known then, e.g. 2026-01-31T17:00."),
]
FormatOption: TypeAlias = Annotated[Format, typer.Option("--format", help="xlsx and pdf need -o.")]
LanguageOption: TypeAlias = Annotated[Language, typer.Option("--language", help="Of the report.")]


@app.command("daily")
def daily_command(  # noqa: PLR0917  typer makes options of parameters; nobody calls this by position
    on: Annotated[date, typer.Option("--date", metavar="DATE", parser=day, help="The day, e.g. 2026-01-31.")],
    unit: UnitOption = None,
    as_of: AsOfOption = None,
    output_format: FormatOption = Format.TABLE,
    output: OutputOption = None,
    language: LanguageOption = Language.ID,
) -> None:
    """Judge a day and report it: everybody's status, with what is incomplete and why."""
    settings = Settings.load()
    policy = load_policy(settings.policy)
    with open_store(settings) as store, store.begin() as connection:
        report = daily_report(assess_day(connection, policy, on, as_of=known_at(as_of, policy), unit=unit), policy)
    _tell(render_daily(report, output_format, output, language))


@app.command("monthly")
def monthly_command(  # noqa: PLR0917  typer makes options of parameters; nobody calls this by position
    month: MonthOption,
    unit: UnitOption = None,
    as_of: AsOfOption = None,
    output_format: FormatOption = Format.TABLE,
    output: OutputOption = None,
    language: LanguageOption = Language.ID,
) -> None:
    """Report a month: the days 1 to 31 of everybody with their codes, and what they add up to."""
    asked = _Asking(month, _last_of(month), unit, as_of)
    _tell(render(asked.report(judged_month, monthly_report), output_format, output, language))


@app.command("allowance")
def allowance_command(  # noqa: PLR0917  typer makes options of parameters; nobody calls this by position
    month: MonthOption,
    unit: UnitOption = None,
    as_of: AsOfOption = None,
    output_format: FormatOption = Format.TABLE,
    output: OutputOption = None,
    language: LanguageOption = Language.ID,
) -> None:
    """Report what a month takes off the allowance, in percent, with a line for each day and rule."""
    asked = _Asking(month, _last_of(month), unit, as_of)
    _tell(render(asked.report(judged_month, allowance_report), output_format, output, language))


@app.command("yearly")
def yearly_command(  # noqa: PLR0917  typer makes options of parameters; nobody calls this by position
    year: YearOption,
    unit: UnitOption = None,
    as_of: AsOfOption = None,
    output_format: FormatOption = Format.TABLE,
    output: OutputOption = None,
    language: LanguageOption = Language.ID,
) -> None:
    """Report a year: days absent month by month, minutes that became days, and their sum."""
    asked = _Asking(date(year, 1, 1), date(year, 12, 31), unit, as_of)
    made = asked.report(judged_year, lambda period, policy: yearly_report(period, policy, year))
    _tell(render(made, output_format, output, language))


@app.command("indications")
def indications_command(  # noqa: PLR0917  typer makes options of parameters; nobody calls this by position
    year: YearOption,
    unit: UnitOption = None,
    as_of: AsOfOption = None,
    output_format: FormatOption = Format.TABLE,
    output: OutputOption = None,
    language: LanguageOption = Language.ID,
) -> None:
    """Report whose absences reach a tier of the law, with the dates; an official decides."""
    asked = _Asking(date(year, 1, 1), date(year, 12, 31), unit, as_of)
    made = asked.report(judged_year, lambda period, policy: indications_report(period, policy, year))
    _tell(render(made, output_format, output, language))


class _Asking:
    """One question to the judged days."""

    def __init__(self, first: date, last: date, unit: str | None, as_of: datetime | None) -> None:
        self._settings = Settings.load()
        self._policy = load_policy(self._settings.policy)
        at = known_at(as_of, self._policy)
        self._asked = Asked(first, last, at, unit, past=as_of is not None)

    def report(
        self,
        load: Callable[[Connection, Policy, Asked], JudgedPeriod],
        make: Callable[[JudgedPeriod, Policy], Papered],
    ) -> Papered:
        """Load the days and make the report of them, in one transaction, since they may be a stream."""
        with open_store(self._settings) as store, store.begin() as connection:
            return make(load(connection, self._policy, self._asked), self._policy)


def _last_of(month: date) -> date:
    return (month + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def _tell(paths: list[Path]) -> None:
    for path in paths:
        warn(f"Written: {path}")
