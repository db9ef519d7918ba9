"""What an import did, in numbers, and how it tells that it is still at work."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import TypeVar

T = TypeVar("T")
RowsRead = Callable[[int], None]
ROWS_PER_CALL = 500


@dataclass(frozen=True, slots=True)
class ImportCounts:
    """How many things an import made, changed, left as they were, and how many rows it refused.

    Attributes:
        created: new ones.
        updated: known ones that the file changed.
        unchanged: known ones that the file repeats.
        failed: rows that were refused; each has its problem.
        doubtful: rows that were taken although they are likely to be wrong; each has its problem.

    """

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    failed: int = 0
    doubtful: int = 0

    def as_dict(self) -> dict[str, int]:
        """Give the numbers by name, for programs."""
        return asdict(self)


def no_progress(_rows: int) -> None:
    """Tell nobody."""


def counting(rows: Iterable[T], rows_read: RowsRead) -> Iterator[T]:
    """Pass rows on, and tell how many have been read, now and then and at the end."""
    number = 0
    for number, row in enumerate(rows, start=1):
        if number % ROWS_PER_CALL == 0:
            rows_read(number)
        yield row
    rows_read(number)
