"""What a terminal's log holds nothing of, because the terminal was not in use yet, makes nobody absent."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta

import pytest
from judged_city import JAKARTA, POLICY, at
from kept_city import KeptCity
from test_incremental import differences

from eabsensi.assessing.assessor import Assessor
from eabsensi.assessing.closing import close_period, verify_period
from eabsensi.assessing.why import explain_day
from eabsensi.devices.attlog import Punch
from eabsensi.devices.registry import Device
from eabsensi.store.devices import sync_devices
from eabsensi.store.dirty import mark_touched
from eabsensi.store.ingest import import_dump
from eabsensi.store.inuse import LONGEST_PAUSE, stretch_start

SITI, BUDI = "199001012015011001", "199202022016022002"
DAY = timedelta(days=1)
YEAR = timedelta(days=365)
POSTED = date(2026, 1, 1)
BEGINS = date(2026, 11, 2)  # a Monday; the log's first punch
REGISTERED = at("09:00", date(2026, 11, 23))
TODAY = REGISTERED.date()
READ = at("09:05", date(2026, 11, 24))
MONTH = date(2026, 10, 1)


@pytest.fixture
def city(store, owner) -> KeptCity:
    """Give a city that registers its first terminal in November; Siti touches it every day, Budi never."""
    city = KeptCity(store, owner)
    city.unit("KOTA")
    city.unit("DINKES", "KOTA")
    city.lobby = city.device("DINKES", "LOBI", registered_at=REGISTERED)
    city.people = {nip: city.person(nip, "DINKES", POSTED) for nip in (SITI, BUDI)}
    city.enrol(city.people[SITI], "007")
    city.enrol(city.people[BUDI], "8")
    city.assessor = Assessor(store, city.clock, None, batch=5_000)
    return city


def daily(first: date, last: date, pin: str = "007") -> list[tuple[str, datetime]]:
    days = (first + step * DAY for step in range((last - first).days + 1))
    return [(pin, at(clock, on)) for on in days for clock in ("07:00", "16:30")]


def start(city: KeptCity, *more: tuple[str, datetime], offset: float = 0.0) -> None:
    """Let the terminal be read for the first time, and judge everything since the new year."""
    city.deliver(city.lobby, READ, [*daily(BEGINS, TODAY), *more], offset)
    city.judge(READ)
    city.rebuild(POSTED, TODAY)


def absent(city: KeptCity, nip: str = BUDI) -> list[date]:
    """Give the kept days of absence, having made sure that the facts say the same."""
    assert differences(city, POSTED, TODAY) == []
    return sorted(key[1] for key, kept in city.stored(POSTED, TODAY).items() if key[0] == nip and kept[1] == "absent")


def in_use_from(city: KeptCity) -> date | None:
    return city.owner.execute("SELECT in_use_from FROM device WHERE id = %s", (city.lobby,)).fetchone()[0]


def dump(city: KeptCity, touches: list[tuple[str, datetime]], received_at: datetime) -> None:
    punches = [Punch(pin, time.replace(tzinfo=None), 1, 0, 0, b"line") for pin, time in touches]
    with city.store.begin() as connection:
        result = import_dump(connection, city.lobby, "Asia/Jakarta", punches, [], received_at)
        mark_touched(connection, city.lobby, result.touched, "USB dump")


def state(city: KeptCity, since: date | None, now: datetime, unit: str = "DINKES") -> None:
    entry = Device(serial="LOBI", unit=unit, name="mesin LOBI", host="127.0.0.1", in_use_since=since)
    with city.store.begin() as connection:
        sync_devices(connection, [entry], now)


# --- a city that starts in the middle of a year ---------------------------------------------------------------------


def test_nobody_is_absent_before_the_log_begins(city):
    start(city)
    assert absent(city)[0] == BEGINS + DAY  # of the first day the log may hold the afternoon only
    assert len(absent(city)) == 15
    assert absent(city, SITI) == []
    undetermined = city.row(BUDI, READ, date(2026, 3, 10)).verdict
    assert (undetermined.status, undetermined.complete, undetermined.absent_days) == ("undetermined", False, 0)
    assert city.why(BUDI, READ, date(2026, 3, 10)) == (
        "rekaman mesin mesin LOBI baru dimulai 2 November 2026, sehingga tidak membuktikan ketidakhadiran "
        "sampai tanggal itu"
    )


def test_a_terminal_without_a_record_proves_nothing_up_to_the_day_of_its_registration(city):
    city.deliver(city.lobby, READ + DAY)
    city.judge(READ + DAY)
    city.rebuild(POSTED, TODAY + DAY)
    assert absent(city) == []
    assert city.row(BUDI, READ + DAY, TODAY + DAY).verdict.status == "absent"


def test_the_day_says_how_it_is_settled(city):
    start(city)
    with city.store.begin() as connection:
        found = explain_day(connection, POLICY, BUDI, date(2026, 3, 10), as_of=READ).explanation
    (need,) = found.needs
    assert "eabsensi punch import --device LOBI" in need.text()
    assert "in_use_since" in need.text()
    assert "dokumen gangguan unit" in need.text()


# --- what stretches the log back, and what does not -------------------------------------------------------------------


@pytest.mark.parametrize(
    "touches",
    [
        pytest.param([("007", datetime(2000, 1, 1, 0, 3, tzinfo=JAKARTA))], id="a clock that was reset to 2000"),
        pytest.param(daily(date(2026, 3, 2), date(2026, 6, 30)), id="a gap of months: cleared, or in a cupboard"),
        pytest.param(daily(BEGINS + YEAR, TODAY + YEAR), id="a clock that was a year ahead"),
    ],
)
def test_records_that_do_not_reach_up_to_the_registration_do_not_count(city, touches):
    start(city, *touches)
    assert in_use_from(city) == BEGINS
    assert absent(city)[0] == BEGINS + DAY


@pytest.mark.parametrize("offset", [-YEAR, -20 * DAY, 20 * DAY, YEAR], ids=str)
def test_a_clock_that_is_wrong_at_the_first_contact_dates_nothing(city, offset):
    touches = [(pin, time + offset) for pin, time in daily(BEGINS, TODAY)]
    city.deliver(city.lobby, READ, touches, offset.total_seconds())
    city.judge(READ)
    city.rebuild(POSTED, TODAY)
    assert in_use_from(city) in {None, TODAY}
    assert absent(city) == []


def test_a_stretch_ends_where_nobody_touched_the_terminal_for_too_long():
    until = date(2026, 11, 23)
    joined = until - LONGEST_PAUSE
    assert stretch_start([], until) == until
    assert stretch_start([until + DAY], until) == until
    assert stretch_start([joined, until - DAY], until) == joined
    assert stretch_start([joined - DAY], until) == until
    assert stretch_start([until - DAY, joined - DAY, joined - DAY - LONGEST_PAUSE], until) == (
        joined - DAY - LONGEST_PAUSE
    )


@pytest.mark.parametrize("seed", range(8))
def test_the_beginning_does_not_depend_on_the_order_of_arrival(city, seed):
    chance = random.Random(seed)
    dates = {date(2026, 1, 1) + chance.randrange(340) * DAY for _ in range(18)}
    batches = [[("007", at("07:00", on))] for on in dates]
    chance.shuffle(batches)
    for number, batch in enumerate(batches):
        city.deliver(city.lobby, READ + number * timedelta(minutes=5), batch)
    assert (in_use_from(city) or TODAY) == stretch_start(dates, TODAY)


# --- several terminals ------------------------------------------------------------------------------------------------


def test_a_second_terminal_that_is_added_later_reopens_no_earlier_day(city):
    start(city)
    before = absent(city)
    second = city.device("DINKES", "LANTAI2", registered_at=READ)
    state(city, None, READ)  # takes the new one up too
    city.owner.execute("UPDATE device SET enabled = true, disabled_at = NULL")
    city.deliver(second, READ + timedelta(hours=1))
    city.judge(READ + timedelta(hours=1))
    assert absent(city) == before


def test_the_terminal_of_the_unit_above_does_not_speak_for_a_unit_whose_own_came_later(city):
    hall = city.device("KOTA", "BALAI")
    city.deliver(hall, READ, daily(POSTED, TODAY, "999"))
    start(city)
    assert absent(city)[0] == BEGINS + DAY


def test_who_is_enrolled_only_on_a_terminal_that_came_later_is_not_judged_by_another(city):
    start(city)
    assert city.row(BUDI, READ, date(2026, 11, 10)).verdict.status == "absent"
    second = city.device("DINKES", "LANTAI2", registered_at=READ)
    city.owner.execute("UPDATE enrolment SET device_id = %s WHERE pin = '8'", (second,))
    assert city.row(BUDI, READ, date(2026, 11, 10)).verdict.status == "undetermined"


def test_a_terminal_that_is_moved_says_nothing_of_its_new_unit_before(city):
    start(city)
    city.unit("DISDIK", "KOTA")
    rina = city.person("199303032017033003", "DISDIK", POSTED)
    city.enrol(rina, "9")
    hall = city.device("KOTA", "BALAI")
    city.deliver(hall, READ, daily(POSTED, TODAY, "999"))
    city.judge(READ)
    city.rebuild(POSTED, TODAY)
    assert len(absent(city, "199303032017033003")) > 200  # so far, the city hall's terminal speaks for the unit
    moved = READ + timedelta(hours=1)
    state(city, None, moved, unit="DISDIK")
    city.owner.execute("UPDATE device SET enabled = true, disabled_at = NULL")
    city.judge(moved)
    assert city.row("199303032017033003", moved, date(2026, 11, 10)).verdict.status == "undetermined"
    kept = city.stored(POSTED, TODAY)
    assert {kept["199303032017033003", on][1] for on in (date(2026, 3, 10), date(2026, 11, 10))} == {"undetermined"}
    assert in_use_from(city) == BEGINS
    state(city, date(2026, 11, 9), moved, unit="DISDIK")
    assert city.row("199303032017033003", moved, date(2026, 11, 10)).verdict.status == "absent"


# --- what becomes known later -----------------------------------------------------------------------------------------


def test_an_older_usb_dump_extends_the_log_and_judges_its_days(city):
    start(city)
    later = READ + timedelta(hours=1)
    dump(city, daily(date(2026, 9, 1), date(2026, 10, 30)), later)
    city.judge(later)
    assert in_use_from(city) == date(2026, 9, 1)
    assert absent(city)[0] == date(2026, 9, 2)
    assert absent(city, SITI) == []
    # As of the time before, nothing of it was known: neither the punches nor that the terminal was in use.
    for nip in (SITI, BUDI):
        assert city.row(nip, READ, date(2026, 10, 13)).verdict.status == "undetermined"


def test_a_dump_that_does_not_reach_up_to_the_log_changes_nobody_elses_days(city):
    start(city)
    before = absent(city)
    dump(city, daily(date(2026, 3, 2), date(2026, 3, 31)), READ + timedelta(hours=1))
    city.judge(READ + timedelta(hours=1))
    assert absent(city) == before
    assert city.row(SITI, READ + timedelta(hours=1), date(2026, 3, 10)).verdict.status == "present"


@pytest.mark.parametrize("since", [date(2026, 6, 3), date(2026, 11, 16)], ids=["earlier", "later"])
def test_what_a_person_states_comes_before_the_log_and_can_be_taken_back(city, since):
    start(city)
    by_log = absent(city)
    now = READ + timedelta(hours=1)
    state(city, since, now)
    city.judge(now)
    assert absent(city)[0] == since
    assert in_use_from(city) == BEGINS  # what the log says is kept beside it
    assert city.row(BUDI, READ, date(2026, 6, 3)).verdict.status == "undetermined"
    state(city, None, now + DAY)
    city.judge(now + DAY)
    assert absent(city) == by_log


def test_a_closed_month_stands_and_what_a_dump_shows_later_is_an_addendum(city):
    start(city)
    close_period(city.store, POLICY, "DINKES", MONTH, by="hr", reason="mesin belum dipasang", clock=city.clock)
    with city.store.begin() as connection:
        before = verify_period(connection, "DINKES", MONTH)
    assert before.addenda == ()
    later = READ + timedelta(hours=1)
    dump(city, daily(date(2026, 9, 1), date(2026, 10, 30)), later)
    city.judge(later)
    with city.store.begin() as connection:
        after = verify_period(connection, "DINKES", MONTH)
    assert after.is_whole
    assert after.period.sha256 == before.period.sha256
    assert {item.employee_id for item in after.addenda} == set(city.people.values())


def test_days_that_an_earlier_version_called_absences_are_judged_again_after_the_upgrade(city):
    start(city)
    right = city.stored(POSTED, TODAY)
    city.owner.execute(
        "UPDATE device SET registered_at = '1990-01-01', in_use_from = NULL"
    )  # in use since ever, as it was taken to be
    city.rebuild(POSTED, TODAY)
    assert len(absent(city)) > 200
    city.owner.execute(
        "UPDATE device SET registered_at = %s, in_use_from = NULL, in_use_known_at = NULL", (REGISTERED,)
    )
    state(city, None, READ + timedelta(minutes=1))  # as the collector does when it starts
    city.judge(READ + timedelta(minutes=1))
    assert absent(city)[0] == BEGINS + DAY
    assert city.stored(POSTED, TODAY) == right
