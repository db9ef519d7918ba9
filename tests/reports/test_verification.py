"""Every PDF and workbook carries a code: equal codes mean equal figures, and what was given out is kept."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import openpyxl
import paper_samples
import period_samples as samples
import pypdf
import pytest
import report_samples as day_samples

from eabsensi.law.wording import Language
from eabsensi.reports.issuing import issue, issue_units
from eabsensi.reports.monthly import monthly_report
from eabsensi.reports.paper import Subject
from eabsensi.reports.rendering import Format, render, render_daily
from eabsensi.reports.verification import read_code, verification, verification_of, verifications_of_units
from eabsensi.store.issues import find_issue

AT = datetime(2026, 12, 2, 3, 4, 5, tzinfo=UTC)
ABOUT = (Subject("monthly", "2026-11", "DINKES"), "2026-12-02T06:00:00+07:00", "0123456789ab")
ROWS = (
    {"nip": "1", "percent": Decimal("90.48"), "on": samples.AS_OF.date()},
    {"nip": "2", "percent": None, "on": None},
)


def month():
    return monthly_report(samples.november(), samples.POLICY)


def text_of(path) -> str:
    return " ".join(" ".join(page.extract_text().split()) for page in pypdf.PdfReader(path).pages)


def test_a_code_is_twelve_letters_and_digits_that_no_two_runs_give_differently():
    found = verification(*ABOUT, ROWS)
    assert re.fullmatch(r"([A-Z2-7]{4}-){2}[A-Z2-7]{4}", found.code)
    assert re.fullmatch(r"[0-9a-f]{64}", found.sha256)
    assert found.rows == 2
    assert found == verification(*ABOUT, iter(ROWS))
    assert found.code == "FMWG-TXBY-UG43"  # what was printed once must be found for ever


def test_the_order_of_keys_plays_no_part_and_everything_else_does():
    found = verification(*ABOUT, ROWS)
    turned = [dict(reversed(list(row.items()))) for row in ROWS]
    assert verification(*ABOUT, turned) == found
    others = [
        verification(replace(ABOUT[0], kind="recap"), *ABOUT[1:], ROWS),
        verification(replace(ABOUT[0], period="2026-10"), *ABOUT[1:], ROWS),
        verification(replace(ABOUT[0], unit=None), *ABOUT[1:], ROWS),
        verification(ABOUT[0], "2026-12-02T06:00:01+07:00", ABOUT[2], ROWS),
        verification(*ABOUT[:2], "0123456789ac", ROWS),
        verification(*ABOUT, reversed(ROWS)),
        verification(*ABOUT, ROWS[:1]),
        verification(*ABOUT, [ROWS[0], ROWS[1] | {"percent": Decimal("0.00")}]),
    ]
    assert len({found.code, *(other.code for other in others)}) == 9


@pytest.mark.parametrize("name", sorted(paper_samples.ALL))
def test_every_report_prints_its_code_on_every_page_and_in_its_workbook(name, tmp_path):
    report = paper_samples.ALL[name].make()
    write = render_daily if name == "daily" else render
    (pdf,) = write(report, "pdf", tmp_path / "report.pdf", verify_at="https://absensi.example.go.id/verifikasi")
    (book,) = write(report, "xlsx", tmp_path / "report.xlsx")
    (english,) = write(report, "pdf", tmp_path / "english.pdf", "en")
    code = verification_of(report).code
    pages = pypdf.PdfReader(pdf).pages
    said = f"Kode verifikasi {code} · periksa di https://absensi.example.go.id/verifikasi"
    assert all(said in " ".join(page.extract_text().split()) for page in pages)
    assert all(f"Kode verifikasi {code}" in sheet.oddFooter.left.text for sheet in openpyxl.load_workbook(book))
    assert f"Verification code {code}" in text_of(english)


def test_one_late_minute_more_is_another_code():
    period = samples.november()
    days = [replace(day, late_minutes=day.late_minutes + 1) if "TL4" in day.codes else day for day in period.days]
    other = monthly_report(replace(period, days=days), samples.POLICY)
    assert verification_of(other).code != verification_of(month()).code


def test_a_folder_of_papers_has_a_code_for_each_unit_that_is_that_of_the_unit_alone(tmp_path):
    codes = {unit: found.code for unit, found in verifications_of_units(month()).items()}
    assert list(codes) == ["DINKES", "DISPERINDAG"]
    for path, code in zip(render(month(), "pdf", tmp_path), codes.values(), strict=True):
        assert f"Kode verifikasi {code}" in text_of(path)
    period = samples.november()
    alone = replace(period, unit=samples.HEALTH, days=tuple(day for day in period.days if day.unit is samples.HEALTH))
    assert verification_of(monthly_report(alone, samples.POLICY)).code == codes["DINKES"]
    days = verifications_of_units(day_samples.report())
    for path, found in zip(render_daily(day_samples.report(), "pdf", tmp_path), days.values(), strict=True):
        assert f"Kode verifikasi {found.code}" in text_of(path)


def test_a_report_of_no_units_goes_into_a_folder_as_one_paper(tmp_path):
    (path,) = render(paper_samples.ALL["ranking"].make(), "pdf", tmp_path)
    assert path.name == "ranking-2026-11.pdf"


@pytest.mark.parametrize("typed", ["F4FY-XYAO-BHP7", "f4fy xyao bhp7", " F4FYXYAOBHP7 ", "f4fy-xya0-8hp7"])
def test_a_code_is_read_as_people_type_it(typed):
    assert read_code(typed) == "F4FY-XYAO-BHP7"


def test_what_was_given_out_is_kept_and_found_by_its_code(store):
    with store.begin() as connection:
        found = issue(connection, month(), Format.PDF, by="rina.hr", at=AT)
    with store.begin() as connection:
        again = issue(connection, month(), Format.PDF, by="other", at=AT + timedelta(days=1))
        paper = find_issue(connection, found.code)
    assert again == found
    assert (paper.kind, paper.period, paper.unit_code, paper.format) == ("monthly", "2026-11", None, "pdf")
    assert (paper.title, paper.rows, paper.sha256) == ("REKAPITULASI KEHADIRAN BULANAN", 5, found.sha256)
    assert (paper.issued_by, paper.issued_at, paper.as_of) == ("rina.hr", AT, samples.AS_OF)
    with store.begin() as connection:
        assert find_issue(connection, "AAAA-AAAA-AAAA") is None


def test_each_paper_of_a_folder_is_kept_for_its_unit(store):
    with store.begin() as connection:
        units = issue_units(connection, month(), by="rina.hr", at=AT)
        whole = issue_units(connection, paper_samples.ALL["ranking"].make(), by="rina.hr", at=AT)
        papers = [find_issue(connection, found.code) for found in (*units, *whole)]
    assert [(paper.kind, paper.unit_code, paper.rows) for paper in papers] == [
        ("monthly", "DINKES", 4),
        ("monthly", "DISPERINDAG", 1),
        ("ranking", None, 2),
    ]


def test_the_language_of_a_paper_plays_no_part():
    objects = [list(paper_samples.devices().objects(language)) for language in (Language.ID, Language.EN)]
    assert objects[0] != objects[1]
    assert verification_of(paper_samples.devices()) == verification_of(paper_samples.devices())
