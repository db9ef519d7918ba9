"""The daily report for programs: JSON and CSV, the same rows, streamed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TextIO

from eabsensi.law.wording import Language
from eabsensi.reports.daily import DailyReport, DailyRow, row_object
from eabsensi.reports.plain import write_objects, write_records


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
