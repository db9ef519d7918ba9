"""What a day obliges a person to: a span of duty with its punch windows, nothing, or not known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from eabsensi.discipline.reasons import DayOff, NoCalendar, NoHours, NoRoster, Reason, Weekend
from eabsensi.law.calendar import DayKind, DayRule, day_rule
from eabsensi.law.citation import Citation
from eabsensi.law.hours import DayHours, PunchWindows
from eabsensi.law.policy import Policy

_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Window:
    """A half-open stretch of time: ``opens`` belongs to it, ``closes`` does not."""

    opens: datetime
    closes: datetime

    def holds(self, at: datetime) -> bool:
        """Whether ``at`` lies inside."""
        return self.opens <= at < self.closes


@dataclass(frozen=True, slots=True)
class Seam:
    """Where the departure window of one stretch of duty meets the arrival window of the next.

    Attributes:
        ends_at: end of the earlier duty.
        departure: its departure window.
        starts_at: start of the later duty.
        arrival: its arrival window, which neither opens nor closes before the other.

    """

    ends_at: datetime
    departure: Window
    starts_at: datetime
    arrival: Window


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of duty as instants, so that a shift over midnight is no special case.

    Attributes:
        starts_at: when work begins, in the unit's zone.
        ends_at: when it ends.
        arrival: when a punch may be an arrival.
        departure: when a punch may be a departure.
        break_minutes: of the break between them.
        name: of the shift; ``""`` for the hours of a pattern.
        before: the seam with the duty before, where the windows meet; punches there are shared out, each used once.
        after: the seam with the duty after.

    """

    starts_at: datetime
    ends_at: datetime
    arrival: Window
    departure: Window
    break_minutes: int = 0
    name: str = ""
    before: Seam | None = None
    after: Seam | None = None

    @property
    def minutes(self) -> int:
        """Working minutes due, without the break."""
        return int((self.ends_at - self.starts_at).total_seconds()) // 60 - self.break_minutes

    @property
    def settles_at(self) -> datetime:
        """When no later punch can change what this stretch holds; at a seam, a first arrival at the next may."""
        return self.after.arrival.closes if self.after else self.departure.closes


@dataclass(frozen=True, slots=True)
class Workday:
    """The obligation of one date.

    Attributes:
        on: the date.
        name: of the schedule or of the day off.
        spans: the stretches of duty, earliest first; none where there is no duty or it is not known.
        known: False where law or roster are missing, so that nothing can be judged.
        code: printed on a day off, else ``""``.
        reason: why there is no duty, or what is missing.
        citations: what this rests on.
        rostered: a roster says so, not the calendar.
        claimed: on a day without duty, the stretches that the shifts of the dates around it reach over; a punch in one
            of them is not of this date.

    """

    on: date
    name: str
    spans: tuple[Span, ...]
    known: bool
    code: str
    reason: Reason | None
    citations: tuple[Citation, ...]
    rostered: bool = False
    claimed: tuple[Window, ...] = ()

    @property
    def span(self) -> Span | None:
        """The first stretch of duty."""
        return self.spans[0] if self.spans else None

    @property
    def whole(self) -> Span | None:
        """The day from its first arrival window to its last departure window, as one stretch."""
        if len(self.spans) < 2:
            return self.span
        first, last = self.spans[0], self.spans[-1]
        return Span(first.starts_at, last.ends_at, first.arrival, last.departure, before=first.before, after=last.after)


_OFF_CODES = {DayKind.HOLIDAY: "L", DayKind.JOINT_LEAVE: "CBM", DayKind.WEEKEND: "L"}
_REASONS: dict[DayKind, Callable[[DayRule], Reason]] = {
    DayKind.HOLIDAY: lambda rule: DayOff(rule.name),
    DayKind.JOINT_LEAVE: lambda rule: DayOff(rule.name),
    DayKind.WEEKEND: lambda _: Weekend(),
    DayKind.NO_ROSTER: lambda _: NoRoster(),
    DayKind.NO_CALENDAR: lambda rule: NoCalendar(rule.name),
    DayKind.NO_HOURS: lambda rule: NoHours(rule.name),
}


def workday(policy: Policy, pattern: str, zone: ZoneInfo, on: date) -> Workday:
    """Say what ``on`` obliges people of ``pattern`` (5-day, 6-day, shift) to, in the wall time of ``zone``."""
    rule = day_rule(policy, pattern, on)
    if rule.hours:
        span = make_span(on, zone, rule.hours, policy.punch_windows.on(on).value)
        return Workday(on, rule.name, (span,), known=True, code="", reason=None, citations=rule.citations)
    code = _OFF_CODES.get(rule.kind, "")
    return Workday(on, rule.name, (), bool(code), code, _REASONS[rule.kind](rule), rule.citations)


def make_span(on: date, zone: ZoneInfo, hours: DayHours, windows: PunchWindows) -> Span:
    """Set the hours of a date on the line of time, with their punch windows."""

    def instant(clock: time) -> datetime:
        return datetime.combine(on, clock, zone)

    starts_at, ends_at = instant(hours.start), instant(hours.end)
    middle = starts_at + (ends_at - starts_at) / 2
    pause_starts = instant(hours.break_start) if hours.break_start else middle
    pause_ends = instant(hours.break_end) if hours.break_end else middle
    return Span(
        starts_at,
        ends_at,
        Window(instant(windows.in_opens), instant(windows.in_closes) if windows.in_closes else pause_starts),
        Window(instant(windows.out_opens) if windows.out_opens else pause_ends, instant(windows.out_closes) + _SECOND),
        break_minutes=int((pause_ends - pause_starts).total_seconds()) // 60,
    )
