"""Sessions, reply ids and lines behave as captured devices do."""

from __future__ import annotations

import itertools
import struct

import pytest
from rawclient import RawClient, connected

from eabsensi.clock import SystemClock
from eabsensi.devices import commkey, frames
from eabsensi.devices.commands import Command
from eabsensi.devices.frames import Frame
from eabsensi.devices.simulator.config import TerminalConfig
from eabsensi.devices.simulator.fleet import Fleet

over_both = pytest.mark.parametrize("udp", [pytest.param(False, id="tcp"), pytest.param(True, id="udp")])


def test_a_second_client_is_answered_when_the_first_has_gone(fleet: Fleet):
    terminal = fleet.add()
    with connected(terminal) as first, RawClient(terminal) as second:
        second.send(Command.CONNECT, reply_id=0)
        assert first.ask(Command.VERSION).command == Command.ACK_OK
        assert second.nothing_came(is_served=False)
        assert terminal.counters.connections == 1
        first.ask(Command.EXIT)
        assert second.nothing_came(is_served=False), "EXIT ends the session, not the connection"
        first.close()
        assert second.next_frame().command == Command.ACK_OK


def test_a_probe_connection_is_served_and_forgotten_before_the_next(fleet: Fleet):
    terminal = fleet.add()
    RawClient(terminal).close()
    with connected(terminal) as client:
        assert client.option("~SerialNumber").payload == f"~SerialNumber={terminal.serial}\x00".encode()


def test_udp_clients_do_not_wait_for_each_other(fleet: Fleet):
    terminal = fleet.add(TerminalConfig(transport="udp"))
    with connected(terminal, udp=True) as first, connected(terminal, udp=True) as second:
        assert first.session != second.session
        assert first.ask(Command.VERSION) == Frame(Command.ACK_OK, first.session, 1, b"Ver 6.60 Apr 26 2016\x00")
        assert second.ask(Command.VERSION).field3 == second.session


def test_tcp_and_udp_share_a_port_number(fleet: Fleet):
    terminal = fleet.add(TerminalConfig(transport="both"))
    with connected(terminal) as tcp, connected(terminal, udp=True) as udp:
        assert tcp.ask(Command.VERSION).payload == udp.ask(Command.VERSION).payload


@over_both
def test_the_same_reply_id_is_answered_again_and_not_done_again(fleet: Fleet, udp):
    terminal = fleet.add(TerminalConfig(records=5, transport="both"))
    with connected(terminal, udp=udp) as client:
        first = client.ask(Command.CLEAR_ATTLOG)
        terminal.punch("1")
        assert client.ask(Command.CLEAR_ATTLOG, reply_id=first.reply_id) == first
        assert terminal.state.log.count == 1
        assert terminal.counters.replayed == 1


@over_both
def test_a_lower_reply_id_is_dropped(fleet: Fleet, udp):
    terminal = fleet.add(TerminalConfig(transport="both"))
    with connected(terminal, udp=udp) as client:
        client.ask(Command.VERSION, reply_id=7)
        client.send(Command.VERSION, reply_id=3)
        assert client.nothing_came()
        assert client.ask(Command.VERSION, reply_id=8).reply_id == 8
        assert terminal.counters.dropped == 1


def test_after_65535_a_lower_reply_id_is_taken(fleet: Fleet):
    with connected(fleet.add()) as client:
        client.ask(Command.VERSION, reply_id=0xFFFF)
        assert client.ask(Command.VERSION, reply_id=0).command == Command.ACK_OK


def test_some_firmware_takes_any_reply_id(fleet: Fleet):
    with connected(fleet.add(TerminalConfig(strict_reply_ids=False))) as client:
        client.ask(Command.VERSION, reply_id=7)
        assert client.ask(Command.VERSION, reply_id=3).reply_id == 3


@over_both
def test_a_wrong_checksum_is_dropped(fleet: Fleet, udp):
    terminal = fleet.add(TerminalConfig(transport="both"))
    with connected(terminal, udp=udp) as client:
        message = bytearray(frames.encode(Frame(Command.VERSION, client.session, 1)))
        message[2] ^= 1
        top = b"" if udp else frames.TCP_MAGIC + len(message).to_bytes(4, "little")
        client.send_bytes(top + message)
        assert client.nothing_came()
        assert client.ask(Command.VERSION).reply_id == 1


@over_both
def test_an_unknown_session_is_dropped(fleet: Fleet, udp):
    with connected(fleet.add(TerminalConfig(transport="both")), udp=udp) as client:
        client.session ^= 1
        client.send(Command.VERSION)
        assert client.nothing_came()


def test_bytes_that_begin_no_frame_are_thrown_away(fleet: Fleet):
    with connected(fleet.add()) as client:
        client.send_bytes(b"GET / HTTP/1.0\r\n\r\n")
        assert client.nothing_came()
        assert client.ask(Command.VERSION).command == Command.ACK_OK


def test_connect_on_a_line_with_a_session_gives_the_same_one(fleet: Fleet):
    with connected(fleet.add()) as client:
        client.ask(Command.VERSION, reply_id=9)
        session = client.session
        assert client.connect().field3 == session
        assert client.ask(Command.VERSION, reply_id=1).reply_id == 1


def test_everything_is_unauthorised_before_the_key(fleet: Fleet):
    terminal = fleet.add(TerminalConfig(comm_key=77))
    with connected(terminal) as client:
        for command in (Command.VERSION, Command.FREE_SIZES, Command.PREPARE_BUFFER, Command.CLEAR_ATTLOG):
            assert client.ask(command).command == Command.ACK_UNAUTH
        assert client.ask(Command.AUTH, commkey.scramble(77, client.session)).command == Command.ACK_OK
        assert client.ask(Command.VERSION).command == Command.ACK_OK


def test_any_tick_byte_is_taken(fleet: Fleet):
    with connected(fleet.add(TerminalConfig(comm_key=77))) as client:
        assert client.ask(Command.AUTH, commkey.scramble(77, client.session, tick=201)).command == Command.ACK_OK


def test_wrong_keys_lock_the_terminal_until_it_restarts(fleet: Fleet):
    terminal = fleet.add(TerminalConfig(comm_key=77, lockout_after=3))
    with connected(terminal) as client:
        wrong = [client.ask(Command.AUTH, b"\x00\x00\x32\x00").command for _ in range(3)]
        right = client.ask(Command.AUTH, commkey.scramble(77, client.session)).command
    assert wrong == [Command.ACK_UNAUTH] * 3
    assert right == Command.ACK_LOCKED_OUT
    terminal.reboot()
    with connected(terminal) as client:
        assert client.ask(Command.AUTH, commkey.scramble(77, client.session)).command == Command.ACK_OK


def test_exit_unlocks_and_a_bare_drop_does_not(fleet: Fleet):
    terminal = fleet.add()
    with connected(terminal) as client:
        client.ask(Command.DISABLE_DEVICE)
    terminal.settle()
    assert terminal.punch("1") is None
    assert terminal.counters.sessions_left_open == 1
    with connected(terminal) as client:
        client.ask(Command.EXIT)
    assert terminal.punch("1") is not None


def test_a_disable_with_a_timer_ends_by_itself(fleet: Fleet):
    seconds = itertools.count(step=30)

    class JumpingClock(SystemClock):
        def monotonic(self):
            return next(seconds)

    terminal = fleet.add(TerminalConfig(clock=JumpingClock()))
    with connected(terminal) as client:
        client.ask(Command.DISABLE_DEVICE, struct.pack("<I", 60))
        assert terminal.punch("1") is None
        assert terminal.punch("1") is not None


def test_an_unknown_command_is_named_so(fleet: Fleet):
    with connected(fleet.add()) as client:
        assert client.ask(4321).command == Command.ACK_UNKNOWN
        assert client.prepare(bytes.fromhex("01e7030000000000000000")).command == Command.ACK_UNKNOWN


def test_restart_confirms_and_then_closes(fleet: Fleet):
    terminal = fleet.add()
    with connected(terminal) as client:
        assert client.ask(Command.RESTART).command == Command.ACK_OK
        with pytest.raises(EOFError):
            client.next_frame()
    connected(terminal).close()


def test_power_off_confirms_and_then_refuses(fleet: Fleet):
    terminal = fleet.add()
    with connected(terminal) as client:
        assert client.ask(Command.POWER_OFF).command == Command.ACK_OK
    terminal.settle()
    with pytest.raises(ConnectionRefusedError):
        RawClient(terminal)


@over_both
@pytest.mark.parametrize("size", [1, 2, 7, 16, 1023])
def test_a_table_may_be_read_in_pieces_of_any_size(fleet: Fleet, udp, size):
    terminal = fleet.add(TerminalConfig(records=40, transport="both"))
    body = terminal.state.log.read(0, terminal.state.log.body_bytes)
    with connected(terminal, udp=udp) as client:
        assert client.read_table(step=size) == struct.pack("<I", len(body)) + body


@pytest.mark.parametrize("always_long", [True, False])
def test_long_and_short_form(fleet: Fleet, always_long):
    terminal = fleet.add(TerminalConfig(records=100, always_long_form=always_long))
    with connected(terminal) as client:
        client.prepare()
        answer = client.answer_of(Command.READ_BUFFER, struct.pack("<ii", 0, 100))
    short, long = [Command.DATA], [Command.PREPARE_DATA, Command.DATA, Command.ACK_OK]
    assert [frame.command for frame in answer] == (long if always_long else short)


def test_a_read_outside_the_table_is_an_error(fleet: Fleet):
    with connected(fleet.add(TerminalConfig(records=100))) as client:
        client.prepare()
        for start, size in ((-1, 10), (4000, 10), (0, 0), (5000, 1)):
            assert client.ask(Command.READ_BUFFER, struct.pack("<ii", start, size)).command == Command.ACK_ERROR
        client.ask(Command.FREE_DATA)
        assert client.ask(Command.READ_BUFFER, struct.pack("<ii", 0, 10)).command == Command.ACK_ERROR


def test_a_time_range_is_read_where_the_firmware_can(fleet: Fleet):
    request = bytes.fromhex("011427")
    terminal = fleet.add(TerminalConfig(records=10, supports_time_range=True))
    records = list(terminal.state.log.records())
    first, last = (struct.unpack_from("<i", record, 27)[0] for record in (records[2], records[5]))
    with connected(terminal) as client:
        body = client.read_table(request + struct.pack("<ii", first, last))
    assert body[4:] == b"".join(records[2:6])


def test_the_counters_tell_what_crossed_the_wire(fleet: Fleet):
    terminal = fleet.add(TerminalConfig(records=100))
    with connected(terminal) as client:
        client.read_table()
        client.ask(Command.EXIT)
    counters = terminal.counters
    assert counters.round_trips == 4
    assert counters.bytes_in == 16 + (16 + 11) + (16 + 8) + 16
    assert counters.log_bytes_read == 4004
    assert counters.bytes_out == 16 + (16 + 13) + 24 + 4004 + 4 * 16 + 16 + 16
    assert counters.commands_seen["READ_BUFFER (1504)"] == 1
    counters.reset()
    assert counters.bytes_total == 0
    assert not counters.commands_seen


@over_both
def test_two_who_talk_to_one_terminal_are_noticed(fleet: Fleet, udp: bool):
    terminal = fleet.add(TerminalConfig(transport="udp" if udp else "tcp"))
    with connected(terminal, udp=udp) as first:
        first.count()
        assert terminal.counters.spoken_over == 0
        with RawClient(terminal, udp=udp) as second:
            if udp:
                second.connect()
            first.count()
            first.ask(Command.EXIT)
            first.close()
            terminal.settle()
            assert terminal.counters.spoken_over == 1, "a goodbye disturbs nobody"
            assert terminal.counters.clients_waited == (not udp)
