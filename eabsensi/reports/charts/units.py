"""A day's units side by side, each a bar of a hundred percent; what is incomplete is hatched and stands apart."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from eabsensi.law.wording import Language, decimal, full_date
from eabsensi.reports.charts import palette
from eabsensi.reports.charts.axes import legend, swatch
from eabsensi.reports.charts.charted_words import word
from eabsensi.reports.charts.drawing import element, identity, picture, text_width, words, wrapped
from eabsensi.reports.recap import percentage

_COLUMN, _GAP = 480.0, 30.0  # letters stay legible where a phone shows a column at three quarters
_NAMES, _BAR, _ROW = 178.0, 176.0, 36.0
_TOP, _HEADING = 34.0, 30.0
#: In the order in which they stand in a bar, with their fills; ``url`` takes the picture's identity.
PARTS = (
    ("on_time", palette.GOOD),
    ("late", palette.LATE),
    ("absent", palette.ABSENT),
    ("excused", "url(#{name}-dots)"),
    ("undetermined", "url(#{name}-hatch)"),
)


class Counted(StrEnum):
    """What a bar counts: the people of a day, or the duty days of a month."""

    PEOPLE = "people"
    DUTY_DAYS = "duty_days"


@dataclass(frozen=True, slots=True)
class UnitBar:
    """One unit's people on a day, or their duty days of a month.

    Attributes:
        code: of the unit.
        name: of the unit.
        on_time: known to be present and not late, duty elsewhere among them.
        late: present and late.
        absent: without reason.
        excused: by a paper.
        undetermined: not judged yet, or present and the arrival is not known yet.
        off: without duty; not in the bar.
        incomplete: something unread may still change it.

    """

    code: str
    name: str
    on_time: int
    late: int
    absent: int
    excused: int
    undetermined: int
    off: int
    incomplete: bool

    @property
    def people(self) -> int:
        """Everybody with duty."""
        return self.on_time + self.late + self.absent + self.excused + self.undetermined

    @property
    def percent(self) -> Decimal | None:
        """On time of those present or absent, None where there is nobody."""
        return percentage(self.on_time, self.on_time + self.late + self.absent)


@dataclass(frozen=True, slots=True)
class Units:
    """Units to compare.

    Attributes:
        on: the day.
        place: name of the unit above them, or the city.
        bars: in any order; they are drawn sorted.
        columns: beside one another, 1 for a screen; on a page of F4 landscape 2 for up to 30 units, 3 for up to 50.
        counted: what the bars count, as the picture says it.

    """

    on: date
    place: str
    bars: tuple[UnitBar, ...]
    columns: int = 1
    counted: Counted = Counted.PEOPLE

    @property
    def ranked(self) -> list[UnitBar]:
        """The complete ones, the best first."""
        complete = (bar for bar in self.bars if bar.people and not bar.incomplete)
        return sorted(complete, key=lambda bar: (-(bar.percent if bar.percent is not None else -1), bar.name, bar.code))

    @property
    def unranked(self) -> list[UnitBar]:
        """The incomplete ones, by name."""
        return sorted((bar for bar in self.bars if bar.people and bar.incomplete), key=lambda bar: (bar.name, bar.code))


def units_svg(values: Units, language: Language) -> str:
    """Draw them; each row carries ``data-unit`` and its counts, each part ``data-part`` and ``data-count``."""
    name = identity(values, language)
    title = word("units_title", language, date=full_date(values.on, language), place=values.place)
    drawn = [*values.ranked, *values.unranked]
    if not drawn:
        empty = " ".join((word("units_empty", language), *_without_duty(values, language)))
        lines = wrapped(empty, 13, _COLUMN - 24, 6)
        texts = (words(line, 12, 28 + 18 * place, 13) for place, line in enumerate(lines))
        return picture(name, (_COLUMN, 40 + 18 * len(lines)), title, empty, *texts)
    told = word(f"units_told_{values.counted}", language, units="; ".join(_told(bar, language) for bar in drawn))
    width = values.columns * (_COLUMN + _GAP) - _GAP
    blocks, bottom = _laid_out(values, name, language)
    entries = [(swatch(fill.format(name=name)), word(part, language)) for part, fill in PARTS]
    explained, bottom = legend(entries, 12, bottom + 24, width)
    notes = [
        line
        for note in (word("units_note", language), *_without_duty(values, language))
        for line in wrapped(note, 12.5, width - 24, 8)
    ]
    texts = (words(line, 12, bottom + 14 + 18 * place, 12.5) for place, line in enumerate(notes))
    size = width, bottom + 14 + 18 * len(notes)
    aside = " ".join((told, *_without_duty(values, language)))
    return picture(name, size, title, aside, palette.hatching(name), *blocks, explained, *texts)


def _without_duty(values: Units, language: Language) -> list[str]:
    names = ", ".join(sorted(bar.name for bar in values.bars if not bar.people))
    return [word("units_off", language, names=names)] if names else []


def _laid_out(values: Units, name: str, language: Language) -> tuple[list[str], float]:
    """Set the rows under one another, in columns of the same length; give them and where they end."""
    rows: list[UnitBar | None] = [*values.ranked, *([None, *values.unranked] if values.unranked else [])]
    length = -(-len(rows) // values.columns)
    blocks = []
    for column in range(values.columns):
        part = rows[column * length : (column + 1) * length]
        if part:
            inside = [_head(values.counted, language), *_column(part, name, language)]
            blocks.append(element("g", *inside, transform=f"translate({column * (_COLUMN + _GAP):g} 0)"))
    return blocks, _TOP + length * _ROW


def _head(counted: Counted, language: Language) -> str:
    return words(word(f"units_value_{counted}", language), _COLUMN - 6, 22, 12.5, text_anchor="end")


def _column(rows: Sequence[UnitBar | None], name: str, language: Language) -> Iterator[str]:
    for place, bar in enumerate(rows):
        y = _TOP + place * _ROW
        yield _row(bar, y, name, language) if bar else _apart(y, language)


def _apart(y: float, language: Language) -> str:
    line = element("path", d=f"M12 {y + 5:g}H{_COLUMN - 6:g}", stroke=palette.INK, stroke_width=1.2)
    return line + words(word("units_incomplete", language), 12, y + 23, 13.5, font_weight="bold")


def _row(bar: UnitBar, y: float, name: str, language: Language) -> str:
    percent = bar.percent
    share = "-" if percent is None else f"{decimal(float(percent), language)} %"
    right = words(f"{bar.on_time}/{bar.people}", _COLUMN - 6, y + _ROW / 2 + 4.5, 12, text_anchor="end")
    value = words(
        share, _COLUMN - 64, y + _ROW / 2 + 4.5, 12.5, text_anchor="end", font_weight=None if bar.incomplete else "bold"
    )
    facts = {f"data_{part}": getattr(bar, part) for part, _ in PARTS}
    inside = (*_names(bar.name, y), *_parts(bar, y, name), value, right)
    return element("g", *inside, data_unit=bar.code, data_off=bar.off, data_incomplete=int(bar.incomplete), **facts)


def _names(name: str, y: float) -> Iterator[str]:
    """Write a name in at most three lines, smaller where it would be cut."""
    tries = [(letters, wrapped(name, letters, _NAMES - 18, most)) for letters, most in ((12.5, 2), (11, 3), (9.5, 3))]
    letters, lines = next((one for one in tries if not any(line.endswith("…") for line in one[1])), tries[1])
    first = y + _ROW / 2 + letters * 0.36 - (len(lines) - 1) * (letters + 0.5) / 2
    for place, line in enumerate(lines):
        yield words(line, 12, first + place * (letters + 0.5), letters)


def _parts(bar: UnitBar, y: float, name: str) -> Iterator[str]:
    """Draw the parts of a bar, each with its count where there is room; an outline keeps them apart in grey."""
    x = _NAMES
    for part, fill in PARTS:
        count = getattr(bar, part)
        if count:
            wide = _BAR * count / bar.people
            edge = {"stroke": palette.INK, "stroke_width": 0.7, "data_part": part, "data_count": count}
            yield element("rect", x=x, y=y + 7, width=wide, height=_ROW - 14, fill=fill.format(name=name), **edge)
            if text_width(str(count), 11.5) + 8 <= wide:
                yield _count(count, x + wide / 2, y + _ROW / 2 + 4, fill)
            x += wide


def _count(count: int, x: float, y: float, fill: str) -> str:
    """Write a count; over a hatching it stands on paper."""
    hatched = fill.startswith("url")
    wide = text_width(str(count), 11.5) + 4
    ground = element("rect", x=x - wide / 2, y=y - 10.5, width=wide, height=13, fill=palette.PAPER) if hatched else ""
    ink = palette.INK if hatched else palette.ink_on(fill)
    return ground + words(str(count), x, y, 11.5, text_anchor="middle", fill=ink)


def _told(bar: UnitBar, language: Language) -> str:
    percent = "-" if bar.percent is None else f"{decimal(float(bar.percent), language)} %"
    counts = ", ".join(f"{word(part, language)} {getattr(bar, part)}" for part, _ in PARTS)
    return word("units_one", language, name=bar.name, percent=percent, counts=counts)
