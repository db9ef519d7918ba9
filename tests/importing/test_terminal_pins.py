"""Rows with a PIN that no user of the terminal has: they go in, and each is told."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from eabsensi.devices.registry import Device
from eabsensi.importing.employees import import_employees
from eabsensi.importing.enrolments import import_enrolments
from eabsensi.importing.units import import_units
from eabsensi.store.devices import find_device, sync_devices
from eabsensi.store.deviceslots import SeenUser, save_users
from eabsensi.store.people import list_enrolments

BUDI, SITI = "198503172010012003", "199001022015032004"
FIRST_READ, LAST_READ = datetime(2026, 11, 1, 3, 0, tzinfo=UTC), datetime(2026, 11, 23, 20, 0, tzinfo=UTC)
USERS = [SeenUser("3", "Budi", 1), SeenUser("104", "Siti", 2)]
TAKEN = "when its users were last read on 2026-11-24; the row was taken as it is."  # the terminal's date


class Office:
    """Imports enrolments on terminals, of one of which the users were read."""

    def __init__(self, store, folder):
        self.store = store
        self.path = folder / "pins.csv"
        self._read(import_units, "code,name,pattern,parent\nDINKES,Kesehatan,5-day,\n")
        people = f"{BUDI},Budi,PNS,DINKES,2024-01-01\n{SITI},Siti,PNS,DINKES,2024-01-01\n"
        self._read(import_employees, "nip,name,kind,unit,since\n" + people)
        with store.begin() as connection:
            devices = [Device(serial=serial, unit="DINKES", name="x", host="h") for serial in ("SIM1", "UNREAD")]
            sync_devices(connection, devices, FIRST_READ)
        self.users(FIRST_READ, [*USERS, SeenUser("55", "Gone", 3)])
        self.users(LAST_READ, USERS)

    def users(self, at, users):
        with self.store.begin() as connection:
            save_users(connection, find_device(connection, "SIM1").id, users, at)

    def layout(self, layout):
        with self.store.begin() as connection:
            connection.execute(
                text("""
                    INSERT INTO device_log (device_id, version, generation, layout)
                    SELECT id, 1, 0, :layout FROM device WHERE serial = 'SIM1'
                """),
                {"layout": layout},
            )

    def _read(self, importer, rows):
        self.path.write_text(rows, encoding="utf-8")
        with self.store.begin() as connection:
            counts, problems = importer(connection, self.path)
        return counts, [str(item) for item in problems]

    def __call__(self, *rows):
        counts, problems = self._read(import_enrolments, "serial,pin,nip,from,to\n" + "\n".join(rows) + "\n")
        return (counts.created, counts.failed, counts.doubtful), problems

    def pins(self):
        with self.store.begin() as connection:
            return sorted(row.pin for row in list_enrolments(connection))


@pytest.fixture
def office(store, tmp_path) -> Office:
    return Office(store, tmp_path)


def test_a_pin_that_is_no_users_goes_in_with_a_doubt_that_names_the_one_meant(office):
    counts, problems = office(f"SIM1,0003,{BUDI},2026-01-01,", f"SIM1,1O4,{SITI},2026-01-01,")
    look = "Correct it, or put the person on the terminal and run `eabsensi device users SIM1`."
    assert counts == (2, 0, 2)
    assert problems == [
        f"pins.csv line 2 column pin: SIM1 had no user 0003 {TAKEN} Did you mean '3'? {look}",
        f"pins.csv line 3 column pin: SIM1 had no user 1O4 {TAKEN} Did you mean '104'? {look}",
    ]
    assert office.pins() == ["0003", "1O4"]


def test_a_pin_that_resembles_none_is_told_without_a_guess(office):
    counts, [problem] = office(f"SIM1,abc,{BUDI},2026-01-01,")
    assert (counts, "Did you mean" in problem) == ((1, 0, 1), False)
    assert "had no user abc" in problem


@pytest.mark.parametrize("row", ["SIM1,3", "SIM1,1", "*,0003", "UNREAD,0003"])
def test_nothing_is_said_where_the_pin_is_a_users_or_the_users_are_not_known(office, row):
    # 1 is a slot: before the log's layout is known, nobody can tell whether records will name it or the user id.
    assert office(f"{row},{BUDI},2026-01-01,") == ((1, 0, 0), [])


def test_who_is_gone_from_the_terminal_is_no_user_but_what_was_over_by_then_is_not_told(office):
    assert office(f"SIM1,55,{BUDI},2026-01-01,2026-11-23") == ((1, 0, 0), [])
    counts, [problem] = office(f"SIM1,55,{SITI},2026-11-24,")
    assert (counts, f"SIM1 had no user 55 {TAKEN}" in problem) == ((1, 0, 1), True)


def test_a_refused_row_is_told_once(office):
    counts, [problem] = office("SIM1,0003,197001011995031001,2026-01-01,")
    assert (counts, "there is no employee" in problem) == ((0, 1, 0), True)


def test_where_records_name_the_slot_the_pin_is_a_slot(office):
    office.layout("8-packed")
    counts, problems = office(f"SIM1,2,{SITI},2026-01-01,", f"SIM1,104,{BUDI},2026-01-01,")
    assert counts == (2, 0, 1)
    assert f"pins.csv line 3 column pin: SIM1 had no user in slot 104 {TAKEN}" in problems[0]


def test_where_records_name_the_user_id_a_slot_is_no_pin(office):
    office.layout("40")
    counts, [problem] = office(f"SIM1,2,{SITI},2026-01-01,", f"SIM1,104,{BUDI},2026-01-01,")
    assert (counts, "SIM1 had no user 2 " in problem) == ((2, 0, 1), True)
