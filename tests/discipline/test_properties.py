"""What holds for every day, whatever the punches."""

from __future__ import annotations

import string
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from eabsensi.discipline import dutyreasons, reasons
from eabsensi.discipline.clocks import read_clocks
from eabsensi.discipline.facts import DayFacts, DeviceFact, PersonFact, PunchFact, Source, UnitFact
from eabsensi.discipline.judge import judge_day
from eabsensi.discipline.matching import match_touches
from eabsensi.discipline.reasons import Reason
from eabsensi.discipline.rules import attendance_rules
from eabsensi.discipline.verdict import Status, Verdict
from eabsensi.discipline.workday import workday
from eabsensi.law.loader import load_policy
from eabsensi.law.wording import Language

POLICY = load_policy()
ZONE = ZoneInfo("Asia/Jakarta")
ON = date(2026, 11, 25)
START = datetime(2026, 11, 25, tzinfo=ZONE)
DAY = workday(POLICY, "5-day", ZONE, ON)
RULES = attendance_rules(POLICY, ON)
CODES = ["H", "TL1", "TL2", "TL3", "TL4", "PSW1", "PSW2", "PSW3", "PSW4"]

instants = st.integers(-6 * 3600, 30 * 3600).map(lambda seconds: START + timedelta(seconds=seconds))
devices = st.builds(
    DeviceFact,
    id=st.integers(1, 3),
    serial=st.just("SN"),
    name=st.sampled_from(["Lobi", "Gudang"]),
    unit_code=st.just("DINKES"),
    complete_through=st.none() | instants,
    last_outcome=st.sampled_from(["ok", "unreachable"]),
    clock_offset_seconds=st.sampled_from([None, 0.0, 45.0, 400.0, -400.0]),
    trusted_through=st.none() | instants,
)
punches = st.builds(
    lambda device, at, delay, source, offset, backdated: PunchFact(
        device, at, at + timedelta(seconds=delay), source, offset, backdated
    ),
    devices,
    instants,
    st.integers(-600, 7200),
    st.sampled_from(Source),
    st.sampled_from([None, 0.0, 45.0, 400.0, -400.0]),
    st.booleans(),
)
days = st.builds(
    DayFacts,
    on=st.just(ON),
    person=st.builds(PersonFact, st.just(1), st.just("1"), st.just("Siti"), st.sampled_from(["PNS", "PPPK", "other"])),
    unit=st.just(UnitFact("DINKES", "Dinas Kesehatan", "5-day")),
    zone=st.just(ZONE),
    enrolled=st.booleans(),
    devices=st.lists(devices, max_size=3, unique_by=lambda device: device.id).map(tuple),
    punches=st.lists(punches, max_size=8).map(tuple),
)


def judge(facts: DayFacts, as_of: datetime) -> Verdict:
    return judge_day(facts, DAY, RULES, as_of)


def burden(verdict: Verdict) -> tuple[int, int, int]:
    """How hard a verdict is on the person: absence weighs most, then what the codes cost, then the minutes."""
    weight = {Status.ABSENT: 2, Status.UNDETERMINED: 1}.get(verdict.status, 0)
    cost = sum(CODES.index(code) for code in verdict.codes if code in CODES)
    return weight, cost, verdict.late_minutes + verdict.early_minutes


@given(days, instants, st.randoms())
def test_judging_does_not_depend_on_the_order_of_punches(facts, as_of, random):
    shuffled = list(facts.punches)
    random.shuffle(shuffled)
    assert judge(replace(facts, punches=tuple(shuffled)), as_of) == judge(facts, as_of)


@given(days, instants, st.integers(5 * 3600, 7 * 3600 + 15 * 60))
def test_a_punch_in_the_arrival_window_before_the_start_never_makes_the_day_worse(facts, as_of, second):
    right_clocks = tuple(replace(punch, clock_offset_seconds=0.0) for punch in facts.punches)
    facts = replace(facts, punches=right_clocks)
    at = START + timedelta(seconds=second)
    device = facts.devices[0] if facts.devices else DeviceFact(9, "SN9", "Lobi", "DINKES")
    early = PunchFact(device, at, at, Source.LOG, 0.0)
    before, after = judge(facts, as_of), judge(replace(facts, punches=(*right_clocks, early)), as_of)
    assert after.status is Status.PRESENT
    assert burden(after) <= burden(before) or before.status is Status.PRESENT
    if before.status is Status.PRESENT:
        assert after.late_minutes == 0
        assert {code for code in after.codes if code.startswith("PSW")} == {
            code for code in before.codes if code.startswith("PSW")
        }


@given(days)
def test_a_punch_is_never_arrival_and_departure_at_once_and_none_is_used_twice(facts):
    readings = read_clocks(facts.punches, RULES, ZONE)
    for touches in (readings.recorded, readings.shifted):
        match = match_touches(DAY.span, touches)
        assert match.arrival is None or match.arrival != match.departure
        assert len(match.touches) <= len(touches)
        if match.arrival and match.departure:
            assert match.arrival.at < match.departure.at


@given(days, instants)
def test_nobody_is_absent_unless_every_device_was_read_past_the_end_of_the_day(facts, as_of):
    verdict = judge(facts, as_of)
    end = DAY.span.departure.closes
    through = (d.complete_through and (d.trusted_through or d.complete_through) for d in facts.devices)
    read = bool(facts.devices) and all(at and at >= end for at in through)
    if verdict.status is Status.ABSENT:
        assert read
        assert facts.enrolled
        assert as_of >= end
    assert verdict.complete <= (read and as_of >= end)


@given(days, instants)
def test_an_open_day_charges_nothing_for_leaving_and_says_why_it_is_open(facts, as_of):
    verdict = judge(facts, as_of)
    if not verdict.complete:
        assert not any(code.startswith("PSW") for code in verdict.codes)
        assert verdict.early_minutes == 0
        assert verdict.reasons


@given(days, instants)
def test_reasons_say_themselves_in_both_languages_without_gaps(facts, as_of):
    for reason in judge(facts, as_of).reasons:
        for language in Language:
            said = reason.text(language)
            assert said
            assert "{" not in said
            assert "None" not in said


def test_every_reason_of_a_verdict_has_a_sentence_in_both_languages():
    modules = (reasons.__name__, dutyreasons.__name__)
    known = [kind for kind in Reason.__subclasses__() if kind.__module__ in modules]
    assert len(known) >= 34
    for kind in known:
        assert kind.indonesian
        assert kind.english
        assert kind.indonesian[0] in string.ascii_lowercase + "{"


def test_as_of_in_another_zone_changes_nothing():
    device = DeviceFact(1, "SN1", "Lobi", "DINKES", START + timedelta(hours=25), "ok", None, 0.0)
    person, unit = PersonFact(1, "1", "Siti", "PNS"), UnitFact("DINKES", "Dinas Kesehatan", "5-day")
    facts = DayFacts(ON, person, unit, ZONE, True, (device,), ())
    as_of = START + timedelta(hours=26)
    assert judge(facts, as_of) == judge(facts, as_of.astimezone(UTC))
