"""The page of patterns that deserve a look: who sees it, what it says, and its files."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from judged_city import ON
from portal_city import BUDI, PortalCity

FIRST = ON - timedelta(days=30)
DAYS = {"from": str(FIRST), "to": str(ON)}


@pytest.fixture
def steady(city: PortalCity) -> PortalCity:
    """A PIN of nobody on DINKES' terminal that comes to work, and one on DISDIK's."""
    city.let_strangers_come()
    return city


def test_a_finding_is_told_with_its_evidence_and_as_an_indication(steady, browser):
    page = browser("hr").get("/findings", params=DAYS).text
    assert "PIN 7777 bukan milik siapa pun" in page
    assert page.count("indikasi, perlu pemeriksaan") > 2
    assert "pegawai baru atau tenaga kontrak" in page, "the innocent explanation stands beside it"
    assert "templat biometrik tidak pernah meninggalkan mesin" in page, "what cannot be examined is named"
    english = browser("hr").get("/language/en", params={"next": "/findings"})
    assert english.status_code == 303


def test_a_leader_sees_the_own_units_alone(steady, browser):
    leader = browser("leader")
    page = leader.get("/findings", params=DAYS).text
    assert "PIN 7777" in page
    assert "PIN 8888" not in page
    assert leader.get("/findings", params=DAYS | {"unit": "DISDIK"}).status_code == 403


def test_one_rule_is_chosen(steady, browser):
    hr = browser("hr")
    assert "PIN 7777" in hr.get("/findings", params=DAYS | {"rule": "R17"}).text
    assert "PIN 7777" not in hr.get("/findings", params=DAYS | {"rule": "R8"}).text
    assert hr.get("/findings", params=DAYS | {"rule": "R99"}).status_code == 400


def test_days_that_run_backwards_are_refused(city, browser):
    assert browser("hr").get("/findings", params={"from": str(ON), "to": str(FIRST)}).status_code == 400


@pytest.mark.parametrize(("ending", "begins"), [("xlsx", b"PK"), ("pdf", b"%PDF"), ("csv", b"rule,name")])
def test_the_list_comes_as_a_file(steady, browser, ending, begins):
    answer = browser("leader").get(f"/downloads/findings.{ending}", params=DAYS)
    assert answer.status_code == 200
    assert answer.content.startswith(begins)


def test_the_file_of_a_unit_holds_that_units_findings(steady, browser):
    rows = json.loads(browser("hr").get("/downloads/findings.json", params=DAYS | {"unit": "DISDIK"}).text)
    assert [(row["rule"], row["key"], row["unit"]) for row in rows if row["rule"] == "R17"] == [
        ("R17", "SN-DISDIK", "DISDIK")
    ]


def test_looking_is_written_into_the_trail(steady, browser, owner):
    browser("leader").get("/findings", params=DAYS)
    told = owner.execute("SELECT account, subject FROM trail WHERE action = 'see-report'").fetchall()
    assert told == [("leader", f"findings {FIRST} {ON}")]
    assert BUDI not in str(told)
