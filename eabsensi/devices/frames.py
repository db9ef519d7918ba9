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
    body = message[:2] + b"\x00\x00" + message[4:]
    if len(body) % 2:
        body += b"\x00"
    total = sum(struct.unpack(f"<{len(body) // 2}H", body))
    while total > 0xFFFF:
        total = (total & 0xFFFF) + (total >> 16)
    return int(~total & 0xFFFF)


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

    @property
    def pending(self) -> int:
        """Bytes of an unfinished frame."""
        return len(self._buffer)

    def feed(self, segment: bytes) -> list[Frame]:
        """Take the next segment and give the frames that it completes, in order.

        Raises:
            ForeignProtocolError: the stream does not start a frame where one must start.
            ProtocolError: a frame is impossibly long, or its checksum does not fit.

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
        message = bytes(self._buffer[TOP_BYTES:end])
        del self._buffer[:end]
        return message

    def _check_magic(self) -> None:
        head = bytes(self._buffer[:4])
        if not TCP_MAGIC.startswith(head):
            raise ForeignProtocolError.from_bytes(bytes(self._buffer[:64]), secure=head == SECURE_MAGIC)
