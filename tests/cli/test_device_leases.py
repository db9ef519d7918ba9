"""Whoever probes or audits a terminal holds its lease meanwhile, and waits for the collector that is at it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import psycopg
import pytest

from eabsensi.clock import SystemClock
from eabsensi.collecting.auditing import audit
from eabsensi.collecting.leasing import Leases
from eabsensi.collecting.poll import Poller
from eabsensi.collecting.visiting import TerminalHeldError, Visit
from eabsensi.devices.commands import Command
from eabsensi.devices.errors import CancelledError, LeaseOverError
from eabsensi.devices.session import Endpoint
from eabsensi.devices.simulator.config import TerminalConfig
from eabsensi.devices.simulator.fleet import Fleet
from eabsensi.devices.simulator.terminal import Terminal
from eabsensi.devices.waiting import StopSignal
from eabsensi.store.devices import StoredDevice, find_device

SERIAL = "CJDE2026001"
RIVAL = "peladen-2:71:13fe"


@pytest.fixture
def terminal(city) -> Iterator[Terminal]:
    """Give a terminal that is registered under its address."""
    with Fleet() as fleet:
        terminal = fleet.add(TerminalConfig(serial=SERIAL))
        terminal.fill(60, datetime(2026, 9, 1, 7, 0))
        register(city, terminal, terminal.host)
        yield terminal


def register(city, terminal: Terminal, host: str, *, live: bool = False) -> None:
    entry = f"serial: {SERIAL}, unit: DINKES, host: {host}, port: {terminal.port}, live: {str(live).lower()}"
    city.devices_file.write_text(f"devices:\n  - {{{entry}}}\n")
    assert city("device", "enable", SERIAL).code == 0


@pytest.fixture
def rival(store) -> Iterator[Leases]:
    """Give another collector."""
    with Leases(store, RIVAL) as leases:
        yield leases


@pytest.fixture
def held(store, terminal, rival, monkeypatch) -> None:
    """Let another collector be at the terminal, and let commands wait for nobody."""
    assert rival.take(device_of(store).id)
    monkeypatch.setitem(Visit.__init__.__kwdefaults__, "seconds", 0)  # type: ignore[arg-type]  # it has defaults


@pytest.fixture
def visit(store) -> Iterator[Visit]:
    stop = StopSignal()
    with Visit(store, SystemClock(), name="meja-ti:9:0001", stop=stop) as visit:
        yield visit
    stop.close()


def device_of(store) -> StoredDevice:
    with store.begin() as connection:
        device = find_device(connection, SERIAL)
    assert device is not None
    return device


def talk(city, terminal: Terminal, what: str) -> Any:
    words = (terminal.host, "--port", terminal.port) if what == "probe" else (SERIAL,)
    return city("device", what, *words)


WHATS = pytest.mark.parametrize("what", ["audit", "users", "probe"])


@WHATS
def test_the_lease_is_held_while_it_is_spoken_to_and_given_back(city, terminal, database, owner, what) -> None:
    holders, answer = [], terminal.service._handlers[Command.FREE_SIZES]

    def look_who_holds_it(*frame: Any) -> Any:
        with psycopg.connect(database.replace("+psycopg", "")) as connection:
            holders.extend(connection.execute("SELECT serial FROM device_lease JOIN device ON id = device_id"))
        return answer(*frame)

    terminal.service._handlers[Command.FREE_SIZES] = look_who_holds_it
    assert talk(city, terminal, what).code == 0
    assert set(holders) == {(SERIAL,)}
    assert owner.execute("SELECT count(*) FROM device_lease").fetchone() == (0,)


@WHATS
@pytest.mark.usefixtures("held")
def test_a_terminal_that_a_collector_is_at_is_not_spoken_to(city, terminal, what) -> None:
    outcome = talk(city, terminal, what)
    assert outcome.code == 1
    assert f"The collector {RIVAL} is at {SERIAL}; a terminal is never spoken to by two." in outcome.err
    assert f"eabsensi poll {SERIAL} --full" in outcome.err
    assert terminal.counters.connections == 0


@pytest.mark.usefixtures("held")
def test_a_collector_that_holds_a_live_session_is_told_of(city, terminal) -> None:
    register(city, terminal, terminal.host, live=True)
    assert "and keeps a session open for live events" in city("device", "audit", SERIAL).err


def test_a_terminal_is_probed_that_nobody_has_registered(city, terminal, store, rival, owner) -> None:
    rival.take(device_of(store).id)
    with Fleet() as fleet:
        new = fleet.add(TerminalConfig(serial="CJDE2026777"))
        outcome = city("device", "probe", new.host, "--port", new.port)
    assert outcome.code == 0
    assert "CJDE2026777" in outcome.out
    assert owner.execute("SELECT holder FROM device_lease").fetchall() == [(RIVAL,)]


@pytest.mark.usefixtures("held")
def test_another_name_for_the_same_address_is_seen_through(city, terminal) -> None:
    register(city, terminal, "localhost")
    assert talk(city, terminal, "probe").code == 1
    assert terminal.counters.connections == 0


@pytest.mark.usefixtures("held")
def test_a_registered_terminal_at_an_address_nobody_knew_is_let_go_when_it_tells_its_serial(city, terminal) -> None:
    register(city, terminal, "10.20.30.40")
    outcome = talk(city, terminal, "probe")
    assert outcome.code == 1
    assert f"The collector {RIVAL} is at {SERIAL}" in outcome.err
    assert terminal.counters.log_bytes_read == 0
    assert (terminal.counters.exits_seen, terminal.counters.sessions_left_open) == (1, 0)


def test_users_of_another_terminal_are_not_kept_under_this_ones_name(city, terminal) -> None:
    terminal.swap_serial("CJDE2026999")
    outcome = city("device", "users", SERIAL)
    assert outcome.code == 1
    assert "answers as CJDE2026999, not as CJDE2026001" in outcome.err


def test_whoever_is_at_it_is_waited_for(city, terminal, store, rival) -> None:
    device, told = device_of(store), []
    rival.take(device.id)

    def hear(sentence: str) -> None:
        told.append(sentence)
        rival.drop(device.id)

    with Visit(store, SystemClock(), name="meja-ti:9:0001", stop=StopSignal(), on_wait=hear) as visit:
        visit.wait_for(device)
    assert told == [f"The collector {RIVAL} is at {SERIAL}; waiting 20 s at most."]


def test_who_is_told_to_stop_waits_no_more(city, terminal, store, rival, visit) -> None:
    rival.take(device_of(store).id)
    visit.stop.set()
    with pytest.raises(CancelledError):
        visit.wait_for(device_of(store))


def test_a_talk_ends_with_its_lease(city, terminal, store, visit) -> None:
    device = device_of(store)
    visit.wait_for(device)
    visit.deadline(60).require_right()
    visit.__exit__()
    with pytest.raises(LeaseOverError):
        visit.deadline(60).require_right()
    poller = Poller(store, SystemClock(), int, collector=visit.name)
    assert audit(store, poller, device, deadline=visit.deadline).poll.outcome == "lease_over"
    assert terminal.counters.connections == 0


def test_of_two_at_one_address_the_one_that_is_read_is_waited_for(city, terminal, store, rival, visit) -> None:
    before = f"  - {{serial: AAA111, unit: DINKES, host: {terminal.host}, port: {terminal.port}, enabled: false}}\n"
    city.devices_file.write_text(f"devices:\n{before}")
    assert city("device", "disable", "AAA111").code == 0
    register(city, terminal, terminal.host)
    rival.take(device_of(store).id)
    visit._seconds = 0
    with pytest.raises(TerminalHeldError, match=SERIAL):
        visit.wait_at(Endpoint(terminal.host, terminal.port))
