"""From a registered device to the endpoint of a session, and the clock it shows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast
from zoneinfo import ZoneInfo

from eabsensi.clock import Clock
from eabsensi.devices.session import Endpoint, Patience, Session, Transport
from eabsensi.store.devices import StoredDevice

#: Gives the comm key behind a name; see ``settings``.
CommKeys = Callable[[str], int]


@dataclass(frozen=True, slots=True)
class ClockReading:
    """What a terminal's clock showed, and when that was.

    Attributes:
        at: the instant in the middle of the command.
        offset_seconds: terminal minus server; positive when it is fast, None when it shows an impossible date.

    """

    at: datetime
    offset_seconds: float | None


def endpoint_of(device: StoredDevice, comm_keys: CommKeys, patience: Patience) -> Endpoint:
    """Give where and how a registered device is reached.

    Raises:
        SettingsError: its comm key's name has no key behind it.

    """
    return Endpoint(
        host=device.host,
        port=device.port,
        transport=cast("Transport", device.transport),
        comm_key=comm_keys(device.comm_key_name) if device.comm_key_name else 0,
        encoding=device.encoding,
        patience=patience,
    )


def read_clock(session: Session, clock: Clock, timezone: str) -> ClockReading:
    """Compare the terminal's clock with ours; a terminal tells whole seconds, so half a second is added to its own."""
    before = clock.now()
    shown = session.read_clock()
    middle = before + (clock.now() - before) / 2
    if shown is None:
        return ClockReading(middle, None)
    meant = shown.replace(tzinfo=ZoneInfo(timezone)) + timedelta(seconds=0.5)
    return ClockReading(middle, (meant - middle).total_seconds())
