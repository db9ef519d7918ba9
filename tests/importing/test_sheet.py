"""Spreadsheets as people save them: by header name, with the line they see."""

from __future__ import annotations

from datetime import date, datetime

import openpyxl
import pytest

from eabsensi.importing.sheet import Cell, Columns, SheetError, open_sheet

COLUMNS = Columns(required=("nip", "name"), optional=("since",))


def _read(path, columns=COLUMNS):
    with open_sheet(path, columns) as sheet:
        return [(row.line, {name: cell.text for name, cell in row.cells.items()}) for row in sheet.rows], sheet.problems


def _csv(folder, content):
    path = folder / "staff.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def _xlsx(folder, rows):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    path = folder / "staff.xlsx"
    book.save(path)
    return path


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_columns_are_found_by_name_in_any_order(tmp_path, delimiter, newline, encoding):
    lines = [["Jabatan", " NAME ", "NIP"], ["Analis", "Budi, S.H.; M.Si", "0123"], ["", "Siti", "0456"]]
    text = newline.join(delimiter.join(f'"{cell}"' for cell in line) for line in lines) + newline
    rows, problems = _read(_csv(tmp_path, text.encode(encoding)))
    assert rows == [
        (2, {"nip": "0123", "name": "Budi, S.H.; M.Si", "since": ""}),
        (3, {"nip": "0456", "name": "Siti", "since": ""}),
    ]
    assert problems == []


def test_excels_own_note_of_the_delimiter_is_understood(tmp_path):
    rows, _ = _read(_csv(tmp_path, "sep=;\r\nnip;name\r\n1;Budi\r\n"))
    assert rows == [(3, {"nip": "1", "name": "Budi", "since": ""})]


def test_lines_are_those_of_the_file_whatever_stands_between(tmp_path):
    rows, _ = _read(_csv(tmp_path, 'nip,name\n\n1,"Budi\nSantoso"\n,\n2,Siti\n'))
    assert [line for line, _ in rows] == [3, 6]


def test_a_short_row_has_empty_cells(tmp_path):
    rows, _ = _read(_csv(tmp_path, "nip,name,since\n1,Budi\n"))
    assert rows[0][1]["since"] == ""


def test_windows_1252_is_read_and_told(tmp_path):
    rows, problems = _read(_csv(tmp_path, "nip,name\n1,Budi\n2,Zoë\n".encode("cp1252")))
    assert rows[1][1]["name"] == "Zoë"
    assert str(problems[0]) == (
        "staff.csv line 3: the file is not in UTF-8; it was read as Windows-1252. "
        "Check the names with accents, or save it as CSV UTF-8."
    )


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("nip,nama\n1,Budi\n", "line 1: the header has no column name; it has nip, nama."),
        ("nip,name,NIP\n1,Budi,2\n", "line 1: the column nip stands twice."),
        ("", "is empty."),
        ("\n\n", "is empty."),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "is an old Excel file (.xls). Save it as .xlsx"),
        (b"PK\x03\x04 but no zip", "is no readable XLSX file."),
    ],
)
def test_a_file_that_cannot_be_used_is_one_sentence(tmp_path, content, words):
    path = _csv(tmp_path, content)
    with pytest.raises(SheetError) as caught:
        _read(path)
    assert str(path) in str(caught.value)
    assert words in str(caught.value)


def test_a_column_nobody_asks_for_may_stand_twice(tmp_path):
    rows, _ = _read(_csv(tmp_path, "nip,name,x,x\n1,Budi,a,b\n"))
    assert len(rows) == 1


def test_xlsx_is_read_by_its_first_bytes_with_its_own_lines(tmp_path):
    path = _xlsx(tmp_path, [["NAME", "Nip", "since"], ["Budi", "0123", date(2026, 1, 31)], [], ["Siti", "0456", None]])
    rows, problems = _read(path.rename(tmp_path / "staff.dat"))
    assert rows == [
        (2, {"nip": "0123", "name": "Budi", "since": "2026-01-31"}),
        (4, {"nip": "0456", "name": "Siti", "since": ""}),
    ]
    assert problems == []


def test_xlsx_tells_numbers_from_text(tmp_path):
    path = _xlsx(tmp_path, [["nip", "name", "since"], [198503172010012003, True, datetime(2026, 1, 31, 7, 30)]])
    with open_sheet(path, COLUMNS) as sheet:
        cells = next(sheet.rows).cells
    assert cells["nip"].is_number
    assert cells["name"] == Cell("true")
    assert cells["since"] == Cell("2026-01-31 07:30:00")
