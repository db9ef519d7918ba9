"""Every rendering of the daily report holds the same rows, and says on its face what is incomplete and why."""

from __future__ import annotations

import csv
import io
import json
import stat
from datetime import date, datetime, time
from pathlib import Path

import openpyxl
import pypdf
import pytest
import report_samples as samples

from eabsensi.errors import UsageError
from eabsensi.law.wording import Language
from eabsensi.reports import daily_pdf
from eabsensi.reports.daily import daily_report
from eabsensi.reports.rendering import ReportFileError, render_daily
from eabsensi.reports.typesetting import TypesettingError

KEYS = [
    *("date", "unit", "nip", "name", "status", "codes", "in", "out", "late_minutes", "early_minutes"),
    *("schedule", "complete", "document", "citations"),
]
UNREAD = "mesin Disperindag belum terbaca sejak 24 November 2026 10.12 (tidak terhubung)"
FORMULA = '=HYPERLINK("http://x","Fajar")'


def text_of(report, fmt: str, folder: Path, language: str = "id") -> str:
    (path,) = render_daily(report, fmt, folder / f"report.{fmt}", language)
    return path.read_text(encoding="utf-8")


def objects_of(report, folder: Path) -> list[dict]:
    return json.loads(text_of(report, "json", folder))


def sheets_of(report, folder: Path, language: str = "id") -> openpyxl.Workbook:
    (path,) = render_daily(report, "xlsx", folder / "report.xlsx", language)
    return openpyxl.load_workbook(path)


def pages_of(report, folder: Path, language: str = "id") -> list[str]:
    (path,) = render_daily(report, "pdf", folder / "report.pdf", language)
    return [" ".join(page.extract_text().split()) for page in pypdf.PdfReader(path).pages]


def test_json_has_the_keys_of_the_contract_and_says_why(tmp_path):
    rows = objects_of(samples.report(), tmp_path)
    assert [list(row)[:14] for row in rows] == [KEYS] * 8
    late = rows[1]
    assert (late["date"], late["unit"], late["nip"]) == ("2026-11-24", "DINKES", "199001012015011001")
    assert (late["status"], late["codes"], late["late_minutes"], late["early_minutes"]) == (
        *("present", ["TL2", "PSW1"]),
        *(50, 15),
    )
    assert (late["in"], late["out"]) == ("2026-11-24T08:05:40+07:00", "2026-11-24T15:30:00+07:00")
    assert late["schedule"] == {
        "name": "Jam kerja 5 hari",
        "start": "2026-11-24T07:15:00+07:00",
        "end": "2026-11-24T15:45:00+07:00",
    }
    assert (late["complete"], late["document"]) == (True, None)
    assert all(isinstance(citation, str) for row in rows for citation in row["citations"])
    assert rows[6]["status"] == "undetermined"
    assert rows[6]["reasons"] == [UNREAD]


def test_json_streams_to_standard_output_where_no_file_is_named(capsys):
    assert render_daily(samples.report(), "json") == []
    assert len(json.loads(capsys.readouterr().out)) == 8


def test_an_empty_report_is_an_empty_list_and_a_sentence(tmp_path):
    report = samples.without_people()
    assert objects_of(report, tmp_path) == []
    assert "Tidak ada pegawai" in text_of(report, "table", tmp_path)
    assert "Tidak ada pegawai" in pages_of(report, tmp_path)[0]
    assert sheets_of(report, tmp_path).sheetnames == ["Ringkasan"]


def test_all_renderings_hold_the_same_cells(tmp_path):
    report = samples.report()
    objects = objects_of(report, tmp_path)
    rows = list(csv.DictReader(io.StringIO(text_of(report, "csv", tmp_path))))
    book = sheets_of(report, tmp_path)
    table = text_of(report, "table", tmp_path).splitlines()
    pages = " ".join(pages_of(report, tmp_path))
    cells = [
        [cell.value for cell in row]
        for sheet in book.worksheets[1:]
        for row in sheet.iter_rows()
        if isinstance(row[0].value, int)
    ]
    assert len(objects) == len(rows) == len(cells) == 8
    for row, plain, sheet_row in zip(objects, rows, cells, strict=True):
        assert plain["nip"] == sheet_row[1] == row["nip"]
        assert plain["name"].lstrip("'") == sheet_row[2] == row["name"]
        assert plain["codes"] == sheet_row[6] == " ".join(row["codes"])
        assert int(plain["late_minutes"]) == sheet_row[9] == row["late_minutes"]
        assert int(plain["early_minutes"]) == sheet_row[10] == row["early_minutes"]
        assert (plain["complete"] == "true") == (sheet_row[11] == "ya") == row["complete"]
        for key, column in (("in", 7), ("out", 8)):
            assert plain[key] == (row[key] or "")
            seen = datetime.fromisoformat(row[key]).time() if row[key] else None
            assert sheet_row[column] == seen
        (line,) = (line for line in table if row["nip"] in line)
        shown = [f"{datetime.fromisoformat(row[k]):%H.%M}" if row[k] else "-" for k in ("in", "out")]
        words = line.split()
        place = next(place for place, word in enumerate(words) if word == shown[0])
        assert words[place : place + 2] == shown
        assert " ".join(row["codes"]) in " ".join(words)
        assert f"{row['nip']} " in pages
        assert f"{' '.join(row['codes'])} {shown[0]} {shown[1]}" in pages


@pytest.mark.parametrize("fmt", ["table", "pdf", "xlsx", "json", "csv"])
def test_what_is_incomplete_is_said_with_terminal_since_when_and_outcome(fmt, tmp_path):
    report = samples.report()
    if fmt == "pdf":
        said = " ".join(pages_of(report, tmp_path))
    elif fmt == "xlsx":
        book = sheets_of(report, tmp_path)
        said = " ".join(str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row)
    else:
        said = text_of(report, fmt, tmp_path)
    assert UNREAD in said
    assert "7 menit lebih cepat" in said


def test_the_table_counts_every_status_with_a_decimal_comma_and_needs_no_colour(tmp_path):
    table = text_of(samples.report(), "table", tmp_path)
    assert "Selasa, 24 November 2026   Keadaan per 25 November 2026 06.00 WIB" in table
    assert f"BELUM LENGKAP: {UNREAD}" in table
    assert "Pegawai 6  Hadir 4  Terlambat 1  Pulang cepat 2  Tanpa ket. 1  Belum lengkap 1  66,7 % hadir" in table
    assert "Hadir*" in table
    assert "\x1b" not in table
    assert max(map(len, table.splitlines())) <= 110


def test_the_table_fits_a_hundred_columns_and_lines_its_columns_up_across_units(tmp_path):
    heads = [line for line in text_of(samples.report(), "table", tmp_path).splitlines() if line.startswith("No ")]
    assert len(heads) == 2
    assert heads[0] == heads[1]
    assert len(heads[0]) <= 100


def test_an_english_reader_gets_english(tmp_path):
    report = samples.report()
    table = text_of(report, "table", tmp_path, "en")
    assert "DAILY ATTENDANCE REPORT" in table
    assert "Tuesday, 24 November 2026   As of 25 November 2026 06:00 WIB" in table
    assert "INCOMPLETE: device Disperindag not read since 24 November 2026 10:12 (unreachable)" in table
    assert "66.7 % present" in table
    assert sheets_of(report, tmp_path, "en").sheetnames[0] == "Summary"
    assert "Page 1 of 3" in pages_of(report, tmp_path, "en")[0]


def test_a_running_day_says_so_once_per_unit_and_charges_nobody_for_leaving(tmp_path):
    as_of = datetime(2026, 11, 24, 9, 0, tzinfo=samples.ZONE)
    report = samples.report(as_of=as_of)
    table = text_of(report, "table", tmp_path)
    assert table.count("hari belum selesai, dinilai setelah 24 November 2026 23.59") == 2
    assert "PSW4" not in table
    assert report.counts.early == 0


def test_a_day_off_is_headed_as_one(tmp_path):
    independence = date(2026, 8, 17)
    assessment = samples.assessment(on=independence)
    rows = {day.verdict.codes for day in assessment.rows}
    assert rows == {("L",)}
    report = daily_report(assessment, samples.POLICY)
    assert objects_of(report, tmp_path)[0]["schedule"] == {
        "name": "Hari Kemerdekaan Republik Indonesia",
        "start": None,
        "end": None,
    }
    assert "Libur 6" in text_of(report, "table", tmp_path)
    assert "% hadir" not in text_of(report, "table", tmp_path)


def test_a_name_that_looks_like_a_formula_stays_text_everywhere(tmp_path):
    report = samples.report()
    book = sheets_of(report, tmp_path)
    (cell,) = (cell for row in book["DINKES"].iter_rows() for cell in row if cell.value == FORMULA)
    assert cell.data_type == "s"
    assert not any(cell.data_type == "f" for sheet in book for row in sheet.iter_rows() for cell in row)
    plain = [row for row in csv.reader(io.StringIO(text_of(report, "csv", tmp_path))) if FORMULA in row[3]]
    assert plain[0][3] == f"'{FORMULA}"


def test_the_workbook_is_ready_to_print(tmp_path):
    book = sheets_of(samples.report(), tmp_path)
    assert book.sheetnames == ["Ringkasan", "DINKES", "DISPERINDAG"]
    sheet = book["DINKES"]
    nip = sheet.cell(row=6, column=2)
    assert (nip.value, nip.data_type, nip.number_format) == ("198503172010012003", "s", "@")
    assert isinstance(sheet.cell(row=6, column=8).value, time)
    assert sheet.freeze_panes == "A6"
    assert sheet.print_title_rows == "$5:$5"
    assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 14)
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert "&P dari &N" in sheet.oddFooter.right.text


def test_one_unit_is_one_sheet_and_one_letterhead(tmp_path):
    report = samples.report(unit=samples.HEALTH)
    assert sheets_of(report, tmp_path).sheetnames == ["DINKES"]
    (page,) = pages_of(report, tmp_path)
    assert page.startswith("PEMERINTAH KOTA JAMBI DINAS KESEHATAN")
    assert "Jambi, 25 November 2026 Kepala Dinas Kesehatan," in page
    assert "Halaman 1 dari 1" in page
    assert f"Peraturan kota-jambi versi {samples.POLICY.version}" in page
    assert "Dasar: Perpres 21/2023" in page


def test_the_pdf_is_archival_untagged_and_repeatable(tmp_path):
    (first,) = render_daily(samples.report(), "pdf", tmp_path / "a.pdf")
    (second,) = render_daily(samples.report(), "pdf", tmp_path / "b.pdf")
    assert first.read_bytes() == second.read_bytes()
    reader = pypdf.PdfReader(first)
    claims = reader.xmp_metadata.stream.get_data()
    assert b"<pdfaid:part>2</pdfaid:part>" in claims
    assert b"<pdfaid:conformance>B</pdfaid:conformance>" in claims
    assert "/StructTreeRoot" not in reader.trailer["/Root"]
    assert [round(float(side) / 72 * 25.4) for side in reader.pages[0].mediabox[2:]] == [330, 215]


def test_a_long_unit_runs_over_pages_with_its_header_repeated_and_its_signature_beside_its_figures(tmp_path):
    pages = pages_of(samples.report(unit=samples.HEALTH, times=6), tmp_path)
    assert len(pages) > 1
    *tables, picture = pages
    assert all("Nama / NIP" in page for page in tables)
    assert "Pegawai 36" in tables[-1]
    assert "Kepala Dinas Kesehatan" in tables[-1]
    assert picture.startswith("Kurva kedatangan")  # beside the signature it would have moved both to another page
    assert all("Dinas Kesehatan · Selasa, 24 November 2026" in page for page in pages)


def test_a_folder_gets_one_pdf_per_unit(tmp_path):
    paths = render_daily(samples.report(), "pdf", tmp_path)
    assert [path.name for path in paths] == ["daily-2026-11-24-DINKES.pdf", "daily-2026-11-24-DISPERINDAG.pdf"]
    assert all(len(pypdf.PdfReader(path).pages) == 1 for path in paths)


def test_a_document_beyond_its_memory_fails_alone_and_leaves_no_half_file(tmp_path, monkeypatch):
    monkeypatch.setattr(daily_pdf, "_MEMORY_BASE", 300 << 20)
    monkeypatch.setattr(daily_pdf, "_MEMORY_PER_PAGE", 0)
    with pytest.raises(TypesettingError, match=r"could not be set.* Give --unit"):
        render_daily(samples.report(times=200), "pdf", tmp_path / "large.pdf")
    assert list(tmp_path.iterdir()) == []


def test_a_defect_of_the_template_is_told_as_one(tmp_path, monkeypatch):
    broken = tmp_path / "broken.typ"
    broken.write_text("#nothing-of-that-name")
    monkeypatch.setattr(daily_pdf, "_TEMPLATE", broken)
    with pytest.raises(TypesettingError, match="unknown variable"):
        render_daily(samples.report(), "pdf", tmp_path / "report.pdf")


@pytest.mark.parametrize("fmt", ["xlsx", "pdf"])
def test_a_workbook_or_pdf_without_a_file_is_refused(fmt):
    with pytest.raises(UsageError, match=rf"needs a file. Add -o FILE.{fmt}"):
        render_daily(samples.report(), fmt)


def test_a_folder_that_does_not_exist_is_refused_and_names_of_people_are_not_for_everybody(tmp_path):
    with pytest.raises(ReportFileError, match="cannot be written: No such file"):
        render_daily(samples.report(), "csv", tmp_path / "nowhere" / "report.csv")
    (path,) = render_daily(samples.report(), "csv", tmp_path / "report.csv")
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_pdfs_put_into_a_folder_are_not_for_everybody_either(tmp_path):
    paths = render_daily(samples.report(), "pdf", tmp_path)
    assert paths
    assert {stat.S_IMODE(path.stat().st_mode) for path in paths} == {0o640}


def test_languages_are_those_that_exist():
    with pytest.raises(ValueError, match="'de' is not a valid Language"):
        render_daily(samples.report(), "table", None, "de")
    assert [language.value for language in Language] == ["id", "en"]
