"""A policy in words: nothing that a verdict can rest on is left out, and each sentence says what it rests on."""

from __future__ import annotations

import re
import shutil
from datetime import date
from pathlib import Path

import pytest

from eabsensi.discipline.verdict import ABSENT_CODE, APEL_MISSED_CODE, UNDETERMINED_CODE
from eabsensi.law import loader
from eabsensi.law.explaining import Statement, explain
from eabsensi.law.loader import load_policy
from eabsensi.law.policy import Policy
from eabsensi.law.wording import Language


@pytest.fixture(scope="module")
def policy() -> Policy:
    return load_policy()


def told(policy: Policy, on: str | None = None, language: Language = Language.EN) -> list[Statement]:
    day = date.fromisoformat(on) if on else None
    return [statement for topic in explain(policy, day, language) for statement in topic.statements]


def text_of(policy: Policy, on: str | None = None, language: Language = Language.EN) -> str:
    return "\n".join(statement.text for statement in told(policy, on, language))


def test_every_version_of_every_value_is_told_with_its_dates_and_citation(policy):
    statements = told(policy)
    for series in policy.series:
        for version in series.versions:
            if series.key == "documents":
                continue
            matching = [one for one in statements if one.key == series.key and one.since == version.from_on]
            assert [one.citation for one in matching] == [version.citation], f"{series.key} from {version.from_on}"
    assert len({one.key for one in statements if one.key.startswith("documents.")}) == 16


def test_every_tier_season_and_year_is_told(policy):
    words = text_of(policy)
    for regulation in policy.regulations.values():
        for tier in regulation.tiers:
            assert f"“{tier.sanction.indonesian}” ({tier.sanction.english})" in words
            if tier.interim:
                assert f"“{tier.interim.indonesian}”" in words
    for season in policy.seasons:
        assert f"“{season.name}”" in words
    for year in policy.calendars:
        assert f"{year}: " in words


def test_on_a_day_each_value_is_told_once_as_it_was_in_force(policy):
    for on in ("2010-01-01", "2021-08-30", "2021-08-31", "2026-11-24", "2030-12-31"):
        day = date.fromisoformat(on)
        statements = told(policy, on)
        for series in policy.series:
            if series.key != "documents":
                found = [one.since for one in statements if one.key == series.key]
                assert found == [series.on(day).from_on], f"{series.key} on {on}"


@pytest.mark.parametrize(
    ("on", "said", "unsaid"),
    [
        ("2026-11-24", "3 days, light: “teguran lisan” (oral reprimand).", "5 days, light"),
        ("2026-11-24", "4 to 6 days, light: “teguran tertulis”", "2021 lies under two laws"),
        ("2026-11-24", "28 days or more, heavy: “pemberhentian dengan hormat", "PP 53/2010: "),
        ("2026-11-24", "11 to 13 days, until the regulation on pay and allowances exists: “penundaan", "46 days"),
        ("2026-11-24", "10 consecutive working days, whatever the sum, heavy", "No rule on consecutive days"),
        ("2026-11-24", "After 10 consecutive working days pay stops from the following month.", ": 7 h 30 min"),
        ("2026-11-24", "also for PPPK: lateness and early leaving never become days absent", "each own"),
        ("2020-05-04", "46 days or more, heavy", "10 consecutive working days"),
        ("2020-05-04", "7 h 30 min make 1 day absent", "until the regulation on pay"),
        ("2020-05-04", "No rule on consecutive days is entered", "25%"),
        ("2020-05-04", "“Ramadan 1441 H”", "“Ramadan 1447 H”"),
        ("2021-01-01", "2021 lies under two laws: days before 31 August 2021 under PP 53/2010", "3 days, light"),
        ("2010-01-01", "Its tiers are not in hand: days are counted and never judged.", "teguran"),
        (
            "2026-03-02",
            "“Ramadan 1447 H”, 19 February 2026 - 20 March 2026: 5-day: Monday to Thursday 07:30-15:00",
            None,
        ),
        ("2026-11-24", "Monday to Thursday 07:15-15:45 (break 12:00-13:00); Friday 07:15-16:15", "07:30-16:00"),
        ("2028-06-01", "The holidays of 2028 have not been entered: its working days are undetermined", "17 public"),
        ("2026-11-24", "Late (“terlambat”): 1-30 minutes “TL1”", "Every second counts"),
        ("2026-11-24", "the first arrival and the last departure count", None),
        ("2026-11-24", "No flexible time", "Flexible time (not"),
        ("2026-11-24", "Each missed apel (“TA”): 0.5 %.", "0,5"),
        ("2026-11-24", "“TL3” 1.25 %", "1.250"),
    ],
)
def test_the_sentences_of_a_day(policy, on, said, unsaid):
    words = text_of(policy, on)
    assert said in words
    assert unsaid is None or unsaid not in words


def test_the_codes_that_are_quoted_are_those_that_reports_print(policy):
    words = text_of(policy)
    for code in (ABSENT_CODE, APEL_MISSED_CODE, UNDETERMINED_CODE):
        assert f"“{code}”" in words


def test_the_other_choices_of_a_policy_have_their_sentences(tmp_path):
    local = Path(shutil.copytree(loader.SHIPPED / "kota-jambi", tmp_path / "rules"))
    changes = {
        "attendance.yaml": [("value: floor_minute", "value: exact_second"), ("value: missing_code", "value: absent")],
        "flex.yaml": [("value: {kind: none}", "value: {kind: replace, tolerance_minutes: 30, replace_minutes: 45}")],
        "absence.yaml": [("value: null", "value: 450"), ("value: PNS", "value: PP 53/2010")],
        "documents.yaml": [("charged: false", "charged: true")],
    }
    for name, pairs in changes.items():
        text = (local / name).read_text()
        for old, new in pairs:
            assert text.count(old) == 1
            text = text.replace(old, new)
        (local / name).write_text(text)
    words = text_of(load_policy(local))
    assert "for a start at 07:30, 07:30:01 is 1 minute late" in words
    assert "One of two punches: the day is an absence (“TK”)." in words
    assert "up to 30 minutes late are forgiven when 45 minutes are added after the end of the same day" in words
    assert "7 h 30 min of lateness and early leaving make 1 day absent." in words
    assert "PPPK: the tiers of PP 53/2010, binding." in words
    assert "“I” (izin): excused, but counted as a day absent." in words
    replacing = (local / "flex.yaml").read_text()
    (local / "flex.yaml").write_text(
        replacing.replace(
            "kind: replace, tolerance_minutes: 30, replace_minutes: 45", "kind: move, tolerance_minutes: 60"
        )
    )
    assert "an arrival up to 60 minutes after the start moves the end of the day" in text_of(load_policy(local))


def test_both_languages_say_as_much_and_bahasa_has_its_own_numbers(policy):
    english, indonesian = told(policy), told(policy, language=Language.ID)
    assert [(one.key, one.since, one.until, one.citation) for one in english] == [
        (one.key, one.since, one.until, one.citation) for one in indonesian
    ]
    words = text_of(policy, language=Language.ID)
    assert "Senin s.d. Kamis 07.15-15.45" in words
    assert "“TL3” 1,25 %" in words
    assert not re.search(r"\b(the|days|minutes|until)\b", words)


def test_every_sentence_is_whole(policy):
    for language in Language:
        for statement in told(policy, language=language):
            assert statement.text.endswith((".", "”.")), statement.text
            assert "None" not in statement.text
