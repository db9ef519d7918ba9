"""The terminal's users decoded: who is enrolled under which user id and slot (protocol §1.8). Reads no biometric."""

from __future__ import annotations

import struct
from typing import Final, NamedTuple

from eabsensi.devices.attlog import Layout, pin_text

_SHORT: Final = struct.Struct("<HB5s8sI4xI")
_SHORT_BYTES: Final = 28
_LONG: Final = struct.Struct("<HB8s24sI9x24s")
_LONG_BYTES: Final = 72


class DeviceUser(NamedTuple):
    """One user as the terminal knows it.

    Attributes:
        slot: the number of its place on the device, which is used again and renumbered.
        user_id: what the person types, as text.
        name: in the device's encoding; what does not fit it is shown as escapes.
        privilege: 0 user, 2 enroller, 6 manager, 14 administrator; bit 0 set means disabled.
        card: card number, 0 for none.

    """

    slot: int
    user_id: str
    name: str
    privilege: int
    card: int

    def pin_in(self, layout: Layout | None) -> str:
        """Give the PIN that this user's punches carry in a log of this layout; None is a log that is not known yet."""
        return str(self.slot) if layout is not None and layout.names_slots else self.user_id


def parse_users(body: bytes, *, count: int | None, encoding: str) -> list[DeviceUser]:
    """Decode the user table.

    Args:
        body: the records, without the 4-byte size word.
        count: users by the device's own counter; decides between the two layouts, None where unknown.
        encoding: of names and user ids.

    Raises:
        ValueError: the length fits neither layout.

    """
    if not body:
        return []
    stride = user_stride(len(body), count)
    records = (body[at : at + stride] for at in range(0, len(body), stride))
    parse = _parse_short if stride == _SHORT_BYTES else _parse_long
    return [parse(record, encoding) for record in records]


def user_stride(total: int, count: int | None) -> int:
    """Choose between 28 and 72 bytes: exactly total ÷ count where that holds, else what divides the total.

    Raises:
        ValueError: neither does.

    """
    fitting = [size for size in (_LONG_BYTES, _SHORT_BYTES) if total % size == 0]
    exact = [size for size in fitting if count and total == size * count]
    for size in exact or fitting:
        return size
    raise ValueError(f"A user table of {total} bytes fits neither 28- nor 72-byte records.")


def _parse_short(record: bytes, encoding: str) -> DeviceUser:
    slot, privilege, _, name, card, user_id = _SHORT.unpack(record)
    return DeviceUser(slot, str(user_id), _text(name, encoding), privilege, card)


def _parse_long(record: bytes, encoding: str) -> DeviceUser:
    slot, privilege, _, name, card, user_id = _LONG.unpack(record)
    return DeviceUser(slot, pin_text(user_id, encoding), _text(name, encoding), privilege, card)


def _text(field: bytes, encoding: str) -> str:
    """Read up to the first NUL: what follows is garbage, not padding. A name cut mid-letter loses that letter only."""
    return field.split(b"\x00", 1)[0].decode(encoding, "replace").strip()
