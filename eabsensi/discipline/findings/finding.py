"""What a finding is: which rule, about whom or what, on which days, measured against which threshold, and the evidence.

A finding says that somebody should look. It is no verdict, and nothing follows from it by itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum, StrEnum
from typing import NamedTuple

from eabsensi.law.wording import Language


class Both(NamedTuple):
    """The same in both languages."""

    id: str
    en: str

    def text(self, language: Language) -> str:
        """Give the words of a language."""
        return self.en if language is Language.EN else self.id


class Rule(StrEnum):
    """The rules of the reference (discipline §7.2), by their numbers."""

    R1 = "R1"
    R2 = "R2"
    R3 = "R3"
    R4 = "R4"
    R5 = "R5"
    R6 = "R6"
    R7 = "R7"
    R8 = "R8"
    R9 = "R9"
    R10 = "R10"
    R11 = "R11"
    R12 = "R12"
    R13 = "R13"
    R14 = "R14"
    R15 = "R15"
    R16 = "R16"
    R17 = "R17"

    @property
    def number(self) -> int:
        """The number, to sort by."""
        return int(self.value[1:])


class About(Enum):
    """What a finding is about."""

    PERSON = "person"
    DEVICE = "device"
    UNIT = "unit"
    ACCOUNT = "account"


class Subject(NamedTuple):
    """Whom or what a finding is about.

    Attributes:
        about: a person, a device, a unit or an account.
        key: NIP, serial, code of the unit, or name of the account.
        name: as printed.
        unit: code of the unit where it is shown; None where there is none.

    """

    about: About
    key: str
    name: str
    unit: str | None


class Evidence(NamedTuple):
    """One row that the finding rests on.

    Attributes:
        at: when; a wall-clock time as the terminal recorded it, or a date.
        serial: on which terminal; ``""`` where it is about none.
        what: what stands there.

    """

    at: datetime | date
    serial: str
    what: Both


@dataclass(frozen=True, slots=True)
class Finding:
    """A pattern that deserves a person's look.

    Attributes:
        rule: which.
        subject: whom or what it is about.
        dates: the days concerned, rising.
        measured: what was measured.
        limit: the threshold that it is held against.
        sentence: what was seen, in one sentence that accuses nobody.
        evidence: the rows, in the order of time.

    """

    rule: Rule
    subject: Subject
    dates: tuple[date, ...]
    measured: Both
    limit: Both
    sentence: Both
    evidence: tuple[Evidence, ...]

    @property
    def order(self) -> tuple[int, str, str, str]:
        """Sort by rule, unit and subject."""
        return (self.rule.number, self.subject.unit or "", self.subject.name, self.subject.key)


def many(count: int, word: str) -> str:
    """Count in English, e.g. ``1 record`` and ``2 records``."""
    return f"{count} {word}" if count == 1 else f"{count} {word}s"


def dates_of(evidence: tuple[Evidence, ...]) -> tuple[date, ...]:
    """Give the days of some rows, rising, each once."""
    return tuple(sorted({row.at.date() if isinstance(row.at, datetime) else row.at for row in evidence}))
