"""What the lists hold, for ``openapi.json``; the rows themselves are written by ``reports``, and a test compares.

Names of fields are those of the CLI's JSON (design, section 7); further fields may come, none goes.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Final, Generic, Literal, TypeAlias, TypeVar

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema

from eabsensi.discipline.findings.finding import Rule

#: A wall clock's time. JSON Schema's `date-time` has an offset; programs that are made from the description want one.
LocalTime: TypeAlias = Annotated[
    datetime,
    WithJsonSchema(
        {"type": "string", "pattern": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?$"}
    ),
]
Status = Literal["present", "absent", "excused", "off", "undetermined"]


FINDING_EXAMPLE: Final[dict[str, Any]] = {
    "rule": "R17",
    "name": "PIN tanpa pemilik yang teratur",
    "label": "indikasi, perlu pemeriksaan",
    "about": "device",
    "key": "CJDE193560123",
    "subject": "Dinas Kesehatan, lobi",
    "unit": "DINKES",
    "dates": ["2026-11-05", "2026-11-24"],
    "measured": "14 hari, rentang 6 menit",
    "threshold": "10 hari, rentang 30 menit",
    "sentence": "PIN 7777 bukan milik siapa pun tetapi merekam teratur pada 14 hari.",
    "innocent": "pegawai baru atau tenaga kontrak yang belum dipetakan",
    "evidence": [
        {"at": "2026-11-05T07:21:00", "serial": "CJDE193560123", "what": "PIN 7777, biasanya pukul 07.21"},
        {"at": "2026-11-24T07:24:10", "serial": "CJDE193560123", "what": "PIN 7777, biasanya pukul 07.21"},
    ],
}


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Duty(_Shape):
    """The hours of duty of a day; both times are null on a day without."""

    name: str
    start: datetime | None
    end: datetime | None


class Daily(_Shape):
    """One person's day."""

    date: date
    unit: str = Field(description="Code of the unit of the posting on that day.")
    nip: str = Field(description="Text: 18 digits do not survive as a number.")
    name: str
    status: Status = Field(description="`undetermined`: not everything is read yet; it may become anything.")
    codes: list[str] = Field(description="The printed codes: H, TL1, PSW1, TK, CT, DL, L and others.")
    in_: datetime | None = Field(alias="in", description="Arrival, with the unit's offset.")
    out: datetime | None = Field(description="Departure, with the unit's offset.")
    late_minutes: int
    early_minutes: int
    schedule: Duty
    complete: bool = Field(description="Nothing unread can change this row.")
    document: str | None = Field(description="Code and number of the paper that decided.")
    citations: list[str]
    reasons: list[str]


class Monthly(_Shape):
    """One person's month in one unit; counts are days unless they end in `_minutes`."""

    month: str
    unit: str
    nip: str
    name: str
    kind: str
    days: dict[date, str] = Field(description="Printed codes by date.")
    working_days: int
    present: int
    absent_days: int
    late_count: int
    late_minutes: int
    early_count: int
    early_minutes: int
    missing_in: int
    missing_out: int
    deficit_minutes: int
    duty: int
    leave: int
    sick: int
    permission: int
    apel_missed: int
    undetermined: int
    percent: str | None = Field(description="Exact, as text, e.g. `95.45`.")
    undetermined_on: list[date]
    closed: bool = Field(description="The month of this unit is closed; the figures stand.")
    version: int | None = Field(description="Counts closings and reopenings.")
    sha256: str | None = Field(description="Of the closed content.")
    on_the_spot: int = Field(description="Days that no stored verdict told, judged for this answer.")


class Line(_Shape):
    """One deduction."""

    date: date
    code: str
    percent: str
    citation: str


class Allowance(_Shape):
    """What a month takes off one person's allowance."""

    month: str
    nip: str
    name: str
    unit: str
    percent: str = Field(description="The sum, exact, as text, e.g. `3.5`.")
    lines: list[Line]
    open_on: list[date] = Field(description="Days that may still change; nothing is taken off for them.")
    closed: bool
    version: int | None
    sha256: str | None
    on_the_spot: int


class WithAddenda(_Shape):
    """A year as it would be if the closed months were closed again today."""

    absent_days: int
    converted_days: int
    total_days: int
    longest_run: int
    tier: str | None
    citation: str | None


class Yearly(_Shape):
    """One person's year."""

    year: int
    unit: str
    nip: str
    name: str
    kind: str
    months: list[int | None] = Field(description="Days absent, January first; null where the month has not begun.")
    absent_days: int
    converted_minutes: int
    converted_days: int
    total_days: int
    longest_run: int
    tier: str | None
    undetermined: int
    undetermined_on: list[date]
    dates: list[date]
    through: date
    on_the_spot: int
    addenda_on: list[date]
    with_addenda: WithAddenda | None


class Reading(_Shape):
    """One way to read the law where it leaves a choice."""

    scope: str
    law: str
    first_on: date
    last_on: date
    days: int
    tier: str | None
    citation: str | None


class Indication(_Shape):
    """A person whose absences reach a tier of the law, or may. An official decides."""

    nip: str
    name: str
    kind: str
    year: int
    absent_days: int
    converted_days: int
    total_days: int
    longest_run: int
    law: str | None
    tier: str | None
    citation: str | None
    label: str
    dates: list[date]
    unit: str
    level: str | None
    interim_form: str | None
    salary_stop_from: date | None
    indicative: bool
    needs_decision: bool
    readings: list[Reading]
    run_dates: list[date]
    possible_run: int
    undetermined_on: list[date]
    through: date
    on_the_spot: int
    addenda_on: list[date]
    with_addenda: WithAddenda | None


class EvidenceShape(_Shape):
    """One row that a finding rests on."""

    at: LocalTime | date = Field(description="As the terminal's own clock recorded it, without offset; or a date.")
    serial: str = Field(description="Of the terminal; empty where it is about none.")
    what: str


class FindingShape(_Shape):
    """A pattern that deserves a person's look. It is no verdict, and no sanction follows from it."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [FINDING_EXAMPLE]})

    rule: Rule
    name: str = Field(description="Of the rule.")
    label: str = Field(description="What it is, and no more: `indikasi, perlu pemeriksaan`. Show it with the row.")
    about: Literal["person", "device", "unit", "account"]
    key: str = Field(description="NIP, serial number, code of the unit, or name of the account.")
    subject: str = Field(description="Whom or what it is about, as printed.")
    unit: str | None
    dates: list[date] = Field(description="The days concerned.")
    measured: str
    threshold: str = Field(description="What the measured is held against: a value of the policy.")
    sentence: str = Field(description="What was seen.")
    innocent: str = Field(description="What else may explain it; ask for that first.")
    evidence: list[EvidenceShape] = Field(description="Every row that it rests on, in the order of time.")


class PunchShape(_Shape):
    """One touch as the device recorded it."""

    serial: str
    unit: str = Field(description="Where the device stands now.")
    pin: str
    nip: str | None = Field(description="Whose PIN it was on that day; null where nobody is enrolled.")
    device_time: LocalTime = Field(description="The device's own wall clock, without offset.")
    punched_at: datetime = Field(description="The instant that it means in the device's timezone.")
    verify_mode: int | None
    punch_state: int | None
    source: Literal["log", "usb"]
    received_at: datetime


class DeviceShape(_Shape):
    """How a terminal is now."""

    unit: str
    unit_name: str
    serial: str
    name: str
    enabled: bool
    last_read_at: datetime | None
    last_poll_at: datetime | None
    outcome: str | None
    complete_through: datetime | None = Field(description="Up to when its log has surely been read.")
    clock_offset_seconds: int | None
    records: int | None
    capacity: int | None
    filled_percent: str | None
    days_until_full: int | None
    failures: int
    todo: list[str]


class UnitShape(_Shape):
    """A work unit."""

    code: str
    name: str
    parent: str | None
    kind: str
    pattern: str
    timezone: str | None


class PersonShape(_Shape):
    """An employee with one of the postings."""

    nip: str
    name: str
    kind: str
    rank: str
    position: str
    unit: str | None
    since: date | None
    until: date | None = Field(description="The last day; null while it lasts.")


Row = TypeVar("Row", bound=BaseModel)


class Page(BaseModel, Generic[Row]):
    """A page of a list."""

    model_config = ConfigDict(extra="forbid")

    rows: list[Row]
    next: str | None = Field(description="Cursor of the next page; null on the last.")
    as_of: datetime = Field(description="The instant whose knowledge is shown.")
    policy_version: str = Field(description="Of the rules.")
    complete: bool = Field(description="Nothing unread can change any row of the whole list.")


class Refusal(BaseModel):
    """What was wrong."""

    status: int
    message: str


class Refused(BaseModel):
    """A request that was not answered."""

    error: Refusal


REFUSALS: Final[dict[int | str, dict[str, Any]]] = {
    304: {"description": "The program has the same rows already (`If-None-Match`)."},
    400: {"model": Refused, "description": "A value is missing or cannot be read."},
    401: {"model": Refused, "description": "The token is missing, unknown, revoked or past its end."},
    403: {"model": Refused, "description": "The token's role or unit does not allow it."},
    404: {"model": Refused, "description": "There is no such unit."},
    429: {"model": Refused, "description": "Too many calls; `Retry-After` says how long to wait."},
    503: {"model": Refused, "description": "The database cannot be reached now; try again."},
}


def responses(shape: type[BaseModel]) -> dict[int | str, dict[str, Any]]:
    """Describe the answers of a list for ``openapi.json``."""
    return {200: {"model": Page[shape], "description": "A page of the list."}, **REFUSALS}  # type: ignore[valid-type]  # a shape known at run time
