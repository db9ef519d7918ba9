"""How punctual a unit was over days, weeks or months, with the city beside it.

What is not known yet is a hatched reach and never a zero: a bar is solid up to the share that is surely on time and
hatched up to the share that it may still become.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from eabsensi.law.wording import Language, decimal, month_names
from eabsensi.reports.charts import palette
from eabsensi.reports.charts.axes import Frame, legend, stroke_sample, swatch
from eabsensi.reports.charts.charted_words import word
from eabsensi.reports.charts.drawing import Attribute, element, identity, picture, text_width, words, wrapped
from eabsensi.reports.recap import percentage

_WIDTH = 480.0  # letters stay legible where a phone shows it at three quarters
_FRAME = Frame(left=36, top=64, width=436, height=210)
_LARGEST_BAR = 46.0


class Step(StrEnum):
    """What one bar stands for; weeks begin on Monday."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"

    def start(self, on: date) -> date:
        """Give the first date of the stretch that holds ``on``."""
        if self is Step.MONTH:
            return on.replace(day=1)
        return on - timedelta(days=on.weekday()) if self is Step.WEEK else on


@dataclass(frozen=True, slots=True)
class Stretch:
    """What one bar counts, in employee-days; those excused or off are none of them.

    Attributes:
        first: first date.
        last: last date.
        on_time: known to be present and not late.
        late: present and late.
        absent: absent.
        undetermined: not judged yet, or present and the arrival is not known yet.
        city: percentage on time of the whole city, None where nothing is judged.

    """

    first: date
    last: date
    on_time: int
    late: int
    absent: int
    undetermined: int
    city: Decimal | None = None

    @property
    def due(self) -> int:
        """Every employee-day that counts."""
        return self.on_time + self.late + self.absent + self.undetermined

    @property
    def percent(self) -> Decimal | None:
        """On time of those judged, None where none is."""
        return percentage(self.on_time, self.due - self.undetermined)


@dataclass(frozen=True, slots=True)
class Trend:
    """A unit's punctuality over time.

    Attributes:
        place: name of the unit or the city.
        step: what a bar stands for.
        stretches: earliest first.
        with_city: the city's line is drawn beside.

    """

    place: str
    step: Step
    stretches: tuple[Stretch, ...]
    with_city: bool = False


def punctuality_svg(values: Trend, language: Language) -> str:
    """Draw it; each bar carries its counts as ``data-*``, and ``data-percent`` where something is judged."""
    name = identity(values, language)
    heading = f"{word('trend_title', language, place=values.place)}, {word(f'trend_{values.step}', language)}"
    if not any(stretch.due for stretch in values.stretches):
        empty = word("trend_empty", language)
        return picture(name, (_WIDTH, 60), heading, empty, words(empty, 12, 36, 14))
    axis = word("trend_axis", language)
    told = "; ".join(_told(stretch, values.step, language) for stretch in values.stretches) + "."
    entries = [
        (swatch(palette.UNIT_LINE), word("trend_bar", language)),
        (swatch(f"url(#{name}-hatch)"), word("trend_open", language)),
    ]
    if values.with_city:
        entries.append((_dot(11, -5) + stroke_sample(palette.OTHER_LINE, None, 2.4), word("trend_city", language)))
    explained, bottom = legend(entries, 12, _FRAME.bottom + 60, _WIDTH)
    inside = [
        palette.hatching(name),
        *(words(line, 12, 20 + 17 * n, 13) for n, line in enumerate(wrapped(axis, 13, _WIDTH - 24, 2))),
        _FRAME.grid(),
        *_bars(values, name, language),
        _city(values) if values.with_city else "",
        explained,
    ]
    return picture(name, (_WIDTH, bottom), heading, told, *inside)


def _pitch(values: Trend) -> float:
    return _FRAME.width / len(values.stretches)


def _bars(values: Trend, name: str, language: Language) -> Iterator[str]:
    pitch = _pitch(values)
    wide = min(_LARGEST_BAR, pitch * 0.78)
    every = _label_every(values, language)
    for place, stretch in enumerate(values.stretches):
        x = _FRAME.left + pitch * (place + 0.5)
        parts = [_bar(stretch, x - wide / 2, wide, name)] if stretch.due else []
        if wide >= 26 and stretch.due:
            parts.append(_value(stretch, x, language))
        if place % every == 0:
            parts.append(_under(values, place, x, language))
        yield element("g", *parts, **_facts(stretch)) if parts else ""


def _facts(stretch: Stretch) -> dict[str, str | int | None]:
    percent = stretch.percent
    return {
        "data_first": stretch.first.isoformat(),
        "data_on_time": stretch.on_time,
        "data_late": stretch.late,
        "data_absent": stretch.absent,
        "data_undetermined": stretch.undetermined,
        "data_percent": None if percent is None else str(percent),
        "data_city": None if stretch.city is None else str(stretch.city),
    }


def _bar(stretch: Stretch, x: float, wide: float, name: str) -> str:
    sure, possible = stretch.on_time / stretch.due, (stretch.on_time + stretch.undetermined) / stretch.due
    parts = []
    if stretch.undetermined:
        tall = _FRAME.y(sure) - _FRAME.y(possible)
        edge: dict[str, Attribute] = {"fill": f"url(#{name}-hatch)", "stroke": palette.HATCH, "stroke_width": 0.8}
        parts.append(element("rect", x=x, y=_FRAME.y(possible), width=wide, height=tall, **edge))
    top = _FRAME.y(sure)
    parts.append(element("rect", x=x, y=top, width=wide, height=_FRAME.bottom - top, fill=palette.UNIT_LINE))
    return "".join(parts)


def _value(stretch: Stretch, x: float, language: Language) -> str:
    """Write the percentage at the foot of a bar, where no line runs through it; on paper where the bar is hatched."""
    text, y = _share(stretch, language), _FRAME.bottom - 9
    if _FRAME.y(stretch.on_time / stretch.due) < y - 14:
        ground, ink = "", palette.ink_on(palette.UNIT_LINE)
    else:
        wide = text_width(text, 11) + 4
        ground = element("rect", x=x - wide / 2, y=y - 12, width=wide, height=16, fill=palette.PAPER)
        ink = palette.INK
    return ground + words(text, x, y, 11, text_anchor="middle", font_weight="bold", fill=ink)


def _share(stretch: Stretch, language: Language) -> str:
    percent = stretch.percent
    return "?" if percent is None else decimal(float(percent), language, 0 if percent == 100 else 1)


def _label(stretch: Stretch, step: Step, language: Language) -> str:
    if step is Step.MONTH:
        return _month(stretch.first, language)
    if step is Step.WEEK and stretch.first != stretch.last:
        return f"{stretch.first.day}-{stretch.last.day}"
    return str(stretch.first.day)


def _month(on: date, language: Language) -> str:
    return month_names(language)[on.month - 1][:3]


def _label_every(values: Trend, language: Language) -> int:
    """Say at every how many bars there is room for a label."""
    widest = max(text_width(_label(one, values.step, language), 12.5) for one in values.stretches)
    return max(1, -int(-(widest + 5) // _pitch(values)))


def _under(values: Trend, place: int, x: float, language: Language) -> str:
    """Write under a bar its dates, and the month or year where it begins."""
    stretch, step = values.stretches[place], values.step
    label = words(_label(stretch, step, language), x, _FRAME.bottom + 17, 12.5, text_anchor="middle")
    before = values.stretches[place - 1].first if place else None
    if step is Step.MONTH:
        fresh, second = before is None or before.year != stretch.first.year, str(stretch.first.year)
    else:
        fresh, second = before is None or before.month != stretch.first.month, _month(stretch.first, language)
    return label + (words(second, x, _FRAME.bottom + 33, 12.5, text_anchor="middle") if fresh else "")


def _city(values: Trend) -> str:
    """Draw the city's line over the bars; it breaks where nothing of the city is judged."""
    pitch, path, dots, drawn = _pitch(values), [], [], False
    for place, stretch in enumerate(values.stretches):
        if stretch.city is None:
            # a day off is no gap in what is known, an unjudged one is
            drawn = drawn and not stretch.due
            continue
        x, y = _FRAME.left + pitch * (place + 0.5), _FRAME.y(float(stretch.city) / 100)
        path.append(f"{'L' if drawn else 'M'}{x:.2f} {y:.2f}")
        dots.append(_dot(x, y))
        drawn = True
    line = "".join(path)
    halo = element("path", d=line, fill="none", stroke=palette.PAPER, stroke_width=5)
    return halo + element("path", d=line, fill="none", stroke=palette.OTHER_LINE, stroke_width=2.4) + "".join(dots)


def _dot(x: float, y: float) -> str:
    return element("circle", cx=x, cy=y, r=4, fill=palette.PAPER, stroke=palette.OTHER_LINE, stroke_width=2.2)


def _told(stretch: Stretch, step: Step, language: Language) -> str:
    span = _label(stretch, step, language)
    span = f"{span} {stretch.first.year}" if step is Step.MONTH else f"{span} {_month(stretch.first, language)}"
    if not stretch.due:
        return word("trend_one", language, span=span, share=word("trend_nothing", language))
    percent = stretch.percent
    share = (
        word("trend_unknown", language)
        if percent is None
        else word("trend_known", language, percent=_share(stretch, language))
    )
    if stretch.undetermined:
        share += word("trend_with_open", language, count=stretch.undetermined)
    if stretch.city is not None:
        share += word("trend_with_city", language, percent=decimal(float(stretch.city), language))
    return word("trend_one", language, span=span, share=share)
