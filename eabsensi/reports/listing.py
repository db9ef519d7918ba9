"""A list as a page shows it, on paper: columns, rows, and by what it was narrowed. Nobody signs it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal, NamedTuple
from zoneinfo import ZoneInfo

from eabsensi.assessing.city import UnknownUnitError
from eabsensi.law.policy import Policy
from eabsensi.law.wording import Language, decimal, full_date, month_name
from eabsensi.reports.labels import label
from eabsensi.reports.paper import Column, Medium, Paper, Part, Plain, Setting, Subject, Table, Value, written
from eabsensi.store.connection import Connection
from eabsensi.store.people import Unit, load_units


class Words(NamedTuple):
    """The same in both languages."""

    id: str
    en: str

    def text(self, language: Language) -> str:
        """Give the words of a language."""
        return self.en if language is Language.EN else self.id


Told = Plain | Words


class Field(NamedTuple):
    """A column of a list.

    Attributes:
        key: in JSON, and the header of the CSV.
        heading: on paper and in a workbook.
        width: characters, in a workbook.
        share: width on paper, as typst writes it: ``auto``, ``1fr``, ``55mm``.
        align: of its cells.

    """

    key: str
    heading: Words
    width: float
    share: str = "auto"
    align: Literal["left", "center", "right"] = "left"


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands around a list.

    Attributes:
        policy: whose letterheads and version are printed.
        as_of: the instant that is shown, in the city's zone.
        units: every unit by its code.
        unit: the one asked for; None is the whole city.

    """

    policy: Policy
    as_of: datetime
    units: Mapping[str, Unit]
    unit: Unit | None

    @classmethod
    def of(cls, connection: Connection, policy: Policy, as_of: datetime, unit: str | None) -> Frame:
        """Load the units.

        Raises:
            UnknownUnitError: there is no such unit.

        """
        units = load_units(connection)
        if unit is not None and unit not in units:
            raise UnknownUnitError(f"There is no unit {unit}.", remedy="Choose one from the list.")
        zone = ZoneInfo(policy.timezone.on(as_of.date()).value)
        return cls(policy, as_of.astimezone(zone), units, units[unit] if unit is not None else None)

    @property
    def zone(self) -> ZoneInfo:
        """The city's zone."""
        return ZoneInfo(self.policy.timezone.on(self.as_of.date()).value)

    def local(self, at: datetime | None) -> datetime | None:
        """Give an instant in the city's zone."""
        return at.astimezone(self.zone) if at else None

    def name(self, code: str | None) -> str | None:
        """Name a unit; one that is not known any more keeps its code."""
        unit = self.units.get(code or "")
        return unit.name if unit else code

    @property
    def setting(self) -> Setting:
        """Give the report's setting; the unit's paper comes from the units above it where it has none of its own."""
        code = self.unit.code if self.unit else ""
        return Setting.of(self.policy, self.as_of, self.zone, (), {code: self._above(code)} if code else None)

    def _above(self, code: str) -> list[str]:
        above: list[str] = []
        while (parent := self.units[code].parent) is not None and parent in self.units and parent not in above:
            above.append(parent)
            code = parent
        return above


@dataclass(frozen=True, slots=True)
class Listing:
    """A list, ready for every rendering.

    Attributes:
        kind: as issued papers name it, e.g. ``documents``.
        named: its title.
        fields: the columns.
        rows: plain values in the order of the fields; dates are dates, a NIP is text.
        frame: what stands around it.
        empty: said where there are no rows.
        narrowed: what it was asked for, each a name and a value; None and ``""`` are left out.
        month: the month that it is about; None where it shows the present.
        most: how many rows there may be; said where there are more. None where all are there.

    """

    kind: str
    named: Words
    fields: tuple[Field, ...]
    rows: tuple[tuple[Told, ...], ...]
    frame: Frame
    empty: Words
    narrowed: tuple[tuple[Words, Told], ...] = ()
    month: date | None = None
    most: int | None = None

    @property
    def keys(self) -> Sequence[str]:
        """Name the keys of its objects, in order."""
        return [field.key for field in self.fields]

    @property
    def subject(self) -> Subject:
        """The present, or a month, of a unit or the city."""
        period = f"{self.month:%Y-%m}" if self.month else self.frame.as_of.date().isoformat()
        return Subject(self.kind, period, self.frame.unit.code if self.frame.unit else None)

    @property
    def setting(self) -> Setting:
        """Give what stands around it."""
        return self.frame.setting

    def title(self, language: Language) -> str:
        """Name it as its face does."""
        return self.named.text(language)

    def paper_units(self) -> Sequence[str]:
        """Name no unit: it is one list."""
        return ()

    def objects(self, language: Language) -> Iterator[Mapping[str, Any]]:
        """Give a row per line of the list; what is told in words is in the language."""
        return (dict(zip(self.keys, cells, strict=True)) for cells in self._cells(language))

    def paper(self, medium: Medium, language: Language) -> Paper:
        """Lay it out."""
        on = self.frame.as_of.date()
        return Paper(
            stem=self.subject.stem,
            title=self.title(language),
            period=month_name(self.month, language) if self.month else full_date(on, language),
            place=self.frame.unit.name if self.frame.unit else label("city", language),
            parts=(self._part(medium, language),),
            setting=self.setting,
            empty=self.empty.text(language),
        )

    def _part(self, medium: Medium, language: Language) -> Part:
        unit = self.frame.unit
        columns = tuple(Column(one.heading.text(language), one.width, one.align, one.share) for one in self.fields)
        table = Table(columns, tuple(self._cells(language)), size=8, frozen_columns=int(medium is Medium.SHEET))
        return Part(
            code=unit.code if unit else "",
            title=unit.name if unit else label("city", language),
            state=self._state(language),
            heading=label("attention", language),
            notes=(_MORE.text(language).format(most=decimal(self.most, language, 0)),) if self.most else (),
            tables=(table,) if self.rows else (),
            remarks=() if self.rows else (self.empty.text(language),),
            signed=False,
        )

    def _state(self, language: Language) -> tuple[str, ...]:
        """Say how many rows it has, and what it was asked for."""
        asked = [
            f"{name.text(language)}: {written(_plain(value, language), language)}"
            for name, value in self.narrowed
            if value not in (None, "")
        ]
        counted = _COUNT.text(language).format(count=decimal(len(self.rows), language, 0))
        return (counted, f"{_NARROWED.text(language)}: {'; '.join(asked)}.") if asked else (counted,)

    def _cells(self, language: Language) -> Iterator[tuple[Value, ...]]:
        return (tuple(_plain(value, language) for value in row) for row in self.rows)


_MORE = Words(
    "Hanya {most} baris pertama yang dimuat; persempit saringannya untuk melihat sisanya.",
    "Only the first {most} rows are here; narrow the list to see the others.",
)
_COUNT = Words("Jumlah baris: {count}.", "Rows: {count}.")
_NARROWED = Words("Saringan", "Narrowed by")


def _plain(value: Told, language: Language) -> Plain:
    return value.text(language) if isinstance(value, Words) else value
