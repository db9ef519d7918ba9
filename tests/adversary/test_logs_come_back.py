"""Logs that lose records and get them back: whatever other software and flaky flash do, nothing is stored twice."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from small_city import FIRST, City

from eabsensi.devices.attlog import Layout
from eabsensi.devices.simulator.terminal import Terminal

LATER = datetime(2026, 10, 1, 7, 0)


def poll(city: City, *, full: bool = False) -> int:
    """Poll when an unchanged count proves nothing any more; gives how many punches were new."""
    city.clock.shift += timedelta(hours=2)
    outcome = city.poll(full=full)
    assert outcome.is_ok, outcome.error
    return outcome.punches_new


def punches(terminal: Terminal, count: int, first: datetime = LATER) -> None:
    for at in range(count):
        terminal.punch(str(at % 5 + 1), first + timedelta(seconds=37 * at))


def settled(city: City) -> None:
    """Make sure that neither the next poll nor an audit adds anything, and that nothing is lost or doubled."""
    city.assert_nothing_lost()
    assert poll(city) == 0
    assert poll(city, full=True) == 0
    city.assert_nothing_lost()


def test_an_office_whose_other_software_keeps_but_four_records_each_evening(city: City) -> None:
    terminal = city.add()
    for day in range(5):
        morning = LATER + timedelta(days=day)
        punches(terminal, 4, morning)
        assert poll(city) == 4 + 3 * (day > 0)
        terminal.delete_head(terminal.state.log.count - 4)
        punches(terminal, 3, morning + timedelta(hours=9))
        if day == 4:
            assert poll(city) == 3
    settled(city)


@pytest.mark.parametrize("kept", [1, 3, 7, 12])
@pytest.mark.parametrize("new", [0, 2, 30])
def test_a_tool_that_keeps_the_last_records(city: City, kept: int, new: int) -> None:
    terminal = city.add()
    terminal.fill(300, FIRST)
    poll(city)
    terminal.delete_head(300 - kept)
    punches(terminal, new)
    assert poll(city) == new
    punches(terminal, 4, LATER + timedelta(days=1))
    assert poll(city) == 4
    settled(city)


@pytest.mark.parametrize("kept", [1, 5, 20])
def test_a_tool_that_keeps_a_window_in_the_middle(city: City, kept: int) -> None:
    terminal = city.add()
    terminal.fill(300, FIRST)
    poll(city)
    terminal.keep_only(lambda at: 100 <= at < 100 + kept)
    assert poll(city) == 0
    punches(terminal, 5)
    assert poll(city) == 5
    settled(city)


@pytest.mark.parametrize("layout", [Layout.SIXTEEN, Layout.FORTY, Layout.FORTY_NINE], ids=str)
def test_after_a_boot_only_the_end_is_seen_and_then_all_again(city: City, layout: Layout) -> None:
    terminal = city.add(layout=layout)
    terminal.fill(300, FIRST)
    poll(city)
    backup = terminal.take_log()
    terminal.delete_head(296)
    assert poll(city) == 0
    terminal.restore_log(backup)
    punches(terminal, 3)
    assert poll(city) == 3
    settled(city)


@pytest.mark.parametrize("records", [6, 300])
@pytest.mark.parametrize("seen_empty", [False, True])
def test_a_backup_that_is_restored_in_front_of_a_log_that_was_cleared(
    city: City, records: int, seen_empty: bool
) -> None:
    terminal = city.add()
    terminal.fill(records, FIRST)
    poll(city)
    backup = terminal.take_log()
    terminal.clear_log()
    if seen_empty:
        poll(city)
    punches(terminal, 5)
    assert poll(city) == 5
    terminal.restore_log(backup + terminal.take_log())
    assert poll(city) == 0
    punches(terminal, 2, LATER + timedelta(days=1))
    assert poll(city) == 2
    settled(city)


def test_a_backup_of_what_was_never_read_is_restored_in_front_of_what_was(city: City) -> None:
    terminal = city.add()
    terminal.fill(300, FIRST)
    backup = terminal.take_log()
    terminal.clear_log()
    punches(terminal, 12)
    assert poll(city) == 12
    terminal.restore_log(backup + terminal.take_log())
    assert poll(city) == 300
    settled(city)


@pytest.mark.parametrize("new", [10, 150])
def test_slots_that_become_zero_in_old_records(city: City, new: int) -> None:
    terminal = city.add()
    terminal.fill(100, FIRST)
    poll(city)
    terminal.rewrite_records(lambda record: b"\0\0" + record[2:])
    punches(terminal, new)
    assert poll(city) == new
    settled(city)


def test_a_user_whose_records_are_deleted_with_him(city: City) -> None:
    terminal = city.add()
    terminal.fill(300, FIRST)
    poll(city)
    terminal.keep_only(lambda at: at % 20 not in {0, 19})
    punches(terminal, 320)
    assert poll(city) == 320
    settled(city)


def test_two_terminals_of_one_serial_read_in_turn(city: City) -> None:
    first = city.add()
    first.fill(100, FIRST)
    second = city.add("SIM0009")
    second.swap_serial("SIM0001")
    second.fill(60, LATER)
    new = []
    for terminal in (first, second, first, second):
        city.list_device("SIM0001", terminal)
        new.append(poll(city))
    assert new == [100, 60, 0, 0]


@pytest.mark.parametrize("records", [1, 5, 8, 300])
def test_a_log_that_was_seen_empty_and_is_there_again(city: City, records: int) -> None:
    terminal = city.add()
    terminal.fill(records, FIRST)
    poll(city)
    backup = terminal.take_log()
    terminal.clear_log()
    poll(city)
    terminal.restore_log(backup)
    punches(terminal, 3)
    assert poll(city) == 3
    settled(city)


def test_a_cleared_log_in_which_one_second_of_many_comes_again_keeps_it(city: City) -> None:
    terminal = city.add()
    punches(terminal, 10)
    poll(city)
    terminal.clear_log()
    punches(terminal, 3, LATER + timedelta(days=1))
    terminal.punch("1", LATER)
    assert poll(city) == 4
    settled(city)


def test_of_two_new_records_only_the_first_comes_back_from_a_backup(city: City) -> None:
    terminal = city.add()
    punches(terminal, 1)
    backup = terminal.take_log()
    punches(terminal, 1, LATER + timedelta(hours=1))
    assert poll(city) == 2
    terminal.restore_log(backup)
    punches(terminal, 2, LATER + timedelta(days=1))
    assert poll(city) == 2
    settled(city)


@pytest.mark.parametrize("parts", [1, 2, 3, 4])
def test_a_first_contact_that_brings_the_log_in_parts(city: City, parts: int) -> None:
    terminal = city.add()
    punches(terminal, 3)
    terminal.steal_new_log()
    for part in range(parts):
        punches(terminal, 2, LATER + timedelta(hours=part + 1))
        assert poll(city) == 2
    terminal.heal()
    assert poll(city) == 3
    settled(city)


def test_a_terminal_that_always_counts_too_many_is_read_whole_but_twice(city: City) -> None:
    terminal = city.add()
    terminal.fill(300, FIRST)
    terminal.lie_about_sizes(307)
    poll(city)
    poll(city)
    punches(terminal, 2)
    terminal.lie_about_sizes(309)
    city.clock.shift += timedelta(hours=2)
    assert city.poll().mode == "tail"
    city.assert_nothing_lost()


def blank(terminal: Terminal, count: int) -> None:
    terminal.corrupt_record("blank", count)


@pytest.mark.parametrize("layout", [Layout.EIGHT_UID, Layout.FORTY], ids=str)
@pytest.mark.parametrize("seen_empty", [False, True])
def test_blank_records_of_a_cleared_log_are_not_taken_for_those_of_the_next(
    city: City, layout: Layout, seen_empty: bool
) -> None:
    terminal = city.add(layout=layout)
    for day in range(3):
        punches(terminal, 20, LATER + timedelta(days=day))
        blank(terminal, 2)
        poll(city)
        blank(terminal, 1)
        poll(city, full=True)
        terminal.clear_log()
        if seen_empty:
            poll(city)
    punches(terminal, 20, LATER + timedelta(days=9))
    assert poll(city) == 20
    settled(city)


def test_blank_records_come_back_with_the_log_that_held_them(city: City) -> None:
    terminal = city.add()
    punches(terminal, 20)
    blank(terminal, 2)
    poll(city)
    backup = terminal.take_log()
    terminal.clear_log()
    punches(terminal, 20, LATER + timedelta(days=1))
    blank(terminal, 1)
    poll(city)
    terminal.restore_log(backup + terminal.take_log())
    assert poll(city) == 0
    settled(city)
