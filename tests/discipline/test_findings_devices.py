"""R1 to R6, R9, R14 and R17: each side of each threshold."""

from __future__ import annotations

from datetime import time, timedelta

import pytest
from finding_samples import CLINIC, FIRST, LOBBY, at, devices

from eabsensi.discipline.findings import devicerules as rules
from eabsensi.discipline.findings import facts
from eabsensi.discipline.findings.finding import About, Rule
from eabsensi.law import findinglimits as limits

DAY = timedelta(days=1)


def only(found):
    (one,) = found
    return one


def test_a_record_from_the_future_is_shown_with_how_far_it_lies_ahead():
    known = devices(future=(facts.FutureRecord(1, "12", at("07:20:00"), 7_200),))
    found = only(rules.future_records(known, limits.FutureLimits(rows=1)))
    assert (found.rule, found.subject.about, found.subject.key) == (Rule.R1, About.DEVICE, LOBBY.serial)
    assert "2 jam" in found.sentence.id
    assert found.evidence[0].what.en == "PIN 12, 2 h after its receipt"
    assert list(rules.future_records(known, limits.FutureLimits(rows=2))) == []


def clock(number: int, wrong: int, worst: float, jump: float = 0.0) -> facts.ClockDay:
    on = FIRST + number * DAY
    return facts.ClockDay(1, on, wrong, worst, at("09:00:00", on) if jump else None, 0.0, jump)


@pytest.mark.parametrize(
    ("day", "shown"),
    [
        (clock(0, 3, 75.0), True),
        (clock(0, 2, 75.0), False),
        (clock(0, 0, 119.0, jump=119.0), False),
        (clock(0, 0, 120.0, jump=120.0), True),
        (clock(0, 0, -120.0, jump=-120.0), True),
    ],
)
def test_a_clock_is_shown_by_its_polls_or_its_jump(day, shown):
    limit = limits.ClockLimits(polls=3, jump_seconds=120)
    assert bool(list(rules.wrong_clocks(devices(clocks=(day,)), limit, 60))) is shown


def test_wrong_polls_of_several_days_add_up():
    known = devices(clocks=(clock(0, 2, 70.0), clock(1, 1, -90.0)))
    found = only(rules.wrong_clocks(known, limits.ClockLimits(polls=3, jump_seconds=120), 60))
    assert found.dates == (FIRST, FIRST + DAY)
    assert "1 menit 30 detik" in found.sentence.id


@pytest.mark.parametrize(("seconds", "people", "shown"), [(119, 3, 0), (120, 3, 1), (119, 4, 1), (120, 4, 2)])
def test_order_is_broken_by_a_step_back_or_a_shared_second(seconds, people, shown):
    before = at("08:00:00")
    known = devices(
        backwards=(facts.Backwards(1, before - timedelta(seconds=seconds), before, 2),),
        masses=(facts.Mass(1, at("09:00:00"), tuple("123456"[:people])),),
    )
    found = list(rules.broken_order(known, limits.OrderLimits(backwards_seconds=120, people=4)))
    assert sum(len(one.evidence) for one in found) == shown


def test_a_shorter_log_is_shown_unless_it_was_full():
    limit = limits.LogLimits(lost_records=10)
    shorter = facts.LogLoss(1, at("10:00:00"), 500, 490)
    assert only(rules.lost_records(devices(losses=(shorter,)), limit)).measured.id == "10 rekaman"
    less, full = shorter._replace(after=491), facts.LogLoss(1, at("10:00:00"), 10_000, 9_000)
    assert list(rules.lost_records(devices(losses=(less, full)), limit)) == []
    unknown_capacity = full._replace(device=2)
    assert only(rules.lost_records(devices(losses=(unknown_capacity,)), limit)).subject.key == CLINIC.serial


def test_another_terminals_answer_is_evidence():
    told = facts.Stranger(1, at("10:00:00"), "CJDE000000009 answered")
    assert only(rules.strangers(devices(strangers=(told,)), limits.IdentityLimits(1))).evidence[0].what.id == told.error
    assert list(rules.strangers(devices(strangers=(told,)), limits.IdentityLimits(2))) == []


@pytest.mark.parametrize(("days", "shown"), [(2, False), (3, True)])
def test_outages_of_the_morning_need_several_days(days, shown):
    limit = limits.OutageLimits(time(6, 30), time(8, 30), time(12), days=3)
    rows = tuple(facts.OutageDay(1, FIRST + 7 * n * DAY, 4, at("09:10:00")) for n in range(days))
    found = list(rules.morning_outages(devices(outages=rows), limit))
    assert bool(found) is shown
    assert all("06.30-08.30" in one.sentence.id for one in found)


def test_users_of_nobody_are_counted_by_terminal():
    rows = (facts.UnknownUser(1, "9", "TAMU", FIRST), facts.UnknownUser(2, "8", "", FIRST))
    found = list(rules.unknown_users(devices(users=rows), limits.UsersLimits(1)))
    assert [(one.subject.key, one.evidence[0].what.id) for one in found] == [
        (LOBBY.serial, "PIN 9 (TAMU)"),
        (CLINIC.serial, "PIN 8"),
    ]
    assert list(rules.unknown_users(devices(users=rows), limits.UsersLimits(2))) == []


@pytest.mark.parametrize(("minutes", "rows", "shown"), [(60, 3, True), (59, 3, False), (60, 2, False)])
def test_late_records_need_their_delay_and_their_number(minutes, rows, shown):
    came = at("08:00:00")
    late = tuple(facts.LateRecord(1, str(n), came, came + timedelta(minutes=minutes)) for n in range(rows))
    limit = limits.RhythmLimits(days=5, spread_seconds=20, late_minutes=60, late_rows=3)
    assert bool(list(rules.late_records(devices(late=late), limit))) is shown


@pytest.mark.parametrize(("days", "spread", "shown"), [(10, 30, True), (9, 30, False), (10, 31, False)])
def test_a_ghost_needs_days_and_a_rhythm(days, spread, shown):
    ghost = facts.Ghost(1, "7777", "", days, at("07:20:00"), at("16:00:00"), time(7, 20), spread)
    found = list(rules.ghosts(devices(ghosts=(ghost,)), limits.GhostLimits(days=10, spread_minutes=30)))
    assert bool(found) is shown


def test_a_terminal_outside_the_scope_is_not_told():
    known = facts.DeviceFacts(terminals={}, future=(facts.FutureRecord(1, "1", at("07:00:00"), 600),))
    assert list(rules.future_records(known, limits.FutureLimits(1))) == []
