"""Whose a PIN is: a person says so, in scope and once; the days since are judged at once."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from filing_city import ANDI, BUDI, ON
from judged_city import at

from eabsensi.access.roles import NotAllowedError
from eabsensi.discipline.verdict import Status
from eabsensi.filing.mapping import PinWish, look_at_mapping, map_pin, unmapped_in_scope, unmapped_pin
from eabsensi.filing.refusals import WishRefusedError
from eabsensi.law.wording import Language
from eabsensi.store.people import list_enrolments

MONDAY = ON - timedelta(days=1)


@pytest.fixture
def punched(city):
    """Give the city with PIN 77 on the terminal of DINKES on two days."""
    for on in (MONDAY, ON):
        city.punch(city.devices["DINKES"], "77", at("07:00", on))
        city.punch(city.devices["DINKES"], "77", at("16:40", on))
    city.punch(city.devices["DISDIK"], "88", at("07:00"))
    return city


def map_it(city, clerk, **fields):
    wish = PinWish(**{"serial": "SN-DINKES", "pin": "77", "nip": BUDI, "since": f"{MONDAY}"} | fields)
    city.clock.at += timedelta(minutes=1)
    with city.store.begin() as connection:
        return map_pin(connection, clerk, wish)


def seen(city, clerk):
    with city.store.begin() as connection:
        return [(person.pin.serial, person.pin.pin) for person in unmapped_in_scope(connection, clerk, None, None)]


def faults(city, **fields):
    with pytest.raises(WishRefusedError) as refused:
        map_it(city, city.hr, **fields)
    return refused.value.by_field(Language.ID)


def test_a_mapped_pin_changes_the_days_since_at_once(punched):
    at_first = punched.clock.now() + timedelta(minutes=1)
    mapped = map_it(punched, punched.hr)
    changes = mapped.judgement.changes
    assert [(change.on, change.before.status, change.now.status) for change in changes] == [
        (MONDAY, Status.ABSENT, Status.PRESENT),
        (ON, Status.ABSENT, Status.PRESENT),
    ]
    assert punched.standing().row.status == "present"
    assert seen(punched, punched.hr) == [("SN-DISDIK", "88")]
    assert punched.trail() == [("hr", "map-pin", BUDI)]
    with punched.store.begin() as connection:
        view = look_at_mapping(connection, punched.hr, BUDI, MONDAY, at_first)
    assert (view.person.nip, view.days.changed, [day.before.status for day in view.days.shown]) == (
        BUDI,
        2,
        [Status.ABSENT, Status.ABSENT, Status.UNDETERMINED],
    )


def test_the_same_mapping_again_changes_nothing(punched):
    map_it(punched, punched.hr)
    again = map_it(punched, punched.hr)
    assert again.judgement.changes == ()
    assert len(punched.trail()) == 1
    with punched.store.begin() as connection:
        assert [row.pin for row in list_enrolments(connection)] == ["1", "2", "77"]


def test_operators_see_the_pins_of_their_own_devices_and_map_none(punched):
    assert seen(punched, punched.operator) == [("SN-DINKES", "77")]
    assert seen(punched, punched.hr) == [("SN-DINKES", "77"), ("SN-DISDIK", "88")]
    with pytest.raises(NotAllowedError):
        map_it(punched, punched.operator)
    with pytest.raises(NotAllowedError), punched.store.begin() as connection:
        unmapped_pin(connection, punched.operator, "SN-DINKES", "77")
    with pytest.raises(NotAllowedError), punched.store.begin() as connection:
        look_at_mapping(connection, punched.operator, BUDI, MONDAY, punched.clock.now())


def test_name_matches_of_other_units_are_not_shown_to_operators(punched):
    punched.owner.execute(
        "INSERT INTO device_user (device_id, pin, name, seen_at) VALUES (%s, '77', 'Pegawai', now())",
        (punched.devices["DINKES"],),
    )
    with punched.store.begin() as connection:
        [mine] = unmapped_in_scope(connection, punched.operator, None, None)
        [all_of_them, _] = unmapped_in_scope(connection, punched.hr, None, None)
    assert [match.nip for match in mine.suggestions] == [BUDI]
    assert {match.nip for match in all_of_them.suggestions} == {BUDI, ANDI}


def test_a_pin_of_somebody_else_is_refused_with_the_name(punched):
    map_it(punched, punched.hr)
    told = faults(punched, nip=ANDI)
    assert told == {
        "pin": f"PIN 77 sudah terdaftar atas nama Pegawai {BUDI} ({BUDI}) sejak {MONDAY};"
        " akhiri pendaftaran itu dahulu."
    }


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"serial": "SN-X"}, "serial"),
        ({"pin": " \x00 "}, "pin"),
        ({"pin": "7 7"}, "pin"),
        ({"pin": ""}, "pin"),
        ({"nip": "190001011900011001"}, "nip"),
        ({"nip": ""}, "nip"),
        ({"since": "kemarin"}, "since"),
        ({"since": f"{ON + timedelta(days=3)}"}, "since"),
        ({"since": ""}, "since"),
    ],
)
def test_what_does_not_fit_is_refused_by_field(punched, fields, field):
    assert field in faults(punched, **fields)
    assert len(seen(punched, punched.hr)) == 2


@pytest.fixture
def slotted(punched):
    """The terminal's 8-byte records name the slot: slot 77 is the user with user id 5, user id 77 has slot 9."""
    device = punched.devices["DINKES"]
    punched.owner.execute(
        "INSERT INTO device_log (device_id, version, generation, layout) VALUES (%s, 1, 1, '8-uid')"
        " ON CONFLICT (device_id) DO UPDATE SET layout = '8-uid'",
        (device,),
    )
    for user_id, name, slot in (("5", "TAMU", 77), ("77", "PEGAWAI", 9)):
        punched.owner.execute("INSERT INTO device_user VALUES (%s, %s, %s, now(), %s)", (device, user_id, name, slot))
    return punched


@pytest.mark.parametrize(("everywhere", "word"), [(True, "jatuh ke pegawai ini"), (False, "PEGAWAI memakai slot 9")])
def test_a_slot_is_not_mapped_to_the_user_with_that_user_id(slotted, everywhere, word):
    told = faults(slotted, everywhere=everywhere)
    assert word in told["pin"]
    assert "slot 77 milik pengguna 5 (TAMU)" in told["pin"]


def test_an_unmapped_slot_is_shown_with_the_user_id_and_the_name_of_its_user(slotted):
    with slotted.store.begin() as connection:
        [mine] = unmapped_in_scope(connection, slotted.operator, None, None)
    assert (mine.pin.pin, mine.pin.user_id, mine.pin.name) == ("77", "5", "TAMU")


def test_somebody_who_left_before_cannot_get_a_pin(punched):
    punched.owner.execute("UPDATE posting SET valid_during = daterange('2020-01-01', '2026-01-01')")
    assert "nip" in faults(punched)


def test_on_every_device_means_every_device(punched):
    punched.punch(punched.devices["DISDIK"], "77", at("17:30"))
    map_it(punched, punched.hr, everywhere=True)
    assert seen(punched, punched.hr) == [("SN-DISDIK", "88")]
    with punched.store.begin() as connection:
        [row] = [row for row in list_enrolments(connection) if row.pin == "77"]
    assert (row.serial, row.since, row.until) == ("*", MONDAY, None)


def test_days_before_the_city_was_collected_stay_unjudged(punched):
    map_it(punched, punched.hr, since="2021-01-04")
    with punched.store.begin() as connection:
        view = look_at_mapping(connection, punched.hr, BUDI, date(2021, 1, 4), punched.clock.now())
    assert min(day.on for day in view.days.shown) == ON - timedelta(days=7)
