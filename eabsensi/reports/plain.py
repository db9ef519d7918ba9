"""Reports for programs, whatever the report: JSON objects and CSV records, streamed."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, time
from decimal import Decimal
from typing import Any, TextIO

# A spreadsheet runs a cell that starts like this as a formula.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def write_objects(objects: Iterable[Mapping[str, Any]], stream: TextIO) -> None:
    """Write objects as one JSON list, an object per line."""
    stream.write("[")
    for place, found in enumerate(objects):
        stream.write(",\n" if place else "\n")
        json.dump(found, stream, ensure_ascii=False, default=json_value)
    stream.write("\n]\n")


def write_records(header: Sequence[str], records: Iterable[Iterable[object]], stream: TextIO) -> None:
    """Write records as CSV; text that a spreadsheet would run is disarmed."""
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(header)
    writer.writerows([disarmed(_written(cell)) for cell in record] for record in records)


def disarmed(text: str) -> str:
    """Put an apostrophe before text that a spreadsheet would take for a formula."""
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


def json_value(value: object) -> str:
    """Give a value that JSON has no form for: dates and times as ISO 8601, exact decimals as text."""
    if isinstance(value, (date, time)):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")


def _written(cell: object) -> str:
    """Write a cell: nothing as blank, yes and no, dates and times as JSON has them, a list in one cell."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, (date, time)):
        return cell.isoformat()
    if isinstance(cell, Mapping):
        return "; ".join(f"{key}={_written(value)}" for key, value in cell.items())
    if isinstance(cell, (list, tuple)):
        return "; ".join(map(_written, cell))
    return str(cell)
