"""A month as a map: people down, days across; or one person's month as a calendar that fits a phone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from eabsensi.law.wording import Language, clock_time, day_name, month_name
from eabsensi.reports.charts import palette
from eabsensi.reports.charts.cells import LETTERED, Cell, Kind, art, key_of
from eabsensi.reports.charts.charted_words import word
from eabsensi.reports.charts.drawing import element, fitted, identity, picture, text_width, words, wrapped

_WIDE, _NAMES, _EDGE = 1500.0, 292.0, 12.0
_TALLEST_GRID = 800.0
_PHONE = 372.0
_DAY_WIDTH, _DAY_HEIGHT = 51.0, 71.0


@dataclass(frozen=True, slots=True)
class HeatRow:
    """One person's month; a date without a posting has no cell."""

    name: str
    nip: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Heatmap:
    """A month to draw.

    Attributes:
        place: name of the unit, or of the person of a calendar.
        dates: every date of the month.
        rows: the people, in their order; up to 60 fit one page of F4 landscape.
        calendar: draw the one row as a calendar of weeks, as wide as a phone.

    """

    place: str
    dates: tuple[date, ...]
    rows: tuple[HeatRow, ...]
    calendar: bool = False

    def counts(self) -> Counter[Kind]:
        """Count the cells of each class."""
        return Counter(cell.kind for row in self.rows for cell in row.cells)


def heatmap_svg(values: Heatmap, language: Language) -> str:
    """Draw a month.

    Each cell carries ``data-day``, ``data-kind`` and where it applies ``data-late``, ``data-early``, ``data-open``.

    Raises:
        ValueError: a calendar of several people was asked for.

    """
    if values.calendar and len(values.rows) > 1:
        raise ValueError("a calendar shows one person")
    name = identity(values, language)
    month = month_name(values.dates[0], language)
    title = word("heatmap_title", language, month=month, place=values.place)
    draw = _calendar if values.calendar else _grid
    if not values.rows:
        empty = word("heatmap_empty", language)
        return picture(name, (_PHONE, 60), title, empty, words(empty, _EDGE, 36, 14))
    size, inside = draw(values, name, language)
    counts = ", ".join(f"{word(kind, language)} {count}" for kind, count in sorted(values.counts().items()))
    told = word("heatmap_told", language, people=len(values.rows), counts=counts)
    return picture(name, size, title, told, *inside)


def _grid(values: Heatmap, name: str, language: Language) -> tuple[tuple[float, float], list[str]]:
    height = max(13.0, min(24.0, _TALLEST_GRID / len(values.rows)))
    size = (_WIDE - _NAMES - _EDGE) / len(values.dates), height
    top = 40.0
    legend, legend_height = _legend(size, name, language, _WIDE)
    below = top + height * len(values.rows) + 12
    inside = [
        palette.hatching(name),
        _looks(values, size, name, language),
        *_heads(values.dates, size[0], language),
        *(_person(row, values.dates, size, top + height * place, name) for place, row in enumerate(values.rows)),
        element("g", legend, transform=f"translate(0 {below:g})"),
    ]
    return (_WIDE, below + legend_height), inside


def _looks(values: Heatmap, size: tuple[float, float], name: str, language: Language) -> str:
    """Define each look once; the cells and the legend refer to it."""
    shown = [cell for row in values.rows for cell in row.cells] + [cell for cell, _ in _entries(language)]
    looks = {key_of(cell): cell for cell in shown}
    return element(
        "defs",
        *(element("g", art(cell, size, name, language), id=f"{name}-{key}") for key, cell in sorted(looks.items())),
    )


def _heads(dates: Iterable[date], width: float, language: Language) -> Iterator[str]:
    for place, on in enumerate(dates):
        x, free = _NAMES + width * (place + 0.5), on.weekday() > 4
        fill = "#595959" if free else palette.INK
        yield words(day_name(on, language)[:3], x, 16, 10.5, text_anchor="middle", fill=fill)
        yield words(str(on.day), x, 32, 13, text_anchor="middle", font_weight=None if free else "bold", fill=fill)


def _person(row: HeatRow, dates: tuple[date, ...], size: tuple[float, float], y: float, name: str) -> str:
    width, height = size
    letters = min(13.0, height - 2)
    label = words(fitted(row.name, letters, _NAMES - _EDGE - 8), _EDGE, height / 2 + letters * 0.36, letters)
    places = {on: _NAMES + width * place for place, on in enumerate(dates)}
    cells = (
        element("use", href=f"#{name}-{key_of(cell)}", x=round(places[cell.on], 1), **_facts(cell))
        for cell in row.cells
    )
    return element("g", label, *cells, data_nip=row.nip, transform=f"translate(0 {y:g})")


def _facts(cell: Cell) -> dict[str, str | int | None]:
    return {
        "data_day": cell.on.day,
        "data_kind": cell.kind.value,
        "data_late": cell.late or None,
        "data_early": cell.early or None,
        "data_open": int(cell.open) or None,
    }


def _entries(language: Language) -> list[tuple[Cell, str]]:
    """Give what the legend explains, each with its words."""
    day = date.min
    late = [Cell(day, Kind.LATE, late=band) for band in range(1, 5)]
    texts = [word("present", language), word("open", language), word("late_legend", language), "TL2", "TL3", "TL4"]
    cells = [Cell(day, Kind.PRESENT), Cell(day, Kind.PRESENT, open=True), *late, Cell(day, Kind.EARLY, early=2)]
    texts.append(word("early_legend", language))
    kinds = (Kind.ABSENT, *LETTERED[:-1], Kind.OFF, Kind.UNDETERMINED, Kind.FUTURE)
    return [*zip(cells, texts, strict=True), *((Cell(day, kind), word(kind, language)) for kind in kinds)]


def _legend(size: tuple[float, float], name: str, language: Language, width: float) -> tuple[str, float]:
    """Lay the legend out in as many lines as it needs; give it with its height."""
    x, y, letters, line = _EDGE, 0.0, 13.0, max(20.0, size[1] + 6)
    parts = []
    for cell, text in _entries(language):
        needed = size[0] + 6 + text_width(text, letters) + 16
        if x + needed > width and x > _EDGE:
            x, y = _EDGE, y + line
        parts.append(element("use", href=f"#{name}-{key_of(cell)}", x=x, y=y))
        parts.append(words(text, x + size[0] + 6, y + size[1] / 2 + letters * 0.36, letters))
        x += needed
    return "".join(parts), y + line + 4


def _calendar(values: Heatmap, name: str, language: Language) -> tuple[tuple[float, float], list[str]]:
    (row,) = values.rows
    size = (21.0, 15.0)
    first = values.dates[0].weekday()
    weeks = (first + len(values.dates) + 6) // 7
    top = 26.0
    legend, legend_height = _legend(size, name, language, _PHONE)
    below = top + weeks * _DAY_HEIGHT + 12
    days = (values.dates[0].fromordinal(values.dates[0].toordinal() - first + place) for place in range(7))
    heads = (
        words(day_name(on, language)[:3], _left(place) + _DAY_WIDTH / 2, 17, 12, text_anchor="middle")
        for place, on in enumerate(days)
    )
    inside = [
        palette.hatching(name),
        _looks(values, size, name, language),
        *heads,
        element("g", *(_day(cell, values.dates[0], top, name, language) for cell in row.cells), data_nip=row.nip),
        element("g", legend, transform=f"translate(0 {below:g})"),
    ]
    return (_PHONE, below + legend_height), inside


def _left(place: int) -> float:
    return (_PHONE - 7 * _DAY_WIDTH) / 2 + place * _DAY_WIDTH


def _day(cell: Cell, first: date, top: float, name: str, language: Language) -> str:
    """Draw a day of a calendar: its number and mark, its codes, arrival and departure."""
    week, weekday = divmod(first.weekday() + cell.on.day - 1, 7)
    ground = cell.ground
    ink = palette.ink_on(ground)
    texts = [
        words(str(cell.on.day), 5, 15, 12.5, font_weight="bold"),
        *(words(line, 5, 31 + 11.5 * n, 11) for n, line in enumerate(wrapped(cell.codes, 11, _DAY_WIDTH - 8, 2))),
        *_times(cell, language),
    ]
    box = element(
        "rect",
        x=1,
        y=1,
        width=_DAY_WIDTH - 2,
        height=_DAY_HEIGHT - 2,
        rx=3,
        fill=ground,
        stroke=palette.RULE,
        stroke_width=0.8,
        stroke_dasharray="2 2" if cell.kind is Kind.FUTURE else None,
    )
    mark = element("use", href=f"#{name}-{key_of(cell)}", x=_DAY_WIDTH - 25, y=4)
    place = f"translate({_left(weekday):g} {top + week * _DAY_HEIGHT:g})"
    return element("g", box, element("g", *texts, fill=ink), mark, transform=place, **_facts(cell))


def _times(cell: Cell, language: Language) -> Iterator[str]:
    """Write arrival over departure, with a dash for one of them that is missing."""
    if cell.in_at or cell.out_at:
        for at, y in ((cell.in_at, 54), (cell.out_at, 66)):
            yield words(clock_time(at, language) if at else "-", 5, y, 10.5)
