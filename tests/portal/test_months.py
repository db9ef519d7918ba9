"""Months, years and indications: the pages show what the files hold."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta

import pytest
from portal_city import ANDI, BUDI, ON, RINA, SITI

MONTH = f"{ON:%Y-%m}"


def row_of(page: str, nip: str) -> str:
    """Give the row of a table in which a person stands."""
    [row] = [row for row in re.findall(r"<tr>.*?</tr>", page, re.DOTALL) if f"<small>{nip}" in row]
    return row


def rows_of(visitor, kind: str, query: str) -> list[dict]:
    return json.loads(visitor.get(f"/downloads/{kind}.json?{query}").text)


def words_of(cells: str) -> list[str]:
    return [re.sub(r"<[^>]+>", "", cell).strip() for cell in re.findall(r"<td[^>]*>(.*?)</td>", cells, re.DOTALL)]


def test_months_leads_to_this_month_and_to_the_one_chosen(browser):
    visitor = browser("hr")
    assert visitor.get("/months").headers["location"] == f"/months/{MONTH}"
    chosen = visitor.get("/months?month=2026-10&unit=PKM1&show=recap")
    assert chosen.headers["location"] == "/months/2026-10?unit=PKM1&show=recap"
    assert visitor.get("/months?month=Oktober").status_code == 400


def test_the_city_shows_the_ranking_with_incomplete_units_apart(browser):
    visitor = browser("hr")
    page = visitor.get(f"/months/{MONTH}").text
    rows = rows_of(visitor, "ranking", f"month={MONTH}")
    ranked, _, apart = page.partition("<h2>Data belum lengkap, tidak diperingkat</h2>")
    for row in rows:
        assert (f">{row['name']}</a>" in ranked) is (row["place"] is not None), row
        assert (f">{row['name']}</a>" in apart) is (row["place"] is None), row
    places = [int(place) for place in re.findall(r'class="n place"[^>]*>(\d+)<', page)]
    assert places == [row["place"] for row in rows if row["place"] is not None]
    figures = {row["unit"]: row for row in rows}
    [pkm1] = [row for row in re.findall(r"<tr>.*?</tr>", page, re.DOTALL) if "unit=PKM1" in row]
    shown = dict(re.findall(r'data-label="([^"]+)">([^<]*)</td>', pkm1))
    assert int(shown["TL (kali)"]) == figures["PKM1"]["late_count"] == 1
    assert int(shown["Pegawai"]) == figures["PKM1"]["people"] == 2


def test_a_units_grid_holds_the_codes_and_sums_of_the_json(browser):
    visitor = browser("hr")
    page = visitor.get(f"/months/{MONTH}?unit=PKM1").text
    rows = rows_of(visitor, "monthly", f"month={MONTH}&unit=PKM1")
    assert [row["nip"] for row in rows] == sorted([SITI, RINA], key=lambda nip: f"Pegawai {nip}")
    for row in rows:
        found = row_of(page, row["nip"])
        links = dict(re.findall(rf'href="/people/{row["nip"]}/days/([\d-]+)">([^<]*)</a>', found))
        assert {on: codes.removesuffix("*") for on, codes in links.items()} == row["days"]
        sums = words_of(found)[30:]
        names = ("working_days", "present", "absent_days", "late_count", "late_minutes", "early_count")
        assert [int(value) for value in sums[:6]] == [row[name] for name in names]
        assert int(sums[15]) == row["undetermined"]
    codes = {code for row in rows for codes in row["days"].values() for code in codes.split()}
    assert codes == set(re.findall(r'<dt><span class="code">([^<*]+)</span></dt>', page.split("Arti kolom jumlah")[0]))
    assert f'data-nip="{RINA}"' in page  # the picture of the month


def test_a_unit_is_shown_without_those_below_and_leads_to_them(browser):
    page = browser("hr").get(f"/months/{MONTH}?unit=DINKES").text
    assert BUDI in page
    assert SITI not in page
    assert "unit=DINKES&amp;show=units" in page
    below = browser("hr").get(f"/months/{MONTH}?unit=DINKES&show=units").text
    assert "Unit PKM1" in below
    assert "Unit DISDIK</a>" not in below


def test_the_recap_shows_the_same_sums(browser):
    visitor = browser("hr")
    page = visitor.get(f"/months/{MONTH}?unit=PKM1&show=recap").text
    for row in rows_of(visitor, "recap", f"month={MONTH}&unit=PKM1"):
        sums = words_of(row_of(page, row["nip"]))
        assert int(sums[3]) == row["late_count"]
        assert int(sums[4]) == row["late_minutes"]
    assert int(words_of(row_of(page, RINA))[3]) == 1


def test_the_allowance_shows_each_deduction_with_its_day(browser):
    visitor = browser("operator")
    page = visitor.get(f"/months/{MONTH}/allowance?unit=PKM1").text
    for row in rows_of(visitor, "allowance", f"month={MONTH}&unit=PKM1"):
        shown = row_of(page, row["nip"])
        assert float(words_of(shown)[0].replace(",", ".") or 0) == float(row["percent"])
        assert all(f"/people/{row['nip']}/days/{line['date']}" in shown for line in row["lines"])
        assert row["lines"]  # the month before the city's first punch
    assert browser("leader").get(f"/months/{MONTH}/allowance?unit=PKM1").status_code == 403


def test_what_is_incomplete_stands_on_the_page(browser):
    page = browser("hr").get(f"/months/{MONTH}?unit=DISDIK").text
    assert 'class="note"' in page
    assert 'class="undetermined"' in row_of(page, ANDI)


def test_the_months_are_turned_and_the_future_is_empty(browser):
    visitor = browser("hr")
    page = visitor.get(f"/months/{MONTH}?unit=PKM1").text
    assert "/months/2026-10?unit=PKM1&amp;show=grid" in page
    assert "/months/2026-12?unit=PKM1&amp;show=grid" in page
    assert "Tidak ada pegawai" in visitor.get("/months/2027-03?unit=PKM1").text


@pytest.mark.parametrize(
    "path",
    [
        f"/months/{MONTH}?unit=DISDIK",
        f"/months/{MONTH}?unit=DISDIK&show=units",
        f"/months/{MONTH}/allowance?unit=DISDIK",
        "/years/2026?unit=DISDIK",
    ],
)
def test_a_foreign_unit_is_refused(browser, path):
    assert browser("operator").get(path).status_code == 403


def test_an_operator_sees_the_own_units_and_an_employee_none(browser):
    page = browser("operator").get(f"/months/{MONTH}").text
    assert "Unit PKM1" in page
    assert "DISDIK" not in page
    assert browser("siti").get(f"/months/{MONTH}").status_code == 403
    assert browser("operator").get(f"/months/{MONTH}?unit=TIDAKADA").status_code == 403
    assert browser("hr").get(f"/months/{MONTH}?unit=TIDAKADA").status_code == 404


@pytest.fixture
def absent_andi(city):
    """Let Andi be absent on twelve working days, in a year of which every device has been read."""
    first = date(2026, 11, 2)
    with city.store.begin():
        city.owner.execute("DELETE FROM punch WHERE device_id = %s", (city.devices["DISDIK"],))
    city.clock.at += timedelta(days=7)
    for device in city.devices.values():
        city.poll(device, city.clock.at - timedelta(hours=1))
    city.judge(first, date(2026, 11, 30))
    return city


def test_a_year_shows_the_days_absent_of_each_month(absent_andi, browser):
    visitor = browser("hr")
    page = visitor.get("/years/2026?unit=DISDIK").text
    [row] = rows_of(visitor, "yearly", "year=2026&unit=DISDIK")
    shown = words_of(row_of(page, ANDI))
    assert [int(count) if count else None for count in shown[:12]] == row["months"]
    assert int(shown[12]) == row["absent_days"] > 10
    assert shown[18].startswith(row["tier"])
    assert visitor.get("/years").headers["location"] == "/years/2026"
    assert "Pilih unit kerja" in visitor.get("/years/2026").text
    assert visitor.get("/years/1812").status_code == 400


def test_an_indication_says_what_it_is_and_each_date_leads_to_its_why(absent_andi, browser):
    visitor = browser("leader")
    assert visitor.get("/indications").headers["location"] == "/indications/2026"
    visitor = browser("hr")
    page = visitor.get("/indications/2026").text
    found = {row["nip"]: row for row in rows_of(visitor, "indications", "year=2026")}
    row = row_of(page, ANDI)
    assert found[ANDI]["tier"] in row
    assert found[ANDI]["citation"] in row
    assert re.findall(rf'"/people/{ANDI}/days/([\d-]+)"', row) == found[ANDI]["dates"]
    assert "Pejabat yang berwenang" in page
    assert ANDI not in browser("operator").get("/indications/2026").text
    assert browser("operator").get("/indications/2026?unit=DISDIK").status_code == 403
    assert browser("siti").get("/indications/2026").status_code == 403


def test_what_is_seen_of_people_is_in_the_trail(city, browser):
    browser("hr").get(f"/months/{MONTH}?unit=PKM1")
    found = city.owner.execute("SELECT unit_code, subject FROM trail WHERE action = 'see-unit'").fetchall()
    assert ("PKM1", f"{MONTH} grid") in found
