"""Identifiers, dates and words from cells: what is refused, what is flagged, what is cleaned."""

from __future__ import annotations

from datetime import date

import pytest

from eabsensi.importing import fields
from eabsensi.importing.fields import FieldError
from eabsensi.importing.sheet import Cell


@pytest.mark.parametrize(
    "cell",
    [
        Cell("1.98503E+17"),
        Cell("1,98503E+17"),
        Cell("198503172010012000.0"),
        Cell("198503172010012000,00"),
        Cell("1.9850317201001e+17", is_number=True),
        Cell("198503172010012003", is_number=True),
        Cell("12", is_number=True),
    ],
)
@pytest.mark.parametrize("read", [fields.nip, fields.pin, fields.identifier])
def test_an_identifier_that_became_a_number_is_refused(read, cell):
    with pytest.raises(FieldError, match="turned into a number") as caught:
        read(cell)
    assert "lost" in str(caught.value)
    assert "Format the column as text" in caught.value.remedy


def test_a_nip_that_a_spreadsheet_rounded_is_refused():
    with pytest.raises(FieldError, match="a spreadsheet has rounded it") as caught:
        fields.nip(Cell("198503172010012000"))
    assert "Format the column as text" in caught.value.remedy


@pytest.mark.parametrize(
    "written", ["19850317 201001 2 003", "'198503172010012003", "19850317.201001.2.003", "19850317\u00a0201001 2003"]
)
def test_a_nip_is_cleaned_of_its_grouping(written):
    assert fields.nip(Cell(written)) == "198503172010012003"


def test_leading_zeros_stay():
    assert fields.pin(Cell("0007")) == "0007"
    assert fields.identifier(Cell("'01.02")) == "01.02"


@pytest.mark.parametrize("written", ["12 3", "1" * 25, "é"])
def test_a_pin_that_no_device_shows_is_refused(written):
    with pytest.raises(FieldError, match="is no PIN"):
        fields.pin(Cell(written))


@pytest.mark.parametrize(
    ("number", "kind", "words"),
    [
        ("198503172010012003", "PNS", ""),
        ("198503172010011001", "CPNS", ""),
        ("198503172022211003", "PPPK", ""),
        ("198503172025241003", "PPPK-PW", ""),
        ("198503172010012003", "PPPK", "the number of a PNS"),
        ("198503172022211003", "PNS", "the number of a PPPK"),
        ("198513172010012003", "PNS", "date of birth"),
        ("198502302010012003", "PNS", "date of birth"),
        ("198503172010132003", "PNS", "no month of appointment"),
        ("198503172010012", "PNS", "it has 18 digits"),
        ("19850317201001200X", "PNS", "it has 18 digits"),
        ("198503172010013003", "PNS", "the sex"),
        ("198503171990012003", "PNS", "at the age of 5"),
        ("510012345", "PNS", "old NIP"),
        ("SECURITY-7", "other", ""),
    ],
)
def test_a_doubtful_nip_is_flagged(number, kind, words):
    doubt = fields.nip_doubts(number, kind)
    assert words in doubt
    assert bool(words) == bool(doubt)


def test_dates_are_read_one_way_only():
    assert fields.day(Cell("2026-01-31")) == date(2026, 1, 31)
    assert fields.optional_day(Cell("")) is None
    for written in ("31/01/2026", "01-02-2026", "2026-1-5", "20260131", "2026-01-31 07:30:00", "46053"):
        with pytest.raises(FieldError, match="one way only"):
            fields.day(Cell(written))
    with pytest.raises(FieldError, match="no date of the calendar"):
        fields.day(Cell("2026-02-29"))
    with pytest.raises(FieldError, match="one way only"):
        fields.day(Cell("46053", is_number=True))


def test_words_have_single_blanks_and_nothing_invisible():
    assert fields.words(Cell("Budi \n Santoso")) == "Budi Santoso"
    with pytest.raises(FieldError, match="cannot be shown"):
        fields.words(Cell("Budi\x00"))
    with pytest.raises(FieldError, match="no value"):
        fields.wanted(Cell(" "))


def test_a_word_of_a_list_is_given_as_the_list_writes_it():
    assert fields.one_of(("PNS", "PPPK-PW"))(Cell("pppk-pw")) == "PPPK-PW"
    with pytest.raises(FieldError) as caught:
        fields.one_of(("PNS", "PPPK-PW"))(Cell("PPPKPW"))
    assert "Did you mean 'PPPK-PW'?" in caught.value.remedy
