"""A day judged from a real database, by what was known at an instant."""

from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from judged_city import END, JAKARTA, MORNING_AFTER, ON, City, at

from eabsensi.assessing.daily import UnknownUnitError
from eabsensi.discipline.verdict import Status

SITI, BUDI = "199001012015011001", "199202022016022002"


@pytest.fixture
def city(store, owner) -> City:
    """Give a city with one unit, one device, and two enrolled people."""
    city = City(store, owner)
    city.unit("KOTA")
    city.unit("DINKES", parent="KOTA")
    city.lobby = city.device("DINKES", "LOBI")
    for pin, nip in (("007", SITI), ("8", BUDI)):
        city.enrol(city.person(nip, "DINKES"), pin)
    return city


def found(city: City, nip: str = SITI, **known) -> tuple[str, tuple[str, ...], bool]:
    verdict = city.row(nip, **known).verdict
    return verdict.status.value, verdict.codes, verdict.complete


def test_present_late_and_absent_once_the_device_was_read_past_the_day(city):
    city.punch(city.lobby, "007", at("07:20:30"))
    city.punch(city.lobby, "007", at("15:45"))
    city.poll(city.lobby, END + timedelta(minutes=1))
    assert found(city) == ("present", ("TL1",), True)
    assert found(city, BUDI) == ("absent", ("TK",), True)
    verdict = city.row(SITI).verdict
    assert (verdict.in_at, verdict.out_at) == (at("07:20:30"), at("15:45"))
    assert verdict.in_at.isoformat() == "2026-11-24T07:20:30+07:00"
    assert verdict.late_minutes == 5


def test_pins_are_text_and_keep_their_leading_zeros(city):
    city.punch(city.lobby, "7", at("07:00"))
    city.poll(city.lobby, MORNING_AFTER)
    assert found(city) == ("absent", ("TK",), True)


def test_a_terminal_offline_for_three_days_makes_undetermined_and_then_present_and_each_answer_can_be_asked_again(city):
    city.poll(city.lobby, at("10:12", ON - timedelta(days=1)))
    for day in range(3):
        city.poll(city.lobby, at("12:00") + timedelta(days=day), outcome="unreachable")
    delivered = at("12:00") + timedelta(days=3)
    city.punch(city.lobby, "007", at("07:00"), received_at=delivered)
    city.punch(city.lobby, "007", at("16:00"), received_at=delivered)
    city.poll(city.lobby, delivered)

    waiting = delivered - timedelta(hours=1)
    assert found(city, as_of=waiting) == ("undetermined", ("?",), False)
    assert city.why(SITI, waiting) == "mesin mesin LOBI belum terbaca sejak 23 November 2026 10.12 (tidak terhubung)"
    assert found(city, BUDI, as_of=waiting) == ("undetermined", ("?",), False)
    assert found(city, as_of=delivered) == ("present", ("H",), True)
    assert found(city, BUDI, as_of=delivered) == ("absent", ("TK",), True)


def test_a_device_that_was_never_read_leaves_everybody_undetermined(city):
    assert found(city) == ("undetermined", ("?",), False)
    assert "belum pernah terbaca" in city.why(SITI)


def test_every_device_of_the_unit_counts_and_a_disabled_one_only_while_it_could_hold_the_punch(city):
    city.poll(city.lobby, MORNING_AFTER)
    city.device("DINKES", "LAMA", enabled=False, disabled_at=at("00:00") - timedelta(seconds=1))
    assert found(city)[0] == "absent"
    city.device("DINKES", "SIANG", enabled=False, disabled_at=at("12:00"))
    assert found(city)[0] == "undetermined"
    assert "SIANG" in city.why(SITI)


def test_a_unit_without_a_device_uses_that_of_the_nearest_unit_above(city):
    city.unit("DINKES-A", parent="DINKES")
    city.unit("DINKES-A-1", parent="DINKES-A")
    city.enrol(city.person("3", "DINKES-A-1"), "3")
    city.device("KOTA", "BALAIKOTA")
    assert found(city, "3")[0] == "undetermined"
    city.poll(city.lobby, MORNING_AFTER)
    assert found(city, "3") == ("absent", ("TK",), True)


def test_a_unit_without_any_device_above_it_says_so(city):
    city.unit("BARU")
    city.enrol(city.person("4", "BARU"), "4")
    assert found(city, "4") == ("undetermined", ("?",), False)
    assert city.why("4") == "Unit BARU belum mempunyai mesin absensi"
    assert [note.text() for note in city.day().unit_notes["BARU"]] == ["Unit BARU belum mempunyai mesin absensi"]


def test_a_device_on_which_the_person_is_enrolled_by_name_counts_too(city):
    city.unit("SETDA", parent="KOTA")
    hall = city.device("SETDA", "AULA")
    siti = city.row(SITI).person.employee_id
    city.enrol(siti, "99", hall)
    city.poll(city.lobby, MORNING_AFTER)
    assert found(city)[0] == "undetermined"
    assert "AULA" in city.why(SITI)
    assert found(city, BUDI)[0] == "absent"
    city.punch(hall, "99", at("07:00"))
    city.punch(hall, "99", at("15:45"))
    city.poll(hall, MORNING_AFTER)
    assert found(city) == ("present", ("H",), True)


def test_a_punch_at_another_unit_counts_and_is_pointed_out(city):
    city.unit("SETDA", parent="KOTA")
    hall = city.device("SETDA", "AULA")
    city.punch(hall, "007", at("07:00"))
    city.punch(city.lobby, "007", at("15:45"))
    city.poll(city.lobby, MORNING_AFTER)
    assert found(city) == ("present", ("H",), True)
    assert city.why(SITI) == "merekam di mesin unit lain: mesin AULA"


def test_a_pin_enrolled_on_one_device_means_that_person_there_whatever_it_means_elsewhere(city):
    city.enrol(city.person("5", "DINKES"), "007", city.lobby)
    city.punch(city.lobby, "007", at("07:00"))
    city.poll(city.lobby, MORNING_AFTER)
    assert found(city, "5")[0] == "present"
    assert found(city)[0] == "absent"


def test_an_enrolment_that_starts_tomorrow_means_nobody_today(city):
    city.enrol(city.person("6", "DINKES"), "66", since=ON + timedelta(days=1))
    city.punch(city.lobby, "66", at("07:00"))
    city.poll(city.lobby, MORNING_AFTER)
    assert found(city, "6") == ("undetermined", ("?",), False)
    assert city.why("6") == "belum terdaftar pada mesin absensi"


def test_a_transfer_moves_the_person_on_its_day(city):
    city.unit("SETDA", parent="KOTA", pattern="6-day")
    city.person("7", "DINKES", until=date(2026, 11, 21))
    city.person("7", "SETDA", since=date(2026, 11, 21))
    assert city.row("7", on=date(2026, 11, 20)).unit.code == "DINKES"
    saturday = city.row("7", on=date(2026, 11, 21))
    assert saturday.unit.code == "SETDA"
    assert saturday.verdict.status is Status.UNDETERMINED  # a working day of its six
    assert found(city, on=date(2026, 11, 21)) == ("off", ("L",), True)


def test_what_came_after_as_of_is_not_seen(city):
    city.punch(city.lobby, "007", at("07:00"), received_at=at("07:05"))
    city.poll(city.lobby, at("07:05"))
    assert found(city, as_of=at("07:04:59"))[0] == "undetermined"
    assert found(city, as_of=at("07:05")) == ("present", ("H",), False)


def test_a_live_event_counts_until_the_log_was_read_past_it(city):
    city.poll(city.lobby, at("07:00"))
    city.live(city.lobby, "007", at("07:10"))
    assert found(city, as_of=at("07:11")) == ("present", ("H",), False)
    assert "belum dibaca dari log" in city.why(SITI, at("07:11"))
    city.poll(city.lobby, at("07:15"))
    assert found(city, as_of=at("07:16"))[0] == "undetermined"


@pytest.mark.parametrize(("slot", "status"), [(7, "present"), (8, "undetermined")])
def test_where_records_name_slots_a_live_event_counts_for_whom_slot_and_user_id_are_one(city, slot, status):
    city.poll(city.lobby, at("07:00"))
    city.owner.execute(
        "INSERT INTO device_log (device_id, version, generation, layout) VALUES (%s, 1, 1, '8-uid')"
        " ON CONFLICT (device_id) DO UPDATE SET layout = '8-uid'",
        (city.lobby,),
    )
    [siti] = city.owner.execute("SELECT id FROM employee WHERE nip = %s", (SITI,)).fetchone()
    city.enrol(siti, "7", city.lobby)
    row = (city.lobby, "7", "SITI", at("06:00"), slot)
    city.owner.execute("INSERT INTO device_user VALUES (%s, %s, %s, %s, %s)", row)
    city.live(city.lobby, "7", at("07:10"))
    assert found(city, as_of=at("07:11"))[0] == status


def test_a_live_event_that_the_log_has_delivered_is_one_punch(city):
    city.poll(city.lobby, at("07:00"))
    city.live(city.lobby, "007", at("07:10"), heard_at=at("07:10:02"))
    city.punch(city.lobby, "007", at("07:10"), received_at=at("07:10:01"))
    assert found(city, as_of=at("07:11")) == ("present", ("H",), False)
    assert "rekaman langsung" not in city.why(SITI, at("07:11"))


def test_a_dump_from_usb_is_evidence_but_does_not_make_the_day_complete(city):
    city.poll(city.lobby, at("10:00", ON - timedelta(days=1)))
    city.poll(city.lobby, at("09:00"), outcome="unreachable")
    city.punch(city.lobby, "007", at("07:00"), received_at=MORNING_AFTER, source="usb")
    assert found(city) == ("present", ("H",), False)
    assert found(city, BUDI) == ("undetermined", ("?",), False)


@pytest.mark.parametrize("offset", [420.0, -420.0])
def test_a_wrong_clock_that_matters_needs_a_decision_and_one_that_does_not_is_noted(city, offset):
    wrong = timedelta(seconds=offset)
    city.poll(city.lobby, at("06:00"), offset=offset)
    city.punch(city.lobby, "007", at("07:15:30") + wrong / 2, received_at=at("07:20"), offset=offset)
    city.punch(city.lobby, "8", at("06:30") + wrong, received_at=at("06:35"), offset=offset)
    for pin in ("007", "8"):
        city.punch(city.lobby, pin, at("16:30") + wrong, received_at=at("16:35"), offset=offset)
    city.poll(city.lobby, MORNING_AFTER, offset=offset)
    assert found(city) == ("undetermined", ("?",), False)
    assert "7 menit lebih" in city.why(SITI)
    assert "perlu keputusan" in city.why(SITI)
    assert found(city, BUDI) == ("present", ("H",), True)
    assert "hasilnya sama" in city.why(BUDI)
    assert "jam mesin" in city.day().unit_notes["DINKES"][0].text()


def test_punches_of_a_clock_a_year_behind_are_found_on_the_day_that_they_mean(city):
    year = timedelta(days=365)
    city.poll(city.lobby, at("06:00"), offset=-year.total_seconds())
    city.punch(city.lobby, "007", at("07:00") - year, received_at=at("07:03"), offset=-year.total_seconds())
    city.poll(city.lobby, MORNING_AFTER, offset=0.0)
    assert found(city) == ("undetermined", ("?",), False)
    assert "menurut jam mesin TK, bila disesuaikan PSW4" in city.why(SITI)
    assert found(city, BUDI) == ("absent", ("TK",), True)


def test_a_unit_in_another_zone_has_its_own_day(city):
    jayapura = ZoneInfo("Asia/Jayapura")
    city.unit("WIT", timezone="Asia/Jayapura")
    city.unit("WIT-A", parent="WIT")
    device = city.device("WIT", "TIMUR", timezone="Asia/Jayapura")
    city.enrol(city.person("9", "WIT-A"), "9")
    city.punch(device, "9", at("07:15", zone=jayapura), zone=jayapura)
    city.punch(device, "9", at("15:45", zone=jayapura), zone=jayapura)
    midnight = at("00:00", ON + timedelta(days=1), jayapura)
    city.poll(device, midnight)
    assert found(city, "9", as_of=midnight) == ("present", ("H",), True)
    assert city.row("9", as_of=midnight).verdict.in_at.isoformat() == "2026-11-24T07:15:00+09:00"
    assert city.day(unit="WIT-A").zone == jayapura
    assert city.day().zone == JAKARTA


def test_a_unit_shows_itself_and_those_below_it(city):
    city.unit("SETDA", parent="KOTA")
    city.person("10", "SETDA")
    assert {row.unit.code for row in city.day(unit="KOTA").rows} == {"DINKES", "SETDA"}
    assert {row.person.nip for row in city.day(unit="DINKES").rows} == {SITI, BUDI}
    assert city.day(unit="DINKES").unit.name == "Unit DINKES"


def test_an_unknown_unit_is_refused_with_the_nearest_name(city):
    with pytest.raises(UnknownUnitError, match=r"There is no unit DINKEZ. Did you mean DINKES\?"):
        city.day(unit="DINKEZ")
    with pytest.raises(UnknownUnitError, match="eabsensi unit list"):
        city.day(unit="zzz")


def test_a_city_without_people_or_units_is_an_empty_day(store, owner):
    empty = City(store, owner).day()
    assert (empty.rows, empty.unit_devices) == ((), {})


def test_a_holiday_waits_for_no_device(city):
    independence = date(2026, 8, 17)
    assert found(city, on=independence) == ("off", ("L",), True)
    assert [note.text() for note in city.day(on=independence).unit_notes["DINKES"]] == [
        "Hari Kemerdekaan Republik Indonesia"
    ]
