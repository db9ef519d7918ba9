"""The colours and hatchings of the pictures, chosen so that they stay apart in grey and for colour-blind readers.

Three steps of lightness lie at least 3:1 apart (WCAG 2.2, 1.4.11), and white holds no fourth: what shares a step is
told apart by a mark or a hatching, whose ink stands at least 3:1 against its ground. Lighter is better: a quiet
picture is a good day.
"""

from __future__ import annotations

from eabsensi.reports.charts.drawing import Attribute, element

INK, PAPER, RULE, FAINT = "#222222", "#ffffff", "#767676", "#d9d9d9"
GOOD = "#d5ebd6"
BANDS = ("#f7d584", "#e8b04a", "#cc8427", "#8a4a0d")  # minutes lost, by band
LATE = "#9e5f17"
ABSENT = "#4a0d14"
EXCUSED = "#d3e4f5"
OFF = "#f3f3f3"
TOLERANCE = "#fdf1cf"
HATCH = "#555555"
UNIT_LINE, OTHER_LINE = "#12446f", "#b0681a"


def luminance(colour: str) -> float:
    """Give the relative luminance of ``#rrggbb`` (WCAG 2.2)."""
    parts = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Give the contrast of two colours, from 1 to 21."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def ink_on(ground: str) -> str:
    """Choose the ink that reads best on a ground."""
    return max((INK, PAPER), key=lambda ink: contrast(ink, ground))


def hatching(name: str) -> str:
    """Define the fills ``url(#NAME-hatch)``, of what is not known, and ``url(#NAME-dots)``, of what a paper excuses."""
    lines = element("path", d="M0 0V6", stroke=HATCH, stroke_width=2.4)
    ground = element("rect", width=6, height=6, fill=PAPER)
    dotted = element("rect", width=6, height=6, fill=EXCUSED) + element("circle", cx=3, cy=3, r=1.2, fill=HATCH)
    unit: dict[str, Attribute] = {"width": 6, "height": 6, "patternUnits": "userSpaceOnUse"}
    return element(
        "defs",
        element("pattern", ground, lines, id=f"{name}-hatch", patternTransform="rotate(45)", **unit),
        element("pattern", dotted, id=f"{name}-dots", **unit),
    )
