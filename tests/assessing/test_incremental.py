"""What is kept bit by bit is what a judging from nothing but the facts gives, whatever the order of arrival."""

from __future__ import annotations

import os
from datetime import date, datetime, time, timedelta

import pytest
from judged_city import JAKARTA
from kept_city import KeptCity
from simulated_month import DAY, Month

FIRST = date(2026, 10, 19)


def differences(city: KeptCity, first: date, last: date) -> list[tuple[object, ...]]:
    """Give each employee-day whose kept verdict is not what the facts say."""
    stored, judged = city.stored(first, last), city.judged(first, last)
    return [
        (key, stored.get(key), judged.get(key))
        for key in sorted(stored.keys() | judged.keys())
        if stored.get(key) != judged.get(key)
    ]


@pytest.mark.parametrize(("seed", "people", "days"), [(1, 60, 35), (2, 30, 14), (3, 30, 14)])
def test_a_full_rebuild_equals_the_incremental_result(store, owner, seed, people, days):
    city = KeptCity(store, owner)
    month = Month(city, seed, FIRST, people)
    city.owner.execute("UPDATE posting SET valid_during = daterange(%s, NULL)", (FIRST,))
    for step in range(days):
        on = FIRST + step * DAY
        month.live(on)
        if step % 9 == 8:
            city.judge(city.clock.now())
            assert differences(city, FIRST, on - DAY) == [], f"in the night to {on}"
    last = FIRST + (days - 1) * DAY
    end = datetime.combine(last, time(), JAKARTA) + 2 * DAY
    month.settle(end)
    assert differences(city, FIRST, last) == []
    assert city.rebuild(FIRST, last).versions == 0
    assert city.waiting() == 0
    statuses = {row[1] for row in city.stored(FIRST, last).values()}
    assert statuses == {"present", "absent", "excused", "off", "undetermined"}


def test_what_is_kept_is_right_at_any_hour_of_a_running_day(store, owner):
    city = KeptCity(store, owner)
    month = Month(city, 20, FIRST, people=25)
    city.owner.execute("UPDATE posting SET valid_during = daterange(%s, NULL)", (FIRST,))
    wrong: list[object] = []

    def look(at: datetime) -> None:
        city.judge(at)
        stored, judged = city.stored(FIRST, at.date()), city.judged(FIRST, at.date())
        wrong.extend((at, key, stored[key], judged.get(key)) for key in stored if stored[key] != judged.get(key))

    month.assess = look
    for step in range(8):
        month.live(FIRST + step * DAY)
    assert wrong == []


def test_rebuilding_after_the_verdicts_were_lost_gives_them_again(store, owner):
    city = KeptCity(store, owner)
    month = Month(city, 3, FIRST, people=20)
    city.owner.execute("UPDATE posting SET valid_during = daterange(%s, NULL)", (FIRST,))
    for step in range(10):
        month.live(FIRST + step * DAY)
    last = FIRST + 9 * DAY
    month.settle(datetime.combine(last, time(), JAKARTA) + timedelta(days=2))
    before = city.stored(FIRST, last)
    city.owner.execute("DELETE FROM verdict")
    city.rebuild(FIRST, last)
    assert city.stored(FIRST, last) == before


@pytest.mark.skipif(not os.environ.get("EABSENSI_TEST_YEAR"), reason="takes long; EABSENSI_TEST_YEAR=1000x365 runs it")
def test_a_rebuild_equals_the_incremental_result_of_a_year(store, owner):
    people, days = map(int, os.environ["EABSENSI_TEST_YEAR"].split("x"))
    first = date(2025, 11, 1)
    city = KeptCity(store, owner)
    month = Month(city, 7, first, people)
    city.owner.execute("UPDATE posting SET valid_during = daterange(%s, NULL)", (first,))
    for step in range(days):
        month.live(first + step * DAY)
    last = first + (days - 1) * DAY
    month.settle(datetime.combine(last, time(), JAKARTA) + 2 * DAY)
    kept = city.rebuild(first, last)
    assert (kept.judged, kept.versions) == (people * days, 0)
    assert differences(city, first, last) == []
