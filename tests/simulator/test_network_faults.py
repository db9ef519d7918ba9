"""Each fault of the network and of the line does what it says."""

from __future__ import annotations

import socket
import struct
from datetime import datetime

import pytest
from rawclient import LOG_REQUEST, RawClient, connected

from eabsensi.devices import frames
from eabsensi.devices.commands import Command
from eabsensi.devices.frames import Frame
from eabsensi.devices.simulator.config import TerminalConfig
from eabsensi.devices.simulator.events import attendance_event
from eabsensi.devices.simulator.fleet import Fleet
from eabsensi.devices.simulator.trouble import Moment

over_both = pytest.mark.parametrize("udp", [pytest.param(False, id="tcp"), pytest.param(True, id="udp")])


def received_until_the_end(client: RawClient) -> bytes:
    received = b""
    try:
        while segment := client.socket.recv(1 << 16):
            received += segment
    except ConnectionResetError:
        pass
    return received


def whole_log(terminal) -> bytes:
    body = terminal.state.log.read(0, terminal.state.log.body_bytes)
    return struct.pack("<I", len(body)) + body


@over_both
def test_be_silent_takes_and_never_answers(fleet: Fleet, udp):
    terminal = fleet.add(TerminalConfig(transport="both"))
    terminal.be_silent()
    with RawClient(terminal, udp=udp) as client:
        client.send(Command.CONNECT, reply_id=0)
        assert client.nothing_came()
        terminal.be_silent(False)
        assert client.connect().command == Command.ACK_OK


def test_offline_refuses_and_the_terminal_comes_back_at_its_address(fleet: Fleet):
    terminal = fleet.add(TerminalConfig(transport="both"))
    with connected(terminal) as client:
        terminal.go_offline()
        with pytest.raises((EOFError, ConnectionResetError)):
            client.next_frame()
    with pytest.raises(ConnectionRefusedError):
        RawClient(terminal)
    terminal.come_back()
    connected(terminal).close()
    connected(terminal, udp=True).close()


def test_vanished_leaves_connection_attempts_unanswered(fleet: Fleet):
    terminal = fleet.add()
    terminal.go_offline("vanish")
    with socket.socket() as attempt:
        attempt.setblocking(False)
        with pytest.raises(BlockingIOError):
            attempt.connect((terminal.host, terminal.port))
        terminal.settle()
        with pytest.raises(OSError, match="not connected"):
            attempt.getpeername()
    terminal.come_back()
    connected(terminal).close()


def test_a_vanished_terminal_is_deaf_over_udp_and_comes_back_with_no_memory(fleet: Fleet):
    terminal = fleet.add(TerminalConfig(transport="udp"))
    with connected(terminal, udp=True) as client:
        terminal.go_offline("vanish")
        client.send(Command.VERSION)
        assert client.nothing_came(is_served=False)
        terminal.come_back()
        client.connect()
        assert client.ask(Command.VERSION).command == Command.ACK_OK


def test_a_connection_may_be_reset_now(fleet: Fleet):
    terminal = fleet.add()
    with connected(terminal) as client:
        terminal.hang_up()
        with pytest.raises(ConnectionResetError):
            client.next_frame()
    assert terminal.counters.sessions_left_open == 0, "the terminal did it"


def test_a_silent_reboot_leaves_the_connection_with_nobody_behind_it(fleet: Fleet):
    terminal = fleet.add()
    with connected(terminal) as old:
        old.ask(Command.EVENT, struct.pack("<I", 1))
        terminal.reboot_silently()
        old.send(Command.TIME_READ)
        terminal.punch("1")
        assert old.nothing_came()
        with connected(terminal) as new:
            assert new.ask(Command.TIME_READ).command == Command.ACK_OK


def test_after_a_reboot_the_old_connection_may_be_reset(fleet: Fleet):
    terminal = fleet.add()
    with connected(terminal) as old:
        terminal.reboot_silently(reset=True)
        old.send(Command.TIME_READ)
        with pytest.raises(ConnectionResetError):
            old.next_frame()


def test_a_reboot_closes_the_connection(fleet: Fleet):
    terminal = fleet.add()
    with connected(terminal) as client:
        terminal.reboot()
        with pytest.raises(EOFError):
            client.next_frame()


@pytest.mark.parametrize("hard", [True, False])
@pytest.mark.parametrize("after_bytes", [0, 1, 28, 29, 30, 997, 1994, 4096])
def test_a_transfer_is_cut_after_so_many_bytes_once(fleet: Fleet, after_bytes, hard):
    terminal = fleet.add(TerminalConfig(records=200))
    terminal.cut_after(after_bytes, hard=hard)
    with connected(terminal) as client:
        client.count()
        client.send(Command.PREPARE_BUFFER, LOG_REQUEST)
        prepared = b""
        if after_bytes > 29:
            prepared = client.receive_bytes(29)
            client.send(Command.READ_BUFFER, struct.pack("<ii", 0, 8004))
        received = prepared + received_until_the_end(client)
        if not hard:
            assert len(received) == after_bytes
        assert len(received) <= after_bytes
    with connected(terminal) as client:
        assert client.read_table() == whole_log(terminal)


def test_a_cut_may_come_every_time_and_count_all_bytes(fleet: Fleet):
    terminal = fleet.add(TerminalConfig(records=200))
    terminal.cut_after(20, always=True, of="connection")
    for _ in range(3):
        with connected(terminal) as client:
            client.send(Command.VERSION)
            assert len(received_until_the_end(client)) == 4
    terminal.heal()
    with connected(terminal) as client:
        assert client.read_table() == whole_log(terminal)


def test_a_cut_udp_transfer_ends_the_session(fleet: Fleet):
    terminal = fleet.add(TerminalConfig(records=200, transport="udp"))
    terminal.cut_after(2000)
    with connected(terminal, udp=True) as client:
        client.prepare()
        assert len(client.read(0, 1000)) == 1000
        client.send(Command.READ_BUFFER, struct.pack("<ii", 1000, 1000))
        assert client.nothing_came()
        client.send(Command.VERSION)
        assert client.nothing_came()
        client.connect()
        assert client.read_table(step=1024) == whole_log(terminal)


@pytest.mark.parametrize(("least", "most"), [(1, None), (3, 9), (24, 256), (None, None)])
def test_a_stream_is_the_same_in_segments_of_any_size(fleet: Fleet, least, most):
    terminal = fleet.add(TerminalConfig(records=150))
    terminal.segments(least, most)
    with connected(terminal) as client:
        assert client.read_table() == whole_log(terminal)


@pytest.mark.parametrize("pace", ["delay", "bandwidth", "packet_pause"])
def test_a_slow_line_brings_the_same_bytes(fleet: Fleet, pace):
    terminal = fleet.add(TerminalConfig(records=150))
    {
        "delay": lambda: terminal.delay(0.001),
        "bandwidth": lambda: terminal.bandwidth(1_000_000),
        "packet_pause": lambda: terminal.packet_pause(0.001),
    }[pace]()
    with connected(terminal) as client:
        assert client.read_table() == whole_log(terminal)
        client.send(Command.VERSION)
        client.send(Command.TIME_READ)
        assert [client.next_frame().reply_id for _ in range(2)] == [client.reply_id - 1, client.reply_id]


def test_one_command_may_be_slow(fleet: Fleet):
    terminal = fleet.add(TerminalConfig(records=3))
    terminal.delay(3600, Command.PREPARE_BUFFER)
    with connected(terminal) as client:
        assert client.ask(Command.VERSION).command == Command.ACK_OK
        client.send(Command.PREPARE_BUFFER, LOG_REQUEST)
        assert client.nothing_came()


@over_both
def test_ignored_requests_are_not_done_and_lost_replies_are(fleet: Fleet, udp):
    terminal = fleet.add(TerminalConfig(records=3, transport="both"))
    with connected(terminal, udp=udp) as client:
        terminal.ignore_requests(1)
        client.send(Command.CLEAR_ATTLOG)
        assert client.nothing_came()
        assert terminal.state.log.count == 3
        terminal.drop_replies(1)
        client.send(Command.CLEAR_ATTLOG)
        assert client.nothing_came()
        assert terminal.state.log.count == 0
        again = client.ask(Command.CLEAR_ATTLOG, reply_id=client.reply_id)
        assert (again.command, terminal.counters.replayed) == (Command.ACK_OK, 1)


@over_both
def test_a_late_reply_comes_with_the_next_one(fleet: Fleet, udp):
    terminal = fleet.add(TerminalConfig(transport="both"))
    with connected(terminal, udp=udp) as client:
        terminal.late_reply()
        client.send(Command.VERSION)
        assert client.nothing_came()
        assert client.ask(Command.TIME_READ).reply_id == 1
        assert client.next_frame().reply_id == 2


@over_both
def test_a_stale_reply_comes_before_the_right_one(fleet: Fleet, udp):
    terminal = fleet.add(TerminalConfig(transport="both"))
    with connected(terminal, udp=udp) as client:
        client.ask(Command.VERSION)
        terminal.stale_reply()
        assert client.ask(Command.TIME_READ).reply_id == 1
        assert client.next_frame().reply_id == 2


def test_a_corrupt_reply_has_a_wrong_checksum(fleet: Fleet):
    terminal = fleet.add()
    with connected(terminal) as client:
        terminal.corrupt_replies()
        client.send(Command.VERSION)
        head = client.receive_bytes(8)
        message = client.receive_bytes(int.from_bytes(head[4:], "little"))
        assert frames.checksum(message) != int.from_bytes(message[2:4], "little")
        assert client.ask(Command.VERSION).command == Command.ACK_OK


@over_both
def test_an_event_stands_in_the_middle_of_a_long_answer(fleet: Fleet, udp):
    terminal = fleet.add(TerminalConfig(records=200, transport="both"))
    with connected(terminal, udp=udp) as client:
        client.prepare()
        terminal.event_in_the_middle_of_next_reply()
        answer = client.answer_of(Command.READ_BUFFER, struct.pack("<ii", 0, 8004))
        commands = [frame.command for frame in answer]
        middle = commands.index(Command.EVENT)
        assert commands[0] == Command.PREPARE_DATA
        assert 0 < middle < len(commands) - 2
        assert answer[middle] == attendance_event(terminal.ever_punched[-1], 32)


def test_an_event_of_an_unknown_length_comes_before_a_short_answer(fleet: Fleet):
    terminal = fleet.add()
    with connected(terminal) as client:
        terminal.event_in_the_middle_of_next_reply(noise=True)
        assert client.ask(Command.VERSION) == Frame(Command.EVENT, 1, 0, b"\x01" * 11)
        assert client.next_frame().reply_id == 1


@pytest.mark.parametrize(("event_bytes", "pin"), [(10, "7"), (12, "70000"), (14, "7"), (32, "A-7"), (37, "A-7")])
def test_events_come_in_each_length_to_those_who_registered(fleet: Fleet, event_bytes, pin):
    terminal = fleet.add()
    with connected(terminal) as client:
        terminal.punch(pin, event_bytes=event_bytes)
        assert client.nothing_came(), "not registered"
        client.ask(Command.EVENT, struct.pack("<I", 1))
        punch = terminal.punch(pin, datetime(2026, 1, 5, 7, 30), event_bytes=event_bytes)
        assert client.next_frame() == attendance_event(punch, event_bytes)
        client.send(Command.ACK_OK, reply_id=0)
        assert client.nothing_came(), "a confirmation is not answered"
        client.ask(Command.EVENT, struct.pack("<I", 0), reply_id=2)
        terminal.punch(pin, event_bytes=event_bytes)
        assert client.nothing_came(), "unregistered"


def test_a_refusal_is_given_as_often_as_asked(fleet: Fleet):
    terminal = fleet.add()
    terminal.refuse(Command.CONNECT, Command.ACK_RETRY)
    terminal.refuse(Command.VERSION, Command.ACK_REPEAT, count=2)
    with RawClient(terminal) as client:
        assert client.ask(Command.CONNECT, reply_id=0).command == Command.ACK_RETRY
        client.connect()
        answers = [client.ask(Command.VERSION).command for _ in range(3)]
    assert answers == [Command.ACK_REPEAT, Command.ACK_REPEAT, Command.ACK_OK]


def test_pipelined_requests_wedge_the_line_for_good(fleet: Fleet):
    terminal = fleet.add(TerminalConfig(records=200))
    terminal.wedge_when_pipelined()
    with connected(terminal) as client:
        client.prepare()
        assert len(client.read(0, 4000)) == 4000, "one at a time is well"
        ask = [frames.encode_tcp(Frame(Command.READ_BUFFER, client.session, 10 + n, b"\x00" * 8)) for n in range(2)]
        client.send_bytes(b"".join(ask))
        assert client.nothing_came()
        client.send(Command.VERSION, reply_id=20)
        assert client.nothing_came()


def test_a_terminal_may_hang_until_it_restarts(fleet: Fleet):
    terminal = fleet.add()
    terminal.hang_after(2)
    with connected(terminal) as client:
        client.ask(Command.VERSION)
        client.send(Command.VERSION)
        assert client.nothing_came()
    terminal.reboot()
    connected(terminal).close()


def test_a_dropped_udp_session_answers_nothing_until_connect(fleet: Fleet):
    terminal = fleet.add(TerminalConfig(transport="udp"))
    with connected(terminal, udp=True) as client:
        terminal.drop_udp_session()
        client.send(Command.VERSION)
        assert client.nothing_came()
        client.connect()
        assert client.ask(Command.VERSION).command == Command.ACK_OK


def test_sessions_may_get_the_same_id(fleet: Fleet):
    terminal = fleet.add(TerminalConfig(transport="udp"))
    terminal.next_session(77, 77)
    with connected(terminal, udp=True) as first, connected(terminal, udp=True) as second:
        assert first.session == second.session == 77


def datagrams_of_a_read(terminal) -> list[Frame]:
    with connected(terminal, udp=True) as client:
        client.prepare()
        client.send(Command.READ_BUFFER, struct.pack("<ii", 0, 4004))
        terminal.settle()
        client.socket.setblocking(False)
        arrived = []
        try:
            while True:
                arrived.append(client.next_frame())
        except BlockingIOError:
            return arrived


def udp_terminal(fleet: Fleet):
    return fleet.add(TerminalConfig(records=100, transport="udp"))


WHOLE = [Command.PREPARE_DATA, 0, 1, 2, 3, Command.ACK_OK]


def names(arrived: list[Frame]) -> list[int]:
    return [frame.field3 if frame.command == Command.DATA else frame.command for frame in arrived]


def test_datagrams_come_in_order_and_once(fleet: Fleet):
    assert names(datagrams_of_a_read(udp_terminal(fleet))) == WHOLE


def test_the_closing_datagram_may_overtake_the_last_one(fleet: Fleet):
    terminal = udp_terminal(fleet)
    terminal.reorder_datagrams()
    assert names(datagrams_of_a_read(terminal)) == [*WHOLE[:-2], Command.ACK_OK, 3]


def test_datagrams_may_come_twice(fleet: Fleet):
    terminal = udp_terminal(fleet)
    terminal.at(Moment.BEFORE_READ, lambda: setattr(terminal.trouble, "duplicate_datagrams", True))
    assert names(datagrams_of_a_read(terminal)) == [name for name in WHOLE for _ in range(2)]


def test_datagrams_may_be_lost(fleet: Fleet):
    terminal = udp_terminal(fleet)
    terminal.at(Moment.BEFORE_READ, lambda: terminal.lose_datagrams(2))
    assert names(datagrams_of_a_read(terminal)) == WHOLE[2:]


def test_each_third_datagram_may_be_lost(fleet: Fleet):
    terminal = udp_terminal(fleet)
    terminal.at(Moment.BEFORE_READ, lambda: terminal.lose_datagrams(every=3))
    assert names(datagrams_of_a_read(terminal)) == [name for index, name in enumerate(WHOLE) if index not in {2, 5}]


@over_both
def test_foreign_bytes_are_the_answer_to_everything(fleet: Fleet, udp):
    terminal = fleet.add(TerminalConfig(transport="both"))
    terminal.speak_foreign(b"\xaa\x01hello")
    with RawClient(terminal, udp=udp) as client:
        client.send(Command.CONNECT, reply_id=0)
        assert client.receive_bytes(7) == b"\xaa\x01hello"
