"""What each date obliges one person to: a roster outranks the calendar, and each punch belongs to one duty."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from eabsensi.discipline.dutyreasons import FreeByRoster, ShiftsOverlap, UnknownShift
from eabsensi.discipline.reasons import Reason
from eabsensi.discipline.workday import Seam, Span, Window, Workday, workday
from eabsensi.law.dated import Dated
from eabsensi.law.duty import Shift, ShiftTable
from eabsensi.law.policy import Policy

FREE_CODE = "O"
_DAY = timedelta(days=1)


def person_days(  # noqa: PLR0917 a date range and a roster are read in this order everywhere
    policy: Policy,
    pattern: str,
    zone: ZoneInfo,
    first: date,
    last: date,
    roster: Mapping[date, tuple[str, ...]] | None = None,
    *,
    patterns: Mapping[date, str] | None = None,
) -> dict[date, Workday]:
    """Say what each date from ``first`` to ``last`` obliges a person to.

    Args:
        policy: the law.
        pattern: of the person's unit: 5-day, 6-day or shift.
        zone: of the unit.
        first: first date wanted.
        last: last date wanted, inclusive.
        roster: date to shift codes in their order; a date that is missing or empty has no row. Rows of the day before
            ``first`` and the day after ``last`` belong here too, since a night shift reaches into the next morning.
        patterns: date to pattern, for the dates that differ from ``pattern``, as after a transfer.

    """
    rows = {on: codes for on, codes in (roster or {}).items() if codes and first - _DAY <= on <= last + _DAY}
    reach = _DAY if rows else timedelta()  # without a roster no duty leaves its own date
    days = {
        on: _rostered_day(policy, zone, on, rows[on])
        if on in rows
        else workday(policy, (patterns or {}).get(on, pattern), zone, on)
        for on in _dates(first - reach, last + reach)
    }
    linked = _linked(days) if rows else days
    return {on: linked[on] for on in _dates(first, last)}


def _dates(first: date, last: date) -> list[date]:
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def _rostered_day(policy: Policy, zone: ZoneInfo, on: date, codes: Sequence[str]) -> Workday:
    """Say what a roster's codes oblige to on ``on``; a free code beside a shift says nothing."""
    version = policy.shifts.on(on)
    table = version.value
    unknown = next((code for code in codes if not table.knows(code)), None)
    if unknown is not None:
        return _unjudged(on, UnknownShift(unknown), version)
    shifts = dict.fromkeys(table.duty[code.upper()] for code in codes if code.upper() in table.duty)
    spans = sorted((_shift_span(on, zone, shift, table) for shift in shifts), key=lambda span: span.starts_at)
    for earlier, later in pairwise(spans):
        if later.starts_at < earlier.ends_at:
            return _unjudged(on, ShiftsOverlap(earlier.name, later.name), version)
    if spans:
        name = f"Sif {' dan '.join(span.name for span in spans)}"
        return Workday(on, name, tuple(spans), True, "", None, (version.citation,), rostered=True)
    name = table.free[codes[0].upper()]
    return Workday(on, name, (), True, FREE_CODE, FreeByRoster(name), (version.citation,), rostered=True)


def _unjudged(on: date, reason: Reason, version: Dated[ShiftTable]) -> Workday:
    return Workday(on, "", (), known=False, code="", reason=reason, citations=(version.citation,), rostered=True)


def _shift_span(on: date, zone: ZoneInfo, shift: Shift, table: ShiftTable) -> Span:
    starts_at = datetime.combine(on, shift.start, zone)
    ends_at = datetime.combine(on + _DAY if shift.next_day else on, shift.end, zone)
    middle = starts_at + (ends_at - starts_at) / 2
    return Span(
        starts_at,
        ends_at,
        Window(starts_at - timedelta(minutes=table.opens_minutes_before), middle),
        Window(middle, ends_at + timedelta(minutes=table.closes_minutes_after)),
        name=shift.name,
    )


def _joined(spans: Sequence[Span]) -> list[Span]:
    """Mark where the windows of duties that follow each other meet; no window reaches past its neighbour's middle."""
    joined = list(spans)
    for place in range(1, len(joined)):
        earlier, later = joined[place - 1 : place + 1]
        if earlier.departure.closes <= later.arrival.opens:
            continue
        departure = Window(earlier.departure.opens, min(earlier.departure.closes, later.arrival.closes))
        arrival = Window(max(later.arrival.opens, earlier.departure.opens), later.arrival.closes)
        seam = Seam(earlier.ends_at, departure, later.starts_at, arrival)
        joined[place - 1 : place + 1] = [
            replace(earlier, departure=departure, after=seam),
            replace(later, arrival=arrival, before=seam),
        ]
    return joined


def _linked(days: Mapping[date, Workday]) -> dict[date, Workday]:
    """Join the duties of neighbouring dates, and tell a free day which punches are not its own."""
    spans = iter(_joined([span for day in days.values() for span in day.spans]))
    linked = {on: replace(day, spans=tuple(next(spans) for _ in day.spans)) for on, day in days.items()}
    for on, day in linked.items():
        if not day.spans:
            around = [linked[near] for near in (on - _DAY, on + _DAY) if near in linked]
            linked[on] = replace(day, claimed=_claimed(on, around))
    return linked


def _claimed(on: date, around: Sequence[Workday]) -> tuple[Window, ...]:
    """Give the parts of a free date over which the duties of the dates around it reach."""
    claimed: list[Window] = []
    for whole in (day.whole for day in around):
        if whole is None:
            continue
        starts = datetime.combine(on, time(), whole.starts_at.tzinfo)
        window = Window(max(whole.arrival.opens, starts), min(whole.departure.closes, starts + _DAY))
        claimed += [window] if window.opens < window.closes else []
    return tuple(claimed)
