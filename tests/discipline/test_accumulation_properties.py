"""What holds for every year of every person, whatever its days were."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eabsensi.discipline.accumulation import DayOutcome, YearTotal, accumulate, may_run_into, outcome_of
from eabsensi.discipline.allowance import allowance
from eabsensi.discipline.dutyreasons import Replaced
from eabsensi.discipline.facts import DayFacts, DeviceFact, EventFact, EventKind, PersonFact, PunchFact, UnitFact
from eabsensi.discipline.indication import Doubt, Scope, indicate
from eabsensi.discipline.judge import judge_day
from eabsensi.discipline.reasons import NoPunch
from eabsensi.discipline.rules import attendance_rules
from eabsensi.discipline.runs import Mark, find_runs
from eabsensi.discipline.tiers import rulebook_on, stretches
from eabsensi.discipline.verdict import ApelOutcome, ApelResult, Status, Verdict
from eabsensi.discipline.workday import workday
from eabsensi.law.loader import load_policy
from eabsensi.law.tiers import Level, level_text
from eabsensi.law.wording import Language

POLICY = load_policy()
ZONE = ZoneInfo("Asia/Jakarta")
DAY = timedelta(days=1)
#: From when a table is known.
SINCE = dict.fromkeys(("PNS", "CPNS"), date(2010, 6, 6)) | dict.fromkeys(("PPPK", "PPPK-PW"), date(2018, 11, 28))
KINDS = [*SINCE, "other"]

PRESENT = DayOutcome(date.min, Status.PRESENT, ("H",), False, True, False, 0, 0, True)
ABSENT = replace(PRESENT, status=Status.ABSENT, codes=("TK",), absent=True)
EXCUSED = replace(PRESENT, status=Status.EXCUSED, codes=("CT",), excused=True)
UNRECORDED = replace(EXCUSED, codes=("GGN",))
OFF = replace(PRESENT, status=Status.OFF, codes=("L",), duty=False)
OPEN = replace(PRESENT, status=Status.UNDETERMINED, codes=("?",), complete=False)
LATE = replace(PRESENT, codes=("TL4",), late_minutes=200, early_minutes=70)
RUNNING = replace(LATE, complete=False)

outcomes = st.sampled_from([PRESENT, ABSENT, ABSENT, ABSENT, EXCUSED, UNRECORDED, OFF, OPEN, LATE, RUNNING])
#: Stretches that hold a law's first day, a new year, a leap day, or nothing of note.
first_days = st.sampled_from(
    [date(2010, 5, 20), date(2021, 8, 10), date(2021, 1, 1), date(2025, 12, 10), date(2024, 2, 20), date(2019, 6, 3)]
)
many_days = st.builds(
    lambda first, kinds: [replace(kind, on=first + n * DAY) for n, kind in enumerate(kinds)],
    first_days,
    st.lists(outcomes, min_size=1, max_size=60),
)
plain_days = st.builds(
    lambda first, kinds: [replace(kind, on=first + n * DAY) for n, kind in enumerate(kinds)],
    st.sampled_from([date(2026, 2, 2), date(2019, 2, 4)]),
    st.lists(outcomes, min_size=1, max_size=60),
)
over_new_year = st.builds(
    lambda kinds: [replace(kind, on=date(2025, 12, 20) + n * DAY) for n, kind in enumerate(kinds)],
    st.lists(outcomes, min_size=13, max_size=60),
)
kinds = st.sampled_from(KINDS)


def total_of(days: list[DayOutcome], kind: str = "PNS", year: int | None = None) -> YearTotal:
    year = year or days[-1].on.year
    return accumulate(POLICY, kind, year, days, through=date(year, 12, 31))


def weight(days: list[DayOutcome], kind: str = "PNS") -> int:
    """Rank of the tier: 0 for none; the consecutive one weighs most."""
    indication = indicate(POLICY, kind, total_of(days, kind))
    if indication is None or indication.tier is None:
        return 0
    heaviest = indication.salary_stop_from or indication.tier.citation.article.endswith("angka 4")
    return 100 if heaviest else indication.tier.first


@given(many_days, kinds, st.randoms())
def test_the_order_in_which_days_are_given_does_not_matter(days, kind, random):
    shuffled = list(days)
    random.shuffle(shuffled)
    assert total_of(shuffled, kind, days[-1].on.year) == total_of(days, kind)


@given(many_days, kinds)
def test_totals_equal_the_sum_of_the_days(days, kind):
    total = total_of(days, kind)
    year = [day for day in days if day.on.year == total.year]
    assert total.absent_days == sum(day.status is Status.ABSENT for day in year)
    assert total.dates == tuple(day.on for day in year if day.status is Status.ABSENT)
    assert total.total_days == total.absent_days + total.converted_days
    assert total.undetermined_on == tuple(day.on for day in year if day.status is Status.UNDETERMINED)
    assert set(total.open_on) | set(total.undetermined_on) == {day.on for day in year if not day.complete}
    if kind != "other":
        assert total.dates == tuple(on for segment in total.segments for on in segment.dates)
        assert total.total_days == sum(segment.total_days for segment in total.segments)
        assert total.segments[0].first_on == date(total.year, 1, 1)
        assert total.segments[-1].last_on == date(total.year, 12, 31)
    minutes = sum(
        day.late_minutes + day.early_minutes
        for day in year
        if day.complete and kind in SINCE and SINCE[kind] <= day.on < date(2021, 8, 31)
    )
    assert (total.converted_minutes, total.converted_days) == (minutes, minutes // 450)


@given(over_new_year, kinds)
def test_december_changes_nothing_where_no_run_may_go_on_from_it(days, kind):
    own = [day for day in days if day.on.year == 2026]
    assert may_run_into(own) or total_of(days, kind, 2026) == total_of(own, kind, 2026)


def test_a_run_may_go_on_over_days_off_and_excused_ones_but_not_over_presence():
    assert may_run_into([OFF, EXCUSED, UNRECORDED, ABSENT])
    assert may_run_into([OPEN])
    assert not may_run_into([OFF, PRESENT, ABSENT])
    assert not may_run_into([])


@given(many_days, kinds, st.data())
def test_an_approved_document_never_increases_absence(days, kind, data):
    place = data.draw(st.integers(0, len(days) - 1))
    excused = [*days[:place], replace(EXCUSED, on=days[place].on), *days[place + 1 :]]
    before, after = total_of(days, kind), total_of(excused, kind)
    assert after.total_days <= before.total_days
    assert after.longest_run <= before.longest_run
    assert after.possible_run <= before.possible_run
    assert weight(excused, kind) <= weight(days, kind) or indicate(POLICY, kind, before).needs_decision


@given(plain_days, st.sampled_from(["PNS", "PPPK"]), st.data())
def test_one_more_day_absent_never_lowers_the_tier_within_one_law(days, kind, data):
    free = [place for place, day in enumerate(days) if not day.minutes]
    if not free:
        return
    place = data.draw(st.sampled_from(free))
    worse = [*days[:place], replace(ABSENT, on=days[place].on), *days[place + 1 :]]
    assert weight(worse, kind) >= weight(days, kind)


@given(many_days, st.data())
def test_whatever_the_undetermined_days_turn_out_to_be_the_run_stays_between_the_two_reported(days, data):
    turned = st.sampled_from([PRESENT, ABSENT, EXCUSED, OFF])
    settled = [replace(data.draw(turned), on=day.on) if day.undetermined else day for day in days]
    open_total, total = total_of(days), total_of(settled)
    assert open_total.longest_run <= total.longest_run <= open_total.possible_run
    assert open_total.absent_days <= total.absent_days


@given(many_days, kinds)
def test_nothing_is_said_for_days_that_are_not_known(days, kind):
    known = [day for day in days if not day.undetermined]
    unknown = [replace(OPEN, on=day.on) for day in days]
    assert total_of(unknown, kind).total_days == total_of(unknown, kind).longest_run == 0
    assert indicate(POLICY, kind, total_of(unknown, kind)) is None
    assert total_of(days, kind).total_days == total_of(known, kind, days[-1].on.year).total_days


@given(many_days, kinds)
def test_a_sure_tier_rests_on_days_that_lie_under_the_law_it_cites(days, kind):
    total = total_of(days, kind)
    indication = indicate(POLICY, kind, total)
    if indication is None:
        return
    assert kind != "other"
    assert indication.indicative <= kind.startswith("PPPK")
    assert (indication.tier is None) <= indication.needs_decision or Doubt.NEW_YEAR in indication.doubts
    if indication.tier:
        borrowed = indication.borrowed_from or indication.law
        assert indication.citation.instrument == borrowed
    if indication.salary_stop_from:
        run = next(reading for reading in indication.readings if reading.scope is Scope.RUN)
        assert indication.salary_stop_from.day == 1
        assert run.days >= 10
        assert timedelta(0) < indication.salary_stop_from - run.last_on <= timedelta(days=31)


@given(many_days, kinds)
def test_indications_say_themselves_in_both_languages_without_gaps(days, kind):
    indication = indicate(POLICY, kind, total_of(days, kind))
    for language in Language if indication else ():
        said = [indication.label(language), indication.tier_text(language), indication.interim_text(language)]
        said += [reading.text(language) for reading in indication.readings]
        assert not any("None" in text or "{" in text for text in said)
        assert all(text for text in said[:2] + said[3:])


def test_two_outcomes_for_one_date_are_refused():
    day = replace(ABSENT, on=date(2026, 10, 5))
    with pytest.raises(ValueError, match="two outcomes for 2026-10-05"):
        total_of([day, day])


def test_days_after_the_last_one_asked_for_and_a_year_not_begun_are_left_out():
    days = [replace(ABSENT, on=date(2026, 10, 5) + n * DAY) for n in range(5)]
    total = accumulate(POLICY, "PNS", 2026, days, through=date(2026, 10, 7))
    assert (total.absent_days, total.segments[-1].last_on) == (3, date(2026, 10, 7))
    early = accumulate(POLICY, "PNS", 2026, days, through=date(2025, 12, 31))
    assert (early.absent_days, early.segments) == (0, ())
    assert indicate(POLICY, "PNS", early) is None


def test_a_date_without_an_outcome_ends_a_run_since_nothing_is_known_of_it():
    monday = date(2026, 10, 5)
    days = [replace(ABSENT, on=monday + n * DAY) for n in range(12) if n != 4]
    total = total_of(days)
    assert (total.absent_days, total.longest_run, total.possible_run) == (11, 7, 7)


def test_an_absence_that_something_unread_could_still_change_is_not_counted():
    day = replace(ABSENT, on=date(2026, 10, 5), complete=False)
    total = total_of([day])
    assert (total.absent_days, total.undetermined_on) == (0, (day.on,))


def test_runs_are_found_with_and_without_what_is_not_known():
    marks = [Mark.COUNTS, Mark.UNKNOWN, Mark.COUNTS, Mark.PASSED_OVER, Mark.COUNTS, Mark.ENDS, Mark.COUNTS]
    marked = [(date(2026, 1, 1) + n * DAY, mark) for n, mark in enumerate(marks)]
    assert [len(run) for run in find_runs(marked)] == [1, 2, 1]
    assert [len(run) for run in find_runs(marked, unknown_counts=True)] == [4, 1]
    assert find_runs([]) == ()


@given(many_days, st.data())
def test_a_day_on_which_nobody_could_record_neither_extends_nor_ends_a_run(days, data):
    place = data.draw(st.integers(0, len(days)))
    dates = [days[0].on + n * DAY for n in range(len(days) + 1)]
    marks = [Mark.COUNTS if day.counts else Mark.PASSED_OVER if day.status is Status.OFF else Mark.ENDS for day in days]
    plain = find_runs(zip(dates, marks, strict=False))
    found = find_runs(zip(dates, [*marks[:place], Mark.UNRECORDED, *marks[place:]], strict=True))
    assert [len(run) for run in found] == [len(run) for run in plain]


@given(many_days, st.sampled_from(["PNS", "PPPK"]))
def test_no_run_is_sure_that_reaches_over_a_day_on_which_nobody_could_record(days, kind):
    total = total_of(days, kind)
    unrecorded = {day.on for day in days if day.codes == UNRECORDED.codes}
    for segment in total.segments:
        run = segment.reached_run
        if run and segment.run_is_sure:
            assert not any(run[0] < on < segment.reached_on for on in unrecorded)
        if segment.needs_unrecorded:
            assert Doubt.UNRECORDED in indicate(POLICY, kind, total).doubts


def test_a_verdict_brings_its_absence_its_minutes_and_its_missed_gatherings():
    on = date(2026, 11, 9)
    opens = datetime(2026, 11, 9, 6, 30, tzinfo=ZONE)
    events = [EventFact(n, kind, on, opens, opens, "x", "y") for n, kind in enumerate(EventKind)]
    apel = tuple(ApelResult(event, outcome) for event in events for outcome in ApelOutcome)
    day = workday(POLICY, "5-day", ZONE, on)
    present = Verdict(Status.PRESENT, ("TL1", "TA"), opens, None, 5, 7, True, day, (), (), apel=apel)
    assert outcome_of(present, on) == replace(
        PRESENT, on=on, codes=("TL1", "TA"), late_minutes=5, early_minutes=7, apel_missed=1, ceremony_missed=1
    )
    made_good = replace(present, codes=("H",), late_minutes=25, early_minutes=0, reasons=(Replaced(20, 30),), apel=())
    assert outcome_of(made_good, on) == replace(PRESENT, on=on, late_minutes=5)
    absent = Verdict(Status.ABSENT, ("TK",), None, None, 0, 0, True, day, (NoPunch(1),), (), absent_days=1)
    assert outcome_of(absent, on) == replace(ABSENT, on=on)
    holiday = workday(POLICY, "5-day", ZONE, date(2026, 8, 17))
    off = Verdict(Status.OFF, ("L",), None, None, 0, 0, True, holiday, (), ())
    assert outcome_of(off, holiday.on) == replace(OFF, on=holiday.on)
    leave = replace(off, status=Status.EXCUSED, codes=("CT",), workday=day)
    assert outcome_of(leave, on) == replace(EXCUSED, on=on)
    charged = replace(leave, codes=("I",), absent_days=1)
    assert total_of([outcome_of(charged, on)]).dates == (on,)


def test_judged_days_add_up_from_punch_to_indication():
    days = []
    for on in (date(2026, 10, 5) + n * DAY for n in range(7)):
        end = datetime(on.year, on.month, on.day, tzinfo=ZONE) + timedelta(hours=24, minutes=10)
        device = DeviceFact(1, "SN1", "Lobi", "DINKES", end if on.day != 9 else end - DAY, "ok", None, 0.0)
        punched = (PunchFact(device, end - timedelta(hours=16), end),) if on.day == 5 else ()
        person, unit = PersonFact(1, "1", "Siti", "PNS"), UnitFact("DINKES", "Dinas Kesehatan", "5-day")
        facts = DayFacts(on, person, unit, ZONE, True, (device,), punched)
        verdict = judge_day(facts, workday(POLICY, "5-day", ZONE, on), attendance_rules(POLICY, on), end + DAY)
        days.append(outcome_of(verdict, on))
    total = total_of(days)
    assert [day.status.value for day in days] == ["present", *["absent"] * 3, "undetermined", "off", "off"]
    assert (total.absent_days, total.longest_run, total.possible_run) == (3, 3, 4)
    assert total.undetermined_on == (date(2026, 10, 9),)
    assert indicate(POLICY, "PNS", total).tier_text() == "teguran lisan"
    assert [line.code for line in allowance(POLICY, days).lines] == ["TL2", "PSW4", "TK", "TK", "TK"]


@pytest.mark.parametrize("kind", SINCE)
def test_every_day_from_2010_to_2030_lies_in_exactly_one_stretch_of_law(kind):
    first, last = date(2010, 1, 1), date(2030, 12, 31)
    parts = stretches(POLICY, kind, first, last)
    assert (parts[0].first_on, parts[-1].last_on) == (first, last)
    assert all(a.last_on + DAY == b.first_on for a, b in pairwise(parts))
    for n in range((last - first).days + 1):
        on = first + n * DAY
        [part] = [part for part in parts if part.first_on <= on <= part.last_on]
        assert part.rulebook == rulebook_on(POLICY, kind, on)
        assert (part.rulebook.regulation is not None) == (on >= SINCE[kind])
    assert stretches(POLICY, "other", first, last) == ()


def test_levels_have_a_name_in_both_languages():
    assert [level_text(level) for level in Level] == ["ringan", "sedang", "berat"]
    assert [level_text(level, Language.EN) for level in Level] == ["light", "moderate", "heavy"]


def test_the_interim_form_names_its_basis():
    days = [replace(ABSENT if n % 2 else PRESENT, on=date(2026, 2, 2) + n * DAY) for n in range(24)]
    indication = indicate(POLICY, "PNS", total_of(days))
    assert indication.interim_text() == (
        "selama peraturan gaji dan tunjangan belum ada: penundaan kenaikan gaji berkala selama 1 tahun "
        "(PerBKN 6/2022 Pasal 62 (belum dikonfirmasi))"
    )
    assert indication.interim_text(Language.EN).startswith(
        "until the regulation on pay and allowances exists: periodic"
    )


def test_a_permission_that_the_region_charges_is_a_day_of_the_sum_and_never_of_a_run():
    charged = replace(EXCUSED, codes=("I",), absent=True)
    days = [replace(charged, on=date(2026, 10, 5) + n * DAY) for n in range(5)]
    days += [replace(ABSENT, on=date(2026, 10, 10) + n * DAY) for n in range(9)]
    total = accumulate(POLICY, "PNS", 2026, days, through=date(2026, 12, 31))
    assert (total.absent_days, total.longest_run) == (14, 9)
