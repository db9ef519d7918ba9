"""Apel and ceremonies: judged from their own window, only where an event obliges, never absence, never lateness."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta

from eabsensi.discipline.clocks import Readings
from eabsensi.discipline.coverage import Coverage, without_devices
from eabsensi.discipline.documents import HalfName, Paper, deciding
from eabsensi.discipline.dutyreasons import ApelMissed, ApelOpen
from eabsensi.discipline.facts import DayFacts, EventFact, EventKind
from eabsensi.discipline.matching import Touch
from eabsensi.discipline.reasons import NotEnrolled, Reason
from eabsensi.discipline.verdict import (
    APEL_MISSED_CODE,
    PRESENT_CODE,
    ApelOutcome,
    ApelResult,
    Status,
    Verdict,
)
from eabsensi.discipline.workday import Span, Window, Workday

_SECOND = timedelta(seconds=1)


def add_gatherings(
    verdict: Verdict, facts: DayFacts, papers: Sequence[Paper], readings: Readings, coverage: Coverage
) -> Verdict:
    """Add what the gatherings of the date say; the judgement of the work stays as it is."""
    day = verdict.workday
    found = tuple(
        (event, _judge(event, facts, day, readings, coverage))
        for event in sorted(facts.events, key=lambda event: (event.opens_at, event.id))
        if event.on == facts.on and _obliges(event, day, papers)
    )
    if not found:
        return verdict
    results = tuple(result for _, result in found)
    reasons = verdict.reasons + tuple(reason for result in results for reason in _reasons(result, facts))
    if any(result.outcome is ApelOutcome.UNDECIDED for result in results):
        gaps = (gap for event, result in found for gap in _gaps(event, result, facts, coverage))
        reasons = tuple(dict.fromkeys((*reasons, *gaps)))
        verdict = replace(verdict, complete=False)
    return replace(verdict, apel=results, codes=_codes(verdict, results), reasons=reasons)


def _obliges(event: EventFact, day: Workday, papers: Iterable[Paper]) -> bool:
    """Whether the person had to be there: on duty, by a roster only while on duty, and no paper says otherwise."""
    if deciding(papers) or any(_excuses(paper, event, day) for paper in papers):
        return False
    if not day.spans:
        return not day.known or (event.kind is EventKind.CEREMONY and not day.rostered)
    return not day.rostered or any(_touches_duty(event, span) for span in day.spans)


def _excuses(paper: Paper, event: EventFact, day: Workday) -> bool:
    """Whether a paper for part of the day covers the gathering; a dead terminal does too, a forgotten punch not."""
    if paper.corrects and not paper.lifts_absence:
        return False
    if day.whole is None:
        return True
    middle = day.whole.starts_at + (day.whole.ends_at - day.whole.starts_at) / 2
    half: HalfName = "in" if event.opens_at < middle else "out"
    return paper.covers(half)


def _touches_duty(event: EventFact, span: Span) -> bool:
    return event.opens_at < span.ends_at and event.closes_at >= span.arrival.opens


def _window(event: EventFact) -> Window:
    return Window(event.opens_at, event.closes_at + _SECOND)


def _judge(event: EventFact, facts: DayFacts, day: Workday, readings: Readings, coverage: Coverage) -> ApelResult:
    recorded, shifted = (_first(event, touches) for touches in (readings.recorded, readings.shifted))
    at = recorded.punch.punched_at.astimezone(facts.zone) if recorded else None
    if recorded and shifted:
        return ApelResult(event, ApelOutcome.ATTENDED, at)
    read = facts.enrolled and day.known and coverage.settles(_window(event).closes)
    missed = read and not recorded and not shifted
    return ApelResult(event, ApelOutcome.MISSED if missed else ApelOutcome.UNDECIDED, at)


def _first(event: EventFact, touches: Iterable[Touch]) -> Touch | None:
    inside = (touch for touch in touches if _window(event).holds(touch.at))
    return min(inside, key=lambda touch: touch.order, default=None)


def _codes(verdict: Verdict, results: Iterable[ApelResult]) -> tuple[str, ...]:
    """Print a missed gathering beside the day; an absence or an open day keeps its own code alone."""
    missed = any(result.outcome is ApelOutcome.MISSED for result in results)
    if not missed or verdict.status in (Status.ABSENT, Status.UNDETERMINED):
        return verdict.codes
    return (*(code for code in verdict.codes if code != PRESENT_CODE), APEL_MISSED_CODE)


def _reasons(result: ApelResult, facts: DayFacts) -> tuple[Reason, ...]:
    event = result.event
    if result.outcome is ApelOutcome.MISSED:
        opens, closes = (at.astimezone(facts.zone) for at in (event.opens_at, event.closes_at))
        return (ApelMissed(event.name, opens, closes, event.basis),)
    return (ApelOpen(event.name),) if result.outcome is ApelOutcome.UNDECIDED else ()


def _gaps(event: EventFact, result: ApelResult, facts: DayFacts, coverage: Coverage) -> tuple[Reason, ...]:
    if result.outcome is not ApelOutcome.UNDECIDED:
        return ()
    window = _window(event)
    unknown = () if facts.enrolled else (NotEnrolled(),)
    silent = without_devices(facts.devices, facts.not_in_use, facts.unit.name)
    return (*unknown, *silent, *coverage.gaps(Span(event.opens_at, event.closes_at, window, window), facts.zone))
