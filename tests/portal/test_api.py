"""Programs read the same rows as the command line writes, page by page, within what their token may see."""

from __future__ import annotations

import io
import json
import re
from datetime import timedelta
from typing import Any

import httpx
import pytest
from judged_city import ON, POLICY
from portal_city import ANDI, BUDI, EVENING, RINA, SITI, serving
from pydantic import BaseModel

from eabsensi.access.accounts import create_token, revoke_token
from eabsensi.access.roles import RIGHTS, Right, Role
from eabsensi.assessing.daily import assess_day
from eabsensi.law.wording import Language
from eabsensi.portal.api import shapes
from eabsensi.portal.asking import month_end
from eabsensi.portal.pacing import Pace
from eabsensi.reports.allowance import allowance_report
from eabsensi.reports.daily import daily_report
from eabsensi.reports.daily_plain import write_json
from eabsensi.reports.devices import devices_report
from eabsensi.reports.indications import indications_report
from eabsensi.reports.loading import Asked, judged_month, judged_year
from eabsensi.reports.monthly import monthly_report
from eabsensi.reports.plain import write_objects
from eabsensi.reports.yearly import yearly_report
from eabsensi.store.database import Store
from eabsensi.store.punches import export_punches

MONTH = ON.replace(day=1)
LISTS = {
    "daily": f"date={ON}",
    "monthly": f"month={ON:%Y-%m}",
    "allowance": f"month={ON:%Y-%m}",
    "yearly": f"year={ON.year}",
    "indications": f"year={ON.year}",
    "findings": f"from={ON - timedelta(days=30)}&to={ON}",
    "punches": f"from={ON - timedelta(days=7)}&to={ON}",
    "devices": "",
    "units": "",
    "people": "",
}
WANTS = {
    **dict.fromkeys(("daily", "monthly", "yearly", "units", "people"), Right.SEE_UNITS),
    "allowance": Right.SEE_ALLOWANCE,
    "indications": Right.SEE_INDICATIONS,
    "findings": Right.SEE_FINDINGS,
    "punches": Right.SEE_PUNCHES,
    "devices": Right.SEE_DEVICES,
}
#: As RFC 3339 and OpenAPI have them.
FORMS = {
    "date": r"^\d{4}-\d\d-\d\d$",
    "date-time": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$",
}
SHAPES: dict[str, type[BaseModel]] = {
    "daily": shapes.Daily,
    "monthly": shapes.Monthly,
    "allowance": shapes.Allowance,
    "yearly": shapes.Yearly,
    "indications": shapes.Indication,
    "findings": shapes.FindingShape,
    "punches": shapes.PunchShape,
    "devices": shapes.DeviceShape,
    "units": shapes.UnitShape,
    "people": shapes.PersonShape,
}


@pytest.fixture
def program(city, portal):
    """Give a client with a token of a role."""
    opened: list[httpx.Client] = []

    def open_program(role: Role = Role.HR, unit: str | None = None) -> httpx.Client:
        name = f"{role}-{unit or 'city'}".lower()
        with city.store.begin() as connection:
            token = create_token(connection, name, role, unit, days=30, by="test", at=city.clock.now())
        headers = {"Authorization": f"Bearer {token}"}
        opened.append(httpx.Client(base_url=f"{portal}/api/v1", headers=headers))
        return opened[-1]

    yield open_program
    for client in opened:
        client.close()


def pages(client: httpx.Client, kind: str, query: str, limit: int) -> list[dict]:
    """Read a whole list, page by page."""
    found, cursor = [], ""
    while cursor is not None:
        answer = client.get(f"/{kind}?{query}&limit={limit}" + (f"&cursor={cursor}" if cursor else ""))
        assert answer.status_code == 200, answer.text
        found.append(answer.json())
        assert len(found) < 200
        cursor = found[-1]["next"]
    return found


def absent_people(city) -> None:
    """Let ten days without a punch be judged, so that the law has something to say."""
    city.clock.at = EVENING + timedelta(days=14)
    for device in city.devices.values():
        city.poll(device, city.clock.at)
    city.judge(ON - timedelta(days=7), ON + timedelta(days=14))


def test_the_day_is_byte_for_byte_that_of_the_command_line(city, program):
    with city.store.begin() as connection:
        report = daily_report(assess_day(connection, POLICY, ON, as_of=city.clock.now()), POLICY)
    client = program()
    for language in Language:
        stream = io.StringIO()
        write_json(report, stream, language)
        text = client.get(f"/daily?date={ON}&language={language}").text
        assert stream.getvalue().rstrip("\n") in text
    envelope = json.loads(text)
    assert envelope["as_of"] == report.as_of.isoformat()
    assert envelope["policy_version"] == POLICY.version
    assert envelope["complete"] is all(row.complete for row in report.rows)


@pytest.mark.parametrize("kind", ["monthly", "allowance", "yearly", "indications"])
def test_months_and_years_are_byte_for_byte_those_of_the_command_line(kind, city, program):
    absent_people(city)
    month = Asked(MONTH, month_end(MONTH), city.clock.now())
    year = Asked(ON.replace(month=1, day=1), ON.replace(month=12, day=31), city.clock.now())
    with city.store.begin() as connection:
        report = {
            "monthly": lambda: monthly_report(judged_month(connection, POLICY, month), POLICY),
            "allowance": lambda: allowance_report(judged_month(connection, POLICY, month), POLICY),
            "yearly": lambda: yearly_report(judged_year(connection, POLICY, year), POLICY, ON.year),
            "indications": lambda: indications_report(judged_year(connection, POLICY, year), POLICY, ON.year),
        }[kind]()
        stream = io.StringIO()
        write_objects(report.objects(Language.ID), stream)
    assert json.loads(stream.getvalue())
    assert stream.getvalue().rstrip("\n") in program().get(f"/{kind}?{LISTS[kind]}").text


def test_devices_and_punches_are_those_of_the_command_line(city, program):
    client = program()
    with city.store.begin() as connection:
        stream = io.StringIO()
        write_objects(devices_report(connection, POLICY, as_of=city.clock.now()).objects(Language.ID), stream)
        rows = [row._asdict() for row in export_punches(connection, ON - timedelta(days=7), ON)]
    assert stream.getvalue().rstrip("\n") in client.get("/devices").text
    read = client.get(f"/punches?{LISTS['punches']}").json()["rows"]
    assert read == [json.loads(json.dumps(row, default=lambda at: at.isoformat())) for row in rows]
    assert read


@pytest.mark.parametrize("kind", LISTS)
def test_pages_of_any_size_hold_the_whole_list_once_and_as_described(kind, city, program, portal):
    absent_people(city)
    city.let_strangers_come()
    client = program()
    [whole] = pages(client, kind, LISTS[kind], 1000)
    assert whole["rows"]
    for limit in (1, 3):
        cut = pages(client, kind, LISTS[kind], limit)
        assert [row for page in cut for row in page["rows"]] == whole["rows"]
        assert all(len(page["rows"]) <= limit for page in cut)
    shapes.Page[SHAPES[kind]].model_validate_json(json.dumps(whole))
    described = httpx.get(f"{portal}/api/v1/openapi.json").json()["components"]["schemas"]
    row = described[SHAPES[kind].__name__]
    assert [told for one in whole["rows"] for told in misdescribed(one, row, described)] == []


def misdescribed(value: Any, schema: dict[str, Any], described: dict[str, Any]) -> list[Any]:
    """Give the texts within a value that are not of the form that the description has for them."""
    if "$ref" in schema:
        return misdescribed(value, described[schema["$ref"].rsplit("/", 1)[1]], described)
    if "anyOf" in schema:
        found = [misdescribed(value, one, described) for one in schema["anyOf"] if fits(value, one)]
        return [] if [] in found else [value]
    if isinstance(value, list):
        return [told for one in value for told in misdescribed(one, schema["items"], described)]
    if isinstance(value, dict):
        known, other = schema.get("properties", {}), schema.get("additionalProperties") or {}
        return [told for key, one in value.items() for told in misdescribed(one, known.get(key, other), described)]
    if not isinstance(value, str):
        return []
    form = FORMS.get(schema.get("format", ""), schema.get("pattern", ""))
    return [] if re.search(form, value) else [(value, form)]


def fits(value: Any, schema: dict[str, Any]) -> bool:
    return (schema.get("type") == "null") is (value is None)


def test_the_description_is_held_against_what_is_said():
    naive, instant = "2026-11-24T07:02:00", "2026-11-24T07:02:00+07:00"
    assert misdescribed(naive, {"type": "string", "format": "date-time"}, {})
    assert not misdescribed(instant, {"type": "string", "format": "date-time"}, {})
    evidence = shapes.EvidenceShape.model_json_schema()
    assert misdescribed({"at": instant}, evidence, {})
    assert not misdescribed({"at": naive}, evidence, {})


def test_a_person_who_comes_between_two_pages_moves_nobody_else(city, program):
    client = program()
    first = client.get(f"/daily?date={ON}&limit=2").json()
    city.person("197001011990011001", "DINKES")
    city.clock.at += timedelta(minutes=5)
    second = client.get(f"/daily?date={ON}&limit=2&cursor={first['next']}").json()
    read = [row["nip"] for row in first["rows"] + second["rows"]]
    assert sorted(read) == sorted([BUDI, ANDI, RINA, SITI])
    assert second["next"] is None


def test_punches_that_come_between_two_pages_are_read_where_they_follow(city, program):
    client = program()
    first = client.get(f"/punches?from={ON}&to={ON}&limit=3").json()
    city.punch(city.devices["DISDIK"], "4", EVENING - timedelta(hours=1))
    rest = pages(client, "punches", f"from={ON}&to={ON}&cursor={first['next']}", 100)[0]
    times = [row["device_time"] for row in first["rows"] + rest["rows"]]
    assert times == sorted(times)
    assert times[-1].endswith("T19:00:00")


def test_punches_are_filtered_by_device_and_unit(city, program):
    client = program()
    own = client.get(f"/punches?from={ON}&to={ON}&serial=SN-PKM1").json()["rows"]
    assert {row["serial"] for row in own} == {"SN-PKM1"}
    below = client.get(f"/punches?from={ON}&to={ON}&unit=DINKES").json()["rows"]
    assert {row["unit"] for row in below} == {"DINKES", "PKM1"}


@pytest.mark.parametrize(
    ("role", "unit"), [(Role.ADMIN, None), (Role.HR, None), (Role.LEADER, None), (Role.OPERATOR, "DINKES")]
)
def test_a_token_reads_what_its_role_may(program, role, unit):
    client = program(role, unit)
    for kind, query in LISTS.items():
        answer = client.get(f"/{kind}?{query}")
        assert answer.status_code == (200 if WANTS[kind] in RIGHTS[role] else 403), kind
        if answer.status_code == 403:
            assert answer.json()["error"]["status"] == 403


def test_a_token_of_a_unit_reads_its_own_units_only(program):
    client = program(Role.OPERATOR, "DINKES")
    for kind in ("daily", "monthly", "yearly", "allowance", "people", "devices"):
        own = client.get(f"/{kind}?{LISTS[kind]}").json()["rows"]
        assert {row["unit"] for row in own} == {"DINKES", "PKM1"}, kind
        assert client.get(f"/{kind}?{LISTS[kind]}&unit=DISDIK").status_code == 403, kind
        below = client.get(f"/{kind}?{LISTS[kind]}&unit=PKM1").json()["rows"]
        assert {row["unit"] for row in below} == {"PKM1"}, kind
    assert [row["code"] for row in client.get("/units").json()["rows"]] == ["DINKES", "PKM1"]


def test_without_a_valid_token_nothing_is_told(city, portal, program):
    client = program()
    with city.store.begin() as connection:
        revoke_token(connection, "hr-city", by="test", at=city.clock.now())
    for headers in ({}, {"Authorization": "Bearer x"}, {"Authorization": "Basic aHI6aHI="}, dict(client.headers)):
        for kind, query in LISTS.items():
            answer = httpx.get(f"{portal}/api/v1/{kind}?{query}", headers=headers)
            assert (answer.status_code, answer.json()["error"]["status"]) == (401, 401)
            assert answer.headers["www-authenticate"] == "Bearer"


def test_nothing_is_written_by_the_api(program):
    refused = program().post("/units")
    assert (refused.status_code, refused.headers["allow"], refused.json()["error"]["status"]) == (405, "GET", 405)


def test_a_session_of_a_person_is_no_token(browser):
    assert browser("hr").get("/api/v1/units").status_code == 401


@pytest.mark.parametrize(
    "asked",
    [
        *("/daily", "/daily?date=kemarin", "/daily?date=0001-01-01", "/monthly?month=2026-13", "/yearly?year=9"),
        *("/units?limit=0", "/units?limit=1001", "/units?cursor=nonsense", "/units?cursor=WyJwZW9wbGUiLCAieCJd"),
        *("/punches?from=2026-11-02&to=2026-11-01", "/punches?from=2026-11-01&to=2026-11-01&serial=%00"),
        "/punches?from=2026-11-01&to=2026-11-01&cursor=WyJwdW5jaGVzIiwgIngiLCAiYSIsICJiIiwgIjAiXQ",
    ],
)
def test_a_wrong_value_is_told_in_one_sentence(program, asked):
    answer = program().get(asked)
    assert answer.status_code == 400
    assert answer.json()["error"]["message"]


@pytest.mark.parametrize("kind", [kind for kind in LISTS if kind != "units"])
def test_an_unknown_unit_is_told(program, kind):
    answer = program().get(f"/{kind}?{LISTS[kind]}&unit=TIDAKADA")
    assert answer.status_code == 404
    assert "TIDAKADA" in answer.json()["error"]["message"]


def test_what_is_known_already_is_not_sent_again_until_it_changes(city, program):
    client = program()
    asked = f"/monthly?{LISTS['monthly']}"
    first = client.get(asked)
    city.clock.at += timedelta(minutes=30)
    again = client.get(asked, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    city.person("197001011990011001", "DINKES")
    city.clock.at += timedelta(minutes=30)
    assert client.get(asked, headers={"If-None-Match": first.headers["etag"]}).status_code == 200


def test_each_call_stands_in_the_trail_once(city, owner, program):
    client = program(Role.OPERATOR, "DINKES")
    for kind in ("daily", "monthly", "people"):
        client.get(f"/{kind}?{LISTS[kind]}&unit=PKM1")
    client.get(f"/daily?{LISTS['daily']}&unit=DISDIK")
    rows = owner.execute(
        "SELECT account, role, unit_code, subject, detail FROM trail WHERE action = 'read-api' ORDER BY id"
    ).fetchall()
    assert [row[:4] for row in rows] == [
        ("token:operator-dinkes", "operator", "PKM1", f"daily {ON}"),
        ("token:operator-dinkes", "operator", "PKM1", f"monthly {ON:%Y-%m}"),
        ("token:operator-dinkes", "operator", "PKM1", "people"),
    ]
    assert all(row[4] == {"rows": 2} for row in rows)


def test_a_token_in_a_loop_has_to_wait_and_others_do_not(city, program):
    desk = city.desk()
    vars(desk)["pace_of_tokens"] = Pace(city.clock, 6)
    with serving(desk) as address:
        hasty, other = program(), program(Role.LEADER)
        hasty.base_url = other.base_url = httpx.URL(f"{address}/api/v1/")
        assert {hasty.get("/units?limit=1").status_code for _ in range(6)} == {200}
        refused = hasty.get("/units?limit=1")
        assert (refused.status_code, refused.json()["error"]["status"]) == (429, 429)
        assert refused.headers["retry-after"] == "10"
        assert other.get("/units?limit=1").status_code == 200
        city.clock.at += timedelta(seconds=9)
        assert hasty.get("/units?limit=1").status_code == 429
        city.clock.at += timedelta(seconds=1)
        assert hasty.get("/units?limit=1").status_code == 200
        assert hasty.get("/units?limit=1").status_code == 429


def test_a_database_that_is_away_is_told_without_saying_where_it_is(city, program):
    client, store = program(), city.store
    desk = city.desk()
    object.__setattr__(desk, "store", Store.at("postgresql://nobody@127.0.0.1:1/none"))
    desk.doorkeeper._store = store
    with serving(desk) as address:
        client.base_url = httpx.URL(f"{address}/api/v1/")
        answer = client.get("/units")
    desk.store.dispose()
    assert answer.status_code == 503
    assert "127.0.0.1" not in answer.text


def test_the_description_names_every_list_its_rows_its_scheme_and_its_refusals(portal):
    said = httpx.get(f"{portal}/api/v1/openapi.json").json()
    assert set(said["paths"]) == {f"/api/v1/{kind}" for kind in LISTS}
    for kind in LISTS:
        operation = said["paths"][f"/api/v1/{kind}"]["get"]
        assert set(operation["responses"]) == {"200", "304", "400", "401", "403", "404", "429", "503"}
        page = operation["responses"]["200"]["content"]["application/json"]["schema"]["$ref"].rsplit("/", 1)[1]
        assert SHAPES[kind].__name__ in page
        assert operation["security"] == [{"HTTPBearer": []}]
    assert said["components"]["securitySchemes"]["HTTPBearer"]["scheme"] == "bearer"
