"""What a date is for a pattern: a working day with its hours, a day off with its reason, or not known. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from eabsensi.law.citation import Citation
from eabsensi.law.hours import DayHours, Holiday
from eabsensi.law.policy import Policy


class DayKind(StrEnum):
    """What the calendar says of a date."""

    WORK = "work"
    HOLIDAY = "holiday"
    JOINT_LEAVE = "joint-leave"
    WEEKEND = "weekend"
    NO_ROSTER = "no-roster"
    NO_CALENDAR = "no-calendar"
    NO_HOURS = "no-hours"


@dataclass(frozen=True, slots=True)
class DayRule:
    """The calendar's answer for one date and pattern.

    Attributes:
        on: the date.
        kind: what it is.
        name: of the hours, the holiday or the season.
        hours: the working hours, only where ``kind`` is work.
        citations: what the answer rests on; empty where the law is silent.

    """

    on: date
    kind: DayKind
    name: str
    hours: DayHours | None
    citations: tuple[Citation, ...]


def day_rule(policy: Policy, pattern: str, on: date) -> DayRule:
    """Say what ``on`` is for people of ``pattern`` (5-day, 6-day, shift).

    A shift follows its roster and nothing else. For the others: holidays and joint leave, then the free days of the
    week, then the hours of a season, then the normal hours. A year without a decreed calendar is not known, save its
    weekends. While nobody has confirmed the calendar of a year, its working days cite it as well: that they are none of
    its holidays rests on it.
    """
    if pattern not in policy.hours:
        return DayRule(on, DayKind.NO_ROSTER, "", None, ())
    holiday = policy.holidays.get(on)
    if holiday:
        return _day_off(on, holiday)
    if on.weekday() not in policy.hours[pattern].on(on).value.week.days:
        return DayRule(on, DayKind.WEEKEND, "", None, (policy.working_days.on(on).citation,))
    if on.year not in policy.calendars:
        return DayRule(on, DayKind.NO_CALENDAR, str(on.year), None, ())
    return _working_day(policy, pattern, on)


def _working_day(policy: Policy, pattern: str, on: date) -> DayRule:
    normal, season = policy.hours[pattern].on(on), policy.season_on(on)
    calendar = policy.calendars[on.year]
    doubt = (calendar,) if calendar.unconfirmed else ()
    if season is None:
        hours = normal.value.week.days[on.weekday()]
        return DayRule(on, DayKind.WORK, normal.value.name, hours, (normal.citation, *doubt))
    week = season.weeks.get(pattern) if season.weeks else None
    seasonal = week.days.get(on.weekday()) if week else None
    if seasonal is None:
        return DayRule(on, DayKind.NO_HOURS, season.name, None, (season.citation, *doubt))
    return DayRule(on, DayKind.WORK, f"{normal.value.name}, {season.name}", seasonal, (season.citation, *doubt))


def _day_off(on: date, holiday: Holiday) -> DayRule:
    kind = DayKind.JOINT_LEAVE if holiday.joint_leave else DayKind.HOLIDAY
    return DayRule(on, kind, holiday.name, None, (holiday.citation,))
