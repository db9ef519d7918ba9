"""The two kinds of trouble: problems are values, expected failures are exceptions.

A *problem* is one bad row, record or value among good ones: it is collected, shown with its place, and the good
ones go on. An *expected failure* is an :class:`EabsensiError`: it ends the one thing that was asked for, and the
command line turns it into a sentence and an exit code. Anything else is a bug and is left to crash loudly.
"""

from __future__ import annotations

from dataclasses import dataclass


class EabsensiError(Exception):
    """Something that was asked for could not be done.

    The message says what is wrong and where; ``remedy`` says what to do about it. The class docstring's first line
    is the message where none is given.
    """

    exit_code: int = 1

    def __init__(self, message: str | None = None, *, remedy: str = "") -> None:
        super().__init__(message or (type(self).__doc__ or "").strip().splitlines()[0])
        self.remedy = remedy

    def __str__(self) -> str:
        """Give the message, followed by what to do."""
        return f"{self.args[0]} {self.remedy}".strip()


class SettingsError(EabsensiError):
    """A setting is missing or cannot be used."""


class UsageError(EabsensiError):
    """The command was given values that do not go together."""

    exit_code = 2


@dataclass(frozen=True, slots=True)
class Problem:
    """One bad row, key or record among good ones.

    Attributes:
        where: the place, most general first, e.g. ``staff.csv line 12 column nip``.
        what: one sentence that says what is wrong.
        remedy: one sentence that says what to do, or ``""``.

    """

    where: str
    what: str
    remedy: str = ""

    def __str__(self) -> str:
        """Give the sentence that a person reads."""
        return f"{self.where}: {self.what} {self.remedy}".strip()
