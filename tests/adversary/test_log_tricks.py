"""Logs that play tricks: each of these lost, doubled or hid a punch, or was called complete when it was not."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from small_city import FIRST, City

from eabsensi.collecting.condition import conditions
from eabsensi.devices.attlog import Layout, decode
from eabsensi.devices.commands import Command
from eabsensi.devices.simulator.config import WhenFull
from eabsensi.devices.simulator.terminal import Terminal
from eabsensi.devices.simulator.trouble import Moment
from eabsensi.store.ingest import import_dump

LATER = datetime(2026, 10, 1, 7, 0)


def pass_hours(city: City, hours: float = 2) -> None:
    """Let time go by, so that an unchanged count proves nothing any more."""
    city.clock.shift += timedelta(hours=hours)


def punches(terminal: Terminal, count: int, first: datetime, pin: str = "3") -> None:
    for at in range(count):
        terminal.punch(pin, first + timedelta(minutes=at))


@pytest.mark.parametrize("records", [60, 300])
def test_a_terminal_without_counters_that_refuses_once_is_not_a_cleared_one(city: City, records: int) -> None:
    terminal = city.add(sizes_bytes=4)
    terminal.fill(records, FIRST)
    assert city.poll().is_ok
    terminal.refuse(Command.PREPARE_BUFFER)
    assert city.poll().outcome == "refused"
    terminal.punch("5", LATER)
    assert city.poll().is_ok
    city.assert_nothing_lost()


def test_a_terminal_without_counters_that_refuses_its_log_is_never_called_complete(city: City) -> None:
    terminal = city.add(sizes_bytes=4)
    terminal.empty_log_answers_error()
    outcome = city.poll()
    assert (outcome.outcome, outcome.complete_through) == ("refused", None)


@pytest.mark.parametrize("records", [60, 300])
def test_a_log_that_seems_empty_once_and_comes_back_is_not_doubled(city: City, records: int) -> None:
    terminal = city.add()
    terminal.fill(records, FIRST)
    city.poll()
    terminal.lie_about_sizes(0)
    terminal.refuse(Command.PREPARE_BUFFER)
    city.poll()
    terminal.lie_about_sizes(None)
    terminal.punch("5", LATER)
    pass_hours(city)
    city.poll()
    city.assert_nothing_lost()


def test_a_cleared_log_seen_empty_takes_punches_again(city: City) -> None:
    terminal = city.add()
    for day in range(3):
        punches(terminal, 3, LATER + timedelta(days=day))
        city.poll()
        pass_hours(city)
        terminal.clear_log()
        city.poll()
        pass_hours(city)
    city.assert_nothing_lost()


def test_the_last_second_of_a_cleared_log_comes_again_further_on(city: City) -> None:
    terminal = city.add()
    terminal.punch("7", LATER)
    city.poll()
    terminal.clear_log()
    terminal.punch("8", LATER - timedelta(minutes=1))
    terminal.punch("7", LATER)
    pass_hours(city)
    city.poll()
    city.poll(full=True)
    city.assert_nothing_lost()


@pytest.mark.parametrize("touches", [1, 2, 7, 8, 9, 30])
def test_a_ring_whose_newest_second_is_touched_again(city: City, touches: int) -> None:
    terminal = city.add(record_capacity=100, when_full=WhenFull.RING)
    terminal.fill(100, FIRST)
    city.poll()
    terminal.punch("7", LATER)
    city.poll()
    for _ in range(touches):
        terminal.punch("7", LATER)
    city.poll()
    city.assert_nothing_lost()


@pytest.mark.parametrize("before", [0, 3, 9])
def test_a_second_that_comes_again_in_a_ring(city: City, before: int) -> None:
    terminal = city.add(record_capacity=100, when_full=WhenFull.RING)
    terminal.fill(100, FIRST)
    city.poll()
    terminal.punch("7", LATER)
    city.poll()
    punches(terminal, before, LATER + timedelta(hours=1))
    terminal.punch("7", LATER)
    city.poll()
    city.assert_nothing_lost()


@pytest.mark.parametrize("records", [30, 900])
def test_a_second_that_comes_again_after_its_first_record_was_dropped(city: City, records: int) -> None:
    terminal = city.add()
    terminal.punch("7", LATER)
    terminal.fill(records, FIRST)
    city.poll()
    terminal.delete_head(5)
    terminal.punch("7", LATER)
    pass_hours(city)
    city.poll()
    city.assert_nothing_lost()


def test_a_count_that_is_never_delivered_is_not_complete_at_the_next_poll_either(city: City) -> None:
    terminal = city.add()
    terminal.fill(2_000, FIRST)
    terminal.lie_about_sizes(2_015)
    for _ in range(3):
        assert city.poll().complete_through is None
    assert city.column("SELECT complete_through FROM device_log") == [None]


def test_a_count_that_stands_still_while_the_log_grows_hides_nothing(city: City) -> None:
    terminal = city.add()
    terminal.fill(2_000, FIRST)
    terminal.lie_about_sizes(1_990)
    city.poll()
    terminal.punch("5", LATER)
    assert city.poll().punches_new == 1
    city.assert_nothing_lost()


def test_a_log_that_was_full_in_between_and_has_the_old_count_again_is_read(city: City) -> None:
    terminal = city.add(record_capacity=2_000, when_full=WhenFull.DELETE_OLDEST, delete_when_full=20)
    terminal.fill(1_990, FIRST)
    city.poll()
    punches(terminal, 20, LATER)
    city.clock.shift += timedelta(seconds=25)
    assert city.poll().punches_new == 20
    city.assert_nothing_lost()


@pytest.mark.parametrize("transport", ["tcp", "udp"])
def test_a_head_deleted_in_the_middle_of_a_long_tail(city: City, transport: str) -> None:
    terminal = city.add(transport=transport)
    terminal.fill(700, FIRST)
    city.poll()
    punches(terminal, 600, LATER)

    def drop_at_the_second_read() -> None:
        terminal.at(Moment.BEFORE_READ, lambda: (terminal.state.log.delete_head(50), punches(terminal, 50, FIRST)))

    terminal.at(Moment.BEFORE_READ, drop_at_the_second_read)
    pass_hours(city)
    city.poll()
    pass_hours(city)
    city.poll()
    city.assert_nothing_lost()


def test_a_server_clock_that_was_ahead_does_not_leave_the_future_complete(city: City) -> None:
    terminal = city.add()
    terminal.fill(40, FIRST)
    pass_hours(city, 24 * 365)
    city.poll()
    city.clock.shift = timedelta()
    city.poll()
    assert city.column("SELECT complete_through <= now() FROM device_log") == [True]


def test_a_firmware_update_that_changes_the_layout_doubles_nothing(city: City) -> None:
    terminal = city.add()
    terminal.fill(100, FIRST)
    city.poll()
    rows = [(p.pin, p.device_time, p.verify_mode, p.punch_state) for p in terminal.ever_punched]
    updated = city.add("SIM0009", layout=Layout.FORTY_NINE)
    updated.punch_many(rows)
    updated.swap_serial("SIM0001")
    city.list_device("SIM0001", updated)
    updated.punch("5", LATER)
    pass_hours(city)
    assert city.poll().punches_new == 1
    pass_hours(city)
    assert city.poll().punches_new == 0


@pytest.mark.parametrize("kept", [8, 40, 90])
def test_a_spare_with_an_older_copy_of_the_log_doubles_nothing(city: City, kept: int) -> None:
    terminal = city.add()
    terminal.fill(100, FIRST)
    city.poll()
    rows = [(p.pin, p.device_time, p.verify_mode, p.punch_state) for p in terminal.ever_punched[:kept]]
    spare = city.add("SIM0009")
    spare.punch_many(rows)
    spare.swap_serial("SIM0001")
    city.list_device("SIM0001", spare)
    pass_hours(city)
    assert city.poll().punches_new == 0
    spare.punch("5", LATER)
    pass_hours(city)
    assert city.poll().punches_new == 1


def test_punches_of_a_terminal_that_lost_its_battery_and_its_log_are_kept(city: City) -> None:
    terminal = city.add()
    terminal.fill(100, FIRST)
    city.poll()
    terminal.clear_log()
    terminal.lose_power()
    punches(terminal, 5, datetime(2000, 1, 1, 0, 3))
    pass_hours(city)
    assert city.poll().punches_new == 5
    city.assert_nothing_lost()


@pytest.mark.parametrize("order", ["usb first", "log first", "usb between"])
def test_a_dump_and_the_log_meet_in_the_same_punches(city: City, order: str) -> None:
    terminal = city.add()
    for at in (LATER, LATER, LATER + timedelta(minutes=1), LATER + timedelta(minutes=1)):
        terminal.punch("7", at)
    if order != "usb first":
        city.poll()
    if order == "usb between":
        terminal.punch("7", LATER + timedelta(minutes=1))
        terminal.punch("7", LATER + timedelta(minutes=1))
    import_log_as_dump(city, terminal)
    terminal.punch("7", LATER + timedelta(minutes=1))
    for full in (False, True):
        pass_hours(city)
        city.poll(full=full)
    city.assert_nothing_lost()


def test_a_dump_of_punches_that_a_ring_had_not_shown_yet(city: City) -> None:
    terminal = city.add(record_capacity=100, when_full=WhenFull.RING)
    terminal.fill(100, FIRST)
    city.poll()
    punches(terminal, 20, LATER)
    import_log_as_dump(city, terminal)
    punches(terminal, 20, LATER + timedelta(days=1))
    city.poll()
    punches(terminal, 100, LATER + timedelta(days=2))
    city.poll()
    city.assert_nothing_lost()


def import_log_as_dump(city: City, terminal: Terminal) -> None:
    """Bring what the log holds as a USB stick would."""
    log = terminal.state.log
    decoded = decode(log.layout, log.read(0, log.body_bytes))
    with city.store.begin() as connection:
        import_dump(
            connection,
            city.device().id,
            "Asia/Jakarta",
            [p._replace(raw=f"{p.pin}\t{p.device_time}".encode()) for p in decoded.punches],
            [],
            city.clock.now(),
        )


def test_a_log_that_is_full_and_refuses_is_an_alarm(city: City) -> None:
    terminal = city.add(record_capacity=100)
    terminal.fill(100, FIRST)
    assert terminal.punch("5", LATER) is None
    city.poll()
    [condition] = conditions(city.store, city.clock.now())
    assert [alarm for alarm in condition.alarms if "100% full" in alarm]
