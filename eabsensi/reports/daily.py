"""The daily report as one stream of typed rows, with what stands around them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from zoneinfo import ZoneInfo

from eabsensi.assessing.daily import DayAssessment, PersonDay
from eabsensi.discipline.facts import UnitFact
from eabsensi.discipline.reasons import ClockWrong, DayOff, DayRunning, EarlyBy, LateBy, Reason, Weekend
from eabsensi.discipline.verdict import Status
from eabsensi.law.citation import Citation
from eabsensi.law.hours import Letterhead
from eabsensi.law.policy import Policy
from eabsensi.law.wording import Language

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
    """How many people of a section are what; ``late`` and ``early`` are among the present, so is ``open``."""

    people: int
    present: int
    late: int
    early: int
    open: int
    absent: int
    excused: int
    off: int
    undetermined: int


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
        as_of: the instant whose knowledge it shows, in the report's zone.
        zone: of the unit asked for, or of the city.
        unit: the unit asked for; None for the whole city.
        sections: one per unit that has people, by code.
        citations: the law that the verdicts rest on, each once.
        policy_name: of the local rules.
        policy_version: of the rules' files.
        letterhead: for printing.

    """

    on: date
    as_of: datetime
    zone: ZoneInfo
    unit: UnitFact | None
    sections: tuple[Section, ...]
    citations: tuple[Citation, ...]
    policy_name: str
    policy_version: str
    letterhead: Letterhead

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
    return DailyReport(
        on=assessment.on,
        as_of=assessment.as_of.astimezone(assessment.zone),
        zone=assessment.zone,
        unit=assessment.unit,
        sections=tuple(sections),
        citations=tuple(dict.fromkeys(cited for day in assessment.rows for cited in day.verdict.citations)),
        policy_name=policy.name,
        policy_version=policy.version,
        letterhead=policy.letterhead,
    )


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
    found = list(rows)
    present = [row for row in found if row.status is Status.PRESENT]

    def of(status: Status) -> int:
        return sum(row.status is status for row in found)

    return Counts(
        people=len(found),
        present=len(present),
        late=sum(any(code.startswith("TL") for code in row.codes) for row in present),
        early=sum(any(code.startswith("PSW") for code in row.codes) for row in present),
        open=sum(not row.complete for row in present),
        absent=of(Status.ABSENT),
        excused=of(Status.EXCUSED),
        off=of(Status.OFF),
        undetermined=of(Status.UNDETERMINED),
    )
