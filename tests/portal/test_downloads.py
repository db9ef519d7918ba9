"""Every report as a file: of the right type, kept as given out, and to nobody who may not see it."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from dataclasses import replace

import pytest
from portal_city import ANDI, ON, RINA, SITI, Browser, serving
from pypdf import PdfReader

from eabsensi.portal.pages import downloads
from eabsensi.reports.typesetting import TypesettingError

MONTH = f"{ON:%Y-%m}"
KINDS = {
    "daily": (f"date={ON}", f"harian-{ON}"),
    "monthly": (f"month={MONTH}", f"bulanan-{MONTH}"),
    "recap": (f"month={MONTH}", f"rekap-{MONTH}"),
    "ranking": (f"month={MONTH}", f"peringkat-{MONTH}"),
    "allowance": (f"month={MONTH}", f"potongan-tpp-{MONTH}"),
    "yearly": (f"year={ON.year}", f"tahunan-{ON.year}"),
    "indications": (f"year={ON.year}", f"indikasi-{ON.year}"),
    "devices": ("", f"mesin-{ON}"),
}


def fetch(visitor: Browser, kind: str, ending: str, query: str = ""):
    return visitor.get(f"/downloads/{kind}.{ending}?{KINDS[kind][0]}{query}")


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_comes_in_every_form_and_is_kept(browser, city, kind):
    visitor = browser("hr")
    found = {ending: fetch(visitor, kind, ending, "&unit=PKM1") for ending in ("xlsx", "pdf", "csv", "json")}
    for ending, answer in found.items():
        assert answer.status_code == 200, (ending, answer.text)
        assert f'filename="{KINDS[kind][1]}-PKM1.{ending}"' in answer.headers["content-disposition"]
        assert answer.headers["cache-control"] == "no-store"
    assert "sheet" in found["xlsx"].headers["content-type"]
    assert "xl/workbook.xml" in zipfile.ZipFile(io.BytesIO(found["xlsx"].content)).namelist()
    assert found["pdf"].headers["content-type"] == "application/pdf"
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(found["pdf"].content)).pages)
    rows = json.loads(found["json"].text)
    assert found["csv"].headers["content-type"].startswith("text/csv")
    assert len(list(csv.DictReader(io.StringIO(found["csv"].content.decode("utf-8-sig"))))) == len(rows)
    kept = city.owner.execute("SELECT code, format, unit_code, issued_by FROM issued_paper WHERE kind = %s", (kind,))
    codes = {row[0] for row in kept if row[2:] == ("PKM1", "hr")}
    assert any(code in text for code in codes)
    noted = city.owner.execute("SELECT subject FROM trail WHERE action = 'download' ORDER BY id").fetchall()
    assert [row[0] for row in noted] == [f"{KINDS[kind][1]}-PKM1.{ending}" for ending in found]


def test_a_paper_names_where_its_code_is_looked_up(city):
    desk = replace(city.desk(), address="https://absensi.example.go.id/")
    with serving(desk) as address, Browser(base_url=address) as visitor:
        assert visitor.log_in("hr").status_code == 303
        answer = fetch(visitor, "recap", "pdf", "&unit=PKM1")
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.content)).pages)
    assert "https://absensi.example.go.id/verify" in text.replace("\n", "")


@pytest.mark.parametrize("kind", KINDS)
def test_a_foreign_unit_is_refused(browser, kind):
    operator = browser("operator")
    assert fetch(operator, kind, "csv", "&unit=DISDIK").status_code == 403
    assert fetch(operator, kind, "csv", "&unit=PKM1").status_code == 200
    assert fetch(browser("siti"), kind, "csv").status_code == 403


def test_without_a_unit_a_file_holds_what_the_visitor_sees(browser):
    seen = {row["nip"] for row in json.loads(fetch(browser("operator"), "monthly", "json").text)}
    assert ANDI not in seen
    assert {SITI, RINA} < seen
    assert ANDI in {row["nip"] for row in json.loads(fetch(browser("hr"), "monthly", "json").text)}


def test_the_personal_sheet_goes_to_the_person_and_those_who_see_the_unit(browser):
    query = f"nip={SITI}&month={MONTH}"
    for ending, start in (("pdf", b"%PDF"), ("xlsx", b"PK"), ("json", b"["), ("csv", b"")):
        answer = browser("siti").get(f"/downloads/personal.{ending}?{query}")
        assert answer.content.startswith(start)
        assert f"kartu-kehadiran-{MONTH}-{SITI}.{ending}" in answer.headers["content-disposition"]
    assert browser("operator").get(f"/downloads/personal.json?{query}").status_code == 200
    rows = json.loads(browser("hr").get(f"/downloads/personal.json?{query}").text)
    assert {row["nip"] for row in rows} == {SITI}
    foreign = f"nip={ANDI}&month={MONTH}"
    assert browser("siti").get(f"/downloads/personal.pdf?{foreign}").status_code == 403
    assert browser("operator").get(f"/downloads/personal.pdf?{foreign}").status_code == 403
    assert browser("operator").get(f"/downloads/personal.pdf?nip=1&month={MONTH}").status_code == 403
    assert browser("hr").get(f"/downloads/personal.pdf?nip=1&month={MONTH}").status_code == 404


def test_what_makes_no_sense_is_told(browser):
    visitor = browser("hr")
    assert visitor.get(f"/downloads/monthly.docx?month={MONTH}").status_code == 400
    assert visitor.get("/downloads/monthly.pdf?month=2026-13").status_code == 400
    assert visitor.get("/downloads/yearly.pdf?year=1812").status_code == 400
    assert visitor.get(f"/downloads/monthly.pdf?month={MONTH}&unit=TIDAKADA").status_code == 404


def test_a_pdf_that_is_too_large_is_refused_in_words_and_not_kept(browser, city, monkeypatch):
    def refuse(*_args, **_options):
        raise TypesettingError("The PDF of about 900 pages could not be set.")

    monkeypatch.setattr(downloads, "render", refuse)
    answer = fetch(browser("hr"), "monthly", "pdf")
    assert answer.status_code == 409
    assert re.search("terlalu besar untuk satu berkas.*XLSX", answer.text, re.DOTALL)
    assert city.owner.execute("SELECT count(*) FROM issued_paper").fetchone() == (0,)


def test_nothing_in_a_units_code_leads_out_of_its_folder(browser, city):
    city.unit("../A B", "KOTA")
    answer = browser("hr").get(f"/downloads/monthly.csv?month={MONTH}&unit=..%2FA%20B")
    assert answer.status_code == 200
    assert f'filename="bulanan-{MONTH}----A-B.csv"' in answer.headers["content-disposition"]
