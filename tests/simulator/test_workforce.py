"""Made-up days are repeatable and believable; the made-up city is big enough and nobody in it is real."""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict
from datetime import date, datetime, time, timedelta

import pytest

from eabsensi.devices.simulator.city import UNITS, invent_employees
from eabsensi.devices.simulator.workforce import (
    CHECK_IN,
    CHECK_OUT,
    FIVE_DAYS,
    SIX_DAYS,
    Shift,
    Worker,
    duty,
    shift_of,
    workdays,
)

FIRST, LAST = date(2026, 1, 5), date(2026, 2, 27)
PEOPLE = [Worker(str(number)) for number in range(1, 201)]


@pytest.fixture(scope="module")
def office():
    return workdays(PEOPLE, FIRST, LAST, seed=7)


@pytest.fixture(scope="module")
def days(office):
    by_person_and_day = defaultdict(list)
    for punch in office:
        by_person_and_day[punch.pin, punch.device_time.date()].append(punch)
    return by_person_and_day


def test_the_same_seed_gives_the_same_days_and_another_does_not(office):
    assert workdays(PEOPLE, FIRST, LAST, seed=7) == office
    assert workdays(PEOPLE, FIRST, LAST, seed=8) != office


def test_a_longer_range_leaves_the_shorter_ones_days_as_they_were(office):
    longer = workdays(PEOPLE, FIRST - timedelta(days=7), LAST + timedelta(days=7), seed=7)
    assert [punch for punch in longer if FIRST <= punch.device_time.date() <= LAST] == office


def test_punches_are_in_order_of_time_and_in_whole_seconds(office):
    times = [punch.device_time for punch in office]
    assert times == sorted(times)
    assert all(moment.microsecond == 0 for moment in times)


def test_nobody_comes_on_weekends_and_holidays(office):
    holiday = date(2026, 1, 16)
    assert {punch.device_time.weekday() for punch in office} == {0, 1, 2, 3, 4}
    without = workdays(PEOPLE, FIRST, LAST, seed=7, free_days={holiday})
    assert without == [punch for punch in office if punch.device_time.date() != holiday]


def first_and_last(punches):
    return min(punch.device_time for punch in punches), max(punch.device_time for punch in punches)


def test_most_are_on_time_some_late_some_absent(days):
    possible = len(PEOPLE) * sum(FIVE_DAYS.days[day.weekday()] is not None for day in every_day())
    arrivals = [first_and_last(punches)[0] for punches in days.values() if punches[0].punch_state == CHECK_IN]
    late = sum(arrival.time() > time(7, 30) for arrival in arrivals)
    assert 0.95 < len(days) / possible < 0.995
    assert 0.02 < late / len(arrivals) < 0.12
    assert sum(arrival.time() > time(7, 5) for arrival in arrivals) / len(arrivals) > 0.5


def every_day():
    return [FIRST + timedelta(days=offset) for offset in range((LAST - FIRST).days + 1)]


def test_fridays_end_later(days):
    def usual_end(is_friday):
        ends = sorted(
            first_and_last(punches)[1].time()
            for (_, day), punches in days.items()
            if (day.weekday() == 4) == is_friday and punches[-1].punch_state == CHECK_OUT
        )
        return ends[len(ends) // 2]

    assert time(16, 0) < usual_end(is_friday=False) < time(16, 25)
    assert time(16, 30) < usual_end(is_friday=True) < time(16, 55)


def test_some_leave_early_forget_or_tap_twice(days, office):
    states = Counter(tuple(sorted({punch.punch_state for punch in punches})) for punches in days.values())
    assert states[0,] > 0, "forgot to punch out"
    assert states[1,] > 0, "forgot to punch in"
    assert states[0, 1, 2, 3] > states[0,], "punches the lunch break"
    early = [punches for punches in days.values() if punches[-1].punch_state == 1 and punches[-1].device_time.hour < 16]
    assert 0.005 < len(early) / len(days) < 0.08
    pairs = [
        later.device_time - earlier.device_time
        for punches in days.values()
        for earlier, later in itertools.pairwise(punches)
        if earlier.punch_state == later.punch_state
    ]
    assert timedelta(0) in pairs
    assert max(pairs) < timedelta(seconds=60)
    assert len({punch.verify_mode for punch in office}) == 3


def test_a_terminal_without_state_keys_says_0():
    assert {punch.punch_state for punch in workdays(PEOPLE[:20], FIRST, LAST, state_keys=False)} == {CHECK_IN}


def test_nights_go_over_midnight():
    nurses = [Worker(str(number), rota="shifts") for number in range(500, 540)]
    punches = workdays(nurses, FIRST, LAST, seed=7)
    nights = [(nurse, day) for nurse in nurses for day in every_day() if shift_of(nurse.pin, day) is Shift.NIGHT]
    begin, finish = duty(*nights[0]).on(nights[0][1])
    assert finish - begin == timedelta(hours=10)
    assert finish.date() == begin.date() + timedelta(days=1)
    assert any(punch.device_time.date() > LAST for punch in punches), "the last night ends on the morning after"
    hours = Counter(punch.device_time.hour for punch in punches if punch.punch_state == CHECK_IN)
    assert {6, 13, 20} <= set(hours)
    assert all(hours[hour] > 50 for hour in (6, 13, 20))


def test_each_eight_days_of_a_rota_hold_two_of_each_shift_and_two_free():
    week = [shift_of("77", FIRST + timedelta(days=offset)) for offset in range(8)]
    assert Counter(week) == {Shift.MORNING: 2, Shift.AFTERNOON: 2, Shift.NIGHT: 2, None: 2}


def test_six_day_units_work_on_saturday_mornings():
    saturday = workdays(PEOPLE[:50], date(2026, 1, 10), date(2026, 1, 10), SIX_DAYS)
    ends = [punch.device_time for punch in saturday if punch.punch_state == CHECK_OUT]
    assert min(ends) > datetime(2026, 1, 10, 10, 30)
    assert max(ends) < datetime(2026, 1, 10, 15, 0)


def test_the_city_has_enough_units_of_every_pattern():
    assert len(UNITS) >= 12
    assert len({unit.code for unit in UNITS}) == len(UNITS)
    assert {unit.pattern for unit in UNITS} == {"5-day", "6-day", "shift"}
    assert {unit.parent for unit in UNITS} <= {"", *(unit.code for unit in UNITS)}


def test_employees_are_repeatable_and_spread_over_all_units():
    people = invent_employees(320, seed=3)
    assert people == invent_employees(320, seed=3)
    assert people != invent_employees(320, seed=4)
    assert min(Counter(person.unit for person in people).values()) >= 5
    assert sum(person.position.startswith("Kepala ") for person in people) == len(UNITS)
    assert [person.pin for person in people] == [str(number) for number in range(1, 321)]


def test_nips_are_well_formed_unique_and_obviously_invented():
    people = invent_employees(2000, seed=1)
    assert len({person.nip for person in people}) == 2000
    for person in people:
        nip = person.nip
        assert len(nip) == 18
        assert nip.isdigit()
        born = datetime.strptime(nip[:8], "%Y%m%d")
        year, month = int(nip[8:12]), int(nip[12:14])
        is_contract = person.kind.startswith("PPPK")
        assert month == 21 if is_contract else 1 <= month <= 12
        assert 19 <= year - born.year <= 58
        assert nip[14] in "12"
        assert int(nip[15:]) >= 900, "no real series of one birthday goes so far"
        assert person.since >= date(2024, 1, 2)
