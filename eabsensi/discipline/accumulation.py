"""The running legal total of one person's year: days absent, hours that became days, consecutive runs, law by law.

Every absence falls under the law of its own date. Only days that nothing unread can change are counted; the others are
named. All arithmetic is in whole minutes and days, each day rounded once, where it was judged.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from eabsensi.discipline.dutyreasons import Replaced
from eabsensi.discipline.facts import EventKind
from eabsensi.discipline.runs import Mark, Run, find_runs, longest
from eabsensi.discipline.tiers import Rulebook, Stretch, stretches
from eabsensi.discipline.verdict import ApelOutcome, Status, Verdict
from eabsensi.law.citation import Citation
from eabsensi.law.duty import Effect
from eabsensi.law.policy import Policy
from eabsensi.law.tiers import Tier

Marked = list[tuple[date, Mark]]
JOINED = "joined"
PASSED_OVER = "passed_over"


@dataclass(frozen=True, slots=True)
class DayOutcome:
    """What one judged day brings to month and year.

    Attributes:
        on: the date.
        status: of the verdict.
        codes: as printed.
        absent: a working day that counts as absence: without presence and valid reason, or charged by a local rule.
        duty: the day asked for work.
        excused: a document took the duty away.
        late_minutes: after the start, save what was made good or permitted.
        early_minutes: before the end, save what was permitted.
        complete: nothing unread can change the day.
        apel_missed: how many apel were missed.
        ceremony_missed: how many ceremonies were missed.

    """

    on: date
    status: Status
    codes: tuple[str, ...]
    absent: bool
    duty: bool
    excused: bool
    late_minutes: int
    early_minutes: int
    complete: bool
    apel_missed: int = 0
    ceremony_missed: int = 0

    @property
    def counts(self) -> bool:
        """Whether the day is one more day absent; never while something unread could change it."""
        return self.absent and self.complete

    @property
    def undetermined(self) -> bool:
        """Whether it is not known what the day was."""
        return self.status is Status.UNDETERMINED or (self.absent and not self.complete)

    @property
    def minutes(self) -> int:
        """Minutes late and early together, once the day is final."""
        return self.late_minutes + self.early_minutes if self.complete else 0


def outcome_of(verdict: Verdict, on: date) -> DayOutcome:
    """Take out of a verdict what month and year need."""
    replaced = sum(reason.minutes for reason in verdict.reasons if isinstance(reason, Replaced))
    missed = [result.event.kind for result in verdict.apel if result.outcome is ApelOutcome.MISSED]
    return DayOutcome(
        on=on,
        status=verdict.status,
        codes=verdict.codes,
        absent=verdict.status is Status.ABSENT or verdict.absent_days > 0,
        duty=verdict.workday.span is not None,
        excused=verdict.status is Status.EXCUSED,
        late_minutes=verdict.late_minutes - replaced,
        early_minutes=verdict.early_minutes,
        complete=verdict.complete,
        apel_missed=missed.count(EventKind.APEL),
        ceremony_missed=missed.count(EventKind.CEREMONY),
    )


@dataclass(frozen=True, slots=True)
class Conversion:
    """Minutes that were added up, and the days that they make.

    Attributes:
        minutes: late and early together.
        minutes_per_day: that make a day.
        citation: the rule.

    """

    minutes: int
    minutes_per_day: int
    citation: Citation

    @property
    def days(self) -> int:
        """Whole days; the rest stays behind when the year ends."""
        return self.minutes // self.minutes_per_day


@dataclass(frozen=True, slots=True)
class Segment:
    """The part of a year that lies under one law.

    Attributes:
        first_on: first date of the part.
        last_on: last date of the part.
        rulebook: the law.
        dates: the days absent.
        conversions: minutes turned into days; empty where they are not.
        run: the longest run that surely is one, counted from the day on which the law began.
        reached_run: the run that reached the law's number of consecutive days in this year; empty where none did.
        needs_december: that number was reached only with days of the year before, by an unconfirmed reading.
        needs_unrecorded: that number was reached only across a day on which nobody could record.

    """

    first_on: date
    last_on: date
    rulebook: Rulebook
    dates: tuple[date, ...]
    conversions: tuple[Conversion, ...]
    run: Run
    reached_run: Run
    needs_december: bool
    needs_unrecorded: bool

    @property
    def run_is_sure(self) -> bool:
        """Whether a run is long enough by days and a reading that nobody can doubt."""
        return bool(self.reached_run) and not self.needs_december and not self.needs_unrecorded

    @property
    def absent_days(self) -> int:
        """Days absent."""
        return len(self.dates)

    @property
    def converted_days(self) -> int:
        """Days that minutes became."""
        return sum(conversion.days for conversion in self.conversions)

    @property
    def total_days(self) -> int:
        """The days that the table is asked for."""
        return self.absent_days + self.converted_days

    @property
    def tier(self) -> Tier | None:
        """The tier of this part's own total; None below the first, or where the table is not known."""
        return self.rulebook.regulation.tier_for(self.total_days) if self.rulebook.regulation else None

    @property
    def reached_on(self) -> date | None:
        """The date on which the run became long enough."""
        run_tier = self.rulebook.regulation.run if self.rulebook.regulation else None
        return self.reached_run[run_tier.days - 1] if run_tier and self.reached_run else None


@dataclass(frozen=True, slots=True)
class YearTotal:
    """One person's year up to a date.

    Attributes:
        kind: of the employee.
        year: January to December.
        through: last date that was looked at.
        dates: the days absent, earliest first.
        longest_run: consecutive working days absent that surely are; a run over New Year counts whole, and a day on
            which nobody could record neither extends nor ends one.
        run_dates: its dates.
        possible_run: how long the longest run may turn out to be if every undetermined day was an absence.
        possible_run_dates: its dates, undetermined ones included.
        undetermined_on: working days of which it is not known whether the person was there.
        open_on: other days that something unread may still change; their minutes are not added up yet.
        segments: law by law; empty for contracts that no law covers.

    """

    kind: str
    year: int
    through: date
    dates: tuple[date, ...]
    longest_run: int
    run_dates: Run
    possible_run: int
    possible_run_dates: Run
    undetermined_on: tuple[date, ...]
    open_on: tuple[date, ...]
    segments: tuple[Segment, ...]

    @property
    def absent_days(self) -> int:
        """Days absent in the year, under whatever law."""
        return len(self.dates)

    @property
    def converted_minutes(self) -> int:
        """Minutes that a law or the agency adds up to days."""
        return sum(conversion.minutes for segment in self.segments for conversion in segment.conversions)

    @property
    def converted_days(self) -> int:
        """Days that minutes became, each law by its own rule."""
        return sum(segment.converted_days for segment in self.segments)

    @property
    def total_days(self) -> int:
        """Days absent and converted days."""
        return self.absent_days + self.converted_days


def accumulate(policy: Policy, kind: str, year: int, days: Sequence[DayOutcome], *, through: date) -> YearTotal:
    """Add up one person's year.

    Args:
        policy: the law.
        kind: PNS, CPNS, PPPK, PPPK-PW or other.
        year: January to December of it is added up.
        days: in any order, one for each date of the posting, days off included: a date that is missing ends a run.
            Days before the year matter only for a run over New Year; give them from where such a run may begin.
        through: later days are left out.

    Raises:
        ValueError: two outcomes for one date.

    """
    ordered = _ordered(days, min(through, date(year, 12, 31)))
    own = [day for day in ordered if day.on.year == year]
    joined = ordered if policy.run_at_new_year.on(date(year, 1, 1)).value == JOINED else own
    marked = [(day.on, _mark(policy, day)) for day in joined]
    sure, possible = (_longest_in(year, find_runs(marked, unknown_counts=counts)) for counts in (False, True))
    return YearTotal(
        kind=kind,
        year=year,
        through=through,
        dates=tuple(day.on for day in own if day.counts),
        longest_run=len(sure),
        run_dates=sure,
        possible_run=len(possible),
        possible_run_dates=possible,
        undetermined_on=tuple(day.on for day in own if day.undetermined),
        open_on=tuple(day.on for day in own if not day.complete and not day.undetermined),
        segments=_segments(policy, kind, min(through, date(year, 12, 31)), own, marked) if through.year >= year else (),
    )


def may_run_into(days: Iterable[DayOutcome]) -> bool:
    """Whether a run of absences that began before some days may go on in them; never False where one does.

    Args:
        days: one person's, earliest first. Days off and excused ones may be passed over; the first other one decides.

    """
    for day in days:
        if day.status is Status.OFF:
            continue
        if day.counts or day.undetermined:
            return True
        if not day.excused:
            return False
    return False


def _ordered(days: Iterable[DayOutcome], last: date) -> list[DayOutcome]:
    ordered = sorted((day for day in days if day.on <= last), key=lambda day: day.on)
    for day, following in pairwise(ordered):
        if day.on == following.on:
            raise ValueError(f"two outcomes for {day.on}")
    return ordered


def _mark(policy: Policy, day: DayOutcome) -> Mark:
    if day.status is Status.OFF:
        return Mark.PASSED_OVER
    if day.counts and not day.excused:  # a charged permission is a day in the sum, and still a valid reason
        return Mark.COUNTS
    if day.undetermined:
        return Mark.UNKNOWN
    if day.excused and _is_unrecorded(policy, day):
        return Mark.UNRECORDED
    passed_over = day.excused and policy.run_at_excused_day.on(day.on).value == PASSED_OVER
    return Mark.PASSED_OVER if passed_over else Mark.ENDS


def _is_unrecorded(policy: Policy, day: DayOutcome) -> bool:
    """Whether a paper says no more of the day than that nobody could record.

    The law counts working days of absence without reason. Leave shows a reason, and may end a run. The failure of a
    machine shows none: it must not save somebody who stayed away before and after, nor be held against anybody.
    """
    lifting = (rule for rule in policy.documents.on(day.on).value.values() if Effect.ABSENCE in rule.effects)
    return any(rule.code in day.codes for rule in lifting)


def _longest_in(year: int, runs: Iterable[Run]) -> Run:
    """Find the longest run that reaches into the year."""
    return longest(run for run in runs if run[-1].year == year)


def _segments(policy: Policy, kind: str, last: date, days: list[DayOutcome], marked: Marked) -> tuple[Segment, ...]:
    parts = stretches(policy, kind, last.replace(month=1, day=1), last)
    return tuple(_segment(policy, kind, part, _between(days, part), marked) for part in parts)


def _between(days: list[DayOutcome], part: Stretch) -> list[DayOutcome]:
    return [day for day in days if part.first_on <= day.on <= part.last_on]


def _segment(policy: Policy, kind: str, stretch: Stretch, days: list[DayOutcome], marked: Marked) -> Segment:
    since = _counted_since(policy, kind, stretch, marked)
    counted, own = _from(since, stretch, marked), _from(stretch.first_on, stretch, marked)
    unconfirmed = policy.run_at_new_year.on(stretch.first_on).citation.unconfirmed
    run, needs_december, needs_unrecorded = _surest(stretch, own if unconfirmed else counted, counted)
    return Segment(
        first_on=stretch.first_on,
        last_on=stretch.last_on,
        rulebook=stretch.rulebook,
        dates=tuple(day.on for day in days if day.counts),
        conversions=_conversions(policy, stretch.rulebook, days),
        run=longest(run for run in find_runs(counted) if run[-1] >= stretch.first_on),
        reached_run=run,
        needs_december=needs_december,
        needs_unrecorded=needs_unrecorded,
    )


def _surest(stretch: Stretch, sure: Marked, counted: Marked) -> tuple[Run, bool, bool]:
    """Find the run that is long enough with the least doubt, and whether it needs December or an unrecorded day."""
    for unrecorded_ends in (True, False):
        for marked in (sure, counted):
            if run := _reached(stretch, find_runs(marked, unrecorded_ends=unrecorded_ends)):
                return run, marked is not sure, not unrecorded_ends
    return (), False, False


def _from(first: date, stretch: Stretch, marked: Marked) -> Marked:
    return [(on, mark) for on, mark in marked if first <= on <= stretch.last_on]


def _counted_since(policy: Policy, kind: str, stretch: Stretch, marked: Marked) -> date:
    """Find from where runs count: days before 1 January do under the same law; a new law looks at nothing before it."""
    first = stretch.first_on
    if (first.month, first.day) != (1, 1) or not marked or marked[0][0] >= first:
        return first
    last = stretches(policy, kind, marked[0][0], first - timedelta(days=1))[-1]
    return last.first_on if last.rulebook == stretch.rulebook else first


def _reached(stretch: Stretch, runs: Iterable[Run]) -> Run:
    """Find the first run whose deciding day lies in the stretch; one that was long enough before is not told twice."""
    regulation = stretch.rulebook.regulation
    if regulation is None or regulation.run is None:
        return ()
    due = regulation.run.days
    return next((run for run in runs if len(run) >= due and run[due - 1] >= stretch.first_on), ())


def _conversions(policy: Policy, rulebook: Rulebook, days: Iterable[DayOutcome]) -> tuple[Conversion, ...]:
    """Add up minutes by the rule of their own date; a changed rule starts a sum of its own."""
    sums: defaultdict[tuple[int, Citation], int] = defaultdict(int)
    for day in days:
        rule = rulebook.hour_rule(policy, day.on) if day.minutes else None
        if rule and rule.minutes:
            sums[rule.minutes, rule.citation] += day.minutes
    return tuple(Conversion(minutes, per_day, citation) for (per_day, citation), minutes in sums.items())
