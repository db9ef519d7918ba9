"""What the rules look at: frozen rows that somebody else has loaded. All times are wall clock, as terminals record."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import NamedTuple


class Person(NamedTuple):
    """An employee; ``unit`` is the code of the last posting."""

    id: int
    nip: str
    name: str
    unit: str


class Terminal(NamedTuple):
    """A device; ``capacity`` is how many records it holds, None where that is not known."""

    id: int
    serial: str
    name: str
    unit: str
    capacity: int | None = None


class PersonDay(NamedTuple):
    """One person's records of one date.

    Attributes:
        on: the date.
        unit: code of the posting's unit; None where nobody has posted the person on that date.
        shift: the unit works in shifts, or a roster names the person on this date or the one before.
        first, last: the first and the last record.
        records: how many.
        password, card: how many of them by password, and by card.
        midday: whether one lies at midday.
        midnight: those at midnight.
        status: of the verdict; None where the day is not judged.
        codes: of the verdict.
        closed_before: when the duty of the date before ended by its verdict, where that is on this date.

    """

    on: date
    unit: str | None
    shift: bool
    first: datetime
    last: datetime
    records: int
    password: int = 0
    card: int = 0
    midday: bool = False
    midnight: tuple[datetime, ...] = ()
    status: str | None = None
    codes: tuple[str, ...] = ()
    closed_before: datetime | None = None


class Meeting(NamedTuple):
    """Two people on one terminal within seconds; ``forward``: the first of the pair came first, None in one second."""

    at: datetime
    seconds: int
    forward: bool | None
    serial: str


class Pair(NamedTuple):
    """Two people who meet often; ``days_both`` counts the dates on which both recorded anything."""

    first: Person
    second: Person
    days_both: int
    meetings: tuple[Meeting, ...]


class Journey(NamedTuple):
    """One person on terminals of two units."""

    person: Person
    at: datetime
    serial: str
    next_at: datetime
    next_serial: str

    @property
    def seconds(self) -> float:
        """Between the two records."""
        return (self.next_at - self.at).total_seconds()


class FutureRecord(NamedTuple):
    """A record later than its own receipt."""

    device: int
    pin: str
    at: datetime
    ahead_seconds: int


class ClockDay(NamedTuple):
    """A terminal's clock as the polls of a date measured it, device minus server.

    Attributes:
        device: which.
        on: the date.
        wrong: polls whose clock was wrong by more than the tolerance.
        worst_seconds: the farthest offset.
        jump_at: when it jumped most from one poll to the next; None where no jump is large.
        jump_from, jump_to: the offsets before and after.

    """

    device: int
    on: date
    wrong: int
    worst_seconds: float
    jump_at: datetime | None
    jump_from: float
    jump_to: float


class Backwards(NamedTuple):
    """A reading whose records begin before the last one of the reading before."""

    device: int
    first: datetime
    before: datetime
    rows: int


class Mass(NamedTuple):
    """Several people within one second on one terminal."""

    device: int
    at: datetime
    pins: tuple[str, ...]


class LogLoss(NamedTuple):
    """A reading with fewer records on the terminal than the one before."""

    device: int
    at: datetime
    before: int
    after: int


class Stranger(NamedTuple):
    """A poll at which another terminal answered."""

    device: int
    at: datetime
    error: str


class OutageDay(NamedTuple):
    """A date on which no poll of the arrival time succeeded, and a later one did."""

    device: int
    on: date
    failed: int
    back_at: datetime


class LateRecord(NamedTuple):
    """A record that came although the log had been read past its time without it."""

    device: int
    pin: str
    at: datetime
    received: datetime


class UnknownUser(NamedTuple):
    """A PIN on a terminal that is enrolled to nobody."""

    device: int
    pin: str
    name: str
    seen: date


class Ghost(NamedTuple):
    """A PIN of nobody that records; ``spread_minutes`` holds the middle half of its first records of a day."""

    device: int
    pin: str
    name: str
    days: int
    first: datetime
    last: datetime
    usual: time
    spread_minutes: int


class Correction(NamedTuple):
    """A correction by paper.

    Attributes:
        person: whose.
        on: its first day.
        kind: of the paper.
        number: as the paper has it.
        filed_by: the account.
        filed_at: when.
        own: who filed or approved it is the person whom it serves.
        hours_before_close: until the person's unit closed that month; None where it was filed later, or is not closed.

    """

    person: Person
    on: date
    kind: str
    number: str
    filed_by: str
    filed_at: datetime
    own: bool
    hours_before_close: float | None


@dataclass(frozen=True, slots=True)
class DeviceFacts:
    """Everything about terminals; each list in the order of time."""

    terminals: dict[int, Terminal]
    future: tuple[FutureRecord, ...] = ()
    clocks: tuple[ClockDay, ...] = ()
    backwards: tuple[Backwards, ...] = ()
    masses: tuple[Mass, ...] = ()
    losses: tuple[LogLoss, ...] = ()
    strangers: tuple[Stranger, ...] = ()
    outages: tuple[OutageDay, ...] = ()
    late: tuple[LateRecord, ...] = ()
    users: tuple[UnknownUser, ...] = ()
    ghosts: tuple[Ghost, ...] = ()
