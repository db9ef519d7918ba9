"""Who had come by when: the share of people arrived, minute by minute, against the start of work."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from eabsensi.law.wording import Language, clock_time, decimal, full_date, long_date
from eabsensi.reports.charts import palette
from eabsensi.reports.charts.axes import Frame, legend, stroke_sample, swatch
from eabsensi.reports.charts.charted_words import word
from eabsensi.reports.charts.drawing import Attribute, element, identity, picture, words, wrapped

#: Minutes from the start of work that are drawn; who comes later stands at the right edge.
MINUTES = range(-75, 61)
_WIDTH = 480.0  # letters stay legible where a phone shows it at three quarters
_FRAME = Frame(left=36, top=66, width=422, height=220)


@dataclass(frozen=True, slots=True)
class Quarter:
    """Every quarter of an hour as a table has it: by when, how many, and the percentages of today and usually."""

    by: str
    arrived: int
    percent: float
    usual: float | None


@dataclass(frozen=True, slots=True)
class Arrivals:
    """A day's arrivals; everybody's against the own start of work.

    Attributes:
        on: the day.
        place: name of the unit or the city.
        people: those due at work, undetermined ones too; nobody excused, off, on shifts or elsewhere on duty.
        minutes: whole minutes from the start of work to each arrival, rounded down, sorted; negative before the start.
        undetermined: people who have not arrived by what is known, and are not judged or were seen only later.
        start: start of work where all have the same, else None.
        until: the minute up to which the day has gone; None where it is over.
        as_of: clock time of ``until``.
        tolerance_minutes: lateness that may be made good on the same day; 0 is none.
        usual: share arrived, 0 to 1, at each of ``MINUTES`` on a usual day; empty where it is not known.
        usual_days: how many days it rests on.
        on_shifts: people left out because a roster gives their start.

    """

    on: date
    place: str
    people: int
    minutes: tuple[int, ...]
    undetermined: int
    start: time | None
    until: int | None = None
    as_of: datetime | None = None
    tolerance_minutes: int = 0
    usual: tuple[float, ...] = ()
    usual_days: int = 0
    on_shifts: int = 0

    def arrived_by(self, minute: int) -> int:
        """Count who has arrived in this minute or before."""
        return bisect_right(self.minutes, minute)

    @property
    def at_start(self) -> int:
        """The minute at which today is told: that of the start, or the last one that has gone."""
        return min(0, self.until) if self.until is not None else 0

    def quarters(self, language: Language) -> Iterator[Quarter]:
        """Give the same figures as a table, as far as the day has gone; nothing where nobody is due."""
        for place in range(0, len(MINUTES) if self.people else 0, 15):
            minute = MINUTES[place]
            if self.until is None or minute <= self.until:
                arrived = self.arrived_by(minute)
                usual = 100 * self.usual[place] if self.usual else None
                yield Quarter(_clock(self, minute, language), arrived, 100 * arrived / self.people, usual)


def arrivals_svg(values: Arrivals, language: Language) -> str:
    """Draw it; the curve carries ``data-people``, ``data-arrived``, ``data-by-start``, ``data-undetermined``."""
    name = identity(values, language)
    title = word("arrivals_title", language, date=full_date(values.on, language), place=values.place)
    if not values.people:
        empty = " ".join((word("arrivals_empty", language), *_beside(values, language)))
        return picture(
            name,
            (_WIDTH, 80),
            title,
            empty,
            *(words(line, 12, 24 + 18 * n, 13) for n, line in enumerate(wrapped(empty, 13, _WIDTH - 24, 3))),
        )
    told = " ".join(_told(values, language))
    explained, bottom = legend(_entries(values, name, language), 12, _FRAME.bottom + 66, _WIDTH)
    notes = [words(note, 12, bottom + 12 + 18 * place, 12.5) for place, note in enumerate(_beside(values, language))]
    inside = [
        palette.hatching(name),
        words(word("arrivals_axis", language), 12, 22, 13),
        _tolerance(values),
        _open_band(values, name),
        _FRAME.grid(),
        *_ticks(values, language),
        _start_line(values, language),
        _usual(values),
        _today(values),
        explained,
        *notes,
    ]
    return picture(name, (_WIDTH, bottom + 18 * len(notes)), title, told, *inside)


def _x(minute: float) -> float:
    return _FRAME.left + _FRAME.width * (minute - MINUTES[0]) / (MINUTES[-1] - MINUTES[0])


def _percent(share: float, language: Language) -> str:
    return decimal(100 * share, language)


def _tolerance(values: Arrivals) -> str:
    if not values.tolerance_minutes:
        return ""
    right = _x(min(values.tolerance_minutes, MINUTES[-1]))
    area: dict[str, Attribute] = {"y": _FRAME.top, "height": _FRAME.height, "fill": palette.TOLERANCE}
    shade = element("rect", x=_x(0), width=right - _x(0), data_minutes=values.tolerance_minutes, **area)
    end = f"M{right:.2f} {_FRAME.top:g}V{_FRAME.bottom:g}"
    return shade + element("path", d=end, stroke=palette.RULE, stroke_width=1.2, stroke_dasharray="3 3")


def _open_band(values: Arrivals, name: str) -> str:
    """Hatch the share of whom it is not known whether they came."""
    if not values.undetermined:
        return ""
    low = _FRAME.y(1 - values.undetermined / values.people)
    area = {"x": _FRAME.left, "y": _FRAME.top, "width": _FRAME.width, "height": low - _FRAME.top}
    return element("rect", fill=f"url(#{name}-hatch)", stroke=palette.HATCH, stroke_width=0.8, opacity=0.75, **area)


def _ticks(values: Arrivals, language: Language) -> Iterator[str]:
    for minute in MINUTES[::15]:
        x = _x(minute)
        yield element("path", d=f"M{x:.2f} {_FRAME.bottom:g}v5", stroke=palette.RULE, stroke_width=1)
        yield words(_clock(values, minute, language), x, _FRAME.bottom + 19, 12, text_anchor="middle")
    axis = word("clock_axis" if values.start else "minutes_axis", language)
    yield words(axis, _FRAME.right, _FRAME.bottom + 38, 12.5, text_anchor="end")


def _clock(values: Arrivals, minute: int, language: Language) -> str:
    if values.start is None:
        return f"{minute:+d}" if minute else "0"
    return clock_time(datetime.combine(values.on, values.start) + timedelta(minutes=minute), language)


def _start_line(values: Arrivals, language: Language) -> str:
    text = word("start", language, clock=_clock(values, 0, language)) if values.start else word("start_bare", language)
    line = element("path", d=f"M{_x(0):.2f} {_FRAME.top - 14:g}V{_FRAME.bottom:g}", stroke=palette.INK, stroke_width=2)
    return line + words(text, _x(0), _FRAME.top - 20, 13.5, text_anchor="middle", font_weight="bold")


def _usual(values: Arrivals) -> str:
    if not values.usual:
        return ""
    points = (f"{_x(minute):.2f} {_FRAME.y(share):.2f}" for minute, share in zip(MINUTES, values.usual, strict=True))
    line: dict[str, Attribute] = {
        "fill": "none",
        "stroke": palette.OTHER_LINE,
        "stroke_width": 2.6,
        "stroke_dasharray": "7 4",
    }
    return element("path", d=f"M{'L'.join(points)}", **line)


def _today(values: Arrivals) -> str:
    """Draw the steps of the day as far as it has gone, and a dot where it is told in the legend."""
    last = MINUTES[-1] if values.until is None else min(MINUTES[-1], values.until)
    path = _steps(values, [minute for minute in MINUTES if minute <= last])
    facts: dict[str, Attribute] = {
        "data_people": values.people,
        "data_arrived": len(values.minutes),
        "data_by_start": values.arrived_by(values.at_start),
        "data_undetermined": values.undetermined,
    }
    line = element("path", d=path, fill="none", stroke=palette.UNIT_LINE, stroke_width=3.2) if path else ""
    return element("g", line, _dot(values) if path else "", **facts)


def _dot(values: Arrivals) -> str:
    share = values.arrived_by(values.at_start) / values.people
    look: dict[str, Attribute] = {"r": 5.5, "fill": palette.UNIT_LINE, "stroke": palette.PAPER, "stroke_width": 1.5}
    return element("circle", cx=_x(values.at_start), cy=_FRAME.y(share), **look)


def _steps(values: Arrivals, minutes: Sequence[int]) -> str:
    if not minutes:
        return ""
    parts, count = [], values.arrived_by(minutes[0])
    parts.append(f"M{_x(minutes[0]):.2f} {_FRAME.y(count / values.people):.2f}")
    for minute in minutes[1:]:
        if (now := values.arrived_by(minute)) != count:
            count = now
            parts.append(f"H{_x(minute):.2f}V{_FRAME.y(count / values.people):.2f}")
    return "".join((*parts, f"H{_x(minutes[-1]):.2f}"))


def _entries(values: Arrivals, name: str, language: Language) -> Iterator[tuple[str, str]]:
    percent = _percent(values.arrived_by(values.at_start) / values.people, language)
    running = values.as_of is not None and values.at_start < 0
    clock = clock_time(values.as_of, language) if values.as_of else ""
    today = word(
        "today_running" if running else "today_line",
        language,
        percent=percent,
        clock=clock,
        day=long_date(values.on, language),
    )
    yield stroke_sample(palette.UNIT_LINE, None, 3.2), today
    if values.usual:
        share = _percent(values.usual[MINUTES.index(0)], language)
        usual = word("usual_line", language, percent=share, days=values.usual_days)
        yield stroke_sample(palette.OTHER_LINE, "7 4", 2.6), usual
    if values.undetermined:
        yield swatch(f"url(#{name}-hatch)"), word("open_band", language, count=values.undetermined)
    if values.tolerance_minutes:
        yield swatch(palette.TOLERANCE), word("tolerance", language, minutes=values.tolerance_minutes)


def _told(values: Arrivals, language: Language) -> Iterator[str]:
    on_time = values.arrived_by(values.at_start)
    as_of = word("arrivals_as_of", language, clock=clock_time(values.as_of, language)) if values.as_of else ""
    percent = _percent(on_time / values.people, language)
    counts = {"arrived": len(values.minutes), "people": values.people, "on_time": on_time}
    yield word("arrivals_told", language, as_of=as_of, percent=percent, **counts)
    if values.undetermined:
        yield word("arrivals_open", language, count=values.undetermined)
    if values.usual:
        share = _percent(values.usual[MINUTES.index(0)], language)
        yield word("arrivals_usual", language, days=values.usual_days, percent=share)
    yield from _beside(values, language)


def _beside(values: Arrivals, language: Language) -> list[str]:
    return [word("arrivals_shift", language, count=values.on_shifts)] if values.on_shifts else []
