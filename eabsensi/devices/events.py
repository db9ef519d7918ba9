"""Live events decoded (protocol §1.12). Pure. An event is provisional: the log stays the truth."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from eabsensi.devices import devtime
from eabsensi.devices.attlog import Punch, pin_text
from eabsensi.devices.frames import Frame

#: The event code of a punch, in field 3 of an event frame.
ATTENDANCE_EVENT: Final = 1
#: Payload lengths that hold a PIN as a number, and its bytes; all others begin with 24 bytes of text.
_NUMERIC_PIN_BYTES: Final = {10: 2, 12: 4, 14: 2}
_TEXT_LENGTHS: Final = frozenset({32, 36, 37, 52})
_TEXT_PIN_BYTES: Final = 24
_STATE_UNSET: Final = 255
_NOT_VERIFIED: Final = 0x80


def parse_events(frames: Iterable[Frame], *, encoding: str) -> list[Punch]:
    """Decode the punches among event frames; other kinds, unknown lengths and impossible dates are left to the log."""
    found = (_parse(frame.payload, encoding) for frame in frames if frame.field3 == ATTENDANCE_EVENT)
    return [punch for punch in found if punch is not None]


def _parse(payload: bytes, encoding: str) -> Punch | None:
    pin_bytes = _NUMERIC_PIN_BYTES.get(len(payload)) or (_TEXT_PIN_BYTES if len(payload) in _TEXT_LENGTHS else None)
    if pin_bytes is None:
        return None
    pin = _pin(payload[:pin_bytes], encoding)
    verify_mode, state = payload[pin_bytes], payload[pin_bytes + 1]
    refused = state != _STATE_UNSET and state & _NOT_VERIFIED
    try:
        moment = devtime.decode_six(payload[pin_bytes + 2 : pin_bytes + 8])
    except ValueError:
        return None
    return None if refused or not pin else Punch(pin, moment, verify_mode, state, None, payload)


def _pin(field: bytes, encoding: str) -> str:
    if len(field) == _TEXT_PIN_BYTES:
        return pin_text(field, encoding)
    number = int.from_bytes(field, "little")
    return str(number) if number else ""
