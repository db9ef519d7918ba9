"""What a poll does beside reading: gate, coverage, clock, audit, quiet hours, leases, requests."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

import pytest
from small_city import FIRST, PATIENCE, City
from waiting import until

from eabsensi.collecting.asking import ask_holders
from eabsensi.collecting.auditing import audit
from eabsensi.collecting.condition import conditions
from eabsensi.collecting.leasing import Leases
from eabsensi.collecting.poll import Poller, PollOrder
from eabsensi.collecting.schedule import NIGHT_HOURS, share
from eabsensi.collecting.sweep import HELD, sweep
from eabsensi.devices.errors import Policy
from eabsensi.devices.waiting import StopSignal
from eabsensi.store.database import DatabaseUnavailableError
from eabsensi.store.requests import take_requests

LATER = datetime(2026, 10, 1, 7, 0)


def test_an_unchanged_count_reads_no_log_and_still_proves_coverage(city: City) -> None:
    terminal = city.add()
    terminal.fill(5_000, FIRST)
    first = city.poll()
    terminal.counters.reset()

    second = city.poll()

    assert (second.mode, second.records_read) == ("count", 0)
    assert terminal.counters.round_trips <= 5
    assert terminal.counters.log_bytes_read == 0
    assert second.complete_through is not None
    assert first.complete_through is not None
    assert second.complete_through > first.complete_through


def test_twenty_new_of_a_hundred_thousand_cost_little(city: City) -> None:
    terminal = city.add(segment_bytes=None, record_capacity=200_000)
    terminal.fill(100_000, FIRST)
    city.poll()
    for at in range(20):
        terminal.punch(str(at % 9 + 1), LATER + timedelta(minutes=at))
    terminal.counters.reset()

    assert city.poll().punches_new == 20

    assert terminal.counters.round_trips <= 9
    assert terminal.counters.bytes_total <= 4_096


def test_after_an_hour_the_anchor_is_compared_all_the_same(city: City) -> None:
    terminal = city.add()
    terminal.fill(5_000, FIRST)
    city.poll()
    city.clock.shift = timedelta(minutes=59)
    assert city.poll().mode == "count"
    city.clock.shift = timedelta(minutes=61)
    assert city.poll().mode == "tail"


def test_the_clock_offset_is_measured_and_kept_with_each_poll(city: City) -> None:
    terminal = city.add()
    terminal.set_clock(offset=timedelta(minutes=47))
    city.poll()
    terminal.set_clock(offset=timedelta(minutes=-2))
    city.poll()
    offsets = city.column("SELECT round(clock_offset_seconds::numeric / 10) * 10 FROM poll ORDER BY id")
    assert [int(offset) for offset in offsets] == [2820, -120]  # type: ignore[call-overload]
    assert ["120 s slow" in alarm for c in conditions(city.store, city.clock.now()) for alarm in c.alarms] == [True]


def test_a_clock_that_shows_an_impossible_date_does_not_stop_the_reading(city: City) -> None:
    terminal = city.add()
    terminal.fill(10, FIRST)
    terminal.lose_power()
    assert city.poll().is_ok
    city.assert_nothing_lost()


def test_a_device_that_cannot_tell_its_sizes_is_read_all_the_same(city: City) -> None:
    terminal = city.add(sizes_bytes=4)
    terminal.fill(40, FIRST)
    assert city.poll().is_ok
    terminal.punch("3", LATER)
    assert city.poll().punches_new == 1
    city.assert_nothing_lost()


def test_a_long_first_read_waits_for_the_end_of_the_morning_peak(city: City) -> None:
    terminal = city.add(segment_bytes=None)
    terminal.fill(20_000, FIRST)
    now = city.clock.now()
    half_past_seven = (now + timedelta(hours=7)).replace(hour=7, minute=30)
    city.clock.shift = half_past_seven - (now + timedelta(hours=7))

    outcome = city.poll(scheduled=True)

    assert (outcome.outcome, outcome.policy) == ("postponed", Policy.RETRY)
    assert city.poll(scheduled=False).punches_new == 20_000


def test_the_weekly_audit_happens_at_its_hour_of_the_night_and_only_once(city: City) -> None:
    terminal = city.add()
    terminal.fill(300, FIRST)
    city.poll()
    hour = NIGHT_HOURS[int(share("SIM0001") * len(NIGHT_HOURS))]
    local = city.clock.now() + timedelta(hours=7)
    city.clock.shift = local.replace(hour=hour, minute=10) - local + timedelta(days=8)

    city.poll(scheduled=True)
    city.poll(scheduled=True)

    assert city.column("SELECT mode FROM poll ORDER BY id")[-2:] == ["audit", "count"]


def test_a_terminal_that_is_always_read_whole_is_audited_too(city: City) -> None:
    """Such a reading stores what is new only; an audit holds all of it against what is stored."""
    terminal = city.add()
    terminal.lie_about_offsets("zero")
    terminal.fill(300, FIRST)
    city.poll()
    hour = NIGHT_HOURS[int(share("SIM0001") * len(NIGHT_HOURS))]
    local = city.clock.now() + timedelta(hours=7)
    audit_at = local.replace(hour=hour, minute=10) - local + timedelta(days=8)
    city.clock.shift = audit_at - timedelta(days=1)
    terminal.punch("3", LATER)
    assert city.poll().mode == "full"
    city.clock.shift = audit_at

    city.poll(scheduled=True)

    assert city.column("SELECT mode FROM poll ORDER BY id")[-1] == "audit"


def test_a_held_session_is_closed_where_the_database_is_away(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = city.add(live=True)
    poller = city.poller()
    _, session = poller.poll_held(city.device(), PollOrder(), None)

    def is_away(_: int) -> None:
        raise DatabaseUnavailableError

    monkeypatch.setattr(poller._quiet_polls, "log_of", is_away)
    with pytest.raises(DatabaseUnavailableError):
        poller.poll_held(city.device(), PollOrder(), session)
    until(lambda: terminal.open_sessions == 0, "the session is closed")
    assert terminal.counters.exits_seen == 1


def test_an_audit_proves_counted_read_stored(city: City) -> None:
    terminal = city.add()
    terminal.fill(300, FIRST)
    terminal.corrupt_record("31 February", 2)
    result = audit(city.store, city.poller(), city.device())
    assert (result.poll.records_on_device, result.poll.records_read, result.stored) == (302, 302, 302)
    assert result.findings == []


def test_dead_terminals_do_not_hide_the_others(city: City) -> None:
    serials = [f"SIM{at:04}" for at in range(9)]
    for at, serial in enumerate(serials):
        terminal = city.add(serial)
        terminal.fill(20, FIRST)
        if at % 3 == 0:
            terminal.go_offline()
    with Leases(city.store, "one") as leases:
        outcomes = sweep(city.store, city.poller(), [city.device(s) for s in serials], leases=leases)
    assert [outcome.serial for outcome in outcomes] == serials
    assert [outcome.outcome for outcome in outcomes] == ["unreachable", "ok", "ok"] * 3


def test_a_terminal_that_another_collector_holds_is_left_alone(city: City) -> None:
    terminal = city.add()
    device = city.device()
    with Leases(city.store, "one") as one, Leases(city.store, "two") as two, one.taken(device.id) as is_ours:
        assert is_ours
        outcomes = sweep(city.store, city.poller(), [device], leases=two)
        assert outcomes[0].outcome == HELD
        assert "one" in outcomes[0].error
    assert terminal.counters.connections == 0
    with Leases(city.store, "two") as two:
        assert sweep(city.store, city.poller(), [device], leases=two)[0].is_ok


def test_a_lost_lease_is_reported_and_no_longer_renewed(city: City) -> None:
    city.add()
    device = city.device()
    lost: list[set[int]] = []
    with Leases(city.store, "one", on_lost=lost.append) as one:
        one.take(device.id)
        one.renew_all()
        assert lost == []
        with city.store.begin_as_owner() as connection:
            connection.exec_driver_sql("UPDATE device_lease SET expires_at = now() - interval '1 second'")
        with Leases(city.store, "two") as two:
            assert two.take(device.id)
            one.renew_all()
            assert lost == [{device.id}]


@pytest.mark.parametrize("was_under_way", [False, True])
def test_the_holder_is_asked_and_its_answer_shown(city: City, was_under_way: bool) -> None:
    """A poll that was under way when a full one was asked for is no answer."""
    terminal = city.add()
    terminal.fill(7, FIRST)
    device = city.device()
    poller = Poller(city.store, city.clock, int, collector="holder", patience=PATIENCE)

    def holder() -> None:
        while True:
            with city.store.begin() as connection:
                taken = take_requests(connection, [device.id])
            if taken:
                if was_under_way:
                    poller.poll(device, PollOrder())
                    terminal.fill(3, LATER)
                poller.poll(device, PollOrder(full=taken[0][1]))
                return

    thread = threading.Thread(target=holder)
    thread.start()
    outcomes = ask_holders(city.store, city.clock, [device], full=True, stop=StopSignal())
    thread.join()
    assert [(outcome.outcome, outcome.punches_new) for outcome in outcomes] == [("ok", 3 if was_under_way else 7)]


def test_a_holder_that_does_not_answer_is_named(city: City) -> None:
    city.add()
    outcomes = ask_holders(city.store, city.clock, [city.device()], full=False, stop=StopSignal(), seconds=0)
    assert [outcome.outcome for outcome in outcomes] == [HELD]


@pytest.mark.parametrize(("filled", "alarm"), [(50, None), (85, "log 85% full"), (96, "clear it")])
def test_a_filling_log_is_an_alarm(city: City, filled: int, alarm: str | None) -> None:
    terminal = city.add(record_capacity=100)
    terminal.fill(filled, FIRST)
    city.poll()
    alarms = [a for c in conditions(city.store, city.clock.now()) for a in c.alarms]
    assert [alarm in found for found in alarms] == ([True] if alarm else [])  # type: ignore[operator]
