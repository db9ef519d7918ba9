"""A terminal that leaves the fleet is let go of whole: its session is closed and its lease is given back."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import NoReturn

import pytest
from small_city import City
from waiting import until

from eabsensi.collecting.collector import Collector
from eabsensi.collecting.poll import PollOrder
from eabsensi.devices.waiting import StopSignal
from eabsensi.store.database import DatabaseUnavailableError

LEASES = "SELECT holder FROM device_lease"


@pytest.fixture
def collector(city: City) -> Iterator[Collector]:
    """Give a collector that listens; the test ticks."""
    stop, bugs = StopSignal(), []
    collector = Collector(city.store, city.poller(), city.clock, name="one", on_bug=bugs.append)
    watching = threading.Thread(target=collector.watch.run, args=(stop,))
    watching.start()
    with collector.leases:
        yield collector
        stop.set()
        collector.shut_down()
    watching.join()
    stop.close()
    assert bugs == []


@pytest.mark.parametrize("change", ["gone", "moved"])
def test_the_lease_of_a_held_session_goes_with_the_session(city: City, collector: Collector, change: str) -> None:
    terminal = city.add(live=True)
    device = city.device()
    collector.set_fleet([device])
    collector._heap.put(device.serial, 0.0)
    collector.tick()
    until(lambda: device.serial in collector.watch.serials, "the session is held")
    assert city.column(LEASES) == ["one"]

    collector.set_fleet([] if change == "gone" else [replace(device, host="127.9.9.9")])

    assert city.column(LEASES) == []
    until(lambda: terminal.open_sessions == 0, "the session is closed")
    assert (terminal.counters.exits_seen, terminal.counters.sessions_left_open) == (1, 0)


def test_a_terminal_that_left_while_the_database_was_away_gives_its_lease_back_later(
    city: City, collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    city.add()
    device = city.device()
    collector.set_fleet([device])

    def leave(*_: object) -> NoReturn:
        collector.set_fleet([])
        raise DatabaseUnavailableError

    monkeypatch.setattr(collector, "_poll", leave)
    collector._heap.put(device.serial, 0.0)
    collector.tick()
    until(lambda: device.serial not in collector._busy and not collector._members, "the terminal has left")
    until(lambda: city.column(LEASES) == [], "its lease is given back")


def test_what_a_person_asked_for_outlives_a_changed_entry(city: City, collector: Collector) -> None:
    city.add()
    device = city.device()
    collector.set_fleet([device])
    asked = collector._members[device.serial].requested = PollOrder(full=True)
    collector.set_fleet([replace(device, host="127.9.9.9")])
    assert collector._members[device.serial].requested is asked
