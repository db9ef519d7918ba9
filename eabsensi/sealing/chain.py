"""How a link of the chain is made; pure. Anybody can work it out again with zlib and SHA-256.

A *leaf* is a line: 32 hexadecimal digits of the row's digest, a blank, the row's key. It names the row that was
touched. A seal's hash covers the leaves of every kind and the hash of the seal before it.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from eabsensi.store.seals import Part, Seal

__all__ = ["BEFORE_THE_FIRST", "LATE", "Leaf", "Span", "hash_of", "head_of", "leaves_in", "link"]

BEFORE_THE_FIRST: Final = bytes(32)
#: A row may become visible this long after the time that it claims: clocks differ, and transactions take their time.
#: What claims to be older than this before the end of a seal, and was not covered by then, was put in afterwards.
LATE: Final = timedelta(hours=1)
SHOWN_DIGITS: Final = 24  # 96 bits: nobody finds another chain that shows the same ones

Leaf = tuple[str, str]
Span = tuple[datetime, datetime]


def leaves_in(leaves: bytes) -> Iterator[Leaf]:
    """Read the leaves of a part: the digits of each row's digest, and its key.

    Raises:
        zlib.error: they are no leaves of ours.

    """
    for line in zlib.decompress(leaves).decode(errors="replace").split("\n")[:-1]:
        digest, _, key = line.partition(" ")
        yield digest, key


def link(previous: Seal | None, sealed_at: datetime, span: Span, parts: Sequence[Part]) -> Seal:
    """Make the next seal of the chain.

    Args:
        previous: the seal before it; None makes the first.
        sealed_at: the present instant.
        span: which rows it looked for: those that claim to have come after the first and up to the second instant.
        parts: what it covers.

    """
    number, before = (previous.number + 1, previous.sha256) if previous else (1, BEFORE_THE_FIRST)
    seal = Seal(number, sealed_at, *span, sum(part.rows for part in parts), before, b"")
    return seal._replace(sha256=hash_of(seal, parts))


def hash_of(seal: Seal, parts: Iterable[Part]) -> bytes:
    """Work out the hash of a seal from what it says and covers.

    Raises:
        zlib.error: the leaves of a part cannot be read.

    """
    lines = [
        "eabsensi seal 1",
        f"number {seal.number}",
        f"sealed {_instant(seal.sealed_at)}",
        f"after {_instant(seal.after_at)}",
        f"through {_instant(seal.through_at)}",
        f"rows {seal.rows}",
        f"previous {seal.previous.hex()}",
        *(_part_line(part) for part in sorted(parts)),
    ]
    return hashlib.sha256("\n".join(lines).encode()).digest()


def _part_line(part: Part) -> str:
    return f"{part.kind} {part.rows} {hashlib.sha256(zlib.decompress(part.leaves)).hexdigest()}"


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def head_of(seal: Seal) -> str:
    """Give a seal as it is printed: its number and 24 digits of its hash, e.g. ``812-9f3a0c1e55d27b64a1b2c3d4``."""
    return f"{seal.number}-{seal.sha256.hex()[:SHOWN_DIGITS]}"
