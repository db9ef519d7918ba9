"""Papers that were given out, by the verification code printed at their foot; never changed afterwards."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, text

from eabsensi.errors import EabsensiError

__all__ = ["IssueError", "IssuedPaper", "find_issue", "keep_issue"]


class IssueError(EabsensiError):
    """A verification code stands for another paper already."""


class IssuedPaper(NamedTuple):
    """A report as it left the house.

    Attributes:
        code: the verification code that the paper shows.
        kind: the report, e.g. ``monthly``.
        title: as printed.
        period: the day, month or year it is about, e.g. ``2026-03``.
        unit_code: of which unit; None for the city.
        as_of: what was known later is not in it; timezone-aware.
        sha256: hexadecimal, of what was reported (see the caller), by which a copy is compared.
        rows: how many.
        format: e.g. ``pdf``.
        issued_by: the account.
        issued_at: when, timezone-aware.

    """

    code: str
    kind: str
    title: str
    period: str
    unit_code: str | None
    as_of: datetime
    sha256: str
    rows: int
    format: str
    issued_by: str
    issued_at: datetime


def keep_issue(connection: Connection, paper: IssuedPaper) -> None:
    """Keep what was given out; the same paper given out again stays as it was first issued.

    Raises:
        IssueError: the code stands for a paper with other content.

    """
    connection.execute(
        text("""
            INSERT INTO issued_paper (code, kind, title, period, unit_code, as_of, sha256, rows, format, issued_by,
                                      issued_at)
            VALUES (:code, :kind, :title, :period, :unit_code, :as_of, :sha256, :rows, :format, :issued_by, :issued_at)
            ON CONFLICT (code) DO NOTHING
        """),
        paper._asdict(),
    )
    kept = find_issue(connection, paper.code)
    if kept is not None and kept.sha256 != paper.sha256:
        raise IssueError(
            f"Verification code {paper.code} was issued for another paper on {kept.issued_at.date()}.",
            remedy="Make the paper again under a new code.",
        )


def find_issue(connection: Connection, code: str) -> IssuedPaper | None:
    """Give the paper of a verification code as written on it; None where no such paper was given out."""
    row = connection.execute(
        text("""
            SELECT code, kind, title, period, unit_code, as_of, sha256, rows, format, issued_by, issued_at
            FROM issued_paper WHERE code = :code
        """),
        {"code": code},
    ).one_or_none()
    return None if row is None else IssuedPaper(*row)
