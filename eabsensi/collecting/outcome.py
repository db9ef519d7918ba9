"""What is asked of one poll, and what came of it. Values only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from eabsensi.devices.errors import Policy
from eabsensi.devices.link import Traffic
from eabsensi.devices.logread import ReadMode
from eabsensi.devices.waiting import Deadline

OK: Final = "ok"


@dataclass(frozen=True, slots=True)
class PollOrder:
    """How a poll is to be done.

    Attributes:
        full: read the whole log, as the audit does.
        scheduled: quiet hours and the nightly audit apply; they do not when a person asks.
        progress: called with bytes read and bytes in all, during a whole read.
        on_open: called once the terminal has opened a session and told the right serial.
        deadline: makes deadlines, from seconds; one that a lease bounds too ends the poll with it.

    """

    full: bool = False
    scheduled: bool = False
    progress: Callable[[int, int], None] | None = None
    on_open: Callable[[], None] | None = None
    deadline: Callable[[float], Deadline] = Deadline.after


@dataclass(frozen=True, slots=True)
class PollOutcome:
    """What came of one poll.

    Attributes:
        serial: of the terminal.
        outcome: ``ok`` or the error's kind.
        error: the error's sentence, "" where there was none.
        policy: what to do after a failure; None after a success.
        mode: how the log was read.
        records_on_device: by the device's own count; None where it does not tell.
        records_read: records that came.
        punches_new, unreadable_new: of these, not stored before.
        missing: records that the device counts but did not deliver.
        clock_offset_seconds: terminal minus server.
        complete_through: up to when the log has surely been read, by this poll.
        traffic: what crossed the wire.
        touched: the (pin, date) of each new punch.
        seconds: how long it took.

    """

    serial: str
    outcome: str
    error: str = ""
    policy: Policy | None = None
    mode: ReadMode = ReadMode.COUNT
    records_on_device: int | None = None
    records_read: int = 0
    punches_new: int = 0
    unreadable_new: int = 0
    missing: int = 0
    clock_offset_seconds: float | None = None
    complete_through: datetime | None = None
    traffic: Traffic = field(default_factory=Traffic)
    touched: frozenset[tuple[str, object]] = frozenset()
    seconds: float = 0.0

    @property
    def is_ok(self) -> bool:
        """Whether the terminal was read."""
        return self.outcome == OK
