"""`eabsensi run` as a process: signs of life, reload, stop, kill, and a database that goes away."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from small_city import FIRST, City
from waiting import until

from eabsensi.collecting.sdnotify import notify
from eabsensi.devices.simulator.terminal import Terminal


class Running:
    """A collector process, with a socket that hears what it tells systemd."""

    def __init__(self, city: City, database: str, folder: Path) -> None:
        self.city = city
        self.devices = folder / "devices.yaml"
        self.said: list[str] = []
        self._notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._notify.bind(str(folder / "notify"))
        self._notify.setblocking(False)
        self._environment = {
            **os.environ,
            "EABSENSI_DATABASE_URL": database,
            "EABSENSI_DEVICES": str(self.devices),
            "EABSENSI_HOME": str(folder),
            "NOTIFY_SOCKET": str(folder / "notify"),
            "WATCHDOG_USEC": "2000000",
        }
        self.log = (folder / "log").open("w+")
        self.process: subprocess.Popen[bytes] | None = None

    def write_registry(self) -> None:
        lines = ["devices:"]
        for device in self.city.listed:
            lines += [
                f"  - serial: {device.serial}",
                f"    unit: {device.unit}",
                f"    name: {device.name}",
                f"    host: {device.host}",
                f"    port: {device.port}",
                f"    transport: {device.transport}",
                f"    live: {str(device.live).lower()}",
            ]
        self.devices.write_text("\n".join(lines) + "\n")

    def start(self) -> None:
        self.write_registry()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "eabsensi", "run"], env=self._environment, stderr=self.log, stdout=self.log
        )
        self.until_said("READY=1")

    def signal(self, number: int) -> None:
        assert self.process is not None
        self.process.send_signal(number)

    def wait(self) -> int:
        assert self.process is not None
        return self.process.wait(60)

    def hear(self) -> list[str]:
        while True:
            try:
                self.said += self._notify.recv(4096).decode().splitlines()
            except BlockingIOError:
                return self.said

    def until_said(self, words: str) -> None:
        until(lambda: any(words in line for line in self.hear()) or self._ended(), words)
        assert any(words in line for line in self.said), self.logged()

    def logged(self) -> str:
        self.log.flush()
        return Path(self.log.name).read_text()

    def _ended(self) -> bool:
        return self.process is not None and self.process.poll() is not None

    def close(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self._notify.close()
        self.log.close()


@pytest.fixture
def running(city: City, database: str, tmp_path: Path) -> Iterator[Running]:
    running = Running(city, database, tmp_path)
    yield running
    running.close()


def is_kept(city: City, terminal: Terminal) -> bool:
    return len(city.stored(terminal.serial)) == len(terminal.ever_punched)


def is_listened_to(terminal: Terminal) -> bool:
    """Tell whether events were asked for: what is touched before that waits for the next poll."""
    return terminal.counters.commands_seen["EVENT (500)"] > 0


def test_nobody_who_listens_too_slowly_stops_the_service(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as deaf:
        deaf.bind(str(tmp_path / "notify"))
        environment = {"NOTIFY_SOCKET": str(tmp_path / "notify")}
        sent = [notify("WATCHDOG=1", environ=environment) for _ in range(10_000)]
    assert sent[0]
    assert not sent[-1]
    assert not notify("READY=1", environ={})


def test_it_collects_says_so_and_ends_with_every_session_closed(city: City, running: Running) -> None:
    polled, live = city.add("SIM0001"), city.add("SIM0002", live=True)
    for terminal in (polled, live):
        terminal.fill(50, FIRST)
    running.start()
    until(lambda: is_kept(city, polled) and is_kept(city, live), "both logs are kept")
    until(lambda: live.open_sessions == 1, "the live session is held")
    running.until_said("WATCHDOG=1")
    running.until_said("STATUS=2 terminals")

    running.signal(signal.SIGTERM)

    assert running.wait() == 0, running.logged()
    running.until_said("STOPPING=1")
    until(lambda: live.open_sessions == 0 and polled.open_sessions == 0, "no session is left open")
    assert live.counters.sessions_left_open == 0
    assert city.column("SELECT holder FROM device_lease WHERE expires_at > now()") == []
    city.assert_nothing_lost("SIM0001")
    city.assert_nothing_lost("SIM0002")


def test_a_live_punch_is_provisional_at_once_and_evidence_soon_after(city: City, running: Running) -> None:
    terminal = city.add(live=True)
    running.start()
    until(lambda: is_listened_to(terminal), "the session is held")

    terminal.punch("7")

    until(lambda: city.column("SELECT pin FROM live_event") == ["7"], "the event is heard")
    until(lambda: is_kept(city, terminal), "the log has been read")
    city.assert_nothing_lost()


def test_a_reload_takes_up_a_new_terminal_without_a_restart(city: City, running: Running) -> None:
    city.add("SIM0001")
    running.start()
    newcomer = city.add("SIM0002")
    newcomer.fill(5, FIRST)
    running.write_registry()

    running.signal(signal.SIGHUP)

    running.until_said("RELOADING=1")
    until(lambda: is_kept(city, newcomer), "the newcomer is read")


def test_a_broken_registry_leaves_the_fleet_as_it_was(city: City, running: Running) -> None:
    terminal = city.add(live=True)
    running.start()
    until(lambda: is_listened_to(terminal), "the session is held")
    running.devices.write_text("devices:\n  - serial: [\n")

    running.signal(signal.SIGHUP)

    running.until_said("RELOADING=1")
    until(lambda: "bad entry" in running.logged(), "the mistake is named")
    terminal.punch("3")
    until(lambda: is_kept(city, terminal), "it is still collected")


def test_stopping_does_not_wait_for_terminals_that_are_silent(city: City, running: Running) -> None:
    for at in range(4):
        city.add(f"SIM{at:04}").be_silent()
    running.start()
    until(lambda: all(t.counters.connections for t in city.terminals.values()), "all are being asked")
    running.signal(signal.SIGTERM)
    assert running.wait() == 0


def test_kill_at_any_moment_loses_and_doubles_nothing(city: City, running: Running) -> None:
    terminals = [city.add(f"SIM{at:04}", live=at % 2 == 0) for at in range(4)]
    for at, terminal in enumerate(terminals):
        terminal.fill(400, FIRST)
        terminal.delay(0.002 * (at + 1))
    for _ in range(4):
        running.start()
        running.said.clear()
        before = len(city.column("SELECT id FROM poll"))
        until(lambda before=before: len(city.column("SELECT id FROM poll")) > before, "something was kept")
        running.signal(signal.SIGKILL)
        running.wait()
        for terminal in terminals:
            terminal.punch("5")
        with city.store.begin_as_owner() as connection:
            connection.exec_driver_sql("UPDATE device_lease SET expires_at = now() - interval '1 second'")
    running.start()
    until(lambda: all(is_kept(city, terminal) for terminal in terminals), "everything is kept")
    running.signal(signal.SIGTERM)
    assert running.wait() == 0
    for terminal in terminals:
        city.assert_nothing_lost(terminal.serial)


def test_a_database_that_goes_away_for_a_while(city: City, running: Running) -> None:
    terminal = city.add(live=True)
    terminal.fill(20, FIRST)
    running.start()
    until(lambda: is_kept(city, terminal) and terminal.open_sessions == 1, "it collects")
    name = city.column("SELECT current_database()")[0]
    with city.store.begin_as_owner() as connection:
        connection.exec_driver_sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            f"WHERE datname = '{name}' AND pid <> pg_backend_pid()"
        )
    terminal.punch("4")
    until(lambda: is_kept(city, terminal), "it collects again")
    assert running.process is not None
    assert running.process.poll() is None, running.logged()
    city.assert_nothing_lost()
