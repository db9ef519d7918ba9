"""eabsensi report monthly, yearly, indications and allowance: every format, from stored and unstored days."""

from __future__ import annotations

import pytest

BUDI, SITI = "198503172010012003", "199001022015032004"
DUMP = "7\t2026-01-05 07:10:00\t1\t0\t1\t0\n7\t2026-01-05 16:30:00\t1\t1\t1\t0\n"
COMMANDS = {
    "monthly": ("--month", "2026-01"),
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
