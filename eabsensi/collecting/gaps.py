"""What a reading shows to be lost: records that were never read, and records that do not tell when they were made."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from eabsensi.devices.attlog import UnreadableRecord
from eabsensi.devices.logposition import Continuity, LogReading, ReadMode
from eabsensi.store.devicelog import DeviceLog
from eabsensi.store.loggaps import GapCause, LogGap

#: A clock that is wrong by more than this when the log is read: then its offset is what judging goes by.
_RIGHT_CLOCK_SECONDS: Final = 60.0
#: A record that was made since the last reading and is dated so far outside of that was made under a wrong clock.
_ASTRAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Since:
    """The stretch that a reading has newly read.

    Attributes:
        device_id: of which device.
        zone: where it stands.
        after: up to when its log had been read before.
        until: up to when it has now.
        clock_offset_seconds: of its clock, at this reading; None where it did not tell.

    """

    device_id: int
    zone: ZoneInfo
    after: datetime
    until: datetime
    clock_offset_seconds: float | None

    @property
    def is_clock_right(self) -> bool:
        """Whether the dates of what is recorded now can be taken as they stand."""
        return abs(self.clock_offset_seconds or 0.0) <= _RIGHT_CLOCK_SECONDS


def overwrites(reading: LogReading | None, log: DeviceLog) -> bool:
    """Whether a full log has shown that it makes room for what comes: it went round, or its oldest records went."""
    positions = (reading.position if reading else None, log.position)
    has_gone_round = any(position is not None and position.ring_bytes is not None for position in positions)
    return has_gone_round or (reading is not None and reading.mode in {ReadMode.RING, ReadMode.SHIFT})


def gaps_of(since: Since, reading: LogReading, new: frozenset[tuple[str, date]]) -> list[LogGap]:
    """Tell what is lost of the time since the log was read before.

    A log that no longer holds the last record that was read has lost what came after it, too: until its first record,
    where it was cleared and began anew, else perhaps until now. Records that only followed were made since the last
    reading, and so were those of a log that began anew; where the date of one denies that, or it cannot be read, its
    person touched at a time that nobody knows.

    Args:
        since: the stretch.
        reading: what was read.
        new: PIN and device date of each punch that was not stored yet.

    """
    if since.after >= since.until:
        return []
    if reading.is_unbroken:
        return _timeless(since, reading, new)
    known = replace(since, after=_known_from(since, reading))
    cleared = LogGap(since.device_id, None, since.after, known.after, GapCause.CLEARED)
    return [cleared, *(_timeless(known, reading, new) if known.after < known.until else ())]


def _timeless(since: Since, reading: LogReading, new: frozenset[tuple[str, date]]) -> list[LogGap]:
    """Tell whose records of the stretch do not say when they were made."""
    punches, unreadable = reading.since_before
    made_since = new & {(punch.pin, punch.device_time.date()) for punch in punches}
    return list(dict.fromkeys((*_misdated(since, made_since), *_unreadable(since, unreadable))))


def _known_from(since: Since, reading: LogReading) -> datetime:
    """The first record of a log that was cleared was made after that, if its clock is known to tell the truth."""
    is_told = since.clock_offset_seconds is not None and since.is_clock_right
    if reading.continuity is Continuity.RESTARTED and reading.punches and is_told:
        made_at = reading.punches[0].device_time.replace(tzinfo=since.zone)
        if since.after < made_at < since.until:
            return made_at
    return since.until


def _misdated(since: Since, new: frozenset[tuple[str, date]]) -> Iterator[LogGap]:
    if not since.is_clock_right:
        return
    first, last = ((at.astimezone(since.zone)).date() for at in (since.after, since.until))
    for pin, on in sorted(new):
        if on < first - _ASTRAY or on > last + _ASTRAY:
            yield LogGap(since.device_id, pin, since.after, since.until, GapCause.MISDATED)


def _unreadable(since: Since, records: Sequence[UnreadableRecord]) -> Iterator[LogGap]:
    for record in records:
        if record.pin:
            yield LogGap(since.device_id, record.pin, since.after, since.until, GapCause.UNREADABLE)
