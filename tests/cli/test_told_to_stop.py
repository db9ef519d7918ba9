"""Commands that talk to terminals are told to stop in the middle: sessions end, leases are given back."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import pytest
from waiting import until

from eabsensi.cli.stopping import StoppedError, stoppable
from eabsensi.devices.commands import Command
from eabsensi.devices.simulator.config import TerminalConfig
from eabsensi.devices.simulator.fleet import Fleet
from eabsensi.devices.simulator.terminal import Terminal

FIRST = datetime(2026, 9, 1, 7, 0)
LEASES = "SELECT count(*) FROM device_lease"


@pytest.fixture
def fleet() -> Iterator[Fleet]:
    with Fleet() as fleet:
        yield fleet


@pytest.fixture
def terminals(city, fleet) -> list[Terminal]:
    """Give three registered terminals; the second and third fall silent when they are asked for their sizes."""
    terminals = [fleet.add(TerminalConfig(serial=f"CJDE202600{number}")) for number in range(3)]
    for terminal in terminals:
        terminal.fill(30, FIRST)
    entries = [
        f"  - {{serial: {one.config.serial}, unit: DINKES, host: {one.host}, port: {one.port}}}\n" for one in terminals
    ]
    city.devices_file.write_text("".join(["devices:\n", *entries]))
    assert city("device", "enable", "CJDE2026000").code == 0
    for terminal in terminals[1:]:
        fall_silent(terminal)
    return terminals


def fall_silent(terminal: Terminal) -> None:
    """Let it say nothing to one question; it still listens, so a goodbye reaches it."""
    terminal.service._handlers[Command.FREE_SIZES] = lambda *_: []


def is_silent(terminal: Terminal) -> bool:
    return any("SIZES" in name for name in terminal.counters.commands_seen)


@contextmanager
def started(city, *words: object) -> Iterator[subprocess.Popen[str]]:
    """Run a command in a process that ignores no signal, even where the tests run under nohup or in the background."""
    environment = {name: os.environ[name] for name in ("PATH", "LANG", "TMPDIR") if name in os.environ}
    process = subprocess.Popen(
        ["env", "--default-signal=INT,HUP", sys.executable, "-m", "eabsensi", *map(str, words)],
        env=environment | city.environment,
        cwd=Path(__file__).parents[2],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            yield process
        finally:
            process.kill()  # nothing, where it has ended


def stop(process: subprocess.Popen[str], number: int) -> tuple[str, str]:
    process.send_signal(number)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 128 + number, err
    return out, err


def assert_all_is_given_back(terminals: list[Terminal], owner) -> None:
    """No lease, no session, every goodbye said, nothing forbidden sent: no terminal is left locked or taken."""
    until(lambda: not any(terminal.open_sessions for terminal in terminals), "no session is left")
    assert owner.execute(LEASES).fetchone() == (0,)
    for terminal in terminals:
        counters = terminal.counters
        assert (counters.exits_seen, counters.sessions_left_open) == (counters.sessions_opened, 0)
        assert terminal.forbidden_seen == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_sweep_that_is_told_to_stop_gives_all_back_and_tells_what_it_has_read(city, terminals, owner, number) -> None:
    under_way = "SELECT (SELECT count(*) FROM poll WHERE outcome = 'ok'), (SELECT count(*) FROM device_lease)"
    with started(city, "poll") as process:
        until(lambda: owner.execute(under_way).fetchone() == (1, 2), "one is read, two leases are held")
        until(lambda: all(map(is_silent, terminals[1:])), "the sweep hangs")
        out, err = stop(process, number)
    assert f"Error: Stopped by {number.name}: 1 of 3 terminals were read." in err
    assert "Traceback" not in err
    assert out.count("cancelled") == 2
    assert "1 of 3 terminals read, 30 new punches." in out
    assert_all_is_given_back(terminals, owner)


@pytest.mark.parametrize(("what", "number"), [("audit", signal.SIGTERM), ("probe", signal.SIGHUP)])
def test_a_talk_with_one_terminal_that_is_told_to_stop_gives_all_back(city, terminals, owner, what, number) -> None:
    silent = terminals[1]
    words = ("CJDE2026001",) if what == "audit" else (silent.host, "--port", silent.port)
    with started(city, "device", what, *words) as process:
        until(lambda: is_silent(silent), "it is asked")
        assert owner.execute(LEASES).fetchone() == (1,)
        out, err = stop(process, number)
    assert out == ""
    assert err == (
        f"Error: Stopped by {number.name}. No session was left on a terminal; what was not read stays in its log.\n"
    )
    assert_all_is_given_back(terminals, owner)


def test_a_sweep_that_waits_for_a_collectors_answer_stops_too(city, terminals, owner) -> None:
    owner.execute(
        "INSERT INTO device_lease SELECT id, 'peladen-2:1:aaaa', now() + '1 h' FROM device WHERE serial = 'CJDE2026000'"
    )
    with started(city, "poll", "CJDE2026000") as process:
        until(lambda: owner.execute("SELECT 1 FROM poll_request").fetchone(), "the holder is asked")
        out, err = stop(process, signal.SIGTERM)
    assert "held" in out
    assert "Stopped by SIGTERM: 0 of 1 terminals were read." in err
    assert owner.execute("SELECT holder FROM device_lease").fetchall() == [("peladen-2:1:aaaa",)]


def test_a_signal_that_the_caller_has_ignored_stays_ignored() -> None:
    before, at_first = signal.signal(signal.SIGHUP, signal.SIG_IGN), signal.getsignal(signal.SIGTERM)
    try:
        with stoppable() as stopping:
            signal.raise_signal(signal.SIGHUP)
            assert stopping.number is None
            signal.raise_signal(signal.SIGTERM)
            assert (stopping.number, stopping.signal.is_set) == (signal.SIGTERM, True)
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)
    assert signal.getsignal(signal.SIGTERM) is at_first
    with pytest.raises(StoppedError, match="Stopped by SIGTERM") as stopped:
        stopping.require_not_stopped()
    assert stopped.value.exit_code == 143
