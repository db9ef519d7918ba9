"""Working hours as the law writes them: wall-clock times per weekday, and the seasons that replace them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time

from eabsensi.law.citation import Citation


@dataclass(frozen=True, slots=True)
class DayHours:
    """Working time of one weekday, local wall clock.

    Attributes:
        start: when work begins.
        end: when work ends, later than ``start``.
        break_start: when the break begins; None where the day has none.
        break_end: when the break ends.

    """

    start: time
    end: time
    break_start: time | None = None
    break_end: time | None = None

    @property
    def minutes(self) -> int:
        """Working minutes without the break."""
        pause = minutes_between(self.break_start, self.break_end) if self.break_start and self.break_end else 0
        return minutes_between(self.start, self.end) - pause


def minutes_between(first: time, last: time) -> int:
    """Count whole minutes from one wall-clock time to a later one on the same day."""
    return (last.hour - first.hour) * 60 + last.minute - first.minute


@dataclass(frozen=True, slots=True)
class WeekHours:
    """Working time of a week: weekday (Monday is 0) to hours; a weekday that is missing is free."""

    days: Mapping[int, DayHours]

    @property
    def minutes(self) -> int:
        """Working minutes of the week without breaks."""
        return sum(day.minutes for day in self.days.values())


@dataclass(frozen=True, slots=True)
class NamedWeek:
    """The hours of a pattern with the name that reports print."""

    name: str
    week: WeekHours


@dataclass(frozen=True, slots=True)
class Season:
    """A dated period in which other hours hold, e.g. one Ramadan.

    Attributes:
        kind: e.g. ``ramadan``.
        name: as printed, e.g. ``Ramadan 1447 H``.
        first_on: first day.
        last_on: last day, inclusive.
        weeks: pattern to hours; None where it is known that other hours held but not which.
        citation: the circular.

    """

    kind: str
    name: str
    first_on: date
    last_on: date
    weeks: Mapping[str, WeekHours] | None
    citation: Citation


@dataclass(frozen=True, slots=True)
class Holiday:
    """One day off by decree.

    Attributes:
        on: the date.
        name: as the decree calls it, in Indonesian.
        joint_leave: cuti bersama, else a public holiday.
        citation: the decree.

    """

    on: date
    name: str
    joint_leave: bool
    citation: Citation


@dataclass(frozen=True, slots=True)
class PunchWindows:
    """When a punch may count as arrival or departure, local wall clock.

    Attributes:
        in_opens: earliest arrival.
        in_closes: end of the arrival window; None means where the break begins, or the middle of a day without one.
        out_opens: start of the departure window; None means where the break ends, or the middle.
        out_closes: last second of the departure window.

    """

    in_opens: time
    in_closes: time | None
    out_opens: time | None
    out_closes: time


@dataclass(frozen=True, slots=True)
class Band:
    """A range of minutes and the code printed for it; ``last`` None means any longer."""

    first: int
    last: int | None
    code: str
