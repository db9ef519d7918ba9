"""The reports over a month and a year: every rendering holds the numbers of the JSON, and says what they rest on."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import openpyxl
import period_samples as samples
import pypdf
import pytest

from eabsensi.law.wording import Language
from eabsensi.reports.allowance import allowance_report
from eabsensi.reports.indications import indications_report
from eabsensi.reports.judged import JudgedPeriod, brief_dates_text
from eabsensi.reports.monthly import monthly_report
from eabsensi.reports.paper import Papered
from eabsensi.reports.rendering import render
from eabsensi.reports.yearly import yearly_report

MAKERS = {
    "monthly": lambda: monthly_report(samples.november(), samples.POLICY),
    "yearly": lambda: yearly_report(samples.year(), samples.POLICY, 2026),
    "indications": lambda: indications_report(samples.year(), samples.POLICY, 2026),
    "allowance": lambda: allowance_report(samples.november(), samples.POLICY),
}
INDICATION_KEYS = [
    *("nip", "name", "kind", "year", "absent_days", "converted_days", "total_days", "longest_run", "law", "tier"),
    *("citation", "label", "dates"),
]
RECAP = [
    *("working_days", "present", "absent_days", "late_count", "late_minutes", "early_count", "early_minutes"),
    *("missing_in", "missing_out", "deficit_minutes", "duty", "leave", "sick", "permission", "apel_missed"),
    *("undetermined", "percent"),
]


@pytest.fixture(params=sorted(MAKERS))
def report(request) -> Papered:
    return MAKERS[request.param]()


def text_of(report: Papered, fmt: str, folder: Path, language: str = "id") -> str:
    (path,) = render(report, fmt, folder / f"report.{fmt}", language)
    return path.read_text(encoding="utf-8")


def objects_of(report: Papered, folder: Path) -> list[dict]:
    return json.loads(text_of(report, "json", folder))


def book_of(report: Papered, folder: Path, language: str = "id") -> openpyxl.Workbook:
    (path,) = render(report, "xlsx", folder / "report.xlsx", language)
    return openpyxl.load_workbook(path)


def sheet_rows(report: Papered, folder: Path) -> list[list[object]]:
    book = book_of(report, folder)
    rows = [[cell.value for cell in row] for sheet in book for row in sheet.iter_rows()]
    return [row for row in rows if isinstance(row[0], int)]


def pages_of(report: Papered, folder: Path, language: str = "id") -> list[str]:
    (path,) = render(report, "pdf", folder / "report.pdf", language)
    return [" ".join(page.extract_text().split()) for page in pypdf.PdfReader(path).pages]


def comma(number: str | float) -> str:
    return str(number).replace(".", ",")


def test_a_month_is_the_same_in_all_five_renderings(tmp_path):
    report = MAKERS["monthly"]()
    objects = objects_of(report, tmp_path)
    records = list(csv.DictReader(io.StringIO(text_of(report, "csv", tmp_path))))
    rows = sheet_rows(report, tmp_path)
    pages, table = " ".join(pages_of(report, tmp_path)), text_of(report, "table", tmp_path)
    assert len(objects) == len(records) == len(rows) == 5
    for found, record, row in zip(objects, records, rows, strict=True):
        numbers = [found[key] for key in RECAP]
        assert found["nip"] == record["nip"] == row[1]
        assert [record[key] for key in RECAP] == [str(number) for number in numbers]
        assert row[-17:-1] == numbers[:-1]
        assert f"{row[-1]:.2f}" == found["percent"]
        stars = [str(code or "").rstrip("*") for code in row[3:33]]
        assert stars == list(found["days"].values())
        printed = " ".join(comma(number) for number in numbers)
        assert f"{found['nip']} {printed}" in pages
        name = found["name"][:16]
        lines = [" ".join(line.split()) for line in table.splitlines() if name in line]
        assert any(line.endswith(printed) for line in lines), printed
        codes = list(found["days"].values())
        assert any(" ".join(codes[15:]) in line.replace("*", "") for line in lines)


def test_a_month_adds_up_to_what_its_days_say(tmp_path):
    anisa, budi, citra, fajar, gita = objects_of(MAKERS["monthly"](), tmp_path)
    assert [anisa[key] for key in ("working_days", "present", "duty", "leave", "percent")] == [21, 19, 2, 2, "90.48"]
    assert [budi[key] for key in RECAP[2:8]] == [1, 3, 47, 1, 15, 1]
    assert (citra["absent_days"], citra["permission"], fajar["deficit_minutes"]) == (2, 1, 10)
    assert (gita["undetermined"], gita["absent_days"], gita["working_days"], gita["percent"]) == (5, 0, 21, "100.00")
    assert gita["undetermined_on"][0] == "2026-11-24"


def test_the_units_of_a_month_stand_side_by_side_with_their_sum(tmp_path):
    report = MAKERS["monthly"]()
    objects = objects_of(report, tmp_path)
    sums = [sum(found[key] for found in objects) for key in RECAP[:-1]]
    percent = f"{100 * sums[1] / (sums[0] - sums[-1]):.2f}"
    total = next(row for row in book_of(report, tmp_path)["Ringkasan"].iter_rows() if row[0].value == "Jumlah")
    assert [cell.value for cell in total[1:-2]] == [5, *sums]
    assert f"{total[-2].value:.2f}" == percent
    closed = {row[0].value: row[-1].value for row in book_of(report, tmp_path)["Ringkasan"].iter_rows()}
    assert (closed["Dinas Kesehatan"], closed["Dinas Perindustrian dan Perdagangan"]) == ("v1", "belum")
    printed = f"Jumlah 5 {' '.join(map(str, sums))} {comma(percent)}"
    assert printed in pages_of(report, tmp_path)[0]
    assert printed in " ".join(text_of(report, "table", tmp_path).split())


def test_a_closed_month_prints_its_version_and_hash_and_an_open_one_says_so(tmp_path):
    report = MAKERS["monthly"]()
    closed, *_, still_open = objects_of(report, tmp_path)
    assert (closed["closed"], closed["version"], closed["sha256"]) == (True, 1, samples.SHA)
    assert (still_open["closed"], still_open["version"], still_open["sha256"]) == (False, None, None)
    _, first, *_, second = (page for page in pages_of(report, tmp_path) if page.startswith("PEMERINTAH"))
    assert f"DITUTUP versi 1 pada 1 Desember 2026 09.00, SHA-256 {samples.SHA}" in first
    assert "Dinilai langsung: 1 hari pegawai belum tersimpan" in first
    assert "Belum ditutup: angka masih dapat berubah" in second
    book = book_of(report, tmp_path)
    assert any(samples.SHA in str(cell.value) for row in book["DINKES"].iter_rows() for cell in row)
    table = " ".join(text_of(report, "table", tmp_path).split())
    assert samples.SHA in table
    assert "Belum ditutup" in table


@pytest.mark.parametrize("name", ["monthly", "yearly", "indications", "allowance"])
def test_undetermined_days_are_named_with_their_reason_and_never_counted_as_absent(name, tmp_path):
    report = MAKERS[name]()
    said = f"{samples.UNREAD.indonesian} - 24-27, 30 November 2026 (1 pegawai)"
    assert said in " ".join(pages_of(report, tmp_path))
    assert said in " ".join(text_of(report, "table", tmp_path).split())
    cells = [str(cell.value) for sheet in book_of(report, tmp_path) for row in sheet.iter_rows() for cell in row]
    assert f"BELUM LENGKAP: {said}" in cells


def test_a_year_counts_each_month_and_sums_them_in_all_renderings(tmp_path):
    report = MAKERS["yearly"]()
    objects = {found["nip"]: found for found in objects_of(report, tmp_path)}
    budi = objects[samples.BUDI.nip]
    assert budi["months"] == [0, 2, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0]
    assert (budi["absent_days"], budi["total_days"], budi["tier"]) == (6, 6, "teguran tertulis")
    assert objects[samples.GITA.nip]["undetermined"] == 5
    rows = {row[1]: row for row in sheet_rows(report, tmp_path)}
    records = {found["nip"]: found for found in csv.DictReader(io.StringIO(text_of(report, "csv", tmp_path)))}
    pages, table = " ".join(pages_of(report, tmp_path)), text_of(report, "table", tmp_path)
    assert rows.keys() == objects.keys() == records.keys()
    for nip, found in objects.items():
        figures = [found[key] for key in ("absent_days", "converted_minutes", "converted_days", "total_days")]
        figures += [found["longest_run"], found["undetermined"]]
        assert rows[nip][3:21] == [*found["months"], *figures]
        assert records[nip]["months"] == "; ".join(map(str, found["months"]))
        printed = " ".join(map(str, [*found["months"], *figures]))
        assert f"{nip} {printed}" in pages
        assert printed in " ".join(table.split())


def test_months_that_have_not_begun_are_blank_and_not_nought(tmp_path):
    period = samples.year()
    until = period.as_of.replace(month=9, day=30)
    early = replace(period, as_of=until, days=[day for day in period.days if day.on <= until.date()])
    found = objects_of(yearly_report(early, samples.POLICY, 2026), tmp_path)[0]
    assert found["months"][8:] == [0, None, None, None]
    assert found["through"] == "2026-09-30"


def test_indications_have_the_keys_of_the_contract_first_and_name_dates_and_article(tmp_path):
    objects = objects_of(MAKERS["indications"](), tmp_path)
    assert [list(found)[:13] for found in objects] == [INDICATION_KEYS] * 4
    by_nip = {found["nip"]: found for found in objects}
    assert samples.ANISA.nip not in by_nip
    budi = by_nip[samples.BUDI.nip]
    assert (budi["law"], budi["tier"], budi["total_days"]) == ("PP 94/2021", "teguran tertulis", 6)
    assert budi["citation"].startswith("PP 94/2021 Pasal 9")
    assert budi["dates"][:2] == ["2026-02-03", "2026-02-04"]
    fajar = by_nip[samples.FAJAR.nip]
    assert (fajar["longest_run"], fajar["salary_stop_from"], fajar["level"]) == (11, "2026-08-01", "heavy")
    citra = by_nip[samples.CITRA.nip]
    assert (citra["indicative"], citra["tier"]) == (True, "teguran lisan (indikatif, setara PP 94/2021)")
    gita = by_nip[samples.GITA.nip]
    assert len(gita["undetermined_on"]) == 5
    assert gita["absent_days"] == 3
    assert all("hukuman" not in found["label"] and "indika" in found["label"] for found in objects)


def test_indications_are_the_same_in_all_renderings_and_say_that_an_official_decides(tmp_path):
    report = MAKERS["indications"]()
    rows = {row[1]: row for row in sheet_rows(report, tmp_path)}
    records = {found["nip"]: found for found in csv.DictReader(io.StringIO(text_of(report, "csv", tmp_path)))}
    pages = " ".join(pages_of(report, tmp_path))
    table = " ".join(text_of(report, "table", tmp_path).split())
    for found in objects_of(report, tmp_path):
        numbers = [found[key] for key in ("absent_days", "converted_days", "total_days", "longest_run")]
        nip = found["nip"]
        assert rows[nip][4:8] == numbers
        assert rows[nip][8].startswith(found["tier"])
        assert [int(records[nip][key]) for key in ("absent_days", "total_days")] == [numbers[0], numbers[2]]
        assert f"{nip} {found['kind']} {' '.join(map(str, numbers))} " in pages
        assert f"{found['kind']} {' '.join(map(str, numbers))} " in table
    assert "keputusan ada pada pejabat yang berwenang" in pages
    assert "gaji dihentikan mulai 1 Agustus 2026" in pages
    assert "hukuman" not in pages.lower()


def test_both_forms_of_a_moderate_tier_and_the_seam_of_2021_are_shown(tmp_path):
    moderate = _absent(2026, 12)
    (found,) = objects_of(indications_report(moderate, samples.POLICY, 2026), tmp_path)
    assert found["level"] == "moderate"
    assert "25%" in found["tier"].replace(" ", "") or "25 %" in found["tier"]
    assert found["interim_form"]
    assert found["interim_form"] in " ".join(pages_of(indications_report(moderate, samples.POLICY, 2026), tmp_path))

    seam = _absent(2021, 6, months=(8, 9))
    (found,) = objects_of(indications_report(seam, samples.POLICY, 2021), tmp_path)
    assert found["needs_decision"]
    assert "perlu keputusan pejabat" in found["label"]
    assert len(found["readings"]) >= 3


def _absent(year: int, days: int, months: tuple[int, ...] = (3, 6)) -> JudgedPeriod:
    """Give a year in which one person was absent so many days, every other day of these months."""
    first = date(year, 1, 1)
    absent = {date(year, month, 1 + 2 * place) for month in months for place in range(days // len(months))}
    judged = [
        samples.judged(samples.ANISA, samples.HEALTH, on, "TK" if on in absent else "H")
        for on in (first + timedelta(days=place) for place in range(365))
    ]
    as_of = datetime(year + 1, 1, 2, tzinfo=samples.ZONE)
    return JudgedPeriod(first, date(year, 12, 31), as_of, samples.ZONE, None, judged)


def test_the_allowance_is_exact_and_each_line_has_its_rule(tmp_path):
    report = MAKERS["allowance"]()
    objects = {found["nip"]: found for found in objects_of(report, tmp_path)}
    budi = objects[samples.BUDI.nip]
    assert budi["percent"] == "8.5"
    assert [(line["date"], line["code"], line["percent"]) for line in budi["lines"]][:2] == [
        ("2026-11-02", "TL2", "1"),
        ("2026-11-02", "PSW1", "0.5"),
    ]
    assert all(line["citation"] for found in objects.values() for line in found["lines"])
    assert len(objects[samples.GITA.nip]["open_on"]) == 5
    rows = {row[1]: row for row in sheet_rows(report, tmp_path)}
    records = {found["nip"]: found for found in csv.DictReader(io.StringIO(text_of(report, "csv", tmp_path)))}
    pages, table = " ".join(pages_of(report, tmp_path)), " ".join(text_of(report, "table", tmp_path).split())
    for nip, found in objects.items():
        assert found["percent"] == records[nip]["percent"]
        assert rows[nip][3] == float(found["percent"])
        assert f"{nip} {comma(format(float(found['percent']), '.2f'))} " in pages
        assert f"{found['name'].split()[0]}" in table
    assert "Anisa Putri Maharani, S.KM., M.Kes. 0,00 - 0" in table
    assert "Budi Hartono 8,50 2: TL2 1,00; 2: PSW1 0,50" in table


@pytest.mark.parametrize("kind", ["yearly", "allowance", "indications"])
def test_a_workbook_of_several_units_begins_with_their_sum(kind, tmp_path):
    report = MAKERS[kind]()
    book = book_of(report, tmp_path)
    units = report.paper_units()
    if len(units) < 2:
        assert book.sheetnames == units
        return
    assert book.sheetnames == ["Ringkasan", *units]
    rows = [[cell.value for cell in row] for row in book["Ringkasan"].iter_rows()]
    head = next(place for place, row in enumerate(rows) if row[0] == "Unit kerja")
    table, total = rows[head + 1 : head + 1 + len(units)], rows[head + 1 + len(units)]
    assert total == ["Jumlah", *map(sum, zip(*(row[1:] for row in table), strict=True))]
    objects = list(objects_of(report, tmp_path))
    assert total[1] == len(objects)
    if kind != "allowance":
        place = rows[head].index("TK")
        assert total[place] == sum(found["absent_days"] for found in objects)
    else:
        assert total[2:4] == [
            sum(found["percent"] != "0" for found in objects),
            sum(len(f["open_on"]) for f in objects),
        ]


def test_a_workbook_is_ready_to_print_and_runs_no_formula(report, tmp_path):
    book = book_of(report, tmp_path)
    for sheet in book:
        assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 14)
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert sheet.freeze_panes.startswith("B" if sheet.title == "Ringkasan" else "D")
        assert sheet.print_title_rows
        assert not any(cell.data_type == "f" for row in sheet.iter_rows() for cell in row)
    nips = [cell for sheet in book for (cell,) in sheet.iter_rows(min_col=2, max_col=2) if str(cell.value)[:2] == "19"]
    assert nips
    assert all((cell.data_type, cell.number_format) == ("s", "@") for cell in nips)


def test_a_name_that_looks_like_a_formula_is_disarmed_in_csv(report, tmp_path):
    records = csv.DictReader(io.StringIO(text_of(report, "csv", tmp_path)))
    assert f"'{samples.FORMULA}" in [record["name"] for record in records]


def test_a_pdf_is_archival_f4_and_repeatable(report, tmp_path):
    (first,) = render(report, "pdf", tmp_path / "a.pdf")
    (second,) = render(report, "pdf", tmp_path / "b.pdf")
    assert first.read_bytes() == second.read_bytes()
    reader = pypdf.PdfReader(first)
    assert b"<pdfaid:part>2</pdfaid:part>" in reader.xmp_metadata.stream.get_data()
    assert [round(float(side) / 72 * 25.4) for side in reader.pages[0].mediabox[2:]] == [330, 215]
    assert "Kepala Dinas Kesehatan" in " ".join(pages_of(report, tmp_path))
    count = len(reader.pages)
    assert f"Halaman {count} dari {count}" in pages_of(report, tmp_path)[-1]


def test_a_folder_gets_one_pdf_per_unit(report, tmp_path):
    paths = render(report, "pdf", tmp_path)
    assert [path.name.rsplit("-", 1)[1] for path in paths] == ["DINKES.pdf", "DISPERINDAG.pdf"]


def test_an_english_reader_gets_english(report, tmp_path):
    pages = pages_of(report, tmp_path, "en")
    page = pages[-1]
    assert f"Page {len(pages)} of {len(pages)}" in page
    assert samples.UNREAD.english in page
    assert "INCOMPLETE" in page
    assert "figures may still change" in page.lower()


def test_a_terminal_gets_every_column_within_110_characters(report, tmp_path):
    lines = text_of(report, "table", tmp_path).splitlines()
    assert max(map(len, lines)) <= 110
    assert not any("\x1b" in line for line in lines)


def test_an_empty_report_is_an_empty_list_and_a_sentence(tmp_path):
    nobody = replace(samples.november(), days=())
    for made in (monthly_report(nobody, samples.POLICY), indications_report(nobody, samples.POLICY, 2026)):
        assert objects_of(made, tmp_path) == []
        assert "Tidak ada" in text_of(made, "table", tmp_path)
        assert "Tidak ada" in pages_of(made, tmp_path)[0]
        assert len(book_of(made, tmp_path).sheetnames) == 1


def test_many_open_days_are_told_as_a_number():
    days = [date(2026, 1, 1) + timedelta(days=back) for back in range(40)]
    assert brief_dates_text(days, Language.ID) == "40 hari antara 1 Januari 2026 dan 9 Februari 2026"
    assert brief_dates_text(days[:3], Language.ID) == "1-3 Januari 2026"
