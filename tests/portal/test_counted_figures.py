"""Figures that the database adds up are those of the days one by one; who waits for them is told so."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import date, timedelta

import pytest
from busy_city import FIRST, LAST, let_everything_happen, let_month_end
from portal_city import ANDI, BUDI, ON, POLICY, RINA, SITI, Browser, PortalCity, serving
from waiting import until

from eabsensi.assessing.closing import close_period, reopen_period
from eabsensi.discipline.verdict import Status
from eabsensi.law.wording import Language
from eabsensi.portal.desk import Desk
from eabsensi.portal.warming import keeping_warm
from eabsensi.reports.indications import IndicationsReport, indications_report
from eabsensi.reports.loading import (
    Asked,
    judged_month,
    judged_person,
    judged_person_year,
    judged_year,
    judged_year_near,
    tallied_month,
)
from eabsensi.reports.person_month import AskedPerson, person_month
from eabsensi.reports.personal import personal_report
from eabsensi.reports.ranking import counted_ranking, ranking_report
from eabsensi.store.people import load_postings

UNITS = (None, "DINKES", "PKM1", "DISDIK")


def rankings(city: PortalCity, unit: str | None) -> tuple[list, list]:
    """Rank November by its days, and by what the database adds up."""
    asked = Asked(FIRST, LAST, city.clock.at, unit)
    with city.store.begin() as connection:
        by_days = ranking_report(judged_month(connection, POLICY, asked), POLICY)
        counted = counted_ranking(*tallied_month(connection, POLICY, asked), POLICY)
    assert (counted.setting.as_of, counted.period.closings) == (by_days.setting.as_of, by_days.period.closings)
    return list(by_days.objects(Language.ID)), list(counted.objects(Language.ID))


def indicated(report: IndicationsReport) -> list:
    return list(report.objects(Language.ID))


def indications(city: PortalCity, unit: str | None) -> tuple[list, list]:
    """Give 2026's indications from everybody's days, and from those who may have come near a tier."""
    asked = Asked(date(2026, 1, 1), date(2026, 12, 31), city.clock.at, unit)
    with city.store.begin() as connection:
        everybody = indications_report(judged_year(connection, POLICY, asked), POLICY, 2026)
        near = indications_report(judged_year_near(connection, POLICY, asked), POLICY, 2026)
    return indicated(everybody), indicated(near)


@pytest.fixture
def busy(city, browser) -> PortalCity:
    """Give the city after papers, a closed month, what was learnt later, a transfer, and days that nothing tells."""
    let_everything_happen(city, browser)
    moved = city.people[RINA]
    day = date(2026, 11, 18)
    city.owner.execute(
        "UPDATE posting SET valid_during = daterange(lower(valid_during), %s) WHERE employee_id = %s", (day, moved)
    )
    city.owner.execute(
        "INSERT INTO posting (employee_id, unit_code, valid_during) VALUES (%s, 'DISDIK', daterange(%s, NULL))",
        (moved, day),
    )
    city.owner.execute("DELETE FROM verdict WHERE on_date = %s", (ON - timedelta(days=4),))
    return city


@pytest.mark.parametrize("unit", UNITS)
def test_a_ranking_added_up_is_that_of_its_days(busy, unit):
    by_days, counted = rankings(busy, unit)
    assert counted == by_days
    assert any(row["closed"] for row in by_days) or unit not in {None, "DINKES"}
    assert sum(row["late_count"] + row["absent_days"] for row in by_days) > 0


def test_an_arrival_that_is_not_known_yet_is_left_out_of_both_alike(busy):
    before = {row["unit"]: row["punctuality_percent"] for row in rankings(busy, None)[0]}
    unseen = "in_at = NULL, complete = false WHERE status = 'present' AND document IS NULL AND on_date < %s"
    busy.owner.execute(f"UPDATE verdict SET {unseen}", (ON,))
    busy.owner.execute(
        "UPDATE period_row SET content = jsonb_set(content, '{days}', (SELECT jsonb_agg(day || CASE"
        " WHEN day ->> 'status' = 'present' AND day ->> 'document' IS NULL"
        """ THEN '{"in": null, "complete": false}'::jsonb ELSE '{}' END)"""
        " FROM jsonb_array_elements(content -> 'days') AS day))"
    )
    by_days, counted = rankings(busy, None)
    assert counted == by_days
    assert {row["unit"]: row["punctuality_percent"] for row in by_days} != before


@pytest.mark.parametrize("unit", UNITS)
def test_days_that_two_closed_months_hold_count_where_they_were_closed_first(busy, unit):
    busy.judge(FIRST, LAST)
    before = rankings(busy, "PKM1")[0]
    busy.clock.at += timedelta(minutes=5)
    close_period(busy.store, POLICY, "DISDIK", FIRST, by="hr", reason="TPP harus dibayar", clock=busy.clock)
    units = "SELECT employee_id FROM period_row GROUP BY 1 HAVING count(DISTINCT unit_code) > 1"
    assert busy.owner.execute(units).fetchall() == [(busy.people[RINA],)]
    by_days, counted = rankings(busy, unit)
    assert counted == by_days
    assert rankings(busy, "PKM1")[0] == before  # a closed month stands, whatever is closed later
    (reopened,) = (row for row in rankings(busy, "DISDIK")[0] if row["unit"] == "DISDIK")
    assert reopened["duty_days"] == 21  # Andi's


def test_it_is_so_before_anything_is_judged_and_after_a_reopening(busy):
    closed = next(row["unit"] for row in rankings(busy, None)[0] if row["closed"])
    reopen_period(busy.store, closed, FIRST, by="hr", reason="salah", clock=busy.clock)
    by_days, counted = rankings(busy, None)
    assert counted == by_days
    busy.owner.execute("DELETE FROM verdict")
    by_days, counted = rankings(busy, None)
    assert counted == by_days


def test_a_month_that_has_not_begun_ranks_nobody(city):
    assert rankings(city, None)[0]
    asked = Asked(date(2027, 3, 1), date(2027, 3, 31), city.clock.at)
    with city.store.begin() as connection:
        assert counted_ranking(*tallied_month(connection, POLICY, asked), POLICY).rows == ()


@pytest.mark.parametrize("unit", UNITS)
def test_nobody_who_reaches_a_tier_is_passed_over(busy, unit):
    everybody, near = indications(busy, unit)
    assert near == everybody
    assert everybody or unit == "PKM1"


def test_who_is_far_from_a_tier_is_not_loaded(city):
    let_month_end(city)
    asked = Asked(FIRST, LAST, city.clock.at)
    with city.store.begin() as connection:
        city.owner.execute("UPDATE posting SET valid_during = daterange(%s, %s)", (FIRST, LAST))
        city.owner.execute(
            "UPDATE verdict SET status = 'present', absent_days = 0, late_minutes = 0, early_minutes = 0"
        )
        assert list(judged_year_near(connection, POLICY, asked).days) == []
        assert list(judged_year(connection, POLICY, asked).days) != []


def hasty(city: PortalCity) -> Desk:
    """Give a desk whose readers wait for nothing."""
    return replace(city.desk(), patience_seconds=0)


def test_who_comes_first_is_told_that_it_is_counted_and_sees_it_a_moment_later(city, monkeypatch):
    held, desk = threading.Event(), hasty(city)
    rank = Desk._rank  # held until the page was seen

    def slowly(self: Desk, month: date, unit: str | None) -> object:
        assert held.wait(60)
        return rank(self, month, unit)

    monkeypatch.setattr(Desk, "_rank", slowly)
    with serving(desk) as address, Browser(base_url=address) as hr:
        hr.log_in("hr")
        waiting = hr.get("/months/2026-11")
        assert (waiting.status_code, waiting.headers["refresh"]) == (202, "3")
        assert "Angka sedang dihitung" in waiting.text
        assert 'href="/months/2026-11"' in waiting.text
        held.set()
        until(lambda: hr.get("/months/2026-11").status_code == 200)


def test_a_unit_that_does_not_exist_is_told_after_the_waiting_too(city):
    with serving(hasty(city)) as address, Browser(base_url=address) as hr:
        hr.log_in("hr")
        until(lambda: hr.get("/indications/2026?unit=NONE").status_code == 404)


def test_the_portal_works_ahead_and_again_after_a_change(city, monkeypatch):
    done = threading.Semaphore(0)
    warm = Desk.warm

    def counted(self: Desk) -> None:
        warm(self)
        done.release()

    monkeypatch.setattr(Desk, "warm", counted)
    desk = hasty(city)
    with keeping_warm(desk):
        assert done.acquire(timeout=60)
        assert desk.ranking(desk.today.replace(day=1), None).rows
        assert desk.indications(desk.today.year, None).year == desk.today.year
        desk.forget()
        assert done.acquire(timeout=60)


def test_what_would_have_to_be_judged_by_the_thousand_is_left_until_somebody_asks(city, monkeypatch):
    monkeypatch.setattr("eabsensi.portal.desk.MOST_JUDGED_AHEAD", 3)
    city.owner.execute("DELETE FROM verdict")
    desk = city.desk()
    ranked: list[int | None] = []
    rank = Desk._rank

    def noted(self: Desk, month: date, unit: str | None, most_judged: int | None = None) -> object:
        ranked.append(most_judged)
        return rank(self, month, unit, most_judged)

    monkeypatch.setattr(Desk, "_rank", noted)
    desk.warm()
    desk.warm()
    assert ranked == [3, 3]  # nothing was kept
    assert desk.ranking(desk.today.replace(day=1), None).rows
    assert ranked[-1] is None


@pytest.mark.parametrize("nip", [RINA, ANDI, BUDI, SITI])
def test_a_persons_month_cut_out_of_the_year_is_that_of_the_month_alone(busy, nip):
    with busy.store.begin() as connection:
        alone = judged_person(connection, POLICY, Asked(FIRST, LAST, busy.clock.at), nip)
        asked = AskedPerson(nip, busy.clock.at, load_postings(connection, [busy.people[nip]]))
        cut = person_month(connection, POLICY, asked, FIRST, lambda _: True)
    assert cut.report == personal_report(alone, POLICY)
    assert alone.days


@pytest.mark.parametrize("nip", [RINA, ANDI, BUDI, SITI])
def test_a_years_days_are_those_of_the_days_told_in_full(busy, nip):
    asked = Asked(date(2026, 1, 1), date(2026, 12, 31), busy.clock.at)
    with busy.store.begin() as connection:
        full = {day.on: day for day in judged_person(connection, POLICY, asked, nip).days}
        brief = [day for day in judged_person_year(connection, POLICY, asked, nip).days if day.on.year == 2026]
    assert [day.on for day in brief] == sorted(full)
    for day in brief:
        told = full[day.on]
        assert day in (told, replace(told, reasons=(), citations=()))
        assert day.reasons == told.reasons or day.status is not Status.UNDETERMINED
    assert {bool(day.reasons) for day in brief} == {False, True}
