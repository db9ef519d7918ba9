"""eabsensi report findings, and the rules in words."""

from __future__ import annotations

import pytest

#: A PIN of nobody that comes on twelve days of January 2026, to DINKES' terminal.
DUMP = "".join(f"9\t2026-01-{n:02d} 07:{n:02d}:00\t1\t0\t1\t0\n" for n in range(5, 17))
DAYS = ("--from", "2026-01-01", "--to", "2026-01-31")


@pytest.fixture
def ghost(city):
    assert city("punch", "import", "--device", "AAA111", city.write("attlog.dat", DUMP)).code == 0
    return city


def test_a_finding_is_told_with_evidence_and_as_an_indication(ghost):
    (row,) = ghost("report", "findings", *DAYS, "--format", "json").json
    assert (row["rule"], row["key"], row["unit"]) == ("R17", "AAA111", "DINKES")
    assert row["label"] == "indikasi, perlu pemeriksaan"
    assert [found["at"] for found in row["evidence"]] == ["2026-01-05T07:05:00", "2026-01-16T07:16:00"]
    table = ghost("report", "findings", *DAYS).out
    assert "INDIKASI, PERLU PEMERIKSAAN" in table
    assert "PIN 9 bukan milik siapa pun" in table


@pytest.mark.parametrize(
    ("more", "count"), [(("--rule", "R17"), 1), (("--rule", "r8"), 0), (("--unit", "PKM1"), 0), (("--unit", "KOTA"), 1)]
)
def test_a_rule_and_a_unit_narrow_the_list(ghost, more, count):
    assert len(ghost("report", "findings", *DAYS, *more, "--format", "json").json) == count


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--from", "2026-02-01", "--to", "2026-01-01"), "no stretch of 1 to 366 days"),
        (("--from", "2025-01-01", "--to", "2026-01-02"), "no stretch of 1 to 366 days"),
        ((*DAYS, "--unit", "PKM"), "Did you mean PKM1?"),
    ],
)
def test_what_cannot_be_asked_is_one_sentence(ghost, arguments, said):
    outcome = ghost("report", "findings", *arguments)
    assert outcome.code in (1, 2)
    assert said in outcome.err


def test_every_rule_is_told_also_what_is_not_possible(program):
    told = program("finding", "rules", "--language", "en").out
    assert all(f"R{number} " in told for number in range(1, 18))
    assert "no biometric template ever leaves a device" in told
    one = program("finding", "explain", "r8").out
    assert "suami istri atau teman seperjalanan" in one
    assert "finding_companions" in one
