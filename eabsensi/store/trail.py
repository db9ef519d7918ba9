"""The trail: who saw and did what, and when. The application may add to it and read it, nothing else."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, text

__all__ = ["NewTrailRow", "TrailFilter", "TrailRow", "add_trail_row", "list_trail"]


class NewTrailRow(NamedTuple):
    """One thing that was done; ``role`` None where no viewer is known."""

    at: datetime
    account: str
    role: str | None
    action: str
    unit: str | None
    nip: str | None
    subject: str
    address: str
    detail: Mapping[str, object] | None


class TrailRow(NamedTuple):
    """One thing that was done, as kept."""

    id: int
    at: datetime
    account: str
    role: str | None
    action: str
    unit: str | None
    nip: str | None
    subject: str
    address: str
    detail: dict[str, Any] | None


def add_trail_row(connection: Connection, row: NewTrailRow) -> None:
    """Keep one row."""
    detail = None if row.detail is None else json.dumps(dict(row.detail), ensure_ascii=False)
    connection.execute(
        text("""
            INSERT INTO trail (at, account, role, action, unit_code, nip, subject, address, detail)
            VALUES (:at, :account, :role, :action, :unit, :nip, :subject, :address, CAST(:detail AS jsonb))
        """),
        row._asdict() | {"detail": detail},
    )


class TrailFilter(NamedTuple):
    """Which rows are wanted; None asks for no particular one.

    Attributes:
        account: only what this account did.
        nip: only what is about this person.
        action: only this.
        since: at this instant or later.
        until: before this instant.

    """

    account: str | None = None
    nip: str | None = None
    action: str | None = None
    since: datetime | None = None
    until: datetime | None = None


def list_trail(
    connection: Connection, wanted: TrailFilter, *, before_id: int | None = None, limit: int = 100
) -> list[TrailRow]:
    """Give the newest of the rows that are wanted first; only older ones than ``before_id``, where it is given."""
    rows = connection.execute(
        text("""
            SELECT id, at, account, role, action, unit_code, nip, subject, address, detail FROM trail
            WHERE (CAST(:before_id AS bigint) IS NULL OR id < :before_id)
              AND (CAST(:account AS text) IS NULL OR account = :account)
              AND (CAST(:nip AS text) IS NULL OR nip = :nip)
              AND (CAST(:action AS text) IS NULL OR action = :action)
              AND (CAST(:since AS timestamptz) IS NULL OR at >= :since)
              AND (CAST(:until AS timestamptz) IS NULL OR at < :until)
            ORDER BY id DESC LIMIT :limit
        """),
        wanted._asdict() | {"before_id": before_id, "limit": limit},
    )
    return [TrailRow(*row) for row in rows]
