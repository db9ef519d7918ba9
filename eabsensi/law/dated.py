"""A value that changes by law: each version holds from its first day until the next one starts."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import date
from typing import Generic, TypeVar

from eabsensi.law.citation import Citation

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Dated(Generic[T]):
    """One version of a value.

    Attributes:
        from_on: first day on which it holds.
        value: the value, in the unit that its table names.
        citation: what it rests on.

    """

    from_on: date
    value: T
    citation: Citation


@dataclass(frozen=True, slots=True)
class Series(Generic[T]):
    """All versions of one value, earliest first; the loader has made sure that they leave no gap.

    Attributes:
        key: the table's name.
        unit: what the value is measured in.
        versions: at least one.

    """

    key: str
    unit: str
    versions: tuple[Dated[T], ...]

    def on(self, day: date) -> Dated[T]:
        """Give the version in force on ``day``.

        Raises:
            LookupError: ``day`` is before the first version.

        """
        place = bisect_right(self.versions, day, key=lambda version: version.from_on)
        if not place:
            raise LookupError(f"{self.key} has no value on {day}; it starts on {self.versions[0].from_on}")
        return self.versions[place - 1]
