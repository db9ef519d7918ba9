"""Getting to know a terminal before it is registered: reads only, a few kilobytes, whatever the log's length."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from eabsensi.devices.attlog import Layout
from eabsensi.devices.bulk import PreparedBuffer
from eabsensi.devices.errors import DeviceError, LayoutUnknownError, TransferError
from eabsensi.devices.layouts import detect
from eabsensi.devices.session import Identity, Session
from eabsensi.devices.sizes import Sizes
from eabsensi.devices.users import DeviceUser

#: How much of a long log's beginning is looked at: a whole number of records in every layout's terms, 8 x 49 x 40.
_HEAD_BYTES: Final = 15_680
_WINDOW_BYTES: Final = 333


@dataclass(frozen=True, slots=True)
class LogProbe:
    """What the log looks like.

    Attributes:
        body_bytes: its length.
        layout: of its records; None where it is empty or fits none.
        tail_ok: whether reads past offset 0 are honest; None where the log is too short to tell.
        problem: why it could not be looked at, or "".

    """

    body_bytes: int = 0
    layout: Layout | None = None
    tail_ok: bool | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class DeviceProbe:
    """What a terminal told about itself.

    Attributes:
        identity: serial, model, platform, firmware, MAC.
        shown_time: its local wall clock; None when that is an impossible date.
        sizes: its counters.
        log: what its log looks like.
        users: who is enrolled on it; names and PINs only.

    """

    identity: Identity
    shown_time: datetime | None
    sizes: Sizes
    log: LogProbe
    users: list[DeviceUser]


def probe_log(session: Session, sizes: Sizes, *, not_after: datetime) -> LogProbe:
    """Look at a log's layout, and whether its tail can be read by itself, without reading all of it.

    Raises:
        DeviceError: the connection failed; a log that cannot be looked at is a value.

    """
    try:
        buffer = session.prepare_log()
    except TransferError:
        raise
    except DeviceError as error:
        return LogProbe(problem=str(error))
    if buffer is None or not buffer.body_bytes:
        return LogProbe()
    try:
        return _look(buffer, sizes, not_after)
    finally:
        if not buffer.is_inline:
            with contextlib.suppress(DeviceError):
                session.free_buffer()


def _look(buffer: PreparedBuffer, sizes: Sizes, not_after: datetime) -> LogProbe:
    head = buffer.read(0, min(_HEAD_BYTES, buffer.body_bytes))
    is_whole = len(head) == buffer.body_bytes
    stride = buffer.body_bytes / sizes.records if sizes.records else None
    counted = len(head) / stride if stride else None
    try:
        layout = detect(head, records=round(counted) if counted else None, not_after=not_after)
    except LayoutUnknownError as error:
        return LogProbe(buffer.body_bytes, problem=str(error) if is_whole else f"{error} Only its start was read.")
    return LogProbe(buffer.body_bytes, layout, _is_tail_honest(buffer, head))


def _is_tail_honest(buffer: PreparedBuffer, head: bytes) -> bool | None:
    """Compare an unaligned window with the same bytes read from the start, and two overlapping reads at the end."""
    if buffer.is_inline or len(head) < 2 * _WINDOW_BYTES:
        return None
    start, total = len(head) // 2 + 1, buffer.body_bytes
    try:
        window = buffer.read(start, start + _WINDOW_BYTES)
        long_end = buffer.read(total - 2 * _WINDOW_BYTES, total)
        short_end = buffer.read(total - _WINDOW_BYTES, total)
    except TransferError:
        return False
    return window == head[start : start + _WINDOW_BYTES] and long_end.endswith(short_end)
