"""Live events over held sessions: heard, acknowledged, lost and found again."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import datetime

import pytest
from waiting import until

from eabsensi.devices.attlog import Punch
from eabsensi.devices.commands import Command, name_of
from eabsensi.devices.live import LiveWatch
from eabsensi.devices.session import Endpoint, Patience, Session
from eabsensi.devices.simulator.config import TerminalConfig
from eabsensi.devices.simulator.fleet import Fleet
from eabsensi.devices.simulator.terminal import Terminal
from eabsensi.devices.waiting import Deadline, StopSignal

NOON = datetime(2026, 10, 1, 12, 0)


class Listener:
    """A watch that runs in a thread, and what it told."""

    def __init__(self, idle_seconds: float = 45, answer_seconds: float = 15) -> None:
        self.punches: list[tuple[str, Punch]] = []
        self.lost: list[tuple[str, str]] = []
        self.stop = StopSignal()
        self.watch = LiveWatch(
            on_punches=lambda serial, punches: self.punches.extend((serial, punch) for punch in punches),
            on_lost=lambda serial, error: self.lost.append((serial, error.kind)),
            idle_seconds=idle_seconds,
            answer_seconds=answer_seconds,
        )
        self.thread = threading.Thread(target=self.watch.run, args=(self.stop,))
        self.thread.start()

    def end(self) -> None:
        self.stop.set()
        self.thread.join()
        self.stop.close()

    def pins(self) -> list[str]:
        return [punch.pin for _, punch in self.punches]


@pytest.fixture
def fleet() -> Iterator[Fleet]:
    with Fleet() as fleet:
        yield fleet


@pytest.fixture
def listener() -> Iterator[Listener]:
    listener = Listener()
    yield listener
    listener.end()


def held(listener: Listener, terminal: Terminal) -> None:
    transport = "udp" if terminal.config.transport == "udp" else "tcp"
    endpoint = Endpoint(terminal.host, terminal.port, transport, patience=Patience(connect=5, command=5, goodbye=1))
    session = Session(endpoint, deadline=Deadline.after(60))
    session.register_events()
    listener.watch.hold(terminal.serial, session)
    until(lambda: terminal.serial in listener.watch.serials, "the session is held")


@pytest.mark.parametrize("transport", ["tcp", "udp"])
@pytest.mark.parametrize("event_bytes", [10, 12, 14, 32, 36, 37, 52])
def test_punches_are_heard_and_acknowledged(fleet: Fleet, listener: Listener, transport: str, event_bytes: int) -> None:
    terminal = fleet.add(TerminalConfig(transport=transport, event_bytes=event_bytes))  # type: ignore[arg-type]
    held(listener, terminal)
    for pin in ("1", "2", "3"):
        terminal.punch(pin, NOON)
    until(lambda: listener.pins() == ["1", "2", "3"], "all three are heard")
    until(lambda: terminal.counters.events_confirmed == 3, "all three are acknowledged")


def test_many_terminals_are_watched_by_one_loop(fleet: Fleet, listener: Listener) -> None:
    terminals = fleet.add_all([TerminalConfig(serial=f"SIM{at:04}") for at in range(20)])
    for terminal in terminals:
        held(listener, terminal)
    for terminal in terminals:
        terminal.punch("7", NOON)
    until(lambda: len(listener.punches) == 20, "every terminal is heard")
    assert {serial for serial, _ in listener.punches} == {terminal.serial for terminal in terminals}


def test_a_borrowed_session_reads_and_what_was_heard_meanwhile_is_not_forgotten(
    fleet: Fleet, listener: Listener
) -> None:
    terminal = fleet.add(TerminalConfig())
    held(listener, terminal)
    session = listener.watch.borrow(terminal.serial)
    assert session is not None
    assert listener.watch.borrow(terminal.serial) is None
    terminal.event_in_the_middle_of_next_reply(terminal.punch("4", NOON))
    session.sizes()
    listener.watch.hold(terminal.serial, session)
    until(lambda: "4" in listener.pins(), "the event is heard")
    terminal.punch("5", NOON)
    until(lambda: "5" in listener.pins(), "listening goes on")


def test_a_terminal_that_restarted_in_silence_is_let_go(fleet: Fleet) -> None:
    listener = Listener(idle_seconds=0, answer_seconds=0.2)
    terminal = fleet.add(TerminalConfig())
    held(listener, terminal)
    terminal.reboot_silently()
    until(lambda: listener.lost == [(terminal.serial, "no_answer")], "the silence is noticed")
    listener.end()


def test_an_idle_terminal_that_answers_is_kept(fleet: Fleet) -> None:
    listener = Listener(idle_seconds=0, answer_seconds=30)
    terminal = fleet.add(TerminalConfig())
    held(listener, terminal)
    until(lambda: terminal.counters.commands_seen[name_of(Command.TIME_READ)] >= 2, "it was asked twice")
    assert listener.lost == []
    listener.end()


def test_a_terminal_that_hangs_up_is_let_go_at_once(fleet: Fleet, listener: Listener) -> None:
    terminal = fleet.add(TerminalConfig())
    held(listener, terminal)
    terminal.hang_up()
    until(lambda: [serial for serial, _ in listener.lost] == [terminal.serial], "the loss is told")


def test_floods_and_noise_among_events_do_no_harm(fleet: Fleet, listener: Listener) -> None:
    terminal = fleet.add(TerminalConfig())
    held(listener, terminal)
    for length in range(0, 80, 7):
        terminal.send_event(1, bytes(length))
    terminal.send_event(256, b"d")
    terminal.punch("9", NOON)
    until(lambda: "9" in listener.pins(), "the punch is heard among the noise")


def test_stopping_says_goodbye_to_every_terminal(fleet: Fleet) -> None:
    listener = Listener()
    terminals = fleet.add_all([TerminalConfig(serial=f"SIM{at:04}") for at in range(8)])
    for terminal in terminals:
        held(listener, terminal)
    listener.end()
    until(lambda: all(terminal.open_sessions == 0 for terminal in terminals), "every session is closed")
    assert all(terminal.counters.exits_seen == 1 for terminal in terminals)
    assert all(terminal.forbidden_seen == [] for terminal in terminals)
