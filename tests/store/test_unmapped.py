"""PINs whose punches are nobody's: told by device, with their rhythm and the name that the device showed."""

from __future__ import annotations

from datetime import date, time

import pytest
from filed_city import BUDI, SITI, JudgedCity, at
from stored_terminal import Terminal, touch

from eabsensi.store.deviceslots import SeenUser, save_users
from eabsensi.store.unmapped import list_candidates, unmapped_pins


@pytest.fixture
def city(store) -> JudgedCity:
    return JudgedCity(store)


@pytest.fixture
def log(city) -> Terminal:
    return Terminal(city.store, city.device)


def days(*clocks, pin="7"):
    return [touch(clock, pin, day=f"2026-03-{number:02}") for number, clock in enumerate(clocks, start=2)]


def test_a_pin_is_told_with_its_count_days_and_usual_arrival(city, log):
    log.tail(*days("07:20:00", "07:25:00", "07:31:00"), touch("16:00:00", day="2026-03-04"))
    [found] = city(unmapped_pins)
    assert (found.serial, found.unit, found.pin, found.name) == ("AAA111", "DINKES", "7", None)
    assert (found.punches, found.days, found.usual) == (4, 3, time(7, 25))
    assert (f"{found.first:%F %R}", f"{found.last:%F %R}") == ("2026-03-02 07:20", "2026-03-04 16:00")
    assert found.spread_minutes in {5, 6}


def test_an_enrolment_counts_on_its_days_and_devices_only(city, log):
    log.tail(*days("07:20:00", "07:25:00", "07:31:00"))
    city.enrol("7", city.budi, date(2026, 3, 3), date(2026, 3, 4))
    assert [(found.punches, found.first.day, found.last.day) for found in city(unmapped_pins)] == [(2, 2, 4)]
    city.enrol("7", city.siti, date(2026, 3, 1), device_id=city.device)
    assert city(unmapped_pins) == []


def test_the_list_is_narrowed_to_a_device_and_days(city, log):
    log.tail(*days("07:20:00", "07:25:00"), *days("08:00:00", pin="007"))
    assert [found.pin for found in city(unmapped_pins)] == ["7", "007"]
    assert [found.pin for found in city(unmapped_pins, first=date(2026, 3, 3))] == ["7"]
    assert [found.punches for found in city(unmapped_pins, last=date(2026, 3, 2))] == [1, 1]
    assert city(unmapped_pins, serial="BBB222") == []


def user(user_id, name, slot=1):
    return SeenUser(user_id, name, slot)


def test_names_are_those_that_the_device_last_showed(city, log):
    log.tail(*days("07:20:00"), *days("08:00:00", pin="8"))
    city(save_users, city.device, [user("7", "BUDI S"), user("8", "Ali"), user("7", "BUDI SAN")], at("02:00"))
    city(save_users, city.device, [user("8", "")], at("03:00"))
    city(save_users, city.device, [user("7", "OLD")], at("01:00"))
    assert {found.pin: found.name for found in city(unmapped_pins)} == {"7": "BUDI SAN", "8": None}


def test_candidates_are_told_with_the_pins_that_they_hold(city):
    city.enrol("7", city.budi, date(2026, 1, 1))
    city.enrol("9", city.budi, date(2026, 1, 1), date(2026, 2, 1))
    found = city(list_candidates, date(2026, 3, 2))
    assert [(person.nip, person.unit, person.pins) for person in found] == [
        (BUDI, "DINKES", ("7",)),
        (SITI, "PKM1", ()),
    ]
    assert [person.unit for person in city(list_candidates, date(2023, 1, 1))] == [None, None]
