"""The two halves of one stretch of duty: arrival and departure, each judged for itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from eabsensi.discipline import flex
from eabsensi.discipline.coverage import Coverage
from eabsensi.discipline.documents import Paper
from eabsensi.discipline.dutyreasons import EarlyPermitted, EndMoved, InFilled, LatePermitted, OutFilled, Replaced
from eabsensi.discipline.matching import Match, Touch
from eabsensi.discipline.reasons import EarlyBy, LateBy, MissingIn, MissingOut, Reason
from eabsensi.discipline.rules import AttendanceRules, Cited, band_code
from eabsensi.discipline.workday import Span
from eabsensi.law.citation import Citation
from eabsensi.law.duty import FlexRule

NO_FLEX = FlexRule()


@dataclass(frozen=True, slots=True)
class Half:
    """One half judged; without a code while something unread could still change it, or where nothing is due.

    Attributes:
        code: as printed.
        minutes: late or early.
        deficit: minutes of duty not given, permitted or not.
        reasons: why.
        citations: what it rests on.
        paper: that filled it or permitted the minutes.

    """

    code: str | None = None
    minutes: int = 0
    deficit: int = 0
    reasons: tuple[Reason, ...] = ()
    citations: tuple[Citation, ...] = ()
    paper: Paper | None = None


@dataclass(frozen=True, slots=True)
class Duty:
    """One stretch of duty with what judging it needs.

    Attributes:
        span: the stretch.
        rules: in force on the date.
        coverage: of the person's devices.
        papers: of the day, strongest first.
        flexible: lateness may be made good by the rule; a rostered shift has no flexible time.
        shift: named in sentences; ``""`` where the day has one stretch only.

    """

    span: Span
    rules: AttendanceRules
    coverage: Coverage
    papers: tuple[Paper, ...]
    flexible: bool
    shift: str

    @property
    def flex(self) -> FlexRule:
        """The rule of flexible time."""
        return self.rules.flex.value if self.flexible else NO_FLEX

    @property
    def closed(self) -> bool:
        """Whether every device that could hold a punch has been read past the end of the stretch."""
        return self.coverage.settles(self.span.settles_at)

    def arrival(self, match: Match) -> Half:
        """Judge the arrival; a code is given only where no unread punch could change it."""
        if match.arrival is None:
            return self._missing_in()
        at = match.arrival.at
        minutes = self._late_minutes(at)
        bands = self.rules.late_bands
        code = band_code(bands.value, minutes)
        if code is None:
            return Half(None, minutes, minutes, self._moved(at), self._flex_citation(at))
        if not self._arrival_certain(match.arrival, code):
            return Half()
        paper = next((paper for paper in self.papers if paper.permits("in")), None)
        if paper:
            return _by_paper(paper, LatePermitted(minutes, paper.label), deficit=minutes)
        if flex.may_replace(self.flex, minutes):
            replaced = self._replaced(minutes, match.departure)
            if replaced or not self.closed:
                return replaced or Half()
        late = LateBy(minutes, flex.latest_start(self.span, self.flex))
        return Half(code, minutes, minutes, (late,), (bands.citation,))

    def departure(self, match: Match) -> Half:
        """Judge the departure; before the stretch is closed a later punch may still come."""
        if match.departure is None:
            return self._missing_out()
        if not self.closed:
            return Half()
        due = flex.due_out(self.span, self.flex, match.arrival.at if match.arrival else None)
        minutes = self.rules.minutes((due - match.departure.at).total_seconds())
        bands = self.rules.early_bands
        code = band_code(bands.value, minutes)
        if code is None:
            return Half(None, minutes, minutes)
        paper = next((paper for paper in self.papers if paper.permits("out")), None)
        if paper:
            return _by_paper(paper, EarlyPermitted(minutes, paper.label), deficit=minutes)
        return Half(code, minutes, minutes, (EarlyBy(minutes, due),), (bands.citation,))

    def _missing_in(self) -> Half:
        paper = next((paper for paper in self.papers if paper.fills("in")), None)
        if paper and self.coverage.as_of >= self.span.arrival.closes:
            return _by_paper(paper, InFilled(paper.label))
        if paper or not self.coverage.settles(self.span.arrival.closes):
            return Half()
        return _missing(self.rules.missing_in, lambda code: MissingIn(code, self.shift))

    def _missing_out(self) -> Half:
        paper = next((paper for paper in self.papers if paper.fills("out")), None)
        if paper and self.coverage.as_of >= self.span.departure.closes:
            return _by_paper(paper, OutFilled(paper.label))
        if paper or not self.closed:
            return Half()
        return _missing(self.rules.missing_out, lambda code: MissingOut(code, self.shift))

    def _arrival_certain(self, touch: Touch, code: str) -> bool:
        """Whether no unread punch could give a better arrival, or at a seam take this one away."""
        if self.span.before and not self.coverage.settles(self.span.arrival.closes):
            return False
        earliest = self._late_minutes(min(touch.at, max(self.coverage.through, self.span.arrival.opens)))
        return code == band_code(self.rules.late_bands.value, earliest)

    def _late_minutes(self, at: datetime) -> int:
        return self.rules.minutes((at - flex.latest_start(self.span, self.flex)).total_seconds())

    def _replaced(self, minutes: int, departure: Touch | None) -> Half | None:
        if departure is None or not flex.replaces(self.span, self.flex, departure.at):
            return None
        extra = int((departure.at - self.span.ends_at).total_seconds()) // 60
        return Half(None, minutes, 0, (Replaced(minutes, extra),), (self.rules.flex.citation,))

    def _moved(self, at: datetime) -> tuple[Reason, ...]:
        due = flex.due_out(self.span, self.flex, at)
        after = int((at - self.span.starts_at).total_seconds()) // 60
        return (EndMoved(after, due),) if due > self.span.ends_at and after else ()

    def _flex_citation(self, at: datetime) -> tuple[Citation, ...]:
        return (self.rules.flex.citation,) if self._moved(at) else ()


def _by_paper(paper: Paper, reason: Reason, *, deficit: int = 0) -> Half:
    return Half(paper.rule.code, 0, deficit, (reason,), (paper.rule.citation,), paper)


def _missing(rule: Cited[str], reason: Callable[[str], Reason]) -> Half:
    return Half(rule.value, 0, 0, (reason(rule.value),), (rule.citation,))
