"""The chain as it is stored: seals, their parts, and the one place where a new one is added."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
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
    "SealedPart",
    "add_seal",
    "all_seals",
    "find_seals",
    "last_seal",
    "leaves_of",
    "leaves_over",
    "note_retired_month",
    "parts_of",
    "parts_over",
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
    """What a seal covers of one kind of evidence.

    Attributes:
        kind: its table.
        rows: how many.
        leaves: the zlib-compressed lines that name the rows.
        arrivals: the sealer's own note of when they came; no part of the proof. None where it is not known.

    """

    kind: str
    rows: int
    leaves: bytes
    arrivals: str | None = None


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


def all_seals(connection: Connection) -> Iterator[tuple[Seal, datetime | None, bool]]:
    """Give every seal by its number; streaming.

    Each comes with the earliest instant after which later ones look, and whether the next one goes on with its span.
    """
    streaming = {"stream_results": True, "yield_per": _FETCHED_AT_ONCE}
    with connection.execute(_ALL, execution_options=streaming) as found:
        for *row, later, goes_on in found:
            yield _seal(row), later, goes_on


_ALL = text(f"""
    SELECT {_SEAL}, min(after_at) OVER (ORDER BY number DESC ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING),
           coalesce((lead(sealed_at) OVER after, lead(after_at) OVER after, lead(through_at) OVER after)
                    = (sealed_at, after_at, through_at), false)
    FROM seal WINDOW after AS (ORDER BY number) ORDER BY number
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


class SealedPart(NamedTuple):
    """What one seal covers of one kind, without its leaves; see :class:`Seal` and :class:`Part`."""

    number: int
    kind: str
    after_at: datetime
    through_at: datetime
    arrivals: str | None


def parts_over(connection: Connection, after: datetime, through: datetime) -> list[SealedPart]:
    """Give what the seals cover that looked for rows of a span, ``after`` excluded."""
    return [SealedPart(*row) for row in connection.execute(_PARTS_OVER, {"after": after, "through": through})]


_PARTS_OVER = text("""
    SELECT number, kind, after_at, through_at, arrivals FROM seal JOIN seal_part USING (number)
    WHERE through_at > :after AND after_at < :through
""")


def leaves_of(connection: Connection, kind: str, seals: Collection[int]) -> Iterator[bytes]:
    """Give the leaves of one kind in some seals."""
    found = connection.execute(_LEAVES_OF, {"kind": kind, "numbers": list(seals)}) if seals else ()
    yield from (bytes(leaves) for (leaves,) in found)


_LEAVES_OF = text("SELECT leaves FROM seal_part WHERE number = ANY(CAST(:numbers AS bigint[])) AND kind = :kind")


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
_ADD_PART = text(
    "INSERT INTO seal_part (number, kind, rows, leaves, arrivals) VALUES (:number, :kind, :rows, :leaves, :arrivals)"
)


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
