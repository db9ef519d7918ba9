"""Every report in every rendering, cell by cell, with its JSON as the truth."""

from __future__ import annotations

import csv
import io
import json
import shutil
import subprocess
from pathlib import Path

import openpyxl
import paper_samples
import period_samples as samples
import pypdf
import pytest

from eabsensi.reports.daily import DailyReport
from eabsensi.reports.rendering import render, render_daily

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


class Rendered:
    """One report, written in whatever form a test asks for."""

    def __init__(self, name: str, folder: Path) -> None:
        self.shown = paper_samples.ALL[name]
        self.report = self.shown.make()
        self.folder = folder

    def file(self, fmt: str, **how: object) -> Path:
        write = render_daily if isinstance(self.report, DailyReport) else render
        (path,) = write(self.report, fmt, self.folder / f"report.{fmt}", **how)
        return path

    @property
    def objects(self) -> list[dict]:
        return json.loads(self.file("json").read_text(encoding="utf-8"))

    @property
    def book(self) -> openpyxl.Workbook:
        return openpyxl.load_workbook(self.file("xlsx"))

    @property
    def sheet_rows(self) -> list[list]:
        return [[cell.value for cell in row] for sheet in self.book for row in sheet.iter_rows()]

    @property
    def printed(self) -> str:
        pages = pypdf.PdfReader(self.file("pdf")).pages
        return " ".join(" ".join(page.extract_text().split()) for page in pages)

    @property
    def listed(self) -> str:
        return " ".join(self.file("table").read_text(encoding="utf-8").split())


@pytest.fixture(params=sorted(paper_samples.ALL))
def rendered(request, tmp_path) -> Rendered:
    return Rendered(request.param, tmp_path)


def plain(value: object) -> str:
    """Write a value of the JSON as CSV has it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "; ".join(f"{key}={plain(one)}" for key, one in value.items())
    if isinstance(value, list):
        return "; ".join(map(plain, value))
    return str(value)


def disarmed(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def same(cell: object, told: object) -> bool:
    """Whether a cell of a workbook holds what the JSON tells; ``...`` is told nowhere in it."""
    if told is ...:
        return True
    if isinstance(cell, float | int) and isinstance(told, str):
        places = len(told.partition(".")[2])
        return f"{cell:.{places}f}" == told
    if isinstance(cell, str) and isinstance(told, str):
        return cell.rstrip("*") == told
    return cell == told


def test_the_csv_has_every_value_of_the_json(rendered):
    records = list(csv.DictReader(io.StringIO(rendered.file("csv").read_text(encoding="utf-8"))))
    objects = rendered.objects
    assert len(records) == len(objects) > 0
    for record, found in zip(records, objects, strict=True):
        flat = dict(found)
        if isinstance(rendered.report, DailyReport):
            flat |= {f"schedule_{key}": value for key, value in flat.pop("schedule").items()}
            flat["codes"] = " ".join(flat["codes"])
        assert record == {key: disarmed(plain(value)) for key, value in flat.items()}


def test_the_workbook_has_every_figure_of_the_json(rendered):
    rows = rendered.sheet_rows
    for found in rendered.objects:
        column, value = rendered.shown.finds(found)
        (row,) = (row for row in rows if len(row) > column and row[column] == value)
        cells = rendered.shown.cells(found)
        differ = [(cell, told) for cell, told in zip(row[1:], cells, strict=False) if not same(cell, told)]
        assert differ == []
        assert len(row) > len(cells)


def test_the_pdf_has_every_figure_of_the_json(rendered):
    printed = rendered.printed.replace("*", "")
    for found in rendered.objects:
        assert rendered.shown.printed(found) in printed


def test_the_terminal_has_every_figure_of_the_json(rendered):
    listed = rendered.listed.replace("*", "")
    for found in rendered.objects:
        assert rendered.shown.listed(found) in listed


def test_a_workbook_runs_no_formula_keeps_identifiers_as_text_and_is_set_up_for_f4(rendered):
    for sheet in rendered.book:
        cells = [cell for row in sheet.iter_rows() for cell in row]
        assert not any(cell.data_type == "f" for cell in cells)
        nips = [cell for cell in cells if str(cell.value).isdigit() and len(str(cell.value)) == 18]
        assert all((cell.data_type, cell.number_format) == ("s", "@") for cell in nips)
        assert sheet.page_setup.paperSize == 14
        assert sheet.page_setup.orientation == (
            "portrait" if "personal" in rendered.report.subject.kind else "landscape"
        )
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert sheet.freeze_panes
        assert sheet.print_title_rows
        assert sheet.print_area
        wide = sum(one.width * (one.max - one.min + 1) for one in sheet.column_dimensions.values())
        for row in sheet.iter_rows(max_col=1):
            text, height = str(row[0].value or ""), sheet.row_dimensions[row[0].row].height or 15
            assert len(text) <= wide * height / 15, "a sentence is cut on paper"


def test_a_pdf_is_archival_untagged_and_on_f4_and_counts_its_pages(rendered):
    reader = pypdf.PdfReader(rendered.file("pdf"))
    claims = reader.xmp_metadata.stream.get_data()
    assert b"<pdfaid:part>2</pdfaid:part>" in claims
    assert b"<pdfaid:conformance>B</pdfaid:conformance>" in claims
    assert "/StructTreeRoot" not in reader.trailer["/Root"]
    sides = [round(float(side) / 72 * 25.4) for side in reader.pages[0].mediabox[2:]]
    assert sides == ([215, 330] if rendered.report.subject.kind == "personal" else [330, 215])
    count = len(reader.pages)
    for place, page in enumerate(reader.pages, 1):
        text = " ".join(page.extract_text().split())
        assert f"Halaman {place} dari {count}" in text
        assert f"Peraturan kota-jambi versi {samples.POLICY.version}" in text
        assert "Dicetak menurut keadaan" in text


def test_libreoffice_reads_the_numbers_of_the_json(rendered):
    office = shutil.which("soffice")
    if office is None:
        pytest.skip("LibreOffice (soffice) is not installed here")
    path = rendered.file("xlsx")
    # every sheet becomes a file of its own (-1); values as they are, not as they look; the profile is the test's own
    how = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,false,false,false,false,-1"
    profile = f"-env:UserInstallation=file://{rendered.folder}/profile"
    command = [office, profile, "--headless", "--convert-to", how, "--outdir", str(rendered.folder / "csv"), str(path)]
    subprocess.run(command, check=True, capture_output=True, timeout=180)
    rows = [
        row
        for file in sorted((rendered.folder / "csv").glob("*.csv"))
        for row in csv.reader(io.StringIO(file.read_text(encoding="utf-8")))
    ]
    assert not any("#NAME?" in cell or "Err:" in cell for row in rows for cell in row)
    for found in rendered.objects:
        column, value = rendered.shown.finds(found)
        if not isinstance(value, str):
            continue  # a date, which LibreOffice writes by the machine's own language
        (row,) = (row for row in rows if len(row) > column and row[column] == value)
        numbers = [told for told in rendered.shown.cells(found) if isinstance(told, int)]
        assert set(map(str, numbers)) <= set(row)


def test_an_english_reader_gets_no_indonesian_words_around_the_figures(rendered):
    (page, *_) = pypdf.PdfReader(rendered.file("pdf", language="en")).pages
    text = " ".join(page.extract_text().split())
    assert "Page 1 of" in text
    assert "Verification code" in text
    assert "Halaman" not in text


@pytest.mark.parametrize("name", ["daily", "monthly", "recap"])
def test_a_city_has_a_sheet_for_each_unit_behind_its_summary(name, tmp_path):
    assert Rendered(name, tmp_path).book.sheetnames == ["Ringkasan", "DINKES", "DISPERINDAG"]


@pytest.mark.parametrize("name", ["monthly", "recap"])
def test_the_summary_of_a_city_says_which_unit_is_incomplete(name, tmp_path):
    said = "Dinas Perindustrian dan Perdagangan: 5 dari 21 hari kerja pegawai belum dapat dinilai (23,81 %)"
    rendered = Rendered(name, tmp_path)
    assert said in rendered.printed.split("Halaman 1 dari")[0]
    assert f"BELUM LENGKAP: {said}" in [row[0] for row in rendered.sheet_rows]
