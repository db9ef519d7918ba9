"""Put the pictures into printed reports: a unit's month as a heat map, and the ranked units side by side."""

from __future__ import annotations

import re
from dataclasses import replace

from eabsensi.law.wording import Language
from eabsensi.reports.charts.heatmap import heatmap_svg
from eabsensi.reports.charts.sources import month_heatmaps
from eabsensi.reports.charts.units import UnitBar, Units, units_svg
from eabsensi.reports.labels import label
from eabsensi.reports.monthly import MonthlyReport, MonthSection
from eabsensi.reports.paper import Papered, Picture
from eabsensi.reports.ranking import RankedUnit, RankingReport

_WIDTH_MM, _HEIGHT_MM = 302.0, 170.0  # of the space on F4 landscape, less a heading
_VIEW_BOX = re.compile(r'viewBox="0 0 ([\d.]+) ([\d.]+)"')


def illustrated(report: Papered) -> Papered:
    """Give a report that draws its pictures when it is printed; most have none."""
    if isinstance(report, MonthlyReport):
        return replace(report, draw=_heatmaps)
    if isinstance(report, RankingReport):
        return replace(report, draw=_units)
    return report


def _heatmaps(report: MonthlyReport, section: MonthSection, language: Language) -> tuple[Picture, ...]:
    """Draw a unit's month; of a large unit several maps of up to 60 people."""
    drawn = (heatmap_svg(found, language) for found in month_heatmaps(report, section, report.policy) if found.rows)
    return tuple(_fitted(svg, label("heatmap", language)) for svg in drawn)


def _units(report: RankingReport, language: Language) -> tuple[Picture, ...]:
    bars = tuple(_bar(row) for row in report.rows)
    place = report.period.place(language)
    columns = 1 if len(bars) < 8 else 2
    svg = units_svg(Units(report.period.through, place, bars, columns), language)
    return (_fitted(svg, label("units_picture", language)),)


def _bar(row: RankedUnit) -> UnitBar:
    """Count duty days, not people: the bar of a month."""
    figures = row.figures
    return UnitBar(
        code=row.unit.code,
        name=row.unit.name,
        on_time=figures.on_time,
        late=figures.present - figures.on_time,
        absent=figures.absent,
        excused=max(0, figures.judged - figures.present - figures.absent),
        undetermined=figures.undetermined,
        off=0,
        incomplete=not figures.complete,
    )


def _fitted(svg: str, title: str) -> Picture:
    """Make a picture as wide as the page, or as high as it where it is higher."""
    found = _VIEW_BOX.search(svg)
    width, height = (float(size) for size in found.groups()) if found else (1.0, 1.0)
    return Picture(svg, title, min(_WIDTH_MM, _HEIGHT_MM * width / height, width * 0.22))
