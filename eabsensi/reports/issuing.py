"""Keep what was printed, so that whoever holds a paper can ask whether these are the figures that were given out."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from eabsensi.law.wording import Language
from eabsensi.reports.paper import Reported, Subject
from eabsensi.reports.rendering import Format
from eabsensi.reports.verification import Verification, verification_of, verifications_of_units
from eabsensi.store.connection import Connection
from eabsensi.store.issues import IssuedPaper, keep_issue

ISSUED = (Format.PDF, Format.XLSX)  # the formats that carry a code


def issue(connection: Connection, report: Reported, fmt: Format, *, by: str, at: datetime) -> Verification:
    """Keep a paper as given out; it prints the same code, whether it was rendered before or is rendered after.

    Args:
        connection: an open transaction of the store; best the one in which the file is written, so that a paper
            that could not be written is not kept.
        report: what is on it.
        fmt: xlsx or pdf.
        by: the account that gives it out.
        at: when, timezone-aware.

    """
    found = verification_of(report)
    keep_issue(connection, _paper(report, report.subject, found, fmt=fmt, by=by, at=at))
    return found


def issue_units(connection: Connection, report: Reported, *, by: str, at: datetime) -> list[Verification]:
    """Keep the papers of a folder: a PDF per unit, or one of the whole where the report is not told by units."""
    found = verifications_of_units(report)
    if not found:
        return [issue(connection, report, Format.PDF, by=by, at=at)]
    for unit, verification in found.items():
        subject = replace(report.subject, unit=unit)
        keep_issue(connection, _paper(report, subject, verification, fmt=Format.PDF, by=by, at=at))
    return list(found.values())


def _paper(
    report: Reported, subject: Subject, found: Verification, *, fmt: Format, by: str, at: datetime
) -> IssuedPaper:
    return IssuedPaper(
        code=found.code,
        kind=subject.kind,
        title=report.title(Language.ID),
        period=subject.period,
        unit_code=subject.unit,
        as_of=report.setting.as_of,
        sha256=found.sha256,
        rows=found.rows,
        format=fmt.value,
        issued_by=by,
        issued_at=at,
    )
