"""Gatherings with a window of their own: the morning apel, a ceremony. Announced, and perhaps called off."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import Connection, text

from eabsensi.errors import EabsensiError
from eabsensi.store.dirty import mark_units
from eabsensi.store.people import load_units, units_below

__all__ = [
    "Ceremony",
    "CeremonyError",
    "CeremonyRow",
    "add_ceremony",
    "cancel_ceremony",
    "ceremonies_between",
    "list_ceremonies",
]


class CeremonyError(EabsensiError):
    """The gathering cannot be added or cancelled."""


class Ceremony(NamedTuple):
    """A gathering; ``unit_code`` None obliges everybody, else the unit and those below it.

    Attributes:
        id: 0 for one that is not stored yet.
        kind: ``apel`` or ``upacara``.
        on_date: the date.
        opens_at: from when a punch shows attendance, timezone-aware.
        closes_at: until when.
        name: as announced.
        unit_code: whom it obliges.
        basis: the letter that orders it.

    """

    id: int
    kind: str
    on_date: date
    opens_at: datetime
    closes_at: datetime
    name: str
    unit_code: str | None = None
    basis: str = ""


class CeremonyRow(NamedTuple):
    """A gathering for people; instants are timezone-aware."""

    id: int
    kind: str
    date: date
    opens_at: datetime
    closes_at: datetime
    name: str
    unit: str | None
    basis: str
    filed_by: str
    filed_at: datetime
    cancelled_at: datetime | None
    cancelled_by: str | None


def add_ceremony(connection: Connection, ceremony: Ceremony, *, by: str, at: datetime) -> int:
    """Announce a gathering and give its id; the day of those that it obliges is judged again.

    Raises:
        CeremonyError: it closes before it opens, there is no such unit, or the same is announced already.

    """
    if ceremony.closes_at <= ceremony.opens_at:
        raise CeremonyError("The gathering would close before it opens.", remedy="Give the later time second.")
    connection.execute(text("LOCK TABLE ceremony IN SHARE ROW EXCLUSIVE MODE"))
    wanted = ceremony._asdict() | {"by": by, "at": at}
    twin = connection.execute(_TWIN, wanted).scalar()
    if twin is not None:
        raise CeremonyError(
            f"Gathering {twin} is the same kind, for the same people, at that time on {ceremony.on_date}.",
            remedy=f"If its name or window is wrong, run `eabsensi ceremony cancel {twin}` first.",
        )
    _touch(connection, ceremony.unit_code, ceremony.on_date, f"{ceremony.kind} announced")
    return int(connection.execute(_ADD, wanted).scalar_one())


_TWIN = text("""
    SELECT id FROM ceremony
    WHERE kind = :kind AND on_date = :on_date AND unit_code IS NOT DISTINCT FROM CAST(:unit_code AS text)
      AND opens_at < :closes_at AND closes_at > :opens_at AND cancelled_at IS NULL
    ORDER BY id LIMIT 1
""")
_ADD = text("""
    INSERT INTO ceremony (kind, on_date, opens_at, closes_at, name, unit_code, basis, filed_by, filed_at)
    VALUES (:kind, :on_date, :opens_at, :closes_at, :name, :unit_code, :basis, :by, :at) RETURNING id
""")


def cancel_ceremony(connection: Connection, ceremony_id: int, *, by: str, at: datetime) -> CeremonyRow:
    """Call a gathering off; it stays readable, and the day is judged again without it.

    Raises:
        CeremonyError: there is no such gathering, or it is cancelled already.

    """
    row = connection.execute(
        text("SELECT * FROM ceremony WHERE id = :id FOR UPDATE"), {"id": ceremony_id}
    ).one_or_none()
    if row is None:
        raise CeremonyError(f"There is no gathering {ceremony_id}.", remedy="`eabsensi ceremony list` shows them.")
    if row.cancelled_at is not None:
        raise CeremonyError(f"Gathering {ceremony_id} was cancelled already, by {row.cancelled_by}.")
    connection.execute(
        text("UPDATE ceremony SET cancelled_at = :at, cancelled_by = :by WHERE id = :id"),
        {"id": ceremony_id, "at": at, "by": by},
    )
    _touch(connection, row.unit_code, row.on_date, f"{row.kind} cancelled")
    return next(item for item in list_ceremonies(connection) if item.id == ceremony_id)


def _touch(connection: Connection, unit_code: str | None, on_date: date, cause: str) -> None:
    """Have the date judged again for everybody whom the gathering obliges."""
    codes = list(load_units(connection)) if unit_code is None else units_below(connection, unit_code)
    if not codes and unit_code is not None:
        raise CeremonyError(f"There is no unit {unit_code}.", remedy="`eabsensi unit list` shows them.")
    mark_units(connection, codes, on_date, on_date, cause)


def ceremonies_between(connection: Connection, first: date, last: date, as_of: datetime) -> list[Ceremony]:
    """Give the gatherings of these dates that were announced and not cancelled at an instant, by opening.

    Args:
        connection: in a transaction.
        first: the first date.
        last: the last date, inclusive.
        as_of: what was announced or cancelled later is not seen.

    """
    rows = connection.execute(
        text("""
            SELECT id, kind, on_date, opens_at, closes_at, name, unit_code, basis FROM ceremony
            WHERE on_date BETWEEN :first AND :last AND filed_at <= :as_of
              AND (cancelled_at IS NULL OR cancelled_at > :as_of)
            ORDER BY opens_at, id
        """),
        {"first": first, "last": last, "as_of": as_of},
    )
    return [Ceremony(*row) for row in rows]


def list_ceremonies(
    connection: Connection,
    *,
    units: Sequence[str] | None = None,
    first: date | None = None,
    last: date | None = None,
) -> list[CeremonyRow]:
    """Give gatherings by opening, cancelled ones too; only those of these units, where they are named."""
    rows = connection.execute(
        text("""
            SELECT id, kind, on_date, opens_at, closes_at, name, unit_code, basis, filed_by, filed_at, cancelled_at,
                   cancelled_by
            FROM ceremony
            WHERE (CAST(:first AS date) IS NULL OR on_date >= :first)
              AND (CAST(:last AS date) IS NULL OR on_date <= :last)
              AND (CAST(:units AS text[]) IS NULL OR unit_code IS NULL OR unit_code = ANY(CAST(:units AS text[])))
            ORDER BY opens_at, id
        """),
        {"units": None if units is None else list(units), "first": first, "last": last},
    )
    return [CeremonyRow(*row) for row in rows]
