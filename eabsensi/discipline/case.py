"""One working day judged from its punches, with the papers that correct them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from zoneinfo import ZoneInfo

from eabsensi.discipline.clockreasons import ClockDoubt, ClockMinutes, ClockNote
from eabsensi.discipline.clocks import clock_wrong
from eabsensi.discipline.coverage import Coverage, without_devices
from eabsensi.discipline.documents import Paper
from eabsensi.discipline.dutyreasons import AbsenceLifted, Documented, MissedShift, OnePunchOnly
from eabsensi.discipline.facts import DayFacts, Source
from eabsensi.discipline.halves import Duty, Half
from eabsensi.discipline.matching import Match, Touch, match_touches
from eabsensi.discipline.reasons import (
    NoPunch,
    NotEnrolled,
    ProvisionalPunch,
    PunchElsewhere,
    Reason,
)
from eabsensi.discipline.rules import AttendanceRules
from eabsensi.discipline.verdict import ABSENT_CODE, PRESENT_CODE, UNDETERMINED_CODE, Status, Verdict
from eabsensi.discipline.workday import Span, Workday
from eabsensi.law.citation import Citation


@dataclass(frozen=True, slots=True)
class Served:
    """One stretch of duty, judged."""

    span: Span
    match: Match
    arrival: Half
    departure: Half

    @property
    def halves(self) -> tuple[Half, Half]:
        """Both halves."""
        return self.arrival, self.departure

    @property
    def missed(self) -> bool:
        """Whether neither a punch nor a paper shows the person."""
        return not self.match.present and not any(half.paper for half in self.halves)

    @property
    def whole(self) -> bool:
        """Whether arrival and departure are both there, by punch or by paper."""
        return bool(self.match.arrival or self.arrival.paper) and bool(self.match.departure or self.departure.paper)


@dataclass(frozen=True)
class Case:
    """One day with duty and everything that judging it needs; no paper settles it as a whole."""

    facts: DayFacts
    day: Workday
    rules: AttendanceRules
    coverage: Coverage
    papers: tuple[Paper, ...]

    @cached_property
    def span(self) -> Span:
        """The day as one stretch."""
        whole = self.day.whole
        assert whole is not None  # a case is made only of a day with duty
        return whole

    @cached_property
    def closed(self) -> bool:
        """Whether every device that could hold a punch has been read past the end of the day."""
        return self.coverage.settles(self.span.settles_at)

    def judge(self, touches: Iterable[Touch]) -> Verdict:
        """Judge the day as these touches tell it."""
        known = tuple(touches)
        matches = [match_touches(span, known) for span in self.day.spans]
        status = self._status(matches)
        if status is Status.UNDETERMINED:
            return self._undetermined(self.missing())
        if status is Status.ABSENT:
            return self._absent((NoPunch(len(self.facts.devices)),))
        served = [self._serve(span, match) for span, match in zip(self.day.spans, matches, strict=True)]
        if self._too_few(served):
            in_at, out_at = raw_times(matches, self.facts.zone)
            reasons = (OnePunchOnly(), *self._notes(matches))
            absent = self._absent(reasons, self.rules.single_punch.citation)
            return replace(absent, in_at=in_at, out_at=out_at)
        return self._served(status, served)

    def _status(self, matches: Sequence[Match]) -> Status:
        """Say what the day is before anything is charged."""
        begun = self.coverage.as_of >= self.span.starts_at
        if any(match.present for match in matches) or (begun and any(paper.shows_presence for paper in self.papers)):
            return Status.PRESENT
        over = self.coverage.as_of >= self.span.settles_at
        if over and any(paper.lifts_absence for paper in self.papers):
            return Status.EXCUSED
        return Status.ABSENT if self.closed and self.facts.enrolled else Status.UNDETERMINED

    def _serve(self, span: Span, match: Match) -> Served:
        shift = span.name if len(self.day.spans) > 1 else ""
        duty = Duty(span, self.rules, self.coverage, self.papers, not self.day.rostered, shift)
        return Served(span, match, duty.arrival(match), duty.departure(match))

    def _too_few(self, served: Sequence[Served]) -> bool:
        """Whether the rule makes a day without any whole pair of punches an absence."""
        if self.rules.single_punch.value != "absent" or not self.closed or not self.facts.enrolled:
            return False
        return not any(each.whole for each in served)

    def _served(self, status: Status, served: Sequence[Served]) -> Verdict:
        matches = [each.match for each in served]
        halves = [half for each in served for half in each.halves]
        in_at, out_at = raw_times(matches, self.facts.zone)
        used = dict.fromkeys(half.paper for half in halves if half.paper)
        shown = any(match.present for match in matches)
        proof = () if shown else self._proof(status)
        return Verdict(
            status=status,
            codes=_codes(halves) or (PRESENT_CODE,),
            in_at=in_at,
            out_at=out_at,
            late_minutes=sum(each.arrival.minutes for each in served),
            early_minutes=sum(each.departure.minutes for each in served),
            complete=self.closed,
            workday=self.day,
            reasons=(
                *proof,
                *(reason for each in served for reason in _told(each, len(served) > 1)),
                *(() if self.closed else self.missing()),
                *self._notes(matches),
            ),
            citations=tuple(
                dict.fromkeys((*self.day.citations, *(cited for half in halves for cited in half.citations)))
            ),
            document="; ".join(dict.fromkeys(paper.label for paper in used)) or None,
            deficit_minutes=sum(_deficit(each) for each in served),
        )

    def _proof(self, status: Status) -> tuple[Reason, ...]:
        """Name the paper without which the day would be an absence."""
        if status is Status.EXCUSED:
            paper = next(paper for paper in self.papers if paper.lifts_absence)
            return (AbsenceLifted(paper.label),)
        paper = next(paper for paper in self.papers if paper.shows_presence)
        fact = paper.fact
        approved_at = fact.approved_at.astimezone(self.facts.zone)
        return (Documented(paper.rule.name, fact.number, fact.approved_by, approved_at),)

    def _absent(self, reasons: tuple[Reason, ...], *cited: Citation) -> Verdict:
        law = self.rules.absence_law.get(self.facts.person.kind)
        return Verdict(
            status=Status.ABSENT,
            codes=(ABSENT_CODE,),
            in_at=None,
            out_at=None,
            late_minutes=0,
            early_minutes=0,
            complete=True,
            workday=self.day,
            reasons=reasons,
            citations=(*self.day.citations, *((law,) if law else ()), *cited),
            absent_days=1,
            deficit_minutes=sum(span.minutes for span in self.day.spans),
        )

    def _undetermined(self, reasons: tuple[Reason, ...]) -> Verdict:
        codes = (UNDETERMINED_CODE,)
        return Verdict(Status.UNDETERMINED, codes, None, None, 0, 0, False, self.day, reasons, self.day.citations)

    def missing(self) -> tuple[Reason, ...]:
        """Name everything that keeps the day open."""
        facts = self.facts
        unknown: list[Reason] = [] if facts.enrolled else [NotEnrolled()]
        unknown.extend(without_devices(facts.devices, facts.not_in_use, facts.unit.name))
        return (*unknown, *self.coverage.gaps(self.span, facts.zone))

    def _notes(self, matches: Sequence[Match]) -> tuple[Reason, ...]:
        own = {device.id for device in (*self.facts.devices, *self.facts.not_in_use)}
        devices = {touch.punch.device.id: touch.punch.device for match in matches for touch in match.touches}
        used = [touch for match in matches for touch in (match.arrival, match.departure) if touch]
        live = dict.fromkeys(touch.punch.device.name for touch in used if touch.punch.source is Source.LIVE)
        elsewhere = (PunchElsewhere(devices[key].name) for key in sorted(devices.keys() - own))
        return (*elsewhere, *(ProvisionalPunch(name) for name in live))

    def weigh_clocks(self, verdict: Verdict, recorded: tuple[Touch, ...], shifted: tuple[Touch, ...]) -> Verdict:
        """Compare the day as recorded with the day as the measured clock offsets would have it.

        Where a paper answers for what one reading charges, the readings agree, and the verdict names the paper.
        """
        doubtful = self._doubtful(recorded) | self._doubtful(shifted)
        if not doubtful:
            return verdict
        other = self.judge(shifted)
        if (other.status, self._charged(other)) == (verdict.status, self._charged(verdict)):
            notes = tuple(_clock_note(name, offset, verdict, other) for name, offset in sorted(doubtful))
            agreed = other if other.document and not verdict.document else verdict
            return replace(agreed, reasons=agreed.reasons + notes)
        both = _outcome(verdict), _outcome(other)
        doubts = tuple(ClockDoubt(name, offset, *both) for name, offset in sorted(doubtful))
        gaps = () if self.closed else self.missing()
        return replace(self._undetermined((*doubts, *gaps)), in_at=verdict.in_at, out_at=verdict.out_at)

    def _charged(self, verdict: Verdict) -> tuple[str, ...]:
        """Give the codes that are held against the person: not those of papers, and not ``H``."""
        answered = {PRESENT_CODE, *(paper.rule.code for paper in self.papers)}
        return tuple(code for code in verdict.codes if code not in answered)

    def _doubtful(self, touches: tuple[Touch, ...]) -> set[tuple[str, float]]:
        """Name the wrong clocks behind the day's touches: device and offset."""
        return {
            (touch.punch.device.name, touch.punch.clock_offset_seconds or 0.0)
            for span in self.day.spans
            for touch in match_touches(span, touches).touches
            if clock_wrong(touch.punch, self.rules)
        }


def _clock_note(device: str, offset_seconds: float, recorded: Verdict, shifted: Verdict) -> Reason:
    minutes = [verdict.late_minutes + verdict.early_minutes for verdict in (recorded, shifted)]
    return (
        ClockNote(device, offset_seconds) if len(set(minutes)) == 1 else ClockMinutes(device, offset_seconds, *minutes)
    )


def raw_times(matches: Sequence[Match], zone: ZoneInfo) -> tuple[datetime | None, datetime | None]:
    """Give the first arrival and the last departure as recorded, in ``zone``."""
    arrivals = [match.arrival for match in matches if match.arrival]
    departures = [match.departure for match in matches if match.departure]
    return (
        arrivals[0].punch.punched_at.astimezone(zone) if arrivals else None,
        departures[-1].punch.punched_at.astimezone(zone) if departures else None,
    )


def _codes(halves: Iterable[Half]) -> tuple[str, ...]:
    """Collect the codes; what is charged stands as often as it is due, a paper once."""
    codes: list[str] = []
    for half in halves:
        if half.code and not (half.paper and half.code in codes):
            codes.append(half.code)
    return tuple(codes)


def _told(served: Served, several: bool) -> tuple[Reason, ...]:
    """Say what a stretch of duty gave; one of several that nobody served is told as such."""
    if several and served.missed and any(half.code for half in served.halves):
        return (MissedShift(served.span.name),)
    return tuple(reason for half in served.halves for reason in half.reasons)


def _deficit(served: Served) -> int:
    if served.missed and all(half.code for half in served.halves):
        return served.span.minutes
    return sum(half.deficit for half in served.halves)


def _outcome(verdict: Verdict) -> str:
    return " ".join(verdict.codes)
