"""One day as a cell: its ground says how well, its mark says what, so that grey alone is enough."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from eabsensi.law.wording import Language
from eabsensi.reports.charts import palette
from eabsensi.reports.charts.charted_words import word
from eabsensi.reports.charts.drawing import Attribute, element, words


class Kind(StrEnum):
    """What a cell says; a day both late and left early is ``late`` and has both bands."""

    PRESENT = "present"
    LATE = "late"
    EARLY = "early"
    ABSENT = "absent"
    LEAVE = "leave"
    DUTY = "duty"
    SICK = "sick"
    PERMISSION = "permission"
    EXCUSED = "excused"
    OFF = "off"
    UNDETERMINED = "undetermined"
    FUTURE = "future"


LETTERED = (Kind.LEAVE, Kind.DUTY, Kind.SICK, Kind.PERMISSION, Kind.EXCUSED)
_GROUNDS = {
    Kind.PRESENT: palette.GOOD,
    Kind.ABSENT: palette.ABSENT,
    Kind.OFF: palette.OFF,
    Kind.UNDETERMINED: palette.PAPER,
    Kind.FUTURE: palette.PAPER,
    **dict.fromkeys(LETTERED, palette.EXCUSED),
}


@dataclass(frozen=True, slots=True)
class Cell:
    """One employee-day to draw.

    Attributes:
        on: the date.
        kind: its class.
        late: band of lateness, 1 to 4; 0 where not late.
        early: band of leaving early, 1 to 4; 0 where not early.
        open: present by what is known, but the day is not fully judged.
        codes: as printed, for a calendar.
        in_at: arrival, for a calendar.
        out_at: departure, for a calendar.

    """

    on: date
    kind: Kind
    late: int = 0
    early: int = 0
    open: bool = False
    codes: str = ""
    in_at: datetime | None = None
    out_at: datetime | None = None

    @property
    def look(self) -> tuple[Kind, int, int, bool]:
        """What decides how it is drawn."""
        return self.kind, self.late, self.early, self.open

    @property
    def ground(self) -> str:
        """The colour under the marks."""
        if self.kind in {Kind.LATE, Kind.EARLY}:
            return palette.BANDS[max(self.late, self.early, 1) - 1]
        return _GROUNDS[self.kind]


_LETTERS = dict(zip(Kind, "abcdefghijkl", strict=True))


def key_of(cell: Cell) -> str:
    """Name the look of a cell for an id, shortly: a map refers to it two thousand times."""
    bands = f"{cell.late}{cell.early}" if cell.late or cell.early else ""
    return f"{_LETTERS[cell.kind]}{bands}{'o' if cell.open else ''}"


def art(cell: Cell, size: tuple[float, float], name: str, language: Language) -> str:
    """Draw a cell at the origin: ground and mark; ``name`` is the picture's identity, whose hatching is used."""
    width, height = size
    hatched = cell.kind is Kind.UNDETERMINED
    edged = cell.kind in {Kind.FUTURE, Kind.UNDETERMINED}
    box = element(
        "rect",
        x=0.75,
        y=0.75,
        width=width - 1.5,
        height=height - 1.5,
        fill=f"url(#{name}-hatch)" if hatched else cell.ground,
        stroke=palette.RULE if edged else None,
        stroke_width=0.6 if edged else None,
        stroke_dasharray="1.5 2" if cell.kind is Kind.FUTURE else None,
    )
    return box + _mark(cell, width, height, language)


def _mark(cell: Cell, width: float, height: float, language: Language) -> str:
    ink = palette.ink_on(cell.ground)
    if cell.kind in LETTERED:
        letter = word(f"{cell.kind}_letter", language)
        return words(letter, width / 2, height / 2 + 3.6, 10, text_anchor="middle", font_weight="bold", fill=ink)
    if cell.kind is Kind.ABSENT:
        x, y, arm = width / 2, height / 2, min(width, height) / 2 - 3
        cross = f"M{x - arm:g} {y - arm:g}L{x + arm:g} {y + arm:g}M{x - arm:g} {y + arm:g}L{x + arm:g} {y - arm:g}"
        return element("path", d=cross, stroke=ink, stroke_width=1.8)
    if cell.kind is Kind.OFF:
        return element("path", d=f"M{width / 2 - 3:g} {height / 2:g}h6", stroke=palette.RULE, stroke_width=1.2)
    return _bars(cell, width, height, ink) + _star(cell, width, height)


def _bars(cell: Cell, width: float, height: float, ink: str) -> str:
    """Draw a bar per band: those of lateness stand where the day begins, those of leaving early where it ends."""
    left = [3.5 + 3.2 * place for place in range(cell.late)]
    right = [width - 3.5 - 3.2 * place for place in range(cell.early)]
    strokes = "".join(f"M{x:.4g} 2.6V{height - 2.6:.4g}" for x in (*left, *right))
    return element("path", d=strokes, stroke=ink, stroke_width=1.7) if strokes else ""


def _star(cell: Cell, width: float, height: float) -> str:
    """Mark a day that is not fully judged with a ring."""
    ring: dict[str, Attribute] = {"fill": palette.PAPER, "stroke": palette.INK, "stroke_width": 1.2}
    return element("circle", cx=width / 2, cy=height / 2, r=2.8, **ring) if cell.open else ""
