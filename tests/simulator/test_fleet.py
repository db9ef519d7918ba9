"""A fleet starts, serves from other threads, and ends without leaving a thing behind."""

from __future__ import annotations

import concurrent.futures
import threading

import pytest
from rawclient import RawClient, connected

from eabsensi.devices.commands import Command
from eabsensi.devices.simulator.config import TerminalConfig
from eabsensi.devices.simulator.fleet import Fleet


def test_many_terminals_are_read_at_once(fleet: Fleet):
    terminals = fleet.add_all([TerminalConfig(serial=f"MANY{number:04d}", records=500) for number in range(60)])

    def read(terminal):
        with connected(terminal) as client:
            serial = client.option("~SerialNumber").payload
            body = client.read_table()
            client.ask(Command.EXIT)
        return serial.decode(), len(body)

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        told = list(pool.map(read, terminals))
    assert told == [(f"~SerialNumber=MANY{number:04d}\x00", 4 + 500 * 40) for number in range(60)]
    assert [terminal.counters.exits_seen for terminal in terminals] == [1] * 60


def test_terminals_filled_alike_share_the_bytes(fleet: Fleet):
    first, second = fleet.add_all([TerminalConfig(records=2000, serial=serial) for serial in ("A1", "A2")])
    assert first.state.log.read(0, 80_000) is second.state.log.read(0, 80_000)
    second.punch("1")
    assert (first.state.log.count, second.state.log.count) == (2000, 2001)


def test_a_log_of_200_000_records_is_read_to_its_end(fleet: Fleet):
    terminal = fleet.add(TerminalConfig(records=200_000, record_capacity=200_000, packet_bytes=65_536))
    with connected(terminal) as client:
        assert len(client.read_table()) == 4 + 200_000 * 40


def test_terminals_may_have_addresses_and_ports_of_their_own(fleet: Fleet):
    first = fleet.add(TerminalConfig(host="127.0.0.2", transport="both"))
    second = fleet.add(TerminalConfig(host="127.0.0.3", port=first.port, transport="both"))
    assert (second.host, second.port) == ("127.0.0.3", first.port)
    connected(second).close()


def test_an_address_in_use_is_an_error_and_leaves_nothing(fleet: Fleet):
    taken = fleet.add(TerminalConfig(transport="both"))
    with pytest.raises(OSError, match="in use"):
        fleet.add(TerminalConfig(port=taken.port, transport="both"))
    assert fleet.terminals == [taken]


def test_none_of_many_listens_where_one_address_is_in_use(fleet: Fleet):
    taken = fleet.add()
    probe = fleet.add(TerminalConfig(transport="both"))
    free = probe.port
    probe.go_offline()
    fleet.terminals.remove(probe)
    fleet._in_thread(probe.stop)
    with pytest.raises(OSError, match="in use"):
        fleet.add_all([TerminalConfig(port=free, transport="both"), TerminalConfig(port=taken.port)])
    with pytest.raises(ConnectionRefusedError):
        RawClient(probe)


def test_stopping_ends_threads_and_connections():
    fleet = Fleet().start()
    terminal = fleet.add(TerminalConfig(transport="both"))
    with connected(terminal) as client:
        fleet.stop()
        with pytest.raises((EOFError, ConnectionResetError)):
            client.next_frame()
    with pytest.raises(ConnectionRefusedError):
        RawClient(terminal)
    fleet.stop()
    assert not [thread for thread in threading.enumerate() if thread.name == "simulated-terminals"]


def test_the_truth_can_be_asked_after_the_end():
    with Fleet() as fleet:
        terminal = fleet.add(TerminalConfig(records=3))
        terminal.punch("1")
    assert len(terminal.ever_punched) == 4
    assert terminal.forbidden_seen == []
