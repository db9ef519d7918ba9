"""What is known about a person's day, as frozen values. The store fills them; judging reads them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo


class Source(StrEnum):
    """How a punch came to be known; a live one is provisional until the log has been read past it."""

    LOG = "log"
    USB = "usb"
    LIVE = "live"


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

    """

    id: int
    serial: str
    name: str
    unit_code: str
    complete_through: datetime | None = None
    last_outcome: str | None = None
    last_error: str | None = None
    clock_offset_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class PunchFact:
    """One punch of the person, as recorded.

    Attributes:
        device: where.
        punched_at: the instant that the device's wall clock means in its own zone.
        received_at: when the server got it.
        source: how it came.
        clock_offset_seconds: device minus server, measured at the poll that brought it; None where unknown.

    """

    device: DeviceFact
    punched_at: datetime
    received_at: datetime
    source: Source = Source.LOG
    clock_offset_seconds: float | None = None


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


@dataclass(frozen=True, slots=True)
class DayFacts:
    """Everything known about one person and date.

    Attributes:
        on: the date judged.
        person: who.
        unit: of the posting on that date.
        zone: the unit's time zone.
        enrolled: the person has a PIN on some device on that date.
        devices: every device that could hold a punch of the person.
        punches: of the person, in any order; those of neighbouring dates do no harm.

    """

    on: date
    person: PersonFact
    unit: UnitFact
    zone: ZoneInfo
    enrolled: bool
    devices: tuple[DeviceFact, ...]
    punches: tuple[PunchFact, ...]
