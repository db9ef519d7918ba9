"""eabsensi report: what HR reads."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import wraps
from inspect import Parameter, Signature, signature
from pathlib import Path
from typing import Annotated, Any, TypeAlias
from zoneinfo import ZoneInfo

import typer

from eabsensi.assessing.daily import assess_day
from eabsensi.assessing.findings import Wanted, find_patterns
from eabsensi.cli.options import ByOption, OutputOption, UnitOption, day, who
from eabsensi.cli.output import warn
from eabsensi.clock import SystemClock
from eabsensi.discipline.findings.finding import Rule
from eabsensi.law.loader import load_policy
from eabsensi.law.policy import Policy
from eabsensi.law.wording import Language
from eabsensi.reports.allowance import allowance_report
from eabsensi.reports.daily import DailyReport, daily_report
from eabsensi.reports.devices import devices_report
from eabsensi.reports.findings import findings_report
from eabsensi.reports.indications import indications_report
from eabsensi.reports.issuing import ISSUED, issue, issue_units
from eabsensi.reports.judged import JudgedPeriod
from eabsensi.reports.loading import Asked, judged_month, judged_person, judged_year
from eabsensi.reports.monthly import monthly_report
from eabsensi.reports.paper import Papered
from eabsensi.reports.personal import personal_report
from eabsensi.reports.ranking import ranking_report
from eabsensi.reports.recapitulation import recap_report
from eabsensi.reports.rendering import Format, render, render_daily
from eabsensi.reports.yearly import yearly_report
from eabsensi.settings import Settings
from eabsensi.store.connection import Connection
from eabsensi.store.database import Store, open_store

app = typer.Typer(
    help="Reports by day, month and year, of units, people and devices. A workbook or PDF is kept as given out.",
    no_args_is_help=True,
)


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
VerifyOption: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--verify-at",
        metavar="ADDRESS",
        envvar="EABSENSI_VERIFY_AT",
        help="Printed beside the verification code: the portal's page that looks it up, where that is not known.",
    ),
]
LanguageOption: TypeAlias = Annotated[Language, typer.Option("--language", help="Of the report.")]


@dataclass(frozen=True, slots=True)
class _Wanted:
    """In which form a report is wanted, and who gives it out."""

    fmt: Format
    output: Path | None
    language: Language
    by: str | None
    verify_at: str | None

    def deliver(self, store: Store, report: Papered | DailyReport) -> None:
        """Render a report; a workbook or PDF is kept as given out, unless it cannot be written."""
        with store.begin() as connection:
            if self.output is not None and self.fmt in ISSUED:
                self._keep(connection, report, self.output)
            paths = self._render(report)
        for path in paths:
            warn(f"Written: {path}")

    def _keep(self, connection: Connection, report: Papered | DailyReport, output: Path) -> None:
        by, at = who(self.by), SystemClock().now()
        if self.fmt is Format.PDF and output.is_dir():
            issue_units(connection, report, by=by, at=at)
        else:
            issue(connection, report, self.fmt, by=by, at=at)

    def _render(self, report: Papered | DailyReport) -> list[Path]:
        verify_at = self.verify_at or Settings.load().verify_at
        if isinstance(report, DailyReport):
            return render_daily(report, self.fmt, self.output, self.language, verify_at=verify_at)
        return render(report, self.fmt, self.output, self.language, verify_at=verify_at)


def _delivering(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options that every report has; they reach it together, as its parameter ``wanted``."""
    own = [one for one in signature(command, eval_str=True).parameters.values() if one.name != "wanted"]
    shared = [
        Parameter("output_format", Parameter.KEYWORD_ONLY, default=Format.TABLE, annotation=FormatOption),
        Parameter("output", Parameter.KEYWORD_ONLY, default=None, annotation=OutputOption),
        Parameter("language", Parameter.KEYWORD_ONLY, default=Language.ID, annotation=LanguageOption),
        Parameter("by", Parameter.KEYWORD_ONLY, default=None, annotation=ByOption),
        Parameter("verify_at", Parameter.KEYWORD_ONLY, default=None, annotation=VerifyOption),
    ]

    @wraps(command)
    def with_options(**values: Any) -> None:
        command(wanted=_Wanted(*(values.pop(one.name) for one in shared)), **values)

    # typer makes options of what these two say
    with_options.__dict__["__signature__"] = Signature([*own, *shared])
    with_options.__annotations__ = {one.name: one.annotation for one in (*own, *shared)}
    return with_options


@app.command("daily")
@_delivering
def daily_command(
    on: Annotated[date, typer.Option("--date", metavar="DATE", parser=day, help="The day, e.g. 2026-01-31.")],
    unit: UnitOption = None,
    as_of: AsOfOption = None,
    *,
    wanted: _Wanted,
) -> None:
    """Judge a day and report it: everybody's status, with what is incomplete and why."""
    policy, at = _policy(as_of)
    with _opened() as store:
        with _reading(store, at) as (connection, known):
            report = daily_report(assess_day(connection, policy, on, as_of=known, unit=unit), policy)
        wanted.deliver(store, report)


@app.command("monthly")
@_delivering
def monthly_command(month: MonthOption, unit: UnitOption = None, as_of: AsOfOption = None, *, wanted: _Wanted) -> None:
    """Report a month: the days 1 to 31 of everybody with their codes, and what they add up to."""
    _deliver(_Asking(month, _last_of(month), unit, as_of), judged_month, monthly_report, wanted)


@app.command("recap")
@_delivering
def recap_command(month: MonthOption, unit: UnitOption = None, as_of: AsOfOption = None, *, wanted: _Wanted) -> None:
    """Report what a month adds up to, a line per person; for the city also a line per unit, with their sum."""
    _deliver(_Asking(month, _last_of(month), unit, as_of), judged_month, recap_report, wanted)


@app.command("ranking")
@_delivering
def ranking_command(month: MonthOption, unit: UnitOption = None, as_of: AsOfOption = None, *, wanted: _Wanted) -> None:
    """Rank the units of a month by discipline; those whose data is incomplete stand apart."""
    _deliver(_Asking(month, _last_of(month), unit, as_of), judged_month, ranking_report, wanted)


@app.command("allowance")
@_delivering
def allowance_command(
    month: MonthOption, unit: UnitOption = None, as_of: AsOfOption = None, *, wanted: _Wanted
) -> None:
    """Report what a month takes off the allowance, in percent, with a line for each day and rule."""
    _deliver(_Asking(month, _last_of(month), unit, as_of), judged_month, allowance_report, wanted)


@app.command("yearly")
@_delivering
def yearly_command(year: YearOption, unit: UnitOption = None, as_of: AsOfOption = None, *, wanted: _Wanted) -> None:
    """Report a year: days absent month by month, minutes that became days, and their sum."""
    asked = _Asking(date(year, 1, 1), date(year, 12, 31), unit, as_of)
    _deliver(asked, judged_year, lambda period, policy: yearly_report(period, policy, year), wanted)


@app.command("indications")
@_delivering
def indications_command(
    year: YearOption, unit: UnitOption = None, as_of: AsOfOption = None, *, wanted: _Wanted
) -> None:
    """Report whose absences reach a tier of the law, with the dates; an official decides."""
    asked = _Asking(date(year, 1, 1), date(year, 12, 31), unit, as_of)
    _deliver(asked, judged_year, lambda period, policy: indications_report(period, policy, year), wanted)


@app.command("personal")
@_delivering
def personal_command(
    nip: Annotated[str, typer.Option("--nip", metavar="NIP", help="Of the employee.")],
    month: MonthOption,
    as_of: AsOfOption = None,
    *,
    wanted: _Wanted,
) -> None:
    """Report one person's month day by day, for the person and the superior to sign."""
    asked = _Asking(month, _last_of(month), None, as_of)
    _deliver(
        asked,
        lambda connection, policy, wish: judged_person(connection, policy, wish, nip),
        personal_report,
        wanted,
    )


@app.command("findings")
@_delivering
def findings_command(
    first: Annotated[date, typer.Option("--from", metavar="DATE", parser=day, help="The first day, e.g. 2026-01-31.")],
    last: Annotated[date, typer.Option("--to", metavar="DATE", parser=day, help="The last day.")],
    unit: UnitOption = None,
    rules: Annotated[
        list[Rule] | None,
        typer.Option(
            "--rule", metavar="RULE", help="Only this rule, e.g. R8; may be given again.", case_sensitive=False
        ),
    ] = None,
    *,
    wanted: _Wanted,
) -> None:
    """Report patterns that deserve a person's look, with their evidence: indications, never a sanction."""
    policy, at = _policy(None)
    with _opened() as store:
        with _reading(store, at) as (connection, known):
            asked = Wanted(first, last, known, unit, frozenset(rules) if rules else None)
            report = findings_report(find_patterns(connection, policy, asked), policy)
        wanted.deliver(store, report)


@app.command("devices")
@_delivering
def devices_command(unit: UnitOption = None, *, wanted: _Wanted) -> None:
    """Report how every terminal is now, and what to do about it."""
    policy, at = _policy(None)
    with _opened() as store:
        with _reading(store, at) as (connection, known):
            report = devices_report(connection, policy, as_of=known, unit=unit)
        wanted.deliver(store, report)


@dataclass(frozen=True, slots=True)
class _Asking:
    """One question to the judged days."""

    first: date
    last: date
    unit: str | None
    as_of: datetime | None


def _deliver(
    asked: _Asking,
    load: Callable[[Connection, Policy, Asked], JudgedPeriod],
    make: Callable[[JudgedPeriod, Policy], Papered],
    wanted: _Wanted,
) -> None:
    """Load the days and make the report of them, in one transaction, since they may be a stream; then deliver it."""
    policy, at = _policy(asked.as_of)
    wish = Asked(asked.first, asked.last, at, asked.unit, past=asked.as_of is not None)
    with _opened() as store:
        with _reading(store, at) as (connection, known):
            report = make(load(connection, policy, replace(wish, as_of=known)), policy)
        wanted.deliver(store, report)


def _policy(as_of: datetime | None) -> tuple[Policy, datetime]:
    """Load the law; give it with the instant of knowledge."""
    policy = load_policy(Settings.load().policy)
    return policy, known_at(as_of, policy)


@contextmanager
def _reading(store: Store, at: datetime) -> Iterator[tuple[Connection, datetime]]:
    """Read a report's rows, with the instant of knowledge that it prints: an earlier one where the reader is late."""
    with store.begin_reading() as reading:
        known = reading.known_at(at)
        if known < at and store.reader is not None:
            warn(f"{store.reader.place} lags behind; the report tells what was known by {known:%Y-%m-%d %H:%M} UTC.")
        yield reading.connection, known


def _opened() -> AbstractContextManager[Store]:
    return open_store(Settings.load())


def _last_of(month: date) -> date:
    return (month + timedelta(days=31)).replace(day=1) - timedelta(days=1)
