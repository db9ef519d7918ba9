"""The attendance log decoded: bytes in, punches and unreadable records out. Pure."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final, NamedTuple

from eabsensi.devices import devtime


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

    pins: Sequence[bytes | int]
    times: Sequence[int]
    verifies: Sequence[int]
    states: Sequence[int]
    workcodes: Sequence[int | None]


_STRIDES: Final = {
    Layout.EIGHT_UID: 8,
    Layout.EIGHT_PACKED: 8,
    Layout.SIXTEEN: 16,
    Layout.FORTY: 40,
    Layout.FORTY_NINE: 49,
}
_STRUCTS: Final = {
    Layout.FORTY: struct.Struct("<2x24sBIBI4x"),
    Layout.FORTY_NINE: struct.Struct("<2x24sBIBI13x"),
    Layout.SIXTEEN: struct.Struct("<IIBB2xI"),
    Layout.EIGHT_UID: struct.Struct("<HBIB"),
}
_DAY: Final = 86_400
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
    return _assemble(layout, body, encoding)


def record_count(layout: Layout, body: bytes) -> int:
    """Count the records in a stretch of whole records."""
    if layout.is_fixed:
        return len(body) // layout.stride
    return sum(1 for _ in packed_offsets(body))


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


def _columns_of_text(columns: Iterator[tuple[Any, ...]]) -> _Columns:
    pins, verifies, times, states, workcodes = columns
    return _Columns(pins, times, verifies, states, workcodes)


def _columns_of_sixteen(columns: Iterator[tuple[Any, ...]]) -> _Columns:
    pins, times, states, verifies, workcodes = columns
    return _Columns(pins, times, verifies, states, workcodes)


def _columns_of_eight(columns: Iterator[tuple[Any, ...]]) -> _Columns:
    pins, verifies, times, states = columns
    return _Columns(pins, times, verifies, states, [None] * len(pins))


_COLUMNS: Final[dict[Layout, Callable[[Iterator[tuple[Any, ...]]], _Columns]]] = {
    Layout.FORTY: _columns_of_text,
    Layout.FORTY_NINE: _columns_of_text,
    Layout.SIXTEEN: _columns_of_sixteen,
    Layout.EIGHT_UID: _columns_of_eight,
}


def _raws(body: bytes, stride: int) -> list[bytes]:
    return [body[at : at + stride] for at in range(0, len(body), stride)]


def _assemble(layout: Layout, body: bytes, encoding: str) -> DecodedLog:
    """Make punches column by column; pins and days repeat, so each is decoded once."""
    if not body:
        return DecodedLog([], [])
    columns = _COLUMNS[layout](zip(*_STRUCTS[layout].iter_unpack(body), strict=True))
    pins = {field: _pin_text(field, encoding) for field in set(columns.pins)}
    midnights = {day: _midnight(day) for day in {time // _DAY for time in columns.times}}
    raws = _raws(body, layout.stride)
    unreadable: list[UnreadableRecord] = []
    if not all(pins.values()) or None in midnights.values():
        columns, raws, unreadable = _set_aside(columns, raws, pins, midnights)
    moments = [midnights[time // _DAY] + timedelta(0, time % _DAY) for time in columns.times]  # type: ignore[operator]  # days without midnight were set aside
    names = map(pins.__getitem__, columns.pins)
    punches = list(map(Punch, names, moments, columns.verifies, columns.states, columns.workcodes, raws))
    return DecodedLog(punches, unreadable)


def _set_aside(
    columns: _Columns,
    raws: list[bytes],
    pins: dict[bytes | int, str],
    midnights: dict[int, datetime | None],
) -> tuple[_Columns, list[bytes], list[UnreadableRecord]]:
    """Take the records out that cannot be read."""
    unreadable: list[UnreadableRecord] = []
    kept: list[int] = []
    for at, (field, time, raw) in enumerate(zip(columns.pins, columns.times, raws, strict=True)):
        if pins[field] and midnights[time // _DAY] is not None:
            kept.append(at)
        else:
            unreadable.append(UnreadableRecord(raw, _complaint(raw, pins[field]), pins[field]))
    pins_kept, times, verifies, states, workcodes = ([column[at] for at in kept] for column in columns)
    picked = _Columns(pins_kept, times, verifies, states, workcodes)  # type: ignore[arg-type]  # each column keeps its own kind
    return picked, [raws[at] for at in kept], unreadable


def _complaint(raw: bytes, pin: str) -> str:
    if not any(raw):
        return "blank record"
    return "impossible date" if pin else "no pin"


def _midnight(day: int) -> datetime | None:
    try:
        return devtime.decode(day * _DAY)
    except ValueError:
        return None


def _pin_text(field: bytes | int, encoding: str) -> str:
    if isinstance(field, int):
        return str(field) if field else ""
    return field.split(b"\x00", 1)[0].decode(encoding, "backslashreplace").strip()


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
        problem, moment = _packed_moment(uid, packed_time)
        if moment is None:
            unreadable.append(UnreadableRecord(raw, problem, _pin_text(uid, "ascii")))
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
