"""Which stored punch a record is: its place among that pin's records of that second. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from eabsensi.devices.attlog import Punch

EPOCH = datetime(2000, 1, 1)  # noqa: DTZ001  a wall clock's; PostgreSQL counts from here
_SECONDS_PER_DAY = 86_400
_MICROSECONDS = 1_000_000
_QUARTER_HOUR = 900 * _MICROSECONDS

#: Names a punch of a device: pin, device time in microseconds since :data:`EPOCH`, ordinal.
PunchKey = tuple[str, int, int]
#: A punch with its place: the punch, its ordinal, and its device time in microseconds since :data:`EPOCH`.
#: A plain tuple, since a backfill makes a million of them.
Placed = tuple[Punch, int, int]


@dataclass(slots=True)
class StoredPunches:
    """What the store holds of a device, as far as an incoming batch may meet it.

    Attributes:
        times: by pin, the times (microseconds since :data:`EPOCH`) of the punches with ordinal 0: nearly all.
        later: the punches with a higher ordinal.
        seen: how many records of a pin and time the log has shown before this reading, so that the reading's first
            one gets the next place.
        only_usb: the punches that came from a USB dump and that the log has not shown yet.

    """

    times: dict[str, set[int]] = field(default_factory=dict)
    later: set[PunchKey] = field(default_factory=set)
    seen: dict[tuple[str, int], int] = field(default_factory=dict)
    only_usb: set[PunchKey] = field(default_factory=set)


class Placing:
    """Gives each record of one batch, in log order, its place, and parts the new from the known."""

    def __init__(self, stored: StoredPunches) -> None:
        self._stored = stored
        self.known = 0
        self.new = 0
        self.met: list[Placed] = []
        self._days: set[tuple[str, int]] = set()

    def new_ones(self, punches: Iterable[Punch]) -> Iterator[Placed]:
        """Yield the punches that are not stored yet; the others are counted, and listed where a USB dump had them."""
        stored, days = self._stored, self._days
        times, later, seen = defaultdict(set, stored.times), stored.later, stored.seen
        following: defaultdict[str, dict[int, int]] = defaultdict(dict)
        for punch in punches:
            pin = punch.pin
            since = punch.device_time - EPOCH
            day = since.days
            time = (day * _SECONDS_PER_DAY + since.seconds) * _MICROSECONDS + since.microseconds
            places = following[pin]
            ordinal = places.get(time)
            if ordinal is None:
                ordinal = seen.get((pin, time), 0) if seen else 0
            places[time] = ordinal + 1
            if time in times[pin] if ordinal == 0 else (pin, time, ordinal) in later:
                self._count_known((punch, ordinal, time))
            else:
                self.new += 1
                days.add((pin, day))
                yield punch, ordinal, time

    def count_as_known(self, number: int) -> None:
        """Take note that so many of the new ones turned out to be stored; their days may be judged again needlessly."""
        self.new -= number
        self.known += number

    def touched(self) -> frozenset[tuple[str, date]]:
        """Give the pins and device dates of the new punches."""
        dates = _Dates()
        return frozenset((pin, dates[day]) for pin, day in self._days)

    def _count_known(self, placed: Placed) -> None:
        self.known += 1
        punch, ordinal, time = placed
        if self._stored.only_usb and (punch.pin, time, ordinal) in self._stored.only_usb:
            self.met.append(placed)


class WallClock:
    """What a device's wall clock means as an instant; a repeated hour is taken as its first pass."""

    def __init__(self, timezone: str) -> None:
        self._zone = ZoneInfo(timezone)
        self._offsets = _Offsets(self._zone)

    def instant(self, microseconds: int) -> int:
        """Turn wall-clock microseconds since :data:`EPOCH` into those in UTC."""
        # No zone has ever changed within a quarter of an hour since 2000.
        return microseconds - self._offsets[microseconds // _QUARTER_HOUR]

    def at(self, device_time: datetime) -> datetime:
        """Turn a naive device time into an aware instant in UTC."""
        return device_time.replace(tzinfo=self._zone).astimezone(UTC)


def microseconds_of(device_time: datetime) -> int:
    """Give the microseconds since :data:`EPOCH` of a naive time."""
    return (device_time - EPOCH) // timedelta(microseconds=1)


class _Offsets(dict[int, int]):
    """A zone's offsets in microseconds by quarter hours since :data:`EPOCH`, each worked out once."""

    def __init__(self, zone: ZoneInfo) -> None:
        super().__init__()
        self._zone = zone

    def __missing__(self, quarter: int) -> int:
        start = EPOCH + timedelta(microseconds=quarter * _QUARTER_HOUR)
        offset = start.replace(tzinfo=self._zone).utcoffset()
        assert offset is not None, "a ZoneInfo always knows its offset"
        result = self[quarter] = offset // timedelta(microseconds=1)
        return result


class _Dates(dict[int, date]):
    """Dates by their days since :data:`EPOCH`, each worked out once."""

    def __missing__(self, days: int) -> date:
        result = self[days] = (EPOCH + timedelta(days=days)).date()
        return result
