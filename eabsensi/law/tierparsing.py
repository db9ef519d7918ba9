"""How the tables for absence and allowance are written in a policy file, and the values that they need."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from eabsensi.errors import Problem
from eabsensi.law.citation import Citation
from eabsensi.law.dated import Series
from eabsensi.law.parsing import Parameter, parse_citation
from eabsensi.law.reading import Entry
from eabsensi.law.tiers import HourRule, Level, Regulation, RunTier, Sanction, Tier

UNKNOWN = "unknown"
AS_PNS = "PNS"
TIER_UNIT = "working day"
_PERCENT = re.compile(r"\d+(?:\.\d+)?")


def parse_regulation(name: str, entry: Entry) -> Regulation:
    """Read one law's table; every tier names its article, and the table leaves no number of days out."""
    fields = entry.fields(("unit", "citation", "tiers"), ("unconfirmed", "consecutive", "hours"))
    fields["unit"].choice((TIER_UNIT,))
    citation = parse_citation(fields)
    hours = fields.get("hours")
    agency = hours is not None and getattr(hours.node, "value", None) == "agency"
    return Regulation(
        name=name,
        citation=citation,
        tiers=_parse_tiers(fields["tiers"], citation),
        run=_parse_run(fields["consecutive"], citation) if "consecutive" in fields else None,
        hours=_parse_hours(hours, citation) if hours and not agency else None,
        agency_decides_hours=agency,
    )


def _parse_tiers(entry: Entry, law: Citation) -> tuple[Tier, ...]:
    if getattr(entry.node, "value", None) == UNKNOWN:
        return ()
    tiers: list[Tier] = []
    for item in entry.items():
        tier = _parse_tier(item, law)
        _check_follows(item, tiers[-1] if tiers else None, tier)
        tiers.append(tier)
    if tiers[-1].last is not None:
        raise entry.refuse("the last tier ends, so more days have no sanction.", "Give the last tier `to: null`.")
    return tuple(tiers)


def _parse_tier(entry: Entry, law: Citation) -> Tier:
    fields = entry.fields(("from", "to", "level", "article", "id", "en"), ("interim",))
    first = positive(fields["from"])
    last = None if fields["to"].is_null else positive(fields["to"])
    if last is not None and last < first:
        raise fields["to"].refuse("this tier ends before it starts.", "Put `to` after `from`.")
    return Tier(
        first,
        last,
        Level(fields["level"].choice(Level)),
        _parse_sanction(fields, law),
        _parse_interim(fields["interim"]) if "interim" in fields else None,
    )


def _check_follows(entry: Entry, before: Tier | None, tier: Tier) -> None:
    if before is None:
        return
    if before.last is None:
        raise entry.refuse("a tier follows one without an end.", "Let only the last tier have `to: null`.")
    due = before.last + 1
    if tier.first != due:
        what = "overlaps the one before it" if tier.first < due else "leaves a gap before it"
        raise entry.refuse(f"this tier {what}.", f"Let it start at {due}.")


def _parse_sanction(fields: Mapping[str, Entry], law: Citation) -> Sanction:
    return Sanction(fields["id"].text(), fields["en"].text(), replace(law, article=fields["article"].text()))


def _parse_interim(entry: Entry) -> Sanction:
    fields = entry.fields(("id", "en", "citation"), ("unconfirmed",))
    return Sanction(fields["id"].text(), fields["en"].text(), parse_citation(fields))


def _parse_run(entry: Entry, law: Citation) -> RunTier:
    fields = entry.fields(("days", "level", "article", "id", "en", "pay_stop_article"), ())
    days = positive(fields["days"])
    tier = Tier(days, None, Level(fields["level"].choice(Level)), _parse_sanction(fields, law))
    return RunTier(days, tier, replace(law, article=fields["pay_stop_article"].text()))


def _parse_hours(entry: Entry, law: Citation) -> HourRule:
    fields = entry.fields(("minutes", "article"), ())
    return HourRule(positive(fields["minutes"]), replace(law, article=fields["article"].text()))


def positive(entry: Entry) -> int:
    """Read a whole number of at least one."""
    number = entry.whole()
    if not number:
        raise entry.refuse("0 is not allowed here.", "Write 1 or more.")
    return number


def parse_conversion(entry: Entry) -> int | None:
    """Read how many minutes make a day absent; ``null`` means that minutes never become days."""
    return None if entry.is_null else positive(entry)


def parse_percent(entry: Entry) -> Decimal:
    """Read a percentage, exactly as it is written."""
    written = entry.text()
    if not written.isascii() or not _PERCENT.fullmatch(written) or Decimal(written) > 100:
        raise entry.refuse(f"`{written}` is no percentage.", "Write a number from 0 to 100 with a point, e.g. 1.25.")
    return Decimal(written)


def parse_percents(entry: Entry) -> dict[str, Decimal]:
    """Read a percentage for each printed code."""
    return {code: parse_percent(percent) for code, percent in entry.fields().items()}


def _one_of(*words: str) -> Callable[[Entry], str]:
    return lambda entry: entry.choice(words)


NATIONAL_TIERS: dict[str, Parameter] = {
    "interim_sanctions": Parameter("rule", Entry.truth),
    "run_at_new_year": Parameter("rule", _one_of("joined", "reset")),
    "run_at_excused_day": Parameter("rule", _one_of("ends", "passed_over")),
}
LOCAL_TIERS: dict[str, Parameter] = {
    "hours_per_absent_day": Parameter("minute", parse_conversion),
    "pppk_tiers": Parameter("instrument", Entry.text),
    "allowance_bands": Parameter("percent", parse_percents),
    "allowance_missing_punch": Parameter("percent", parse_percent),
    "allowance_absent_day": Parameter("percent", parse_percent),
    "allowance_missed_apel": Parameter("percent", parse_percent),
    "allowance_missed_ceremony": Parameter("percent", parse_percent),
}


def check_tiers(series: Mapping[str, Series[Any]], regulations: Mapping[str, Regulation]) -> Iterator[Problem]:
    """Name the laws whose table is missing and the codes whose percentage is: what only the files together show."""
    named = {str(version.value) for version in series["discipline_law_pns"].versions}
    named |= {str(version.value) for version in series["pppk_tiers"].versions} - {UNKNOWN, AS_PNS}
    for name in sorted(named - regulations.keys()):
        yield Problem(
            f"regulations.{name}", "this law is in force, but its table is missing.", "Add it, or `tiers: unknown`."
        )
    for percents in series["allowance_bands"].versions:
        printed = {
            band.code for key in ("late_bands", "early_bands") for band in series[key].on(percents.from_on).value
        }
        for code in sorted(printed - percents.value.keys()):
            where = f"parameters.allowance_bands from {percents.from_on}"
            yield Problem(where, f"the code `{code}` has no percentage.", f"Add `{code}:`.")
