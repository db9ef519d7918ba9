"""The first place that was touched, and the sentence that says so."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from eabsensi.sealing.chain import head_of
from eabsensi.sealing.heads import Head
from eabsensi.store.seals import Seal

What = Literal["changed", "removed", "inserted", "rewritten"]

CHAIN: Final = "seal"


@dataclass(frozen=True, slots=True)
class Broken:
    """The first place that was touched.

    Attributes:
        kind: the table; ``seal`` where the chain itself was touched.
        key: names and values by which the row is known.
        what: ``changed``, ``removed``, ``inserted``, or ``rewritten`` for the chain.
        seal: the number of the seal that shows it, or None.
        sealed_at: when that seal was made, or None.
        at: when the row claims to have come; None where that is not known.
        why: what is wrong with it, as the end of a sentence that begins with the row.

    """

    kind: str
    key: dict[str, object]
    what: What
    seal: int | None
    sealed_at: datetime | None
    at: datetime | None
    why: str

    @property
    def sentence(self) -> str:
        """Name the row and what became of it."""
        named = ", ".join(f"{name} {value}" for name, value in self.key.items())
        return f"{self.what.capitalize()}: {self.kind} ({named}) {self.why}."


class BrokenError(Exception):
    """Ends a walk along the chain."""

    def __init__(self, broken: Broken) -> None:
        super().__init__(broken.why)
        self.broken = broken


def of_row(kind: str, key: dict[str, object], what: What, seal: Seal | None, at: datetime | None, why: str) -> Broken:  # noqa: PLR0917  a row is these, and a sentence
    """Say what became of a row; ``{seal}`` in the sentence becomes the seal and when it was made."""
    number, sealed_at = (seal.number, seal.sealed_at) if seal else (None, None)
    return Broken(kind, key, what, number, sealed_at, at, why.format(seal=told(seal) if seal else "no seal"))


def told(seal: Seal) -> str:
    """Name a seal and when it was made."""
    return f"seal {seal.number} of {moment(seal.sealed_at)}"


def moment(at: datetime) -> str:
    """Give an instant, which is UTC, as people read it."""
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"


def missing_seal(number: int, following: Seal) -> Broken:
    """Say that seals are missing within the chain."""
    why = f"is missing; the next one is {told(following)}"
    return Broken(CHAIN, {"number": number}, "removed", number, None, None, why)


def rewritten(seal: Seal, why: str) -> Broken:
    """Say that a seal is not what it was."""
    return Broken(CHAIN, {"number": seal.number}, "rewritten", seal.number, seal.sealed_at, None, why)


def missing_head(head: Head, last: Seal | None, numbered: Seal | None) -> Broken:
    """Say that a head on paper is not the chain's.

    Args:
        head: as on paper.
        last: the chain's last seal; None where there is none.
        numbered: the seal that has the number of the head, or None.

    """
    if numbered is not None:
        why = f"made on {moment(numbered.sealed_at)} shows {head_of(numbered)}, but paper shows {head}: the chain was"
        return rewritten(numbered, f"{why} written anew up to there or from before it")
    ends = f"the chain ends with {told(last)}" if last else "there is no chain"
    if head.number is None:
        why = f"is shown by no seal: {ends}, and it was written anew or cut off since the paper"
        return Broken(CHAIN, {"head": head.digits}, "rewritten", None, None, None, why)
    why = f"was printed as {head}, but {ends}: what came after was cut off"
    return Broken(CHAIN, {"number": head.number}, "removed", head.number, None, None, why)
