"""What was read under a right clock stays read; what comes after a clock has gone slow waits until it is right."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from judged_city import JAKARTA, POLICY, at
from kept_city import KeptCity

from eabsensi.assessing.closing import close_period, verify_period
from eabsensi.assessing.why import DayExplained, explain_day

SITI, BUDI = "199001012015011001", "199202022016022002"
MONTH, LAST = date(2026, 11, 1), date(2026, 11, 30)
DAY = timedelta(days=1)
TUESDAY = date(2026, 12, 1)
TO_2000 = (datetime(2000, 1, 1, tzinfo=JAKARTA) - at("08:00", TUESDAY)).total_seconds()
OPEN, ABSENT = ("undetermined", ("?",), False), ("absent", ("TK",), True)


@pytest.fixture
def city(store, owner) -> KeptCity:
    """Give a city at the end of November: one present throughout, one absent throughout, everything read."""
    city = KeptCity(store, owner)
    city.unit("DINKES")
    city.lobby = city.device("DINKES", "LOBI")
    city.people = {nip: city.person(nip, "DINKES") for nip in (SITI, BUDI)}
    city.enrol(city.people[SITI], "007")
    city.enrol(city.people[BUDI], "8")
    days = [MONTH + step * DAY for step in range(30)]
    city.deliver(
        city.lobby, at("00:10", TUESDAY), [("007", at(clock, on)) for on in days for clock in ("07:00", "16:30")]
    )
    city.judge(at("00:11", TUESDAY))
    return city


def close(city: KeptCity) -> None:
    close_period(city.store, POLICY, "DINKES", MONTH, by="hr", clock=city.clock)


def addenda(city: KeptCity) -> tuple[object, ...]:
    with city.store.begin() as connection:
        return verify_period(connection, "DINKES", MONTH).addenda


def explained(city: KeptCity, on: date, nip: str = BUDI) -> DayExplained:
    with city.store.begin() as connection:
        return explain_day(connection, POLICY, nip, on, as_of=city.clock.now())


def kept(city: KeptCity, on: date, nip: str = BUDI) -> tuple[object, ...]:
    """Give status, codes and completeness of a kept day, having made sure that the facts say the same."""
    stored = city.stored(on, on)
    assert stored == city.judged(on, on)
    _, status, codes, *_, complete, _ = stored[nip, on]
    return status, codes, complete


def test_a_terminal_reset_to_2000_reopens_no_day_that_was_read_and_adds_nothing_to_a_closed_month(city):
    close(city)
    before = city.stored(MONTH, LAST)
    city.deliver(city.lobby, at("08:05", TUESDAY), [("007", datetime(2000, 1, 1, 0, 1, tzinfo=JAKARTA))], TO_2000)
    city.judge(at("08:06", TUESDAY))
    assert city.stored(MONTH, LAST) == before == city.judged(MONTH, LAST)
    assert city.rebuild(MONTH, LAST).versions == 0
    assert addenda(city) == ()


def test_days_after_the_reset_are_open_until_the_clock_is_right_and_the_terminal_is_read(city):
    city.deliver(city.lobby, at("08:05", TUESDAY), offset=TO_2000)
    night = at("00:10", TUESDAY + DAY)
    city.deliver(city.lobby, night, offset=TO_2000)
    city.judge(night + DAY)
    city.rebuild(TUESDAY, TUESDAY)
    assert kept(city, LAST) == ABSENT
    assert kept(city, TUESDAY) == OPEN
    reasons = city.row(BUDI, night + DAY, TUESDAY).verdict.reasons
    assert any("maka belum pasti terbaca sampai akhir hari itu" in reason.text() for reason in reasons)
    right = night + DAY + timedelta(hours=1)
    city.deliver(city.lobby, right)
    city.judge(right)
    assert kept(city, TUESDAY) == ABSENT
    assert kept(city, LAST) == ABSENT


@pytest.mark.parametrize(("hours", "expected"), [(1, OPEN), (3, ABSENT)])
def test_a_slow_terminal_keeps_the_day_open_until_it_is_read_that_much_later(city, hours, expected):
    slow = -2 * 3600.0
    city.deliver(city.lobby, at("12:00", TUESDAY), offset=slow)
    city.deliver(city.lobby, at("23:59", TUESDAY), offset=slow)
    late = at("00:10", TUESDAY + DAY) + timedelta(hours=hours)
    city.deliver(city.lobby, late, offset=slow)
    city.judge(late)
    city.rebuild(TUESDAY, TUESDAY)
    assert kept(city, TUESDAY) == expected


def test_what_a_slow_clock_let_be_read_stays_read_when_the_clock_gets_worse(city):
    for on, clock in ((TUESDAY, "12:00"), (TUESDAY + DAY, "00:30")):
        city.deliver(city.lobby, at(clock, on), offset=-600.0)
        city.judge(at(clock, on))
    city.rebuild(TUESDAY, TUESDAY)
    assert kept(city, TUESDAY) == ABSENT
    for hour in ("01:00", "02:00"):
        city.deliver(city.lobby, at(hour, TUESDAY + DAY), offset=TO_2000)
        city.judge(at(hour, TUESDAY + DAY))
    assert kept(city, TUESDAY) == ABSENT
    assert kept(city, LAST) == ABSENT


def test_as_of_an_instant_only_the_readings_of_then_count(city):
    reset, right = at("08:05", TUESDAY), at("00:30", TUESDAY + DAY)
    city.deliver(city.lobby, reset, offset=TO_2000)
    city.deliver(city.lobby, right)
    after = right + DAY
    for as_of, on, expected in (
        (at("00:05", TUESDAY), LAST, False),
        (reset, LAST, True),
        (right - timedelta(seconds=1), TUESDAY, False),
        (right, TUESDAY, True),
        (after, LAST, True),
    ):
        assert city.row(BUDI, as_of, on).verdict.complete is expected, (as_of, on)


def test_a_right_clock_that_could_not_be_read_does_not_vouch_for_what_was_read_under_a_slow_one(city):
    night = at("00:10", TUESDAY + DAY)
    city.deliver(city.lobby, night, offset=TO_2000)
    city.owner.execute(
        "INSERT INTO poll (device_id, collector, started_at, finished_at, mode, outcome, records_read, punches_new,"
        " bytes_sent, bytes_received, round_trips, clock_offset_seconds) VALUES"
        " (%s, 'test', %s, %s, 'tail', 'unreachable', 0, 0, 0, 0, 0, 0)",
        (city.lobby, night + DAY, night + DAY),
    )
    assert not city.row(BUDI, night + DAY, TUESDAY).verdict.complete


def test_a_server_clock_that_was_ahead_takes_back_what_it_claimed(city):
    ahead = at("00:10", TUESDAY + DAY)
    city.deliver(city.lobby, ahead)
    city.judge(ahead)
    city.rebuild(TUESDAY, TUESDAY)
    assert kept(city, TUESDAY) == ABSENT
    noon = at("12:00", TUESDAY)
    city.deliver(city.lobby, noon)
    city.judge(noon)
    assert kept(city, TUESDAY)[2] is False
    city.deliver(city.lobby, ahead + timedelta(minutes=5))
    city.judge(ahead + timedelta(minutes=5))
    assert kept(city, TUESDAY) == ABSENT


def test_what_a_slow_clock_writes_under_a_day_that_was_read_changes_nothing_of_that_day(city):
    close(city)
    before = city.stored(MONTH, LAST)
    slow = -DAY.total_seconds()
    city.deliver(city.lobby, at("08:00", TUESDAY), [("8", at("07:00", LAST)), ("007", at("07:05", LAST))], slow)
    city.judge(at("08:01", TUESDAY))
    assert city.stored(MONTH, LAST) == before == city.judged(MONTH, LAST)
    assert addenda(city) == ()
    (used,) = explained(city, LAST).explanation.punches
    assert "ditulis jam yang lambat" in used.reason.text()
    # The day that the touch means still has it, by the adjusted reading.
    right = at("00:10", TUESDAY + DAY)
    city.deliver(city.lobby, right)
    city.judge(right)
    city.rebuild(TUESDAY, TUESDAY)
    assert kept(city, TUESDAY) == OPEN
    assert "bila disesuaikan PSW4" in city.why(BUDI, right, TUESDAY)


def test_what_a_clock_that_was_slow_all_along_writes_is_read_both_ways(city):
    slow = -600.0
    for clock, touches in (
        ("06:00", ()),
        ("07:30", [("8", at("07:10", TUESDAY))]),
        ("23:50", [("8", at("16:00", TUESDAY))]),
    ):
        city.deliver(city.lobby, at(clock, TUESDAY), touches, slow)
    city.deliver(city.lobby, at("00:30", TUESDAY + DAY), offset=slow)
    city.clock.at = at("00:31", TUESDAY + DAY)
    city.rebuild(TUESDAY, TUESDAY)
    assert kept(city, TUESDAY) == OPEN
    assert "menurut jam mesin H, bila disesuaikan TL1" in city.why(BUDI, city.clock.at, TUESDAY)
