"""The daily report on F4 paper: letterhead, table per unit, signature, page x of y, law at the foot; PDF/A-2b."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from eabsensi.law.wording import Language, clock_time, full_date
from eabsensi.reports.daily import DailyReport, DailyRow, Section
from eabsensi.reports.daily_table import count_headings, counted, counts_line
from eabsensi.reports.illustrating import day_picture
from eabsensi.reports.labels import label, status_label
from eabsensi.reports.letter import crests, foot_words, head_words, picture_words, signature_words, signatures
from eabsensi.reports.standings import star
from eabsensi.reports.typesetting import file_part, set_document
from eabsensi.reports.verification import verification_of

_TEMPLATE = Path(__file__).parent / "templates" / "daily.typ"
_ROWS_PER_PAGE = 25
_MEMORY_BASE = 1536 << 20
_MEMORY_PER_PAGE = 32 << 20


def write_pdf(report: DailyReport, path: Path, language: Language, verify_at: str | None = None) -> None:
    """Set the report to ``path``; ``verify_at`` is the address where its code is looked up.

    Raises:
        TypesettingError: the document is too large for one process, or typst refuses it.

    """
    pages = sum(1 + len(section.rows) // _ROWS_PER_PAGE for section in report.sections)
    set_document(
        _TEMPLATE,
        _document(report, language, verify_at),
        path,
        made_at=report.as_of,
        pages=pages,
        memory_bytes=_MEMORY_BASE + pages * _MEMORY_PER_PAGE,
    )


def write_pdfs(report: DailyReport, folder: Path, language: Language, verify_at: str | None = None) -> list[Path]:
    """Set one PDF per unit into ``folder``; give their paths."""
    paths = []
    for section in report.sections:
        path = folder / f"daily-{report.on}-{file_part(section.unit.code)}.pdf"
        write_pdf(replace(report, unit=section.unit, sections=(section,)), path, language, verify_at)
        paths.append(path)
    return paths


def _document(report: DailyReport, language: Language, verify_at: str | None) -> dict[str, Any]:
    """Give everything that the template prints, as words."""
    setting = report.setting
    sections = [_section(report, section, language) for section in report.sections]
    city = head_words(setting, "", "")
    return {
        "language": language.value,
        "title": report.title(language),
        "date": full_date(report.on, language),
        "head": city,
        "crests": crests([city, *(section["head"] for section in sections)]),
        "sections": sections,
        "columns": _headings(language),
        "summary": _summary(report, language) if len(report.sections) > 1 else None,
        "nobody": label("nobody", language),
        "star": label("star", language),
        "rounding": label("rounding", language),
        "law": setting.law(language),
        **foot_words(setting, verification_of(report).code, language, verify_at),
    }


def _headings(language: Language) -> list[str]:
    return [
        label("number", language),
        f"{label('name', language)} / {label('nip', language)}",
        f"{label('rank', language)} / {label('position', language)}",
        *(label(key, language) for key in ("status", "codes", "in", "out", "late_short", "early_short", "explanation")),
    ]


def _section(report: DailyReport, section: Section, language: Language) -> dict[str, Any]:
    """Give one unit's part: heading, what is incomplete, rows, counts and signature."""
    unit = section.unit
    return {
        "unit": unit.name,
        "head": head_words(report.setting, unit.code, unit.name),
        "open": section.counts.open > 0,
        "notes": [note.text(language) for note in section.notes],
        "incomplete": label(section.notes_key, language),
        "rows": [_row(row, language) for row in section.rows],
        "counts": counts_line(section.counts, language),
        "picture": _picture(replace(report, unit=unit, sections=(section,)), language),
        "signed": signature_words(signatures(report.setting, unit.code, unit.name, language)),
    }


def _picture(report: DailyReport, language: Language) -> dict[str, Any] | None:
    """Draw when the report's people came, for the room beside the signature."""
    found = day_picture(report, language)
    return picture_words(found) if found else None


def _row(row: DailyRow, language: Language) -> dict[str, Any]:
    return {
        "status": row.status.value,
        "cells": [
            str(row.number),
            row.name,
            row.nip,
            row.rank,
            row.position,
            status_label(row.status, language) + star(row.status, complete=row.complete),
            " ".join(row.codes),
            clock_time(row.in_at, language) if row.in_at else "-",
            clock_time(row.out_at, language) if row.out_at else "-",
            str(row.late_minutes or ""),
            str(row.early_minutes or ""),
            row.remark(language),
        ],
    }


def _summary(report: DailyReport, language: Language) -> dict[str, Any]:
    return {
        "title": label("summary", language),
        "columns": [label("unit", language), *count_headings(language)],
        "rows": [[section.unit.name, *map(str, counted(section.counts))] for section in report.sections],
        "total": [label("total", language), *map(str, counted(report.counts))],
        "notes": [
            f"{section.unit.name}: {note.text(language)}" for section in report.sections for note in section.notes
        ],
        "incomplete": label("attention", language),
        "picture": _picture(report, language),
    }
