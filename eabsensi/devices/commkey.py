"""The comm key: a number of up to six digits that a terminal asks for, scrambled with the session id."""

from __future__ import annotations

from typing import Final

_TICK: Final = 50
_WORD: Final = 0xFFFF_FFFF
_MASK: Final = b"ZKSO"


def scramble(key: int, session_id: int, *, tick: int = _TICK) -> bytes:
    """Give the four bytes that AUTH carries (protocol §1.3; two captured vectors fit).

    Written here because pyzk's version overflows for keys that end in seventeen one-bits, such as 131071.

    Args:
        key: the comm key, 0 for none.
        session_id: as CONNECT's answer gave it.
        tick: any byte; it is sent in clear as the third one.

    """
    mirrored = int(f"{key & _WORD:032b}"[::-1], 2)
    mixed = ((mirrored + session_id) & _WORD).to_bytes(4, "little")
    low = bytes(a ^ b for a, b in zip(mixed, _MASK, strict=True))
    swapped = low[2:] + low[:2]
    return bytes((swapped[0] ^ tick, swapped[1] ^ tick, tick, swapped[3] ^ tick))
