"""Gatherings: announced, called off, and read as they were known."""

from __future__ import annotations

from datetime import date

import pytest
from filed_city import MONDAY, JudgedCity, at

from eabsensi.store.ceremonies import (
    Ceremony,
    CeremonyError,
    add_ceremony,
    cancel_ceremony,
    ceremonies_between,
    list_ceremonies,
)


@pytest.fixture
def city(store) -> JudgedCity:
    return JudgedCity(store)


def apel(**changes):
    window = at("00:15", str(MONDAY)), at("00:45", str(MONDAY))
    return Ceremony(0, "apel", MONDAY, *window, "Apel Senin", basis="SE 1/2026")._replace(**changes)


def test_a_gathering_is_known_from_its_announcement_until_it_is_cancelled(city):
    number = city(add_ceremony, apel(), by="protokol", at=at("01:00"))
    assert city(ceremonies_between, MONDAY, MONDAY, at("00:59")) == []
    assert city(ceremonies_between, MONDAY, MONDAY, at("01:00")) == [apel(id=number)]
    assert city(ceremonies_between, date(2026, 3, 3), date(2026, 3, 9), at("01:00")) == []
    row = city(cancel_ceremony, number, by="protokol", at=at("02:00"))
    assert (row.id, row.cancelled_by) == (number, "protokol")
    assert city(ceremonies_between, MONDAY, MONDAY, at("01:59")) == [apel(id=number)]
    assert city(ceremonies_between, MONDAY, MONDAY, at("02:00")) == []


def test_it_touches_those_whom_it_obliges(city):
    number = city(add_ceremony, apel(unit_code="PKM1"), by="protokol", at=at("01:00"))
    assert city.marked() == [(city.siti, MONDAY, "apel announced")]
    city(add_ceremony, apel(kind="upacara"), by="protokol", at=at("01:00"))
    assert {who for who, _, _ in city.marked()} == {city.budi, city.siti}
    city(cancel_ceremony, number, by="protokol", at=at("02:00"))
    assert city.marked() == [(city.siti, MONDAY, "apel cancelled")]


def test_the_same_gathering_is_not_announced_twice(city):
    number = city(add_ceremony, apel(), by="protokol", at=at("01:00"))
    with pytest.raises(CeremonyError, match=f"Gathering {number} is the same kind.*eabsensi ceremony cancel {number}"):
        city(add_ceremony, apel(name="Apel"), by="protokol", at=at("01:00"))
    city(add_ceremony, apel(unit_code="PKM1"), by="protokol", at=at("01:00"))
    city(cancel_ceremony, number, by="protokol", at=at("02:00"))
    city(add_ceremony, apel(name="Apel"), by="protokol", at=at("03:00"))


def test_what_cannot_be_is_said(city):
    with pytest.raises(CeremonyError, match="close before it opens"):
        city(add_ceremony, apel(closes_at=at("00:00", str(MONDAY))), by="protokol", at=at("01:00"))
    with pytest.raises(CeremonyError, match="There is no unit NONE"):
        city(add_ceremony, apel(unit_code="NONE"), by="protokol", at=at("01:00"))
    with pytest.raises(CeremonyError, match="There is no gathering 999"):
        city(cancel_ceremony, 999, by="protokol", at=at("01:00"))
    number = city(add_ceremony, apel(), by="protokol", at=at("01:00"))
    city(cancel_ceremony, number, by="protokol", at=at("02:00"))
    with pytest.raises(CeremonyError, match="cancelled already, by protokol"):
        city(cancel_ceremony, number, by="protokol", at=at("02:00"))


def test_a_unit_lists_its_own_gatherings_and_those_for_everybody(city):
    everybody = city(add_ceremony, apel(), by="protokol", at=at("01:00"))
    own = city(add_ceremony, apel(unit_code="PKM1"), by="protokol", at=at("01:00"))
    assert [row.id for row in city(list_ceremonies, units=["PKM1"])] == [everybody, own]
    assert [row.id for row in city(list_ceremonies, units=["DINKES"])] == [everybody]
    assert city(list_ceremonies, first=date(2026, 3, 3)) == city(list_ceremonies, last=date(2026, 3, 1)) == []
