"""A laid-out report on F4 paper: letterhead and tables per unit, signature, page x of y, law at the foot; PDF/A-2b."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from eabsensi.law.wording import Language
from eabsensi.reports.letter import crests, foot_words, head_words, picture_words, signature_words, signatures
from eabsensi.reports.paper import Medium, Paper, Papered, Part, Table, Value, tint, written
from eabsensi.reports.typesetting import file_part, set_document
from eabsensi.reports.verification import verification_of, verifications_of_units

_TEMPLATE = Path(__file__).parent / "templates" / "paper.typ"
_ROWS_PER_PAGE = 25
_MEMORY_BASE = 1536 << 20
_MEMORY_PER_PAGE = 48 << 20  # a page of a month holds some 1,500 cells


def write_pdf(report: Papered, path: Path, language: Language, verify_at: str | None = None) -> None:
    """Set the report to ``path``; ``verify_at`` is the address where its code is looked up.

    Raises:
        TypesettingError: the document is too large for one process, or typst refuses it.

    """
    paper, code = report.paper(Medium.PRINT, language), verification_of(report).code
    _set(paper, path, _document(paper, language) | foot_words(paper.setting, code, language, verify_at))


def write_pdfs(report: Papered, folder: Path, language: Language, verify_at: str | None = None) -> list[Path]:
    """Set one PDF per unit into ``folder``, or one of the whole where it is not told by units; give their paths."""
    paper = report.paper(Medium.PRINT, language)
    codes = verifications_of_units(report)
    if not codes:
        path = folder / f"{paper.stem}.pdf"
        write_pdf(report, path, language, verify_at)
        return [path]
    paths = []
    for part in (part for part in paper.parts if part.code):
        path = folder / f"{paper.stem}-{file_part(part.code)}.pdf"
        alone = replace(paper, place=part.title, parts=(part,))
        foot = foot_words(paper.setting, codes[part.code].code, language, verify_at)
        _set(alone, path, _document(alone, language) | foot)
        paths.append(path)
    return paths


def _set(paper: Paper, path: Path, document: dict[str, Any]) -> None:
    pages = sum(1 + len(table.rows) // _ROWS_PER_PAGE for part in paper.parts for table in part.tables)
    set_document(
        _TEMPLATE,
        document,
        path,
        made_at=paper.setting.as_of,
        pages=pages,
        memory_bytes=_MEMORY_BASE + pages * _MEMORY_PER_PAGE,
    )


def _document(paper: Paper, language: Language) -> dict[str, Any]:
    """Give everything that the template prints, as words."""
    city = head_words(paper.setting, "", "")
    parts = [_part(paper, part, language) for part in paper.parts]
    return {
        "language": language.value,
        "title": paper.title,
        "date": paper.period,
        "portrait": paper.portrait,
        "head": city,
        "crests": crests([city, *(part["head"] for part in parts)]),
        "parts": parts,
        "empty": paper.empty,
        "law": paper.setting.law(language),
    }


def _part(paper: Paper, part: Part, language: Language) -> dict[str, Any]:
    setting = paper.setting
    head = head_words(setting, part.code, part.title)
    signed = part.signatures or (signatures(setting, part.code, part.title, language) if part.signed else ())
    return {
        "unit": part.title if part.code else head["agency"],
        "head": head,
        "state": part.state,
        "heading": part.heading,
        "notes": part.notes,
        "tables": [_table(table, language) for table in part.tables],
        "remarks": part.remarks,
        "signed": signature_words(signed),
        "pictures": [picture_words(picture) for picture in part.drawings.after],
        "beside": picture_words(part.drawings.beside) if part.drawings.beside else None,
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
