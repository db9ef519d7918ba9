"""The attendance log decoded: bytes in, punches and unreadable records out. Pure."""

from __future__ import annotations

import struct
import sys
from array import array
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache, lru_cache
from itertools import chain, repeat
from typing import Final, NamedTuple

from eabsensi.devices import devtime
from eabsensi.devices.garbage import collection_paused


class Layout(StrEnum):
    """How a device lays out one record (protocol §1.9)."""

    EIGHT_UID = "8-uid"
    EIGHT_PACKED = "8-packed"
    SIXTEEN = "16"
    FORTY = "40"
    FORTY_NINE = "49"

    @property
    def stride(self) -> int:
        """Bytes of a record; in the packed layout of the longer kind."""
        return _STRIDES[self]

    @property
    def is_fixed(self) -> bool:
        """Whether every record has the same length."""
        return self is not Layout.EIGHT_PACKED

    @property
    def names_slots(self) -> bool:
        """Whether records name a person by the slot; the others hold the user id (protocol §1.9)."""
        return self in {Layout.EIGHT_UID, Layout.EIGHT_PACKED}


class Punch(NamedTuple):
    """One touch as the device recorded it.

    Attributes:
        pin: user id on the device, leading zeros kept; in 8-byte layouts the slot number as text.
        device_time: the device's local wall clock, naive.
        verify_mode: how the person was recognised, 1 finger, 15 face, ...; None where the record does not say.
        punch_state: 0 in, 1 out, 2..5 breaks and overtime, 255 unset; None where the record does not say.
        workcode: the device's work code; None where the record does not say.
        raw: the record's own bytes, as evidence.

    """

    pin: str
    device_time: datetime
    verify_mode: int | None
    punch_state: int | None
    workcode: int | None
    raw: bytes


class UnreadableRecord(NamedTuple):
    """A record whose meaning is lost, e.g. dated 31 February; kept aside with its bytes."""

    raw: bytes
    reason: str
    pin: str


@dataclass(frozen=True, slots=True)
class DecodedLog:
    """A stretch of the log, decoded.

    Attributes:
        punches: in log order.
        unreadable: in log order.
        carry: in the packed layout, the last full time; None elsewhere.

    """

    punches: list[Punch]
    unreadable: list[UnreadableRecord]
    carry: int | None = None

    @property
    def records(self) -> int:
        """How many records the stretch held."""
        return len(self.punches) + len(self.unreadable)


class _Columns(NamedTuple):
    """What every fixed layout is brought to, one sequence a field."""

    pins: Sequence[str]
    times: list[int]
    verifies: Sequence[int]
    states: Sequence[int]
    workcodes: Sequence[int | None]
    raws: Sequence[bytes]


_STRIDES: Final = {
    Layout.EIGHT_UID: 8,
    Layout.EIGHT_PACKED: 8,
    Layout.SIXTEEN: 16,
    Layout.FORTY: 40,
    Layout.FORTY_NINE: 49,
}


class _Fields(NamedTuple):
    """Where a record of fixed length keeps what, in bytes from its start; numbers are little-endian."""

    pin: int
    pin_bytes: int
    time: int
    verify: int
    state: int
    workcode: int | None


_TEXT_FIELDS: Final = _Fields(pin=2, pin_bytes=24, time=27, verify=26, state=31, workcode=32)
_FIELDS: Final = {
    Layout.FORTY: _TEXT_FIELDS,
    Layout.FORTY_NINE: _TEXT_FIELDS,
    Layout.SIXTEEN: _Fields(pin=0, pin_bytes=4, time=4, verify=9, state=8, workcode=12),
    Layout.EIGHT_UID: _Fields(pin=0, pin_bytes=2, time=3, verify=2, state=7, workcode=None),
}
#: Seconds of a quarter of a day; a table of a whole day's seconds outgrows the processor's cache.
_QUARTER: Final = 21_600
_WORD_BYTES: Final = 4
_ERASED: Final = 0xFF
#: Records that one call cuts up: a call for each record costs twice as much.
_CUT_AT_ONCE: Final = 512
_PACKED_LONG: Final = struct.Struct("<HBxI")
_PACKED_SHORT: Final = struct.Struct("<HBB")
_PACKED_SHORT_BIT: Final = 0x04


def decode(layout: Layout, body: bytes, *, encoding: str = "utf-8", carry: int | None = None) -> DecodedLog:
    """Decode a stretch of whole records.

    Args:
        layout: the record layout.
        body: the records' bytes, without the log's 4-byte size word.
        encoding: of PINs in the text layouts; bytes that do not fit it are kept as escapes.
        carry: in the packed layout, the last full time before this stretch.

    Returns:
        The punches, and apart from them the records that cannot be read.

    Raises:
        ValueError: the stretch does not end where a record ends.

    """
    if layout is Layout.EIGHT_PACKED:
        return _decode_packed(body, carry)
    if len(body) % layout.stride:
        raise ValueError(f"{len(body)} bytes are no whole number of {layout.stride}-byte records.")
    with collection_paused():
        return _assemble(layout, body, encoding)


def count_records(layout: Layout, body: bytes) -> int:
    """Count a stretch's records without decoding them.

    Raises:
        ValueError: the packed layout's last record is cut.

    """
    return len(body) // layout.stride if layout.is_fixed else sum(1 for _ in packed_offsets(body))


def packed_offsets(body: bytes) -> Iterator[tuple[int, int]]:
    """Walk the packed layout's mix of 8- and 4-byte records, giving each one's start and end.

    Raises:
        ValueError: the last record is cut.

    """
    at = 0
    while at < len(body):
        size = 4 if at + 2 < len(body) and body[at + 2] & _PACKED_SHORT_BIT else 8
        if at + size > len(body):
            raise ValueError(f"The record at byte {at} of {len(body)} is cut.")
        yield at, at + size
        at += size


def _columns(layout: Layout, body: bytes, encoding: str) -> _Columns:
    """Cut records into columns: a slice with a stride costs a thousandth of a loop over the records."""
    fields, stride = _FIELDS[layout], layout.stride
    return _Columns(
        pins=_pins(body, fields, stride, encoding),
        times=list(_numbers(body, fields.time, _WORD_BYTES, stride)),
        verifies=body[fields.verify :: stride],
        states=body[fields.state :: stride],
        workcodes=[None] * (len(body) // stride)
        if fields.workcode is None
        else _numbers(body, fields.workcode, _WORD_BYTES, stride),
        raws=list(_cut(body, 0, stride, stride)),
    )


def _pins(body: bytes, fields: _Fields, stride: int, encoding: str) -> list[str]:
    texts = _PinTexts(encoding)
    if fields.pin_bytes <= _WORD_BYTES:
        return list(map(texts.__getitem__, _numbers(body, fields.pin, fields.pin_bytes, stride)))
    return list(map(texts.__getitem__, _cut(body, fields.pin, fields.pin_bytes, stride)))


def _cut(body: bytes, at: int, size: int, stride: int) -> Iterator[bytes]:
    """Give the same bytes of every record."""
    many = _cutter(at, size, stride, _CUT_AT_ONCE)
    whole = len(body) // many.size * many.size
    rest = _cutter(at, size, stride, (len(body) - whole) // stride)
    return chain(chain.from_iterable(many.iter_unpack(memoryview(body)[:whole])), rest.unpack_from(body, whole))


@lru_cache(maxsize=64)
def _cutter(at: int, size: int, stride: int, records: int) -> struct.Struct:
    return struct.Struct(f"{at}x{size}s{stride - at - size}x" * records)


def _numbers(body: bytes, at: int, size: int, stride: int) -> Sequence[int]:
    """Give a column of numbers of up to four bytes, put together from its columns of bytes."""
    words = bytearray(len(body) // stride * _WORD_BYTES)
    for byte in range(size):
        words[byte::_WORD_BYTES] = body[at + byte :: stride]
    numbers = array("I", bytes(words))
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers


@cache
def _seconds() -> list[timedelta]:
    """Give every second of a quarter: making one costs as much as everything else about a punch."""
    return [timedelta(0, second) for second in range(_QUARTER)]


def _assemble(layout: Layout, body: bytes, encoding: str) -> DecodedLog:
    """Make punches column by column; pins and days repeat, so each is decoded once."""
    columns, quarters = _columns(layout, body, encoding), _Quarters()
    unreadable: list[UnreadableRecord] = []
    try:
        moments = _moments(columns.times, quarters)
    except ValueError:
        moments = None
    if moments is None or not all(columns.pins):
        columns, unreadable = _set_aside(columns, quarters)
        moments = _moments(columns.times, quarters)
    fields = zip(columns.pins, moments, *columns[2:], strict=True)
    # A named tuple's own constructor is a function in Python; the one below it is not.
    return DecodedLog(list(map(tuple.__new__, repeat(Punch), fields)), unreadable)


def _moments(times: list[int], quarters: _Quarters) -> list[datetime]:
    """Turn times into moments, a stretch at once where the clock only went forward: in half the time of one by one."""
    seconds = _seconds()
    if sorted(times) != times:  # the clock was set back; what is sorted already is sorted in no time
        return [quarters[time // _QUARTER] + seconds[time % _QUARTER] for time in times]
    moments: list[datetime] = []
    while len(moments) < len(times):
        start = len(moments)
        quarter = times[start] // _QUARTER
        beginning, first = quarters[quarter], quarter * _QUARTER
        end = bisect_left(times, first + _QUARTER, start)
        moments += [beginning + seconds[time - first] for time in times[start:end]]
    return moments


def _set_aside(columns: _Columns, quarters: _Quarters) -> tuple[_Columns, list[UnreadableRecord]]:
    """Take the records out that cannot be read."""
    unreadable: list[UnreadableRecord] = []
    kept: list[int] = []
    for at, (pin, time, raw) in enumerate(zip(columns.pins, columns.times, columns.raws, strict=True)):
        if pin and quarters.has(time // _QUARTER):
            kept.append(at)
        else:
            unreadable.append(UnreadableRecord(raw, _complaint(raw, pin), "" if is_vacant(raw) else pin))
    return _Columns(*([column[at] for at in kept] for column in columns)), unreadable  # type: ignore[arg-type]  # each column keeps its own kind


def is_vacant(raw: bytes) -> bool:
    """Tell whether nobody ever wrote this record: all zeros, or all ones as erased flash has them."""
    return not any(raw) or raw.count(_ERASED) == len(raw)


def _complaint(raw: bytes, pin: str) -> str:
    if is_vacant(raw):
        return "erased record" if raw[0] else "blank record"
    return "impossible date" if pin else "no pin"


class _Quarters(dict[int, datetime]):
    """How each quarter of a day of the device's calendar begins, decoded once; ValueError where there is none."""

    def __missing__(self, quarter: int) -> datetime:
        beginning = self[quarter] = devtime.decode(quarter * _QUARTER)
        return beginning

    def has(self, quarter: int) -> bool:
        """Tell whether the calendar has its day."""
        try:
            self[quarter]
        except ValueError:
            return False
        return True


class _PinTexts(dict[bytes | int, str]):
    """The text of each pin as it stands in its record, decoded once."""

    def __init__(self, encoding: str) -> None:
        super().__init__()
        self._encoding = encoding

    def __missing__(self, field: bytes | int) -> str:
        text = self[field] = _pin_text(field, self._encoding)
        return text


def pin_text(field: bytes, encoding: str) -> str:
    """Give the PIN in a field of text: up to the first NUL, as it stands (protocol §1.9).

    Spaces are part of it: '55' and ' 55' may be two people. What no screen shows, such as a line break or bytes that do
    not fit the encoding, becomes an escape, so that two PINs stay two. Blanks alone are no PIN.
    """
    text = field.split(b"\x00", 1)[0].decode(encoding, "backslashreplace")
    if text.isspace() or text.isprintable():
        return text.strip() and text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)


def _pin_text(field: bytes | int, encoding: str) -> str:
    if isinstance(field, int):
        return str(field) if field else ""
    return pin_text(field, encoding)


def _decode_packed(body: bytes, carry: int | None) -> DecodedLog:
    """Decode the packed layout; a 4-byte record adds up to 1023 seconds to the last full time (protocol §1.9)."""
    punches: list[Punch] = []
    unreadable: list[UnreadableRecord] = []
    for start, end in packed_offsets(body):
        raw = body[start:end]
        packed_time = _packed_time(raw, carry)
        if len(raw) == 8:
            carry = packed_time
        uid, flags = raw[0] | raw[1] << 8, raw[2]
        problem, moment = ("erased record", None) if is_vacant(raw) and raw[0] else _packed_moment(uid, packed_time)
        if moment is None:
            unreadable.append(UnreadableRecord(raw, problem, "" if is_vacant(raw) else _pin_text(uid, "ascii")))
        else:
            punches.append(Punch(str(uid), moment, flags >> 3 & 3, flags >> 5, None, raw))
    return DecodedLog(punches, unreadable, carry)


def _packed_time(raw: bytes, carry: int | None) -> int | None:
    if len(raw) == 8:
        return int(_PACKED_LONG.unpack(raw)[2])
    _, flags, low = _PACKED_SHORT.unpack(raw)
    return None if carry is None else carry + ((flags & 3) << 8 | low)


def _packed_moment(uid: int, packed_time: int | None) -> tuple[str, datetime | None]:
    if packed_time is None:
        return "short record with no full time before it", None
    if not uid:
        return "no pin", None
    try:
        return "", devtime.decode(packed_time)
    except ValueError:
        return "impossible date", None
