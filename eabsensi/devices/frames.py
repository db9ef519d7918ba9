"""Frames as pure values: eight bytes of header, a payload, and over TCP eight bytes on top (protocol §1.1)."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Final

from eabsensi.devices.errors import ForeignProtocolError, ProtocolError

TCP_MAGIC: Final = b"\x50\x50\x82\x7d"
SECURE_MAGIC: Final = b"\x50\x50\x83\x7c"
TOP_BYTES: Final = 8
HEADER_BYTES: Final = 8
#: The largest frame that a terminal is believed to send is a 64 KiB packet; anything far above is a lie or noise.
MAX_FRAME_BYTES: Final = 1 << 20

_FOLD_BITS: Final = 240
_SHORTEST_FOLD_BITS: Final = 4_096

_HEADER = struct.Struct("<4H")
_TOP = struct.Struct("<4sI")


@dataclass(frozen=True, slots=True)
class Frame:
    """One message of either side.

    Attributes:
        command: command or answer code.
        field3: session id from a client; from a device the session, chunk index, byte count, event code or state.
        reply_id: the request's number, echoed by every frame that answers it; 0 on events.
        payload: what follows the header.

    """

    command: int
    field3: int
    reply_id: int
    payload: bytes = b""


def checksum(message: bytes) -> int:
    """Give the Internet ones'-complement sum of ``message`` with its checksum field taken as 0 (protocol §1.1)."""
    # 2**16 is 1 modulo 65535, so a whole number's remainder is the sum of its 16-bit words: no loop over them. Adding
    # the upper half to the lower, cut where a word and a digit of Python's integers end, is quicker than dividing.
    number = int.from_bytes(message, "little")
    bits = len(message) * 4 // _FOLD_BITS * _FOLD_BITS
    while bits >= _SHORTEST_FOLD_BITS:
        number = (number >> bits) + (number & ((1 << bits) - 1))
        bits = bits // 2 // _FOLD_BITS * _FOLD_BITS
    total = (number - int.from_bytes(message[2:4], "little")) % 0xFFFF
    if not total and (any(message[:2]) or any(message[4:])):
        total = 0xFFFF
    return 0xFFFF - total


def encode(frame: Frame) -> bytes:
    """Give the header and payload of a frame: a whole UDP datagram."""
    message = _HEADER.pack(frame.command, 0, frame.field3, frame.reply_id) + frame.payload
    return message[:2] + checksum(message).to_bytes(2, "little") + message[4:]


def encode_tcp(frame: Frame) -> bytes:
    """Give a frame with the TCP top in front."""
    message = encode(frame)
    return _TOP.pack(TCP_MAGIC, len(message)) + message


def decode(message: bytes) -> Frame:
    """Read header and payload.

    Raises:
        ProtocolError: shorter than a header, or the checksum does not fit.

    """
    if len(message) < HEADER_BYTES:
        raise ProtocolError(f"A frame of {len(message)} bytes is shorter than its 8-byte header.")
    command, stated, field3, reply_id = _HEADER.unpack_from(message)
    computed = checksum(message)
    if stated != computed:
        raise ProtocolError(f"A frame of command {command} carries checksum {stated:#06x}, not {computed:#06x}.")
    return Frame(command, field3, reply_id, message[HEADER_BYTES:])


class StreamDecoder:
    """Cuts a TCP byte stream into frames, wherever the segments were split or joined."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._has_spoken = False

    @property
    def pending(self) -> int:
        """Bytes of an unfinished frame."""
        return len(self._buffer)

    def feed(self, segment: bytes) -> list[Frame]:
        """Take the next segment and give the frames that it completes, in order.

        Raises:
            ForeignProtocolError: the stream does not begin with a frame.
            ProtocolError: a frame is impossibly long, its checksum does not fit, or noise stands where one must start.

        """
        self._buffer += segment
        frames: list[Frame] = []
        while (message := self._take_message()) is not None:
            frames.append(decode(message))
        return frames

    def _take_message(self) -> bytes | None:
        self._check_magic()
        if len(self._buffer) < TOP_BYTES:
            return None
        length = int.from_bytes(self._buffer[4:TOP_BYTES], "little")
        if not HEADER_BYTES <= length <= MAX_FRAME_BYTES:
            raise ProtocolError(f"A frame announces {length} bytes.")
        end = TOP_BYTES + length
        if len(self._buffer) < end:
            return None
        with memoryview(self._buffer) as buffer:
            message = bytes(buffer[TOP_BYTES:end])
        del self._buffer[:end]
        self._has_spoken = True
        return message

    def _check_magic(self) -> None:
        head = bytes(self._buffer[:4])
        if TCP_MAGIC.startswith(head):
            return
        if self._has_spoken:
            # It speaks the protocol; this is one bad connection, not a reason to give the terminal up.
            raise ProtocolError(f"The stream fell out of step; in place of a frame came {self._buffer[:64].hex(' ')}.")
        raise ForeignProtocolError.from_bytes(bytes(self._buffer[:64]), secure=head == SECURE_MAGIC)
