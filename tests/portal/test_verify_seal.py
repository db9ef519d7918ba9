"""Whoever holds a daily report may ask whether the seal on it is the chain's, and whether the chain holds there."""

from __future__ import annotations

import re
from datetime import timedelta

import pypdf
import pytest
from judged_city import ON, POLICY
from portal_city import BUDI, PortalCity, serving

from eabsensi.assessing.daily import assess_day
from eabsensi.portal.desk import CODES_PER_MINUTE
from eabsensi.portal.wording import vocabulary
from eabsensi.reports.daily import daily_report
from eabsensi.reports.verification import is_part_of_head, read_head
from eabsensi.sealing.heads import head_at
from eabsensi.sealing.sealer import seal_evidence
from eabsensi.store.evidence import KINDS

DIGITS = "9f3a0c1e55d27b64a1b2c3d4"


@pytest.fixture
def sealed(city: PortalCity) -> PortalCity:
    """Seal three times: what the city has, a touch, and another."""
    for minute in range(3):
        city.clock.at += timedelta(minutes=1)
        city.punch(city.devices["PKM1"], "2", city.clock.at, received_at=city.clock.at, source="log")
        city.clock.at += timedelta(minutes=1)
        assert len(seal_evidence(city.store, city.clock)) == 1, minute
    return city


def heads(city: PortalCity) -> list[str]:
    rows = city.owner.execute("SELECT number, encode(sha256, 'hex') FROM seal ORDER BY number").fetchall()
    return [f"{number}-{digits[:24]}" for number, digits in rows]


def facts(page: str) -> dict[str, str]:
    return dict(re.findall(r"<dt>(.*?)</dt><dd[^>]*>(.*?)</dd>", page))


def test_a_head_on_paper_is_known_with_its_moment_and_rows(sealed, browser):
    second = heads(sealed)[1]
    page = browser().get("/verify", params={"code": second})
    assert page.status_code == 200
    told = facts(page.text)
    assert told["Segel bukti"] == second
    assert told["Dibuat"].startswith("24 November 2026 20.04")
    assert told["Baris bukti dalam segel ini"] == "1"
    assert "Rekaman kehadiran: 1" in told["Menurut jenis"]
    assert told["Rantai pada segel ini"].startswith("Utuh")
    assert "Segel 3 meneruskannya" in told["Rantai pada segel ini"]
    assert f"eabsensi audit verify --head {second}" in page.text
    assert 'role="alert"' not in page.text
    assert BUDI not in page.text


def test_first_and_last_seal_are_whole_too(sealed, browser):
    first, _, last = heads(sealed)
    visitor = browser()
    told = facts(visitor.get(f"/verify?code={first}").text)["Rantai pada segel ini"]
    assert "Inilah segel pertama" in told
    assert "Segel 2 meneruskannya" in told
    assert "Inilah segel terakhir" in facts(visitor.get(f"/verify?code={last}").text)["Rantai pada segel ini"]


def test_the_head_that_a_daily_pdf_prints_is_taken_as_it_is_copied(sealed, browser, tmp_path):
    hr = browser("hr")
    file = tmp_path / "daily.pdf"
    file.write_bytes(hr.get(f"/downloads/daily.pdf?date={ON}&unit=PKM1").content)
    foot = " ".join(pypdf.PdfReader(file).pages[0].extract_text().split())
    [printed] = re.findall(r"Segel bukti \d+-[0-9a-f]{24}", foot)
    with sealed.store.begin() as connection:
        assert printed.endswith(head_at(connection) or "none")
    assert facts(browser().get("/verify", params={"code": printed}).text)["Segel bukti"] == heads(sealed)[2]


def test_it_is_told_in_english(sealed, browser):
    visitor = browser()
    visitor.get("/language/en", params={"next": "/verify"})
    page = visitor.get(f"/verify?code={heads(sealed)[0]}").text
    assert "This seal of the evidence is on record here." in page
    assert "Seal 2 goes on from it." in page


def test_another_head_of_that_number_is_told_and_the_true_one_is_not(sealed, browser):
    page = browser().get(f"/verify?code=2-{DIGITS}")
    assert page.status_code == 404
    assert "Segel nomor 2 yang tercatat di sini lain bunyinya" in page.text
    assert not [head for head in heads(sealed) if head[2:14] in page.text]


def test_a_number_that_no_seal_has_is_told(sealed, browser):
    page = browser().get(f"/verify?code=812-{DIGITS}")
    assert page.status_code == 404
    assert "tidak ada segel nomor 812" in page.text


def test_a_head_that_is_not_whole_is_asked_for_whole(sealed, browser):
    visitor = browser()
    for written in ("2-9f3a", "812-", DIGITS, "2-9f3a0c1e55d"):
        page = visitor.get("/verify", params={"code": written})
        assert page.status_code == 404
        assert f"{written} bukan segel bukti yang lengkap" in page.text


def test_a_chain_that_was_touched_beside_the_seal_is_told(sealed, browser):
    second = heads(sealed)[1]
    sealed.owner.execute("UPDATE seal SET previous = sha256(previous) WHERE number = 3")
    page = browser().get(f"/verify?code={second}").text
    assert "rantai bukti tidak utuh pada segel ini" in page
    assert 'role="alert"' in page
    assert "Utuh" not in page


def test_a_very_large_seal_is_not_worked_out_again(sealed, browser, monkeypatch):
    monkeypatch.setattr("eabsensi.sealing.lookup.MOST_ROWS", 0)
    told = facts(browser().get(f"/verify?code={heads(sealed)[1]}").text)
    assert told["Rantai pada segel ini"].startswith("Menyambung segel sebelumnya. Isinya terlalu banyak")


def test_whoever_tries_heads_has_to_wait_as_with_codes(sealed, browser):
    with serving(sealed.desk()) as address:
        visitor = browser()
        visitor.base_url = address
        for number in range(CODES_PER_MINUTE):
            assert visitor.get(f"/verify?code={number + 100}-{DIGITS}").status_code == 404
        refused = visitor.get(f"/verify?code={heads(sealed)[1]}")
    assert refused.status_code == 429
    assert "Dibuat" not in refused.text


def test_every_kind_of_evidence_has_its_word():
    assert [kind.name for kind in KINDS if f"verify.kind_{kind.name}" not in vocabulary()] == []


@pytest.mark.parametrize(
    "written",
    [
        f"812-{DIGITS}",
        f" 812 - {DIGITS.upper()} ",
        f"Segel bukti 812-{DIGITS}",
        f"Seal of the evidence 812\u2013{DIGITS}",
        f"8l2-{DIGITS.replace('0', 'O').replace('1', 'l')}",
        f"812-{DIGITS[:8]}\n{DIGITS[8:]}",
    ],
)
def test_a_head_is_read_as_people_write_it(written):
    assert read_head(written) == f"812-{DIGITS}"


def test_no_verification_code_is_taken_for_a_head():
    for code in ("ABCD-EF22-2345", "2345-6723-4567", "2-345ABCDEF22", "234567ABCDEF"):
        assert read_head(code) is None
    assert not is_part_of_head("ABCD-EFGH-IJKL")
    assert not is_part_of_head("2345-6723-4567")


def test_a_report_of_the_day_prints_what_is_looked_up(sealed):
    with sealed.store.begin() as connection:
        report = daily_report(assess_day(connection, POLICY, ON, as_of=sealed.clock.now()), POLICY)
    assert read_head(report.setting.head or "") == heads(sealed)[2]
