"""The chain as it is stored: seals, their parts, and the one place where a new one is added."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError

from eabsensi.errors import EabsensiError

__all__ = [
    "Part",
    "RetiredMonth",
    "Seal",
    "SealedMeanwhileError",
    "add_seal",
    "all_seals",
    "find_seals",
    "last_seal",
    "leaves_over",
    "note_retired_month",
    "parts_of",
    "reached_by",
    "retired_months",
    "sealed_in",
]

_FETCHED_AT_ONCE: Final = 1_000


class SealedMeanwhileError(EabsensiError):
    """Somebody else has added a seal at the same moment; nothing was added."""


class Seal(NamedTuple):
    """One link of the chain.

    Attributes:
        number: 1, 2, 3, …
        sealed_at: when it was made.
        after_at: it looked for rows that claim to have come after this instant …
        through_at: … and up to this one.
        rows: how many it covers: those of them that no earlier seal has covered.
        previous: the hash of the seal before it, 32 bytes.
        sha256: its own hash, 32 bytes.

    """

    number: int
    sealed_at: datetime
    after_at: datetime
    through_at: datetime
    rows: int
    previous: bytes
    sha256: bytes


class Part(NamedTuple):
    """What a seal covers of one kind of evidence; ``leaves`` are the zlib-compressed lines that name the rows."""

    kind: str
    rows: int
    leaves: bytes


_SEAL = ", ".join(Seal._fields)


def last_seal(connection: Connection, by: datetime | None = None) -> Seal | None:
    """Give the newest seal, or the newest one made by an instant; None where there is none."""
    row = connection.execute(_LAST).first() if by is None else connection.execute(_LAST_BY, {"by": by}).first()
    return _seal(row) if row else None


_LAST = text(f"SELECT {_SEAL} FROM seal ORDER BY number DESC LIMIT 1")  # noqa: S608  made of constants
_LAST_BY = text(f"SELECT {_SEAL} FROM seal WHERE sealed_at <= :by ORDER BY number DESC LIMIT 1")  # noqa: S608  constants


def reached_by(connection: Connection, until: datetime) -> datetime | None:
    """Give up to when rows have been looked for by seals that do not reach past an instant; None without any seal.

    Where all of them reach past it, as after a clock that was ahead, that is where the first one began.
    """
    found: datetime | None = connection.execute(_REACHED, {"until": until}).scalar_one()
    return found


_REACHED = text("""
    SELECT coalesce((SELECT through_at FROM seal WHERE through_at <= :until ORDER BY number DESC LIMIT 1),
                    (SELECT after_at FROM seal ORDER BY number LIMIT 1))
""")


def find_seals(connection: Connection, number: int | None, digits: str) -> Iterator[Seal]:
    """Give the seals with a number, or whose hash begins with some hexadecimal digits; the latter reads them all."""
    for row in connection.execute(_FIND, {"number": number, "digits": f"{digits}%"}):
        yield _seal(row)


_FIND = text(f"""
    SELECT {_SEAL} FROM seal
    WHERE number = coalesce(CAST(:number AS bigint), number) AND encode(sha256, 'hex') LIKE :digits ORDER BY number
""")  # noqa: S608  made of constants


def all_seals(connection: Connection) -> Iterator[tuple[Seal, datetime | None]]:
    """Give every seal by its number, each with the earliest instant after which later ones look; streaming."""
    streaming = {"stream_results": True, "yield_per": _FETCHED_AT_ONCE}
    with connection.execute(_ALL, execution_options=streaming) as found:
        for *row, later in found:
            yield _seal(row), later


_ALL = text(f"""
    SELECT {_SEAL}, min(after_at) OVER (ORDER BY number DESC ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
    FROM seal ORDER BY number
""")  # noqa: S608  made of constants


def _seal(row: Sequence[Any]) -> Seal:
    seal = Seal(*row)
    return seal._replace(previous=bytes(seal.previous), sha256=bytes(seal.sha256))


def parts_of(connection: Connection, first: int, last: int) -> dict[int, list[Part]]:
    """Give what some seals cover, by number; both ends included."""
    parts: dict[int, list[Part]] = {}
    for number, kind, rows, leaves in connection.execute(_PARTS, {"first": first, "last": last}):
        parts.setdefault(number, []).append(Part(kind, rows, bytes(leaves)))
    return parts


_PARTS = text("SELECT number, kind, rows, leaves FROM seal_part WHERE number BETWEEN :first AND :last")


def leaves_over(
    connection: Connection,
    kind: str,
    after: datetime | None,
    through: datetime | None = None,
    before: int | None = None,
) -> Iterator[bytes]:
    """Give the leaves of one kind in the seals that looked for rows of a span, as far as their numbers are lower.

    Args:
        connection: in a transaction.
        kind: of evidence.
        after: the beginning of the span, excluded; None for that of time.
        through: its end; None for that of time.
        before: only seals numbered below; None for all.

    """
    asked = {"kind": kind, "after": after, "through": through, "before": before}
    yield from (bytes(leaves) for leaves in connection.execute(_LEAVES, asked).scalars())


_LEAVES = text("""
    SELECT leaves FROM seal JOIN seal_part USING (number)
    WHERE kind = :kind AND through_at > coalesce(CAST(:after AS timestamptz), '-infinity')
      AND after_at < coalesce(CAST(:through AS timestamptz), 'infinity')
      AND number < coalesce(CAST(:before AS bigint), number + 1)
""")


def sealed_in(connection: Connection, kind: str) -> Iterator[tuple[int, bytes]]:
    """Give the numbers of the seals that cover rows of one kind, with their leaves; streaming."""
    streaming = {"stream_results": True, "yield_per": _FETCHED_AT_ONCE}
    with connection.execute(_SEALED_IN, {"kind": kind}, execution_options=streaming) as found:
        for number, leaves in found:
            yield number, bytes(leaves)


_SEALED_IN = text("SELECT number, leaves FROM seal_part WHERE kind = :kind ORDER BY number")


def add_seal(connection: Connection, seal: Seal, parts: Sequence[Part]) -> None:
    """Add a seal.

    Raises:
        SealedMeanwhileError: there is one with its number; the transaction is then broken.

    """
    try:
        connection.execute(_ADD, seal._asdict())
    except IntegrityError as error:
        raise SealedMeanwhileError(f"Seal {seal.number} was made by somebody else.") from error
    for part in parts:
        connection.execute(_ADD_PART, part._asdict() | {"number": seal.number})


_ADD = text(f"INSERT INTO seal ({_SEAL}) VALUES ({', '.join(f':{name}' for name in Seal._fields)})")  # noqa: S608  constants
_ADD_PART = text("INSERT INTO seal_part (number, kind, rows, leaves) VALUES (:number, :kind, :rows, :leaves)")


class RetiredMonth(NamedTuple):
    """A month of punches that was removed as the rules of retention have it; ``month`` is its first day."""

    month: date
    rows: int
    at: datetime
    by: str
    reason: str


_RETIRED = ", ".join(RetiredMonth._fields)


def note_retired_month(connection: Connection, retired: RetiredMonth) -> None:
    """Keep that a month's punches are removed, in the transaction that removes all of them."""
    connection.execute(_RETIRE, retired._asdict())


_RETIRE = text(
    f"INSERT INTO retired_month ({_RETIRED}) VALUES ({', '.join(f':{name}' for name in RetiredMonth._fields)})"  # noqa: S608  constants
)


def retired_months(connection: Connection) -> list[RetiredMonth]:
    """Give the months whose punches were removed on purpose, the oldest first."""
    query = text(f"SELECT {_RETIRED} FROM retired_month ORDER BY month")  # noqa: S608  made of constants
    return [RetiredMonth(*row) for row in connection.execute(query)]
