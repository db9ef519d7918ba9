"""One sentence of an explanation with what it rests on, and the words that all explanations share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import TypeVar

from eabsensi.law.citation import Citation
from eabsensi.law.dated import Dated, Series
from eabsensi.law.policy import Policy
from eabsensi.law.wording import Language, clock_time

T = TypeVar("T")
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Statement:
    """One sentence.

    Attributes:
        key: where the policy files say it, e.g. ``hours.5-day``; "" for what is built in.
        text: one sentence or more.
        since: first day on which it holds; None where it always does.
        until: last day; None where nothing follows.
        citation: what it rests on; None where it is built in and no article says it.

    """

    key: str
    text: str
    since: date | None = None
    until: date | None = None
    citation: Citation | None = None


@dataclass(frozen=True, slots=True)
class Topic:
    """Sentences about one thing; none where nothing of it is in force."""

    title: str
    statements: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """What an explanation is asked for.

    Attributes:
        policy: what is explained.
        on: only what is in force on this day; None means every version.
        language: of the sentences.

    """

    policy: Policy
    on: date | None
    language: Language

    def say(self, indonesian: str, english: str) -> str:
        """Choose the sentence of the language."""
        return indonesian if self.language is Language.ID else english

    def clock(self, at: time) -> str:
        """Write a wall-clock time, with seconds where it has some."""
        return clock_time(at, self.language, seconds=bool(at.second))

    def versions(self, series: Series[T]) -> Iterator[tuple[Dated[T], date | None]]:
        """Give the versions that are asked for, each with its last day."""
        for version, following in zip(series.versions, [*series.versions[1:], None], strict=True):
            until = following.from_on - _DAY if following else None
            if self.holds(version.from_on, until):
                yield version, until

    def holds(self, since: date, until: date | None) -> bool:
        """Whether something that holds during these days is asked for."""
        return self.on is None or (since <= self.on and (until is None or self.on <= until))

    def series(self, series: Series[T], text: Callable[[T], str]) -> Iterator[Statement]:
        """State each version of a value."""
        for version, until in self.versions(series):
            yield Statement(series.key, text(version.value), version.from_on, until, version.citation)


def joined(parts: list[str], last: str) -> str:
    """Join words with commas, and the last one with ``last``."""
    return f"{', '.join(parts[:-1])} {last} {parts[-1]}" if len(parts) > 1 else "".join(parts)


def hours_and_minutes(minutes: int, language: Language) -> str:
    """Write minutes as hours and minutes, e.g. ``37 h 30 min``."""
    hour, minute = ("jam", "menit") if language is Language.ID else ("h", "min")
    parts = [f"{minutes // 60} {hour}"] * bool(minutes // 60) + [f"{minutes % 60} {minute}"] * bool(minutes % 60)
    return " ".join(parts) or f"0 {minute}"
