"""Reading a log over a real socket: what crosses the wire, and what is proven."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from eabsensi.devices.attlog import Layout, Punch
from eabsensi.devices.bulk import SizeWordError
from eabsensi.devices.commands import Command
from eabsensi.devices.errors import AttendanceDisabledError, DeviceError, RefusedError, TransferError
from eabsensi.devices.logread import (
    Continuity,
    LogPosition,
    LogReading,
    LogRequest,
    PostponedError,
    ReadMode,
    read_log,
    unchanged,
)
from eabsensi.devices.session import Endpoint, Patience, Session
from eabsensi.devices.simulator.config import TerminalConfig, WhenFull
from eabsensi.devices.simulator.fleet import Fleet
from eabsensi.devices.simulator.terminal import Terminal
from eabsensi.devices.simulator.trouble import Moment
from eabsensi.devices.sizes import Sizes
from eabsensi.devices.waiting import Deadline

FIRST = datetime(2026, 9, 1, 7, 0)
NOT_AFTER = datetime(2030, 1, 1)
PATIENCE = Patience(connect=5, command=5, prepare=5, packet=5, goodbye=1)


@pytest.fixture
def fleet() -> Iterator[Fleet]:
    with Fleet() as fleet:
        yield fleet


class Reader:
    """Reads one terminal again and again, remembering what a collector would remember."""

    def __init__(self, terminal: Terminal, transport: str = "tcp") -> None:
        self.terminal = terminal
        self.transport = transport
        self.position: LogPosition | None = None
        self.punches: list[Punch] = []
        self.unreadable: list[bytes] = []
        self.last: LogReading | None = None

    def read(self, *, full: bool = False, heavy_bytes: int | None = None) -> LogReading:
        endpoint = Endpoint(
            self.terminal.host,
            self.terminal.port,
            transport="udp" if self.transport == "udp" else "tcp",
            comm_key=self.terminal.config.comm_key,
            patience=PATIENCE,
        )
        with Session(endpoint, deadline=Deadline.after(60)) as session:
            session.require_serial(self.terminal.config.serial)
            request = LogRequest(self.position, session.sizes(), NOT_AFTER, self._known, full, heavy_bytes)
            reading = read_log(session, request)
        self.last, self.position = reading, reading.position
        self._keep(reading)
        return reading

    def _known(self, punches: Sequence[Punch]) -> list[bool]:
        stored = {(punch.pin, punch.device_time) for punch in self.punches}
        return [(punch.pin, punch.device_time) in stored for punch in punches]

    def _keep(self, reading: LogReading) -> None:
        """Keep as ingest does: a tail is all new, a reread adds what is not there, per pin and second."""
        if reading.continuity is Continuity.REREAD:
            stored = list(self.punches)
            for punch in reading.punches:
                if punch in stored:
                    stored.remove(punch)
                else:
                    self.punches.append(punch)
            return
        self.punches += reading.punches

    def assert_nothing_lost(self) -> None:
        got = sorted((punch.pin, punch.device_time) for punch in self.punches)
        assert got == sorted((punch.pin, punch.device_time) for punch in self.terminal.ever_punched)
        assert self.terminal.forbidden_seen == []


def filled(fleet: Fleet, records: int = 300, **config: object) -> Terminal:
    terminal = fleet.add(TerminalConfig(**config))  # type: ignore[arg-type]
    terminal.fill(records, FIRST)
    return terminal


@pytest.mark.parametrize("transport", ["tcp", "udp"])
@pytest.mark.parametrize("layout", list(Layout))
@pytest.mark.parametrize("records", [0, 1, 2, 25, 400])
def test_every_layout_is_read_whole_then_by_its_tail(
    fleet: Fleet, layout: Layout, transport: str, records: int
) -> None:
    terminal = filled(fleet, records, layout=layout, transport=transport)
    reader = Reader(terminal, transport)
    reader.read()
    reader.assert_nothing_lost()

    for at in range(12):
        terminal.punch(str(at % 5 + 1), NOT_AFTER - timedelta(days=60, minutes=-at))
    reading = reader.read()

    assert reading.missing == 0
    assert len(reading.punches) == 12
    reader.assert_nothing_lost()


def test_a_tail_costs_little(fleet: Fleet) -> None:
    terminal = filled(fleet, 100_000, segment_bytes=None, record_capacity=200_000)
    reader = Reader(terminal)
    reader.read()
    assert reader.position is not None
    assert reader.position.tail_ok
    for at in range(20):
        terminal.punch(str(at % 5 + 1), NOT_AFTER - timedelta(days=60, minutes=-at))
    terminal.counters.reset()

    reading = reader.read()

    assert reading.mode is ReadMode.TAIL
    assert len(reading.punches) == 20
    assert terminal.counters.round_trips <= 8
    assert terminal.counters.bytes_total <= 4_096


@pytest.mark.parametrize("layout", [Layout.SIXTEEN, Layout.FORTY, Layout.FORTY_NINE])
def test_dropped_oldest_records_shift_the_log_and_only_the_end_is_read(fleet: Fleet, layout: Layout) -> None:
    terminal = filled(fleet, 3_000, layout=layout)
    reader = Reader(terminal)
    reader.read()
    terminal.delete_head(500)
    terminal.punch("3", NOT_AFTER - timedelta(days=60))

    reading = reader.read()

    assert reading.mode is ReadMode.SHIFT
    assert len(reading.punches) == 1
    reader.assert_nothing_lost()


@pytest.mark.parametrize("after", [1, 299, 300, 301, 900])
def test_a_log_cleared_and_filled_again_is_read_anew(fleet: Fleet, after: int) -> None:
    terminal = filled(fleet, 300)
    reader = Reader(terminal)
    reader.read()
    terminal.clear_log()
    terminal.fill(after, FIRST + timedelta(days=30))

    assert reader.read().continuity is Continuity.RESTARTED
    reader.assert_nothing_lost()


def test_a_cleared_log_is_a_new_log_even_while_it_is_empty(fleet: Fleet) -> None:
    terminal = filled(fleet, 40)
    reader = Reader(terminal)
    reader.read()
    terminal.clear_log()
    assert reader.read().records_read == 0
    terminal.fill(3, FIRST + timedelta(days=30))
    assert reader.read().continuity is Continuity.RESTARTED
    reader.assert_nothing_lost()


def test_an_empty_log_may_be_answered_with_an_error(fleet: Fleet) -> None:
    terminal = filled(fleet, 0)
    terminal.empty_log_answers_error()
    reading = Reader(terminal).read()
    assert (reading.punches, reading.position) == ([], None)


def test_a_terminal_that_counts_records_but_gives_none_is_not_empty(fleet: Fleet) -> None:
    terminal = filled(fleet, 0)
    terminal.empty_log_answers_error()
    terminal.lie_about_sizes(7)
    with pytest.raises(RefusedError, match="counts 7 records"):
        Reader(terminal).read()


def test_access_control_mode_is_named(fleet: Fleet) -> None:
    terminal = filled(fleet, 5)
    terminal.attendance_disabled()
    with pytest.raises(AttendanceDisabledError, match="time attendance"):
        Reader(terminal).read()


@pytest.mark.parametrize("layout", [Layout.SIXTEEN, Layout.FORTY, Layout.FORTY_NINE])
@pytest.mark.parametrize("steps", [(1,), (20,), (90, 20), (100,), (130,), (5, 5, 95, 40)])
def test_a_ring_that_wraps_loses_nothing_that_was_read_in_time(
    fleet: Fleet, layout: Layout, steps: tuple[int, ...]
) -> None:
    terminal = filled(fleet, 90, layout=layout, record_capacity=100, when_full=WhenFull.RING, inline_bytes=64)
    reader = Reader(terminal)
    reader.read()
    moment = NOT_AFTER - timedelta(days=90)
    total = 90
    for step in steps:
        for at in range(step):
            moment += timedelta(minutes=1)
            terminal.punch(str(at % 5 + 1), moment)
        reader.read()
        total += step
        assert reader.last is not None
        assert reader.last.missing == 0
    # What was overwritten before anybody read it is gone from the terminal; everything else must be here.
    got = sorted((punch.pin, punch.device_time) for punch in reader.punches)
    held = sorted((punch.pin, punch.device_time) for punch in terminal.ever_punched)
    if max(steps) <= 100:
        assert got == held
    assert len(set(got)) == len(got)
    assert {(punch.pin, punch.device_time) for punch in terminal.ever_punched[-100:]} <= set(got)


def test_a_full_ring_with_nothing_new_needs_no_whole_read(fleet: Fleet) -> None:
    terminal = filled(fleet, 200, record_capacity=200, when_full=WhenFull.RING)
    reader = Reader(terminal)
    reader.read()
    for at in range(30):
        terminal.punch("2", NOT_AFTER - timedelta(days=60, minutes=-at))
    assert reader.read().mode in {ReadMode.FULL, ReadMode.RING}
    assert reader.read().mode is ReadMode.RING
    assert reader.read().punches == []
    terminal.punch("4", NOT_AFTER - timedelta(days=50))
    reading = reader.read()
    assert reading.mode is ReadMode.RING
    assert [punch.pin for punch in reading.punches] == ["4"]
    reader.assert_nothing_lost()


def test_a_wrapped_ring_met_for_the_first_time_is_followed(fleet: Fleet) -> None:
    terminal = filled(fleet, 260, record_capacity=200, when_full=WhenFull.RING)
    reader = Reader(terminal)
    reader.read()
    for at in range(3):
        terminal.punch("4", NOT_AFTER - timedelta(days=50, minutes=-at))
        reader.read()
    stored = {(punch.pin, punch.device_time) for punch in reader.punches}
    assert {(punch.pin, punch.device_time) for punch in terminal.ever_punched[60:]} <= stored
    assert len(reader.punches) == 203


@pytest.mark.parametrize("how", ["sequential", "zero"])
@pytest.mark.parametrize("records", [300, 2_000])
def test_a_terminal_whose_tail_reads_are_not_honest_is_read_whole(fleet: Fleet, how: str, records: int) -> None:
    terminal = filled(fleet, records)
    terminal.lie_about_offsets(how)  # type: ignore[arg-type]
    reader = Reader(terminal)
    reader.read()
    assert reader.position is not None
    assert reader.position.tail_ok is False
    terminal.punch("3", NOT_AFTER - timedelta(days=60))
    reading = reader.read()
    assert reading.mode is ReadMode.FULL
    assert len(reading.punches) == 1
    reader.assert_nothing_lost()


def test_tail_reads_that_turn_dishonest_are_noticed(fleet: Fleet) -> None:
    terminal = filled(fleet, 3_000)
    reader = Reader(terminal)
    reader.read()
    terminal.lie_about_offsets("zero")
    terminal.punch("3", NOT_AFTER - timedelta(days=60))
    reader.read()
    assert reader.position is not None
    assert reader.position.tail_ok is False
    reader.assert_nothing_lost()


@pytest.mark.parametrize("when", ["prepare", "read", "both"])
def test_a_punch_between_two_commands_comes_now_or_with_the_next_read(fleet: Fleet, when: str) -> None:
    terminal = filled(fleet, 400)
    reader = Reader(terminal)
    terminal.punch_before_read("3", NOT_AFTER - timedelta(days=60), when=when)  # type: ignore[arg-type]
    reader.read()
    reader.read()
    reader.assert_nothing_lost()


def test_a_head_deleted_between_prepare_and_read_does_no_harm(fleet: Fleet) -> None:
    terminal = filled(fleet, 400)
    reader = Reader(terminal)
    reader.read()
    terminal.punch("3", NOT_AFTER - timedelta(days=60))
    terminal.delete_head_between_prepare_and_read(10)
    reader.read()
    reader.read()
    reader.assert_nothing_lost()


def test_a_long_read_waits_for_the_end_of_the_peak_but_a_tail_does_not(fleet: Fleet) -> None:
    terminal = filled(fleet, 400)
    reader = Reader(terminal)
    with pytest.raises(PostponedError):
        reader.read(heavy_bytes=8_000)
    reader.read()
    terminal.punch("3", NOT_AFTER - timedelta(days=60))
    assert len(reader.read(heavy_bytes=8_000).punches) == 1


def test_a_cut_connection_is_taken_up_where_it_broke(fleet: Fleet) -> None:
    terminal = filled(fleet, 3_000, segment_bytes=None)
    terminal.cut_after(50_000)
    reader = Reader(terminal)
    reader.read()
    reader.assert_nothing_lost()


def test_a_log_that_delivers_less_than_it_counts_is_not_surely_read(fleet: Fleet) -> None:
    terminal = filled(fleet, 60)
    terminal.lie_about_sizes(75)
    assert Reader(terminal).read().missing == 15


@pytest.mark.parametrize("records", [5, 60, 900])
@pytest.mark.parametrize("error", [40, -40, 3, 4_000_000])
def test_a_wrong_size_word_is_overruled_by_the_terminals_own_count(fleet: Fleet, records: int, error: int) -> None:
    terminal = filled(fleet, records)
    terminal.announce_wrong_total(error, "body")
    reader = Reader(terminal)
    assert reader.read().missing == 0
    reader.assert_nothing_lost()


@pytest.mark.parametrize("records", [5, 60])
def test_a_wrong_size_word_that_nothing_overrules_is_refused_with_the_bytes(fleet: Fleet, records: int) -> None:
    terminal = filled(fleet, records)
    terminal.announce_wrong_total(40, "body")
    terminal.lie_about_sizes(records + 7)
    with pytest.raises(SizeWordError, match=r"size word .* quarantine") as refused:
        Reader(terminal).read()
    assert refused.value.body == terminal.state.log.read(0, 40 * records)


@pytest.mark.parametrize("layout", [Layout.SIXTEEN, Layout.FORTY, Layout.FORTY_NINE])
@pytest.mark.parametrize("records", [5, 900])
def test_bytes_after_the_last_record_are_no_record(fleet: Fleet, layout: Layout, records: int) -> None:
    terminal = filled(fleet, records, layout=layout, trailing_bytes=4)
    reader = Reader(terminal)
    for new in (0, 3, 5):
        for at in range(new):
            terminal.punch("3", NOT_AFTER - timedelta(days=60 - new, minutes=at))
        reader.read()
        reader.assert_nothing_lost()
    assert reader.last is not None
    assert reader.last.mode is (ReadMode.TAIL if records == 900 else reader.last.mode)


@pytest.mark.parametrize("punches", [1, 2, 3])
def test_punches_between_prepare_and_read_of_a_live_file(fleet: Fleet, punches: int) -> None:
    terminal = filled(fleet, 400, live_size_word=True)
    reader = Reader(terminal)

    def punch_and_plan(left: int) -> None:
        terminal.punch("3", NOT_AFTER - timedelta(days=60, minutes=left))
        if left > 1:
            terminal.at(Moment.BEFORE_READ, lambda: punch_and_plan(left - 1))

    terminal.at(Moment.BEFORE_READ, lambda: punch_and_plan(punches))
    reader.read()
    reader.read()
    reader.assert_nothing_lost()


def test_datagrams_that_come_the_wrong_way_round(fleet: Fleet) -> None:
    terminal = filled(fleet, 300, transport="udp", always_long_form=True, udp_packet_bytes=256)
    terminal.reverse_datagrams()
    reader = Reader(terminal, "udp")
    reader.read()
    reader.assert_nothing_lost()


def test_punches_between_all_commands_of_a_live_file(fleet: Fleet) -> None:
    terminal = filled(fleet, 400, live_size_word=True)

    def punch_again(moment: Moment, left: int) -> None:
        terminal.punch("3", NOT_AFTER - timedelta(days=60, minutes=left))
        if left:
            terminal.at(moment, lambda: punch_again(moment, left - 1))

    for moment in (Moment.BEFORE_PREPARE, Moment.BEFORE_READ):
        terminal.at(moment, lambda moment=moment: punch_again(moment, 1))
    reader = Reader(terminal)
    reader.read()
    reader.read()
    reader.assert_nothing_lost()


@pytest.mark.parametrize("largest", [1_024, 4_096, 16_384, 32_768])
def test_a_terminal_that_refuses_long_reads_is_asked_for_less(fleet: Fleet, largest: int) -> None:
    terminal = filled(fleet, 2_500, segment_bytes=None, largest_read=largest)
    reader = Reader(terminal)
    reader.read()
    reader.assert_nothing_lost()
    assert reader.position is not None
    assert reader.position.tail_ok
    refused = terminal.counters.commands_seen["READ_BUFFER (1504)"] - (100_004 + largest - 1) // largest - 3
    assert refused <= 5


@pytest.mark.parametrize("cut", [700, 20_000])
def test_a_line_that_breaks_after_so_many_bytes_each_time_is_asked_for_less(fleet: Fleet, cut: int) -> None:
    terminal = filled(fleet, 100 if cut < 1_000 else 2_000, segment_bytes=None)
    terminal.cut_after(cut, always=True)
    reader = Reader(terminal)
    if cut < 1_000:
        with pytest.raises(DeviceError):
            reader.read()
        return
    reader.read()
    reader.assert_nothing_lost()


def test_more_than_announced_is_refused(fleet: Fleet) -> None:
    terminal = filled(fleet, 60, always_long_form=True)
    terminal.announce_wrong_total(-8, "prepare")
    with pytest.raises(DeviceError):
        Reader(terminal).read()


@pytest.mark.parametrize("cut", range(1, 4_200, 997))
def test_a_cut_anywhere_leaves_nothing_half_read(fleet: Fleet, cut: int) -> None:
    terminal = filled(fleet, 100)
    terminal.cut_after(cut, always=True)
    reader = Reader(terminal)
    try:
        reader.read()
    except DeviceError as error:
        assert isinstance(error, TransferError) or error.kind in {"busy", "no_answer", "unreachable"}
    terminal.heal()
    reader.read()
    reader.assert_nothing_lost()


@pytest.mark.parametrize(
    ("counted", "records", "capacity", "seconds", "proven"),
    [
        (5_000, 5_000, 100_000, 300, True),
        (5_000, 5_001, 100_000, 300, False),
        (5_000, 5_000, 100_000, 3_600, False),
        (5_000, 5_000, 100_000, -1, False),
        (5_000, 5_000, 100_000, None, False),
        (200, 200, 100_000, 300, False),
        (5_000, 5_000, 5_000, 300, False),
        (None, None, None, 300, False),
    ],
)
def test_the_count_gate(
    counted: int | None, records: int | None, capacity: int | None, seconds: float | None, proven: bool
) -> None:
    position = LogPosition(Layout.FORTY, 5_000 * 40, 5_000, b"a" * 320, b"h" * 320, tail_ok=True)
    sizes = replace(Sizes(), records=records, record_capacity=capacity)
    assert unchanged(position, counted, sizes, seconds) is proven
    assert not unchanged(None, counted, sizes, seconds)


def test_a_terminal_that_refuses_long_and_unaligned_reads_is_read_in_blocks(fleet: Fleet) -> None:
    terminal = filled(fleet, 2_000, segment_bytes=None)
    terminal.lie_about_offsets("sequential")
    reader = Reader(terminal)
    reader.read()
    terminal.punch("3", NOT_AFTER - timedelta(days=60))
    terminal.refuse(Command.READ_BUFFER, Command.ACK_ERROR, 1)
    assert len(reader.read().punches) == 1
    reader.assert_nothing_lost()
