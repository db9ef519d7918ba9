"""One door to all renderings of the daily report."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TextIO

from eabsensi.errors import EabsensiError, UsageError
from eabsensi.law.wording import Language
from eabsensi.reports.daily import DailyReport
from eabsensi.reports.daily_pdf import write_pdf, write_pdfs
from eabsensi.reports.daily_plain import write_csv, write_json
from eabsensi.reports.daily_table import write_table
from eabsensi.reports.daily_xlsx import write_xlsx


class Format(StrEnum):
    """How a report may be rendered."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"
    XLSX = "xlsx"
    PDF = "pdf"


class ReportFileError(EabsensiError):
    """A report's file cannot be written."""


_TEXTS: dict[Format, Callable[[DailyReport, TextIO, Language], None]] = {
    Format.TABLE: write_table,
    Format.CSV: write_csv,
    Format.JSON: write_json,
}
_FILES: dict[Format, Callable[[DailyReport, Path, Language], None]] = {
    Format.XLSX: write_xlsx,
    Format.PDF: write_pdf,
}


def render_daily(
    report: DailyReport, fmt: Format | str, out: Path | None = None, language: Language | str = Language.ID
) -> list[Path]:
    """Render a daily report; give the files that were written.

    Args:
        report: what to render.
        fmt: table, csv, json, xlsx or pdf.
        out: the file, written beside and renamed, so that nobody sees half a report. None streams text formats to
            standard output. For PDF an existing folder gets one document per unit.
        language: ``id`` or ``en``.

    Raises:
        UsageError: a workbook or PDF without a file to go to.
        ReportFileError: the file cannot be written.
        EabsensiError: the PDF cannot be set.

    """
    fmt, language = Format(fmt), Language(language)
    if out is None:
        if fmt in _FILES:
            raise UsageError(f"A report as {fmt} needs a file.", remedy=f"Add -o FILE.{fmt}.")
        _TEXTS[fmt](report, sys.stdout, language)
        return []
    if fmt is Format.PDF and out.is_dir():
        return write_pdfs(report, out, language)
    with _replacing(out) as draft:
        if fmt in _FILES:
            _FILES[fmt](report, draft, language)
        else:
            with draft.open("w", encoding="utf-8", newline="") as stream:
                _TEXTS[fmt](report, stream, language)
    return [out]


@contextmanager
def _replacing(path: Path) -> Iterator[Path]:
    """Give a draft in the same folder that takes the file's place once it is whole."""
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=path.suffix)
    except OSError as error:
        raise ReportFileError(
            f"{path} cannot be written: {error.strerror}.", remedy="Name a folder that exists."
        ) from error
    os.close(handle)
    draft = Path(name)
    try:
        yield draft
        draft.chmod(0o640)
        draft.replace(path)
    except OSError as error:
        raise ReportFileError(
            f"{path} cannot be written: {error.strerror}.", remedy="Free space or choose a file."
        ) from error
    finally:
        draft.unlink(missing_ok=True)
