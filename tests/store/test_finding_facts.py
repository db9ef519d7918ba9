"""What the rules of the findings look at, out of a real database."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest
from judged_city import ON, City, at

from eabsensi.store import findingdevices as devices
from eabsensi.store import findingfacts as stored

FIRST, LAST = ON - timedelta(days=9), ON
AS_OF = at("20:00")
STRETCH = stored.Stretch(FIRST, LAST, AS_OF, "Asia/Jakarta")
NOON = (time(11, 30), time(13, 30))


@pytest.fixture
def city(store, owner) -> City:
    """DINKES and PKM1 with a terminal each; Ani (PIN 1) and Beni (PIN 2)."""
    found = City(store, owner)
    for code in ("DINKES", "PKM1"):
        found.unit(code)
    found.lobby, found.clinic = found.device("DINKES", "SN-A"), found.device("PKM1", "SN-B")
    found.ani, found.beni = found.person("198503172010012003", "DINKES"), found.person("199001022015031004", "DINKES")
    for pin, who in (("1", found.ani), ("2", found.beni)):
        found.enrol(who, pin)
    return found


def rows(city, ask, *args, **more):
    with city.store.begin() as connection:
        return list(ask(connection, *args, **more))


def days(city, employees=None):
    return rows(city, stored.person_days, STRETCH, employees, midday=NOON, midnight_seconds=60)


def looked(city, ask, *args, tolerance=60, which=None):
    with city.store.begin() as connection:
        asked = devices.DeviceStretch(connection, which or [city.lobby, city.clinic], STRETCH, tolerance)
        return ask(asked, *args)


def local(clock: str, on: date = ON) -> datetime:
    return datetime.fromisoformat(f"{on} {clock}")


def poll(city, device, finished_at, **more):
    values = {"outcome": "ok", "clock_offset_seconds": 0.0, "records_on_device": None, "error": None} | more
    city.owner.execute(
        "INSERT INTO poll (device_id, collector, started_at, finished_at, mode, outcome, error, records_on_device,"
        " records_read, punches_new, bytes_sent, bytes_received, round_trips, clock_offset_seconds, complete_through)"
        " VALUES (%s, 'test', %s, %s, 'tail', %s, %s, %s, 0, 0, 0, 0, 0, %s, %s)",
        (
            *(device, finished_at, finished_at, values["outcome"], values["error"], values["records_on_device"]),
            values["clock_offset_seconds"] if values["outcome"] == "ok" else None,
            finished_at if values["outcome"] == "ok" else None,
        ),
    )


def test_a_day_adds_up_ways_midday_and_midnight(city):
    for clock, mode in (("07:20", 1), ("12:10", 0), ("16:00", 2), ("16:01", 15), ("23:59:00", 1)):
        city.punch(city.lobby, "1", at(clock), received_at=at("19:00"))
        city.owner.execute("UPDATE punch SET verify_mode = %s WHERE punched_at = %s", (mode, at(clock)))
    (found,) = days(city)
    assert (found.records, found.password, found.card, found.midday) == (5, 1, 1, True)
    assert (found.unit, found.shift, found.first, found.last) == ("DINKES", False, local("07:20"), local("23:59"))
    assert found.midnight == [local("23:59")]
    assert found.status is None
    assert found.codes is None


def test_a_second_before_2359_is_not_midnight_and_1330_is_not_midday(city):
    for clock in ("11:29:59", "13:30:00", "23:58:59"):
        city.punch(city.lobby, "1", at(clock), received_at=at("19:00"))
    city.punch(city.lobby, "1", at("00:01:00"))
    (found,) = days(city)
    assert (found.midday, found.midnight) == (False, None)


def test_what_came_later_or_is_anothers_is_not_seen(city):
    city.punch(city.lobby, "1", at("07:20"), received_at=AS_OF + timedelta(seconds=1))
    city.punch(city.lobby, "2", at("07:20"))
    assert days(city, [city.ani]) == []
    assert [one.employee_id for one in days(city)] == [city.beni]


def test_a_pin_on_its_own_device_outranks_the_same_pin_everywhere(city):
    city.enrol(city.beni, "1", city.clinic)
    city.punch(city.lobby, "1", at("07:20"))
    city.punch(city.clinic, "1", at("07:25"))
    assert [(one.employee_id, one.first) for one in days(city)] == [
        (city.ani, local("07:20")),
        (city.beni, local("07:25")),
    ]


def test_shift_work_and_a_roster_mark_the_day_and_the_one_after(city):
    city.owner.execute("INSERT INTO roster VALUES (%s, %s, 1, 'M')", (city.ani, ON - timedelta(days=1)))
    for back in (0, 1, 2):
        city.punch(city.lobby, "1", at("07:20", ON - timedelta(days=back)))
    assert [one.shift for one in days(city)] == [False, True, True]


def test_a_person_without_a_posting_keeps_the_last_unit(city):
    city.owner.execute(
        "UPDATE posting SET valid_during = daterange('2020-01-01', %s) WHERE employee_id = %s",
        (ON - timedelta(days=2), city.ani),
    )
    city.punch(city.lobby, "1", at("07:20"))
    assert days(city)[0].unit is None
    assert rows(city, lambda c: stored.members(c, LAST).values())[0].unit == "DINKES"


def together(city, back, seconds, first="1", second="2"):
    on = ON - timedelta(days=back)
    city.punch(city.lobby, first, at("07:15:00", on))
    city.punch(city.lobby, second, at("07:15:00", on) + timedelta(seconds=seconds))


def test_a_pair_is_told_with_its_order(city):
    together(city, 0, 5)
    together(city, 1, 5, "2", "1")
    together(city, 2, 0)
    together(city, 3, 6)  # too far apart
    (pair,) = rows(city, stored.pairs_between, STRETCH, None, within_seconds=5, days=3)
    assert (pair.first, pair.second) == (city.ani, city.beni)
    assert pair.forward == [None, False, True]
    assert pair.seconds == [0, 5, 5]
    assert rows(city, stored.pairs_between, STRETCH, None, within_seconds=5, days=4) == []
    assert rows(city, stored.pairs_between, STRETCH, [city.ani], within_seconds=5, days=3) == []


def test_a_finger_felt_twice_stands_in_the_line_once(city):
    for back in range(3):
        together(city, back, 4)
        city.punch(city.lobby, "1", at("07:15:06", ON - timedelta(days=back)))
    (pair,) = rows(city, stored.pairs_between, STRETCH, None, within_seconds=5, days=3)
    assert pair.forward == [True] * 3


def test_two_terminals_of_one_unit_are_no_journey_and_clocks_are_put_right(city):
    beside = city.device("DINKES", "SN-C")
    city.punch(city.lobby, "1", at("07:20:00"))
    city.punch(beside, "1", at("07:21:00"))
    city.punch(city.clinic, "1", at("07:33:00"), offset=600.0)
    (found,) = rows(city, stored.journeys_between, STRETCH, minutes=5)
    assert (found.serial, found.next_serial) == ("SN-C", "SN-B")
    assert (found.at, found.next_at) == (local("07:21"), local("07:23"))
    assert rows(city, stored.journeys_between, STRETCH, minutes=2) == []


def correct(city, filed_by, *, on=ON, approved_by=None, revoked=False):
    row = city.owner.execute(
        "INSERT INTO document (employee_id, kind, first_on, last_on, filed_by, filed_at, revoked_at, revoked_by,"
        " revoke_reason) VALUES (%s, 'forgotten_punch', %s, %s, %s, %s, %s, %s, %s) RETURNING id",
        (city.ani, on, on, filed_by, at("10:00"), *((at("11:00"), "hr", "salah") if revoked else (None, None, None))),
    ).fetchone()
    if approved_by:
        city.owner.execute(
            "INSERT INTO document_change (document_id, at, by, action, after) VALUES (%s, %s, %s, 'approve', '{}')",
            (row[0], at("11:00"), approved_by),
        )


def test_a_correction_knows_who_it_serves_and_when_the_month_was_closed(city):
    city.owner.execute(
        "INSERT INTO account (username, role, unit_code, employee_id, name, created_at, created_by,"
        " must_change_password) VALUES ('ani', 'operator', 'DINKES', %s, 'Ani', now(), 'test', false)",
        (city.ani,),
    )
    correct(city, "opr")
    correct(city, "ani")
    correct(city, "opr", approved_by="ani")
    correct(city, "opr", revoked=True)
    correct(city, "opr", on=FIRST - timedelta(days=1))
    found = rows(city, stored.corrections_between, STRETCH, ["forgotten_punch"])
    assert [(one.filed_by, one.own, one.hours_before_close) for one in found] == [
        ("opr", False, None),
        ("ani", True, None),
        ("opr", True, None),
    ]
    city.owner.execute(
        "INSERT INTO period (unit_code, month, version, state, through_on, at, by, sha256, policy_version)"
        " VALUES ('DINKES', %s, 1, 'closed', %s, %s, 'hr', 'x', 'y')",
        (ON.replace(day=1), ON, at("16:00")),
    )
    assert [one.hours_before_close for one in rows(city, stored.corrections_between, STRETCH, ["forgotten_punch"])] == [
        6.0
    ] * 3
    assert rows(city, stored.corrections_between, STRETCH, ["dispensation"]) == []


# --- terminals -----------------------------------------------------------------------------------------------------


def test_the_future_is_measured_from_the_receipt(city):
    city.punch(city.lobby, "1", at("09:02:01"), received_at=at("09:00"))
    city.punch(city.lobby, "2", at("09:02:00"), received_at=at("09:00"))
    (found,) = looked(city, devices.future_rows, 120)
    assert (found.pin, found.ahead_seconds) == ("1", 121)


def test_a_clock_is_told_by_day_with_its_farthest_jump(city):
    for clock, offset in (("08:00", 5.0), ("09:00", 200.0), ("10:00", 70.0), ("11:00", 59.0)):
        poll(city, city.lobby, at(clock), clock_offset_seconds=offset)
    (found,) = looked(city, devices.clock_days, 120)
    assert found == (city.lobby, ON, 2, 200.0, local("09:00"), 5.0, 200.0)


def test_a_jump_is_seen_from_the_day_before_the_stretch(city):
    poll(city, city.lobby, at("22:00", FIRST - timedelta(days=1)), clock_offset_seconds=0.0)
    poll(city, city.lobby, at("06:00", FIRST), clock_offset_seconds=-130.0)
    assert [one.jump_to for one in looked(city, devices.clock_days, 120)] == [-130.0]


def bunch(city, number, *clocks):
    for pin, clock in enumerate(clocks, start=1):
        city.punch(city.lobby, str(pin), at(clock), received_at=at("15:00"))
    city.owner.execute("UPDATE punch SET poll_id = %s, generation = 1 WHERE poll_id IS NULL", (number,))


def test_a_reading_that_begins_before_the_end_of_the_one_before(city):
    bunch(city, 1, "07:00", "08:00")
    bunch(city, 2, "07:58:01", "08:10")  # not far enough
    bunch(city, 3, "08:08:00", "08:09:00")
    (found,) = looked(city, devices.steps_back, 120)
    assert found == (city.lobby, local("08:08:00"), local("08:10"), 2)


def test_seconds_that_many_share(city):
    for pin in ("1", "2", "3"):
        city.punch(city.lobby, pin, at("07:00"))
    city.punch(city.clinic, "4", at("07:00"))
    (found,) = looked(city, devices.masses, 3)
    assert (found.device, found.pins) == (city.lobby, ["1", "2", "3"])
    assert looked(city, devices.masses, 4) == []


def test_a_shorter_log_is_seen_between_good_polls(city):
    for clock, records in (("07:00", 100), ("08:00", 90), ("09:00", 89), ("10:00", 95)):
        poll(city, city.lobby, at(clock), records_on_device=records)
    poll(city, city.lobby, at("08:30"), outcome="unreachable", records_on_device=1)
    assert [(one.before, one.after) for one in looked(city, devices.losses, 2)] == [(100, 90)]


def test_a_strangers_answer_keeps_its_words(city):
    poll(city, city.lobby, at("07:00"), outcome="wrong_serial", error="CJDE9 answered")
    poll(city, city.lobby, at("08:00"), outcome="unreachable", error="timed out")
    assert [(one.device, one.error) for one in looked(city, devices.strangers)] == [(city.lobby, "CJDE9 answered")]


@pytest.mark.parametrize(
    ("polls", "shown"),
    [
        ([("07:00", "unreachable"), ("09:00", "ok")], True),
        ([("07:00", "unreachable"), ("08:29", "ok"), ("09:00", "ok")], False),
        ([("07:00", "unreachable"), ("12:00", "ok")], False),
        ([("09:00", "ok")], False),
        ([("07:00", "cancelled"), ("09:00", "ok")], False),
    ],
)
def test_a_morning_out_of_reach(city, polls, shown):
    for clock, outcome in polls:
        poll(city, city.lobby, at(clock), outcome=outcome)
    found = looked(city, devices.outages, time(6, 30), time(8, 30), time(12))
    assert [(one.on, one.failed, one.back_at) for one in found] == [(ON, 1, local("09:00"))] * shown


def test_a_late_record_is_one_that_was_not_there_when_its_time_was_read(city):
    poll(city, city.lobby, at("09:00"))
    city.punch(city.lobby, "1", at("08:00"), received_at=at("10:00"))  # not there at 09:00
    city.punch(city.lobby, "2", at("08:59:30"), received_at=at("10:00"))  # may have been on its way
    city.punch(city.lobby, "3", at("08:00"), received_at=at("10:00"), source="usb")
    city.punch(city.lobby, "4", at("08:00"), received_at=at("10:00"), offset=-3600.0)  # its clock explains it
    city.punch(city.clinic, "5", at("08:00"), received_at=at("10:00"))  # that terminal was never read
    assert [one.pin for one in looked(city, devices.late_rows, 60)] == ["1"]
    assert looked(city, devices.late_rows, 121) == []


def test_users_of_nobody(city):
    for device, pin, name in ((city.lobby, "1", "ANI"), (city.lobby, "9", "TAMU"), (city.clinic, "2", "")):
        city.owner.execute("INSERT INTO device_user VALUES (%s, %s, %s, %s)", (device, pin, name, at("12:00")))
    assert [(one.pin, one.name) for one in looked(city, devices.unknown_users)] == [("9", "TAMU")]
    assert looked(city, devices.unknown_users, which=[city.clinic]) == []


def test_users_of_nobody_are_told_by_slot_where_records_name_slots(city):
    log = "INSERT INTO device_log (device_id, version, generation, layout) VALUES (%s, 1, 1, '8-uid')"
    city.owner.execute(f"{log} ON CONFLICT (device_id) DO UPDATE SET layout = '8-uid'", (city.lobby,))
    users = (("1", "ANI", 30), ("9", "TAMU", 1), ("8", "LAMA", 1), ("7", "TANPA", None))
    for user_id, name, slot in users:
        seen = at("11:00" if name == "LAMA" else "12:00")
        row = (city.lobby, user_id, name, seen, slot)
        city.owner.execute("INSERT INTO device_user VALUES (%s, %s, %s, %s, %s)", row)
    # PIN 1 on every device is a user id: it says nothing about slot 1, and LAMA sits there no more.
    assert {one.pin: one.name for one in looked(city, devices.unknown_users)} == {"30": "ANI", "1": "TAMU"}
