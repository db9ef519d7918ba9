"""Judging one person's day from its punches.

The order of precedence is that of the discipline facts, section 3: no duty, then approved documents once they are kept,
then punches, then absence. Each step is a function; a document becomes one more step before the punches.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from eabsensi.discipline.clocks import clock_wrong, read_clocks
from eabsensi.discipline.coverage import Coverage
from eabsensi.discipline.facts import DayFacts, Source
from eabsensi.discipline.matching import Match, Touch, match_touches
from eabsensi.discipline.reasons import (
    ClockDoubt,
    ClockNote,
    EarlyBy,
    FuturePunch,
    LateBy,
    MissingIn,
    MissingOut,
    NoDevice,
    NoPunch,
    NotEnrolled,
    ProvisionalPunch,
    PunchElsewhere,
    PunchOnDayOff,
    Reason,
)
from eabsensi.discipline.rules import AttendanceRules, band_code
from eabsensi.discipline.verdict import ABSENT_CODE, PRESENT_CODE, UNDETERMINED_CODE, Status, Verdict
from eabsensi.discipline.workday import Span, Workday
from eabsensi.law.citation import Citation


def judge_day(facts: DayFacts, day: Workday, rules: AttendanceRules, as_of: datetime) -> Verdict:
    """Judge one person's day by what was known at ``as_of``.

    Args:
        facts: the person, the devices and the punches; nothing received after ``as_of``.
        day: what the date obliges the person's unit to.
        rules: in force on the date.
        as_of: the instant of judging, timezone-aware.

    """
    if day.span is None:
        return _without_duty(facts, day)
    readings = read_clocks(facts.punches, rules, facts.zone)
    case = _Case(facts, day, day.span, rules, Coverage(facts.devices, as_of, rules.clock_tolerance_seconds))
    verdict = case.judge(match_touches(day.span, readings.recorded))
    if any(clock_wrong(punch, rules) for punch in facts.punches):
        verdict = case.weigh_clocks(verdict, readings.recorded, readings.shifted)
    aside = tuple(
        FuturePunch(
            punch.device.name, punch.punched_at.astimezone(facts.zone), punch.received_at.astimezone(facts.zone)
        )
        for punch in sorted(readings.impossible, key=lambda punch: (punch.punched_at, punch.device.id))
        if punch.punched_at.astimezone(facts.zone).date() == facts.on
    )
    return replace(verdict, reasons=verdict.reasons + aside)


def _without_duty(facts: DayFacts, day: Workday) -> Verdict:
    """Judge a day off, or a day whose obligation is not known; punches are pointed out, never judged."""
    found = sum(punch.punched_at.astimezone(facts.zone).date() == facts.on for punch in facts.punches)
    status, code = (Status.OFF, day.code) if day.known else (Status.UNDETERMINED, UNDETERMINED_CODE)
    reasons = tuple(reason for reason in (day.reason, PunchOnDayOff(found) if found and day.known else None) if reason)
    return Verdict(status, (code,), None, None, 0, 0, day.known, day, reasons, day.citations)


@dataclass(frozen=True, slots=True)
class _Half:
    """One half of a day; without a code while something unread could still change it."""

    code: str | None = None
    minutes: int = 0
    reasons: tuple[Reason, ...] = ()
    citations: tuple[Citation, ...] = ()


@dataclass(frozen=True, slots=True)
class _Case:
    """One working day with everything that judging needs."""

    facts: DayFacts
    day: Workday
    span: Span
    rules: AttendanceRules
    coverage: Coverage

    @property
    def closed(self) -> bool:
        """Whether every device that could hold a punch has been read past the end of the day."""
        return bool(self.facts.devices) and self.coverage.reaches(self.span.departure.closes)

    def judge(self, match: Match) -> Verdict:
        if match.present:
            return self._present(match)
        if not self.closed or not self.facts.enrolled:
            return self._undetermined(self._missing())
        law = self.rules.absence_law.get(self.facts.person.kind)
        citations = (*self.day.citations, law) if law else self.day.citations
        reasons = (NoPunch(len(self.facts.devices)),)
        return Verdict(Status.ABSENT, (ABSENT_CODE,), None, None, 0, 0, True, self.day, reasons, citations)

    def _present(self, match: Match) -> Verdict:
        late, early = self._arrival(match.arrival), self._departure(match.departure)
        codes = tuple(half.code for half in (late, early) if half.code) or (PRESENT_CODE,)
        return Verdict(
            Status.PRESENT,
            codes,
            self._local(match.arrival),
            self._local(match.departure),
            late.minutes,
            early.minutes,
            self.closed,
            self.day,
            (*late.reasons, *early.reasons, *(() if self.closed else self._missing()), *self._notes(match)),
            tuple(dict.fromkeys((*self.day.citations, *late.citations, *early.citations))),
        )

    def _undetermined(self, reasons: tuple[Reason, ...]) -> Verdict:
        codes = (UNDETERMINED_CODE,)
        return Verdict(Status.UNDETERMINED, codes, None, None, 0, 0, False, self.day, reasons, self.day.citations)

    def _arrival(self, touch: Touch | None) -> _Half:
        """Judge the arrival; a code is given only where no unread punch could change it."""
        if touch is None:
            missing = self.rules.missing_in
            if not self.facts.devices or not self.coverage.reaches(self.span.arrival.closes):
                return _Half()
            return _Half(missing.value, 0, (MissingIn(missing.value),), (missing.citation,))
        minutes = self._late_minutes(touch.at)
        earliest = self._late_minutes(min(touch.at, max(self.coverage.through, self.span.arrival.opens)))
        bands = self.rules.late_bands
        code = band_code(bands.value, minutes)
        if code != band_code(bands.value, earliest):
            return _Half()
        reasons = (LateBy(minutes, self.span.starts_at),) if code else ()
        return _Half(code, minutes, reasons, (bands.citation,) if code else ())

    def _departure(self, touch: Touch | None) -> _Half:
        """Judge the departure; before the day is closed a later punch may still come."""
        if not self.closed:
            return _Half()
        if touch is None:
            missing = self.rules.missing_out
            return _Half(missing.value, 0, (MissingOut(missing.value),), (missing.citation,))
        minutes = self.rules.minutes((self.span.ends_at - touch.at).total_seconds())
        bands = self.rules.early_bands
        code = band_code(bands.value, minutes)
        reasons = (EarlyBy(minutes, self.span.ends_at),) if code else ()
        return _Half(code, minutes, reasons, (bands.citation,) if code else ())

    def _late_minutes(self, at: datetime) -> int:
        return self.rules.minutes((at - self.span.starts_at).total_seconds())

    def _local(self, touch: Touch | None) -> datetime | None:
        return touch.punch.punched_at.astimezone(self.facts.zone) if touch else None

    def _missing(self) -> tuple[Reason, ...]:
        """Name everything that keeps the day open."""
        facts = self.facts
        unknown: list[Reason] = [] if facts.enrolled else [NotEnrolled()]
        if not facts.devices:
            unknown.append(NoDevice(facts.unit.name))
        return (*unknown, *self.coverage.gaps(self.span, facts.zone))

    def _notes(self, match: Match) -> tuple[Reason, ...]:
        own = {device.id for device in self.facts.devices}
        devices = {touch.punch.device.id: touch.punch.device for touch in match.touches}
        used = tuple(touch for touch in (match.arrival, match.departure) if touch)
        live = dict.fromkeys(touch.punch.device.name for touch in used if touch.punch.source is Source.LIVE)
        elsewhere = (PunchElsewhere(devices[key].name) for key in sorted(devices.keys() - own))
        return (*elsewhere, *(ProvisionalPunch(name) for name in live))

    def weigh_clocks(self, verdict: Verdict, recorded: tuple[Touch, ...], shifted: tuple[Touch, ...]) -> Verdict:
        """Compare the day as recorded with the day as the measured clock offsets would have it."""
        as_recorded, adjusted = match_touches(self.span, recorded), match_touches(self.span, shifted)
        doubtful = sorted(
            {
                (touch.punch.device.name, touch.punch.clock_offset_seconds or 0.0)
                for touch in (*as_recorded.touches, *adjusted.touches)
                if clock_wrong(touch.punch, self.rules)
            }
        )
        if not doubtful:
            return verdict
        other = self.judge(adjusted)
        if (other.status, other.codes) == (verdict.status, verdict.codes):
            notes = tuple(ClockNote(name, offset) for name, offset in doubtful)
            return replace(verdict, reasons=verdict.reasons + notes)
        both = _outcome(verdict), _outcome(other)
        doubts = tuple(ClockDoubt(name, offset, *both) for name, offset in doubtful)
        gaps = () if self.closed else self._missing()
        return replace(self._undetermined((*doubts, *gaps)), in_at=verdict.in_at, out_at=verdict.out_at)


def _outcome(verdict: Verdict) -> str:
    return " ".join(verdict.codes)
