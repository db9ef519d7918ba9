"""From where on a pattern in the punches is shown for examination: the thresholds of the findings, rule by rule.

The rules are R1 to R17 of the reference (discipline §7). No law names these numbers; an agency sets them, so each is a
dated value of the policy like any other, and marked until somebody of the agency has confirmed it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import time
from typing import TypeVar

from eabsensi.law.parsing import Parameter
from eabsensi.law.reading import Entry

T = TypeVar("T")
UNIT = "threshold"


@dataclass(frozen=True, slots=True)
class FutureLimits:
    """R1: ``rows`` records of a terminal that lie after their own receipt, by more than ``future_tolerance``."""

    rows: int


@dataclass(frozen=True, slots=True)
class ClockLimits:
    """R2: ``polls`` that measured a clock wrong by more than ``clock_tolerance``, or one jump of ``jump_seconds``."""

    polls: int
    jump_seconds: int


@dataclass(frozen=True, slots=True)
class OrderLimits:
    """R3: records that begin ``backwards_seconds`` before those already read, or ``people`` within one second."""

    backwards_seconds: int
    people: int


@dataclass(frozen=True, slots=True)
class LogLimits:
    """R4: ``lost_records`` fewer on a terminal than at the reading before."""

    lost_records: int


@dataclass(frozen=True, slots=True)
class IdentityLimits:
    """R5: ``polls`` at which another terminal answered than the one that belongs there."""

    polls: int


@dataclass(frozen=True, slots=True)
class OutageLimits:
    """R6: ``days`` on which every poll from ``opens`` to ``closes`` failed, and one succeeded until ``back_by``."""

    opens: time
    closes: time
    back_by: time
    days: int


@dataclass(frozen=True, slots=True)
class VerifyLimits:
    """R7: how much is recorded without a finger or face.

    Attributes:
        days: on which a person did so, at least.
        percent: of a person's records, at least.
        card_most_percent: who uses a card for more than this has been given one and is not shown.
        unit_percent: where a unit as a whole reaches this share, the unit is shown and not its people.

    """

    days: int
    percent: int
    card_most_percent: int
    unit_percent: int


@dataclass(frozen=True, slots=True)
class CompanionLimits:
    """R8: two people ``within_seconds`` of each other on one terminal.

    Attributes:
        within_seconds: between the two records.
        days: on which this happened, at least.
        percent: of the days on which both recorded, at least.
        order_percent: of these meetings in which the same one came first, at least.

    """

    within_seconds: int
    days: int
    percent: int
    order_percent: int


@dataclass(frozen=True, slots=True)
class UsersLimits:
    """R9, in part: ``pins`` on a terminal that are enrolled to nobody."""

    pins: int


@dataclass(frozen=True, slots=True)
class TravelLimits:
    """R11: one person on terminals of two units.

    Attributes:
        minutes: between the two records, less than this.
        times: of one person, at least.
        neighbour_people: as many people between the same two terminals show that these stand side by side.

    """

    minutes: int
    times: int
    neighbour_people: int


@dataclass(frozen=True, slots=True)
class ExcusedLimits:
    """R12: days with records on leave, on official duty elsewhere, on a day off, and without a posting."""

    leave_days: int
    duty_days: int
    off_days: int
    unposted_days: int


@dataclass(frozen=True, slots=True)
class MiddayLimits:
    """R13: arrival and departure close together, and nothing at midday where the unit records then.

    Attributes:
        apart_minutes: first and last record of a day are closer than this.
        apart_days: such days, at least.
        opens, closes: what counts as midday.
        unit_percent: of a unit's days with a record at midday, before its people are looked at.
        person_percent: of a person's days with a record at midday, at most.
        days: of a person, at least.

    """

    apart_minutes: int
    apart_days: int
    opens: time
    closes: time
    unit_percent: int
    person_percent: int
    days: int


@dataclass(frozen=True, slots=True)
class RhythmLimits:
    """R14: times without any spread, and records that appear late.

    Attributes:
        days: of a person, at least.
        spread_seconds: the middle half of the arrivals, or of the departures, lies within this.
        late_minutes: a record came this long after its own time, although the log was read past it in between.
        late_rows: such records of a terminal, at least.

    """

    days: int
    spread_seconds: int
    late_minutes: int
    late_rows: int


@dataclass(frozen=True, slots=True)
class CorrectionLimits:
    """R15: corrections by paper.

    Attributes:
        times_median: as many times the city's median, at least.
        person_papers: of one employee, at least.
        filer_papers: filed by one account, at least.
        before_close_hours: what is filed so shortly before a month is closed is counted apart.
        before_close_papers: of these by one account, at least.
        own_papers: that an account files or approves for its own holder, at least.

    """

    times_median: int
    person_papers: int
    filer_papers: int
    before_close_hours: int
    before_close_papers: int
    own_papers: int


@dataclass(frozen=True, slots=True)
class MidnightLimits:
    """R16, in part: ``rows`` of a person without shifts, within ``within_seconds`` of midnight."""

    within_seconds: int
    rows: int


@dataclass(frozen=True, slots=True)
class GhostLimits:
    """R17: a PIN of nobody that records on ``days``, half of its arrivals within ``spread_minutes``."""

    days: int
    spread_minutes: int


def _limits(kind: type[T]) -> Parameter:
    """Read every field of a value: wall-clock times and whole numbers from 1 on."""
    names = [one.name for one in fields(kind)]  # type: ignore[arg-type]  # every kind below is a dataclass
    read = {one.name: _READ[str(one.type)] for one in fields(kind)}  # type: ignore[arg-type]  # as above

    def parse(entry: Entry) -> T:
        given = entry.fields(names, ())
        return kind(**{name: read[name](given[name]) for name in names})

    return Parameter(UNIT, parse)


def _count(entry: Entry) -> int:
    number = entry.whole()
    if number < 1:
        raise entry.refuse("0 would show every day of everybody.", "Use 1 or more.")
    return number


_READ: dict[str, Callable[[Entry], int | time]] = {"int": _count, "time": Entry.clock}

LOCAL_FINDINGS: dict[str, Parameter] = {
    "finding_future": _limits(FutureLimits),
    "finding_clock": _limits(ClockLimits),
    "finding_order": _limits(OrderLimits),
    "finding_log": _limits(LogLimits),
    "finding_identity": _limits(IdentityLimits),
    "finding_outage": _limits(OutageLimits),
    "finding_verify": _limits(VerifyLimits),
    "finding_companions": _limits(CompanionLimits),
    "finding_users": _limits(UsersLimits),
    "finding_travel": _limits(TravelLimits),
    "finding_excused": _limits(ExcusedLimits),
    "finding_midday": _limits(MiddayLimits),
    "finding_rhythm": _limits(RhythmLimits),
    "finding_corrections": _limits(CorrectionLimits),
    "finding_midnight": _limits(MidnightLimits),
    "finding_ghost": _limits(GhostLimits),
}
