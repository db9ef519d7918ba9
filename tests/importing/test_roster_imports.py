"""Rosters from spreadsheets: a date is taken whole or not at all."""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import partial

import pytest
from sqlalchemy import event

from eabsensi.importing.employees import import_employees
from eabsensi.importing.rosters import RosterEntry, import_rosters
from eabsensi.importing.units import import_units
from eabsensi.law.loader import load_policy
from eabsensi.store.rosters import list_rosters

BUDI, SITI = "198503172010012003", "199001022015032004"
EMPLOYEES = f"nip,name,kind,unit,since\n{BUDI},Budi,PNS,RSUD,2024-01-01\n{SITI},Siti,PNS,RSUD,2024-01-01\n"
NOW = datetime(2026, 3, 1, 2, 0, tzinfo=UTC)


class Ward:
    """Enters rosters from text."""

    def __init__(self, store, folder):
        self.store = store
        self.path = folder / "roster.csv"
        self.shifts = load_policy(None).shifts
        self.read(import_units, "code,name,pattern\nRSUD,Rumah Sakit,shift\n")
        self.read(import_employees, EMPLOYEES)

    def read(self, importer, rows):
        self.path.write_text(rows, encoding="utf-8")
        with self.store.begin() as connection:
            counts, problems = importer(connection, self.path)
        return (counts.created, counts.updated, counts.unchanged, counts.failed), [str(item) for item in problems]

    def __call__(self, rows, *, any_word=False):
        entry = RosterEntry("karu", NOW, None if any_word else self.shifts)
        return self.read(partial(import_rosters, entry=entry), "nip,date,shift\n" + rows)

    def listed(self):
        with self.store.begin() as connection:
            return [(row.nip, row.date.day, row.shift) for row in list_rosters(connection)]


@pytest.fixture
def ward(store, tmp_path) -> Ward:
    return Ward(store, tmp_path)


def test_rows_become_the_shifts_of_a_date_in_the_order_of_the_file(ward):
    rows = f"{BUDI},2026-03-02,p\n{SITI},2026-03-02,LEPAS\n{BUDI},2026-03-02,M\n"
    assert ward(rows) == ((2, 0, 0, 0), [])
    assert ward.listed() == [(BUDI, 2, "P"), (BUDI, 2, "M"), (SITI, 2, "LEPAS")]
    assert ward(rows) == ((0, 0, 2, 0), [])
    assert ward(f"{BUDI},2026-03-02,S\n") == ((0, 1, 0, 0), [])
    assert ward.listed() == [(BUDI, 2, "S"), (SITI, 2, "LEPAS")]


@pytest.mark.parametrize(
    ("row", "place", "why"),
    [
        (f"{BUDI},2026-03-02,PAG", "shift", "there is no shift 'PAG'. Did you mean 'PAGI'? Known are P, PAGI"),
        (f"{BUDI},2026-03-02,", "shift", "there is no value."),
        (f"{BUDI},3/2/2026,P", "date", "is not written as a date"),
        (f"{BUDI},1926-03-02,P", "date", "the law knows no shifts on 1926-03-02."),
        ("198503172010012000,2026-03-02,P", "nip", "ends in 000"),
        ("197001011995031001,2026-03-02,P", "nip", "there is no employee 197001011995031001."),
    ],
)
def test_a_bad_row_is_told_with_its_place_and_the_good_one_goes_in(ward, row, place, why):
    counts, [problem] = ward(f"{row}\n{SITI},2026-03-02,P\n")
    assert counts == (1, 0, 0, 1)
    assert problem.startswith(f"roster.csv line 2 column {place}: ")
    assert why in problem


def test_a_date_with_a_refused_row_stays_as_it_was(ward):
    ward(f"{BUDI},2026-03-02,P\n")
    counts, problems = ward(f"{BUDI},2026-03-02,S\n{BUDI},2026-03-02,X\n{BUDI},2026-03-03,S\n")
    assert counts == (1, 0, 0, 2)
    assert problems[1].startswith("roster.csv line 2 column date: line 3 of the same date is refused.")
    assert ward.listed() == [(BUDI, 2, "P"), (BUDI, 3, "S")]


def test_a_repeated_shift_is_refused_and_a_day_off_stands_alone(ward):
    counts, [problem] = ward(f"{BUDI},2026-03-02,P\n{BUDI},2026-03-02,p\n")
    assert counts == (1, 0, 0, 1)
    assert problem.startswith("roster.csv line 3 column shift: P on 2026-03-02 is already on line 2.")
    counts, problems = ward(f"{SITI},2026-03-02,P\n{SITI},2026-03-02,O\n")
    assert counts == (0, 0, 0, 2)
    assert "2026-03-02 is a day off and has a shift." in problems[0]


def test_without_a_list_of_shifts_any_word_will_do(ward):
    assert ward(f"{BUDI},2026-03-02,Jaga IGD\n", any_word=True) == ((1, 0, 0, 0), [])
    assert ward.listed() == [(BUDI, 2, "Jaga IGD")]


def test_ten_thousand_rows_take_a_handful_of_statements(ward):
    dates = [date.fromordinal(date(2026, 1, 1).toordinal() + number) for number in range(365)]
    rows = "".join(f"{nip},{on},{shift}\n" for on in dates for nip in (BUDI, SITI) for shift in ("P", "S", "M"))
    statements = []
    event.listen(ward.store.engine, "before_cursor_execute", lambda *call: statements.append(call[2]))
    assert ward(rows) == ((730, 0, 0, 0), [])
    marking = [statement for statement in statements if "dirty_day" in statement]
    assert len(statements) - len(marking) < 15
    assert len(marking) == len(dates)  # one for all people of a date
