"""Punches whose time cannot be taken at its word: from the future, or from a device whose clock was wrong.

Nothing corrects a time silently. The day is read twice, as recorded and shifted by the measured offset; where both
readings agree the verdict stands, else a person has to decide.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from eabsensi.discipline.facts import PunchFact
from eabsensi.discipline.matching import Touch
from eabsensi.discipline.rules import AttendanceRules


@dataclass(frozen=True, slots=True)
class Readings:
    """The punches read both ways.

    Attributes:
        recorded: touches at the recorded times.
        shifted: touches at the times that the measured offsets give; the same where every clock was right.
        impossible: punches set aside because they lie in the future of their own receipt.

    """

    recorded: tuple[Touch, ...]
    shifted: tuple[Touch, ...]
    impossible: tuple[PunchFact, ...]

    @property
    def both(self) -> tuple[tuple[Touch, ...], tuple[Touch, ...]]:
        """The two readings, the recorded one first."""
        return self.recorded, self.shifted


def clock_wrong(punch: PunchFact, rules: AttendanceRules) -> bool:
    """Whether the device's clock was wrong beyond the tolerance when the punch was read."""
    return abs(punch.clock_offset_seconds or 0.0) > rules.clock_tolerance_seconds


def true_time(punch: PunchFact, rules: AttendanceRules) -> datetime:
    """Give the punch's time with a wrong clock's offset taken off."""
    if not clock_wrong(punch, rules):
        return punch.punched_at
    return punch.punched_at - timedelta(seconds=punch.clock_offset_seconds or 0.0)


def read_clocks(punches: Sequence[PunchFact], rules: AttendanceRules, zone: ZoneInfo) -> Readings:
    """Read the punches as recorded and shifted, and set the impossible ones aside.

    A punch from the future is impossible as recorded. Where the measured offset explains it, it counts in the shifted
    reading, and as recorded too while it stays on the same date: a clock ten minutes fast must not quarantine a whole
    unit, and a clock days ahead must not fill a day that is still to come. A punch that a slow clock wrote under a time
    up to which the log had been read before was not made then: it counts in the shifted reading alone. Where it is the
    offset that leads past the receipt, the clock was set back after the touch, as by a dead battery: the shifted
    reading ends at the receipt, and the punch is not impossible.
    """
    recorded: list[Touch] = []
    shifted: list[Touch] = []
    impossible: list[PunchFact] = []
    tolerance = timedelta(seconds=rules.future_tolerance_seconds)
    for punch in punches:
        latest = punch.received_at + tolerance
        wrong = clock_wrong(punch, rules)
        actual = _known_by_receipt(punch, true_time(punch, rules), latest) if wrong else punch.punched_at
        if actual > latest:
            impossible.append(punch)
            continue
        touch = Touch(actual, punch)
        shifted.append(touch)
        if not wrong:
            recorded.append(touch)
        elif punch.backdated:
            continue
        elif punch.punched_at <= latest or _same_date(actual, punch.punched_at, zone):
            recorded.append(Touch(punch.punched_at, punch))
        else:
            impossible.append(punch)
    return Readings(tuple(recorded), tuple(shifted), tuple(impossible))


def _known_by_receipt(punch: PunchFact, actual: datetime, latest: datetime) -> datetime:
    """Bound an adjusted time by the receipt; what is past it as recorded, too, stays impossible (rule R1)."""
    if punch.punched_at <= latest < actual:
        return max(punch.punched_at, punch.received_at)
    return actual


def _same_date(one: datetime, other: datetime, zone: ZoneInfo) -> bool:
    return one.astimezone(zone).date() == other.astimezone(zone).date()
