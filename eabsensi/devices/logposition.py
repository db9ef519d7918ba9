"""What is remembered of a log between two polls, and what one poll brings; a log held against it. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from itertools import groupby
from typing import Final

from eabsensi.devices.attlog import DecodedLog, Layout, Punch, UnreadableRecord
from eabsensi.devices.sizes import Sizes

#: Records of overlap by which a tail read proves that it continues the same log.
ANCHOR_RECORDS: Final = 8
#: An unchanged count is believed for this long at most, in seconds (design §4).
GATE_SECONDS: Final = 3_600

#: Tells which of some punches are stored already; only a wrapped or a restarted log needs to ask.
KnownPunches = Callable[[Sequence[Punch]], list[bool]]


class Continuity(StrEnum):
    """How the records of a reading relate to those read before."""

    TAIL = "tail"
    REREAD = "reread"
    RESTARTED = "restarted"


class ReadMode(StrEnum):
    """How the log was read."""

    COUNT = "count"
    TAIL = "tail"
    SHIFT = "shift"
    RING = "ring"
    FULL = "full"


@dataclass(frozen=True, slots=True)
class LogPosition:
    """How far a device's log has been read; stored in the same transaction as the punches.

    Attributes:
        layout: the record layout in use.
        body_bytes: length of the log body (after its 4-byte size word) that has been read.
        records: records in that body.
        anchor: the last bytes read, at most eight records: proof that a tail continues this log.
        head: the next bytes that a wrapping log overwrites, at most eight records; empty where not known.
        ring_bytes: in a log that wraps, the physical offset after its newest record; None before it wraps.
        carry: in the packed layout, the last full time, to which 4-byte records add; None elsewhere.
        tail_ok: whether reads past offset 0 were proven honest; None before the probe.

    """

    layout: Layout
    body_bytes: int
    records: int
    anchor: bytes
    head: bytes
    ring_bytes: int | None = None
    carry: int | None = None
    tail_ok: bool | None = None


@dataclass(frozen=True, slots=True)
class LogReading:
    """What one poll brought: the records in log order, and the position to remember.

    Attributes:
        continuity: how the records relate to those read before.
        punches: in log order.
        unreadable: in log order.
        position: to remember; None while the log has never held a record.
        mode: how it was read.
        missing: records that the device counts but did not deliver; above 0 the log is not surely read.
        is_unbroken: whether the log still holds the last record that was read before, or never held one: then none
            that followed it can be lost.
        followed: of a whole reading, what came after the last record that was read before; None where that is all of
            it, or not known.

    """

    continuity: Continuity
    punches: list[Punch]
    unreadable: list[UnreadableRecord]
    position: LogPosition | None
    mode: ReadMode = ReadMode.TAIL
    missing: int = 0
    is_unbroken: bool = True
    followed: DecodedLog | None = None

    @property
    def is_of_all(self) -> bool:
        """Whether all that the log holds is to be held against what is stored, as in an audit."""
        return self.mode is ReadMode.FULL and self.continuity is not Continuity.TAIL

    @property
    def since_before(self) -> tuple[list[Punch], list[UnreadableRecord]]:
        """Give the records that were surely made since the log was read before."""
        if self.continuity is not Continuity.REREAD:
            return self.punches, self.unreadable
        return (self.followed.punches, self.followed.unreadable) if self.followed else ([], [])

    @property
    def records_read(self) -> int:
        """How many records crossed the wire, apart from the anchor."""
        return len(self.punches) + len(self.unreadable)


@dataclass(frozen=True, slots=True)
class LogRequest:
    """What a poll wants of the log.

    Attributes:
        position: from the last poll; None at first contact.
        sizes: the counters, just read.
        not_after: a local wall time that no honest record is later than.
        known: tells which punches are stored already, by PIN and second.
        lengthen: called with the bytes that are about to be read, before more than a tail of usual length is.
        same: tells which records are stored already, byte for byte; None where only ``known`` can tell.
        full: read everything, as the weekly audit does.
        heavy_bytes: the longest log that may be read whole now; None for any.
        progress: called with bytes read and bytes in all, during a whole read.

    """

    position: LogPosition | None
    sizes: Sizes
    not_after: datetime
    known: KnownPunches
    full: bool = False
    heavy_bytes: int | None = None
    progress: Callable[[int, int], None] | None = None
    lengthen: Callable[[int], None] = lambda _: None
    same: KnownPunches | None = None

    @property
    def stored(self) -> KnownPunches:
        """The sharpest way there is to tell whether a record is stored: a second may come again, its bytes do not."""
        return self.same or self.known


def unchanged(position: LogPosition | None, counted: int | None, sizes: Sizes, seconds: float | None) -> bool:
    """Tell whether an unchanged count proves that there is nothing new (design §4).

    It does not where the log is full or wraps, or may do so unseen, since the terminal tells no capacity; where not
    all that was counted came, where the log could have been cleared and filled to the same count, or have become full
    and dropped its oldest, since it was last compared (a terminal takes at most a punch a second), or after an hour.

    Args:
        position: how far the log has been read.
        counted: the device's own count at the last poll.
        sizes: the counters, just read.
        seconds: since the anchor was last compared; None where it never was.

    """
    if position is None or sizes.records is None or seconds is None or sizes.record_capacity is None:
        return False
    if sizes.is_full or position.ring_bytes is not None or not position.head:
        return False
    room = sizes.record_capacity - sizes.records
    return sizes.records == counted == position.records and 0 <= seconds < min(GATE_SECONDS, sizes.records, room)


def anchor_of(layout: Layout, stretch: bytes) -> bytes:
    """Give the bytes of a stretch's last records, by which the next read proves that it continues the same log."""
    return stretch[-ANCHOR_RECORDS * layout.stride :]


def continues(position: LogPosition, body: bytes, layout: Layout) -> bool:
    """Tell whether the log only grew: the anchor stands where it stood, under the same head."""
    if layout is not position.layout or not position.head:
        return False
    return holds_anchor(position, body) and body.startswith(position.head)


def holds_anchor(position: LogPosition, body: bytes) -> bool:
    """Tell whether the anchor stands where it stood, in a log that did not wrap, whatever the log begins with."""
    start = position.body_bytes - len(position.anchor)
    return bool(position.anchor) and position.ring_bytes is None and body.startswith(position.anchor, start)


def has_head(position: LogPosition, body: bytes) -> bool:
    """Tell whether a log begins as before, be it that it was seen empty since. Zeros prove nothing."""
    return any(position.head) and body.startswith(position.head)


def of_a_part(position: LogPosition) -> LogPosition:
    """Forget where a part of a log ended: that is no place in the log (F55). The next whole read repeats records."""
    return replace(position, anchor=b"", ring_bytes=None)


def is_of_a_part(position: LogPosition) -> bool:
    """Tell whether only a part was read last, so that whatever is read next may hold records of it anywhere."""
    return position.records > 0 and not position.anchor


def rest_of_anchor(position: LogPosition, body: bytes) -> int:
    """Give how many bytes at a log's start are the end of the anchor: the oldest were dropped, some of the anchor too.

    Records go from the start only, so all that such a log still holds of what was read is the end of its anchor. Zeros
    prove nothing. 0 where the log begins otherwise.
    """
    stride = position.layout.stride
    step = stride if position.layout.is_fixed else 4
    ends = [position.anchor[at:] for at in range(step, len(position.anchor) - stride + 1, step)]
    if position.ring_bytes is not None:
        return 0
    return next((len(end) for end in ends if any(end) and body.startswith(end)), 0)


def find_aligned(stretch: bytes, position: LogPosition, *, offset: int) -> int | None:
    """Find the anchor where a record may start; the last such place, since the newest records stand at the end.

    Records only ever move towards the start: further on than it was, the same bytes are another record.
    """
    step = position.layout.stride if position.layout.is_fixed else 4
    ends = len(stretch) if position.ring_bytes is not None else max(0, position.body_bytes - offset)
    at = stretch.rfind(position.anchor, 0, ends) if position.anchor else -1
    while at >= 0 and (offset + at) % step:
        at = stretch.rfind(position.anchor, 0, at + len(position.anchor) - 1)
    return at if at >= 0 else None


def was_read_before(known: list[bool]) -> bool:
    """Tell whether records prove that their log was read before: the one it begins with, many in a row, or most.

    That a PIN touches in a second in which it touched before, since a clock was set back, happens to one of them, and
    hardly to the first.
    """
    if not known:
        return False
    runs = (sum(1 for _ in run) for is_known, run in groupby(known) if is_known)
    is_mostly = len(known) >= ANCHOR_RECORDS and 2 * sum(known) > len(known)
    return known[0] or is_mostly or max(runs, default=0) >= ANCHOR_RECORDS
