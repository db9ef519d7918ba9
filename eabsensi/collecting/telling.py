"""What a poll tells: the name of a failure and what follows from it, and remarks on a success."""

from __future__ import annotations

from typing import Final

from eabsensi.devices.errors import DeviceError, Policy
from eabsensi.devices.logposition import Continuity, LogReading
from eabsensi.errors import EabsensiError
from eabsensi.store.ingest import StaleLogError

#: The outcome of a poll whose log was read by another collector at the same time.
OVERTAKEN: Final = "overtaken"


def verdict_on(error: EabsensiError) -> tuple[str, Policy]:
    """Name what went wrong, and what follows from it."""
    if isinstance(error, DeviceError):
        return error.kind, error.policy
    if isinstance(error, StaleLogError):
        # What this poll brought is stored by the other, or comes with the next poll.
        return OVERTAKEN, Policy.RETRY
    return "settings", Policy.STOP


#: Of a log that holds as many records as it can.
FULL: Final = (
    "The log is full, and nothing shows that the terminal records on: touches may be refused until it is cleared."
)


def remark_on(reading: LogReading | None) -> str:
    """Say what a person should know of a reading that went well; "" where there is nothing."""
    if reading is None:
        return ""
    if reading.missing:
        return f"The device counts {reading.missing} records more than it delivers."
    if reading.continuity is Continuity.RESTARTED:
        return "The log was cleared since it was read before; punches made in between may be lost."
    if not reading.is_unbroken:
        return "The log lost the record that was read last, or was cleared; punches made since may be lost."
    return ""
