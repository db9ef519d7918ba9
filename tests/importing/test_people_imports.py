"""Units, employees and enrolments on a real database: set by set, with a reason for every row left out."""

from __future__ import annotations

from datetime import UTC, date, datetime

import openpyxl
import pytest
import sqlalchemy

from eabsensi.devices.registry import Device
from eabsensi.importing.employees import import_employees
from eabsensi.importing.enrolments import import_enrolments
from eabsensi.importing.units import import_units
from eabsensi.store.devices import sync_devices
from eabsensi.store.people import list_employees, list_enrolments, load_units, units_below

UNITS = "code,name,pattern,parent\nKOTA,Kota,5-day,\nDINKES,Kesehatan,5-day,KOTA\nDISDIK,Pendidikan,6-day,KOTA\n"
BUDI, SITI = "198503172010012003", "199001022015032004"


class Importer:
    """Writes a file and imports it, a transaction each."""

    def __init__(self, store, folder):
        self.store = store
        self.folder = folder

    def __call__(self, importer, text):
        path = self.folder / "rows.csv"
        path.write_text(text, encoding="utf-8")
        with self.store.begin() as connection:
            counts, problems = importer(connection, path)
        return (counts.created, counts.updated, counts.unchanged, counts.failed), [str(item) for item in problems]

    def employees(self, text):
        return self(import_employees, "nip,name,kind,rank,position,unit,since,until\n" + text)

    def enrolments(self, text):
        return self(import_enrolments, "serial,pin,nip,from,to\n" + text)

    def postings(self, nip=BUDI):
        with self.store.begin() as connection:
            return [
                (row.unit, str(row.since), str(row.until or "")) for row in list_employees(connection) if row.nip == nip
            ]

    def enrolled(self):
        with self.store.begin() as connection:
            return [(r.serial, r.pin, r.nip, str(r.since), str(r.until or "")) for r in list_enrolments(connection)]


@pytest.fixture
def empty(store, tmp_path) -> Importer:
    return Importer(store, tmp_path)


@pytest.fixture
def imports(empty) -> Importer:
    """An importer on a database with three units, a device and two employees."""
    assert empty(import_units, UNITS) == ((3, 0, 0, 0), [])
    with empty.store.begin() as connection:
        device = Device(serial="AAA111", unit="DINKES", name="x", host="10.0.0.1")
        sync_devices(connection, [device], datetime(2026, 1, 1, tzinfo=UTC))
    rows = f"{BUDI},Budi,PNS,III/c,Analis,DINKES,2024-01-01,\n{SITI},Siti,PNS,,,DISDIK,2024-01-01,\n"
    assert empty.employees(rows) == ((2, 0, 0, 0), [])
    return empty


# --- units ---------------------------------------------------------------------------------------------------------


def test_a_parent_may_stand_below_its_children(empty):
    counts, problems = empty(import_units, "code,name,pattern,parent\nA,a,5-day,B\nB,b,shift,C\nC,c,6-day,\n")
    assert (counts, problems) == ((3, 0, 0, 0), [])
    with empty.store.begin() as connection:
        assert load_units(connection)["A"].parent == "B"
        assert units_below(connection, "C") == ["C", "B", "A"]
        assert units_below(connection, "none") == []


def test_units_are_changed_and_left_as_they_are(imports):
    counts, problems = imports(import_units, UNITS.replace("Kesehatan", "Kesehatan Kota"))
    assert (counts, problems) == ((0, 1, 2, 0), [])


def test_a_unit_below_an_unknown_or_refused_one_is_refused(imports):
    rows = "X,x,5-day,DINKSE\nY,y,5-day,X\nGOOD,g,5-day,KOTA\n"
    counts, problems = imports(import_units, "code,name,pattern,parent\n" + rows)
    assert counts == (1, 0, 0, 2)
    assert problems[0].startswith("rows.csv line 2 column parent: there is no unit DINKSE. Did you mean 'DINKES'?")
    assert problems[1].startswith("rows.csv line 3 column parent: there is no unit X.")


def test_units_cannot_stand_below_themselves(imports):
    counts, problems = imports(import_units, "code,name,pattern,parent\nKOTA,Kota,5-day,DINKES\n")
    assert counts == (0, 0, 0, 1)
    assert "KOTA would stand below itself" in problems[0]
    counts, problems = imports(import_units, "code,name,pattern,parent\nP,p,5-day,Q\nQ,q,5-day,P\nR,r,5-day,R\n")
    assert counts == (0, 0, 0, 3)
    assert len(problems) == 3


def test_a_unit_that_stands_twice_in_the_file_keeps_the_first(empty):
    counts, problems = empty(import_units, "code,name,pattern\nA,first,5-day\nA,second,5-day\n")
    assert counts == (1, 0, 0, 1)
    assert problems == ["rows.csv line 3 column code: A is already on line 2. Keep one of them."]


def test_a_wrong_timezone_is_refused(empty):
    _, problems = empty(import_units, "code,name,pattern,timezone\nA,a,5-day,Asia/Jakata\n")
    assert "line 2 column timezone: 'Asia/Jakata' is no timezone. Did you mean 'Asia/Jakarta'?" in problems[0]


# --- employees -----------------------------------------------------------------------------------------------------


def test_the_same_file_again_changes_nothing(imports):
    rows = f"{BUDI},Budi,PNS,III/c,Analis,DINKES,2024-01-01,\n"
    assert imports.employees(rows) == ((0, 0, 1, 0), [])


def test_an_empty_rank_leaves_what_is_known(imports):
    assert imports.employees(f"{BUDI},Budi Santoso,PNS,,,DINKES,2024-01-01,\n") == ((0, 1, 0, 0), [])
    with imports.store.begin() as connection:
        budi = next(row for row in list_employees(connection) if row.nip == BUDI)
    assert (budi.name, budi.rank, budi.position) == ("Budi Santoso", "III/c", "Analis")


def test_a_transfer_closes_the_posting_on_its_day(imports):
    assert imports.employees(f"{BUDI},Budi,PNS,,,DISDIK,2025-07-01,\n") == ((0, 1, 0, 0), [])
    assert imports.postings() == [("DINKES", "2024-01-01", "2025-06-30"), ("DISDIK", "2025-07-01", "")]
    assert imports.postings(SITI) == [("DISDIK", "2024-01-01", "")]


def test_a_wrong_unit_is_corrected_on_its_first_day(imports):
    assert imports.employees(f"{BUDI},Budi,PNS,,,DISDIK,2024-01-01,\n") == ((0, 1, 0, 0), [])
    assert imports.postings() == [("DISDIK", "2024-01-01", "")]


def test_a_history_may_stand_in_any_order_and_be_imported_again(imports):
    moves = [("KOTA", "2022-01-01"), ("DISDIK", "2025-01-01"), ("DISDIK", "2020-01-01")]
    rows = "".join(f"{BUDI},Budi,PNS,,,{unit},{since},\n" for unit, since in moves)
    expected = [
        ("DISDIK", "2020-01-01", "2021-12-31"),
        ("KOTA", "2022-01-01", "2023-12-31"),
        ("DINKES", "2024-01-01", "2024-12-31"),
        ("DISDIK", "2025-01-01", ""),
    ]
    assert imports.employees(rows) == ((0, 1, 0, 0), [])
    assert imports.postings() == expected
    assert imports.employees(rows) == ((0, 0, 1, 0), [])
    assert imports.postings() == expected


def test_a_posting_ends_with_its_last_day_and_another_may_follow(imports):
    assert imports.employees(f"{BUDI},Budi,PNS,,,DINKES,2024-01-01,2025-12-31\n") == ((0, 1, 0, 0), [])
    assert imports.postings() == [("DINKES", "2024-01-01", "2025-12-31")]
    _, problems = imports.employees(f"{BUDI},Budi,PNS,,,DINKES,2024-01-01,2026-12-31\n")
    assert "has already ended on 2025-12-31. To go on, add a row that begins on 2026-01-01." in problems[0]
    assert imports.employees(f"{BUDI},Budi,PNS,,,DINKES,2026-01-01,\n") == ((0, 1, 0, 0), [])


def test_a_posting_may_not_reach_into_a_later_one(imports):
    _, problems = imports.employees(f"{BUDI},Budi,PNS,,,KOTA,2023-01-01,2024-06-30\n")
    assert "line 2 column since: the posting would reach into the one in DINKES from 2024-01-01 on." in problems[0]
    assert imports.postings() == [("DINKES", "2024-01-01", "")]


def test_bad_rows_are_told_one_by_one_and_the_good_ones_go_in(imports):
    rows = (
        "1.98503E+17,A,PNS,,,DINKES,2026-01-01,\n"
        "197001011995031001,,PNS,,,DINKES,2026-01-01,\n"
        "197001011995031002,C,ASN,,,DINKES,2026-01-01,\n"
        "197001011995031003,D,PNS,,,DINKESS,2026-01-01,\n"
        "197001011995031004,E,PNS,,,DINKES,01/02/2026,\n"
        "197001011995031005,F,PNS,,,DINKES,2026-01-01,2025-01-01\n"
        "'19700101 199503 1 006,Good,PNS,,,DINKES,2026-01-01,\n"
        "197001011995031006,Twice,PNS,,,KOTA,2026-01-01,\n"
    )
    counts, problems = imports.employees(rows)
    assert counts == (1, 0, 0, 7)
    for line, column in [(2, "nip"), (3, "name"), (4, "kind"), (5, "unit"), (6, "since"), (7, "until"), (9, "nip")]:
        assert any(text.startswith(f"rows.csv line {line} column {column}: ") for text in problems), (line, problems)
    assert imports.postings("197001011995031006") == [("DINKES", "2026-01-01", "")]


def test_a_doubtful_nip_is_flagged_and_imported(imports):
    counts, problems = imports.employees("197013011995031001,Ali,PNS,,,DINKES,2026-01-01,\n")
    assert counts == (1, 0, 0, 0)
    assert "does not begin with a date of birth. It was imported as it is." in problems[0]


def test_a_spreadsheet_whose_nip_column_became_numbers_is_refused_row_by_row(imports, tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["nip", "name", "kind", "unit", "since"])
    book.active.append([198503172010012003, "Rounded", "PNS", "DINKES", date(2026, 1, 1)])
    book.active.append(["197001011995031001", "Good", "PNS", "DINKES", date(2026, 1, 1)])
    book.save(tmp_path / "staff.xlsx")
    with imports.store.begin() as connection:
        counts, problems = import_employees(connection, tmp_path / "staff.xlsx")
    assert (counts.created, counts.failed) == (1, 1)
    assert str(problems[0]).startswith("staff.xlsx line 2 column nip: 1.98503172010012e+17 was turned into a number")


def test_ten_thousand_employees_take_a_handful_of_statements(imports, tmp_path):
    statements = []
    sqlalchemy.event.listen(imports.store.engine, "before_cursor_execute", lambda *given: statements.append(given[2]))
    rows = "".join(f"19700101199503{1 + n // 999 % 2}{n:04d},P{n},other,,,DINKES,2026-01-01,\n" for n in range(10_000))
    counts, _ = imports.employees(rows)
    assert counts == (10_000, 0, 0, 0)
    assert len(statements) < 20


# --- enrolments ----------------------------------------------------------------------------------------------------


def test_a_pin_is_enrolled_on_one_device_or_on_every_one(imports):
    rows = f"AAA111,007,{BUDI},2024-01-01,\n*,7,{SITI},2024-01-01,2025-12-31\n"
    assert imports.enrolments(rows) == ((2, 0, 0, 0), [])
    assert imports.enrolments(rows) == ((0, 0, 2, 0), [])
    assert imports.enrolled() == [
        ("*", "7", SITI, "2024-01-01", "2025-12-31"),
        ("AAA111", "007", BUDI, "2024-01-01", ""),
    ]


def test_a_pin_of_somebody_else_is_told_with_its_holder(imports):
    imports.enrolments(f"*,7,{BUDI},2024-01-01,\n")
    counts, problems = imports.enrolments(f"*,7,{SITI},2025-01-01,\n*,8,{SITI},2025-01-01,\n")
    assert counts == (1, 0, 0, 1)
    told = f"rows.csv line 2 column pin: PIN 7 is already enrolled to Budi {BUDI} from 2024-01-01 on. "
    told += "End that one first: import its row again with its last day in the column to."
    assert problems == [told]


def test_a_pin_goes_to_somebody_else_after_its_end(imports):
    imports.enrolments(f"*,7,{BUDI},2024-01-01,\n")
    rows = f"*,7,{BUDI},2024-01-01,2025-06-30\n*,7,{SITI},2025-07-01,\n"
    assert imports.enrolments(rows) == ((1, 1, 0, 0), [])
    assert imports.enrolled() == [
        ("*", "7", BUDI, "2024-01-01", "2025-06-30"),
        ("*", "7", SITI, "2025-07-01", ""),
    ]


def test_two_rows_of_one_file_may_not_share_a_pin(imports):
    counts, problems = imports.enrolments(f"*,7,{BUDI},2024-01-01,\n*,7,{SITI},2024-06-01,2024-06-30\n")
    assert counts == (1, 0, 0, 1)
    assert f"is already enrolled to NIP {BUDI} from 2024-01-01 on, line 2." in problems[0]


def test_an_enrolment_may_begin_earlier(imports):
    imports.enrolments(f"*,7,{BUDI},2024-01-01,\n")
    assert imports.enrolments(f"*,7,{BUDI},2023-01-01,2024-12-31\n") == ((1, 1, 0, 0), [])
    assert imports.enrolled() == [
        ("*", "7", BUDI, "2023-01-01", "2023-12-31"),
        ("*", "7", BUDI, "2024-01-01", "2024-12-31"),
    ]


def test_an_ended_enrolment_is_not_prolonged_silently(imports):
    imports.enrolments(f"*,7,{BUDI},2024-01-01,2024-12-31\n")
    assert imports.enrolments(f"*,7,{BUDI},2024-01-01,\n") == ((0, 0, 1, 0), [])
    _, problems = imports.enrolments(f"*,7,{BUDI},2024-01-01,2025-12-31\n")
    assert "line 2 column to: the enrolment has already ended on 2024-12-31." in problems[0]


def test_unknown_devices_and_people_are_told(imports):
    rows = f"AAA11,7,{BUDI},2024-01-01,\n*,8,197001011995031001,2024-01-01,\n"
    rows += f"*,0009,{BUDI},2024-01-01,2023-01-01\n,1,{BUDI},2024-01-01,\n"
    counts, problems = imports.enrolments(rows)
    assert counts == (0, 0, 0, 4)
    text = "\n".join(problems)
    assert "line 2 column serial: there is no device AAA11. Did you mean 'AAA111'?" in text
    assert "line 3 column nip: there is no employee 197001011995031001." in text
    assert "line 4 column to: 2023-01-01 is before 2024-01-01." in text
    assert "line 5 column serial: there is no value." in text


# --- what is judged again ------------------------------------------------------------------------------------------


class _Touched:
    """The employee-days that the last import marked, as the first day of each person; the days before were judged."""

    def __init__(self, imports):
        self._imports = imports
        with imports.store.begin() as connection:
            connection.execute(sqlalchemy.text("DELETE FROM dirty_day"))
            connection.execute(sqlalchemy.text(_JUDGED))

    def first_days(self):
        with self._imports.store.begin() as connection:
            rows = connection.execute(
                sqlalchemy.text("""
                    SELECT nip, min(on_date) AS first, max(on_date) >= current_date AS lasts
                    FROM dirty_day JOIN employee ON employee.id = employee_id GROUP BY nip
                """)
            ).all()
            connection.execute(sqlalchemy.text("DELETE FROM dirty_day"))
        return {row.nip: (str(row.first), row.lasts) for row in rows}


_JUDGED = """
    INSERT INTO verdict SELECT employee.id, '2026-01-05', 1, 'DINKES', 'present', '{H}', NULL, NULL, 0, 0, 0, 0, true,
        NULL, NULL, NULL, NULL, '[]', '[]', '[]', 'v1', now(), 'test' FROM employee
"""


@pytest.fixture
def touched(imports) -> _Touched:
    return _Touched(imports)


def test_a_transfer_touches_the_days_from_its_start_and_a_repetition_none(imports, touched):
    row = f"{BUDI},Budi,PNS,,,DISDIK,2026-02-02,\n"
    imports.employees(row)
    assert touched.first_days() == {BUDI: ("2026-02-02", True)}
    imports.employees(row)
    assert touched.first_days() == {}


def test_the_end_of_a_posting_touches_the_days_after_it(imports, touched):
    imports.employees(f"{BUDI},Budi,PNS,,,DINKES,2024-01-01,2026-02-27\n")
    assert touched.first_days() == {BUDI: ("2026-02-28", True)}


def test_days_before_anything_was_judged_or_collected_are_not_touched(imports, touched):
    imports.employees("197001011995031001,Ali,PNS,,,DINKES,1995-03-01,\n")
    assert touched.first_days() == {"197001011995031001": ("2026-01-05", True)}


def test_another_kind_of_employee_touches_all_judged_days(imports, touched):
    imports.employees(f"{SITI},Siti,CPNS,,,DISDIK,2024-01-01,\n")
    assert touched.first_days() == {SITI: ("2026-01-05", True)}
    imports.employees(f"{SITI},Siti Aminah,CPNS,,,DISDIK,2024-01-01,\n")
    assert touched.first_days() == {}


def test_an_enrolment_touches_the_days_on_which_it_counts(imports, touched):
    imports.enrolments(f"*,7,{BUDI},2026-02-02,2026-02-27\n")
    assert touched.first_days() == {BUDI: ("2026-02-02", False)}
    imports.enrolments(f"*,7,{BUDI},2026-02-02,2026-02-13\n")
    assert touched.first_days() == {BUDI: ("2026-02-14", True)}


def test_an_enrolment_on_one_device_touches_also_whom_it_hides_there(imports, touched):
    imports.enrolments(f"*,7,{BUDI},2026-01-01,\n")
    touched.first_days()
    imports.enrolments(f"AAA111,7,{SITI},2026-02-02,\n")
    assert touched.first_days() == {BUDI: ("2026-02-02", True), SITI: ("2026-02-02", True)}


def test_other_hours_of_a_unit_touch_its_people_and_those_below(imports, touched):
    imports(import_units, UNITS.replace("KOTA,Kota,5-day", "KOTA,Kota,6-day"))
    assert set(touched.first_days()) == {BUDI, SITI}
    imports(import_units, UNITS.replace("KOTA,Kota,5-day", "KOTA,Pemerintah Kota,6-day"))
    assert touched.first_days() == {}
