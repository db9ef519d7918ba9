"""What a judged day is to punctuality: on time, late, or not to be told yet; and the star of one that is still open."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from eabsensi.discipline.verdict import Status


class Shown(Protocol):
    """A judged day as a report shows it."""

    @property
    def status(self) -> Status:
        """Present, absent, excused, off or undetermined."""

    @property
    def codes(self) -> tuple[str, ...]:
        """The printed ones."""

    @property
    def in_at(self) -> datetime | None:
        """The arrival."""

    @property
    def complete(self) -> bool:
        """Nothing unread can change it."""

    @property
    def document(self) -> str | None:
        """The paper that decided."""


def star(status: Status, *, complete: bool) -> str:
    """Give what follows the codes of a day that is present by what is known while the day is still open."""
    return "*" if status is Status.PRESENT and not complete else ""


def late(day: Shown) -> bool:
    """Whether the day carries a late code."""
    return any(code.startswith("TL") for code in day.codes)


def arrival_unknown(day: Shown) -> bool:
    """Whether a person was present, but it is not known yet when the person came; no paper answers for it.

    The database says the same in ``eabsensi/store/arrivals.py``.
    """
    unseen = day.in_at is None and day.document is None and not day.complete
    return day.status is Status.PRESENT and unseen and not late(day)


def standing(day: Shown) -> str:
    """Give ``on_time`` or ``late`` where present, else the status; an arrival not known yet is ``undetermined``."""
    if day.status is not Status.PRESENT:
        return day.status.value
    if late(day):
        return "late"
    return Status.UNDETERMINED.value if arrival_unknown(day) else "on_time"
