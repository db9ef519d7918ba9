"""A laid-out report on F4 paper: letterhead and tables per unit, signature, page x of y, law at the foot; PDF/A-2b."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from eabsensi.law.wording import Language, long_date
from eabsensi.reports.labels import label
from eabsensi.reports.paper import Medium, Paper, Papered, Part, Table, Value, tint, written
from eabsensi.reports.typesetting import file_part, set_document

_TEMPLATE = Path(__file__).parent / "templates" / "paper.typ"
_ROWS_PER_PAGE = 25
_MEMORY_BASE = 1536 << 20
_MEMORY_PER_PAGE = 48 << 20  # a page of a month holds some 1,500 cells


def write_pdf(report: Papered, path: Path, language: Language) -> None:
    """Set the report to ``path``.

    Raises:
        TypesettingError: the document is too large for one process, or typst refuses it.

    """
    _set(report.paper(Medium.PRINT, language), path, language)


def write_pdfs(report: Papered, folder: Path, language: Language) -> list[Path]:
    """Set one PDF per unit into ``folder``; give their paths."""
    paper = report.paper(Medium.PRINT, language)
    paths = []
    for part in (part for part in paper.parts if part.code):
        path = folder / f"{paper.stem}-{file_part(part.code)}.pdf"
        _set(replace(paper, place=part.title, parts=(part,)), path, language)
        paths.append(path)
    return paths


def _set(paper: Paper, path: Path, language: Language) -> None:
    pages = sum(1 + len(table.rows) // _ROWS_PER_PAGE for part in paper.parts for table in part.tables)
    set_document(
        _TEMPLATE,
        _document(paper, language),
        path,
        made_at=paper.setting.as_of,
        pages=pages,
        memory_bytes=_MEMORY_BASE + pages * _MEMORY_PER_PAGE,
    )


def _document(paper: Paper, language: Language) -> dict[str, Any]:
    """Give everything that the template prints, as words."""
    head, setting = paper.setting.letterhead, paper.setting
    printed = label("printed", language).format(as_of=setting.moment(language))
    return {
        "language": language.value,
        "title": paper.title,
        "date": paper.period,
        "government": head.government,
        "agency": head.agency,
        "address": head.address,
        "parts": [_part(paper, part, language) for part in paper.parts],
        "empty": paper.empty,
        "law": setting.law(language),
        "foot": f"{setting.policy(language)} · {printed}",
        "page": label("page", language),
        "of": label("of", language),
    }


def _part(paper: Paper, part: Part, language: Language) -> dict[str, Any]:
    setting = paper.setting
    signer = label("head", language).format(unit=part.title)
    return {
        "unit": part.title if part.code else setting.letterhead.agency,
        "state": part.state,
        "heading": part.heading,
        "notes": part.notes,
        "tables": [_table(table, language) for table in part.tables],
        "remarks": part.remarks,
        "signed": f"{setting.letterhead.place}, {long_date(setting.as_of.date(), language)}" if part.signed else "",
        "signer": signer,
    }


def _table(table: Table, language: Language) -> dict[str, Any]:
    return {
        "title": table.title,
        "size": table.size,
        "headings": [column.heading for column in table.columns],
        "shares": [column.share for column in table.columns],
        "aligns": [column.align for column in table.columns],
        "rows": [[_cell(value, language) for value in row] for row in table.rows],
        "total": [written(value, language) for value in table.total],
    }


def _cell(value: Value, language: Language) -> str | list[str]:
    """Give a cell's words, with its tint beside them where it has one; short, for a month of a city has a million."""
    words, colour = written(value, language), tint(value)
    return [words, colour.value] if colour else words
