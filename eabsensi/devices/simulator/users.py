"""The people enrolled on a terminal, in its two record layouts (protocol §1.8)."""

from __future__ import annotations

import struct
from dataclasses import dataclass

_SHORT = struct.Struct("<HB5s8sIxBHI")
_LONG = struct.Struct("<HB8s24sIB8x24s")

ADMIN = 14


@dataclass(frozen=True, slots=True)
class User:
    """One enrolled person.

    Attributes:
        uid: slot number, reused and renumbered by devices.
        pin: user id, the stable key; text.
        name: as shown on the screen; cut to 8 or 24 bytes on the wire.
        privilege: bit 0 disabled, 2 enroller, 6 manager, 14 super admin.

    """

    uid: int
    pin: str
    name: str = ""
    privilege: int = 0
    password: str = ""
    card: int = 0
    group: int = 1


def encode_user(user: User, record_bytes: int, encoding: str) -> bytes:
    """Pack a user into 28 or 72 bytes; a long name is cut wherever the byte limit falls, as devices do."""
    password, name = user.password.encode(), user.name.encode(encoding, errors="replace")
    if record_bytes == _SHORT.size:
        return _SHORT.pack(user.uid, user.privilege, password, name, user.card, user.group, 0, int(user.pin))
    return _LONG.pack(user.uid, user.privilege, password, name, user.card, user.group, user.pin.encode())


def decode_user(record: bytes, encoding: str) -> User:
    """Unpack a 28- or 72-byte user record; bytes after a NUL are garbage and not read."""
    if len(record) == _SHORT.size:
        uid, privilege, password, name, card, group, _, number = _SHORT.unpack(record)
        return User(uid, str(number), _text(name, encoding), privilege, _text(password, "ascii"), card, group)
    uid, privilege, password, name, card, group, pin = _LONG.unpack(record)
    return User(uid, _text(pin, "ascii"), _text(name, encoding), privilege, _text(password, "ascii"), card, group)


def invented_users(count: int, first: int = 1) -> list[User]:
    """Give plain users with slot number = pin, for terminals whose people do not matter."""
    return [User(number, str(number), f"Pegawai {number}") for number in range(first, first + count)]


def _text(field: bytes, encoding: str) -> str:
    return field.split(b"\x00", 1)[0].decode(encoding, errors="replace")
