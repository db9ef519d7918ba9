"""Months and years as reports load them: stored verdicts, closed content, and the rest judged on the spot."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from judged_city import JAKARTA, POLICY, City, at

from eabsensi.assessing.city import UnknownUnitError
from eabsensi.assessing.closing import close_period, reopen_period
from eabsensi.assessing.keeping import rebuild
from eabsensi.clock import SystemClock
from eabsensi.discipline.verdict import Status
from eabsensi.law.wording import Language
from eabsensi.reports.indications import indications_report
from eabsensi.reports.judged import JudgedPeriod
from eabsensi.reports.loading import Asked, judged_month, judged_year
from eabsensi.reports.monthly import monthly_report
from eabsensi.reports.paper import Medium
from eabsensi.reports.yearly import yearly_report
from eabsensi.store.documents import Document, approve_document, file_documents, revoke_document

SITI, BUDI = "199001012015011001", "199202022016022002"
FIRST, LAST = date(2026, 11, 2), date(2026, 11, 6)
NOVEMBER = (date(2026, 11, 1), date(2026, 11, 30))


class Clock(SystemClock):
    """Stands still until a test moves it."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at.astimezone(UTC)


@pytest.fixture
def city(store, owner) -> City:
    """Give two units with a device each; Siti moves on the 5th; Monday to Friday she punches, Budi never does."""
    city = City(store, owner)
    city.unit("KOTA")
    for code in ("DINKES", "DISDIK"):
        city.unit(code, parent="KOTA")
    city.devices = {code: city.device(code, f"M-{code}") for code in ("DINKES", "DISDIK")}
    siti = city.person(SITI, "DINKES", date(2026, 11, 1), date(2026, 11, 5))
    city.person(SITI, "DISDIK", date(2026, 11, 5))
    city.enrol(siti, "1")
    city.enrol(city.person(BUDI, "DINKES", date(2026, 11, 1)), "2")
    for day in range(2, 7):
        on = date(2026, 11, day)
        device = city.devices["DINKES" if day < 5 else "DISDIK"]
        city.punch(device, "1", at("07:40", on))
        city.punch(device, "1", at("16:00", on))
    city.read_at = at("06:00", date(2026, 11, 7))
    for device in city.devices.values():
        city.poll(device, city.read_at)
    city.clock = Clock(city.read_at + timedelta(minutes=5))
    return city


def month(city: City, unit: str | None = None, as_of: datetime | None = None, past: bool = False) -> JudgedPeriod:
    with city.store.begin() as connection:
        return judged_month(connection, POLICY, Asked(*NOVEMBER, as_of or city.clock.at, unit, past))


def by_nip(period: JudgedPeriod, unit: str) -> dict[str, dict]:
    rows = monthly_report(period, POLICY).objects(Language.ID)
    return {row["nip"]: row for row in rows if row["unit"] == unit}


def judge(city: City, first: date = FIRST, last: date = LAST) -> None:
    rebuild(city.store, POLICY, first, last, by="tester", cause="test", clock=city.clock)


def test_what_is_not_stored_is_judged_on_the_spot_and_counted_as_such(city):
    rows = by_nip(month(city), "DINKES")
    assert (rows[BUDI]["absent_days"], rows[BUDI]["on_the_spot"]) == (5, 7)
    judge(city)
    stored = by_nip(month(city), "DINKES")
    assert (stored[BUDI]["absent_days"], stored[BUDI]["on_the_spot"]) == (5, 2)
    assert stored[BUDI]["days"] == rows[BUDI]["days"]


def test_a_transfer_parts_the_month_by_the_unit_of_each_day(city):
    judge(city)
    health, school = by_nip(month(city), "DINKES")[SITI], by_nip(month(city), "DISDIK")[SITI]
    assert (health["late_count"], school["late_count"]) == (3, 2)
    assert set(health["days"]) & set(school["days"]) == set()
    assert {row["unit"] for row in monthly_report(month(city, "DISDIK"), POLICY).objects(Language.ID)} == {"DISDIK"}


def test_days_that_have_not_come_are_not_in_the_month(city):
    assert max(day.on for day in month(city).days) == date(2026, 11, 7)


def test_a_past_instant_is_judged_by_what_was_known_then_and_not_by_what_is_stored(city):
    judge(city)
    then = at("12:00", date(2026, 11, 3))
    days = list(month(city, as_of=then, past=True).days)
    assert max(day.on for day in days) == date(2026, 11, 3)
    assert all(day.version is None for day in days)
    assert all(day.status is Status.UNDETERMINED for day in days if day.person.nip == BUDI and day.on >= FIRST)


def test_a_closed_month_shows_what_was_closed_and_points_at_what_came_later(city, owner):
    judge(city, NOVEMBER[0], date(2026, 11, 6))
    period = close_period(
        city.store, POLICY, "DINKES", NOVEMBER[0], by="kepala", through=date(2026, 11, 6), clock=city.clock
    )
    city.clock.at += timedelta(hours=1)
    city.punch(city.devices["DINKES"], "2", at("07:00", FIRST), received_at=city.clock.at - timedelta(minutes=1))
    judge(city)
    found = month(city)
    rows = by_nip(found, "DINKES")
    assert (rows[BUDI]["days"]["2026-11-02"], rows[BUDI]["absent_days"]) == ("TK", 5)
    assert (rows[BUDI]["closed"], rows[BUDI]["version"], rows[BUDI]["sha256"]) == (True, 1, period.sha256)
    assert [day.on for day in found.days if day.addendum] == [FIRST]
    parts = monthly_report(found, POLICY).paper(Medium.SCREEN, Language.ID).parts
    part = next(part for part in parts if part.code == "DINKES")
    assert f"DITUTUP versi 1 s.d. 6 November 2026 pada 7 November 2026 06.05, SHA-256 {period.sha256}" in part.state
    assert any(line.startswith("Adendum: 1 hari pegawai berubah") for line in part.state)

    reopen_period(city.store, "DINKES", NOVEMBER[0], by="kepala", reason="data susulan", clock=city.clock)
    city.clock.at += timedelta(minutes=1)
    again = by_nip(month(city), "DINKES")[BUDI]
    assert (again["days"]["2026-11-02"] != "TK", again["closed"], again["version"]) == (True, False, 2)


def close(city: City) -> None:
    last = date(2026, 11, 6)
    close_period(city.store, POLICY, "DINKES", NOVEMBER[0], by="kepala", through=last, clock=city.clock)
    city.clock.at += timedelta(hours=1)


def year_of(city: City, make: Callable[..., Any]) -> Any:
    with city.store.begin() as connection:
        asked = Asked(date(2026, 1, 1), date(2026, 12, 31), city.clock.at)
        return make(judged_year(connection, POLICY, asked), POLICY, 2026)


def rows_of(report: Any) -> dict[str, Any]:
    return {row["nip"]: row for row in report.objects(Language.ID)}


def face(report: Any, medium: Medium = Medium.PRINT) -> str:
    """Give everything that the report's paper says."""
    parts = report.paper(medium, Language.ID).parts
    cells = (str(cell) for part in parts for table in part.tables for row in table.rows for cell in row)
    return " ".join([*(line for part in parts for line in part.state), *cells])


def test_an_indication_from_closed_content_says_what_the_addenda_would_make_of_it(city):
    judge(city)
    close(city)
    city.punch(city.devices["DINKES"], "2", at("07:00", FIRST), received_at=city.clock.at - timedelta(minutes=1))
    judge(city)
    report = year_of(city, indications_report)
    row = rows_of(report)[BUDI]
    assert (row["absent_days"], row["tier"], row["addenda_on"]) == (5, "teguran tertulis", [FIRST])
    revised = {"absent_days": 4, "converted_days": 0, "total_days": 4, "longest_run": 4, "tier": "teguran tertulis"}
    assert row["with_addenda"].items() >= revised.items()
    said = "bila adendum dihitung: TK 4, jumlah 4, berturut-turut 4, indikasi teguran tertulis"
    assert all(said in face(report, medium) for medium in Medium)
    yearly = year_of(city, yearly_report)
    assert rows_of(yearly)[BUDI]["with_addenda"]["total_days"] == 4
    assert rows_of(yearly)[SITI]["with_addenda"] is None
    assert "bila adendum dihitung: jumlah 4, indikasi teguran tertulis" in face(yearly)
    assert "adendum: 4" in face(yearly, Medium.SCREEN)


def test_whom_only_the_addenda_bring_to_a_limit_is_listed_as_such(city):
    with city.store.begin() as connection:
        budi = connection.exec_driver_sql(f"SELECT id FROM employee WHERE nip = '{BUDI}'").scalar_one()
        leave = Document(budi, None, "annual_leave", FIRST, LAST, number="851/7")
        (filed,) = file_documents(connection, [leave], by="operator", at=city.clock.at)
        approve_document(connection, filed, by="head", at=city.clock.at)
    judge(city)
    close(city)
    assert rows_of(year_of(city, indications_report)) == {}
    with city.store.begin() as connection:
        revoke_document(connection, filed, by="head", reason="forged", at=city.clock.at)
    judge(city)
    report = year_of(city, indications_report)
    row = rows_of(report)[BUDI]
    assert (row["absent_days"], row["tier"], row["needs_decision"]) == (0, None, True)
    assert row["label"] == "indikasi hanya bila adendum dihitung"
    assert (row["with_addenda"]["absent_days"], row["with_addenda"]["tier"]) == (5, "teguran tertulis")
    assert "belum mencapai batas indikasi" in face(report)
    assert "bila adendum dihitung: TK 5" in face(report)


def test_who_is_posted_after_the_closing_is_named_beside_it_and_counted_only_with_the_addenda(city):
    judge(city)
    close(city)
    late = "199303032017033003"
    city.enrol(city.person(late, "DINKES", date(2026, 11, 4)), "3")
    judge(city)
    row = by_nip(month(city), "DINKES")[late]  # for the 7th, which the closing does not cover
    assert (row["days"].get("2026-11-05"), row["absent_days"]) == (None, 0)
    said = "Tidak termasuk isi yang ditutup karena penempatannya dicatat sesudah itu: "
    expected = f"{said}Pegawai {late} ({late}) 4-6 November 2026"
    for report in (monthly_report(month(city), POLICY), monthly_report(month(city, "DINKES"), POLICY)):
        assert expected in face(report)
    assert "Adendum: 3 hari pegawai" in face(monthly_report(month(city), POLICY))
    assert said not in face(monthly_report(month(city, "DISDIK"), POLICY))
    row = rows_of(year_of(city, indications_report))[late]
    assert (row["absent_days"], row["addenda_on"]) == (0, [date(2026, 11, day) for day in (4, 5, 6)])
    assert (row["with_addenda"]["absent_days"], row["with_addenda"]["tier"]) == (3, "teguran lisan")
    assert rows_of(year_of(city, yearly_report))[late]["with_addenda"]["total_days"] == 3


def test_a_day_that_moved_to_a_unit_that_is_not_closed_counts_there_with_the_addenda(city, owner):
    judge(city)
    close(city)
    owner.execute("UPDATE posting SET valid_during = daterange('2026-11-01', '2026-11-03') WHERE unit_code = 'DINKES'")
    city.person(BUDI, "DISDIK", date(2026, 11, 3))
    judge(city)
    row = rows_of(year_of(city, yearly_report))[BUDI]
    assert (row["absent_days"], row["addenda_on"]) == (5, [date(2026, 11, day) for day in (3, 4, 5, 6)])
    assert row["with_addenda"]["absent_days"] == 5


def test_a_year_follows_the_person_through_units_and_stands_in_the_last_one(city):
    judge(city)
    with city.store.begin() as connection:
        asked = Asked(date(2026, 1, 1), date(2026, 12, 31), city.clock.at)
        report = yearly_report(judged_year(connection, POLICY, asked), POLICY, 2026)
    rows = {row["nip"]: row for row in report.objects(Language.ID)}
    assert (rows[SITI]["unit"], rows[BUDI]["unit"]) == ("DISDIK", "DINKES")
    assert (rows[BUDI]["months"][10], rows[BUDI]["months"][11], rows[BUDI]["absent_days"]) == (5, None, 5)
    assert rows[BUDI]["longest_run"] == 5
    assert len(rows[BUDI]["undetermined_on"]) == 0


def test_indications_come_from_the_same_days(city):
    judge(city)
    with city.store.begin() as connection:
        asked = Asked(date(2026, 1, 1), date(2026, 12, 31), city.clock.at, "DINKES")
        report = indications_report(judged_year(connection, POLICY, asked), POLICY, 2026)
    (row,) = report.objects(Language.ID)
    assert (row["nip"], row["absent_days"], row["tier"]) == (BUDI, 5, "teguran tertulis")
    assert row["dates"] == [FIRST + timedelta(days=place) for place in range(5)]


def test_an_unknown_unit_is_refused(city):
    with pytest.raises(UnknownUnitError, match="There is no unit DINKEZ"):
        month(city, "DINKEZ")
    assert JAKARTA.key == month(city).zone.key
