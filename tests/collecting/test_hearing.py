"""What live terminals say is kept together, away from whoever listens, and is never worth waiting for."""

from __future__ import annotations

import threading
from datetime import datetime

import pytest
from small_city import City
from structlog.testing import capture_logs

from eabsensi.collecting.hearing import Hearing
from eabsensi.devices.attlog import Punch
from eabsensi.store.database import Store
from eabsensi.store.devices import StoredDevice, list_devices

AT = datetime(2026, 11, 24, 7, 25, 3)


@pytest.fixture
def devices(city: City) -> list[StoredDevice]:
    for number in range(3):
        city.add(f"SIM000{number}", live=True)
    with city.store.begin() as connection:
        return list_devices(connection)


def said(pin: str) -> list[Punch]:
    return [Punch(pin, AT, 1, 0, None, b"")]


def keep(hearing: Hearing) -> None:
    keeping = threading.Thread(target=hearing.run)
    keeping.start()
    hearing.end()
    keeping.join()


def test_what_many_terminals_said_is_kept_in_one_transaction(city: City, devices) -> None:
    woken: list[str] = []
    hearing = Hearing(city.store, city.clock, on_kept=lambda: woken.append("judge"))
    for device in devices:
        hearing.hear(device, said(device.serial[-1]))

    keep(hearing)

    assert sorted(city.column("SELECT pin FROM live_event")) == ["0", "1", "2"]
    assert city.column("SELECT count(DISTINCT xmin::text) FROM live_event") == [1]
    assert woken == ["judge"]


def test_a_database_that_is_away_costs_the_moment_and_is_told(city: City, devices) -> None:
    woken: list[str] = []
    away = Store.at("postgresql://eabsensi@127.0.0.1:1/eabsensi")
    hearing = Hearing(away, city.clock, on_kept=lambda: woken.append("judge"))
    hearing.hear(devices[0], said("7"))

    with capture_logs() as logged:
        keep(hearing)

    assert [(line["event"], line["count"]) for line in logged] == [("live events not kept", 1)]
    assert woken == []


def test_who_listens_never_waits_and_an_overflow_is_told_once(city: City, devices) -> None:
    hearing = Hearing(city.store, city.clock, on_kept=lambda: None, most_waiting=2)

    with capture_logs() as logged:
        for number in range(5):
            hearing.hear(devices[0], said(str(number)))

    assert [line["reason"] for line in logged] == ["too many wait"]
    keep(hearing)
    assert sorted(city.column("SELECT pin FROM live_event")) == ["0", "1"]
