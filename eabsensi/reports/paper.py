"""A report laid out: parts with tables, notes and law, in words. What a terminal, a workbook and a PDF print alike."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from enum import StrEnum
from typing import Any, Literal, Protocol
from zoneinfo import ZoneInfo

from eabsensi.law.letterhead import Letterhead, Letterheads
from eabsensi.law.policy import Policy
from eabsensi.law.wording import Language, clock_time, long_date, moment, zone_name
from eabsensi.reports.labels import label


class Medium(StrEnum):
    """Where a report is read; wide tables are cut differently for each."""

    SCREEN = "screen"
    SHEET = "sheet"
    PRINT = "print"


class Tint(StrEnum):
    """What a cell's background says, readable in grey; never the only sign of it."""

    LATE = "late"
    ABSENT = "absent"
    EXCUSED = "excused"
    OFF = "off"
    UNDETERMINED = "undetermined"


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell that is more than its value."""

    value: Plain
    tint: Tint | None = None


Plain = str | int | Decimal | date | time | None
Value = Plain | Cell


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table.

    Attributes:
        heading: its name.
        width: characters, in a workbook and at least in a terminal.
        align: of its cells.
        share: width on paper, as typst writes it: ``auto``, ``1fr``, ``55mm``.

    """

    heading: str
    width: float = 8
    align: Literal["left", "center", "right"] = "left"
    share: str = "auto"


@dataclass(frozen=True, slots=True)
class Table:
    """Columns and rows; ``size`` is that of the letters on paper, in points."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[Value, ...], ...]
    title: str = ""
    size: float = 8.5
    frozen_columns: int = 0
    total: tuple[Value, ...] = ()


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawing that follows a part's figures and signature on paper; workbooks and terminals leave it out.

    Attributes:
        svg: the drawing; its words use whatever letters typst has.
        title: above it.
        width_mm: on paper.

    """

    svg: str
    title: str
    width_mm: float


@dataclass(frozen=True, slots=True)
class Drawings:
    """What is drawn of a part: one picture for the room beside the signature, and those that come after it."""

    beside: Picture | None = None
    after: tuple[Picture, ...] = ()


@dataclass(frozen=True, slots=True)
class Signature:
    """Who signs, in words; what is ``""`` leaves room for handwriting.

    Attributes:
        lines: above the name, e.g. place and date, then the position.
        name: with titles.
        rank: pangkat.
        nip: text.

    """

    lines: tuple[str, ...]
    name: str = ""
    rank: str = ""
    nip: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """What belongs to one unit, on pages and a sheet of its own.

    Attributes:
        code: of the unit; names the sheet. ``""`` for what is of no unit, as a summary.
        title: of the unit.
        state: closed with which version, or still open; each a line.
        heading: of the notes, e.g. ``BELUM LENGKAP``.
        notes: what is incomplete, and why.
        tables: the figures.
        remarks: formulas and legends that the figures need.
        signed: a signature stands under it.
        signatures: whose, where it is not that of the unit's letterhead; the last one stands on the right.
        drawings: for paper.

    """

    code: str
    title: str
    state: tuple[str, ...]
    heading: str
    notes: tuple[str, ...]
    tables: tuple[Table, ...]
    remarks: tuple[str, ...] = ()
    signed: bool = True
    signatures: tuple[Signature, ...] = ()
    drawings: Drawings = Drawings()


@dataclass(frozen=True, slots=True)
class Subject:
    """What a report is about, as its issued papers are found again.

    Attributes:
        kind: e.g. ``monthly``.
        period: a date, month or year in ISO 8601; where a report shows the present, its date.
        unit: the code asked for; None is the whole city.

    """

    kind: str
    period: str
    unit: str | None

    @property
    def stem(self) -> str:
        """Begin the names of its files, e.g. ``monthly-2026-11``."""
        return f"{self.kind}-{self.period}"


class Sayable(Protocol):
    """Anything that is told in words, e.g. a citation."""

    def text(self, language: Language) -> str:
        """Give the words of a language."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What stands around every report: by what was known when, under which rules, on whose paper.

    ``head`` is that of the chain over the evidence, where a report proves it.
    """

    as_of: datetime
    zone: ZoneInfo
    policy_name: str
    policy_version: str
    letterheads: Letterheads
    citations: tuple[Sayable, ...] = ()
    ancestries: Mapping[str, Sequence[str]] = field(default_factory=dict)
    head: str | None = None

    @classmethod
    def of(
        cls,
        policy: Policy,
        as_of: datetime,
        zone: ZoneInfo,
        citations: tuple[Sayable, ...],
        ancestries: Mapping[str, Sequence[str]] | None = None,
    ) -> Setting:
        """Take the setting out of a policy; ``ancestries`` names the units above each unit, nearest first."""
        here = as_of.astimezone(zone)
        return cls(here, zone, policy.name, policy.version, policy.letterheads, citations, ancestries or {})

    def letterhead(self, code: str) -> Letterhead:
        """Give the letterhead of a unit; of ``""`` that of the city."""
        return self.letterheads.of(code, self.ancestries.get(code, ())) if code else self.letterheads.city

    def policy(self, language: Language) -> str:
        """Name the rules and their version."""
        return label("policy", language).format(name=self.policy_name, version=self.policy_version)

    def law(self, language: Language) -> str:
        """Cite the law."""
        cited = "; ".join(dict.fromkeys(citation.text(language) for citation in self.citations))
        return f"{label('law', language)}: {cited or '-'}."

    def moment(self, language: Language) -> str:
        """Write the instant whose knowledge is shown."""
        return f"{moment(self.as_of, language)} {zone_name(self.zone.key)}"


@dataclass(frozen=True, slots=True)
class Paper:
    """A whole report, laid out for one medium and language.

    Attributes:
        stem: begins the names of its files.
        title: of the report.
        period: in words.
        place: the unit asked for, or the city.
        parts: in order.
        setting: what stands around it.
        empty: said where there are no parts.
        portrait: high rather than wide.

    """

    stem: str
    title: str
    period: str
    place: str
    parts: tuple[Part, ...]
    setting: Setting
    empty: str
    portrait: bool = False


class Reported(Protocol):
    """A report that is told to programs; what its verification covers."""

    @property
    def subject(self) -> Subject:
        """Say what it is about."""

    @property
    def setting(self) -> Setting:
        """Give what stands around it."""

    def title(self, language: Language) -> str:
        """Name it as its face does."""

    def paper_units(self) -> Sequence[str]:
        """Name the units that have pages of their own; none where it is one paper."""

    def objects(self, language: Language) -> Iterator[Mapping[str, Any]]:
        """Give its rows as other programs read them; each names its ``unit``."""


class Papered(Reported, Protocol):
    """A report that can be laid out."""

    @property
    def keys(self) -> Sequence[str]:
        """Name the keys of its objects, in order; the header of its CSV."""

    def paper(self, medium: Medium, language: Language) -> Paper:
        """Lay it out."""


def bare(value: Value) -> Plain:
    """Give the value of a cell without its looks."""
    return value.value if isinstance(value, Cell) else value


def tint(value: Value) -> Tint | None:
    """Give the background of a cell."""
    return value.tint if isinstance(value, Cell) else None


def written(value: Value, language: Language) -> str:
    """Write a cell: nothing as blank, numbers as the language has them; decimals keep their places, exactly."""
    plain = bare(value)
    if plain is None:
        return ""
    if isinstance(plain, time):
        return clock_time(plain, language)
    if isinstance(plain, datetime):
        return f"{plain:%d-%m-%Y} {clock_time(plain, language)}"
    if isinstance(plain, date):
        return long_date(plain, language)
    if isinstance(plain, Decimal):
        text = f"{plain:,f}"
        return text.translate(str.maketrans(",.", ".,")) if language is Language.ID else text
    return str(plain)
