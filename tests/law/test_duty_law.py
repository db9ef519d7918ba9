"""Shifts, flexible time and papers in the policy: what ships, and what is refused."""

from __future__ import annotations

import re
import shutil
from datetime import date
from pathlib import Path

import pytest

from eabsensi.law import loader
from eabsensi.law.duty import DocumentClass, Effect, FlexKind, FlexRule
from eabsensi.law.loader import PolicyError, load_policy

ON = date(2026, 11, 24)


@pytest.fixture
def local(tmp_path: Path) -> Path:
    return Path(shutil.copytree(loader.SHIPPED / "kota-jambi", tmp_path / "rules"))


def change(file: Path, pattern: str, replacement: str) -> None:
    text, count = re.subn(pattern, replacement, file.read_text(), count=1, flags=re.DOTALL)
    assert count == 1
    file.write_text(text)


def test_the_shipped_shifts_are_those_of_the_worked_examples_and_unconfirmed():
    shifts = load_policy().shifts.on(ON)
    night = shifts.value.duty["MALAM"]
    assert (f"{night.start:%H:%M}", f"{night.end:%H:%M}", night.next_day) == ("21:00", "07:00", True)
    assert shifts.value.duty["PAGI"] == shifts.value.duty["P"]
    assert shifts.value.free["LEPAS"] == "lepas jaga"
    assert shifts.value.knows("siang")
    assert not shifts.value.knows("SORE")
    assert shifts.citation.unconfirmed


def test_no_flexible_time_is_shipped_and_both_known_kinds_can_be_written(local):
    assert load_policy().flex.on(ON).value == FlexRule()
    for written, rule in (
        ("{kind: replace, tolerance_minutes: 30, replace_minutes: 30}", FlexRule(FlexKind.REPLACE, 30, 30)),
        ("{kind: move, tolerance_minutes: 60}", FlexRule(FlexKind.MOVE, 60)),
    ):
        change(local / "flex.yaml", r"value: \{[^\n]*", f"value: {written}")
        assert load_policy(local).flex.on(ON).value == rule


def test_papers_print_codes_that_no_other_code_of_a_day_uses():
    policy = load_policy()
    printed = {rule.code for rule in policy.documents.on(ON).value.values()}
    bands = {band.code for series in (policy.late_bands, policy.early_bands) for band in series.on(ON).value}
    assert not printed & (bands | {"H", "TK", "TA", "?", "L", "CBM", "O"})


def test_papers_are_excused_present_or_corrections_each_with_its_own_citation():
    rules = load_policy().documents.on(ON).value
    classes = {kind: rule.document_class for kind, rule in rules.items()}
    assert classes["annual_leave"] is classes["permission"] is DocumentClass.EXCUSED
    assert classes["duty"] is classes["flexible_place"] is DocumentClass.PRESENT
    assert rules["forgotten_punch"].effects == {Effect.TAP, Effect.PRESENCE}
    assert rules["dispensation"].effects == {Effect.MINUTES}
    assert Effect.MINUTES not in rules["incident"].effects
    assert not any(rule.charged for rule in rules.values())
    assert all(rule.citation.instrument and rule.citation.article for rule in rules.values())


def test_leave_outranks_duty_duty_outranks_corrections():
    policy = load_policy()
    rules, order = policy.documents.on(ON).value, policy.document_precedence.on(ON).value
    ranks = [list(DocumentClass).index(rules[kind].document_class) for kind in order]
    assert ranks == sorted(ranks)


@pytest.mark.parametrize(
    ("file", "pattern", "replacement", "sentence"),
    [
        ("shifts.yaml", r", next_day: true", "", r"duty\[3\].end: the shift ends before it starts. A shift over mid"),
        ("shifts.yaml", r"end: 14:00", "end: 14:00, next_day: true", r"the shift lasts longer than a day"),
        ("shifts.yaml", r"\[S, SIANG\]", "[p, SIANG]", r"the code P stands here twice. Let each code mean one thing"),
        ("shifts.yaml", r"\[LEPAS\]", "[MALAM]", r"the code MALAM stands here twice"),
        ("shifts.yaml", r"closes_minutes_after: 420", "closes_minutes_after: 721", r"721 minutes are more than half"),
        ("shifts.yaml", r"          opens_minutes_before: 120\n", "", r"the key `opens_minutes_before` is missing"),
        ("shifts.yaml", r"        citation:.*?unconfirmed", "        unconfirmed", r"the key `citation` is missing"),
        ("flex.yaml", r"kind: none\}", "kind: replace, tolerance_minutes: 30}", r"`replace_minutes` is missing"),
        (
            "flex.yaml",
            r"value: \{kind: none",
            "value: {kind: none, tolerance_minutes: 5",
            r"`tolerance_minutes` is unkn",
        ),
        ("flex.yaml", r"value: \{kind: none", "value: {kind: bonus", r"`bonus` is not allowed here"),
        ("documents.yaml", r"effects: \[minutes\]", "effects: [hours]", r"`hours` is not allowed here"),
        ("documents.yaml", r"class: present", "class: correction", r"duty: effects and class do not fit"),
        ("documents.yaml", r"(code: DL\n)", r"\1            charged: true\n", r"charged: only an excused day can be"),
        ("documents.yaml", r"          sick:\n.*?unconfirmed: true\n", "", r"the key `sick` is missing"),
        ("documents.yaml", r"          - duty\n", "", r"`duty` stands here 0 times. Name each kind of paper once"),
        ("documents.yaml", r"          - duty\n", "          - sick\n", r"`sick` stands here 2 times"),
        ("documents.yaml", r"code: CT\n", "code: CT\n            colour: red\n", r"the key `colour` is unknown"),
        ("attendance.yaml", r"value: missing_code", "value: half", r"`half` is not allowed here"),
    ],
)
def test_a_mistake_is_refused_in_one_sentence(local, file, pattern, replacement, sentence):
    change(local / file, pattern, replacement)
    with pytest.raises(PolicyError) as refused:
        load_policy(local)
    assert re.search(sentence, str(refused.value))
    assert file in str(refused.value)
