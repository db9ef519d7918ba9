"""Rosters: a person's date written whole, and readable as it was known at any instant."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from filed_city import BUDI, MONDAY, SITI, JudgedCity, at

from eabsensi.store.rosters import list_rosters, rosters_between, save_rosters

TUESDAY = date(2026, 3, 3)


@pytest.fixture
def city(store) -> JudgedCity:
    return JudgedCity(store)


def test_shifts_are_read_as_they_were_known(city):
    budi = city.budi
    assert city(save_rosters, {(budi, MONDAY): ("P",), (budi, TUESDAY): ("S", "M")}, by="a", at=at("01:00")) == (
        2,
        0,
        0,
    )
    assert city(save_rosters, {(budi, MONDAY): ("M",), (budi, TUESDAY): ("S", "M")}, by="b", at=at("02:00")) == (
        0,
        1,
        1,
    )
    assert city(save_rosters, {(budi, MONDAY): ("O",)}, by="c", at=at("03:00")) == (0, 1, 0)

    def known(clock):
        return city(rosters_between, [budi, city.siti], MONDAY, TUESDAY, at(clock))

    assert known("00:59") == {}
    assert known("01:00") == {budi: {MONDAY: ("P",), TUESDAY: ("S", "M")}}
    assert known("02:30") == {budi: {MONDAY: ("M",), TUESDAY: ("S", "M")}}
    assert known("03:00") == {budi: {MONDAY: ("O",), TUESDAY: ("S", "M")}}
    assert city(rosters_between, [budi], TUESDAY, TUESDAY, at("03:00")) == {budi: {TUESDAY: ("S", "M")}}
    assert city(rosters_between, [], MONDAY, TUESDAY, at("03:00")) == {}


def test_each_change_is_kept_and_only_changed_dates_are_judged_again(city):
    city(save_rosters, {(city.budi, MONDAY): ("P",), (city.siti, MONDAY): ("P",)}, by="a", at=at("01:00"))
    # A shift's punches may lie on the day before or after it, so its neighbours are judged again too.
    around = [MONDAY + timedelta(days=offset) for offset in (-1, 0, 1)]
    assert [(who, on) for who, on, _ in city.marked()] == [(who, on) for who in (city.budi, city.siti) for on in around]
    city(save_rosters, {(city.budi, MONDAY): ("P",), (city.siti, MONDAY): ("P", "S")}, by="b", at=at("02:00"))
    assert city.marked() == [(city.siti, on, "roster changed") for on in around]
    with city.store.begin() as conn:
        rows = conn.exec_driver_sql("SELECT employee_id, before, after, by FROM roster_change ORDER BY id").all()
    assert sorted(map(tuple, rows[:2])) == [(city.budi, [], ["P"], "a"), (city.siti, [], ["P"], "a")]
    assert list(map(tuple, rows[2:])) == [(city.siti, ["P"], ["P", "S"], "b")]


def test_rosters_are_listed_by_unit_person_and_days(city):
    wanted = {(city.budi, MONDAY): ("P", "S"), (city.siti, TUESDAY): ("M",)}
    city(save_rosters, wanted, by="a", at=at("01:00"))

    def listed(**narrowed):
        return [(row.nip, row.date, row.shift) for row in city(list_rosters, **narrowed)]

    budi, siti = [(BUDI, MONDAY, "P"), (BUDI, MONDAY, "S")], [(SITI, TUESDAY, "M")]
    assert listed() == [*budi, *siti]
    assert listed(units=["PKM1"]) == listed(first=TUESDAY) == listed(nip=SITI) == siti
    assert listed(last=MONDAY) == budi
