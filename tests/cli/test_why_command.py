"""eabsensi why: a day explained on the terminal and as JSON."""

from __future__ import annotations

import pytest

BUDI = "198503172010012003"
# 2026-01-05 is a Monday
DUMP = "7\t2026-01-05 07:50:10\t1\t0\t1\t0\n7\t2026-01-05 16:30:00\t1\t1\t1\t0\n"


@pytest.fixture
def judged(city):
    assert city("punch", "import", "--device", "AAA111", city.write("attlog.dat", DUMP)).code == 0
    return city


def test_a_day_is_explained_in_indonesian(judged):
    outcome = judged("why", BUDI, "2026-01-05")
    assert (outcome.code, outcome.err) == (0, "")
    text = " ".join(outcome.out.split())
    assert "Budi Santoso, NIP 198503172010012003 (PNS, III/c, Analis)" in text
    assert "Senin, 5 Januari 2026, bertugas di Dinas Kesehatan (DINKES)" in text
    assert "dari berkas USB mesin" in text
    assert "belum pernah terbaca" in text
    assert "eabsensi poll AAA111" in text


def test_a_day_is_explained_in_english(judged):
    assert "WHAT WOULD CHANGE THE VERDICT" in judged("why", BUDI, "2026-01-05", "--language", "en").out


def test_a_program_gets_json(judged):
    found = judged("why", BUDI, "2026-01-05", "--json").json
    assert (found["nip"], found["date"], found["status"]) == (BUDI, "2026-01-05", "present")
    assert [punch["at"] for punch in found["punches"]] == ["2026-01-05T07:50:10+07:00", "2026-01-05T16:30:00+07:00"]
    assert found["schedule"]["start"] == "2026-01-05T07:15:00+07:00"
    assert found["complete"] is False


def test_what_was_not_known_yet_is_not_told(judged):
    found = judged("why", BUDI, "2026-01-05", "--as-of", "2026-01-05T12:00", "--json").json
    assert found["punches"] == []
    assert found["as_of"] == "2026-01-05T12:00:00+07:00"


def test_an_unknown_nip_a_bad_date_and_a_day_without_posting_are_wrong_usage(judged):
    outcome = judged("why", "198503172010012004", "2026-01-05")
    assert outcome.code == 2
    assert "There is no employee with NIP 198503172010012004." in " ".join(outcome.err.split())
    assert f"Did you mean '{BUDI}'?" in " ".join(outcome.err.split())
    assert judged("why", BUDI, "monday").code == 2
    outcome = judged("why", BUDI, "2020-01-06")
    assert outcome.code == 2
    assert "Budi Santoso has no posting on 2020-01-06" in " ".join(outcome.err.split())
