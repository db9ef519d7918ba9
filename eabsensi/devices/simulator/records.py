"""Attendance records as a terminal writes them (protocol §1.9)."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import cycle
from typing import Final, NamedTuple

from eabsensi.devices import devtime
from eabsensi.devices.attlog import Layout

_EIGHT_UID = struct.Struct("<HBIB")
_PACKED = struct.Struct("<HBBI")
_PACKED_SHORT = struct.Struct("<HBB")
_SIXTEEN = struct.Struct("<IIBBHI")
_FORTY = struct.Struct("<H24sBIBII")
_TAIL_OF_49: Final = bytes.fromhex("ff3235350000000000")
_SHORT_MARK: Final = 0b100
_LONGEST_DELTA: Final = 0x3FF
#: Reserved word of devices that do not number their records: ``FF 00 00 00``.
UNNUMBERED: Final = 0xFF

RECORD_BYTES: Final = {
    Layout.EIGHT_UID: 8,
    Layout.EIGHT_PACKED: 8,
    Layout.SIXTEEN: 16,
    Layout.FORTY: 40,
    Layout.FORTY_NINE: 49,
}
#: Where a full record keeps its 32-bit time.
TIME_OFFSET: Final = {
    Layout.EIGHT_UID: 3,
    Layout.EIGHT_PACKED: 4,
    Layout.SIXTEEN: 4,
    Layout.FORTY: 27,
    Layout.FORTY_NINE: 27,
}


class TruePunch(NamedTuple):
    """A punch as it was really made: what a test compares a store with.

    Attributes:
        pin: the person's user id on this terminal.
        device_time: the terminal's wall clock, naive, whole seconds.
        verify_mode, punch_state: as far as the record layout can hold them.
        uid: the slot number; what 8-byte layouts record instead of the pin.

    """

    pin: str
    device_time: datetime
    verify_mode: int
    punch_state: int
    uid: int


class Entry(NamedTuple):
    """What one record says, with its time already packed into 32 bits."""

    uid: int
    pin: str
    packed_time: int
    verify_mode: int = 1
    punch_state: int = 0
    workcode: int = 0
    reserved: int = UNNUMBERED


def encode_record(layout: Layout, entry: Entry) -> bytes:
    """Pack one full record in a layout of fixed size."""
    if layout is Layout.EIGHT_UID:
        return _EIGHT_UID.pack(entry.uid, entry.verify_mode, entry.packed_time, entry.punch_state)
    if layout is Layout.EIGHT_PACKED:
        return _PACKED.pack(entry.uid, _packed_bits(entry), 0, entry.packed_time)
    if layout is Layout.SIXTEEN:
        return _SIXTEEN.pack(int(entry.pin), entry.packed_time, entry.punch_state, entry.verify_mode, 0, entry.workcode)
    forty = _FORTY.pack(
        entry.uid,
        entry.pin.encode(),
        entry.verify_mode,
        entry.packed_time,
        entry.punch_state,
        entry.workcode,
        entry.reserved,
    )
    return forty if layout is Layout.FORTY else forty + _TAIL_OF_49


def encode_packed(entry: Entry, carry: int | None) -> bytes:
    """Pack a record of the mixed 8/4 log: four bytes where the last full time is at most 1023 s ago.

    Args:
        entry: the record.
        carry: packed time of the last full record; None before the first.

    """
    if carry is None or not 0 <= entry.packed_time - carry <= _LONGEST_DELTA:
        return encode_record(Layout.EIGHT_PACKED, entry)
    delta = entry.packed_time - carry
    return _PACKED_SHORT.pack(entry.uid, _packed_bits(entry) | _SHORT_MARK | delta >> 8, delta & 0xFF)


def packed_length(body: bytes | bytearray, offset: int) -> int:
    """Give the bytes of the packed record at ``offset``: 8, or 4 for a short one."""
    return 4 if body[offset + 2] & _SHORT_MARK else 8


def as_recorded(layout: Layout, verify_mode: int, punch_state: int) -> tuple[int, int]:
    """Give verify mode and punch state as far as ``layout`` can hold them."""
    if layout is Layout.EIGHT_PACKED:
        return verify_mode & 0b11, punch_state & 0b111
    return verify_mode, punch_state


def impossible_time(year: int = 2026) -> int:
    """Give 31 February 12:00 as the terminal's calendar of 31-day months can say it."""
    return devtime.encode(datetime(year, 2, 28, 12)) + 3 * 86_400  # noqa: DTZ001 - a device's clock has no zone


def _packed_bits(entry: Entry) -> int:
    return (entry.punch_state & 0b111) << 5 | (entry.verify_mode & 0b11) << 3


@dataclass(frozen=True, slots=True)
class Filling:
    """A made-up stretch of log: record i is person i modulo the people, at ``first`` plus i steps.

    Hashable, so that many terminals with the same filling share one copy of its bytes.

    Attributes:
        count: number of records.
        first: device time of the first.
        step_seconds: between records, at most a day.
        people: slot number and pin of those who punch in turn.

    """

    count: int
    first: datetime
    step_seconds: int
    people: tuple[tuple[int, str], ...]

    def punches(self, layout: Layout) -> Iterator[TruePunch]:
        """Give the punches one by one, as ``layout`` records them."""
        step = timedelta(seconds=self.step_seconds)
        verify_mode, punch_state = as_recorded(layout, 1, 0)
        for index in range(self.count):
            uid, pin = self.people[index % len(self.people)]
            yield TruePunch(pin, self.first + index * step, verify_mode, punch_state, uid)

    def packed_times(self) -> Iterator[int]:
        """Give the packed time of each record; a division per day instead of one per record."""
        midnight = self.first.replace(hour=0, minute=0, second=0, microsecond=0)
        second = int((self.first - midnight).total_seconds())
        base = devtime.encode(midnight)
        for _ in range(self.count):
            if second >= 86_400:
                midnight += timedelta(days=1)
                second -= 86_400
                base = devtime.encode(midnight)
            yield base + second
            second += self.step_seconds


@lru_cache(maxsize=16)
def render_filling(filling: Filling, layout: Layout) -> bytes:
    """Give the log bytes of a filling in a layout of fixed size.

    Each person's record is packed once and cut around its time, so that 200,000 records take a fraction of a second.
    """
    at = TIME_OFFSET[layout]
    templates = [encode_record(layout, Entry(uid, pin, 0)) for uid, pin in filling.people]
    around = cycle([(template[:at], template[at + 4 :]) for template in templates])
    pieces: list[bytes] = []
    for (head, tail), packed in zip(around, filling.packed_times(), strict=False):
        pieces += (head, packed.to_bytes(4, "little"), tail)
    return b"".join(pieces)
