"""One door to all renderings of all reports."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Generic, NamedTuple, TextIO, TypeVar

from eabsensi.errors import EabsensiError, UsageError
from eabsensi.law.wording import Language
from eabsensi.reports import daily_pdf, daily_plain, daily_table, daily_xlsx, paper_pdf, paper_table, paper_xlsx
from eabsensi.reports.daily import DailyReport
from eabsensi.reports.illustrating import illustrated
from eabsensi.reports.paper import Papered
from eabsensi.reports.plain import write_objects, write_records

R = TypeVar("R")
_MODE = 0o640  # a report names people; it is not for everybody on the machine


class Format(StrEnum):
    """How a report may be rendered."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"
    XLSX = "xlsx"
    PDF = "pdf"


class ReportFileError(EabsensiError):
    """A report's file cannot be written."""


@dataclass(frozen=True, slots=True)
class _Renderings(Generic[R]):
    """How one kind of report is written: as text to a stream, as a file, and as one PDF per unit into a folder."""

    texts: Mapping[Format, Callable[[R, TextIO, Language], None]]
    files: Mapping[Format, Callable[[R, Path, Language, str | None], None]]
    pdfs: Callable[[R, Path, Language, str | None], list[Path]]


def _objects(report: Papered, stream: TextIO, language: Language) -> None:
    write_objects(report.objects(language), stream)


def _records(report: Papered, stream: TextIO, language: Language) -> None:
    write_records(report.keys, (found.values() for found in report.objects(language)), stream)


_DAILY: _Renderings[DailyReport] = _Renderings(
    {Format.TABLE: daily_table.write_table, Format.CSV: daily_plain.write_csv, Format.JSON: daily_plain.write_json},
    {Format.XLSX: daily_xlsx.write_xlsx, Format.PDF: daily_pdf.write_pdf},
    daily_pdf.write_pdfs,
)
_PAPERS: _Renderings[Papered] = _Renderings(
    {Format.TABLE: paper_table.write_table, Format.CSV: _records, Format.JSON: _objects},
    {Format.XLSX: paper_xlsx.write_xlsx, Format.PDF: paper_pdf.write_pdf},
    paper_pdf.write_pdfs,
)


def render_daily(
    report: DailyReport,
    fmt: Format | str,
    out: Path | None = None,
    language: Language | str = Language.ID,
    *,
    verify_at: str | None = None,
) -> list[Path]:
    """Render a daily report; see :func:`render`."""
    return _render(_DAILY, report, Format(fmt), out, _Reader(Language(language), verify_at))


def render(
    report: Papered,
    fmt: Format | str,
    out: Path | None = None,
    language: Language | str = Language.ID,
    *,
    verify_at: str | None = None,
) -> list[Path]:
    """Render a report; give the files that were written.

    Args:
        report: what to render.
        fmt: table, csv, json, xlsx or pdf.
        out: the file, written beside and renamed, so that nobody sees half a report. None streams text formats to
            standard output. For PDF an existing folder gets one document per unit.
        language: ``id`` or ``en``.
        verify_at: the address where the code on a workbook or PDF is looked up; None prints the code alone.

    Raises:
        UsageError: a workbook or PDF without a file to go to.
        ReportFileError: the file cannot be written.
        EabsensiError: the PDF cannot be set.

    """
    wanted = Format(fmt)
    drawn = illustrated(report) if wanted is Format.PDF else report
    return _render(_PAPERS, drawn, wanted, out, _Reader(Language(language), verify_at))


class _Reader(NamedTuple):
    """Whom a report is written for."""

    language: Language
    verify_at: str | None


def _render(ways: _Renderings[R], report: R, fmt: Format, out: Path | None, reader: _Reader) -> list[Path]:
    if out is None:
        if fmt in ways.files:
            raise UsageError(f"A report as {fmt} needs a file.", remedy=f"Add -o FILE.{fmt}.")
        ways.texts[fmt](report, sys.stdout, reader.language)
        return []
    if fmt is Format.PDF and out.is_dir():
        paths = ways.pdfs(report, out, *reader)
        for path in paths:
            path.chmod(_MODE)
        return paths
    with _replacing(out) as draft:
        if fmt in ways.files:
            ways.files[fmt](report, draft, *reader)
        else:
            with draft.open("w", encoding="utf-8", newline="") as stream:
                ways.texts[fmt](report, stream, reader.language)
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
        draft.chmod(_MODE)
        draft.replace(path)
    except OSError as error:
        raise ReportFileError(
            f"{path} cannot be written: {error.strerror}.", remedy="Free space or choose a file."
        ) from error
    finally:
        draft.unlink(missing_ok=True)
