"""eabsensi policy: the law as dated data."""

from __future__ import annotations

import calendar
import textwrap
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from eabsensi.cli.options import JsonOption, day
from eabsensi.cli.output import FAILED, OutputError, result_stream, say, show_json, show_problems, show_table
from eabsensi.cli.report import LanguageOption
from eabsensi.law.calendar import DayKind, DayRule, day_rule
from eabsensi.law.citation import Citation
from eabsensi.law.drafting import FIRST_YEAR, LAST_YEAR, draft_calendar
from eabsensi.law.explaining import Statement, Topic, explain
from eabsensi.law.loader import PolicyError, load_policy
from eabsensi.law.policy import Policy
from eabsensi.law.wording import Language, day_name, long_date
from eabsensi.settings import Settings

app = typer.Typer(help="The rules that days are judged by.", no_args_is_help=True)
_WIDTH = 100
_WORDS = {
    Language.ID: {
        "whole": "Peraturan {} (versi {}) utuh: {} nilai bertanggal, {} hari libur {} s.d. {}, {} musim.",
        "since": "sejak {}",
        "until": "s.d. {}",
        "source": "sumber {}",
        "confidence": "keyakinan {}",
        "unconfirmed": "BELUM DIKONFIRMASI",
        "built_in": "tetap dalam eabsensi; tidak ada pasal di tangan",
        "legend": "Keyakinan H: naskah peraturan atau dua sumber; M: satu sumber; L: ingatan atau bacaan kami.",
        "open": "{} dari {} pernyataan belum dikonfirmasi oleh instansi.",
    },
    Language.EN: {
        "whole": "The policy {} (version {}) is whole: {} dated values, {} holidays of {} to {}, {} seasons.",
        "since": "since {}",
        "until": "until {}",
        "source": "source {}",
        "confidence": "confidence {}",
        "unconfirmed": "UNCONFIRMED",
        "built_in": "built into eabsensi; no article in hand",
        "legend": "Confidence H: text of the rule or two sources; M: one source; L: memory or our own reading.",
        "open": "{} of {} statements are unconfirmed: nobody of the agency has confirmed them yet.",
    },
}


def _month(text: str) -> date:
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        raise typer.BadParameter(f"{text!r} is no month; write it as 2026-01.") from None


@app.command("check")
def check_command(
    on: Annotated[
        date | None, typer.Option("--date", metavar="DATE", parser=day, help="Only what was in force on this day.")
    ] = None,
    month: Annotated[
        date | None,
        typer.Option("--month", metavar="MONTH", parser=_month, help="Print this month's calendar, e.g. 2026-01."),
    ] = None,
    pattern: Annotated[str, typer.Option("--pattern", help="Whose calendar: 5-day or 6-day.")] = "5-day",
    language: LanguageOption = Language.EN,
    as_json: JsonOption = False,
) -> None:
    """Check that the policy can be used, and explain it: every value with its dates, its source and how sure it is.

    With --month alone only the calendar is printed.
    """
    try:
        policy = load_policy(Settings.load().policy)
    except PolicyError as refused:
        show_problems(refused.problems)
        raise typer.Exit(FAILED) from refused
    days = list(_days(policy, month, pattern)) if month else []
    if as_json:
        show_json(_object(policy, on, explain(policy, on, language), days))
        return
    _summarise(policy, language)
    if on or not month:
        _tell(explain(policy, on, language), language)
    if month:
        _print_calendar(days, language)


@app.command("draft-calendar")
def draft_calendar_command(
    year: Annotated[
        int, typer.Option("--year", min=FIRST_YEAR, max=LAST_YEAR, help="The year, e.g. 2028.", show_default=False)
    ],
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="FILE", help="Write to this new file instead of the terminal."),
    ] = None,
) -> None:
    """Draft the holidays and joint leave of a year; it is refused until somebody fills in the decree's number."""
    if output and output.exists():
        raise OutputError(f"{output} is there already, and may be filled in.", remedy="Choose another name.")
    draft = draft_calendar(year)
    with result_stream(output) as stream:
        stream.write(draft)
    if output:
        say(f"{output}: a draft. Fill in the places marked <...>, then put it into your policy folder.")


def _summarise(policy: Policy, language: Language) -> None:
    years, days, seasons = sorted(policy.calendars), len(policy.holidays), len(policy.seasons)
    values = (policy.name, policy.version, len(policy.series), days, years[0], years[-1], seasons)
    say(_WORDS[language]["whole"].format(*values))


def _tell(topics: Sequence[Topic], language: Language) -> None:
    """Print the explanation, wrapped for a page."""
    statements = [statement for topic in topics for statement in topic.statements]
    doubtful = sum(_unconfirmed(statement) for statement in statements)
    say(textwrap.fill(_WORDS[language]["legend"], _WIDTH))
    for topic in topics:
        say(f"\n{topic.title}")
        for statement in topic.statements:
            say(textwrap.fill(statement.text, _WIDTH, initial_indent="  - ", subsequent_indent="    "))
            say(textwrap.fill(_basis(statement, language), _WIDTH, initial_indent=" " * 6, subsequent_indent=" " * 6))
    say("\n" + _WORDS[language]["open"].format(doubtful, len(statements)))


def _basis(statement: Statement, language: Language) -> str:
    """Say where a statement stands, from when on it holds, and what it rests on."""
    words, cited = _WORDS[language], statement.citation
    parts = [statement.key] if statement.key else []
    if statement.since:
        parts.append(words["since"].format(long_date(statement.since, language)))
    if statement.until:
        parts.append(words["until"].format(long_date(statement.until, language)))
    if cited is None:
        return "; ".join([*parts, words["built_in"]])
    parts += [f"{cited.instrument} {cited.article}", words["source"].format(cited.source)]
    parts.append(words["confidence"].format(cited.confidence.value))
    return "; ".join([*parts, words["unconfirmed"]] if cited.unconfirmed else parts)


def _unconfirmed(statement: Statement) -> bool:
    return statement.citation is not None and statement.citation.unconfirmed


def _days(policy: Policy, month: date, pattern: str) -> Iterator[DayRule]:
    for number in range(1, calendar.monthrange(month.year, month.month)[1] + 1):
        yield day_rule(policy, pattern, month.replace(day=number))


def _print_calendar(days: Sequence[DayRule], language: Language) -> None:
    """Print a month, and under it what its days rest on."""
    show_table(("DATE", "DAY", "WHAT", "HOURS", "NAME", "CONFIRMED"), (_row(rule, language) for rule in days))
    cited = dict.fromkeys(citation.text(language) for rule in days for citation in rule.citations)
    for text in cited:
        say(textwrap.fill(text, _WIDTH, initial_indent="  - ", subsequent_indent="    "))


def _row(rule: DayRule, language: Language) -> tuple[object, ...]:
    sure = bool(rule.citations) and not any(citation.unconfirmed for citation in rule.citations)
    return (rule.on, day_name(rule.on, language), rule.kind.value, _hours(rule), rule.name, sure)


def _hours(rule: DayRule) -> str:
    return f"{rule.hours.start:%H:%M}-{rule.hours.end:%H:%M}" if rule.hours and rule.kind is DayKind.WORK else ""


def _object(policy: Policy, on: date | None, topics: Sequence[Topic], days: Sequence[DayRule]) -> dict[str, object]:
    """Give the explanation as JSON holds it; the calendar only where a month was asked for."""
    return {
        "policy": policy.name,
        "version": policy.version,
        "on": on,
        "topics": [
            {"title": topic.title, "statements": [_statement(one) for one in topic.statements]} for topic in topics
        ],
        "calendar": [_calendar_day(rule) for rule in days],
    }


def _statement(statement: Statement) -> dict[str, object]:
    return {
        "key": statement.key or None,
        "text": statement.text,
        "since": statement.since,
        "until": statement.until,
        "citation": _citation(statement.citation) if statement.citation else None,
    }


def _citation(cited: Citation) -> dict[str, object]:
    return {
        "instrument": cited.instrument,
        "article": cited.article,
        "source": cited.source,
        "confidence": cited.confidence,
        "unconfirmed": cited.unconfirmed,
    }


def _calendar_day(rule: DayRule) -> dict[str, object]:
    return {
        "on": rule.on,
        "kind": rule.kind,
        "name": rule.name,
        "hours": _hours(rule) or None,
        "citations": [_citation(cited) for cited in rule.citations],
    }
