"""Documents from spreadsheets: by name or printed code, approved or only filed; doubts are told with their line."""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import partial

import pytest
from sqlalchemy import text

from eabsensi.importing.documents import filing_by, import_documents
from eabsensi.importing.employees import import_employees
from eabsensi.importing.units import import_units
from eabsensi.law.loader import load_policy
from eabsensi.store.documents import approve_document, list_documents, revoke_document

UNITS = "code,name,pattern,parent\nDINKES,Kesehatan,5-day,\nPKM1,Puskesmas,5-day,DINKES\n"
BUDI, SITI = "198503172010012003", "199001022015032004"
EMPLOYEES = f"nip,name,kind,unit,since\n{BUDI},Budi,PNS,DINKES,2024-01-01\n{SITI},Siti,PNS,PKM1,2024-01-01\n"
HEADER = "nip,unit,kind,from,to,number,issued_on,approved_at,approved_by,note,covers\n"
NOW = datetime(2026, 3, 10, 2, 0, tzinfo=UTC)


class Office:
    """Files documents from text."""

    def __init__(self, store, folder):
        self.store = store
        self.path = folder / "papers.csv"
        self.filing = filing_by(load_policy(None), "operator", NOW)
        self.read(import_units, UNITS)
        self.read(import_employees, EMPLOYEES)

    def read(self, importer, rows):
        self.path.write_text(rows, encoding="utf-8")
        with self.store.begin() as connection:
            counts, problems = importer(connection, self.path)
        return (counts.created, counts.updated, counts.unchanged, counts.failed), [str(item) for item in problems]

    def __call__(self, rows, header=HEADER):
        return self.read(partial(import_documents, filing=self.filing), header + rows)

    def filed(self):
        with self.store.begin() as connection:
            return list_documents(connection)

    def marked(self):
        with self.store.begin() as connection:
            rows = connection.execute(text("SELECT DISTINCT on_date FROM dirty_day ORDER BY 1")).scalars().all()
            connection.execute(text("DELETE FROM dirty_day"))
        return [str(on) for on in rows]


@pytest.fixture
def office(store, tmp_path) -> Office:
    office = Office(store, tmp_path)
    office.marked()  # what the postings marked
    return office


def test_a_row_is_filed_as_it_stands(office):
    row = f"{BUDI},,CT,2026-03-02,2026-03-04,851/7/2026,2026-02-20,2026-02-23 10:15,Kepala Dinas,pulang kampung,\n"
    assert office(row) == ((1, 0, 0, 0), [])
    [paper] = office.filed()
    assert (paper.state, paper.kind, paper.covers, paper.number) == ("approved", "annual_leave", "day", "851/7/2026")
    assert (paper.first, paper.last, paper.issued_on) == (date(2026, 3, 2), date(2026, 3, 4), date(2026, 2, 20))
    assert paper.approved_at == datetime(2026, 2, 23, 3, 15, tzinfo=UTC)
    assert (paper.approved_by, paper.filed_by, paper.filed_at) == ("Kepala Dinas", "operator", NOW)
    assert office.marked() == ["2026-03-02", "2026-03-03", "2026-03-04"]


def test_the_short_form_is_filed_without_approval_and_touches_nothing(office):
    rows = f"{BUDI},dl,2026-03-02,2026-03-02\n{SITI},Forgotten punch,2026-03-02,2026-03-02\n"
    assert office(rows, "nip,kind,from,to\n") == ((2, 0, 0, 0), [])
    assert [(paper.kind, paper.state) for paper in office.filed()] == [("duty", "filed"), ("forgotten_punch", "filed")]
    assert office.marked() == []


@pytest.mark.parametrize(
    "code", ["CT", "CBS", "CS", "CM", "CAP", "CLTN", "S", "I", "DL", "DK", "TB", "WFA", "LP", "DSP", "GGN"]
)
def test_every_printed_code_of_the_law_is_a_kind(office, code):
    assert office(f"{BUDI},,{code},2026-03-02,2026-03-02,,,,,,\n") == ((1, 0, 0, 0), [])


@pytest.mark.parametrize(
    ("code", "means"),
    [("TL", "terlambat (late) or tugas luar (duty)"), ("cb", "cuti besar (big leave) or cuti bersama"), ("L", "libur")],
)
def test_a_code_that_means_different_things_is_not_guessed(office, code, means):
    counts, [problem] = office(f"{BUDI},,{code},2026-03-02,2026-03-02,,,,,,\n")
    assert counts == (0, 0, 0, 1)
    assert problem.startswith(f"papers.csv line 2 column kind: {code.upper()} can mean {means}")


@pytest.mark.parametrize(
    ("row", "place", "why"),
    [
        (f"{BUDI},,cutie,2026-03-02,2026-03-02,,,,,,", "kind", "'cutie' is no kind of document. It is one of CT"),
        (f"{BUDI},,anual_leave,2026-03-02,2026-03-02,,,,,,", "kind", "Did you mean 'annual_leave'?"),
        (f"{BUDI},DINKES,DL,2026-03-02,2026-03-02,,,,,,", "unit", "either a person's or a unit's"),
        (",,DL,2026-03-02,2026-03-02,,,,,,", "nip", "neither nip nor unit"),
        (",DINKES,CT,2026-03-02,2026-03-02,,,,,,", "unit", "annual_leave is a person's, not a unit's."),
        (",DINKESS,GGN,2026-03-02,2026-03-02,,,,,,", "unit", "there is no unit DINKESS. Did you mean 'DINKES'?"),
        ("197001011995031001,,CT,2026-03-02,2026-03-02,,,,,,", "nip", "there is no employee 197001011995031001."),
        ("1.98503E+17,,CT,2026-03-02,2026-03-02,,,,,,", "nip", "was turned into a number"),
        (f"{BUDI},,CT,2026-03-02,2026-03-01,,,,,,", "to", "2026-03-01 is before 2026-03-02."),
        (f"{BUDI},,CT,2026-03-02,2062-03-01,,,,,,", "to", "more than ten years"),
        (f"{BUDI},,CT,02/03/2026,2026-03-04,,,,,,", "from", "is not written as a date"),
        (f"{BUDI},,CT,2026-03-02,2026-03-04,,,2026-03-01,,,", "approved_by", "an approval needs who and when."),
        (f"{BUDI},,CT,2026-03-02,2026-03-04,,,,Kepala,,", "approved_at", "an approval needs who and when."),
        (f"{BUDI},,CT,2026-03-02,2026-03-04,,,2026-03-11,Kepala,,", "approved_at", "is still to come"),
        (f"{BUDI},,CT,2026-03-02,2026-03-04,,,yesterday,Kepala,,", "approved_at", "yesterday is no date or time."),
        (f"{BUDI},,LP,2026-03-02,2026-03-02,,,,,,noon", "covers", "'noon' is no part of a day."),
    ],
)
def test_a_bad_row_is_told_with_its_place_and_the_good_one_goes_in(office, row, place, why):
    counts, [problem] = office(f"{row}\n{SITI},,S,2026-03-02,2026-03-02,,,,,,\n")
    assert counts == (1, 0, 0, 1)
    assert problem.startswith(f"papers.csv line 2 column {place}: ")
    assert why in problem


def test_a_row_that_repeats_a_document_changes_nothing_but_may_bring_the_approval(office):
    row = f"{BUDI},,CT,2026-03-02,2026-03-04,851,,,,,\n"
    assert office(row)[0] == (1, 0, 0, 0)
    assert office(row) == ((0, 0, 1, 0), [])
    approved = row.replace(",,,,,\n", ",,2026-03-01,Kepala,,\n")
    assert office(approved) == ((0, 1, 0, 0), [])
    assert office.marked() == ["2026-03-02", "2026-03-03", "2026-03-04"]
    assert office(approved) == office(row) == ((0, 0, 1, 0), [])
    [paper] = office.filed()
    assert (paper.state, paper.approved_by, paper.approved_at) == (
        "approved",
        "Kepala",
        datetime(2026, 2, 28, 17, 0, tzinfo=UTC),
    )


def test_a_row_that_says_something_else_about_a_filed_document_is_refused(office):
    office(f"{BUDI},,CT,2026-03-02,2026-03-04,851,,,,first,\n")
    counts, [problem] = office(f"{BUDI},,CT,2026-03-02,2026-03-04,851,,,,second,\n")
    assert counts == (0, 0, 0, 1)
    number = office.filed()[0].id
    assert problem == (
        f"papers.csv line 2 column note: annual_leave 851 from 2026-03-02 to 2026-03-04 (document {number}) is filed "
        f"with first here. If the row is right, run `eabsensi document revoke {number}` and import it again."
    )


def test_the_same_row_twice_in_a_file_is_told(office):
    row = f"{BUDI},,CT,2026-03-02,2026-03-04,851,,,,,\n"
    counts, [problem] = office(row + row)
    assert counts == (1, 0, 0, 1)
    assert problem.startswith("papers.csv line 3 column from: this is annual_leave 851 from 2026-03-02")
    assert "(line 2) again." in problem


def test_an_overlap_with_the_same_number_is_refused_and_another_is_told(office):
    office(f"{BUDI},,DL,2026-03-02,2026-03-04,090/1,,,,,\n")
    same = f"{BUDI},,DL,2026-03-02,2026-03-05,090/1,,,,,\n"
    other = f"{BUDI},,DL,2026-03-04,2026-03-05,090/2,,,,,\n"
    apart = f"{BUDI},,DL,2026-03-06,2026-03-06,090/1,,,,,\n{BUDI},,S,2026-03-02,2026-03-04,,,,,,\n"
    counts, problems = office(same + other + apart)
    assert counts == (3, 0, 0, 1)
    assert "papers.csv line 2 column from: the same number stands on duty 090/1 from 2026-03-02" in problems[0]
    assert problems[1].startswith("papers.csv line 3 column from: it overlaps with duty 090/1 from 2026-03-02 to")
    assert len(problems) == 2


def test_arrival_and_departure_of_a_day_are_two_documents(office):
    rows = f"{BUDI},,LP,2026-03-02,2026-03-02,1,,,,,in\n{BUDI},,LP,2026-03-02,2026-03-02,1,,,,,out\n"
    assert office(rows) == ((2, 0, 0, 0), [])


def test_a_revoked_document_can_be_filed_anew(office):
    row = f"{BUDI},,CT,2026-03-02,2026-03-04,851,,,,,\n"
    office(row)
    with office.store.begin() as connection:
        revoke_document(connection, office.filed()[0].id, by="Kepala", reason="wrong", at=NOW)
    assert office(row) == ((1, 0, 0, 0), [])


def test_a_broken_terminal_with_its_manual_list_is_one_file(office):
    rows = ",DINKES,incident,2026-03-02,2026-03-03,GGN/1,,2026-03-04,Kepala,mesin rusak,\n"
    rows += f"{BUDI},,manual_list,2026-03-02,2026-03-03,GGN/1,,2026-03-04,Kepala,,\n"
    assert office(rows) == ((2, 0, 0, 0), [])
    assert [(paper.nip, paper.unit, paper.kind) for paper in office.filed()] == [
        (None, "DINKES", "incident"),
        (BUDI, None, "manual_list"),
    ]


def test_an_approval_by_command_is_kept_by_a_file_that_brings_another(office):
    row = f"{BUDI},,CT,2026-03-02,2026-03-04,851,,2026-03-01,Camat,,\n"
    office(row.replace("2026-03-01,Camat", ","))
    with office.store.begin() as connection:
        approve_document(connection, office.filed()[0].id, by="Kepala", at=NOW)
    assert office(row) == ((0, 0, 1, 0), [])
    assert office.filed()[0].approved_by == "Kepala"
