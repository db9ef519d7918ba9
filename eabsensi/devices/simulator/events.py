"""Real-time attendance events in the lengths that devices use (protocol §1.12)."""

from __future__ import annotations

import struct
from typing import Final

from eabsensi.devices import devtime
from eabsensi.devices.commands import Command
from eabsensi.devices.frames import Frame
from eabsensi.devices.simulator.records import TruePunch

ATTENDANCE_EVENT: Final = 1
BUTTON_EVENT: Final = 16
VERIFY_SCORE_EVENT: Final = 256

_NARROW = struct.Struct("<H")
_WIDE = struct.Struct("<I")
#: Length of the pin field, and bytes after the time, by length of the whole event.
_SHAPES: Final = {10: (2, 0), 12: (4, 0), 14: (2, 4), 32: (24, 0), 36: (24, 4), 37: (24, 5), 52: (24, 20)}
EVENT_BYTES: Final = tuple(_SHAPES)


def attendance_event(punch: TruePunch, event_bytes: int) -> Frame:
    """Give the frame that announces a punch.

    Args:
        punch: what was recorded.
        event_bytes: one of :data:`EVENT_BYTES`; the short ones need a pin that is a number.

    """
    pin_bytes, rest = _SHAPES[event_bytes]
    head = _pin(punch.pin, pin_bytes) + bytes((punch.verify_mode, punch.punch_state))
    return event(ATTENDANCE_EVENT, head + devtime.encode_six(punch.device_time) + bytes(rest))


def event(code: int, payload: bytes) -> Frame:
    """Give an event frame: the code in field 3, reply id 0."""
    return Frame(Command.EVENT, code, 0, payload)


def _pin(pin: str, width: int) -> bytes:
    if width == 2:
        return _NARROW.pack(int(pin))
    return _WIDE.pack(int(pin)) if width == 4 else pin.encode().ljust(24, b"\x00")
