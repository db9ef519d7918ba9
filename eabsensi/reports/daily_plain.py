"""The daily report for programs: JSON and CSV, the same rows, streamed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, TextIO

from eabsensi.law.wording import Language
from eabsensi.reports.daily import DailyReport, DailyRow
from eabsensi.reports.plain import write_objects, write_records


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
    """Write the rows as one JSON list."""
    write_objects((row_object(row, language) for row in report.rows), stream)


def write_csv(report: DailyReport, stream: TextIO, language: Language) -> None:
    """Write the rows as CSV with the keys of the JSON as header."""
    write_records(_CSV_HEADER, (_csv_cells(row, language) for row in report.rows), stream)


_CSV_HEADER = (
    *("date", "unit", "nip", "name", "status", "codes", "in", "out", "late_minutes", "early_minutes"),
    *("schedule_name", "schedule_start", "schedule_end", "complete", "document", "citations", "reasons"),
)


def _csv_cells(row: DailyRow, language: Language) -> Iterator[object]:
    flat = row_object(row, language)
    schedule = flat.pop("schedule")
    yield from (flat[key] for key in _CSV_HEADER[:5])
    yield " ".join(flat["codes"])
    yield from (flat[key] for key in _CSV_HEADER[6:10])
    yield from schedule.values()
    yield from (flat[key] for key in ("complete", "document", "citations", "reasons"))


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
