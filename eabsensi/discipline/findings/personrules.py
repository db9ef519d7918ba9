"""R12, R13 (in and out close together), R14 (no spread) and R16: what one person's days show."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from eabsensi.discipline.findings.facts import Person, PersonDay
from eabsensi.discipline.findings.finding import About, Both, Evidence, Finding, Rule, Subject, dates_of, many
from eabsensi.law import findinglimits as limits
from eabsensi.law.wording import Language, clock_time, length_of_time

#: A record this shortly after the end of a night's duty is that duty's departure.
_AFTER_DUTY = timedelta(minutes=90)


@dataclass(frozen=True, slots=True)
class PersonLimits:
    """The thresholds, and which codes of a verdict mean leave and duty elsewhere."""

    excused: limits.ExcusedLimits
    midday: limits.MiddayLimits
    rhythm: limits.RhythmLimits
    midnight: limits.MidnightLimits
    leave: frozenset[str]
    duty: frozenset[str]


def person_findings(person: Person, days: Sequence[PersonDay], limit: PersonLimits) -> Iterator[Finding]:
    """Hold one person's days against every rule that needs nothing else.

    Args:
        person: who.
        days: those with records, in the order of dates.
        limit: the thresholds.

    """
    yield from excused_days(person, days, limit)
    yield from close_together(person, days, limit.midday)
    yield from no_spread(person, days, limit.rhythm)
    yield from at_midnight(person, days, limit.midnight)


def subject_of(person: Person) -> Subject:
    """Make a person the subject of a finding."""
    return Subject(About.PERSON, person.nip, person.name, person.unit)


def _clocks(day: PersonDay, language: Language) -> str:
    first, last = (clock_time(at, language, seconds=True) for at in (day.first, day.last))
    return first if day.first == day.last else f"{first}-{last}"


def _row(day: PersonDay, note: Both) -> Evidence:
    return Evidence(
        day.first,
        "",
        Both(f"{_clocks(day, Language.ID)} {note.id}".strip(), f"{_clocks(day, Language.EN)} {note.en}".strip()),
    )


# --- R12 -----------------------------------------------------------------------------------------------------------

_KINDS = {
    "leave": Both("cuti", "leave"),
    "duty": Both("dinas luar", "duty elsewhere"),
    "off": Both("libur", "day off"),
    "unposted": Both("tanpa penempatan", "no posting"),
}


def excused_days(person: Person, days: Sequence[PersonDay], limit: PersonLimits) -> Iterator[Finding]:
    """R12: records on leave, on duty elsewhere, on a day off without a roster, and without a posting."""
    least = {
        "leave": limit.excused.leave_days,
        "duty": limit.excused.duty_days,
        "off": limit.excused.off_days,
        "unposted": limit.excused.unposted_days,
    }
    for kind, words in _KINDS.items():
        found = [day for day in days if _kind(day, limit) == kind]
        if len(found) < least[kind]:
            continue
        rows = tuple(_row(day, Both(f"{words.id} {_codes(day)}", f"{words.en} {_codes(day)}")) for day in found)
        yield Finding(
            Rule.R12,
            subject_of(person),
            dates_of(rows),
            Both(f"{len(found)} hari ({words.id})", f"{many(len(found), 'day')} ({words.en})"),
            Both(f"{least[kind]} hari", many(least[kind], "day")),
            Both(
                f"Ada rekaman pada {len(found)} hari yang tercatat sebagai {words.id}.",
                f"There are records on {many(len(found), 'day')} that are down as {words.en}.",
            ),
            rows,
        )


def _codes(day: PersonDay) -> str:
    return f"({' '.join(day.codes)})" if day.codes else ""


def _kind(day: PersonDay, limit: PersonLimits) -> str | None:
    """Say what makes a record of this day remarkable; the end of a night's duty does not."""
    if day.closed_before and day.last <= day.closed_before + _AFTER_DUTY:
        return None
    if day.unit is None:
        return "unposted"
    if day.status == "off":
        return None if day.shift else "off"
    if limit.leave.intersection(day.codes):
        return "leave"
    return "duty" if limit.duty.intersection(day.codes) else None


# --- R13 -----------------------------------------------------------------------------------------------------------


def close_together(person: Person, days: Sequence[PersonDay], limit: limits.MiddayLimits) -> Iterator[Finding]:
    """R13: arrival and departure within minutes; a second touch within the first minute is the same one felt twice."""
    within = timedelta(minutes=limit.apart_minutes)
    found = [day for day in days if not day.shift and timedelta(minutes=1) <= day.last - day.first < within]
    if len(found) < limit.apart_days:
        return
    rows = tuple(_row(day, Both("(hanya ini)", "(nothing else)")) for day in found)
    yield Finding(
        Rule.R13,
        subject_of(person),
        dates_of(rows),
        Both(f"{len(found)} hari", many(len(found), "day")),
        Both(
            f"{limit.apart_days} hari, {limit.apart_minutes} menit",
            f"{many(limit.apart_days, 'day')}, {limit.apart_minutes} min",
        ),
        Both(
            f"Semua rekaman sehari berjarak kurang dari {limit.apart_minutes} menit pada {len(found)} hari.",
            f"All records of the day lie within {limit.apart_minutes} minutes on {many(len(found), 'day')}.",
        ),
        rows,
    )


# --- R14 -----------------------------------------------------------------------------------------------------------

_ARRIVALS, _DEPARTURES = Both("datang", "arrivals"), Both("pulang", "departures")


def no_spread(person: Person, days: Sequence[PersonDay], limit: limits.RhythmLimits) -> Iterator[Finding]:
    """R14: arrivals or departures at the same second, day after day; people who work shifts are not compared."""
    usable = [day for day in days if not day.shift]
    left = [day for day in usable if day.last > day.first]
    ends = ((_ARRIVALS, usable, [day.first for day in usable]), (_DEPARTURES, left, [day.last for day in left]))
    for words, found, moments in ends:
        spread = spread_seconds(moments)
        if len(found) < limit.days or spread > limit.spread_seconds:
            continue
        rows = tuple(_row(day, Both("", "")) for day in found)
        told = Both(length_of_time(spread, Language.ID), length_of_time(spread, Language.EN))
        yield Finding(
            Rule.R14,
            subject_of(person),
            dates_of(rows),
            Both(f"{told.id} pada {len(found)} hari", f"{told.en} on {many(len(found), 'day')}"),
            Both(
                f"{limit.spread_seconds} detik, {limit.days} hari",
                f"{limit.spread_seconds} s, {many(limit.days, 'day')}",
            ),
            Both(
                f"Separuh tengah waktu {words.id} pada {len(found)} hari hanya berselang {told.id}.",
                f"The middle half of the {words.en} of {many(len(found), 'day')} lies within {told.en}.",
            ),
            rows,
        )


def spread_seconds(moments: Iterable[datetime]) -> float:
    """Give how many seconds hold the middle half of some times of day; of fewer than two, 0."""
    seconds = [at.hour * 3600 + at.minute * 60 + at.second for at in moments]
    if len(seconds) < 2:
        return 0.0
    low, _, high = statistics.quantiles(seconds, n=4, method="inclusive")
    return high - low


# --- R16 -----------------------------------------------------------------------------------------------------------


def at_midnight(person: Person, days: Sequence[PersonDay], limit: limits.MidnightLimits) -> Iterator[Finding]:
    """R16, in part: records at midnight of somebody who works no shifts."""
    moments = [at for day in days if not day.shift for at in day.midnight]
    if len(moments) < limit.rows:
        return
    rows = tuple(Evidence(at, "", _midnight(at)) for at in moments)
    yield Finding(
        Rule.R16,
        subject_of(person),
        dates_of(rows),
        Both(f"{len(rows)} rekaman", many(len(rows), "record")),
        Both(
            f"{limit.rows} rekaman, {limit.within_seconds} detik",
            f"{many(limit.rows, 'record')}, {limit.within_seconds} s",
        ),
        Both(
            f"{len(rows)} rekaman jatuh tepat di sekitar tengah malam.",
            f"{many(len(rows), 'record')} lie right at midnight.",
        ),
        rows,
    )


def _midnight(at: datetime) -> Both:
    return Both(clock_time(at, Language.ID, seconds=True), clock_time(at, Language.EN, seconds=True))
