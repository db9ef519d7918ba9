"""A head of the chain as paper shows it."""

from __future__ import annotations

import re
from datetime import datetime
from typing import NamedTuple

from eabsensi.errors import UsageError
from eabsensi.sealing.chain import head_of
from eabsensi.store.connection import Connection
from eabsensi.store.seals import Seal, find_seals, last_seal

__all__ = ["Head", "find_head", "head_at", "parse_head"]

_HEAD = re.compile(r"(?:(?P<number>[1-9]\d{0,17})-)?(?P<digits>[0-9a-f]{12,64})")


class Head(NamedTuple):
    """A seal's number, where it is known, and the first digits of its hash, 12 to 64 of them."""

    number: int | None
    digits: str

    def __str__(self) -> str:
        """Give it as it is printed."""
        return self.digits if self.number is None else f"{self.number}-{self.digits}"

    def is_of(self, seal: Seal) -> bool:
        """Tell whether a seal shows this head."""
        return self.number in (None, seal.number) and seal.sha256.hex().startswith(self.digits)


def parse_head(text: str) -> Head:
    """Read a head as a report shows it, e.g. ``812-9f3a0c1e55d27b64a1b2c3d4``, or a hash alone.

    Raises:
        UsageError: it is none.

    """
    found = _HEAD.fullmatch("".join(text.lower().split()))
    if found is None:
        raise UsageError(
            f"{text!r} is no head of the chain.",
            remedy="Write it as the report shows it: 812-9f3a0c1e55d27b64a1b2c3d4.",
        )
    return Head(int(found["number"]) if found["number"] else None, found["digits"])


def head_at(connection: Connection, at: datetime | None = None) -> str | None:
    """Give the head as it is printed: that of the last seal made by an instant; None where there is none."""
    seal = last_seal(connection, at)
    return head_of(seal) if seal else None


def find_head(connection: Connection, head: Head) -> Seal | None:
    """Give the seal that shows a head; None where the chain has none. The chain itself is not followed."""
    return next((seal for seal in find_seals(connection, head.number, head.digits) if head.is_of(seal)), None)
