"""Programs read the findings that people see: the same rows, as indications, with their evidence."""

from __future__ import annotations

import io
from datetime import timedelta

import httpx
import pytest
from judged_city import END, ON, POLICY, at
from portal_city import PortalCity

from eabsensi.access.accounts import create_token
from eabsensi.access.roles import Role
from eabsensi.assessing.findings import Wanted, find_patterns
from eabsensi.discipline.findings.finding import Rule
from eabsensi.law.wording import Language
from eabsensi.portal.api import shapes
from eabsensi.reports.findings import findings_report
from eabsensi.reports.plain import write_objects

FIRST = ON - timedelta(days=30)
DAYS = f"from={FIRST}&to={ON}"


@pytest.fixture
def city(city: PortalCity) -> PortalCity:
    city.let_strangers_come()
    return city


@pytest.fixture
def program(city, portal):
    """Give a client with a token of a role."""
    opened: list[httpx.Client] = []

    def open_program(role: Role = Role.HR, unit: str | None = None) -> httpx.Client:
        with city.store.begin() as connection:
            token = create_token(connection, f"t-{role}", role, unit, days=30, by="test", at=city.clock.now())
        opened.append(httpx.Client(base_url=f"{portal}/api/v1", headers={"Authorization": f"Bearer {token}"}))
        return opened[-1]

    yield open_program
    for client in opened:
        client.close()


def written(city: PortalCity, language: Language, rules: frozenset[Rule] | None = None) -> str:
    """Give the rows of `eabsensi report findings --format json`."""
    stream = io.StringIO()
    with city.store.begin() as connection:
        wanted = Wanted(FIRST, ON, city.clock.now(), None, rules)
        report = findings_report(find_patterns(connection, POLICY, wanted), POLICY)
        write_objects(report.objects(language), stream)
    return stream.getvalue().rstrip("\n")


def test_the_rows_are_byte_for_byte_those_of_the_command_line(city, program):
    client = program()
    for language in Language:
        text = client.get(f"/findings?{DAYS}&language={language}").text
        assert written(city, language) in text
        assert "7777" in text


def test_each_row_says_that_it_is_an_indication_and_what_it_rests_on(city, program):
    rows = program().get(f"/findings?{DAYS}").json()["rows"]
    assert {row["label"] for row in rows} == {"indikasi, perlu pemeriksaan"}
    assert all(row["innocent"] and row["threshold"] and row["evidence"] for row in rows)
    [ghost] = [row for row in rows if row["rule"] == "R17" and row["unit"] == "DINKES"]
    assert [row["at"] for row in ghost["evidence"]] == [f"{on}T07:21:00" for on in ghost["dates"]]


def test_the_page_of_people_shows_the_same_ones(city, program, browser):
    page = browser("hr").get("/findings", params={"from": str(FIRST), "to": str(ON)}).text
    rows = program().get(f"/findings?{DAYS}").json()["rows"]
    assert page.count('<th scope="row">') == len(rows)
    assert [row["sentence"] for row in rows if row["sentence"] not in page] == []


def test_rules_are_chosen_and_may_be_several(city, program):
    client = program()
    chosen = client.get(f"/findings?{DAYS}&rule=R17").text
    assert written(city, Language.ID, frozenset({Rule.R17})) in chosen
    both = client.get(f"/findings?{DAYS}&rule=R17&rule=R9").json()["rows"]
    assert {row["rule"] for row in both} <= {"R9", "R17"}
    assert client.get(f"/findings?{DAYS}&rule=R8").json()["rows"] == []


def test_what_cannot_be_examined_is_refused(program):
    client = program()
    refused = {
        "rule=R99": "rule",
        "rule=R10": "R10 cannot be examined",  # an empty list would say that all is well
        "to=2025-01-01": "2025-01-01 is no stretch",
        "from=2024-01-01": "366 days",
    }
    for asked, told in refused.items():
        answer = client.get("/findings", params=dict(part.split("=") for part in f"{DAYS}&{asked}".split("&")))
        assert answer.status_code == 400, asked
        assert told in answer.json()["error"]["message"]


def test_a_leader_reads_the_own_units_and_an_operator_none(city, program):
    leader = program(Role.LEADER, "DINKES")
    rows = leader.get(f"/findings?{DAYS}").json()["rows"]
    assert {row["unit"] for row in rows} <= {"DINKES", "PKM1"}
    assert [row["key"] for row in rows if row["rule"] == "R17"] == ["SN-DINKES"]
    assert leader.get(f"/findings?{DAYS}&unit=DISDIK").status_code == 403
    assert program(Role.OPERATOR, "DINKES").get(f"/findings?{DAYS}").status_code == 403


def test_two_findings_of_one_rule_about_one_subject_stand_on_two_pages(city, program):
    """A second PIN of nobody on DINKES' terminal, as steady as the first."""
    for back in range(20):
        city.punch(city.devices["DINKES"], "9999", at("07:33", ON - timedelta(days=back)))
    client = program()
    whole = client.get(f"/findings?{DAYS}").json()["rows"]
    about = [(row["rule"], row["key"]) for row in whole]
    assert len(set(about)) < len(about)
    found, cursor = [], ""
    while cursor is not None:
        page = client.get(f"/findings?{DAYS}&limit=1" + (f"&cursor={cursor}" if cursor else "")).json()
        found, cursor = found + page["rows"], page["next"]
    assert found == whole


def test_the_list_is_complete_when_every_terminal_was_read_past_the_last_day(city, program):
    client = program(Role.LEADER, "DINKES")
    assert client.get(f"/findings?{DAYS}").json()["complete"] is False
    city.clock.at = END + timedelta(hours=6)
    for code in ("DINKES", "PKM1"):
        city.poll(city.devices[code], city.clock.at - timedelta(minutes=10))
    assert client.get(f"/findings?{DAYS}").json()["complete"] is False, "people touch DISDIK's terminal, too"
    city.clock.at += timedelta(minutes=10)
    city.poll(city.devices["DISDIK"], city.clock.at - timedelta(minutes=5))
    assert client.get(f"/findings?{DAYS}").json()["complete"] is True


def test_reading_them_stands_in_the_trail(city, owner, program):
    program(Role.LEADER, "DINKES").get(f"/findings?{DAYS}&rule=R17")
    told = owner.execute("SELECT account, unit_code, subject FROM trail WHERE action = 'read-api'").fetchall()
    assert told == [("token:t-leader", "DINKES", f"findings {FIRST} {ON} R17")]


def test_the_description_has_examples_that_hold(portal):
    said = httpx.get(f"{portal}/api/v1/openapi.json").json()
    [example] = said["components"]["schemas"]["FindingShape"]["examples"]
    shapes.FindingShape.model_validate(example, strict=False)
    operation = said["paths"]["/api/v1/findings"]["get"]
    assert "indikasi, perlu pemeriksaan" in operation["description"]
    asked = {one["name"]: one["schema"].get("examples") or one.get("examples") for one in operation["parameters"]}
    assert asked["from"] == ["2026-10-28"]
    assert asked["to"] == ["2026-11-24"]
