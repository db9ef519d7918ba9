"""The pictures beside a day's report: arrivals against the usual ones, units side by side, the weeks before."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import accumulate
from statistics import median

from eabsensi.discipline.verdict import Status
from eabsensi.law.policy import Policy
from eabsensi.law.wording import Language
from eabsensi.reports.charts.arrivals import MINUTES, Arrivals, arrivals_svg
from eabsensi.reports.charts.punctuality import Step, Stretch, Trend, punctuality_svg
from eabsensi.reports.charts.sources import UNDETERMINED_MOST, arrivals, place, unit_bars
from eabsensi.reports.charts.units import Units, units_svg
from eabsensi.reports.daily import DailyReport
from eabsensi.reports.recap import percentage
from eabsensi.store.verdictcounts import DayCount

WEEKS = 4
_FRIDAY = 4


def weeks_before(on: date) -> tuple[date, date]:
    """Give the first and the last of the days that a day is held against."""
    return on - timedelta(weeks=WEEKS), on - timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Board:
    """What is drawn beside a day.

    Attributes:
        arrivals: of the day, and the usual ones of the weeks before.
        units: of the day, side by side; None where there is one unit only.
        trend: punctuality of the weeks before.

    """

    arrivals: Arrivals
    units: Units | None
    trend: Trend

    def draw(self, language: Language) -> Mapping[str, str]:
        """Draw each of them as SVG, by its name above."""
        drawn = {"arrivals": arrivals_svg(self.arrivals, language), "trend": punctuality_svg(self.trend, language)}
        return drawn | {"units": units_svg(self.units, language)} if self.units else drawn


def board(
    report: DailyReport,
    policy: Policy,
    language: Language,
    own: Sequence[DayCount],
    city: Sequence[DayCount] | None = None,
) -> Board:
    """Put the pictures of a day together.

    Args:
        report: of the day.
        policy: the law.
        language: of names.
        own: verdicts of the same units in the weeks before; see :func:`weeks_before`.
        city: those of the whole city, to be drawn beside; None where the report is the city's.

    """
    usual, days = _usual(own)
    return Board(
        arrivals=replace(arrivals(report, policy, language), usual=usual, usual_days=days),
        units=unit_bars(report, language) if len(report.sections) > 1 else None,
        trend=_trend(report, language, own, city),
    )


def _trend(report: DailyReport, language: Language, own: Sequence[DayCount], city: Sequence[DayCount] | None) -> Trend:
    """Give the punctuality of each day; a weekend has no bar."""
    first, last = weeks_before(report.on)
    of_own, of_city = _by_day(own), _by_day(city or ())
    dates = [first + timedelta(days=step) for step in range((last - first).days + 1)]
    working = [on for on in dates if of_own[on] or on.weekday() <= _FRIDAY]
    stretches = tuple(_stretch(on, of_own[on], of_city[on]) for on in working)
    return Trend(place(report.unit, language), Step.DAY, stretches, with_city=city is not None)


def _by_day(counts: Iterable[DayCount]) -> defaultdict[date, Counter[str]]:
    """Count the employee-days of each date by what they are to punctuality; those off or excused are nothing."""
    found: defaultdict[date, Counter[str]] = defaultdict(Counter)
    for count in counts:
        if count.status == Status.PRESENT:
            known = "late" if count.late else "on_time"
            found[count.on_date][Status.UNDETERMINED if count.arrival_unknown else known] += count.people
        elif count.status in {Status.ABSENT, Status.UNDETERMINED}:
            found[count.on_date][count.status] += count.people
    return found


def _stretch(on: date, own: Counter[str], city: Counter[str]) -> Stretch:
    return Stretch(
        first=on,
        last=on,
        on_time=own["on_time"],
        late=own["late"],
        absent=own["absent"],
        undetermined=own["undetermined"],
        city=percentage(city["on_time"], city["on_time"] + city["late"] + city["absent"]),
    )


def _usual(counts: Iterable[DayCount]) -> tuple[tuple[float, ...], int]:
    """Give the median share arrived at each minute, and how many days tell it."""
    by_day: defaultdict[date, list[DayCount]] = defaultdict(list)
    for count in counts:
        if count.scheduled and not count.shift and _due(count):
            by_day[count.on_date].append(count)
    shares = [found for days in by_day.values() if (found := _shares(days))]
    return tuple(median(at) for at in zip(*shares, strict=True)), len(shares)


def _due(count: DayCount) -> bool:
    """Whether they were to come: not on duty elsewhere by a paper alone."""
    known = count.minute is not None or count.late
    return count.status != Status.PRESENT or known or count.arrival_unknown


def _shares(counts: Sequence[DayCount]) -> tuple[float, ...] | None:
    """Give the share of those judged who had arrived by each minute; None where too many are not judged."""
    judged = [count for count in counts if count.status != Status.UNDETERMINED and not count.arrival_unknown]
    people, known = sum(count.people for count in counts), sum(count.people for count in judged)
    if not known or people - known > UNDETERMINED_MOST * people:
        return None
    came = sorted((count.minute, count.people) for count in judged if count.minute is not None)
    minutes, arrived = [minute for minute, _ in came], [0, *accumulate(people for _, people in came)]
    return tuple(arrived[bisect_right(minutes, minute)] / known for minute in MINUTES)
