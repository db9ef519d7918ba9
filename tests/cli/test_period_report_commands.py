"""eabsensi report for months, years, people and devices: every format, from stored and unstored days."""

from __future__ import annotations

import pytest

BUDI, SITI = "198503172010012003", "199001022015032004"
DUMP = "7\t2026-01-05 07:10:00\t1\t0\t1\t0\n7\t2026-01-05 16:30:00\t1\t1\t1\t0\n"
COMMANDS = {
    "monthly": ("--month", "2026-01"),
    "recap": ("--month", "2026-01"),
    "ranking": ("--month", "2026-01"),
    "personal": ("--month", "2026-01", "--nip", "198503172010012003"),
    "allowance": ("--month", "2026-01"),
    "yearly": ("--year", "2026"),
    "indications": ("--year", "2026"),
}
AS_OF = ("--as-of", "2026-02-03T08:00")


@pytest.fixture
def judged(city):
    assert city("punch", "import", "--device", "AAA111", city.write("attlog.dat", DUMP)).code == 0
    return city


@pytest.mark.parametrize("name", sorted(COMMANDS))
@pytest.mark.parametrize(
    ("output_format", "head"), [("xlsx", b"PK"), ("pdf", b"%PDF"), ("csv", b""), ("table", b""), ("json", b"[")]
)
def test_a_report_goes_to_a_file_in_every_format(judged, name, output_format, head):
    path = judged.folder / f"report.{output_format}"
    outcome = judged("report", name, *COMMANDS[name], *AS_OF, "--format", output_format, "-o", path)
    assert (outcome.code, outcome.out) == (0, "")
    assert outcome.err == f"Written: {path}\n"
    assert path.read_bytes().startswith(head)


def test_a_month_names_undetermined_days_and_counts_nobody_absent(judged):
    rows = {row["nip"]: row for row in judged("report", "monthly", "--month", "2026-01", "--format", "json").json}
    assert rows[BUDI]["days"]["2026-01-05"] == "H"
    assert rows[SITI]["absent_days"] == 0
    assert rows[SITI]["undetermined"] == len(rows[SITI]["undetermined_on"]) > 20
    assert rows[SITI]["on_the_spot"] == 31
    text = " ".join(judged("report", "monthly", "--month", "2026-01", "--unit", "PKM1").out.split())
    assert "BELUM LENGKAP: mesin" in text
    assert "Belum ditutup" in text
    assert "Budi" not in text


def test_a_year_of_silence_indicates_nobody(judged):
    outcome = judged("report", "indications", "--year", "2026", *AS_OF, "--format", "json")
    assert (outcome.code, outcome.json) == (0, [])
    assert "Tidak ada indikasi" in judged("report", "indications", "--year", "2026", *AS_OF).out
    rows = judged("report", "yearly", "--year", "2026", *AS_OF, "--format", "json").json
    assert {row["absent_days"] for row in rows} == {0}
    assert all(row["months"][1:] == [0, *[None] * 10] for row in rows)


def test_nothing_is_taken_off_for_what_is_not_known(judged):
    rows = judged("report", "allowance", "--month", "2026-01", "--language", "en", "--format", "json").json
    assert {row["percent"] for row in rows} == {"0"}


@pytest.mark.parametrize(
    "arguments", [("monthly", "--month", "2026-13"), ("yearly", "--year", "26"), ("allowance", "--month", "January")]
)
def test_a_bad_month_or_year_is_wrong_usage(judged, arguments):
    assert judged("report", *arguments).code == 2


def test_an_unknown_unit_is_wrong_usage(judged):
    outcome = judged("report", "monthly", "--month", "2026-01", "--unit", "DINKS")
    assert outcome.code == 2
    assert "Did you mean DINKES?" in outcome.err


def test_devices_are_reported_in_every_format(judged):
    rows = judged("report", "devices", "--format", "json").json
    assert [(row["serial"], row["unit"]) for row in rows] == [("AAA111", "DINKES"), ("BBB222", "PKM1")]
    assert rows[1]["todo"] == ["belum pernah terbaca: periksa alamat, listrik dan jaringannya"]
    assert [row["serial"] for row in judged("report", "devices", "--unit", "PKM1", "--format", "json").json] == [
        "BBB222"
    ]
    path = judged.folder / "devices.pdf"
    assert judged("report", "devices", "--format", "pdf", "-o", path).code == 0
    assert judged("report", "devices", "--unit", "NOWHERE").code == 2


def test_a_personal_sheet_follows_the_person_and_tells_hours_and_clocks(judged):
    rows = judged("report", "personal", "--nip", "19850317 201001 2 003", *COMMANDS["monthly"], "--format", "json").json
    assert len(rows) == 31
    monday = rows[4]
    assert (monday["date"], monday["day"], monday["codes"], monday["unit"]) == ("2026-01-05", "Senin", "H", "DINKES")
    assert (monday["in"], monday["out"]) == ("2026-01-05T07:10:00+07:00", "2026-01-05T16:30:00+07:00")
    assert monday["start"].startswith("2026-01-05T07:")
    assert judged("report", "personal", "--nip", "1", *COMMANDS["monthly"]).code == 2


def test_a_pdf_or_workbook_is_kept_as_given_out_and_a_failed_one_is_not(judged, owner):
    arguments = ("report", "recap", *COMMANDS["recap"], *AS_OF, "--by", "rina.hr", "--format")
    for fmt in ("json", "csv", "pdf"):
        assert judged(*arguments, fmt, "-o", judged.folder / f"recap.{fmt}").code == 0
    kept = owner.execute("SELECT kind, period, unit_code, format, issued_by, rows FROM issued_paper").fetchall()
    assert kept == [("recap", "2026-01", None, "pdf", "rina.hr", 2)]
    later = (*arguments[:4], "--as-of", "2026-02-04T08:00", *arguments[6:])
    assert judged(*later, "pdf", "-o", judged.folder / "nowhere" / "recap.pdf").code == 1
    assert judged(*later, "pdf", "-o", judged.folder).code == 0
    units = owner.execute("SELECT unit_code FROM issued_paper WHERE unit_code IS NOT NULL ORDER BY 1").fetchall()
    assert units == [("DINKES",), ("PKM1",)]
    assert owner.execute("SELECT count(*) FROM issued_paper").fetchone() == (3,)
