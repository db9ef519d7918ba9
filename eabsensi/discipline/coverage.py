"""How far the devices that could hold a punch have been read. Absence is final only past that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from eabsensi.discipline.clockreasons import ClockWrong, ReadBySlowClock
from eabsensi.discipline.facts import DeviceFact
from eabsensi.discipline.reasons import (
    DayRunning,
    DeviceUnread,
    InUseLater,
    LogBegins,
    NoDevice,
    Reason,
    RecordsLost,
)
from eabsensi.discipline.workday import Span

_NEVER = datetime.min.replace(tzinfo=UTC)


def read_until(device: DeviceFact, tolerance_seconds: int) -> datetime:
    """Give the recorded time up to which the device's log is known.

    A clock that is slow beyond the tolerance writes early times for late touches, so a reading under it tells that much
    less. What was read before it went wrong stays read: a touch of today is no touch of then, whatever time it bears.
    What was lost was not read, and nor does what came after say what came first.
    """
    read = _read_until(device, tolerance_seconds)
    return min(read, device.loss.after) if device.loss else read


def _read_until(device: DeviceFact, tolerance_seconds: int) -> datetime:
    if device.complete_through is None:
        return _NEVER
    if device.trusted_through is not None:
        return device.trusted_through
    offset = device.clock_offset_seconds or 0.0
    slow = -offset if offset < -tolerance_seconds else 0.0
    return device.complete_through - timedelta(seconds=slow)


def without_devices(devices: Sequence[DeviceFact], not_in_use: Sequence[DeviceFact], unit: str) -> tuple[Reason, ...]:
    """Say why no device tells of a day: there is none, or each begins too late; nothing where one does tell.

    Args:
        devices: that could hold a punch of the day.
        not_in_use: that are known to be in use only from a later date on.
        unit: the unit's name.

    """
    if devices:
        return ()
    return tuple(_begins_late(device) for device in not_in_use) or (NoDevice(unit),)


def _begins_late(device: DeviceFact) -> Reason:
    assert device.in_use_from is not None  # one of which nothing is known is in use since ever
    kind = InUseLater if device.use_stated else LogBegins
    return kind(device.name, device.in_use_from)


@dataclass(frozen=True)
class Coverage:
    """Coverage of one person's devices at the instant of judging.

    Attributes:
        devices: every device that could hold a punch.
        as_of: the instant of judging.
        tolerance_seconds: of device clocks.

    """

    devices: Sequence[DeviceFact]
    as_of: datetime
    tolerance_seconds: int

    @cached_property
    def through(self) -> datetime:
        """The instant up to which all devices have been read; the distant past where there is no device."""
        return min((read_until(device, self.tolerance_seconds) for device in self.devices), default=_NEVER)

    def reaches(self, at: datetime) -> bool:
        """Whether no unread punch can lie before ``at``, and ``at`` is past."""
        return self.as_of >= at and self.through >= at

    def settles(self, at: datetime) -> bool:
        """Whether there are devices at all, and they reach ``at``."""
        return bool(self.devices) and self.reaches(at)

    def gaps(self, span: Span, zone: ZoneInfo) -> tuple[Reason, ...]:
        """Name what keeps the day open: that it is still running, and each device that has fallen silent."""
        closes = span.settles_at
        running = self.as_of < closes
        late = [
            device
            for device in self.devices
            if (self._silent(device, span) if running else read_until(device, self.tolerance_seconds) < closes)
        ]
        unread = (self._unread(device, closes, zone) for device in late)
        until = (DayRunning((closes - timedelta(seconds=1)).astimezone(zone)),) if running else ()
        return (*until, *unread)

    def _unread(self, device: DeviceFact, closes: datetime, zone: ZoneInfo) -> Reason:
        """Say what a device lacks: what was lost, a reading, or a right clock at the reading that there was."""
        if (loss := device.loss) is not None:
            return RecordsLost(device.name, loss.cause, loss.after.astimezone(zone), loss.until.astimezone(zone))
        through, offset = device.complete_through, device.clock_offset_seconds or 0.0
        if through is not None and through >= closes and offset < -self.tolerance_seconds:
            return ReadBySlowClock(device.name, offset)
        return DeviceUnread(device.name, through.astimezone(zone) if through else None, device.last_outcome)

    def wrong_clocks(self) -> tuple[Reason, ...]:
        """Name each device whose clock is wrong beyond the tolerance."""
        offsets = ((device.name, device.clock_offset_seconds or 0.0) for device in self.devices)
        return tuple(ClockWrong(name, offset) for name, offset in offsets if abs(offset) > self.tolerance_seconds)

    def _silent(self, device: DeviceFact, span: Span) -> bool:
        """Whether a device gives cause for doubt while the day is still running."""
        if device.complete_through is None or device.last_outcome not in (None, "ok"):
            return True
        return self.as_of >= span.starts_at > read_until(device, self.tolerance_seconds)
