"""Look a printed head up, cheaply enough for anybody to ask: the seal that shows it, and whether the chain holds there.

No row of evidence is compared, and the chain is not followed from its first seal; :mod:`.verifying` does both. Looked
at are one seal with what it covers, the one before it and the one after it.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from eabsensi.errors import UsageError
from eabsensi.sealing.chain import BEFORE_THE_FIRST, hash_of, head_of
from eabsensi.sealing.heads import Head
from eabsensi.store.connection import Connection
from eabsensi.store.seals import Part, Seal, find_seals, last_seal, parts_of

__all__ = ["Lookup", "look_up"]

#: The hash of a seal that covers more is not worked out again: that takes longer than a stranger may ask for.
MOST_ROWS: Final = 100_000


@dataclass(frozen=True, slots=True)
class Lookup:
    """What a head on paper is here.

    Attributes:
        asked: the head.
        seal: the seal that shows it; None where none does.
        rows: how many rows of each kind of evidence that seal covers; the kind is its table's name.
        whole: the seal has the hash of what it says and covers, goes on from the one before it, and is followed by the
            one after it.
        counted: that hash was worked out again; not so for a seal of very many rows.
        is_other: there is a seal of this number, and it shows another head.
        last: number of the last seal; None where there is none.

    """

    asked: Head
    seal: Seal | None
    rows: Mapping[str, int]
    whole: bool
    counted: bool
    is_other: bool
    last: int | None

    @property
    def head(self) -> str:
        """The head as it is printed."""
        return head_of(self.seal) if self.seal else str(self.asked)

    @property
    def is_last(self) -> bool:
        """Whether no seal follows yet."""
        return self.seal is not None and self.seal.number == self.last


def look_up(connection: Connection, head: Head) -> Lookup:
    """Look up a head with its number, in a transaction.

    Raises:
        UsageError: it has no number; a hash alone is looked for in every seal.

    """
    if head.number is None:
        raise UsageError("The head has no number.", remedy="Write it as it is printed: 812-9f3a0c1e55d27b64a1b2c3d4.")
    last = last_seal(connection)
    numbered = _numbered(connection, head.number)
    seal = numbered if numbered and head.is_of(numbered) else None
    parts = parts_of(connection, seal.number, seal.number).get(seal.number, []) if seal else []
    counted = seal is not None and seal.rows <= MOST_ROWS
    return Lookup(
        asked=head,
        seal=seal,
        rows={part.kind: part.rows for part in parts},
        whole=seal is not None and _is_linked(connection, seal, last) and (not counted or _has_its_hash(seal, parts)),
        counted=counted,
        is_other=numbered is not None and seal is None,
        last=last.number if last else None,
    )


def _numbered(connection: Connection, number: int) -> Seal | None:
    return next(find_seals(connection, number, ""), None)


def _is_linked(connection: Connection, seal: Seal, last: Seal | None) -> bool:
    """Whether the seals before and after name each other; the last one has none after it."""
    before = _numbered(connection, seal.number - 1)
    goes_on = seal.previous == (before.sha256 if before else BEFORE_THE_FIRST if seal.number == 1 else None)
    after = _numbered(connection, seal.number + 1)
    is_followed = after.previous == seal.sha256 if after else last is not None and last.number == seal.number
    return goes_on and is_followed


def _has_its_hash(seal: Seal, parts: list[Part]) -> bool:
    try:
        return hash_of(seal, parts) == seal.sha256
    except zlib.error:
        return False
