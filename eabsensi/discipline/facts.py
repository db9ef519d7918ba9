"""What is known about a person's day, as frozen values. The store fills them; judging reads them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Literal
from zoneinfo import ZoneInfo


class Source(StrEnum):
    """How a punch came to be known; a live one is provisional until the log has been read past it."""

    LOG = "log"
    USB = "usb"
    LIVE = "live"


class LossCause(StrEnum):
    """Why a device cannot tell what was punched for a while."""

    CLEARED = "cleared"
    MISDATED = "misdated"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Loss:
    """A stretch within which a person's records on a device may be lost, or do not tell their time.

    Attributes:
        after: its start.
        until: its end.
        cause: why.

    """

    after: datetime
    until: datetime
    cause: LossCause


@dataclass(frozen=True, slots=True)
class DeviceFact:
    """A device as it was known at the instant of judging.

    Attributes:
        id: the store's key.
        serial: the device's identity.
        name: as people call it.
        unit_code: the unit that it stands in.
        complete_through: its log has surely been read up to here; None where it never was.
        last_outcome: of its last poll, ``ok`` or the kind of error; None where it was never polled.
        last_error: the error's sentence.
        clock_offset_seconds: device clock minus server clock at the last poll that measured it.
        trusted_through: the recorded time up to which polls have surely read the log, each by the clock that it
            measured itself. None where the polls were not asked: then the present clock has to tell.
        in_use_from: the date on which its log begins, or from which a person states that it is used; None is since
            ever.
        use_stated: whether a person states it.
        loss: what it cannot tell of the day that is judged; None where that is nothing.

    """

    id: int
    serial: str
    name: str
    unit_code: str
    complete_through: datetime | None = None
    last_outcome: str | None = None
    last_error: str | None = None
    clock_offset_seconds: float | None = None
    trusted_through: datetime | None = None
    in_use_from: date | None = None
    use_stated: bool = False
    loss: Loss | None = None

    def was_in_use(self, on: date) -> bool:
        """Whether a punch that is missing on a date means something.

        The log may begin in the middle of its first date: the terminal was hung up at ten, or its ring has overwritten
        the morning. Only a person can say that this date is whole.
        """
        return self.in_use_from is None or on > self.in_use_from or (self.use_stated and on == self.in_use_from)


@dataclass(frozen=True, slots=True)
class PunchFact:
    """One punch of the person, as recorded.

    Attributes:
        device: where.
        punched_at: the instant that the device's wall clock means in its own zone.
        received_at: when the server got it.
        source: how it came.
        clock_offset_seconds: device minus server, measured at the poll that brought it; None where unknown.
        backdated: the log had been read past this time before, and the punch was not in it: a slow clock wrote it.

    """

    device: DeviceFact
    punched_at: datetime
    received_at: datetime
    source: Source = Source.LOG
    clock_offset_seconds: float | None = None
    backdated: bool = False

    @property
    def order(self) -> tuple[datetime, int, str, datetime, str]:
        """The key that sorts punches the same way in whatever order they arrived."""
        return self.punched_at, self.device.id, self.device.name, self.received_at, self.source.value


@dataclass(frozen=True, slots=True)
class PersonFact:
    """The person judged; ``kind`` is PNS, CPNS, PPPK, PPPK-PW or other."""

    employee_id: int
    nip: str
    name: str
    kind: str
    rank: str = ""
    position: str = ""


@dataclass(frozen=True, slots=True)
class UnitFact:
    """The unit of the person's posting on the day; ``timezone`` None means the policy's."""

    code: str
    name: str
    pattern: str
    timezone: str | None = None


class DocumentKind(StrEnum):
    """What an approved paper is; its printed code and its effect are law, dated (``documents.yaml``)."""

    ANNUAL_LEAVE = "annual_leave"
    BIG_LEAVE = "big_leave"
    SICK_LEAVE = "sick_leave"
    MATERNITY_LEAVE = "maternity_leave"
    IMPORTANT_LEAVE = "important_leave"
    UNPAID_LEAVE = "unpaid_leave"
    SICK = "sick"
    PERMISSION = "permission"
    DUTY = "duty"
    TRAINING = "training"
    STUDY = "study"
    FLEXIBLE_PLACE = "flexible_place"
    FORGOTTEN_PUNCH = "forgotten_punch"
    DISPENSATION = "dispensation"
    INCIDENT = "incident"
    MANUAL_LIST = "manual_list"


Covers = Literal["day", "in", "out"]


@dataclass(frozen=True, slots=True)
class DocumentFact:
    """An approved paper that was not revoked at the instant of judging.

    Attributes:
        id: the store's key.
        kind: what it is.
        first_on: first date that it covers.
        last_on: last date, inclusive.
        number: as written on it.
        approved_at: when it was approved; a judgement of an earlier instant does not see it.
        approved_by: who approved it.
        covers: the whole day, or only the arrival or the departure.
        unit_wide: filed for a unit, not for a person.
        note: anything else.

    """

    id: int
    kind: DocumentKind
    first_on: date
    last_on: date
    number: str
    approved_at: datetime
    approved_by: str
    covers: Covers = "day"
    unit_wide: bool = False
    note: str = ""


class EventKind(StrEnum):
    """Gatherings that have a window of their own."""

    APEL = "apel"
    CEREMONY = "upacara"


@dataclass(frozen=True, slots=True)
class EventFact:
    """A gathering that obliges the person.

    Attributes:
        id: the store's key.
        kind: ``apel`` or ``upacara``.
        on: the date.
        opens_at: from when a punch shows attendance, timezone-aware.
        closes_at: the last instant that still does; without a fraction, the whole second counts.
        name: as announced.
        basis: the letter that orders it.

    """

    id: int
    kind: EventKind
    on: date
    opens_at: datetime
    closes_at: datetime
    name: str
    basis: str


@dataclass(frozen=True, slots=True)
class DayFacts:
    """Everything known about one person and date.

    Attributes:
        on: the date judged.
        person: who.
        unit: of the posting on that date.
        zone: the unit's time zone.
        enrolled: the person has a PIN on some device on that date.
        devices: every device that could hold a punch of the person. None where the unit's own were all not yet in use,
            or those on which the person is enrolled: then nothing that is missing means anything.
        punches: of the person, in any order; those of neighbouring dates do no harm.
        documents: approved papers of the person and the unit; those of other dates do no harm.
        events: gatherings that oblige the unit; those of other dates do no harm.
        not_in_use: devices of the unit or of the person that are known to be in use only from a later date on.

    """

    on: date
    person: PersonFact
    unit: UnitFact
    zone: ZoneInfo
    enrolled: bool
    devices: tuple[DeviceFact, ...]
    punches: tuple[PunchFact, ...]
    documents: tuple[DocumentFact, ...] = ()
    events: tuple[EventFact, ...] = ()
    not_in_use: tuple[DeviceFact, ...] = ()
