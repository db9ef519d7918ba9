"""Put the pictures into printed reports: a day's arrivals, a month as a heat map, the ranked units and their trend."""

from __future__ import annotations

import re
from dataclasses import replace

from eabsensi.law.wording import Language
from eabsensi.reports.charts.arrivals import arrivals_svg
from eabsensi.reports.charts.heatmap import heatmap_svg
from eabsensi.reports.charts.punctuality import Step, Trend, punctuality_svg
from eabsensi.reports.charts.sources import arrivals, month_heatmaps, trend, year_trend
from eabsensi.reports.charts.units import Counted, UnitBar, Units, units_svg
from eabsensi.reports.daily import DailyReport
from eabsensi.reports.labels import label
from eabsensi.reports.monthly import MonthlyReport, MonthSection
from eabsensi.reports.paper import Drawings, Papered, Picture
from eabsensi.reports.ranking import RankedUnit, RankingReport
from eabsensi.reports.yearly import YearlyReport, YearSection

_WIDTH_MM, _HEIGHT_MM = 302.0, 170.0  # of the space on F4 landscape, less a heading
_BESIDE_MM = 92.0  # leaves room for two signatures, and its letters are of 7 points
_LEAST_PEOPLE = 5
_UNITS_ON_A_PAGE = 46
_BARS = Counted.DUTY_DAYS
_VIEW_BOX = re.compile(r'viewBox="0 0 ([\d.]+) ([\d.]+)"')


def illustrated(report: Papered) -> Papered:
    """Give a report that draws its pictures when it is printed; most have none."""
    if isinstance(report, MonthlyReport):
        return replace(report, draw=_month)
    if isinstance(report, RankingReport):
        return replace(report, draw=_units)
    if isinstance(report, YearlyReport):
        return replace(report, draw=_year)
    return report


def day_picture(report: DailyReport, language: Language) -> Picture | None:
    """Draw when the people of a report came; None where nobody was due at a fixed time, e.g. on a day off."""
    found = arrivals(report, report.policy, language)
    if not found.people:
        return None
    return Picture(arrivals_svg(found, language), label("arrivals_picture", language), _BESIDE_MM)


def _month(report: MonthlyReport, section: MonthSection, language: Language) -> Drawings:
    """Draw a unit's month, of a large unit several maps of up to 60 people, and its punctuality day by day."""
    drawn = (heatmap_svg(found, language) for found in month_heatmaps(report, section, report.policy) if found.rows)
    maps = tuple(_fitted(svg, label("heatmap", language)) for svg in drawn)
    own = replace(report.period, unit=section.unit, days=section.days)
    return Drawings(_trend(trend(own, Step.DAY, language), len(section.rows), "trend_days", language), maps)


def _year(report: YearlyReport, section: YearSection, language: Language) -> Drawings:
    by_month = year_trend(report, section, language)
    return Drawings(_trend(by_month, len(section.rows), "trend_months", language))


def _units(report: RankingReport, language: Language) -> Drawings:
    """Draw the units side by side, on as many pages as they need, and the punctuality of all of them day by day."""
    bars, place = [_bar(row) for row in report.rows], report.period.place(language)
    people = sum(row.figures.people for row in report.rows)
    by_day = _trend(trend(report.period, Step.DAY, language), people, "trend_days", language)
    drawn = (
        Units(report.period.through, place, tuple(bars[at : at + _UNITS_ON_A_PAGE]), 1 if len(bars) < 8 else 2, _BARS)
        for at in range(0, len(bars), _UNITS_ON_A_PAGE)
    )
    return Drawings(by_day, tuple(_fitted(units_svg(one, language), label("units_picture", language)) for one in drawn))


def _trend(values: Trend, people: int, title: str, language: Language) -> Picture | None:
    """Draw punctuality over time; of a handful of people the figures tell more than shares."""
    if people < _LEAST_PEOPLE:
        return None
    return Picture(punctuality_svg(values, language), label(title, language), _BESIDE_MM)


def _bar(row: RankedUnit) -> UnitBar:
    """Count duty days, not people: the bar of a month."""
    figures = row.figures
    return UnitBar(
        code=row.unit.code,
        name=row.unit.name,
        on_time=figures.on_time,
        late=figures.present - figures.on_time - figures.arrival_unknown,
        absent=figures.absent,
        excused=max(0, figures.judged - figures.present - figures.absent),
        undetermined=figures.undetermined + figures.arrival_unknown,
        off=0,
        incomplete=not figures.complete,
    )


def _fitted(svg: str, title: str) -> Picture:
    """Make a picture as wide as the page, or as high as it where it is higher."""
    found = _VIEW_BOX.search(svg)
    width, height = (float(size) for size in found.groups()) if found else (1.0, 1.0)
    return Picture(svg, title, min(_WIDTH_MM, _HEIGHT_MM * width / height, width * 0.22))
