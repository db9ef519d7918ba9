"""The result of judging one person's day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from eabsensi.discipline.facts import EventFact
from eabsensi.discipline.reasons import Reason
from eabsensi.discipline.workday import Workday
from eabsensi.law.citation import Citation


class Status(StrEnum):
    """What a day was. ``excused`` needs a document."""

    PRESENT = "present"
    ABSENT = "absent"
    EXCUSED = "excused"
    OFF = "off"
    UNDETERMINED = "undetermined"


PRESENT_CODE = "H"
ABSENT_CODE = "TK"
UNDETERMINED_CODE = "?"


class ApelOutcome(StrEnum):
    """Whether a gathering was attended; undecided while its window has not been read on every device."""

    ATTENDED = "attended"
    MISSED = "missed"
    UNDECIDED = "undecided"


APEL_MISSED_CODE = "TA"


@dataclass(frozen=True, slots=True)
class ApelResult:
    """One gathering that obliged the person. Never an absence from work, never lateness.

    Attributes:
        event: what it was.
        outcome: attended, missed or undecided.
        at: the punch that shows it, as recorded, in the unit's zone.

    """

    event: EventFact
    outcome: ApelOutcome
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """One employee-day, judged.

    Attributes:
        status: present, absent, excused, off or undetermined.
        codes: the printed codes; ``H`` only where nothing else is due.
        in_at: arrival as recorded, in the unit's zone.
        out_at: departure as recorded, in the unit's zone.
        late_minutes: after the start; 0 where the arrival is missing.
        early_minutes: before the end; 0 where the departure is missing or the day still open.
        complete: nothing that is still unread can change it.
        workday: what the day obliged to.
        reasons: why, most important first.
        citations: the law it rests on.
        document: code and number of the paper that decided, e.g. ``DL 090/12/2026``.
        apel: the gatherings that obliged the person, earliest first.
        absent_days: whole days that count as absence.
        deficit_minutes: working minutes due and not given (kekurangan jam kerja); another figure than leaving early.

    """

    status: Status
    codes: tuple[str, ...]
    in_at: datetime | None
    out_at: datetime | None
    late_minutes: int
    early_minutes: int
    complete: bool
    workday: Workday
    reasons: tuple[Reason, ...]
    citations: tuple[Citation, ...]
    document: str | None = None
    apel: tuple[ApelResult, ...] = ()
    absent_days: int = 0
    deficit_minutes: int = 0
