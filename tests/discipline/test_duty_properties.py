"""What holds with rosters, papers and gatherings, whatever the punches."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from eabsensi.discipline.dutyreasons import ApelMissed, MissedShift
from eabsensi.discipline.facts import (
    DayFacts,
    DeviceFact,
    DocumentFact,
    DocumentKind,
    EventFact,
    EventKind,
    PersonFact,
    PunchFact,
    UnitFact,
)
from eabsensi.discipline.judge import judge_day
from eabsensi.discipline.matching import Touch, match_touches
from eabsensi.discipline.reasons import MissingIn, MissingOut
from eabsensi.discipline.rules import AttendanceRules, attendance_rules
from eabsensi.discipline.schedule import person_days
from eabsensi.discipline.verdict import ApelOutcome, Status, Verdict
from eabsensi.discipline.workday import Seam, Span, Workday
from eabsensi.law.duty import FlexKind, FlexRule
from eabsensi.law.loader import load_policy
from eabsensi.law.wording import Language

POLICY = load_policy()
ZONE = ZoneInfo("Asia/Jakarta")
FIRST = date(2026, 12, 29)  # over the new year
DATES = [FIRST + timedelta(days=n) for n in range(5)]
START = datetime(2026, 12, 29, tzinfo=ZONE)
MIDDLE = DATES[2]
END = START + timedelta(days=7)
PLAIN = attendance_rules(POLICY, MIDDLE)
PERSON, UNIT = PersonFact(1, "1", "Siti", "PNS"), UnitFact("RSUD", "RSUD", "shift")
READ = DeviceFact(1, "SN1", "Lobi", "RSUD", END, "ok", None, 0.0)

rows = st.sampled_from([("P",), ("S",), ("M",), ("P", "S"), ("P", "M"), ("S", "M"), ("P", "S", "M"), ("O",), ()])
rosters = st.lists(rows, min_size=5, max_size=5).map(lambda codes: dict(zip(DATES, codes, strict=True)))
instants = st.integers(0, 5 * 24 * 60).map(lambda minutes: START + timedelta(minutes=minutes))
# most punches lie around the changes of shift, where they can be contested
around = st.builds(
    lambda day, hour, minute: START + timedelta(days=day, hours=hour, minutes=minute),
    st.integers(0, 4),
    st.sampled_from([7, 14, 21]),
    st.integers(-20, 20),
)
times = st.lists(around | instants, max_size=12)
documents = st.builds(
    DocumentFact,
    id=st.integers(1, 9),
    kind=st.sampled_from(DocumentKind),
    first_on=st.sampled_from(DATES[:3]),
    last_on=st.sampled_from(DATES[2:]),
    number=st.just("1"),
    approved_at=instants,
    approved_by=st.just("Kepala"),
    covers=st.sampled_from(["day", "in", "out"]),
    unit_wide=st.booleans(),
)
events = st.builds(
    lambda kind, opens, length: EventFact(1, kind, MIDDLE, opens, opens + timedelta(minutes=length), "apel", "SE 1"),
    st.sampled_from(EventKind),
    st.integers(0, 1200).map(lambda minutes: START + timedelta(days=2, minutes=minutes)),
    st.integers(5, 90),
)
rules = st.builds(
    lambda flex, single, charged: replace(
        PLAIN,
        flex=replace(PLAIN.flex, value=flex),
        single_punch=replace(PLAIN.single_punch, value=single),
        documents=PLAIN.documents | {"permission": replace(PLAIN.documents["permission"], charged=charged)},
    ),
    st.sampled_from([FlexRule(), FlexRule(FlexKind.REPLACE, 30, 30), FlexRule(FlexKind.MOVE, 60)]),
    st.sampled_from(["missing_code", "absent"]),
    st.booleans(),
)
readings = st.none() | st.integers(0, 7 * 24).map(lambda hours: START + timedelta(hours=hours))


def schedule(roster: dict[date, tuple[str, ...]]) -> dict[date, Workday]:
    """Days of somebody whose unit works six days and who also stands in a roster."""
    return person_days(POLICY, "6-day", ZONE, FIRST, DATES[-1], roster)


def facts(times: list[datetime], *, through: datetime | None = END, on: date = MIDDLE) -> DayFacts:
    device = replace(READ, complete_through=through)
    punches = tuple(PunchFact(device, at, at + timedelta(seconds=1), clock_offset_seconds=0.0) for at in times)
    return DayFacts(on, PERSON, UNIT, ZONE, True, (device,), punches)


def burden(verdict: Verdict) -> int:
    """The minutes that a verdict charges; a missing punch weighs a day, an absence ten.

    The codes cannot tell: leaving 91 minutes early and not punching at all print the same.
    """
    weights = {MissingIn: 1, MissingOut: 1, MissedShift: 2}
    missing = sum(weights.get(type(reason), 0) for reason in verdict.reasons)
    return verdict.absent_days * 14400 + missing * 1440 + verdict.late_minutes + verdict.early_minutes


@given(rosters, times)
def test_over_consecutive_days_with_rosters_a_punch_counts_once(roster, times):
    touches = [Touch(at, facts([at]).punches[0]) for at in dict.fromkeys(times)]
    spans = [span for day in schedule(roster).values() for span in day.spans]
    used = Counter(touch.at for span in spans for touch in match_touches(span, touches).touches)
    assert all(count == 1 for count in used.values())


@given(rosters, times)
def test_every_punch_inside_some_window_belongs_to_a_duty(roster, times):
    """The sharing at a seam gives each punch to one side, never to none."""
    touches = [Touch(at, facts([at]).punches[0]) for at in dict.fromkeys(times)]
    spans = [span for day in schedule(roster).values() for span in day.spans]
    used = {touch.at for span in spans for touch in match_touches(span, touches).touches}
    inside = {t.at for t in touches for span in spans if span.arrival.opens <= t.at < span.departure.closes}
    assert used == inside


@dataclass(frozen=True)
class World:
    """Somebody's days, with everything that judging one of them may meet."""

    roster: dict[date, tuple[str, ...]]
    times: list[datetime]
    papers: list[DocumentFact]
    gatherings: list[EventFact]
    rules: AttendanceRules
    through: datetime | None
    as_of: datetime

    @property
    def day(self) -> Workday:
        return schedule(self.roster)[MIDDLE]

    @property
    def facts(self) -> DayFacts:
        papers = tuple(replace(paper, id=number) for number, paper in enumerate(self.papers, 1))
        known = facts(self.times, through=self.through)
        gatherings = tuple(replace(event, id=number) for number, event in enumerate(self.gatherings, 1))
        return replace(known, documents=papers, events=gatherings)

    def judge(self, **changed: Any) -> Verdict:
        return judge_day(replace(self.facts, **changed), self.day, self.rules, self.as_of)


worlds = st.builds(
    World,
    roster=rosters,
    times=times,
    papers=st.lists(documents, max_size=3),
    gatherings=st.lists(events, max_size=2),
    rules=rules,
    through=readings,
    as_of=instants,
)


@given(worlds, st.randoms())
def test_judging_does_not_depend_on_the_order_of_punches_papers_and_gatherings(world, random):
    shuffled = {name: list(getattr(world.facts, name)) for name in ("punches", "documents", "events")}
    for values in shuffled.values():
        random.shuffle(values)
    assert world.judge() == world.judge(**{name: tuple(values) for name, values in shuffled.items()})


@given(worlds, st.integers(0, 2), st.integers(0, 600))
def test_one_more_punch_in_the_arrival_window_before_the_start_never_makes_a_day_worse(world, place, minutes):
    if place >= len(world.day.spans):
        return
    span = world.day.spans[place]
    at = max(span.arrival.opens, span.starts_at - timedelta(minutes=minutes))
    before, after = (
        judge_day(facts(times), world.day, world.rules, END) for times in (world.times, [*world.times, at])
    )
    assert burden(after) <= burden(before)


@given(worlds, documents)
def test_an_approved_paper_never_increases_absence(world, paper):
    without, with_it = world.judge(), world.judge(documents=(*world.facts.documents, replace(paper, id=9)))
    assert with_it.absent_days <= without.absent_days
    assert with_it.status is not Status.ABSENT or without.status is Status.ABSENT


@given(worlds)
def test_a_paper_approved_later_is_not_seen_earlier(world):
    seen = tuple(paper for paper in world.facts.documents if paper.approved_at <= world.as_of)
    assert world.judge() == world.judge(documents=seen)


@given(worlds)
def test_papers_never_hide_the_raw_punches(world):
    plain, verdict = world.judge(documents=()), world.judge()
    assert (verdict.in_at, verdict.out_at) == (plain.in_at, plain.out_at)


@given(worlds)
def test_a_gathering_changes_neither_status_nor_minutes_nor_absence(world):
    plain, verdict = world.judge(events=()), world.judge()
    for name in ("status", "in_at", "out_at", "late_minutes", "early_minutes", "absent_days", "deficit_minutes"):
        assert getattr(verdict, name) == getattr(plain, name)
    assert verdict.complete <= plain.complete
    missed = [result for result in verdict.apel if result.outcome is ApelOutcome.MISSED]
    assert len([reason for reason in verdict.reasons if isinstance(reason, ApelMissed)]) == len(missed)
    for result in missed:
        assert world.through is not None
        assert min(world.through, world.as_of) > result.event.closes_at


@given(worlds)
def test_whatever_is_open_says_what_is_missing_and_every_reason_says_itself(world):
    verdict = world.judge()
    assert verdict.complete or verdict.reasons
    assert verdict.absent_days == (verdict.status is Status.ABSENT) or verdict.status is Status.EXCUSED
    assert verdict.deficit_minutes >= 0
    for reason in verdict.reasons:
        for language in Language:
            said = reason.text(language)
            assert said
            assert "{" not in said
            assert "None" not in said
            assert "  " not in said


@given(rosters, times, rules, instants, st.integers(0, 7 * 24))
def test_a_complete_day_stays_as_it_is_when_more_is_read(roster, times, rules, later, hours):
    """Completeness means that nothing unread can change the day: later punches are all past what was read."""
    day = schedule(roster)[MIDDLE]
    through = START + timedelta(hours=hours)
    known = [at for at in times if at < through]
    first = judge_day(facts(known, through=through), day, rules, through)
    if not first.complete:
        return
    more = [*known, *(at for at in [*times, later] if at >= through)]
    second = judge_day(facts(more, through=END), day, rules, END)
    if day.spans:
        assert second == first
    else:
        assert (second.status, second.codes) == (first.status, first.codes)


@given(rosters)
def test_windows_stay_in_order_and_meet_only_at_a_seam(roster):
    spans = [span for day in schedule(roster).values() for span in day.spans]
    for span in spans:
        assert span.arrival.opens < span.arrival.closes <= span.departure.opens < span.departure.closes
        assert span.arrival.opens <= span.starts_at < span.ends_at <= span.departure.closes
    for earlier, later in pairwise(spans):
        meets = earlier.departure.closes > later.arrival.opens
        assert (earlier.after is not None) == (later.before is not None) == meets
        assert earlier.after == later.before


def test_of_equal_cuts_at_a_seam_the_punch_goes_where_it_lies_nearest():
    spans: tuple[Span, ...] = schedule({DATES[1]: ("M",), DATES[2]: ("S",)})[DATES[2]].spans
    seam: Seam | None = spans[0].before
    assert seam
    for minutes in (-119, -60, -1):
        at = seam.starts_at + timedelta(minutes=minutes)
        touch = Touch(at, facts([at]).punches[0])
        assert match_touches(spans[0], [touch]).arrival == touch
