"""From the reports' typed rows to what the pictures draw. Nothing is judged here, only grouped and counted."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import groupby
from statistics import median
from zoneinfo import ZoneInfo

from eabsensi.discipline.facts import UnitFact
from eabsensi.discipline.verdict import Status
from eabsensi.law.calendar import day_rule
from eabsensi.law.policy import Policy
from eabsensi.law.wording import Language
from eabsensi.reports.charts.arrivals import MINUTES, Arrivals
from eabsensi.reports.charts.cells import Cell, Kind
from eabsensi.reports.charts.heatmap import Heatmap, HeatRow
from eabsensi.reports.charts.punctuality import Step, Stretch, Trend
from eabsensi.reports.charts.units import UnitBar, Units
from eabsensi.reports.daily import DailyReport, DailyRow, Section
from eabsensi.reports.judged import JudgedDay, JudgedPeriod
from eabsensi.reports.labels import label
from eabsensi.reports.monthly import MonthlyReport, MonthRow, MonthSection
from eabsensi.reports.recap import CodeGroups, code_groups, percentage
from eabsensi.reports.standings import arrival_unknown, late, standing, star
from eabsensi.reports.yearly import YearlyReport, YearSection

PEOPLE_ON_A_PAGE = 60
_KINDS = {Status.ABSENT: Kind.ABSENT, Status.OFF: Kind.OFF, Status.UNDETERMINED: Kind.UNDETERMINED}
_GROUPS = {"duty": Kind.DUTY, "leave": Kind.LEAVE, "sick": Kind.SICK, "permission": Kind.PERMISSION}
_SHIFT = "shift"
_NONE: Counter[str] = Counter()
#: A past day tells what is usual only where at most a fifth of its people are undetermined.
UNDETERMINED_MOST = 0.2


def month_heatmaps(report: MonthlyReport, section: MonthSection, policy: Policy) -> tuple[Heatmap, ...]:
    """Give a unit's month as maps of up to 60 people each, in the order of the report; at least one map."""
    groups = code_groups(policy, report.period.first, report.period.last)
    rows = tuple(_heat_row(report, row, groups) for row in section.rows)
    starts = range(0, max(1, len(rows)), PEOPLE_ON_A_PAGE)
    return tuple(Heatmap(section.unit.name, report.dates, rows[at : at + PEOPLE_ON_A_PAGE]) for at in starts)


def person_calendar(report: MonthlyReport, nip: str, policy: Policy) -> Heatmap:
    """Give one person's month as a calendar, with the days in every unit of the report; empty where nobody has it."""
    groups = code_groups(policy, report.period.first, report.period.last)
    own = [row for section in report.sections for row in section.rows if row.person.nip == nip]
    if not own:
        return Heatmap(nip, report.dates, (), calendar=True)
    days = {on: day for row in own for on, day in row.days.items()}
    row = _heat_row(report, replace(own[0], days=days), groups)
    return Heatmap(row.name, report.dates, (row,), calendar=True)


def _heat_row(report: MonthlyReport, row: MonthRow, groups: CodeGroups) -> HeatRow:
    through = report.period.through
    cells = (
        Cell(on, Kind.FUTURE) if on > through else _cell(row.days[on], groups)
        for on in report.dates
        if on > through or on in row.days
    )
    return HeatRow(row.person.name, row.person.nip, tuple(cells))


def _cell(day: JudgedDay, groups: CodeGroups) -> Cell:
    late, early = _band(day.codes, "TL"), _band(day.codes, "PSW")
    return Cell(
        on=day.on,
        kind=_kind(day, late, early, groups),
        late=late,
        early=early,
        open=day.status is Status.PRESENT and not day.complete,
        codes=" ".join(day.codes) + star(day.status, complete=day.complete),
        in_at=day.in_at,
        out_at=day.out_at,
    )


def _kind(day: JudgedDay, late: int, early: int, groups: CodeGroups) -> Kind:
    if day.status in _KINDS:
        return _KINDS[day.status]
    if late or early:
        return Kind.LATE if late else Kind.EARLY
    named = (kind for name, kind in _GROUPS.items() if not groups[name].isdisjoint(day.codes))
    return next(named, Kind.PRESENT if day.status is Status.PRESENT else Kind.EXCUSED)


def _band(codes: Iterable[str], prefix: str) -> int:
    """Give the band of a code as TL2, at most 4; 0 where there is none; 1 where a city numbers its bands otherwise."""
    found = [code.removeprefix(prefix) for code in codes if code.startswith(prefix)]
    return max((min(4, max(1, int(rest))) if rest.isdigit() else 1 for rest in found), default=0)


def unit_bars(report: DailyReport, language: Language, columns: int = 1) -> Units:
    """Give a day's units side by side; ``columns`` as :class:`Units` says."""
    bars = tuple(_unit_bar(section) for section in report.sections)
    return Units(report.on, place(report.unit, language), bars, columns)


def _unit_bar(section: Section) -> UnitBar:
    counts = section.counts
    undetermined = counts.undetermined + counts.arrival_unknown
    return UnitBar(
        code=section.unit.code,
        name=section.unit.name,
        on_time=counts.present - counts.late - counts.arrival_unknown,
        late=counts.late,
        absent=counts.absent,
        excused=counts.excused,
        undetermined=undetermined,
        off=counts.off,
        incomplete=undetermined > 0 or section.notes_key == "incomplete",
    )


def place(unit: UnitFact | None, language: Language) -> str:
    """Name a unit, or the city."""
    return unit.name if unit else label("city", language)


def trend(period: JudgedPeriod, step: Step, language: Language, city: Iterable[JudgedDay] | None = None) -> Trend:
    """Give the punctuality of a period by day, week or month, with the city's beside it where its days are given."""
    own = _counted(period.days, step)
    whole = _counted(city or (), step)
    length = (period.through - period.first).days + 1
    by_start = groupby((period.first + timedelta(days=n) for n in range(length)), key=step.start)
    stretches = tuple(_stretch(list(dates), own[start], whole[start]) for start, dates in by_start)
    return Trend(period.place(language), step, stretches, with_city=city is not None)


def _counted(days: Iterable[JudgedDay], step: Step) -> dict[date, Counter[str]]:
    """Count the employee-days of each stretch by what they are to punctuality."""
    found: dict[date, Counter[str]] = defaultdict(Counter)
    for day in days:
        found[step.start(day.on)][day.standing] += 1
    return found


def year_trend(report: YearlyReport, section: YearSection, language: Language) -> Trend:
    """Give the punctuality of a unit's people month by month, as far as the year has come."""
    through = report.period.through
    months = [date(report.year, month, 1) for month in range(1, 13) if date(report.year, month, 1) <= through]
    rows = section.rows
    counts = {first: sum((row.standings.get(first.month, _NONE) for row in rows), Counter[str]()) for first in months}
    ends = [*(first - timedelta(days=1) for first in months[1:]), through]
    stretches = (_stretch([first, last], counts[first], _NONE) for first, last in zip(months, ends, strict=False))
    return Trend(place(section.unit, language), Step.MONTH, tuple(stretches))


def _stretch(dates: Sequence[date], own: Counter[str], city: Counter[str]) -> Stretch:
    return Stretch(
        first=dates[0],
        last=dates[-1],
        on_time=own["on_time"],
        late=own["late"],
        absent=own["absent"],
        undetermined=own["undetermined"],
        city=percentage(city["on_time"], city["on_time"] + city["late"] + city["absent"]),
    )


def arrivals(report: DailyReport, policy: Policy, language: Language, past: Iterable[JudgedDay] = ()) -> Arrivals:
    """Give a day's arrivals, and beside them the usual ones.

    Args:
        report: of the day.
        policy: tells the tolerance, and when work began on past days.
        language: of the place's name.
        past: judged days of the same people before it, in any order; days off and mostly unread ones tell nothing.

    """
    patterns = {section.unit.code: section.unit.pattern for section in report.sections}
    due = [row for row in report.rows if _due(row)]
    rows = [(row, start) for row in due if (start := row.schedule.start) and patterns[row.unit] != _SHIFT]
    starts = {start.time() for _, start in rows}
    running = _running(report, [start for _, start in rows])
    usual, days = _usual(past, policy)
    flex = policy.flex.on(report.on).value
    return Arrivals(
        on=report.on,
        place=place(report.unit, language),
        people=len(rows),
        minutes=tuple(sorted(_minutes(row.in_at, start) for row, start in rows if row.in_at)),
        undetermined=sum(_undetermined(row) and row.in_at is None for row, _ in rows),
        start=starts.pop() if len(starts) == 1 else None,
        until=running,
        as_of=report.as_of if running is not None else None,
        tolerance_minutes=flex.tolerance_minutes,
        usual=usual,
        usual_days=days,
        on_shifts=len(due) - len(rows),
    )


def _due(day: DailyRow | JudgedDay) -> bool:
    """Whether a person was to come: not off, not excused, and not on duty elsewhere by a paper alone."""
    if day.status in {Status.OFF, Status.EXCUSED}:
        return False
    known = day.in_at is not None or late(day)
    return day.status is not Status.PRESENT or known or arrival_unknown(day)


def _undetermined(day: DailyRow | JudgedDay) -> bool:
    """Whether it cannot be told yet when a person came."""
    return standing(day) == Status.UNDETERMINED


def _minutes(at: datetime, start: datetime) -> int:
    return (at - start) // timedelta(minutes=1)


def _running(report: DailyReport, starts: Sequence[datetime]) -> int | None:
    """Give the minute up to which the report knows the arrivals; None where all that is drawn has gone."""
    until = min((_minutes(report.as_of, start) for start in starts), default=MINUTES[-1])
    return until if until < MINUTES[-1] else None


def _usual(past: Iterable[JudgedDay], policy: Policy) -> tuple[tuple[float, ...], int]:
    """Give the median share arrived at each minute over past days, and how many days tell it."""
    starts: dict[tuple[date, str], datetime | None] = {}
    by_day: dict[date, list[JudgedDay]] = defaultdict(list)
    for day in past:
        key = day.on, day.unit.pattern
        if key not in starts:
            starts[key] = _start_of(day, policy)
        if starts[key] is not None and _due(day):
            by_day[day.on].append(day)
    shares = [found for days in by_day.values() if (found := _shares(days, starts))]
    return tuple(median(at) for at in zip(*shares, strict=True)), len(shares)


def _start_of(day: JudgedDay, policy: Policy) -> datetime | None:
    """Give the start of work of a date by its pattern; None on a day off and for people on shifts."""
    hours = day_rule(policy, day.unit.pattern, day.on).hours
    zone = ZoneInfo(day.unit.timezone or policy.timezone.on(day.on).value)
    return datetime.combine(day.on, hours.start, zone) if hours else None


def _shares(days: Sequence[JudgedDay], starts: Mapping[tuple[date, str], datetime | None]) -> tuple[float, ...] | None:
    """Give the share of those judged who had arrived by each minute; None where too many are not judged."""
    judged = [day for day in days if not _undetermined(day)]
    if not judged or len(days) - len(judged) > UNDETERMINED_MOST * len(days):
        return None
    came = ((day.in_at, starts[day.on, day.unit.pattern]) for day in judged)
    minutes = sorted(_minutes(at, start) for at, start in came if at and start)
    return tuple(bisect_right(minutes, minute) / len(judged) for minute in MINUTES)
