"""eabsensi unit, employee, enrolment: what goes in comes out, and what does not go in is explained."""

from __future__ import annotations

import csv
import io

import pytest


def _rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_units_are_imported_listed_and_exported(city):
    listed = city("unit", "list", "--json").json
    assert [(row["code"], row["parent"], row["pattern"]) for row in listed] == [
        ("DINKES", "KOTA", "5-day"),
        ("KOTA", None, "5-day"),
        ("PKM1", "DINKES", "6-day"),
    ]
    exported = city("unit", "export").out
    again = city("unit", "import", city.write("again.csv", exported))
    assert (again.code, again.out) == (0, "Units: 0 new, 0 changed, 3 as before, 0 refused.\n")


def test_a_list_can_be_narrowed_to_a_unit_and_those_below(city):
    assert [row["code"] for row in city("unit", "list", "--unit", "DINKES", "--json").json] == ["DINKES", "PKM1"]
    assert [row["nip"] for row in city("employee", "list", "--unit", "PKM1", "--json").json] == ["199001022015032004"]


def test_an_unknown_unit_is_told_with_its_neighbour(city):
    outcome = city("employee", "list", "--unit", "DINKS")
    assert outcome.code == 1
    assert outcome.err == "Error: There is no unit DINKS. Did you mean 'DINKES'? eabsensi unit list shows them.\n"


def test_employees_are_exported_as_they_can_be_imported(city):
    exported = city("employee", "export").out
    rows = _rows(exported)
    assert [(row["nip"], row["unit"], row["since"], row["until"]) for row in rows] == [
        ("198503172010012003", "DINKES", "2024-01-01", ""),
        ("199001022015032004", "PKM1", "2024-01-01", ""),
    ]
    assert city("employee", "import", city.write("again.csv", exported)).out.endswith("2 as before, 0 refused.\n")


def test_enrolments_are_exported_as_they_can_be_imported(city):
    exported = city("enrolment", "export").out
    assert [(row["serial"], row["pin"], row["nip"]) for row in _rows(exported)] == [
        ("*", "7", "198503172010012003"),
        ("AAA111", "007", "199001022015032004"),
    ]
    assert city("enrolment", "import", city.write("again.csv", exported)).out.endswith("2 as before, 0 refused.\n")


def test_a_dry_run_says_what_would_happen_and_writes_nothing(city):
    more = city.write("more.csv", "nip,name,kind,unit,since\n197001011995031001,Ali,PNS,DINKES,2026-01-01\n")
    outcome = city("employee", "import", more, "--dry-run")
    assert outcome.out == "Employees: Nothing was written; it would be 1 new, 0 changed, 0 as before, 0 refused.\n"
    assert len(city("employee", "list", "--json").json) == 2


def test_a_bad_row_is_told_with_line_and_column_and_the_good_ones_go_in(city):
    text = "nip;name;kind;unit;since\n1,98503E+17;Rounded;PNS;DINKES;2026-01-01\n"
    text += "197001011995031001;Ali;PNS;DINKES;2026-01-01\n"
    outcome = city("employee", "import", city.write("staff.csv", text))
    assert outcome.code == 3
    assert outcome.out == "Employees: 1 new, 0 changed, 0 as before, 1 refused.\n"
    assert outcome.err.startswith(
        "staff.csv line 2 column nip: 1,98503E+17 was turned into a number by the spreadsheet;"
    )
    assert "Format the column as text" in outcome.err


def test_a_file_without_a_good_row_is_a_failure(city):
    outcome = city("unit", "import", city.write("bad.csv", "code,name,pattern\nX,Name,7-day\n"))
    assert outcome.code == 1
    assert "bad.csv line 2 column pattern: '7-day' is not known." in outcome.err


def test_an_import_can_be_read_by_a_program(city):
    outcome = city("unit", "import", city.write("bad.csv", "code,name,pattern\nX,Name,7-day\nY,Name,shift\n"), "--json")
    assert outcome.code == 3
    assert (outcome.json["created"], outcome.json["failed"]) == (1, 1)
    assert outcome.json["problems"][0]["where"] == "bad.csv line 2 column pattern"


@pytest.mark.parametrize("noun", ["unit", "employee", "enrolment"])
def test_a_missing_file_is_one_sentence(city, noun):
    outcome = city(noun, "import", city.folder / "none.csv")
    assert outcome.code == 1
    assert outcome.err.startswith("Error: ")
    assert outcome.err.count("\n") == 1
    assert "none.csv cannot be read: No such file or directory." in outcome.err


def test_an_export_can_go_to_a_file(city):
    output = city.folder / "units.out.csv"
    assert city("unit", "export", "-o", output).out == ""
    assert output.read_text().splitlines()[0] == "code,name,parent,kind,pattern,timezone"
    outcome = city("unit", "export", "-o", city.folder / "no" / "such" / "folder.csv")
    assert outcome.code == 1
    assert "cannot be written" in outcome.err


def test_a_table_in_a_pipe_is_not_cut(city):
    out = city("employee", "list").out
    assert "198503172010012003" in out
    assert "2024-01-01" in out
    assert "…" not in out
