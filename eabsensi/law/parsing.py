"""How each kind of value is written in a policy file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import time
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from eabsensi.law.citation import Citation, Confidence
from eabsensi.law.hours import Band, DayHours, PunchWindows, WeekHours
from eabsensi.law.reading import Entry

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
PATTERNS = ("5-day", "6-day")
ROUNDINGS = ("floor_minute", "exact_second")
PICKS = ("first_in_last_out",)


def parse_citation(fields: Mapping[str, Entry]) -> Citation:
    """Read ``citation`` and ``unconfirmed`` of a value."""
    parts = fields["citation"].fields(("instrument", "article", "source", "confidence"), ())
    return Citation(
        instrument=parts["instrument"].text(),
        article=parts["article"].text(),
        source=parts["source"].text(),
        confidence=Confidence(parts["confidence"].choice(Confidence)),
        unconfirmed="unconfirmed" in fields and fields["unconfirmed"].truth(),
    )


def parse_weekdays(entry: Entry) -> range:
    """Read one weekday or a range of them, e.g. ``mon-thu``."""
    return _weekdays(entry, entry.text())


def _weekdays(entry: Entry, written: str) -> range:
    first, _, last = written.partition("-")
    names = (first, last or first)
    if any(name not in WEEKDAYS for name in names):
        raise entry.refuse(f"`{written}` names no weekdays.", f"Use {', '.join(WEEKDAYS)}, or a range as mon-thu.")
    start, end = (WEEKDAYS.index(name) for name in names)
    if end < start:
        raise entry.refuse(f"`{written}` runs backwards.", "Name the earlier weekday first.")
    return range(start, end + 1)


def parse_week(entry: Entry) -> WeekHours:
    """Read the hours of a week; each weekday at most once."""
    days: dict[int, DayHours] = {}
    for written, hours in entry.fields().items():
        for weekday in _weekdays(hours, written):
            if weekday in days:
                raise hours.refuse(f"{WEEKDAYS[weekday]} stands here twice.", "Let the ranges of days not overlap.")
            days[weekday] = _parse_day(hours)
    return WeekHours(days)


def _parse_day(entry: Entry) -> DayHours:
    fields = entry.fields(("start", "end"), ("break",))
    start, end = fields["start"].clock(), fields["end"].clock()
    if end <= start:
        raise fields["end"].refuse("work ends before it starts.", "Put `end` after `start`.")
    if "break" not in fields:
        return DayHours(start, end)
    return DayHours(start, end, *_parse_break(fields["break"], start, end))


def _parse_break(entry: Entry, start: time, end: time) -> tuple[time, time]:
    first, _, last = entry.text().partition("-")
    opens, closes = entry.clock_of(first), entry.clock_of(last)
    if not start <= opens < closes <= end:
        raise entry.refuse("the break does not lie inside the working day.", "Write it as HH:MM-HH:MM between the two.")
    return opens, closes


def parse_bands(entry: Entry) -> tuple[Band, ...]:
    """Read bands of minutes; they start at 1, leave no gap, do not overlap, and the last is open."""
    bands: list[Band] = []
    due = 1
    for item in entry.items():
        fields = item.fields(("from", "to", "code"), ())
        first = fields["from"].whole()
        last = None if fields["to"].is_null else fields["to"].whole()
        if bands and bands[-1].last is None:
            raise item.refuse("this band follows one without an end.", "Let only the last band have `to: null`.")
        if first != due:
            what = "overlaps the one before it" if first < due else "leaves a gap before it"
            raise item.refuse(f"this band {what}.", f"Let it start at {due}.")
        if last is not None and last < first:
            raise item.refuse("this band ends before it starts.", "Put `to` after `from`.")
        bands.append(Band(first, last, fields["code"].text()))
        due = (last or first) + 1
    if bands[-1].last is not None:
        raise entry.refuse("the last band ends, so longer times have no code.", "Give the last band `to: null`.")
    return tuple(bands)


def parse_windows(entry: Entry) -> PunchWindows:
    """Read the punch windows."""
    fields = entry.fields(("in_opens", "in_closes", "out_opens", "out_closes"), ())
    closes, opens = fields["in_closes"], fields["out_opens"]
    return PunchWindows(
        in_opens=fields["in_opens"].clock(),
        in_closes=None if closes.text() == "before_break" else closes.clock(),
        out_opens=None if opens.text() == "after_break" else opens.clock(),
        out_closes=fields["out_closes"].clock(),
    )


def parse_working_days(entry: Entry) -> dict[str, range]:
    """Read which weekdays each pattern works."""
    return {pattern: parse_weekdays(days) for pattern, days in entry.fields(PATTERNS, ()).items()}


def parse_zone(entry: Entry) -> str:
    """Read the name of a time zone."""
    name = entry.text()
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise entry.refuse(
            f"`{name}` is no time zone.", "Use e.g. Asia/Jakarta, Asia/Makassar, Asia/Jayapura."
        ) from None
    return name


def parse_rounding(entry: Entry) -> str:
    """Read a rounding rule."""
    return entry.choice(ROUNDINGS)


def parse_pick(entry: Entry) -> str:
    """Read which punch counts."""
    return entry.choice(PICKS)


class Parameter(NamedTuple):
    """A dated value that a policy must hold: its unit, and how it is read."""

    unit: str
    parse: Callable[[Entry], Any]


NATIONAL: dict[str, Parameter] = {
    "working_days": Parameter("weekday", parse_working_days),
    "week_minutes": Parameter("minute", Entry.whole),
    "ramadan_week_minutes": Parameter("minute", Entry.whole),
    "discipline_law_pns": Parameter("instrument", Entry.text),
    "discipline_law_pppk": Parameter("instrument", Entry.text),
}
LOCAL: dict[str, Parameter] = {
    "timezone": Parameter("zone", parse_zone),
    "late_bands": Parameter("minute", parse_bands),
    "early_bands": Parameter("minute", parse_bands),
    "missing_in": Parameter("code", Entry.text),
    "missing_out": Parameter("code", Entry.text),
    "rounding": Parameter("rule", parse_rounding),
    "pick": Parameter("rule", parse_pick),
    "punch_windows": Parameter("local time", parse_windows),
    "future_tolerance": Parameter("second", Entry.whole),
    "clock_tolerance": Parameter("second", Entry.whole),
}
