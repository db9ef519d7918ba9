"""eabsensi report daily: the judged day in every format, by what was known at an instant."""

from __future__ import annotations

import pytest

# 2026-01-05 is a Monday
DUMP = "7\t2026-01-05 07:10:00\t1\t0\t1\t0\n7\t2026-01-05 16:30:00\t1\t1\t1\t0\n"


@pytest.fixture
def judged(city):
    assert city("punch", "import", "--device", "AAA111", city.write("attlog.dat", DUMP)).code == 0
    return city


def test_a_day_is_reported_as_json(judged):
    outcome = judged("report", "daily", "--date", "2026-01-05", "--format", "json")
    assert outcome.code == 0
    rows = {row["nip"]: row for row in outcome.json}
    assert rows["198503172010012003"]["unit"] == "DINKES"
    assert rows["198503172010012003"]["in"] == "2026-01-05T07:10:00+07:00"
    assert rows["199001022015032004"]["status"] == "undetermined"


def test_a_unit_can_be_asked_for(judged):
    rows = judged("report", "daily", "--date", "2026-01-05", "--unit", "PKM1", "--format", "json").json
    assert [row["nip"] for row in rows] == ["199001022015032004"]


def test_what_was_not_known_yet_is_not_reported(judged):
    rows = judged("report", "daily", "--date", "2026-01-05", "--as-of", "2026-01-05T12:00", "--format", "json").json
    assert {row["in"] for row in rows} == {None}


def test_the_table_is_in_indonesian_or_english(judged):
    assert "Budi Santoso" in judged("report", "daily", "--date", "2026-01-05").out
    assert "Monday, 5 January 2026" in judged("report", "daily", "--date", "2026-01-05", "--language", "en").out


@pytest.mark.parametrize(
    ("output_format", "head"), [("xlsx", b"PK"), ("pdf", b"%PDF"), ("csv", b"date,"), ("table", b"")]
)
def test_a_report_goes_to_a_file(judged, output_format, head):
    path = judged.folder / f"report.{output_format}"
    outcome = judged("report", "daily", "--date", "2026-01-05", "--format", output_format, "-o", path)
    assert (outcome.code, outcome.out) == (0, "")
    assert outcome.err == f"Written: {path}\n"
    assert path.read_bytes().startswith(head)
    assert path.stat().st_size > 100


def test_a_workbook_needs_a_file(judged):
    outcome = judged("report", "daily", "--date", "2026-01-05", "--format", "xlsx")
    assert outcome.code == 2
    assert "Add -o FILE.xlsx." in outcome.err


def test_an_unknown_unit_and_a_bad_instant_are_wrong_usage(judged):
    assert judged("report", "daily", "--date", "2026-01-05", "--unit", "DINKS").code == 2
    outcome = judged("report", "daily", "--date", "2026-01-05", "--as-of", "noon")
    assert outcome.code == 2
    assert "'noon' is no instant" in outcome.err
