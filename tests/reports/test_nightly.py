"""What stands in the folder every morning."""

from __future__ import annotations

from datetime import date

import pytest
from judged_city import MORNING_AFTER, ON, POLICY, City, at
from openpyxl import load_workbook
from pypdf import PdfReader
from sqlalchemy import text

from eabsensi.reports import nightly
from eabsensi.reports.nightly import Night
from eabsensi.reports.typesetting import TypesettingError

BUDI, SITI = "198503172010012003", "199001022015032004"
MONTH_END = date(2026, 10, 30)  # a Friday; the 31st is a Saturday


@pytest.fixture
def city(store, owner) -> City:
    made = City(store, owner)
    for code, nip, pin in (("DINKES", BUDI, "1"), ("DISDIK", SITI, "2")):
        made.unit(code)
        device = made.device(code, f"SN-{code}")
        made.enrol(made.person(nip, code), pin)
        made.punch(device, pin, at("07:02"))
        made.punch(device, pin, at("16:40"))
        made.poll(device, MORNING_AFTER)
    return made


def night(city: City, tmp_path, on: date = ON) -> Night:
    return Night(city.store, POLICY, on, MORNING_AFTER, tmp_path, "nightly", "https://absensi.example.go.id/verify")


def codes(city: City) -> set[str]:
    with city.store.begin() as connection:
        return set(connection.execute(text("SELECT code FROM issued_paper")).scalars())


def test_a_day_is_a_workbook_of_the_city_a_pdf_for_each_unit_and_the_devices(city, tmp_path):
    paths, problems = night(city, tmp_path).write()
    assert problems == []
    folder = tmp_path / "2026/11/24"
    assert sorted(path.relative_to(folder).name for path in paths) == [
        "daily-2026-11-24-DINKES.pdf",
        "daily-2026-11-24-DISDIK.pdf",
        "harian-2026-11-24-kota.xlsx",
        "mesin-2026-11-24.pdf",
    ]
    assert {"DINKES", "DISDIK"} <= set(load_workbook(folder / "harian-2026-11-24-kota.xlsx").sheetnames)
    page = PdfReader(folder / "daily-2026-11-24-DINKES.pdf").pages[0].extract_text()
    assert "198503172010012003" in page.replace(" ", "")
    assert "absensi.example.go.id/verify" in page
    assert any(code in page for code in codes(city)), "its code is kept"


def test_after_the_last_day_of_a_month_the_month_is_there_too(city, tmp_path):
    paths, problems = night(city, tmp_path, date(2026, 10, 31)).write()
    assert problems == []
    month = {path.name for path in paths if path.parent == tmp_path / "2026/10"}
    assert {f"{name}-2026-10-kota.xlsx" for name in ("bulanan", "rekap", "peringkat")} <= month
    assert not any(path.name.startswith("bulanan") for path in night(city, tmp_path, MONTH_END).write()[0])


def test_one_that_cannot_be_written_is_told_and_the_others_are_written(city, tmp_path, monkeypatch):
    real = nightly.render_daily

    def refuse_pdf(report, fmt, *arguments, **options):
        if fmt == "pdf":
            raise TypesettingError("The document is too large.", remedy="Take one unit.")
        return real(report, fmt, *arguments, **options)

    monkeypatch.setattr(nightly, "render_daily", refuse_pdf)
    paths, problems = night(city, tmp_path).write()
    assert [problem.where for problem in problems] == ["harian-2026-11-24.pdf"]
    assert {path.suffix for path in paths} == {".xlsx", ".pdf"}
    assert not any(path.name.startswith("daily-") for path in paths)
