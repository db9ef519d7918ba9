"""How many rows came in each ten seconds, as the seals tell it: so that what is sealed need not be read again; pure.

Each part of a seal has a note beside it, for the sealer alone: no hash covers it, and nothing is proved by it. A row of
evidence is never removed while it is young, so where as many rows are there as seals have covered, all of them are
sealed. Only where the numbers differ are rows read, whoever commits them however late.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

from eabsensi.sealing.chain import LATE, Span
from eabsensi.store.seals import SealedPart

__all__ = ["STEP", "Differing", "differing", "note_of", "step_of", "whole_steps"]

#: A step is later than its first instant and ends with its last; steps are numbered from 2000 on.
STEP: Final = timedelta(seconds=10)
_FIRST: Final = datetime(2000, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
#: A note tells of this long before the end of its seal: twice what an everyday turn looks back.
_TOLD: Final = 2 * LATE


def step_of(at: datetime) -> int:
    """Give the number of the step in which an instant lies."""
    return (at - _MICROSECOND - _FIRST) // STEP


def _begin_of(step: int) -> datetime:
    return _FIRST + step * STEP


def whole_steps(at: datetime) -> datetime:
    """Give the last instant up to this one at which a step begins."""
    return _begin_of((at - _FIRST) // STEP)


def note_of(arrived: Iterable[datetime], span: Span) -> str:
    """Write down how many rows of a part came in each step, e.g. ``84936240 355:3 360:1``.

    The first number is the step from which on all are told; the others are counted from there.

    Args:
        arrived: when each row claims to have come.
        span: which rows the seal looked for.

    """
    first = step_of(whole_steps(max(span[0], span[1] - _TOLD)) + STEP)
    counts = Counter(step_of(at) for at in arrived if at > _begin_of(first))
    return " ".join([str(first), *(f"{step - first}:{rows}" for step, rows in sorted(counts.items()))])


class Differing(NamedTuple):
    """A span in which rows may be that no seal has covered, and the seals that cover others of it."""

    span: Span
    seals: frozenset[int]


def differing(present: Mapping[int, int], sealed: Iterable[SealedPart], through: datetime) -> Iterator[Differing]:
    """Give where rows of one kind may be unsealed, in the order of time.

    Args:
        present: step to rows that are there; steps without any may be missing.
        sealed: what covers rows of this kind.
        through: no row after this instant was counted.

    """
    notes = _Notes(sealed)
    run: list[int] = []
    seals: set[int] = set()
    for step in sorted(present):
        found = notes.seals_in(step) if notes.may_differ(step, present[step]) else None
        if found is None:
            yield from _ended(run, seals, through)
            run, seals = [], set()
        else:
            run.append(step)
            seals |= found
    yield from _ended(run, seals, through)


def _ended(run: list[int], seals: set[int], through: datetime) -> Iterator[Differing]:
    if run:
        yield Differing((_begin_of(run[0]), min(_begin_of(run[-1] + 1), through)), frozenset(seals))


class _Notes:
    """What the notes of some parts say together, and where one of them says nothing."""

    def __init__(self, sealed: Iterable[SealedPart]) -> None:
        self._rows: Counter[int] = Counter()
        self._seals: dict[int, set[int]] = {}
        self._silent: list[tuple[int, int, int]] = []
        for part in sealed:
            self._take(part)

    def _take(self, part: SealedPart) -> None:
        first, counts = _read(part.arrivals)
        last = step_of(part.through_at)
        self._silent.append(
            ((part.after_at - _FIRST) // STEP, last if first is None else min(first - 1, last), part.number)
        )
        for step, rows in counts.items():
            self._rows[step] += rows
            self._seals.setdefault(step, set()).add(part.number)

    def _silent_in(self, step: int) -> set[int]:
        return {number for low, high, number in self._silent if low <= step <= high}

    def may_differ(self, step: int, rows: int) -> bool:
        return rows != self._rows[step] or bool(self._silent_in(step))

    def seals_in(self, step: int) -> set[int]:
        return self._seals.get(step, set()) | self._silent_in(step)


def _read(note: str | None) -> tuple[int | None, dict[int, int]]:
    """Read a note; one that is not there, or none of ours, tells nothing."""
    try:
        first, *told = (note or "").split(" ")
        pairs = (one.split(":") for one in told)
        return int(first), {int(first) + int(step): int(rows) for step, rows in pairs}
    except ValueError:
        return None, {}
