"""Reading a device's log without reading all of it: tail after the anchor, shift, ring, and whole as the fallback.

A position is a place in the log's bytes, not in time: clocks jump. What proves that a tail continues the log read
before is its anchor, the last records' own bytes. Where the anchor does not fit, the log was shifted, wrapped or
cleared; it is looked for, and found or not, nothing that the terminal still holds stays unread.
"""

from __future__ import annotations

import contextlib
from dataclasses import replace
from typing import Final

from eabsensi.devices.attlog import DecodedLog, Layout, count_records, decode
from eabsensi.devices.bulk import PreparedBuffer, RangeRefusedError, SizeWordError
from eabsensi.devices.errors import DeviceError, LayoutUnknownError, RefusedError
from eabsensi.devices.layouts import detect
from eabsensi.devices.logposition import (
    ANCHOR_RECORDS,
    Continuity,
    KnownPunches,
    LogPosition,
    LogReading,
    LogRequest,
    ReadMode,
    anchor_of,
    continues,
    find_aligned,
    has_head,
    holds_anchor,
    is_of_a_part,
    of_a_part,
    rest_of_anchor,
    unchanged,
    was_read_before,
)
from eabsensi.devices.logtransfer import LogTransfer, PostponedError
from eabsensi.devices.ringlog import read_ring, ring_position
from eabsensi.devices.session import Session

__all__ = [
    "Continuity",
    "KnownPunches",
    "LogPosition",
    "LogReading",
    "LogRequest",
    "PostponedError",
    "ReadMode",
    "read_log",
    "unchanged",
]

#: The first window in which a lost anchor is looked for, from the end; each next one is four times as long.
_FIRST_WINDOW: Final = 16_384


def read_log(session: Session, request: LogRequest) -> LogReading:
    """Read what is new in the log, or all of it.

    Raises:
        LayoutUnknownError: the records make no sense; it carries their bytes.
        AttendanceDisabledError, RefusedError: the terminal gives no log.
        TransferError, ProtocolError: the transfer failed; nothing of it counts.
        PostponedError: only a whole read helps, and it may not be done now.

    """
    try:
        return _read_once(session, request)
    except (RangeRefusedError, SizeWordError):
        # The log grew, or lost its head, between PREPARE and READ (F53): a new PREPARE is consistent again.
        sizes = session.sizes()
        reading = _read_once(session, replace(request, sizes=sizes), once_more=True)
        # What was counted a moment ago and never came was cleared under the reading.
        is_gone = bool(request.sizes.records) and sizes.records == 0
        return replace(reading, is_unbroken=False) if is_gone else reading


def _read_once(session: Session, request: LogRequest, *, once_more: bool = False) -> LogReading:
    buffer = session.prepare_log()
    if buffer is None or buffer.body_bytes == 0:
        return _read_empty(request, is_refused=buffer is None)
    reader = _LogReader(session, buffer, request)
    try:
        if once_more:
            reader.settle_length()
        buffer.require_size_word()
        return reader.read()
    finally:
        if not buffer.is_inline:
            # The terminal drops the buffer at the next CONNECT anyway.
            with contextlib.suppress(DeviceError):
                session.free_buffer()


def _read_empty(request: LogRequest, *, is_refused: bool) -> LogReading:
    """An empty log: PREPARE_BUFFER may be refused (F15). A terminal that counts records but gives none is not empty.

    The old head is remembered: whether the log was cleared, or only out of reach, shows when it holds records again.
    """
    if request.sizes.records:
        raise RefusedError(
            f"The terminal counts {request.sizes.records} records but prepares none.",
            remedy="If it stays so, look whether it is set to time attendance, and restart it.",
        )
    if is_refused and request.sizes.records is None:
        raise RefusedError(
            "The terminal prepares no log and does not count its records; it may be empty, or not.",
            remedy="If people have punched there and it stays so, restart it.",
        )
    position = request.position
    if position is None or position.records == 0:
        return LogReading(Continuity.TAIL, [], [], position)
    emptied = replace(position, body_bytes=0, records=0, anchor=b"", ring_bytes=None, carry=None)
    return LogReading(Continuity.TAIL, [], [], emptied, ReadMode.FULL, is_unbroken=False)


class _LogReader:
    """One prepared buffer read by the means that fit."""

    def __init__(self, session: Session, buffer: PreparedBuffer, request: LogRequest) -> None:
        self._session = session
        self._transfer = LogTransfer(session, buffer, request)
        self._request = request
        self._encoding = session.endpoint.encoding

    @property
    def _buffer(self) -> PreparedBuffer:
        return self._transfer.buffer

    def settle_length(self) -> None:
        """See :meth:`LogTransfer.settle_length`."""
        self._transfer.settle_length()

    def read(self) -> LogReading:
        position = self._request.position
        reading = None
        can_tail = position is not None and position.anchor and (position.tail_ok or self._buffer.is_inline)
        if position is not None and can_tail and not self._request.full:
            reading = self._read_after(position)
        return reading or self._read_whole()

    def _read_after(self, position: LogPosition) -> LogReading | None:
        """Read what follows the anchor; None where it is nowhere to be found."""
        self._request.lengthen(self._buffer.body_bytes - (0 if self._request.sizes.is_full else position.body_bytes))
        has_wrapped, growth = position.ring_bytes is not None, self._buffer.body_bytes - position.body_bytes
        if growth == 0 and (self._request.sizes.is_full or has_wrapped):
            return read_ring(self._buffer, self._request, position, self._encoding)
        if has_wrapped:
            return None
        if growth >= 0:
            start = position.body_bytes - len(position.anchor)
            stretch = self._buffer.read(start, self._buffer.body_bytes)
            if stretch.startswith(position.anchor):
                self._require_unmoved(start, stretch, position.anchor)
                return self._read_grown(position, stretch)
        return self._read_shifted(position)

    def _read_grown(self, position: LogPosition, stretch: bytes) -> LogReading | None:
        """Read what follows the anchor where it stood; None where new records stand at the log's head instead.

        A log that wraps does so where its capacity says; where none is told, or it was told wrongly, the head must show
        it. One that grew has not wrapped yet, or only just, which the next read shows.
        """
        sizes = self._request.sizes
        if sizes.is_full:
            return self._around(self._continued(position, stretch, ReadMode.TAIL))
        is_doubtful = sizes.record_capacity is None or self._buffer.body_bytes == position.body_bytes
        if is_doubtful and not self._still_begins(position):
            return None
        return self._continued(position, stretch, ReadMode.TAIL)

    def _still_begins(self, position: LogPosition) -> bool:
        return bool(position.head) and self._buffer.read(0, len(position.head)) == position.head

    def _require_unmoved(self, start: int, stretch: bytes, anchor: bytes) -> None:
        """A log that drops its oldest records while block after block is read moves up under the reading (F53)."""
        if len(stretch) > self._buffer.block_bytes and self._buffer.read(start, start + len(anchor)) != anchor:
            raise SizeWordError("The log lost its head while its tail was read.")

    def _around(self, grown: LogReading) -> LogReading | None:
        """A log that has just become full may have begun to overwrite its head already."""
        assert grown.position is not None, "a log with an anchor has a position"
        ring = read_ring(self._buffer, self._request, grown.position, self._encoding)
        if ring is None or not ring.records_read:
            return grown if ring else None
        return replace(
            ring,
            punches=grown.punches + ring.punches,
            unreadable=grown.unreadable + ring.unreadable,
        )

    def _read_shifted(self, position: LogPosition) -> LogReading | None:
        """Look for the anchor from the end: the oldest records were dropped and the rest moved up."""
        self._request.lengthen(total := self._buffer.body_bytes)
        window = _FIRST_WINDOW // position.layout.stride * position.layout.stride
        while position.anchor and window < total:
            stretch = self._buffer.read(total - window, total)
            at = find_aligned(stretch, position, offset=total - window)
            if at is not None:
                self._require_unmoved(total - window + at, stretch[at:], position.anchor)
                return self._continued(position, stretch[at:], ReadMode.SHIFT)
            window *= 4
        return None

    def _continued(self, position: LogPosition, stretch: bytes, mode: ReadMode) -> LogReading:
        """Decode what follows the anchor at the start of ``stretch``, which reaches to the log's end."""
        fresh = stretch[len(position.anchor) :]
        if position.layout.is_fixed and len(fresh) % position.layout.stride:
            raise SizeWordError(f"{len(fresh)} new bytes are no whole number of {position.layout}-byte records.")
        decoded = self._decode(position.layout, fresh, position.carry)
        moved = replace(
            position,
            body_bytes=self._buffer.body_bytes,
            records=self._records_in_all(position, decoded, mode),
            anchor=anchor_of(position.layout, position.anchor + fresh),
            head=self._head(position, stretch, mode),
            ring_bytes=None,
            carry=decoded.carry,
        )
        return self._reading(Continuity.TAIL, decoded, moved, mode)

    def _records_in_all(self, position: LogPosition, decoded: DecodedLog, mode: ReadMode) -> int:
        if position.layout.is_fixed:
            return self._buffer.body_bytes // position.layout.stride
        if mode is ReadMode.TAIL:
            return position.records + decoded.records
        return self._request.sizes.records or 0

    def _head(self, position: LogPosition, stretch: bytes, mode: ReadMode) -> bytes:
        """Keep the head of a log that only grew; read the new one of a log that lost its old one."""
        wanted = min(ANCHOR_RECORDS * position.layout.stride, self._buffer.body_bytes)
        if mode is not ReadMode.SHIFT and len(position.head) == wanted:
            return position.head
        if len(stretch) == self._buffer.body_bytes:
            return stretch[:wanted]
        return self._buffer.read(0, wanted)

    def _read_whole(self) -> LogReading:
        body, counted = self._transfer.read(), self._request.sizes.records
        if counted and not any(body[-8:]) and (self._session.sizes().records or 0) < counted:
            raise SizeWordError("The log was cleared while it was read; zeros came in place of its records.")
        layout = self._layout_of(body)
        decoded = self._decode(layout, body, None)
        followed = self._followed(body, layout)
        grew = followed is not None and not self._request.full
        at_end = self._position_at_end(body, decoded, layout, grew=grew)
        if followed is not None and grew:
            return self._reading(Continuity.TAIL, followed, at_end, ReadMode.FULL)
        reading = self._reading(self._continuity(body, layout, decoded), decoded, at_end, ReadMode.FULL)
        reading = replace(reading, is_unbroken=self._holds_the_last(body, decoded), followed=followed)
        if reading.missing and self._is_part(body, reading.continuity):
            return replace(reading, continuity=Continuity.REREAD, position=of_a_part(at_end))
        return reading

    def _followed(self, body: bytes, layout: Layout) -> DecodedLog | None:
        """Decode what came after the last record that was read before; None where that cannot be told."""
        position, known_bytes = self._request.position, self._known_bytes(body, layout)
        if position is None or known_bytes is None:
            return None
        return self._decode(layout, body[known_bytes:], position.carry)

    def _is_part(self, body: bytes, continuity: Continuity) -> bool:
        """Whether what came without the records that the terminal still counts is a part of the log (F55).

        A terminal that merely counts too many begins with the same record each time.
        """
        position = self._request.position
        if position is None or continuity is Continuity.RESTARTED:
            return True
        return is_of_a_part(position) and not has_head(position, body)

    def _holds_the_last(self, body: bytes, decoded: DecodedLog) -> bool:
        """Whether the last record that was read before is still there, whatever stands around it."""
        position = self._request.position
        if position is None or not position.anchor:
            return True
        if not position.layout.is_fixed:
            return find_aligned(body, position, offset=0) is not None
        last = self._decode(position.layout, position.anchor[-position.layout.stride :], None)
        if not last.punches:
            return position.anchor[-position.layout.stride :] in body
        pin, at = last.punches[0].pin, last.punches[0].device_time
        return any(punch.device_time == at and punch.pin == pin for punch in reversed(decoded.punches))

    def _known_bytes(self, body: bytes, layout: Layout) -> int | None:
        """Where in the body the anchor ends: at its old place, or nearer to the start where the oldest were dropped.

        Where so many were dropped that a part of the anchor is gone, its rest is what the log begins with.
        """
        position = self._request.position
        if position is None or layout is not position.layout:
            return None
        if continues(position, body, layout):
            return position.body_bytes
        if self._request.sizes.is_full or position.ring_bytes is not None:
            return None
        at = find_aligned(body, position, offset=0)
        if at is None:
            return rest_of_anchor(position, body) or None
        known_bytes = at + len(position.anchor)
        # Where nothing moved but the head is another, new records overwrote it, or old ones were changed.
        return None if known_bytes == position.body_bytes else known_bytes

    def _position_at_end(self, body: bytes, decoded: DecodedLog, layout: Layout, *, grew: bool) -> LogPosition:
        at_end = LogPosition(
            layout,
            body_bytes=len(body),
            records=decoded.records,
            anchor=anchor_of(layout, body),
            head=body[: ANCHOR_RECORDS * layout.stride],
            carry=decoded.carry,
            tail_ok=self._transfer.tail_ok,
        )
        if grew or not layout.is_fixed:
            return at_end
        if self._request.sizes.is_full:
            return ring_position(at_end, body, decoded, self._request.stored)
        # Records that were changed in place must not look like new ones: PIN and second have to do.
        return ring_position(at_end, body, decoded, self._request.known) if self._may_have_wrapped(body) else at_end

    def _may_have_wrapped(self, body: bytes) -> bool:
        """Whether a log that does not say that it is full has new records in its head or in its middle."""
        position = self._request.position
        if position is None:
            return False
        if position.ring_bytes is not None:
            return len(body) == position.body_bytes
        return holds_anchor(position, body) and not continues(position, body, position.layout)

    def _layout_of(self, body: bytes) -> Layout:
        """Keep to the layout in use while the log continues; else find it anew."""
        position = self._request.position
        if position is not None and continues(position, body, position.layout):
            return position.layout
        counted = self._request.sizes.records
        try:
            in_use = position.layout if position is not None else None
            return detect(body, records=counted, not_after=self._request.not_after, in_use=in_use)
        except LayoutUnknownError as error:
            # After a clear and a lost battery all dates may be nonsense; this terminal's layout is known, and fits.
            if position is None or not position.layout.is_fixed or len(body) != position.layout.stride * (counted or 0):
                raise error.kept() from error
            return position.layout

    def _continuity(self, body: bytes, layout: Layout, decoded: DecodedLog) -> Continuity:
        """Tell a log that was cleared from one that is merely read again.

        A cleared log has neither the old anchor nor the old head. Where it begins with records that are stored
        already, or has as many of them in a row as an anchor, it was not cleared, whatever its bytes look like: other
        software dropped records or restored a backup, or a firmware update rewrote them. Nor was a full one, which may
        have overwritten both and still hold records from before (docs/decisions/0013).
        """
        position = self._request.position
        if position is None or layout is not position.layout or self._request.sizes.is_full:
            return Continuity.REREAD
        if is_of_a_part(position):
            return Continuity.REREAD
        if find_aligned(body, position, offset=0) is not None or has_head(position, body):
            return Continuity.REREAD
        if rest_of_anchor(position, body) or was_read_before(self._request.known(decoded.punches)):
            return Continuity.REREAD
        return Continuity.RESTARTED

    def _decode(self, layout: Layout, stretch: bytes, carry: int | None) -> DecodedLog:
        try:
            self._session.make_room(count_records(layout, stretch))
            return decode(layout, stretch, encoding=self._encoding, carry=carry)
        except ValueError as error:
            raise SizeWordError(str(error)) from error

    def _reading(
        self,
        continuity: Continuity,
        decoded: DecodedLog,
        position: LogPosition,
        mode: ReadMode,
    ) -> LogReading:
        missing = max(0, (self._request.sizes.records or 0) - position.records)
        if missing:
            # A punch or a deletion between the two commands is usual: ask again before believing it (F21).
            missing = max(0, (self._session.sizes().records or 0) - position.records)
        return LogReading(continuity, decoded.punches, decoded.unreadable, position, mode, missing)
