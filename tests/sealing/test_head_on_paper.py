"""The head of a day stands on its report, and a paper copy proves it."""

from __future__ import annotations

import re
from datetime import date

import pypdf
from sealed_city import MINUTE, START, SealedCity

from eabsensi.assessing.daily import assess_day
from eabsensi.law.loader import load_policy
from eabsensi.law.wording import Language
from eabsensi.reports.daily import daily_report
from eabsensi.reports.daily_pdf import write_pdf

POLICY = load_policy()


def report_of(city: SealedCity, as_of):
    with city.store.begin() as connection:
        return daily_report(assess_day(connection, POLICY, date(2026, 3, 2), as_of=as_of), POLICY)


def test_every_page_of_a_daily_report_shows_the_head_of_its_moment(shared, tmp_path):
    path = tmp_path / "daily.pdf"
    write_pdf(report_of(shared, shared.clock.at), path, Language.ID)
    pages = [page.extract_text() for page in pypdf.PdfReader(path).pages]
    heads = {found for page in pages for found in re.findall(r"Segel bukti (\d+-[0-9a-f]{24})", page)}
    assert heads == {shared.head()}
    assert all("Segel bukti" in page for page in pages)
    assert shared.verify(head=heads.pop()).proved == shared.head()


def test_a_report_shows_what_was_sealed_by_the_moment_that_it_is_of(shared):
    assert report_of(shared, START + MINUTE).setting.head.startswith("2-")
    assert report_of(shared, START - MINUTE).setting.head is None
