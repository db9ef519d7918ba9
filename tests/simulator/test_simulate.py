"""``simulate`` runs what was asked for until it is told to stop."""

from __future__ import annotations

import threading

import pytest
from rawclient import connected

from eabsensi.devices.attlog import Layout
from eabsensi.devices.simulator.config import TerminalConfig
from eabsensi.devices.simulator.fleet import Fleet
from eabsensi.devices.simulator.simulate import (
    AddressTakenError,
    SimulateOptions,
    numbered_serial,
    simulate,
    terminal_configs,
)
from eabsensi.errors import UsageError


def test_it_runs_until_it_is_stopped():
    stop, seen = threading.Event(), []

    def on_started(terminals):
        for terminal in terminals:
            with connected(terminal) as client:
                seen.append((client.option("~SerialNumber").payload, client.count()))
        stop.set()

    simulate(SimulateOptions(count=3, port=0, records=7, serial="SIM009"), on_started, stop)
    assert seen == [(f"~SerialNumber={serial}\x00".encode(), 7) for serial in ("SIM009", "SIM010", "SIM011")]


def test_people_punch_at_the_live_rate():
    class StopAfterThree(threading.Event):
        waits = 0

        def wait(self, timeout=None):
            assert timeout == 2.0
            self.waits += 1
            return self.waits > 3

    told = []
    simulate(SimulateOptions(port=0, records=0, live_rate=30), told.extend, StopAfterThree())
    assert told[0].state.log.count == 3


def test_terminals_take_consecutive_ports_serials_and_macs():
    configs = terminal_configs(SimulateOptions(count=3, port=5000, layout="49", delay_ms=20))
    assert [config.port for config in configs] == [5000, 5001, 5002]
    assert len({config.serial for config in configs}) == len({config.mac for config in configs}) == 3
    assert {(config.layout, config.delay_seconds) for config in configs} == {(Layout.FORTY_NINE, 0.02)}


@pytest.mark.parametrize(
    ("first", "index", "serial"),
    [("SIM009", 1, "SIM010"), ("SIM009", 0, "SIM009"), ("SIM", 2, "SIM2"), ("99", 1, "100")],
)
def test_serials_count_up(first, index, serial):
    assert numbered_serial(first, index) == serial


@pytest.mark.parametrize(
    "options",
    [SimulateOptions(count=0), SimulateOptions(layout="7"), SimulateOptions(count=10, port=65_530)],
)
def test_options_that_do_not_go_together_are_refused(options):
    with pytest.raises(UsageError):
        terminal_configs(options)


def test_a_taken_port_is_explained(fleet: Fleet):
    taken = fleet.add(TerminalConfig())
    with pytest.raises(AddressTakenError, match=f"port {taken.port}.*--port"):
        simulate(SimulateOptions(port=taken.port), lambda _: None, threading.Event())
