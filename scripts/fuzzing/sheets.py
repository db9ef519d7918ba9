"""Spreadsheets: every kind of row that the imports know, from CSV and XLSX; up to the database, not into it."""

from __future__ import annotations

import io
import tempfile
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from eabsensi.importing import documents, employees, enrolments, rosters, units
from eabsensi.importing.sheet import Columns, Row, open_sheet

_AT: Final = datetime(2026, 9, 1, tzinfo=UTC)
_FILING: Final = documents.Filing("op", _AT, ZoneInfo("Asia/Jakarta"), {"CT": "annual_leave", "S": "sick"})
_ROSTER: Final = rosters.RosterEntry("op", _AT)
_KINDS: Final[tuple[tuple[Columns, Callable[[Row], Any]], ...]] = (
    (units.COLUMNS, lambda row: units._parse("f", row, {})),  # noqa: SLF001 - rows are parsed apart from the database
    (employees.COLUMNS, lambda row: employees._parse("f", row, ["DINKES"], {})),  # noqa: SLF001 - as above
    (enrolments.COLUMNS, lambda row: enrolments._parse("f", row)),  # noqa: SLF001 - as above
    (rosters.COLUMNS, lambda row: rosters._parse("f", row, _ROSTER)),  # noqa: SLF001 - as above
    (documents.COLUMNS, lambda row: documents._parse("f", row, _FILING)),  # noqa: SLF001 - as above
)
#: The parts of a workbook that a fuzzer may write; the others come from `workbook`.
PARTS: Final = ("xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/workbook.xml", "xl/styles.xml")


def csv_sheet(written: bytes) -> None:
    """Read rows from a file of any bytes; the first byte chooses the columns."""
    _read(written, written[1:])


def xlsx_sheet(written: bytes) -> None:
    """Read rows from a workbook one of whose parts was written by the fuzzer, as the second byte says."""
    kind, choice = written[:1], (written[1:2] or b"\x00")[0]
    whole = written[2:] if choice >= 0xF0 else workbook({PARTS[choice % len(PARTS)]: written[2:]})
    _read(kind, whole)


def workbook(changed: dict[str, bytes]) -> bytes:
    """Give an XLSX file whose parts are those of an honest one, but for ``changed``."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, content in (PLAIN | changed).items():
            archive.writestr(name, content)
    return made.getvalue()


def _read(kind: bytes, written: bytes) -> None:
    columns, parse = _KINDS[(kind[:1] or b"\x00")[0] % len(_KINDS)]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "sheet"
        path.write_bytes(written)
        with open_sheet(path, columns) as sheet:
            for row in sheet.rows:
                parse(row)


_MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006"
_SHEET_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_RELATION: Final = f'<Relationship Id="r{{}}" Type="{_OFFICE}/{{}}" Target="{{}}"/>'


def _relations(*named: tuple[str, str]) -> bytes:
    each = "".join(_RELATION.format(place, kind, target) for place, (kind, target) in enumerate(named, 1))
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{each}</Relationships>'.encode()


PLAIN: Final = {
    "[Content_Types].xml": (
        f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_SHEET_TYPE}.sheet.main+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_SHEET_TYPE}.worksheet+xml"/>'
        f'<Override PartName="/xl/sharedStrings.xml" ContentType="{_SHEET_TYPE}.sharedStrings+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{_SHEET_TYPE}.styles+xml"/></Types>'
    ).encode(),
    "_rels/.rels": _relations(("officeDocument", "xl/workbook.xml")),
    "xl/_rels/workbook.xml.rels": _relations(
        ("worksheet", "worksheets/sheet1.xml"), ("sharedStrings", "sharedStrings.xml"), ("styles", "styles.xml")
    ),
    "xl/workbook.xml": (
        f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>'
        '<sheet name="A" sheetId="1" r:id="r1"/></sheets></workbook>'
    ).encode(),
    "xl/worksheets/sheet1.xml": (
        f'<worksheet xmlns="{_MAIN}"><sheetData><row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c>'
        '<c r="C1" t="s"><v>2</v></c></row><row r="2"><c r="A2" t="inlineStr"><is><t>DINKES</t></is></c>'
        '<c r="B2"><v>198001012005011001</v></c><c r="C2" s="1"><v>45000.25</v></c></row></sheetData></worksheet>'
    ).encode(),
    "xl/sharedStrings.xml": (
        f'<sst xmlns="{_MAIN}"><si><t>code</t></si><si><t>name</t></si><si><t>pattern</t></si></sst>'
    ).encode(),
    "xl/styles.xml": (
        f'<styleSheet xmlns="{_MAIN}"><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="14" applyNumberFormat="1"/>'
        "</cellXfs></styleSheet>"
    ).encode(),
}
