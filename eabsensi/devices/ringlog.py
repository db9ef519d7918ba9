"""A full log that wraps: new records overwrite the oldest in place, so the newest stand in the middle (protocol §2).

Firmware is believed to do so with option ISLR. Nothing here depends on it: where the newest record stands is proven,
by bytes that changed or by what is stored already, and until it is proven the whole log is read.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from typing import Final

from eabsensi.devices.attlog import DecodedLog, Punch, decode
from eabsensi.devices.bulk import PreparedBuffer
from eabsensi.devices.logposition import (
    ANCHOR_RECORDS,
    Continuity,
    KnownPunches,
    LogPosition,
    LogReading,
    LogRequest,
    ReadMode,
)

#: Records looked at in one step while walking from the newest known record forward.
_STEP_RECORDS: Final = 128
#: And looked at in all: each step decodes all of them, and beyond this a whole read is less work.
_MOST_WALKED: Final = 4_096


def read_ring(
    buffer: PreparedBuffer,
    request: LogRequest,
    position: LogPosition,
    encoding: str,
) -> LogReading | None:
    """Read what was written after the anchor in a full log; None where only a whole read can tell.

    Raises:
        TransferError, ProtocolError: the transfer failed.

    """
    newest = position.body_bytes if position.ring_bytes is None else position.ring_bytes
    if not position.head or not position.layout.is_fixed:
        return None
    around = _circular(buffer, newest - len(position.anchor), len(position.anchor) + len(position.head))
    if not around.startswith(position.anchor):
        return None
    following = around[len(position.anchor) :]
    written = _overwritten(position, following)
    if written == 0:
        return LogReading(Continuity.TAIL, [], [], position, ReadMode.RING)
    if written is None:
        fresh = _walk(buffer, request.stored, position, newest, encoding)
    else:
        fresh = following[: written * position.layout.stride]
    if not fresh:
        return None
    decoded = decode(position.layout, fresh, encoding=encoding)
    moved = replace(
        position,
        ring_bytes=(newest + len(fresh)) % buffer.body_bytes,
        anchor=(position.anchor + fresh)[-ANCHOR_RECORDS * position.layout.stride :],
        head=_circular(buffer, newest + len(fresh), ANCHOR_RECORDS * position.layout.stride),
    )
    return LogReading(Continuity.TAIL, decoded.punches, decoded.unreadable, moved, ReadMode.RING)


def ring_position(at_end: LogPosition, body: bytes, decoded: DecodedLog, known: KnownPunches) -> LogPosition:
    """Place the newest record of a full log that was read whole.

    Proof is either that unknown records end where known ones begin, or that times rise all along but for one step
    back. Without proof the head stays empty, and the next poll reads the whole log again.
    """
    stride = at_end.layout.stride
    boundary = _boundary_of_known(_known_by_record(at_end, body, decoded.punches, known))
    if boundary is None:
        boundary = _boundary_of_time(decoded)
    if boundary is None:
        return replace(at_end, head=b"", ring_bytes=None)
    if boundary * stride in {0, len(body)}:
        return at_end
    length = ANCHOR_RECORDS * stride
    twice = body + body
    newest = boundary * stride
    before = twice[len(body) + newest - length : len(body) + newest]
    return replace(at_end, ring_bytes=newest, anchor=before, head=twice[newest : newest + length])


def _circular(buffer: PreparedBuffer, start: int, length: int) -> bytes:
    """Read ``length`` bytes from ``start``, going on at the log's beginning where it ends."""
    total = buffer.body_bytes
    length = min(length, total)
    start %= total
    end = start + length
    if end <= total:
        return buffer.read(start, end)
    return buffer.read(start, total) + buffer.read(0, end - total)


def _overwritten(position: LogPosition, following: bytes) -> int | None:
    """Count the records written since, by the bytes of those that were due to be overwritten next; None for all."""
    stride = position.layout.stride
    head = position.head[: len(following)]
    return next((at // stride for at in range(0, len(head), stride) if following[at:] == head[at:]), None)


def _walk(buffer: PreparedBuffer, known: KnownPunches, position: LogPosition, newest: int, encoding: str) -> bytes:
    """Read forward until records are known again; give the new bytes."""
    stride = position.layout.stride
    run = b""
    while len(run) < min(buffer.body_bytes, _MOST_WALKED * stride):
        step = min(_STEP_RECORDS * stride, buffer.body_bytes - len(run))
        run += _circular(buffer, newest + len(run), step)
        fresh = _end_of_unknown(position, run, known, encoding) * stride
        if len(run) - fresh >= ANCHOR_RECORDS * stride:
            return run[:fresh]
    return b""


def _end_of_unknown(position: LogPosition, run: bytes, known: KnownPunches, encoding: str) -> int:
    punches = decode(position.layout, run, encoding=encoding).punches
    by_record = _known_by_record(position, run, punches, known)
    return max((at + 1 for at, is_known in enumerate(by_record) if not is_known), default=0)


def _known_by_record(position: LogPosition, run: bytes, punches: list[Punch], known: KnownPunches) -> list[bool]:
    """Tell for each record whether it is stored; one that cannot be read counts as the record before it."""
    answers: Iterator[tuple[Punch, bool]] = iter(zip(punches, known(punches), strict=True))
    upcoming = next(answers, None)
    by_record: list[bool] = []
    stride = position.layout.stride
    for at in range(0, len(run), stride):
        if upcoming is not None and run[at : at + stride] == upcoming[0].raw:
            by_record.append(upcoming[1])
            upcoming = next(answers, None)
        else:
            by_record.append(by_record[-1] if by_record else True)
    return by_record


def _boundary_of_known(by_record: list[bool]) -> int | None:
    """Find the one place where unknown records end and known ones begin, seen as a circle."""
    count = len(by_record)
    ends = [at for at in range(count) if by_record[at] and not by_record[at - 1]]
    return ends[0] if len(ends) == 1 else None


def _boundary_of_time(decoded: DecodedLog) -> int | None:
    """Find where times step back; a log that never wrapped has no such place, a wrapped one exactly one."""
    if decoded.unreadable:
        return None
    times = [punch.device_time for punch in decoded.punches]
    steps_back = [at + 1 for at, (earlier, later) in enumerate(pairwise(times)) if later < earlier]
    if not steps_back:
        return len(times)
    return steps_back[0] if len(steps_back) == 1 and times[-1] <= times[0] else None
