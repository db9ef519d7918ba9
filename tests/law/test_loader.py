"""A policy file that a judgement could not rest on is refused with file, line, key and a remedy."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from eabsensi.law import loader
from eabsensi.law.loader import PolicyError, load_policy


@pytest.fixture
def local(tmp_path: Path) -> Path:
    return Path(shutil.copytree(loader.SHIPPED / "kota-jambi", tmp_path / "rules"))


@pytest.fixture
def national(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shipped = shutil.copytree(loader.SHIPPED, tmp_path / "shipped")
    monkeypatch.setattr(loader, "SHIPPED", Path(shipped))
    return Path(shipped) / "national"


def change(file: Path, pattern: str, replacement: str) -> None:
    text, count = re.subn(pattern, replacement, file.read_text(), count=1, flags=re.DOTALL)
    assert count == 1
    file.write_text(text)


def refusal(directory: Path | None = None) -> str:
    with pytest.raises(PolicyError) as refused:
        load_policy(directory)
    return str(refused.value)


LATE = r"late_bands:\n    unit: minute\n    values:\n      - from: 2010-01-01\n"
SECOND = (
    r"\g<0>      - from: {}\n        value: floor_minute\n"
    r"        citation: {{instrument: X, article: 1, source: Y, confidence: L}}\n"
)
ROUNDING = r"  rounding:\n.*?unconfirmed: true\n"


@pytest.mark.parametrize(
    ("file", "pattern", "replacement", "sentence"),
    [
        (
            "attendance.yaml",
            r"        citation: \{instrument: pola[^\n]*\n",
            "",
            r"attendance.yaml line \d+, parameters.late_bands.values\[1\]: the key `citation` is missing",
        ),
        ("attendance.yaml", r"confidence: M\}", "confidence: X}", r"`X` is not allowed here. Use one of: H, M, L"),
        ("attendance.yaml", r"    unit: minute\n", "", r"the key `unit` is missing. Add `unit:`"),
        (
            "attendance.yaml",
            r"unit: minute",
            "unit: hour",
            r"late_bands.unit: `hour` is not allowed here. Use one of: minute",
        ),
        (
            "attendance.yaml",
            LATE,
            "late_bands:\n    unit: minute\n    values:\n      - from: 2010-02-30\n",
            r"late_bands.values\[1\].from: `2010-02-30` is not in any calendar",
        ),
        (
            "attendance.yaml",
            LATE,
            "late_bands:\n    unit: minute\n    values:\n      - from: 1 Jan 2010\n",
            r"`1 Jan 2010` is no date. Write it as YYYY-MM-DD",
        ),
        (
            "attendance.yaml",
            LATE,
            "late_bands:\n    unit: minute\n    values:\n      - from: 2011-01-01\n",
            r"there is a gap before 2011-01-01",
        ),
        ("attendance.yaml", r"from: 31", "from: 32", r"this band leaves a gap before it. Let it start at 31"),
        ("attendance.yaml", r"from: 31", "from: 30", r"this band overlaps the one before it"),
        ("attendance.yaml", r"to: null", "to: 120", r"the last band ends"),
        (
            "attendance.yaml",
            r"value: floor_minute",
            "value: ceil",
            r"rounding.values\[1\].value: `ceil` is not allowed",
        ),
        ("attendance.yaml", r"rounding:", "roundings:", r"`roundings` is no known value. Use one of: timezone"),
        ("attendance.yaml", r"value: Asia/Jakarta", "value: Asia/Jambi", r"`Asia/Jambi` is no time zone"),
        ("attendance.yaml", r"value: 120", "value: 2 min", r"`2 min` is no whole number"),
        (
            "attendance.yaml",
            ROUNDING,
            SECOND.format("2010-01-01"),
            r"values\[2\].from: this version overlaps the one before",
        ),
        (
            "attendance.yaml",
            r"(  rounding:.*?from: 2010-01-01\n)(.*?unconfirmed: true\n)",
            r"\g<1>        to: 2019-12-31\n\2",
            r"there is a gap after 2019-12-31",
        ),
        (
            "attendance.yaml",
            r"(  rounding:.*?from: 2010-01-01\n)(.*?unconfirmed: true\n)",
            r"\g<1>        to: 2009-12-31\n\2",
            r"the value ends before it starts",
        ),
        (
            "attendance.yaml",
            r"parameters:",
            "parameter:",
            r"the key `parameter` is unknown. Use one of: holidays, hours",
        ),
        ("attendance.yaml", r"  pick:", "  pick: [1\n  x:", r"attendance.yaml line \d+: this is no YAML"),
        (
            "hours.yaml",
            r"start: 07:15, end: 15:45",
            "start: 07:15, end: 07:00",
            r"hours.5-day\[2\].week.mon-thu.end: work ends before it starts",
        ),
        ("hours.yaml", r"start: 07:15", "start: 7.15", r"`7.15` is no time of day. Write it as HH:MM"),
        ("hours.yaml", r"start: 07:15", "start: 25:15", r"`25:15` is no time of day"),
        ("hours.yaml", r"12:00-13:00", "12:00-17:00", r"the break does not lie inside the working day"),
        ("hours.yaml", r"        fri:", "        thu-fri:", r"thu stands here twice"),
        ("hours.yaml", r"mon-thu", "mon-tgu", r"`mon-tgu` names no weekdays"),
        (
            "ramadan.yaml",
            r"to: 2026-03-20",
            "to: 2027-02-09",
            r"ramadan.yaml line \d+, seasons.ramadan\[18\]: this season overlaps Ramadan 1447 H",
        ),
        ("ramadan.yaml", r"to: 2026-03-20", "to: 2026-02-09", r"the season ends before it starts"),
        ("ramadan.yaml", r"to: 2026-03-20", "to: 2026-03-32", r"`2026-03-32` is not in any calendar"),
        (
            "letterhead.yaml",
            r"  place: Jambi\n",
            "",
            r"letterhead.yaml line \d+, letterhead: the key `place` is missing",
        ),
    ],
)
def test_a_local_file_with_a_mistake_is_refused_in_one_sentence(local, file, pattern, replacement, sentence):
    change(local / file, pattern, replacement)
    assert re.search(sentence, refusal(local))


def test_a_version_that_follows_after_a_gap_is_refused(local):
    change(local / "attendance.yaml", r"(  rounding:.*?from: 2010-01-01\n)", r"\1        to: 2019-12-31\n")
    change(local / "attendance.yaml", ROUNDING, SECOND.format("2020-02-01"))
    assert "there is a gap between 2019-12-31 and 2020-02-01" in refusal(local)


def test_a_change_of_rule_is_one_more_version_and_keeps_the_old_one(local):
    change(local / "attendance.yaml", ROUNDING, SECOND.format("2027-01-01").replace("floor_minute", "exact_second"))
    policy = load_policy(local)
    assert [version.value for version in policy.rounding.versions] == ["floor_minute", "exact_second"]
    assert policy.name == "rules"
    assert policy.version != load_policy().version


@pytest.mark.parametrize(
    ("pattern", "replacement", "sentence"),
    [
        (
            r"2026-01-16",
            "2026-02-29",
            r"holidays-2026.yaml line \d+, holidays.public.2026-02-29: `2026-02-29` is not in any",
        ),
        (r"2026-01-16", "2025-01-16", r"2025-01-16 is not in 2026"),
        (r"2026-02-16: Cuti", "2026-02-17: Cuti", r"2026-02-17 overlaps another day off"),
        (r"2026-01-16", "2026-01-01", r"this key stands here twice"),
        (r"  citation:.*?  public", "  public", r"holidays-2026.yaml line 4, holidays: the key `citation` is missing"),
    ],
)
def test_a_calendar_with_a_mistake_is_refused(national, pattern, replacement, sentence):
    change(national / "holidays-2026.yaml", pattern, replacement)
    assert re.search(sentence, refusal())


def test_a_missing_year_is_a_gap(national):
    (national / "holidays-2019.yaml").unlink()
    assert "there is a gap: no calendar of 2019. Add holidays-2019.yaml." in refusal()


def test_the_calendar_of_the_city_takes_the_place_of_the_shipped_one(local):
    shipped = (loader.SHIPPED / "national" / "holidays-2027.yaml").read_text()
    own = shipped.replace("    2027-08-15: Maulid Nabi Muhammad\n", "    2027-05-28: Hari Jadi Kota\n")
    (local / "holidays.yaml").write_text(own.replace("  unconfirmed: true\n", ""))
    policy = load_policy(local)
    names = {holiday.name for holiday in policy.holidays.values() if holiday.on.year == 2027}
    assert "Hari Jadi Kota" in names
    assert "Maulid Nabi Muhammad" not in names
    assert not policy.calendars[2027].unconfirmed
    assert policy.calendars[2026] == load_policy().calendars[2026]


def test_two_calendars_of_one_year_in_one_folder_are_refused(local):
    for name in ("a.yaml", "b.yaml"):
        shutil.copy(loader.SHIPPED / "national" / "holidays-2027.yaml", local / name)
    assert "b.yaml line 5, holidays.year: the calendar of 2027 is given in two files" in refusal(local)


def test_a_place_that_is_still_to_be_filled_in_is_refused(local):
    change(local / "ramadan.yaml", r"SE Wali Kota Jambi 3/2026", "SE Wali Kota Jambi <nomor>/2026")
    assert re.search(
        r"rules/ramadan.yaml line \d+, seasons.ramadan\[17\].citation.instrument: `<nomor>` is still to be filled in.",
        refusal(local),
    )


def test_a_day_may_be_unconfirmed_in_a_confirmed_year(national):
    change(national / "holidays-2026.yaml", r"2026-08-25: ([^\n]*)", r"2026-08-25: {name: \1, unconfirmed: true}")
    policy = load_policy()
    unconfirmed = [
        holiday.name for holiday in policy.holidays.values() if holiday.on.year == 2026 and holiday.citation.unconfirmed
    ]
    assert unconfirmed == ["Maulid Nabi Muhammad"]


def test_every_mistake_is_found_in_one_run(local):
    change(local / "attendance.yaml", r"value: 120", "value: many")
    change(local / "hours.yaml", r"start: 07:15", "start: early")
    change(local / "letterhead.yaml", r"unit: text", "unit: paper")
    with pytest.raises(PolicyError) as refused:
        load_policy(local)
    assert len(refused.value.problems) == 3
    assert str(refused.value).endswith("(2 more)")


def test_a_policy_without_a_value_or_a_folder_says_what_to_do(local, tmp_path):
    change(local / "attendance.yaml", ROUNDING, "")
    assert "the policy has no `rounding`. Copy it from the shipped example." in refusal(local)
    assert "no policy files (*.yaml) in this folder. Let EABSENSI_POLICY name a folder" in refusal(tmp_path / "nowhere")


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", b"- a\n- b\n"])
def test_a_file_that_is_no_policy_is_refused(local, content):
    (local / "hours.yaml").write_bytes(content)
    assert "rules/hours.yaml" in refusal(local)
