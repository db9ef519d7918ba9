"""Whoever holds a paper may ask whether it was given out, and learns nothing about anybody."""

from __future__ import annotations

import re

import pytest
from judged_city import ON, POLICY
from portal_city import BUDI, RINA, SITI, serving

from eabsensi.assessing.daily import assess_day
from eabsensi.portal.asking import month_end
from eabsensi.portal.desk import CODES_PER_MINUTE
from eabsensi.reports.daily import daily_report
from eabsensi.reports.issuing import issue
from eabsensi.reports.loading import Asked, judged_month
from eabsensi.reports.monthly import monthly_report
from eabsensi.reports.rendering import Format


@pytest.fixture
def paper(city):
    """Give what recognises a paper of DINKES that the operator has taken."""
    with city.store.begin() as connection:
        report = daily_report(assess_day(connection, POLICY, ON, as_of=city.clock.now(), unit="DINKES"), POLICY)
        return issue(connection, report, Format.PDF, by="operator", at=city.clock.now())


def facts(page: str) -> dict[str, str]:
    found = re.findall(r"<dt>(.*?)</dt><dd[^>]*>(.*?)</dd>", page)
    return dict(found)


def test_a_paper_is_known_by_its_code_without_any_figure(browser, paper):
    page = browser().get(f"/verify?code={paper.code}")
    assert page.status_code == 200
    told = facts(page.text)
    assert told["Kode verifikasi"] == paper.code
    assert (told["Periode"], told["Unit kerja"]) == ("24 November 2026", "Unit DINKES")
    assert (told["Jumlah baris"], told["Bentuk"]) == ("3", "PDF")
    assert told["Dikeluarkan"].endswith("oleh Operator OPD")
    assert told["Sidik isi (SHA-256)"] == paper.sha256
    assert not [nip for nip in (BUDI, SITI, RINA) if nip in page.text]
    assert "operator" not in page.text  # the account's name is nobody's business


def test_a_code_is_read_as_people_type_it(browser, paper):
    written = paper.code.lower().replace("-", " ")
    assert facts(browser().get(f"/verify?code={written}").text)["Kode verifikasi"] == paper.code


def test_a_paper_that_was_made_on_the_server_and_for_a_month_is_told_so(browser, city):
    asked = Asked(ON.replace(day=1), month_end(ON), city.clock.now())
    with city.store.begin() as connection:
        report = monthly_report(judged_month(connection, POLICY, asked), POLICY)
        paper = issue(connection, report, Format.XLSX, by="root", at=city.clock.now())
    told = facts(browser().get(f"/verify?code={paper.code}").text)
    assert (told["Periode"], told["Unit kerja"]) == ("November 2026", "Seluruh kota")
    assert told["Dikeluarkan"].endswith("oleh petugas di server BKPSDM")


@pytest.mark.parametrize(
    "code", ["AAAA-BBBB-CCCC", "x", "\x01", "A" * 5000, "<script>alert(1)</script>", "1' OR '1'='1"]
)
def test_an_unknown_code_is_told_in_one_sentence(browser, code):
    page = browser().get("/verify", params={"code": code})
    assert page.status_code == 404
    assert "Tidak ada laporan dengan kode" in page.text
    assert "<script>" not in page.text


def test_the_empty_page_asks_for_a_code_and_knows_a_visitor_who_is_logged_in(browser):
    stranger = browser().get("/verify")
    assert (stranger.status_code, "Keluar" in stranger.text) == (200, False)
    assert "Keluar" in browser("hr").get("/verify").text


def test_whoever_tries_codes_has_to_wait(browser, city, paper):
    with serving(city.desk()) as address:
        visitor = browser()
        visitor.base_url = address
        for number in range(CODES_PER_MINUTE):
            assert visitor.get(f"/verify?code=AAAA-BBBB-{number:04}").status_code == 404
        refused = visitor.get(f"/verify?code={paper.code}")
        assert refused.status_code == 429
        assert refused.headers["retry-after"] == "3"
        assert paper.sha256 not in refused.text
