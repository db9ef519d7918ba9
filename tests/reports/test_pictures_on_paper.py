"""Pictures on printed reports: which stand where, in whose words, and that they push no signature off its page."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import period_samples as samples
import pypdf
import pytest
import report_samples as day_samples

from eabsensi.law.wording import Language
from eabsensi.reports import illustrating
from eabsensi.reports.charts.charted_words import word
from eabsensi.reports.illustrating import day_picture, illustrated
from eabsensi.reports.judged import JudgedPeriod
from eabsensi.reports.monthly import monthly_report
from eabsensi.reports.paper import Drawings, Medium, Papered
from eabsensi.reports.ranking import ranking_report
from eabsensi.reports.rendering import render, render_daily
from eabsensi.reports.yearly import yearly_report

ID, EN = Language.ID, Language.EN


def pages_of(path: Path) -> list[str]:
    return [" ".join(page.extract_text().split()) for page in pypdf.PdfReader(path).pages]


def larger(period: JudgedPeriod, people: int) -> JudgedPeriod:
    """Give a period of one unit in which Budi's days are those of many."""
    own = [replace(day, unit=samples.HEALTH) for day in period.days if day.person is samples.BUDI]
    persons = (replace(samples.BUDI, employee_id=100 + n, nip=f"19900101201501{n:04d}") for n in range(people))
    return replace(period, days=tuple(replace(day, person=person) for person in persons for day in own))


def drawings(report: Papered, language: Language = ID) -> list[Drawings]:
    return [part.drawings for part in illustrated(report).paper(Medium.PRINT, language).parts]


def test_a_day_has_its_arrivals_for_each_unit_and_the_city(tmp_path):
    (path,) = render_daily(day_samples.report(), "pdf", tmp_path / "day.pdf")
    pages = pages_of(path)
    assert len(pages) == 3
    assert all(page.count("Kurva kedatangan") == 1 for page in pages)
    assert [("Kepala" in page and "NIP." in page) for page in pages] == [False, True, True]
    city = day_picture(day_samples.report(), ID)
    assert 'data-people="8"' in city.svg


def test_a_day_off_has_no_arrivals(tmp_path):
    sunday = day_samples.ON.replace(day=22)
    report = day_samples.report(on=sunday)
    assert day_picture(report, ID) is None
    (path,) = render_daily(report, "pdf", tmp_path / "off.pdf")
    assert not any("Kurva kedatangan" in page for page in pages_of(path))


@pytest.mark.parametrize(("times", "pages"), [(1, 1), (2, 2), (6, 3)])
def test_a_signature_stays_with_its_figures_whatever_the_picture_needs(tmp_path, times, pages):
    (path,) = render_daily(day_samples.report(unit=day_samples.HEALTH, times=times), "pdf", tmp_path / "day.pdf")
    found = pages_of(path)
    assert len(found) == pages
    [signed] = [page for page in found if "Kepala Dinas Kesehatan" in page]
    assert f"Pegawai {6 * times}" in signed
    assert "Nama / NIP" in signed


def test_a_month_shows_punctuality_beside_the_signature_of_units_with_people_enough():
    [many] = drawings(monthly_report(larger(samples.november(), 5), samples.POLICY))
    assert "Ketepatan waktu per hari" in many.beside.title
    assert 'data-first="2026-11-30"' in many.beside.svg
    assert len(many.after) == 1
    [few] = drawings(monthly_report(larger(samples.november(), 4), samples.POLICY))
    assert (few.beside, len(few.after)) == (None, 1)


def test_a_year_shows_punctuality_by_month():
    [drawn] = drawings(yearly_report(larger(samples.year(), 5), samples.POLICY, 2026), EN)
    assert drawn.beside.title == "Punctuality by month"
    facts = [f'data-first="2026-{month:02d}-01"' for month in range(1, 13)]
    assert all(fact in drawn.beside.svg for fact in facts)
    september = drawn.beside.svg.split(facts[8])[1].split(">")[0]
    assert 'data-absent="20"' in september  # four days of each of five
    assert 'data-on-time="90"' in september


@pytest.mark.parametrize("language", Language)
def test_a_ranking_counts_employee_days_and_a_day_people(language):
    [drawn] = drawings(ranking_report(samples.november(), samples.POLICY), language)
    units = drawn.after[0].svg
    assert word("units_value_duty_days", language) in units
    assert word("units_value_people", language) not in units
    assert drawn.beside is not None


def test_many_units_are_parted_over_pictures(monkeypatch):
    monkeypatch.setattr(illustrating, "_UNITS_ON_A_PAGE", 1)
    [drawn] = drawings(ranking_report(samples.november(), samples.POLICY))
    assert len(drawn.after) == 2


def test_a_printed_month_of_a_large_unit_wastes_no_page_on_the_picture(tmp_path):
    report = monthly_report(larger(samples.november(), 12), samples.POLICY)
    (path,) = render(report, "pdf", tmp_path / "month.pdf")
    pages = pages_of(path)
    [trend] = [page for page in pages if "Ketepatan waktu per hari" in page]
    assert "Kepala Dinas Kesehatan" in trend
    assert "Peta kehadiran" in pages[-1]
