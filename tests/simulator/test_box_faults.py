"""Each fault of the box and of what it says does what it says; the truth of what was punched stays known."""

from __future__ import annotations

import struct
from datetime import datetime, timedelta

import pytest
from rawclient import OPLOG_REQUEST, USERS_REQUEST, RawClient, connected

from eabsensi.clock import SystemClock
from eabsensi.devices import attlog, devtime
from eabsensi.devices.attlog import Layout
from eabsensi.devices.commands import Command
from eabsensi.devices.simulator.config import TerminalConfig, WhenFull
from eabsensi.devices.simulator.fleet import Fleet
from eabsensi.devices.simulator.users import User, decode_user

MORNING = datetime(2026, 1, 5, 7, 30)
IN_8_BYTES = (Layout.EIGHT_UID, Layout.EIGHT_PACKED)
layouts = pytest.mark.parametrize("layout", list(Layout))


def read_back(terminal) -> attlog.DecodedLog:
    """Read the log over the wire and decode it with the collector's own decoder."""
    with connected(terminal) as client:
        body = client.read_table()
    assert struct.unpack_from("<I", body)[0] == len(body) - 4
    return attlog.decode(terminal.config.layout, body[4:])


def facts(punches) -> list[tuple]:
    return [(punch.pin, punch.device_time, punch.verify_mode, punch.punch_state) for punch in punches]


@layouts
def test_what_was_punched_is_what_is_read(fleet: Fleet, layout):
    terminal = fleet.add(TerminalConfig(layout=layout, records=300))
    for index, second in enumerate((0, 0, 5, 1023, 1024, 5000, 86_400, -86_400, 4)):
        moment = MORNING + timedelta(seconds=second)
        assert terminal.punch(str(index + 1), moment, verify=index % 3, state=index % 6) is not None
    assert facts(read_back(terminal).punches) == facts(terminal.ever_punched)
    assert len(terminal.ever_punched) == 309


def test_packed_records_are_mixed_with_short_ones(fleet: Fleet):
    terminal = fleet.add(TerminalConfig(layout=Layout.EIGHT_PACKED, records=100))
    lengths = {len(record) for record in terminal.state.log.records()}
    assert lengths == {4, 8}
    plain = fleet.add(TerminalConfig(layout=Layout.EIGHT_PACKED, records=100, packed_short_records=False))
    assert {len(record) for record in plain.state.log.records()} == {8}
    assert facts(read_back(plain).punches) == facts(plain.ever_punched)


def test_pins_of_any_kind_stand_in_records_of_40_bytes(fleet: Fleet):
    terminal = fleet.add(TerminalConfig(users=[User(500, "0042", "Nol"), User(3, "AB-7", "Huruf")]))
    for pin in ("0042", "AB-7", "nobody"):
        terminal.punch(pin, MORNING)
    assert [punch.pin for punch in read_back(terminal).punches] == ["0042", "AB-7", "nobody"]
    assert [punch.uid for punch in terminal.ever_punched] == [500, 3, 0]


def test_a_deleted_user_stays_in_the_log(fleet: Fleet):
    terminal = fleet.add()
    terminal.punch("5", MORNING)
    terminal.delete_user(5)
    assert [punch.pin for punch in read_back(terminal).punches] == ["5"]
    with connected(terminal) as client:
        assert len(client.read_table(USERS_REQUEST)) == 4 + 19 * 72


def test_names_are_in_the_terminals_encoding_and_cut_at_its_limit(fleet: Fleet):
    terminal = fleet.add(TerminalConfig(users=[], encoding="gbk"))
    terminal.enrol(User(1, "1", "王小明"))
    terminal.enrol(User(2, "2", "x" * 40))
    with connected(terminal) as client:
        body = client.read_table(USERS_REQUEST)
    assert body[4 + 11 :].startswith("王小明".encode("gbk") + b"\x00")
    assert decode_user(body[4 + 72 :], "gbk").name == "x" * 24


def test_identical_punches_are_two_records(fleet: Fleet):
    terminal = fleet.add()
    terminal.punch("1", MORNING)
    terminal.punch("1", MORNING)
    assert len(read_back(terminal).punches) == len(terminal.ever_punched) == 2


def test_a_cleared_log_is_empty_and_what_was_punched_is_known(fleet: Fleet):
    terminal = fleet.add(TerminalConfig(records=30))
    terminal.clear_log()
    terminal.punch("1", MORNING)
    assert facts(read_back(terminal).punches) == [("1", MORNING, 1, 0)]
    assert len(terminal.ever_punched) == 31


@pytest.mark.parametrize("inline", [True, False])
def test_an_empty_log_is_four_zero_bytes_or_an_error(fleet: Fleet, inline):
    terminal = fleet.add()
    terminal.empty_log_answers_error(not inline)
    with connected(terminal) as client:
        answer = client.prepare()
    if inline:
        assert (answer.command, answer.payload) == (Command.DATA, bytes(4))
    else:
        assert answer.command == Command.ACK_ERROR


@layouts
def test_a_full_log_refuses_by_default(fleet: Fleet, layout):
    terminal = fleet.add(TerminalConfig(layout=layout, records=10, record_capacity=10))
    assert terminal.punch("1") is None
    assert terminal.state.refused_punches == 1
    assert len(terminal.ever_punched) == terminal.state.log.count == 10


@layouts
def test_delrecord_removes_the_oldest(fleet: Fleet, layout):
    terminal = fleet.add(
        TerminalConfig(
            layout=layout,
            records=10,
            record_capacity=10,
            when_full=WhenFull.DELETE_OLDEST,
            delete_when_full=4,
        )
    )
    terminal.punch("1", MORNING)
    left = terminal.state.log.count
    assert left < 10
    assert facts(read_back(terminal).punches) == facts(terminal.ever_punched[-left:])
    with connected(terminal) as client:
        assert client.option("DelRecord").payload == b"DelRecord=4\x00"


def test_a_ring_overwrites_in_place_and_numbers_its_records(fleet: Fleet):
    terminal = fleet.add(TerminalConfig(records=10, record_capacity=10, when_full=WhenFull.RING))
    for minute in range(3):
        terminal.punch("1", MORNING + timedelta(minutes=minute))
    ever = terminal.ever_punched
    assert facts(read_back(terminal).punches) == facts([*ever[10:13], *ever[3:10]])
    indices = [struct.unpack_from("<I", record, 36)[0] for record in terminal.state.log.records()]
    assert indices == [11, 12, 13, *range(4, 11)]
    with connected(terminal) as client:
        assert client.count() == 10
        assert client.option("ISLR").payload == b"ISLR=1\x00"


def test_a_ring_of_mixed_records_cannot_be_built(fleet: Fleet):
    with pytest.raises(ValueError, match="one size"):
        fleet.add(TerminalConfig(layout=Layout.EIGHT_PACKED, when_full=WhenFull.RING))


@layouts
def test_31_february_is_a_record_and_no_punch(fleet: Fleet, layout):
    terminal = fleet.add(TerminalConfig(layout=layout, records=3))
    terminal.corrupt_record("31 February", pin="2")
    terminal.punch("1", MORNING)
    log = read_back(terminal)
    assert facts(log.punches) == facts(terminal.ever_punched)
    assert [record.raw for record in log.unreadable] == terminal.ever_unreadable
    assert len(terminal.ever_unreadable) == 1


def test_blank_records_are_zeros(fleet: Fleet):
    terminal = fleet.add()
    assert terminal.corrupt_record("blank", count=3) == [bytes(40)] * 3
    assert list(terminal.state.log.records()) == [bytes(40)] * 3
    assert terminal.state.log.count == 3


@pytest.mark.parametrize(("kind", "year"), [("year 2000", 2000), ("year 2063", 2063)])
def test_dates_that_no_honest_clock_showed(fleet: Fleet, kind, year):
    record = fleet.add().corrupt_record(kind)[0]
    assert devtime.decode(struct.unpack_from("<I", record, 27)[0]).year == year


def test_the_clock_can_be_set_run_fast_and_fall_back(fleet: Fleet):
    class StandingClock(SystemClock):
        moment = datetime.fromisoformat("2026-01-05T00:00:00+00:00")

        def now(self):
            return self.moment

    clock = StandingClock()
    terminal = fleet.add(TerminalConfig(clock=clock, timezone="Asia/Jayapura"))
    assert terminal.state.now() == datetime(2026, 1, 5, 9)
    terminal.set_clock(offset=timedelta(minutes=-10))
    assert terminal.punch("1").device_time == datetime(2026, 1, 5, 8, 50)
    terminal.drift(timedelta(seconds=60))
    clock.moment += timedelta(days=2)
    assert terminal.state.now() == datetime(2026, 1, 7, 8, 52)
    terminal.lose_power()
    assert terminal.punch("1").device_time == datetime(2000, 1, 1)
    with connected(terminal) as client:
        assert client.ask(Command.TIME_READ).payload == bytes(4)
        client.ask(Command.TIME_WRITE, struct.pack("<I", devtime.encode(datetime(2026, 1, 7, 9))))
        assert terminal.state.now() == datetime(2026, 1, 7, 9)
        oplog = client.read_table(OPLOG_REQUEST)
    assert len(oplog) == 4 + 2 * 16


def test_another_terminal_may_answer(fleet: Fleet):
    terminal = fleet.add()
    terminal.swap_serial("OTHER000001")
    with connected(terminal) as client:
        assert client.option("~SerialNumber").payload == b"~SerialNumber=OTHER000001\x00"


@pytest.mark.parametrize("empty", [True, False])
def test_an_unknown_option_is_an_error_or_empty(fleet: Fleet, empty):
    terminal = fleet.add(TerminalConfig(unknown_option_is_empty=empty))
    terminal.set_option("~Platform", None)
    with connected(terminal) as client:
        answer = client.option("~Platform")
    assert (answer.command, answer.payload) == ((Command.ACK_OK, b"\x00") if empty else (Command.ACK_ERROR, b""))


def test_secure_firmware_says_6001(fleet: Fleet):
    terminal = fleet.add()
    terminal.secure_firmware()
    with RawClient(terminal) as client:
        assert client.ask(Command.CONNECT, reply_id=0).command == Command.SECURE_FIRMWARE


def test_an_open_menu_leaves_connect_unanswered(fleet: Fleet):
    terminal = fleet.add()
    terminal.menu_open()
    with RawClient(terminal) as client:
        client.send(Command.CONNECT, reply_id=0)
        assert client.nothing_came()
        terminal.menu_closed()
        client.connect()
        assert client.ask(Command.STATE).field3 == 0


def test_a_changed_comm_key_is_asked_for(fleet: Fleet):
    terminal = fleet.add()
    terminal.set_comm_key(5)
    with RawClient(terminal) as client:
        assert client.connect().command == Command.ACK_UNAUTH


@pytest.mark.parametrize("zero", [True, False])
def test_an_access_control_terminal_keeps_its_log_to_itself(fleet: Fleet, zero):
    terminal = fleet.add(TerminalConfig(records=9))
    terminal.attendance_disabled(sizes_say_zero=zero)
    with connected(terminal) as client:
        assert client.count() == (0 if zero else 9)
        assert client.prepare().command == Command.ATTENDANCE_DISABLED
        assert client.prepare(USERS_REQUEST).command == Command.ACK_OK


def test_the_sizes_may_lie(fleet: Fleet):
    terminal = fleet.add(TerminalConfig(records=9))
    terminal.lie_about_sizes(4)
    with connected(terminal) as client:
        assert client.count() == 4
        terminal.lie_about_sizes(None)
        assert client.count() == 9


@pytest.mark.parametrize("where", ["prepare", "body"])
def test_the_announced_total_may_be_wrong(fleet: Fleet, where):
    terminal = fleet.add(TerminalConfig(records=100))
    terminal.announce_wrong_total(-7, where)
    with connected(terminal) as client:
        told = struct.unpack_from("<I", client.prepare().payload, 1)[0]
        word = struct.unpack("<I", client.read(0, 4))[0]
    assert (told, word) == ((3997, 4000) if where == "prepare" else (4004, 3993))


def test_a_read_may_bring_less_than_was_asked(fleet: Fleet):
    terminal = fleet.add(TerminalConfig(records=100))
    terminal.short_replies(1)
    with connected(terminal) as client:
        client.prepare()
        assert len(client.read(0, 4000)) == 2000
        assert len(client.read(0, 4000)) == 4000


def test_offsets_may_be_ignored(fleet: Fleet):
    terminal = fleet.add(TerminalConfig(records=100))
    body = terminal.state.log.read(0, 4000)
    table = struct.pack("<I", 4000) + body
    with connected(terminal) as client:
        assert client.read_table(step=1000) == table
        terminal.lie_about_offsets("sequential")
        assert client.read_table(step=1000) == table, "a full read works"
        client.prepare()
        assert client.read(3604, 400) == table[:400], "a tail does not"
        terminal.lie_about_offsets("zero")
        client.prepare()
        client.read(0, 100)
        assert client.read(100, 100) == table[:100]


def test_punches_come_between_sizes_prepare_and_read(fleet: Fleet):
    terminal = fleet.add(TerminalConfig(records=100))
    terminal.punch_before_read("7")
    with connected(terminal) as client:
        assert client.count() == 100
        client.read_table(USERS_REQUEST)
        body = client.read_table()
        assert client.count() == 102
    assert len(body) == 4 + 101 * 40, "what came after PREPARE is not in what PREPARE froze"
    assert [punch.pin for punch in terminal.ever_punched[100:]] == ["7", "7"]


@pytest.mark.parametrize("frozen", [True, False])
def test_the_head_may_go_between_prepare_and_read(fleet: Fleet, frozen):
    terminal = fleet.add(TerminalConfig(records=100, frozen_buffer=frozen))
    before = terminal.state.log.read(0, 4000)
    terminal.delete_head_between_prepare_and_read(10)
    with connected(terminal) as client:
        body = client.read_table()[4:]
    assert body == (before if frozen else before[400:] + bytes(400))
    assert terminal.state.log.count == 90


def test_the_log_may_be_cleared_between_prepare_and_read(fleet: Fleet):
    terminal = fleet.add(TerminalConfig(records=100))
    terminal.clear_between_prepare_and_read()
    with connected(terminal) as client:
        assert client.read_table()[4:] == bytes(4000)
        assert client.count() == 0


def test_another_reader_may_have_had_the_new_log(fleet: Fleet):
    terminal = fleet.add(TerminalConfig(records=100))
    terminal.steal_new_log()
    terminal.punch("3", MORNING)
    assert facts(read_back(terminal).punches) == [("3", MORNING, 1, 0)]
    assert read_back(terminal).punches == [], "this reading has moved the offset on"
    with connected(terminal) as client:
        assert client.count() == 101


def test_a_locked_terminal_records_nothing(fleet: Fleet):
    terminal = fleet.add()
    terminal.disable()
    assert terminal.punch("1") is None
    assert terminal.ever_punched == []


def test_firmware_that_ignores_disable_and_firmware_that_locks_on_connect(fleet: Fleet):
    careless = fleet.add(TerminalConfig(disable_has_effect=False))
    strict = fleet.add(TerminalConfig(connect_blocks_users=True))
    with connected(careless) as first, connected(strict) as second:
        first.ask(Command.DISABLE_DEVICE)
        assert careless.punch("1") is not None
        assert strict.punch("1") is None
        second.ask(Command.EXIT)
        assert strict.punch("1") is not None


def test_every_command_that_changes_a_terminal_is_noticed(fleet: Fleet):
    terminal = fleet.add()
    harmless = (Command.VERSION, Command.FREE_SIZES, Command.TIME_READ, Command.FREE_DATA, Command.EVENT)
    harmful = (Command.CLEAR_ATTLOG, Command.UNLOCK, Command.REFRESH_DATA, Command.CLEAR_DATA, Command.OPTIONS_WRITE)
    with connected(terminal) as client:
        for command in (*harmless, *harmful):
            client.ask(command)
    assert [name.split()[0] for name in terminal.forbidden_seen] == [command.name for command in harmful]
    assert terminal.counters.commands_seen["VERSION (1100)"] == 1


def test_a_healed_terminal_has_no_trouble_left(fleet: Fleet):
    terminal = fleet.add(TerminalConfig(records=10))
    terminal.be_silent()
    terminal.lie_about_sizes(3)
    terminal.cut_after(5, always=True)
    terminal.refuse(Command.VERSION)
    terminal.heal()
    with connected(terminal) as client:
        assert client.count() == 10
        assert client.ask(Command.VERSION).command == Command.ACK_OK
        assert len(client.read_table()) == 404


def test_a_log_is_filled_by_everybody_in_turn_and_may_lose_its_head(fleet: Fleet):
    terminal = fleet.add(TerminalConfig(users=[User(1, "11"), User(2, "22")]))
    terminal.fill(4, MORNING, step_seconds=43_200)
    terminal.punch("22", MORNING)
    terminal.delete_head(1)
    told = [(punch.pin, punch.device_time) for punch in read_back(terminal).punches]
    assert told == [(pin, MORNING + timedelta(hours=hours)) for pin, hours in (("22", 12), ("11", 24), ("22", 36))] + [
        ("22", MORNING)
    ]


def test_many_punches_are_recorded_at_once(fleet: Fleet):
    terminal = fleet.add(TerminalConfig(record_capacity=5))
    rows = [(str(number), MORNING + timedelta(seconds=number), 1, 0) for number in range(1, 9)]
    assert terminal.punch_many(rows) == 5
    assert facts(read_back(terminal).punches) == rows[:5]
