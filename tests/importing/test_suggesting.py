"""Who an unmapped PIN may be: by rhythm and by name, and never by itself."""

from __future__ import annotations

from datetime import datetime, time

import pytest

from eabsensi.importing.suggesting import _suggest, is_steady, plain_name
from eabsensi.store.unmapped import Candidate, UnmappedPin

FIRST = datetime(2026, 3, 2, 7, 20)
STEADY = UnmappedPin("AAA111", "DINKES", "7", "BUDI S", 10, 5, FIRST, FIRST, time(7, 20), 30)
BUDI = Candidate("198503172010012003", "dr. Budi Santoso, Sp.A", "PKM1", ())
BUDI_HERE = Candidate("198503172010012004", "Budi Santoso", "DINKES", ("12",))
SITI = Candidate("199001022015032004", "Siti Aminah", "DINKES", ())


def suggested(name, *people):
    return [
        match.nip for match in _suggest(STEADY._replace(name=name), people, [plain_name(item.name) for item in people])
    ]


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("dr. H. Budi Santoso, Sp.A, M.Kes", "budi santoso"),
        ("SITI  AMINAH,S.Kep", "siti aminah"),
        ("H.", "h"),
        ("", ""),
        ("Nur'aini", "nur aini"),
    ],
)
def test_titles_and_punctuation_are_left_out(name, plain):
    assert plain_name(name) == plain


@pytest.mark.parametrize(("days", "spread", "steady"), [(5, 30, True), (4, 0, False), (5, 31, False), (60, 10, True)])
def test_a_rhythm_is_steady_after_five_days_within_half_an_hour(days, spread, steady):
    assert is_steady(STEADY._replace(days=days, spread_minutes=spread)) is steady


@pytest.mark.parametrize("name", ["BUDI SANTOSO", "Santoso Budi", "BUDI SANTOS", "Budi Santosa"])
def test_a_name_as_terminals_hold_it_finds_its_person(name):
    assert suggested(name, SITI, BUDI) == [BUDI.nip]


def test_among_equals_the_unit_of_the_device_comes_first():
    assert suggested("BUDI SANTOSO", BUDI, BUDI_HERE, SITI) == [BUDI_HERE.nip, BUDI.nip]


@pytest.mark.parametrize("name", [None, "", "Xqz"])
def test_without_a_likeness_nobody_is_suggested(name):
    assert suggested(name, BUDI, SITI) == []
