"""The daily report for programs: JSON and CSV, the same rows, streamed."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any, TextIO

from eabsensi.law.wording import Language
from eabsensi.reports.daily import DailyReport, DailyRow

# A spreadsheet runs a cell that starts like this as a formula.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def row_object(row: DailyRow, language: Language = Language.ID) -> dict[str, Any]:
    """Give a row as other programs read it (design §7); ``reasons`` says why, in words."""
    return {
        "date": row.date.isoformat(),
        "unit": row.unit,
        "nip": row.nip,
        "name": row.name,
        "status": row.status.value,
        "codes": list(row.codes),
        "in": _iso(row.in_at),
        "out": _iso(row.out_at),
        "late_minutes": row.late_minutes,
        "early_minutes": row.early_minutes,
        "schedule": {
            "name": row.schedule.name,
            "start": _iso(row.schedule.start),
            "end": _iso(row.schedule.end),
        },
        "complete": row.complete,
        "document": row.document,
        "citations": [citation.text(language) for citation in row.citations],
        "reasons": [reason.text(language) for reason in row.reasons],
    }


def write_json(report: DailyReport, stream: TextIO, language: Language) -> None:
    """Write the rows as one JSON list, a row per line."""
    stream.write("[")
    for place, row in enumerate(report.rows):
        stream.write(",\n" if place else "\n")
        json.dump(row_object(row, language), stream, ensure_ascii=False)
    stream.write("\n]\n")


def write_csv(report: DailyReport, stream: TextIO, language: Language) -> None:
    """Write the rows as CSV with the keys of the JSON as header; text that a spreadsheet would run is disarmed."""
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(_CSV_HEADER)
    writer.writerows(_csv_cells(row, language) for row in report.rows)


_CSV_HEADER = (
    *("date", "unit", "nip", "name", "status", "codes", "in", "out", "late_minutes", "early_minutes"),
    *("schedule_name", "schedule_start", "schedule_end", "complete", "document", "citations", "reasons"),
)


def _csv_cells(row: DailyRow, language: Language) -> Iterator[str]:
    flat = row_object(row, language)
    schedule = flat.pop("schedule")
    cells = (
        *(flat[key] for key in _CSV_HEADER[:5]),
        " ".join(flat["codes"]),
        *(flat[key] for key in _CSV_HEADER[6:10]),
        *schedule.values(),
        "true" if flat["complete"] else "false",
        flat["document"],
        "; ".join(flat["citations"]),
        "; ".join(flat["reasons"]),
    )
    return (disarmed("" if cell is None else str(cell)) for cell in cells)


def disarmed(text: str) -> str:
    """Put an apostrophe before text that a spreadsheet would take for a formula."""
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
