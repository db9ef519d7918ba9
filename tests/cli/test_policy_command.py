"""`eabsensi policy`: the explanation, the calendar of a month and the draft of a year."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from eabsensi.law import loader


@pytest.fixture
def rules(program, tmp_path) -> Path:
    """A policy folder of the city's own."""
    folder = Path(shutil.copytree(loader.SHIPPED / "kota-jambi", tmp_path / "rules"))
    program.environment["EABSENSI_POLICY"] = str(folder)
    return folder


def squeezed(text: str) -> str:
    """Undo the wrapping of lines."""
    return " ".join(text.split())


def test_check_explains_every_law_with_date_source_and_mark(program):
    outcome = program("policy", "check")
    assert (outcome.code, outcome.err) == (0, "")
    words = squeezed(outcome.out)
    assert "3 days, light: “teguran lisan” (oral reprimand)." in words
    assert "5 days, light: “teguran lisan” (oral reprimand)." in words
    assert "2021 lies under two laws" in words
    assert (
        "hours.5-day; since 12 April 2023; Perpres 21/2023 dan jam masuk Kota Jambi 07.15 Pasal 4; source JBI1; "
        "confidence M; UNCONFIRMED"
    ) in words
    assert "statements are unconfirmed: nobody of the agency has confirmed them yet." in words
    assert max(map(len, outcome.out.splitlines())) <= 120


def test_check_of_a_day_tells_the_law_of_that_day_only(program):
    words = squeezed(program("policy", "check", "--date", "2020-05-04").out)
    assert "5 days, light" in words
    assert "3 days, light" not in words
    assert "since 6 June 2010; until 30 August 2021; PP 53/2010" in words


def test_check_speaks_bahasa_when_asked(program):
    words = squeezed(program("policy", "check", "--date", "2026-11-24", "--language", "id").out)
    assert "3 hari, ringan: “teguran lisan”." in words
    assert "BELUM DIKONFIRMASI" in words
    assert "pernyataan belum dikonfirmasi oleh instansi." in words
    assert "UNCONFIRMED" not in words


def test_a_month_alone_is_its_calendar_and_says_what_is_not_confirmed(program):
    outcome = program("policy", "check", "--month", "2026-03")
    lines = {line.split()[0]: line.split() for line in outcome.out.splitlines() if line.startswith("2026-03")}
    assert lines["2026-03-19"][1:3] == ["Thursday", "holiday"]
    assert lines["2026-03-19"][-1] == "yes"
    assert lines["2026-03-25"][1:4] == ["Wednesday", "work", "07:15-15:45"]
    assert lines["2026-03-25"][-1] == "no"
    assert "  - SKB 3 Menteri 1497/2025, 2/2025, 5/2025 Lampiran" in outcome.out
    assert "teguran" not in outcome.out


def test_a_month_and_a_day_are_both_printed(program):
    out = program("policy", "check", "--month", "2026-03", "--date", "2026-03-02").out
    assert "teguran" in out
    assert "2026-03-31" in out


def test_the_same_as_json_with_citations_as_values(program):
    told = program("policy", "check", "--date", "2026-11-24", "--month", "2028-06", "--json").json
    assert (told["policy"], told["on"]) == ("kota-jambi", "2026-11-24")
    by_key = {one["key"]: one for topic in told["topics"] for one in topic["statements"] if one["key"]}
    assert by_key["rounding"]["since"] == "2010-01-01"
    assert by_key["rounding"]["until"] is None
    assert by_key["rounding"]["citation"] == {
        "instrument": "Perka ANRI 18/2016",
        "article": "Pasal 4",
        "source": "ANRI",
        "confidence": "M",
        "unconfirmed": True,
    }
    assert len(told["calendar"]) == 30
    assert {day["kind"] for day in told["calendar"]} == {"no-calendar", "weekend"}


def test_a_month_without_a_calendar_confirms_nothing(program):
    out = program("policy", "check", "--month", "2028-06").out
    line = next(line for line in out.splitlines() if line.startswith("2028-06-01"))
    assert line.split()[2] == "no-calendar"
    assert line.split()[-1] == "no"


def test_a_day_that_is_none_is_a_usage_error(program):
    outcome = program("policy", "check", "--date", "2026-02-30")
    assert outcome.code == 2
    assert "write it as 2026-01-31" in outcome.err


def test_a_draft_is_refused_until_the_decree_stands_in_it(program, rules):
    target = rules / "holidays-2028.yaml"
    assert program("policy", "draft-calendar", "--year", 2028, "-o", target).code == 0
    refused = program("policy", "check")
    assert refused.code == 1
    assert "rules/holidays-2028.yaml line" in refused.err
    assert "holidays.citation.instrument: `<nomor>` is still to be filled in." in squeezed(refused.err)
    text = target.read_text(encoding="utf-8")
    target.write_text(text.replace("<nomor>", "7").replace("<tempat naskah dibaca>", "naskah"), encoding="utf-8")
    told = program("policy", "check", "--month", "2028-02").out
    assert "SKB 3 Menteri 7/2027, 7/2027, 7/2027 Lampiran (unconfirmed)" in told
    assert "Hari Raya Idul Fitri (perkiraan)" in told


def test_a_draft_goes_to_the_terminal_and_never_over_a_file(program, rules):
    printed = program("policy", "draft-calendar", "--year", 2028)
    assert printed.out.startswith("# DRAFT of the public holidays and joint leave of 2028")
    target = rules / "holidays-2028.yaml"
    target.write_text("mine", encoding="utf-8")
    outcome = program("policy", "draft-calendar", "--year", 2028, "-o", target)
    assert outcome.code == 1
    assert "is there already, and may be filled in. Choose another name." in squeezed(outcome.err)
    assert target.read_text(encoding="utf-8") == "mine"


def test_a_year_that_cannot_be_drafted_is_a_usage_error(program):
    assert program("policy", "draft-calendar", "--year", 1999).code == 2
