"""One judged day taken apart: which punch counted and why, the arithmetic, and what would change the verdict."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from eabsensi.discipline import explaining as say
from eabsensi.discipline import prospects as ahead
from eabsensi.discipline.clockreasons import ClockDoubt
from eabsensi.discipline.clocks import clock_wrong, read_clocks
from eabsensi.discipline.coverage import Coverage
from eabsensi.discipline.documents import Paper, deciding, papers_of
from eabsensi.discipline.facts import DayFacts, DeviceFact, DocumentFact, DocumentKind, PunchFact
from eabsensi.discipline.flex import due_out, latest_start
from eabsensi.discipline.halves import NO_FLEX
from eabsensi.discipline.judge import judge_day
from eabsensi.discipline.matching import Match, Touch, match_touches
from eabsensi.discipline.reasons import (
    DayRunning,
    DeviceUnread,
    InUseLater,
    LogBegins,
    MissingIn,
    MissingOut,
    NoCalendar,
    NoDevice,
    NoHours,
    NoRoster,
    NotEnrolled,
    Reason,
    RecordsLost,
)
from eabsensi.discipline.rules import AttendanceRules, band_code
from eabsensi.discipline.verdict import Status, Verdict
from eabsensi.discipline.workday import Span, Window, Workday
from eabsensi.law.duty import FlexRule
from eabsensi.law.hours import Band

Half = Literal["in", "out"]


@dataclass(frozen=True, slots=True)
class PunchUse:
    """What became of a punch; ``half`` is what it counted as."""

    punch: PunchFact
    half: Half | None
    reason: Reason


@dataclass(frozen=True, slots=True)
class PaperUse:
    """What became of an approved paper."""

    paper: Paper
    reason: Reason


@dataclass(frozen=True, slots=True)
class WhatIf:
    """Something that may still happen, and what the day would then be."""

    condition: Reason
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Explanation:
    """A verdict with everything that it rests on.

    Attributes:
        facts: what was known.
        day: what it obliges to.
        rules: in force.
        as_of: the instant of knowledge.
        verdict: the result.
        punches: those of the day, earliest first.
        papers: approved ones that cover the day, strongest first.
        steps: the arithmetic, a line each.
        needs: what is missing, and how to get it.
        changes: what would change the verdict.

    """

    facts: DayFacts
    day: Workday
    rules: AttendanceRules
    as_of: datetime
    verdict: Verdict
    punches: tuple[PunchUse, ...]
    papers: tuple[PaperUse, ...]
    steps: tuple[Reason, ...]
    needs: tuple[Reason, ...]
    changes: tuple[WhatIf, ...]


def explain(
    facts: DayFacts, day: Workday, rules: AttendanceRules, as_of: datetime, filed: Sequence[DocumentFact] = ()
) -> Explanation:
    """Judge a day as :func:`judge_day` does, and take the verdict apart.

    Args:
        facts: as for judging.
        day: as for judging.
        rules: as for judging.
        as_of: as for judging.
        filed: papers of the person that cover the day and are not approved yet.

    """
    verdict = judge_day(facts, day, rules, as_of)
    papers = papers_of(facts, rules, as_of)
    inquiry = _Inquiry(facts, day, rules, as_of, verdict, papers)
    return Explanation(
        facts=facts,
        day=day,
        rules=rules,
        as_of=as_of,
        verdict=verdict,
        punches=tuple(inquiry.punches()),
        papers=tuple(inquiry.papers_used()),
        steps=tuple(inquiry.steps()),
        needs=tuple(inquiry.needs()),
        changes=tuple(inquiry.changes(filed)),
    )


@dataclass(frozen=True, slots=True)
class _Inquiry:
    facts: DayFacts
    day: Workday
    rules: AttendanceRules
    as_of: datetime
    verdict: Verdict
    papers: tuple[Paper, ...]

    # --- punches ---------------------------------------------------------------------------------------------------

    def punches(self) -> Iterator[PunchUse]:
        """Say of each punch of the day what it counted as, or why it did not."""
        readings = read_clocks(self.facts.punches, self.rules, self.facts.zone)
        matches = [(span, match_touches(span, readings.recorded)) for span in self.day.spans]
        for punch in sorted(self.facts.punches, key=lambda punch: punch.order):
            if punch in readings.impossible:
                if self._is_of_day(punch):
                    yield PunchUse(punch, None, say.Impossible())
            elif self._is_of_day(punch) or any(_holds(match, punch) for _, match in matches):
                half, reason = self._use(punch, matches)
                yield PunchUse(punch, half, reason)

    def _is_of_day(self, punch: PunchFact) -> bool:
        whole = self.day.whole
        inside = whole is not None and whole.arrival.opens <= punch.punched_at < whole.departure.closes
        return inside or punch.punched_at.astimezone(self.facts.zone).date() == self.facts.on

    def _use(self, punch: PunchFact, matches: Sequence[tuple[Span, Match]]) -> tuple[Half | None, Reason]:
        """Say what a possible punch counted as."""
        if not self.day.spans:
            claimed = any(window.holds(punch.punched_at) for window in self.day.claimed)
            return None, say.OfOtherDate() if claimed else say.NoDuty()
        paper = deciding(self.papers)
        if paper:
            return None, say.PaperDecides(paper.label)
        for span, match in matches:
            for half, touch in (("in", match.arrival), ("out", match.departure)):
                if touch and touch.punch == punch:
                    return ("in", say.CountsIn(span.name)) if half == "in" else ("out", say.CountsOut(span.name))
        if punch.backdated and clock_wrong(punch, self.rules):
            return None, say.Backdated()
        for span, match in matches:
            if any(touch.punch == punch for touch in match.others):
                return None, self._other(span, match, punch)
        return None, self._outside(punch)

    def _other(self, span: Span, match: Match, punch: PunchFact) -> Reason:
        """Say why a punch inside a stretch of duty is neither arrival nor departure."""
        if span.arrival.holds(punch.punched_at) and match.arrival:
            return say.NotFirst(self._local(match.arrival.at))
        if span.departure.holds(punch.punched_at) and match.departure:
            return say.NotLast(self._local(match.departure.at))
        return say.Between(span.arrival.closes, span.departure.opens)

    def _outside(self, punch: PunchFact) -> Reason:
        whole = self.day.whole
        assert whole is not None  # asked only of days with duty
        if punch.punched_at < whole.arrival.opens:
            return say.TooEarly(whole.arrival.opens)
        if punch.punched_at >= whole.departure.closes:
            return say.TooLate(whole.departure.closes)
        return say.OfOtherDate()

    # --- papers ----------------------------------------------------------------------------------------------------

    def papers_used(self) -> Iterator[PaperUse]:
        """Say of each approved paper whether it decided."""
        winner = deciding(self.papers)
        used = (self.verdict.document or "").split("; ")
        for paper in self.papers:
            if paper is winner or (winner is None and paper.label in used):
                yield PaperUse(paper, say.Decided())
            elif not self.day.spans:
                yield PaperUse(paper, say.NotNeeded())
            elif winner is not None:
                yield PaperUse(paper, say.Outranked(winner.label))
            else:
                yield PaperUse(paper, say.ChangedNothing())

    # --- arithmetic ------------------------------------------------------------------------------------------------

    def steps(self) -> Iterator[Reason]:
        """Show the sums, as recorded and, where a clock was wrong, adjusted."""
        if not self.day.spans or deciding(self.papers):
            return
        readings = read_clocks(self.facts.punches, self.rules, self.facts.zone)
        if any(clock_wrong(punch, self.rules) for punch in self.facts.punches):
            yield say.AsRecorded()
            yield from self._sums(readings.recorded)
            yield say.AsAdjusted()
            yield from self._sums(readings.shifted)
        else:
            yield from self._sums(readings.recorded)
        if self.verdict.absent_days:
            yield say.AbsentSum(self.verdict.absent_days)
        if self.verdict.deficit_minutes:
            yield say.DeficitSum(self.verdict.deficit_minutes)

    def _sums(self, touches: Sequence[Touch]) -> Iterator[Reason]:
        for span in self.day.spans:
            match = match_touches(span, touches)
            yield self._arrival_sum(span, match)
            yield self._departure_sum(span, match)

    def _arrival_sum(self, span: Span, match: Match) -> Reason:
        if match.arrival is None:
            charged = any(isinstance(reason, MissingIn) for reason in self.verdict.reasons)
            return say.NoArrival(self.rules.missing_in.value if charged else "", *_ends(span.arrival))
        start = latest_start(span, self._flex)
        if match.arrival.at <= start:
            return say.InTime(self._local(match.arrival.at), start)
        minutes = self.rules.minutes((match.arrival.at - start).total_seconds())
        code, band = self._band(self.rules.late_bands.value, minutes)
        return say.LateSum(self._local(match.arrival.at), start, minutes, code, band, self._charge(code))

    def _departure_sum(self, span: Span, match: Match) -> Reason:
        if match.departure is None:
            charged = any(isinstance(reason, MissingOut) for reason in self.verdict.reasons)
            return say.NoDeparture(self.rules.missing_out.value if charged else "", *_ends(span.departure))
        due = due_out(span, self._flex, match.arrival.at if match.arrival else None)
        if match.departure.at >= due:
            return say.StayedOn(self._local(match.departure.at), due)
        minutes = self.rules.minutes((due - match.departure.at).total_seconds())
        code, band = self._band(self.rules.early_bands.value, minutes)
        return say.EarlySum(self._local(match.departure.at), due, minutes, code, band, self._charge(code))

    @property
    def _flex(self) -> FlexRule:
        return NO_FLEX if self.day.rostered else self.rules.flex.value

    def _band(self, bands: tuple[Band, ...], minutes: int) -> tuple[str, str]:
        """Give the code for some minutes and its limits, both ``""`` where nothing is due."""
        code = band_code(bands, minutes)
        band = next((band for band in bands if band.code == code), None)
        if code is None or band is None:
            return "", ""
        return code, f"{band.first}-{band.last}" if band.last else f">= {band.first}"

    def _charge(self, code: str) -> say.Charge:
        if code in self.verdict.codes:
            return "charged"
        return "not charged" if self.verdict.complete else "not yet"

    def _local(self, at: datetime) -> datetime:
        return at.astimezone(self.facts.zone)

    # --- what is missing, and what would change the verdict --------------------------------------------------------

    def needs(self) -> Iterator[Reason]:
        """Say how to get what is missing."""
        advice: dict[type[Reason], Reason] = {
            NotEnrolled: ahead.EnrolThem(),
            NoDevice: ahead.RegisterDevice(),
            NoRoster: ahead.FileRoster(),
        }
        advice |= dict.fromkeys((NoHours, NoCalendar), ahead.CompletePolicy())
        for reason in self.verdict.reasons:
            if isinstance(reason, DeviceUnread):
                serial = next((d.serial for d in self.facts.devices if d.name == reason.device), "")
                yield ahead.ReadDevice(reason.device, serial)
            elif isinstance(reason, (LogBegins, InUseLater)):
                serial = next((d.serial for d in self.facts.not_in_use if d.name == reason.device), "")
                yield ahead.ShowUse(reason.device, serial)
            elif isinstance(reason, DayRunning):
                yield ahead.WaitUntil(reason.until)
            elif isinstance(reason, RecordsLost):
                yield ahead.ReplaceLost(reason.device)
            elif isinstance(reason, ClockDoubt):
                yield ahead.SettleClock(reason.device)
            elif type(reason) in advice:
                yield advice[type(reason)]

    def changes(self, filed: Sequence[DocumentFact]) -> Iterator[WhatIf]:
        """Judge again as if something more were known; give what makes another verdict."""
        tried = [*self._by_reading(), *self._by_filed(filed), *self._by_papers(filed), *self._by_revoking()]
        seen: set[tuple[object, ...]] = set()
        for change in tried:
            outcome = (change.verdict.status, change.verdict.codes, change.verdict.complete)
            key = (change.condition, outcome)
            if outcome[:2] != (self.verdict.status, self.verdict.codes) and key not in seen:
                seen.add(key)
                yield change

    def _judge(self, **changes: object) -> Verdict:
        return self._judge_at(self.as_of, **changes)

    def _judge_at(self, as_of: datetime, **changes: object) -> Verdict:
        return judge_day(replace(self.facts, **changes), self.day, self.rules, as_of)  # type: ignore[arg-type]  # fields by name

    def _by_reading(self) -> Iterator[WhatIf]:
        """Read every device past the end of the day: with nothing new, and with punches in time."""
        whole = self.day.whole
        if self.verdict.complete or whole is None or not self.facts.devices:
            return
        closes = whole.settles_at
        behind = [device for device in self.facts.devices if not (device.loss or self._is_read(device, closes))]
        if not behind:
            return
        names = ", ".join(device.name for device in behind)
        later = closes + timedelta(days=1)
        read = tuple(
            replace(device, complete_through=later, trusted_through=later, loss=None) for device in self.facts.devices
        )
        after = max(self.as_of, closes)
        until = self._local(closes - timedelta(seconds=1))
        yield WhatIf(ahead.ReadEmpty(names, until), self._judge_at(after, devices=read))
        found = [PunchFact(read[0], at, at) for span in self.day.spans for at in (span.starts_at, span.ends_at)]
        more = (*self.facts.punches, *found)
        yield WhatIf(ahead.ReadInTime(names, until), self._judge_at(after, devices=read, punches=more))

    def _is_read(self, device: DeviceFact, closes: datetime) -> bool:
        return Coverage((device,), max(self.as_of, closes), self.rules.clock_tolerance_seconds).settles(closes)

    def _by_filed(self, filed: Sequence[DocumentFact]) -> Iterator[WhatIf]:
        for document in filed:
            rule = self.rules.documents[document.kind]
            verdict = self._with(document)
            yield WhatIf(ahead.FiledApproved(f"{rule.name} {document.number}".strip()), verdict)

    def _by_papers(self, filed: Sequence[DocumentFact]) -> Iterator[WhatIf]:
        """Try a paper of each kind that could help and is not filed yet, where the day is charged or open."""
        if not self.day.spans or self.verdict.document or self.verdict.codes == ("H",):
            return
        kinds = _FOR_PRESENT if self.verdict.status is Status.PRESENT else _FOR_ABSENT
        for kind in kinds:
            if any(document.kind == kind for document in filed):
                continue
            rule = self.rules.documents[kind]
            paper = DocumentFact(-1, kind, self.facts.on, self.facts.on, "", self.as_of, "")
            yield WhatIf(ahead.PaperApproved(f"{rule.name} ({rule.code})"), self._with(paper))

    def _with(self, document: DocumentFact) -> Verdict:
        approved = replace(document, approved_at=self.as_of)
        return self._judge(documents=(*self.facts.documents, approved))

    def _by_revoking(self) -> Iterator[WhatIf]:
        used = (self.verdict.document or "").split("; ")
        for paper in self.papers:
            if paper.label in used:
                rest = tuple(document for document in self.facts.documents if document.id != paper.fact.id)
                yield WhatIf(ahead.PaperRevoked(paper.label), self._judge(documents=rest))


_FOR_PRESENT = (DocumentKind.FORGOTTEN_PUNCH, DocumentKind.DISPENSATION, DocumentKind.DUTY)
_FOR_ABSENT = (
    *(DocumentKind.DUTY, DocumentKind.FLEXIBLE_PLACE, DocumentKind.ANNUAL_LEAVE, DocumentKind.SICK),
    *(DocumentKind.PERMISSION, DocumentKind.FORGOTTEN_PUNCH),
)


def _holds(match: Match, punch: PunchFact) -> bool:
    return any(touch.punch == punch for touch in match.touches)


def _ends(window: Window) -> tuple[datetime, datetime]:
    """Give the first and the last second of a window."""
    return window.opens, window.closes - timedelta(seconds=1)
