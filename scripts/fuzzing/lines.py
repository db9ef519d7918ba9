"""A terminal that is nothing but bytes: the fuzzer's input is its script and its log."""

from __future__ import annotations

import struct
from collections import deque
from typing import Final

from eabsensi.devices import frames
from eabsensi.devices.commands import Command
from eabsensi.devices.errors import TransferError
from eabsensi.devices.frames import Frame
from eabsensi.devices.link import Link, UdpLink
from eabsensi.devices.session import Session
from eabsensi.devices.waiting import Deadline

#: A byte of the script below this one lets the terminal answer honestly.
HONEST_BELOW: Final = 0xC0
SCRIPT_BYTES: Final = 48
#: Answers after which the terminal hangs up, so that no input runs for ever.
MOST_ANSWERS: Final = 400
_PACKET: Final = 1_008


class Script:
    """What the terminal does and holds, cut from the fuzzer's input: a script of 48 bytes, then the log."""

    def __init__(self, written: bytes) -> None:
        """Cut the input."""
        self._steps = iter(written[:SCRIPT_BYTES])
        self.log = written[SCRIPT_BYTES:]
        self._left = MOST_ANSWERS

    def byte(self) -> int:
        """Give the script's next byte; 0, which is honest, once it is used up."""
        return next(self._steps, 0)

    def answers(self, request: Frame) -> list[Frame]:
        """Answer a request: honestly, or as the script has it.

        Raises:
            TransferError: the terminal hangs up.

        """
        self._left -= 1
        step = self.byte()
        if self._left < 0 or step == 0xFF:
            raise TransferError("The terminal closed the connection.")
        honest = self._honest(request)
        return honest if step < HONEST_BELOW else self._bent(step, honest, request)

    def _bent(self, step: int, honest: list[Frame], request: Frame) -> list[Frame]:
        first, *rest = honest
        number = self.byte() << 8 | self.byte()
        twists = (
            [Frame(number, first.field3, first.reply_id, first.payload), *rest],
            [Frame(first.command, number, first.reply_id, first.payload), *rest],
            [Frame(first.command, first.field3, number, first.payload), *rest],
            [Frame(first.command, first.field3, first.reply_id, first.payload[: number & 0xFF]), *rest],
            [Frame(first.command, first.field3, first.reply_id, first.payload + self.log[:number]), *rest],
            [Frame(Command.PREPARE_DATA, 0, request.reply_id, struct.pack("<I", number) + b"\xf0\x03"), *honest],
            [Frame(Command.DATA, number, request.reply_id, self.log[:number]), *honest],
            [Frame(Command.EVENT, number & 7, 0, self.log[: number & 0x3F]), *honest],
            [Frame(Command.ACK_OK, number, request.reply_id, struct.pack("<BIII", 0, number << 16, number, 0))],
            [Frame(Command.ACK_OK, number, request.reply_id, self.log[: number & 0x7F])],
            [*honest, *honest],
            honest[:-1] or honest,
        )
        return twists[step % len(twists)]

    def _honest(self, request: Frame) -> list[Frame]:
        def ok(payload: bytes = b"", command: int = Command.ACK_OK) -> list[Frame]:
            return [Frame(command, 7, request.reply_id, payload)]

        whole = struct.pack("<I", len(self.log)) + self.log
        if request.command == Command.OPTIONS_READ:
            return ok(request.payload.rstrip(b"\x00") + b"=SIM0001\x00")
        if request.command == Command.TIME_READ:
            return ok(struct.pack("<I", 860_000_000))
        if request.command == Command.FREE_SIZES:
            return ok(self._sizes())
        if request.command == Command.PREPARE_BUFFER:
            return ok(struct.pack("<BIII", 0, len(whole), len(whole), 0))
        if request.command == Command.READ_BUFFER:
            start, size = struct.unpack("<II", request.payload)
            return self._burst(request, whole[start : start + size])
        return ok()

    def _sizes(self) -> bytes:
        sizes = bytearray(92)
        struct.pack_into("<i", sizes, 16, len(self.log) // 28)
        struct.pack_into("<i", sizes, 32, len(self.log) // 40)
        struct.pack_into("<i", sizes, 64, len(self.log) // 40 + self.byte() % 2)
        return bytes(sizes)

    def _burst(self, request: Frame, piece: bytes) -> list[Frame]:
        if len(piece) <= _PACKET:
            return [Frame(Command.DATA, 0, request.reply_id, piece)]
        announced = struct.pack("<II", len(piece), _PACKET)
        packets = [piece[at : at + _PACKET] for at in range(0, len(piece), _PACKET)]
        return [
            Frame(Command.PREPARE_DATA, 0, request.reply_id, announced),
            *(Frame(Command.DATA, index, request.reply_id, packet) for index, packet in enumerate(packets)),
            Frame(Command.ACK_OK, 0, request.reply_id),
        ]


class _Scripted(Link):
    """A link without a socket: what is sent is answered by the script, frame for frame over the real encoding."""

    def __init__(self, script: Script, deadline: Deadline) -> None:
        Link.__init__(self, deadline=deadline, stop=None)  # not the socket of a UdpLink
        self._script = script
        self._arriving: deque[bytes] = deque()

    def fileno(self) -> int:
        return -1

    def close(self) -> None:
        self._arriving.clear()

    def _send(self, frame: Frame) -> None:
        self._arriving.extend(frames.encode(answer) for answer in self._script.answers(frame))

    def _receive(self, seconds: float) -> list[Frame]:  # noqa: ARG002 - silence is shown at once
        if not self._arriving:
            raise TransferError("The terminal closed the connection.")
        return [frames.decode(self._arriving.popleft())]


class _ScriptedTcp(_Scripted):
    def exchange(self, command: int, payload: bytes = b"", *, wait: float) -> Frame:
        reply_id = self.send_only(command, payload)
        return self._await(reply_id, wait, "the answer")


class _ScriptedUdp(_Scripted, UdpLink):
    """As :class:`UdpLink` repeats and orders datagrams, but without its socket."""


class ScriptedSession(Session):
    """A session with the scripted terminal, over either transport."""

    def __init__(self, script: Script, endpoint: object, *, deadline: Deadline) -> None:
        """Connect; see :class:`Session` for what is raised."""
        self._script = script
        super().__init__(endpoint, deadline=deadline)  # type: ignore[arg-type]  # an Endpoint, named so by the caller

    def _open_link(self, deadline: Deadline) -> Link:
        kind = _ScriptedUdp if self.endpoint.transport == "udp" else _ScriptedTcp
        return kind(self._script, deadline)
