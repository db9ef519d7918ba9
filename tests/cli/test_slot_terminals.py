"""Terminals whose 8-byte records name the slot: the wrong person never gets a punch without a word."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

import pytest

from eabsensi.devices.attlog import Layout
from eabsensi.devices.simulator.config import TerminalConfig
from eabsensi.devices.simulator.fleet import Fleet
from eabsensi.devices.simulator.terminal import Terminal
from eabsensi.devices.simulator.users import User

SERIAL = "CJDE2026008"
BUDI, SITI = "198503172010012003", "199001022015032004"
#: Slot 1 is Siti, who types 2; slot 2 is Budi, who types 1.
CROSSED = [User(1, "2", "SITI AM"), User(2, "1", "BUDI SAN"), User(3, "3", "Tamu")]
MORNINGS = [datetime(2026, 9, day, 7, 1) for day in (1, 2, 3, 4, 7, 8)]


@pytest.fixture
def fleet() -> Iterator[Fleet]:
    with Fleet() as fleet:
        yield fleet


@pytest.fixture
def layout() -> Layout:
    return Layout.EIGHT_UID


@pytest.fixture
def terminal(fleet: Fleet, layout: Layout) -> Terminal:
    terminal = fleet.add(TerminalConfig(serial=SERIAL, layout=layout, users=CROSSED))
    for morning in MORNINGS:
        terminal.punch("2", morning)  # only ever Siti
    return terminal


@pytest.fixture
def read(city, terminal) -> Terminal:
    city.devices_file.write_text("devices: []\n")
    city.added = city("device", "add", *at(terminal), "--unit", "PKM1", "--in-use-since", "2026-09-01", "--yes")
    assert city("poll", SERIAL).code == 0
    return terminal


def at(terminal: Terminal) -> tuple[str, ...]:
    transport = "udp" if terminal.config.transport == "udp" else "tcp"
    return (terminal.host, "--port", str(terminal.port), "--transport", transport)


def enrol(city, *rows: str):
    return city(
        "enrolment", "import", city.write("e.csv", "serial,pin,nip,from,to\n" + "".join(f"{row}\n" for row in rows))
    )


def whose(city) -> set[str]:
    exported = city("punch", "export", "--from", "2026-09-01", "--to", "2026-09-30", "--device", SERIAL).out
    return {line.split(",")[3] for line in exported.splitlines()[1:]}


def alarms(city) -> list[str]:
    return next(row["alarms"] for row in city("status", "--json").json if row["serial"] == SERIAL)


def test_the_slot_is_shown_as_the_pin_with_the_user_id_beside_it(city, read) -> None:
    assert "2 of 3 users have another slot than their user id: on CJDE2026008 the PIN is the slot" in city.added.err
    assert "PIN 1 (user id 2)  SITI AM" in city.added.err
    outcome = city("device", "users", SERIAL)
    assert "2 of 3 users have another slot than their user id" in outcome.err
    assert "USER ID" in outcome.out
    shown = city("device", "users", SERIAL, "--json").json
    assert [(one["pin"], one["user_id"], one["name"]) for one in shown] == [
        ("1", "2", "SITI AM"),
        ("2", "1", "BUDI SAN"),
        ("3", "3", "Tamu"),
    ]


@pytest.mark.parametrize("layout", [Layout.EIGHT_UID, Layout.EIGHT_PACKED])
def test_who_is_enrolled_by_what_is_shown_gets_the_punches(city, read) -> None:
    assert enrol(city, f"{SERIAL},1,{SITI},2024-01-01,", f"{SERIAL},2,{BUDI},2024-01-01,").code == 0
    assert whose(city) == {SITI}
    assert alarms(city) == []
    shown = city("device", "users", SERIAL, "--json").json
    assert [(one["nip"], one["doubt"]) for one in shown] == [(SITI, None), (BUDI, None), (None, None)]


def test_an_enrolment_by_user_id_is_refused_where_the_names_tell(city, read) -> None:
    outcome = enrol(city, f"{SERIAL},2,{SITI},2024-01-01,", f"{SERIAL},1,{BUDI},2024-01-01,")
    assert outcome.code == 1
    assert (
        "slot 2 of CJDE2026008 is the user with user id 1 (BUDI SAN); the user with user id 2 (SITI AM) has slot 1"
        in (outcome.err)
    )
    assert whose(city) == {""}


def test_where_the_names_tell_nothing_the_import_says_that_slots_were_meant(city, read) -> None:
    outcome = enrol(city, f"{SERIAL},1,{BUDI},2024-01-01,")
    assert outcome.code == 1
    city.write(
        "n.csv", "nip,name,kind,rank,position,unit,since\n198001012005011001,Rahmat,PNS,III/a,Staf,PKM1,2020-01-01\n"
    )
    assert city("employee", "import", city.folder / "n.csv").code == 0
    outcome = enrol(city, f"{SERIAL},1,198001012005011001,2024-01-01,")
    assert outcome.code == 0
    assert "1 PIN was taken as a slot, not as a user id" in outcome.err


def test_a_pin_on_every_device_is_refused_until_the_slot_has_its_owner(city, read) -> None:
    outcome = enrol(city, f"*,2,{SITI},2024-01-01,", f"*,3,{BUDI},2024-01-01,")
    assert outcome.code == 3  # user id 3 has slot 3: that one is right everywhere
    assert "those punches would reach this employee" in outcome.err
    assert "a row with the serial CJDE2026008, the pin 2 and from 2026-09-01" in outcome.err
    assert enrol(city, f"*,2,{SITI},2024-01-01,", f"{SERIAL},2,{BUDI},2024-01-01,").code == 0
    assert enrol(city, f"{SERIAL},1,{SITI},2024-01-01,").code == 0
    assert whose(city) == {SITI}
    assert alarms(city) == []


def test_an_owner_who_came_later_leaves_days_that_are_refused(city, read) -> None:
    outcome = enrol(city, f"{SERIAL},1,{SITI},2026-09-04,", f"*,1,{BUDI},2024-01-01,")
    assert outcome.code == 3
    assert "the pin 1 and from 2026-09-01" in outcome.err
    assert whose(city) == {"", SITI}


def test_what_was_enrolled_before_is_an_alarm_until_it_is_put_right(city, terminal) -> None:
    city.devices_file.write_text("devices: []\n")
    assert enrol(city, f"*,1,{BUDI},2024-01-01,").code == 0
    city("device", "add", *at(terminal), "--unit", "PKM1", "--in-use-since", "2026-09-01", "--yes")
    assert city("poll", SERIAL).code == 0
    assert whose(city) == {BUDI}  # the wrong person, and never without a word
    assert alarms(city) == ["punches of 1 slot may go to the wrong person: run eabsensi device users CJDE2026008"]
    assert city("doctor").code == 3
    outcome = city("device", "users", SERIAL)
    assert "! NIP 198503172010012003 has PIN 1 on every device and gets these punches" in " ".join(outcome.out.split())
    assert "Punches of 1 slot of CJDE2026008 may go to the wrong person" in outcome.err
    shown = {one["pin"]: one for one in city("device", "users", SERIAL, "--json").json}
    assert (shown["1"]["nip"], shown["2"]["suggestion"]) == (None, BUDI)  # by the user id that he has everywhere
    assert enrol(city, f"{SERIAL},1,{SITI},2024-01-01,").code == 0
    assert (alarms(city), whose(city)) == ([], {SITI})


def test_users_that_were_never_read_are_an_alarm(city, read, owner) -> None:
    owner.execute("DELETE FROM device_user")
    assert alarms(city) == [
        "its records name slots, and its users were not read yet: run eabsensi device users CJDE2026008"
    ]
    outcome = enrol(city, f"*,1,{BUDI},2024-01-01,")
    assert outcome.code == 0
    assert "its users were not read yet, so nobody knows whose the PINs are" in outcome.err


def test_old_news_of_who_sits_where_is_an_alarm(city, read, owner) -> None:
    owner.execute("UPDATE device_user SET seen_at = now() - interval '32 days'")
    assert alarms(city) == [
        "its records name slots, and its users were last read 32 days ago: run eabsensi device users CJDE2026008"
    ]


def test_a_slot_that_went_to_another_user_is_an_alarm(city, read) -> None:
    assert enrol(city, f"{SERIAL},1,{SITI},2024-01-01,").code == 0
    read.enrol(User(1, "9", "RAHMAT"))
    shown = {one["pin"]: one["doubt"] for one in city("device", "users", SERIAL, "--json").json}
    assert shown == {"1": f"the slot was another user's when NIP {SITI} was enrolled", "2": None, "3": None}
    assert alarms(city) == ["punches of 1 slot may go to the wrong person: run eabsensi device users CJDE2026008"]


def test_an_unmapped_pin_has_the_name_of_its_slot(city, read) -> None:
    [found] = city("enrolment", "unmapped", "--device", SERIAL, "--json").json
    assert (found["pin"], found["user_id"], found["name"]) == ("1", "2", "SITI AM")
    assert [match["nip"] for match in found["suggestions"]] == [SITI]
    assert "records name the slot: enrol by the PIN, with this serial, never with *" in (
        city("enrolment", "unmapped", "--device", SERIAL).err
    )


def test_lines_of_a_dump_that_name_another_user_are_left_out(city, read) -> None:
    lines = "".join(f"{pin}\t2026-09-09 07:0{pin}:00\t1\t0\t1\t0\n" for pin in (1, 2, 3))
    outcome = city("punch", "import", "--device", SERIAL, city.write("attlog.dat", lines))
    assert outcome.code == 3
    assert "2 user ids are not known to be their own slot (1, 2); 2 lines were left out" in outcome.err
    [kept] = [one for one in city("enrolment", "unmapped", "--device", SERIAL, "--json").json if one["pin"] == "3"]
    assert kept["punches"] == 1


def test_an_empty_log_leaves_open_what_its_pins_are(city, fleet) -> None:
    empty = fleet.add(replace(TerminalConfig(serial="CJDE2026009", users=CROSSED), layout=Layout.EIGHT_UID))
    outcome = city("device", "probe", *at(empty))
    assert "The log of CJDE2026009 is empty, so nobody knows yet whether its records name the user id or the slot" in (
        outcome.err
    )


@pytest.mark.parametrize("layout", [Layout.SIXTEEN, Layout.FORTY, Layout.FORTY_NINE])
def test_longer_records_name_the_user_id(city, fleet, layout) -> None:
    city.devices_file.write_text("devices: []\n")
    terminal = fleet.add(TerminalConfig(serial=SERIAL, layout=layout, users=CROSSED))
    terminal.punch("2", MORNINGS[0])
    assert "slot" not in city("device", "add", *at(terminal), "--unit", "PKM1", "--yes").err
    assert city("poll", SERIAL).code == 0
    assert enrol(city, f"*,2,{SITI},2024-01-01,").code == 0
    assert (whose(city), alarms(city)) == ({SITI}, [])
