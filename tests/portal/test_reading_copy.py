"""Lists, files and nights are read from the copy; one that stands still makes nobody absent, and says of when it is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import httpx
import psycopg
import pytest
from judged_city import ON, POLICY, at
from openpyxl import load_workbook
from portal_city import ANDI, BUDI, Browser, PortalCity, serving
from sqlalchemy import make_url

from eabsensi.access.accounts import create_token
from eabsensi.access.roles import Role
from eabsensi.portal.api import registers
from eabsensi.portal.desk import Desk
from eabsensi.reports.nightly import Night
from eabsensi.sealing.sealer import seal_evidence
from eabsensi.store.database import Store
from eabsensi.store.roles import Role as DatabaseRole

WEDNESDAY = ON + timedelta(days=1)
MONTH = f"{ON:%Y-%m}"


class FollowedCity(PortalCity):
    """The city, and a copy of its database that stands still since Tuesday evening."""

    copied_at: datetime

    def let_wednesday_pass(self) -> None:
        """Nobody comes on Wednesday, and every terminal is read on Thursday; the copy learns nothing of it."""
        self.clock.at = at("08:00", ON + timedelta(days=2))
        for device in self.devices.values():
            self.poll(device, self.clock.at - timedelta(minutes=10))
        self.judge(last=WEDNESDAY)
        seal_evidence(self.store, self.clock)

    def desk(self) -> Desk:
        desk = super().desk()
        desk.store.reader = self.store.reader
        return desk


@pytest.fixture
def city(database: str, server) -> Iterator[FollowedCity]:
    address = database.replace("+psycopg", "")
    store = Store.at(database)
    with psycopg.connect(address, autocommit=True) as owner:
        made = FollowedCity(store, owner)
        made.judge()
        made.open_accounts()
        seal_evidence(store, made.clock)
    store.dispose()
    made.copied_at = made.clock.at
    with server.database(make_url(database).database) as copy, psycopg.connect(address, autocommit=True) as owner:
        made.owner = owner
        store.reader = Store.reading_at(copy, DatabaseRole.PORTAL)
        yield made
        store.dispose()


@pytest.fixture
def program(city, portal) -> Iterator[httpx.Client]:
    """Give a program whose token is younger than the copy: who may look is asked where it is up to date."""
    city.let_wednesday_pass()
    with city.store.begin() as connection:
        token = create_token(connection, "payroll", Role.HR, None, days=30, by="test", at=city.clock.now())
    with httpx.Client(base_url=f"{portal}/api/v1", headers={"Authorization": f"Bearer {token}"}) as client:
        yield client


@pytest.fixture
def without_copy(city) -> Iterator[str]:
    """Give the address of a portal that reads the database itself."""
    desk = city.desk()
    desk.store.reader = None
    with serving(desk) as address:
        yield address


def asked(client: httpx.Client, address: str, without: str = "") -> dict:
    where = f"{without}/api/v1{address}" if without else address
    answer = client.get(where)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_day_that_the_copy_has_not_seen_is_nobodys_absence(city, program, without_copy):
    day = f"/daily?date={WEDNESDAY}"
    assert {row["status"] for row in asked(program, day, without_copy)["rows"]} == {"absent"}
    found = asked(program, day)
    assert {row["status"] for row in found["rows"]} == {"undetermined"}
    assert found["complete"] is False
    assert datetime.fromisoformat(found["as_of"]) <= city.copied_at


@pytest.mark.parametrize(
    ("address", "of"),
    [
        (f"/monthly?month={MONTH}", lambda row: row["days"].get(str(WEDNESDAY), "")),
        (f"/allowance?month={MONTH}", lambda row: [line["date"] for line in row["lines"]]),
        (f"/yearly?year={ON.year}", lambda row: row["dates"]),
    ],
)
def test_months_and_years_are_as_of_when_the_copy_is(city, program, without_copy, address, of):
    real, copied = asked(program, address, without_copy), asked(program, address)
    assert [of(row) for row in real["rows"]] != [of(row) for row in copied["rows"]]
    assert "TK" in str([of(row) for row in real["rows"]]) or str(WEDNESDAY) in str([of(row) for row in real["rows"]])
    told = str([of(row) for row in copied["rows"]])
    assert "TK" not in told
    assert str(WEDNESDAY) not in told
    assert datetime.fromisoformat(copied["as_of"]) <= city.copied_at


def test_punches_and_findings_are_not_called_complete(city, program, without_copy):
    for address in (f"/punches?from={ON}&to={WEDNESDAY}", f"/findings?from={ON}&to={WEDNESDAY}"):
        assert asked(program, address, without_copy)["complete"] is True
        found = asked(program, address)
        assert found["complete"] is False, address
        assert datetime.fromisoformat(found["as_of"]) <= city.copied_at


def test_a_call_is_noted_in_the_database_itself(city, program):
    asked(program, f"/monthly?month={MONTH}")
    told = city.owner.execute("SELECT subject FROM trail WHERE action = 'read-api'").fetchall()
    assert told == [(f"monthly {MONTH}",)]


def test_what_is_polled_while_a_page_is_cut_does_not_make_it_complete(city, program, without_copy, monkeypatch):
    """The terminal delivers a touch and is read past the day, after the rows were read."""
    device, real = city.device("DISDIK", "SN-LATE"), registers.page_of_punches

    def page_and_poll(*arguments, **options):
        rows = real(*arguments, **options)
        city.punch(device, "4", at("07:20", WEDNESDAY), received_at=city.clock.at)
        city.poll(device, city.clock.at)
        return rows

    monkeypatch.setattr(registers, "page_of_punches", page_and_poll)
    found = asked(program, f"/punches?from={WEDNESDAY}&to={WEDNESDAY}", without_copy)
    assert found["rows"] == []
    assert found["complete"] is False


def test_files_are_of_the_copy_and_kept_in_the_database(city, browser: Browser):
    city.let_wednesday_pass()
    hr = browser("hr")
    months = json.loads(hr.get(f"/downloads/monthly.json?month={MONTH}").text)
    assert [row["days"].get(str(WEDNESDAY)) for row in months if row["days"].get(str(WEDNESDAY)) == "TK"] == []
    days = json.loads(hr.get(f"/downloads/personal.json?nip={BUDI}&month={MONTH}").text)
    assert [day["status"] for day in days if day["date"] == str(WEDNESDAY)] in ([], ["undetermined"])
    assert hr.get(f"/downloads/yearly.pdf?year={ON.year}&unit=PKM1").status_code == 200
    papers = city.owner.execute("SELECT kind, as_of <= %s FROM issued_paper", (city.copied_at,)).fetchall()
    assert papers == [("yearly", True)]


def test_who_may_see_a_person_is_asked_where_it_is_up_to_date(city, browser: Browser):
    """Andi has moved to the operator's unit and back again since the copy stands still."""
    operator = browser("operator")
    personal = f"/downloads/personal.json?nip={ANDI}&month={MONTH}"
    assert operator.get(personal).status_code == 403
    city.owner.execute("UPDATE posting SET unit_code = 'PKM1' WHERE employee_id = %s", (city.people[ANDI],))
    assert operator.get(personal).status_code == 200


def write_night(city: FollowedCity, folder: Path, on: date) -> list[tuple[str, datetime]]:
    """Write a night with the rights of its own role; give the papers that the database itself has kept."""
    store, copy = (Store(one.engine, role=DatabaseRole.REPORTS) for one in (city.store, city.store.reader))
    store.reader = copy
    paths, problems = Night(store, POLICY, on, city.clock.at, folder, "nightly").write()
    assert (len(paths), problems) == (5, [])
    return city.owner.execute("SELECT kind, as_of FROM issued_paper ORDER BY kind, code").fetchall()


def test_a_night_is_read_from_a_copy_that_has_seen_the_day_end(city, tmp_path):
    city.let_wednesday_pass()
    papers = write_night(city, tmp_path, ON - timedelta(days=1))
    assert {kind for kind, _ in papers} == {"daily", "devices"}
    assert all(as_of <= city.copied_at for _, as_of in papers)


def test_a_night_is_read_from_the_database_itself_where_the_copy_has_not_seen_the_day_end(city, tmp_path, capfd):
    """Else the folder would hold a day of which nobody knows anything, and nobody is there to ask again."""
    city.let_wednesday_pass()
    papers = write_night(city, tmp_path, WEDNESDAY)
    assert {as_of for _, as_of in papers} == {city.clock.at}
    [book] = tmp_path.rglob("harian-*.xlsx")
    cells = {cell.value for sheet in load_workbook(book).worksheets for row in sheet.iter_rows() for cell in row}
    assert "TK" in cells
    assert "the reader has not seen the day end" in capfd.readouterr().err
