"""The tables for absence and allowance: equal to the law, whole, refused with file, line and key where they are not."""

from __future__ import annotations

import re
import shutil
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest

from eabsensi.discipline.tiers import rulebook_on
from eabsensi.law import loader
from eabsensi.law.loader import PolicyError, load_policy
from eabsensi.law.policy import Policy
from eabsensi.law.tiers import Level
from eabsensi.law.wording import Language

FIRST, LAST = date(2010, 1, 1), date(2030, 12, 31)


@pytest.fixture(scope="module")
def policy() -> Policy:
    return load_policy()


@pytest.fixture
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    copy = Path(shutil.copytree(loader.SHIPPED, tmp_path / "shipped"))
    monkeypatch.setattr(loader, "SHIPPED", copy)
    return copy


def refusals(shipped: Path, file: str, pattern: str, replacement: str) -> str:
    place = shipped / file
    text, count = re.subn(pattern, replacement, place.read_text(), count=1, flags=re.DOTALL)
    assert count == 1
    place.write_text(text)
    with pytest.raises(PolicyError) as refused:
        load_policy()
    return "\n".join(str(problem) for problem in refused.value.problems)


def test_the_tiers_are_those_of_the_two_laws(policy):
    tables = {name: [(tier.first, tier.last) for tier in law.tiers] for name, law in policy.regulations.items()}
    assert tables == {
        "PP 30/1980": [],
        "PP 53/2010": [(5, 5), *((n, n + 4) for n in (6, 11, 16, 21, 26, 31, 36, 41)), (46, None)],
        "PP 94/2021": [(3, 3), (4, 6), (7, 10), (11, 13), (14, 16), (17, 20), (21, 24), (25, 27), (28, None)],
    }


def test_tiers_grow_graver_leave_no_number_of_days_out_and_cite_their_article(policy):
    grave = list(Level)
    for name, law in policy.regulations.items():
        for tier, following in pairwise(law.tiers):
            assert following.first == tier.last + 1
            assert grave.index(tier.level) <= grave.index(following.level)
        for tier in law.tiers:
            assert tier.citation.instrument == name
            assert tier.citation.article.startswith("Pasal ")
            assert tier.sanction.text(Language.EN) != tier.sanction.text()
            assert (tier.interim is not None) == (name == "PP 94/2021" and tier.level is Level.MODERATE)


def test_only_pp_94_knows_consecutive_days_and_only_pp_53_turns_hours_into_days_by_itself(policy):
    runs = {name: law.run and law.run.days for name, law in policy.regulations.items()}
    hours = {
        name: (law.hours and law.hours.minutes, law.agency_decides_hours) for name, law in policy.regulations.items()
    }
    assert runs == {"PP 30/1980": None, "PP 53/2010": None, "PP 94/2021": 10}
    assert hours == {"PP 30/1980": (None, False), "PP 53/2010": (450, False), "PP 94/2021": (None, True)}
    assert policy.regulations["PP 53/2010"].hours.citation.text() == "PP 53/2010 Penjelasan Pasal 3 angka 11"
    assert policy.regulations["PP 94/2021"].run.pay_stop.text() == "PP 94/2021 Pasal 15 ayat (2)"


def test_the_interim_form_is_that_of_pp_53(policy):
    interim = [tier.interim.text() for tier in policy.regulations["PP 94/2021"].tiers if tier.interim]
    old = [tier.sanction.text() for tier in policy.regulations["PP 53/2010"].tiers if tier.level is Level.MODERATE]
    assert interim == old


def test_each_day_from_2010_to_2030_has_one_law_with_a_table_and_every_code_a_percentage(policy):
    for n in range((LAST - FIRST).days + 1):
        on = FIRST + timedelta(days=n)
        assert policy.discipline_law_pns.on(on).value in policy.regulations
        table = policy.pppk_tiers.on(on).value
        assert table in {"PNS", "unknown"} | policy.regulations.keys()
        codes = {band.code for bands in (policy.late_bands, policy.early_bands) for band in bands.on(on).value}
        assert codes == policy.allowance_bands.on(on).value.keys()
        assert policy.interim_sanctions.on(on).value == (on >= date(2021, 8, 31))


def test_what_the_agency_has_to_decide_is_listed_as_unconfirmed(policy):
    keys = {key for key, _ in policy.unconfirmed(date(2026, 11, 24))}
    assert {
        *("hours_per_absent_day", "pppk_tiers", "run_at_new_year", "run_at_excused_day", "interim_sanctions"),
        *("allowance_bands", "allowance_missing_punch", "allowance_absent_day"),
        *("allowance_missed_apel", "allowance_missed_ceremony"),
    } <= keys
    assert policy.hours_per_absent_day.on(date(2026, 1, 1)).value is None


def test_percentages_are_read_as_they_are_written(policy):
    assert policy.allowance_bands.on(LAST).value["TL3"] == Decimal("1.25")
    assert str(policy.allowance_missing_punch.on(LAST).value) == "1.5"


PP94 = "national/pp94.yaml"
PP53 = "national/pp53.yaml"
ALLOWANCE = "kota-jambi/allowance.yaml"
ABSENCE = "kota-jambi/absence.yaml"


@pytest.mark.parametrize(
    ("file", "pattern", "replacement", "sentence"),
    [
        (
            PP94,
            r"unit: working day",
            "unit: day",
            r"pp94.yaml line 6, regulations.PP 94/2021.unit: `day` is not allowed",
        ),
        (
            PP94,
            r"    citation: \{[^\n]*\n",
            "",
            r"pp94.yaml line 6, regulations.PP 94/2021: the key `citation` is missing",
        ),
        (PP94, r"from: 4, to: 6", "from: 5, to: 6", r"tiers\[2\]: this tier leaves a gap before it. Let it start at 4"),
        (PP94, r"from: 4, to: 6", "from: 3, to: 6", r"tiers\[2\]: this tier overlaps the one before it"),
        (PP94, r"from: 4, to: 6", "from: 4, to: 3", r"tiers\[2\].to: this tier ends before it starts"),
        (PP94, r"from: 4, to: 6", "from: 4, to: null", r"tiers\[3\]: a tier follows one without an end"),
        (PP94, r"from: 3, to: 3", "from: 0, to: 3", r"tiers\[1\].from: 0 is not allowed here"),
        (PP94, r"to: null", "to: 365", r"PP 94/2021.tiers: the last tier ends, so more days have no sanction"),
        (PP94, r", article: Pasal 9 ayat \(2\)", "", r"tiers\[1\]: the key `article` is missing"),
        (PP94, r", en: oral reprimand", "", r"tiers\[1\]: the key `en` is missing"),
        (PP94, r"level: light", "level: mild", r"`mild` is not allowed here. Use one of: light, moderate, heavy"),
        (PP94, r"          citation: \{instrument: PerBKN[^\n]*\n", "", r"interim: the key `citation` is missing"),
        (PP94, r"days: 10", "days: ten", r"consecutive.days: `ten` is no whole number"),
        (PP94, r"      pay_stop_article[^\n]*\n", "", r"consecutive: the key `pay_stop_article` is missing"),
        (PP94, r"hours: agency", "hours: 450", r"PP 94/2021.hours: this must be a list of `key: value`"),
        (PP94, r"hours: agency", "ours: agency", r"the key `ours` is unknown"),
        (PP94, r"    tiers:\n.*?\n\n", "    tiers: []\n\n", r"tiers: this must be a list with at least one item"),
        (PP94, r"PP 94/2021:", "PP 94:", r"regulations.PP 94/2021: this law is in force, but its table is missing"),
        (PP53, r"PP 53/2010:", "PP 94/2021:", r"the table of this law is given in two files"),
        (PP53, r"minutes: 450", "minutes: 7.5 hours", r"hours.minutes: `7.5 hours` is no whole number"),
        (PP53, r"hours: \{minutes: 450, ", "hours: {", r"PP 53/2010.hours: the key `minutes` is missing"),
        (PP94, r"value: joined", "value: maybe", r"run_at_new_year.values\[1\].value: `maybe` is not allowed here"),
        (
            PP94,
            r"from: 2021-08-31",
            "from: 2021-08-32",
            r"interim_sanctions.values\[2\].from: `2021-08-32` is not in any",
        ),
        (PP94, r"from: 2021-08-31", "from: 1980-08-30", r"this version overlaps the one before it"),
        (ABSENCE, r"value: null", "value: 0", r"hours_per_absent_day.values\[1\].value: 0 is not allowed here"),
        (ABSENCE, r"from: 1980-08-30", "from: 2010-01-02", r"there is a gap before 2010-01-02"),
        (ABSENCE, r"from: 2018-11-28", "from: 2018-02-29", r"pppk_tiers.values\[2\].from: `2018-02-29` is not in any"),
        (
            ABSENCE,
            r"value: PNS",
            "value: Perwal 1/2027",
            r"regulations.Perwal 1/2027: this law is in force, but its table",
        ),
        (ALLOWANCE, r"unit: percent", "unit: point", r"allowance_bands.unit: `point` is not allowed here"),
        (ALLOWANCE, r"TL1: 0.5", 'TL1: "0,5"', r"allowance_bands.values\[1\].value.TL1: `0,5` is no percentage"),
        (ALLOWANCE, r"value: 5\n", "value: 101\n", r"allowance_absent_day.values\[1\].value: `101` is no percentage"),
        (ALLOWANCE, r"value: 5\n", "value: -5\n", r"`-5` is no percentage. Write a number from 0 to 100 with a point"),
        (
            ALLOWANCE,
            r"TL3: 1.25, ",
            "",
            r"allowance_bands from 2010-01-01: the code `TL3` has no percentage. Add `TL3:`",
        ),
        (ALLOWANCE, r"TL2: 1, ", "TL1: 1, ", r"this key stands here twice"),
        (ALLOWANCE, r"        citation: \{[^\n]*\n", "", r"allowance.yaml line \d+, .*: the key `citation` is missing"),
    ],
)
def test_a_table_with_a_mistake_is_refused_in_one_sentence(shipped, file, pattern, replacement, sentence):
    assert re.search(sentence, refusals(shipped, file, pattern, replacement))


def test_the_agency_may_enter_a_table_of_its_own_for_pppk(shipped):
    (shipped / "kota-jambi" / "pppk.yaml").write_text(
        "regulations:\n  Perwal 1/2027:\n    unit: working day\n"
        "    citation: {instrument: Perwal 1/2027, article: Pasal 1, source: X, confidence: H}\n"
        "    tiers:\n      - {from: 2, to: null, level: light, article: Pasal 2, id: SP1, en: first warning}\n"
    )
    place = shipped / ABSENCE
    place.write_text(
        place.read_text() + "      - from: 2027-01-01\n        value: Perwal 1/2027\n"
        "        citation: {instrument: Perwal 1/2027, article: Pasal 1, source: X, confidence: H}\n"
    )
    policy = load_policy()
    assert policy.regulations["Perwal 1/2027"].tier_for(2).sanction.text() == "SP1"
    assert policy.regulations["Perwal 1/2027"].tier_for(1) is None
    before, after = (rulebook_on(policy, "PPPK", date(year, 1, 1)) for year in (2026, 2027))
    assert (before.law, before.regulation.name, before.indicative) == ("PP 49/2018", "PP 94/2021", True)
    assert (after.law, after.regulation.name, after.indicative) == ("PP 49/2018", "Perwal 1/2027", False)
