"""The frame of a picture with axes: shares of a hundred upwards, and the legend under it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from eabsensi.reports.charts import palette
from eabsensi.reports.charts.drawing import element, text_width, words

_LINE = 22.0


@dataclass(frozen=True, slots=True)
class Frame:
    """Where the drawing lies inside the picture; shares run from 0 at the bottom to 1 at the top."""

    left: float
    top: float
    width: float
    height: float

    @property
    def bottom(self) -> float:
        """Where nothing is."""
        return self.top + self.height

    @property
    def right(self) -> float:
        """The right edge."""
        return self.left + self.width

    def y(self, share: float) -> float:
        """Give the height of a share; what is more than all or less than nothing stays inside."""
        return self.bottom - self.height * min(1.0, max(0.0, share))

    def grid(self) -> str:
        """Draw the lines at every quarter, with their percentages."""
        parts = []
        for percent in (0, 25, 50, 75, 100):
            y = self.y(percent / 100)
            stroke = palette.RULE if percent == 0 else palette.FAINT
            parts.append(element("path", d=f"M{self.left:g} {y:g}H{self.right:g}", stroke=stroke, stroke_width=1))
            parts.append(words(str(percent), self.left - 6, y + 4.5, 13, text_anchor="end"))
        return "".join(parts)


def swatch(fill: str) -> str:
    """Draw the sample of a fill for a legend, 22 by 13 with its base line at 0."""
    return element("rect", y=-12, width=22, height=13, fill=fill, stroke=palette.INK, stroke_width=0.7)


def stroke_sample(colour: str, dashes: str | None, width: float) -> str:
    """Draw the sample of a line for a legend."""
    return element("path", d="M0 -5H22", stroke=colour, stroke_width=width, stroke_dasharray=dashes)


def legend(entries: Iterable[tuple[str, str]], left: float, top: float, width: float) -> tuple[str, float]:
    """Lay samples with their words out in as many lines as they need; give them and where they end."""
    x, y = left, top
    parts = []
    for sample, text in entries:
        needed = 28 + text_width(text, 13) + 14
        if x + needed > width and x > left:
            x, y = left, y + _LINE
        parts.append(element("g", sample, words(text, 28, 0, 13), transform=f"translate({x:g} {y:g})"))
        x += needed
    return "".join(parts), y + 10
