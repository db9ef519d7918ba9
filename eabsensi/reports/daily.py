"""The daily report as one stream of typed rows, with what stands around them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from eabsensi.assessing.daily import DayAssessment, PersonDay
from eabsensi.discipline.clockreasons import ClockWrong, ReadBySlowClock
from eabsensi.discipline.facts import UnitFact
from eabsensi.discipline.reasons import (
    DayOff,
    DayRunning,
    DeviceUnread,
    EarlyBy,
    InUseLater,
    LateBy,
    LogBegins,
    NoDevice,
    Reason,
    RecordsLost,
    Weekend,
)
from eabsensi.discipline.verdict import Status
from eabsensi.law.citation import Citation
from eabsensi.law.policy import Policy
from eabsensi.law.wording import Language
from eabsensi.reports.labels import label
from eabsensi.reports.paper import Setting, Subject
from eabsensi.reports.standings import arrival_unknown
from eabsensi.reports.standings import late as is_late

_SHOWN_ELSEWHERE = (LateBy, EarlyBy, DayRunning)


@dataclass(frozen=True, slots=True)
class Schedule:
    """The duty of a day; both times are None on a day without one."""

    name: str
    start: datetime | None
    end: datetime | None


@dataclass(frozen=True, slots=True)
class DailyRow:
    """One person's day as every rendering shows it.

    Attributes:
        number: place within the unit, from 1.
        date: the day.
        unit: code.
        nip: text.
        name: of the person.
        rank: pangkat and golongan.
        position: jabatan.
        status: present, absent, excused, off or undetermined.
        codes: the printed ones.
        in_at: arrival, with the unit's offset.
        out_at: departure, with the unit's offset.
        late_minutes: whole minutes.
        early_minutes: whole minutes.
        schedule: the duty.
        complete: nothing unread can change the row.
        document: code and number of the paper that decided.
        citations: the law.
        reasons: why.

    """

    number: int
    date: date
    unit: str
    nip: str
    name: str
    rank: str
    position: str
    status: Status
    codes: tuple[str, ...]
    in_at: datetime | None
    out_at: datetime | None
    late_minutes: int
    early_minutes: int
    schedule: Schedule
    complete: bool
    document: str | None
    citations: tuple[Citation, ...]
    reasons: tuple[Reason, ...]

    def explanation(self, language: Language) -> str:
        """Say every reason, most important first."""
        return "; ".join(reason.text(language) for reason in self.reasons)

    def remark(self, language: Language) -> str:
        """Say the reasons that the row's own columns and the head of its section do not already show."""
        return "; ".join(reason.text(language) for reason in self.reasons if not isinstance(reason, _SHOWN_ELSEWHERE))


@dataclass(frozen=True, slots=True)
class Counts:
    """How many people of a section are what.

    Among the present are ``late``, ``early``, ``open`` and, of the open ones, ``arrival_unknown``.
    """

    people: int
    present: int
    late: int
    early: int
    open: int
    arrival_unknown: int
    absent: int
    excused: int
    off: int
    undetermined: int


_SILENT = (DeviceUnread, ReadBySlowClock, RecordsLost, NoDevice, LogBegins, InUseLater)


@dataclass(frozen=True, slots=True)
class Section:
    """The rows of one unit, with what is incomplete in it and why."""

    unit: UnitFact
    rows: tuple[DailyRow, ...]
    notes: tuple[Reason, ...]

    @property
    def counts(self) -> Counts:
        """Count the section's people."""
        return count(self.rows)

    @property
    def unread(self) -> tuple[Reason, ...]:
        """The notes of machines that are silent: not read as far as they should be, or none at all."""
        return tuple(note for note in self.notes if isinstance(note, _SILENT))

    @property
    def notes_key(self) -> str:
        """Name the label that heads the notes: a day off, a device to look after, or a day that is incomplete."""
        kinds = {type(note) for note in self.notes}
        if kinds <= {DayOff, Weekend}:
            return "day_off"
        return "attention" if kinds <= {ClockWrong} else "incomplete"


@dataclass(frozen=True, slots=True)
class DailyReport:
    """A daily report, ready for every rendering.

    Attributes:
        on: the day.
        unit: the unit asked for; None for the whole city.
        sections: one per unit that has people, by code.
        setting: what stands around it.
        policy: the rules, for what is drawn of the day.

    """

    on: date
    unit: UnitFact | None
    sections: tuple[Section, ...]
    setting: Setting
    policy: Policy

    @property
    def as_of(self) -> datetime:
        """The instant whose knowledge it shows, in the report's zone."""
        return self.setting.as_of

    @property
    def zone(self) -> ZoneInfo:
        """The zone of the unit asked for, or of the city."""
        return self.setting.zone

    @property
    def subject(self) -> Subject:
        """A day of a unit or the city."""
        return Subject("daily", self.on.isoformat(), self.unit.code if self.unit else None)

    def title(self, language: Language) -> str:
        """Name it as its face does."""
        return label("title", language)

    def paper_units(self) -> Sequence[str]:
        """Name the units that have pages of their own."""
        return [section.unit.code for section in self.sections]

    def objects(self, language: Language) -> Iterator[Mapping[str, Any]]:
        """Give a row per person (design §7)."""
        return (row_object(row, language) for row in self.rows)

    @property
    def rows(self) -> Iterable[DailyRow]:
        """Every row, by unit and name."""
        return (row for section in self.sections for row in section.rows)

    @property
    def counts(self) -> Counts:
        """Count everybody."""
        return count(self.rows)


def daily_report(assessment: DayAssessment, policy: Policy) -> DailyReport:
    """Make the report of a judged day."""
    sections = []
    for code, days in groupby(assessment.rows, key=lambda day: day.unit.code):
        group = list(days)
        rows = tuple(_row(number, day) for number, day in enumerate(group, 1))
        sections.append(Section(group[0].unit, rows, assessment.unit_notes.get(code, ())))
    citations = tuple(dict.fromkeys(cited for day in assessment.rows for cited in day.verdict.citations))
    setting = Setting.of(policy, assessment.as_of, assessment.zone, citations, assessment.ancestries)
    setting = replace(setting, head=assessment.head)
    return DailyReport(assessment.on, assessment.unit, tuple(sections), setting, policy)


def _row(number: int, day: PersonDay) -> DailyRow:
    verdict, person = day.verdict, day.person
    span = verdict.workday.span
    return DailyRow(
        number=number,
        date=verdict.workday.on,
        unit=day.unit.code,
        nip=person.nip,
        name=person.name,
        rank=person.rank,
        position=person.position,
        status=verdict.status,
        codes=verdict.codes,
        in_at=verdict.in_at,
        out_at=verdict.out_at,
        late_minutes=verdict.late_minutes,
        early_minutes=verdict.early_minutes,
        schedule=Schedule(verdict.workday.name, span.starts_at if span else None, span.ends_at if span else None),
        complete=verdict.complete,
        document=verdict.document,
        citations=verdict.citations,
        reasons=verdict.reasons,
    )


def count(rows: Iterable[DailyRow]) -> Counts:
    """Count rows by status, and the present ones by what their codes say."""
    statuses: Counter[Status] = Counter()
    late = early = left_open = unknown = 0
    for row in rows:
        statuses[row.status] += 1
        if row.status is Status.PRESENT:
            late += is_late(row)
            early += any(code.startswith("PSW") for code in row.codes)
            left_open += not row.complete
            unknown += arrival_unknown(row)
    return Counts(
        people=statuses.total(),
        present=statuses[Status.PRESENT],
        late=late,
        early=early,
        open=left_open,
        arrival_unknown=unknown,
        absent=statuses[Status.ABSENT],
        excused=statuses[Status.EXCUSED],
        off=statuses[Status.OFF],
        undetermined=statuses[Status.UNDETERMINED],
    )


def row_object(row: DailyRow, language: Language = Language.ID) -> dict[str, Any]:
    """Give a row as other programs read it (design §7); ``reasons`` says why, in words."""
    return {
        "date": row.date.isoformat(),
        "unit": row.unit,
        "nip": row.nip,
        "name": row.name,
        "status": row.status.value,
        "codes": list(row.codes),
        "in": _iso(row.in_at),
        "out": _iso(row.out_at),
        "late_minutes": row.late_minutes,
        "early_minutes": row.early_minutes,
        "schedule": {
            "name": row.schedule.name,
            "start": _iso(row.schedule.start),
            "end": _iso(row.schedule.end),
        },
        "complete": row.complete,
        "document": row.document,
        "citations": [citation.text(language) for citation in row.citations],
        "reasons": [reason.text(language) for reason in row.reasons],
    }


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
