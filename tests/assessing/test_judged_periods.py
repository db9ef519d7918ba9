"""Months and years as reports load them: stored verdicts, closed content, and the rest judged on the spot."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

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
