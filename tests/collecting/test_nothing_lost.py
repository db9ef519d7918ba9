"""Every fault that a terminal can have: afterwards stored = ever punched, each once, and the right error was shown."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from small_city import FIRST, City

from eabsensi.devices.attlog import Layout
from eabsensi.devices.simulator.config import WhenFull
from eabsensi.devices.simulator.terminal import Terminal

LATER = datetime(2026, 10, 1, 7, 0)


def test_three_punches_same_second_one_day_back_five_minutes_later(city: City) -> None:
    terminal = city.add()
    terminal.fill(50, FIRST)
    terminal.punch("7", LATER)
    city.poll()
    terminal.punch("7", LATER)
    terminal.punch("7", LATER - timedelta(days=1))
    terminal.punch("7", LATER + timedelta(minutes=5))

    assert city.poll().punches_new == 3
    city.assert_nothing_lost()


@pytest.mark.parametrize("count", [3, 40, 300])
def test_a_log_cleared_and_filled_to_the_same_count(city: City, count: int) -> None:
    terminal = city.add()
    terminal.fill(count, FIRST)
    city.poll()
    terminal.clear_log()
    terminal.fill(count, FIRST + timedelta(days=20))
    city.clock.shift = timedelta(hours=2)

    assert city.poll().punches_new == count
    city.assert_nothing_lost()


def test_a_second_that_comes_again_after_a_clear_and_a_clock_set_back(city: City) -> None:
    terminal = city.add()
    terminal.punch("1", LATER)
    terminal.punch("2", LATER + timedelta(minutes=1))
    city.poll()
    terminal.clear_log()
    terminal.punch("3", LATER)
    terminal.punch("2", LATER + timedelta(minutes=1))

    city.poll()
    city.poll(full=True)
    city.assert_nothing_lost()


def test_a_ring_that_wrapped(city: City) -> None:
    terminal = city.add(record_capacity=200, when_full=WhenFull.RING)
    terminal.fill(180, FIRST)
    city.poll()
    for step in (30, 90, 150):
        for at in range(step):
            terminal.punch(str(at % 9 + 1), LATER + timedelta(days=step, minutes=at))
        assert city.poll().punches_new == step
    city.assert_nothing_lost()


def test_oldest_records_deleted_when_full(city: City) -> None:
    terminal = city.add(record_capacity=200, when_full=WhenFull.DELETE_OLDEST, delete_when_full=50)
    terminal.fill(195, FIRST)
    city.poll()
    for at in range(20):
        terminal.punch(str(at % 9 + 1), LATER + timedelta(minutes=at))
    assert city.poll().punches_new == 20
    city.assert_nothing_lost()


@pytest.mark.parametrize("when", ["prepare", "read", "both"])
def test_a_punch_between_sizes_and_read(city: City, when: str) -> None:
    terminal = city.add()
    terminal.fill(300, FIRST)
    terminal.punch_before_read("5", LATER, when=when)  # type: ignore[arg-type]
    city.poll()
    city.poll()
    city.assert_nothing_lost()


def test_31_february_among_good_records(city: City) -> None:
    terminal = city.add()
    terminal.fill(30, FIRST)
    terminal.corrupt_record("31 February", 2, "4")
    terminal.punch("4", LATER)

    outcome = city.poll()

    assert (outcome.punches_new, outcome.unreadable_new) == (31, 2)
    city.poll(full=True)
    city.assert_nothing_lost()


@pytest.mark.parametrize("cut", range(0, 5_000, 997))
def test_a_cut_at_every_997th_byte_of_a_transfer(city: City, cut: int) -> None:
    terminal = city.add()
    terminal.fill(100, FIRST)
    terminal.cut_after(cut, always=True)
    assert city.poll().outcome in {"transfer_cut", "busy", "no_answer", "ok"}
    assert len(city.stored()) in {0, 100}
    terminal.heal()
    city.poll()
    city.assert_nothing_lost()


@pytest.mark.parametrize("layout", list(Layout))
def test_one_byte_segments(city: City, layout: Layout) -> None:
    terminal = city.add(layout=layout)
    terminal.fill(40, FIRST)
    terminal.segments(1)
    assert city.poll().is_ok
    city.assert_nothing_lost()


@pytest.mark.parametrize("transport", ["tcp", "udp"])
def test_an_event_in_the_middle_of_a_reply(city: City, transport: str) -> None:
    terminal = city.add(transport=transport)
    terminal.fill(300, FIRST)
    terminal.event_in_the_middle_of_next_reply()
    assert city.poll().is_ok
    terminal.event_in_the_middle_of_next_reply(noise=True)
    terminal.punch("5", LATER)
    assert city.poll().is_ok
    city.assert_nothing_lost()


def test_a_swapped_terminal_behind_an_address(city: City) -> None:
    terminal = city.add()
    terminal.fill(10, FIRST)
    city.poll()
    terminal.swap_serial("OTHER99")
    outcome = city.poll()
    assert outcome.outcome == "wrong_serial"
    assert "OTHER99" in outcome.error
    assert len(city.stored()) == 10
    terminal.swap_serial("SIM0001")
    terminal.punch("5", LATER)
    city.poll()
    city.assert_nothing_lost()


TROUBLES: dict[str, tuple[Callable[[Terminal], object], str]] = {
    "offline": (lambda t: t.go_offline(), "unreachable"),
    "silent": (lambda t: t.be_silent(), "busy"),
    "encrypted": (lambda t: t.secure_firmware(), "secure_firmware"),
    "foreign": (lambda t: t.speak_foreign(), "foreign_protocol"),
    "other key": (lambda t: t.set_comm_key(4711), "auth_failed"),
    "access control": (lambda t: t.attendance_disabled(), "attendance_disabled"),
    "damaged replies": (lambda t: t.corrupt_replies(1), "protocol_error"),
    "short replies": (lambda t: t.short_replies(1), "transfer_cut"),
    "dropped replies": (lambda t: t.drop_replies(1), "busy"),
}


@pytest.mark.parametrize("name", TROUBLES)
def test_each_trouble_has_its_name_and_loses_nothing(city: City, name: str) -> None:
    trouble, kind = TROUBLES[name]
    terminal = city.add()
    terminal.fill(60, FIRST)
    city.poll()
    city.clock.shift = timedelta(hours=2)
    trouble(terminal)

    outcome = city.poll()

    assert outcome.outcome == kind
    assert outcome.error
    assert city.polls()[-1] == kind
    terminal.heal()
    terminal.come_back()
    terminal.set_comm_key(0)
    terminal.punch("5", LATER)
    assert city.poll().is_ok
    city.assert_nothing_lost()


def test_a_comm_key_opens_the_terminal(city: City) -> None:
    terminal = city.add(comm_key=123456)
    terminal.fill(5, FIRST)
    assert city.poll().is_ok
    city.assert_nothing_lost()


@pytest.mark.parametrize("trouble", ["duplicate", "reorder", "lose", "late", "stale"])
def test_udp_with_datagrams_in_trouble(city: City, trouble: str) -> None:
    terminal = city.add(transport="udp", always_long_form=True)
    terminal.fill(120, FIRST)
    match trouble:
        case "duplicate":
            terminal.duplicate_datagrams()
        case "reorder":
            terminal.reorder_datagrams()
        case "lose":
            terminal.lose_datagrams(2)
        case "late":
            terminal.late_reply(2)
        case "stale":
            terminal.stale_reply(3)
    assert city.poll().is_ok
    city.assert_nothing_lost()


def test_a_log_without_layout_is_kept_aside(city: City) -> None:
    terminal = city.add()
    terminal.corrupt_record("blank", 30)
    outcome = city.poll()
    assert outcome.outcome == "layout_unknown"
    assert [len(bytes(body)) for body in city.column("SELECT body FROM quarantined_log")] == [30 * 40]  # type: ignore[arg-type]
    city.poll()
    assert len(city.column("SELECT id FROM quarantined_log")) == 1


def test_a_log_that_other_software_advances_is_not_called_complete(city: City) -> None:
    terminal = city.add()
    terminal.fill(60, FIRST)
    terminal.download_new_log()
    terminal.steal_new_log()
    terminal.punch("5", LATER)
    outcome = city.poll()
    assert outcome.missing > 0
    assert outcome.complete_through is None
