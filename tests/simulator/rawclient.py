"""A client that knows only bytes: what a test says goes out, what came in is shown."""

from __future__ import annotations

import select
import socket
import struct
import weakref
from types import TracebackType
from typing import Self

from eabsensi.devices import frames
from eabsensi.devices.commands import Command
from eabsensi.devices.frames import Frame
from eabsensi.devices.simulator.terminal import Terminal

#: Ends a test that waits for something that never comes; nothing here depends on it.
PATIENCE_SECONDS = 20
#: Bytes that all clients sent to a terminal, to know when it has read them.
_SENT: weakref.WeakKeyDictionary[Terminal, int] = weakref.WeakKeyDictionary()
LOG_REQUEST = bytes.fromhex("010d000000000000000000")
USERS_REQUEST = bytes.fromhex("0109000500000000000000")
OPLOG_REQUEST = bytes.fromhex("0122000000000000000000")
#: Bytes that all clients sent to a terminal, to know when it has read them.
_SENT: weakref.WeakKeyDictionary[Terminal, int] = weakref.WeakKeyDictionary()


class RawClient:
    """One conversation over TCP or UDP."""

    def __init__(self, terminal: Terminal, *, udp: bool = False) -> None:
        self.terminal = terminal
        self.is_udp = udp
        self.session = 0
        self.reply_id = -1
        self._decoder = frames.StreamDecoder()
        self._arrived: list[Frame] = []
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM if udp else socket.SOCK_STREAM)
        self.socket.settimeout(PATIENCE_SECONDS)
        try:
            self.socket.connect((terminal.host, terminal.port))
        except OSError:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self.socket.close()

    def send(self, command: int, payload: bytes = b"", *, reply_id: int | None = None) -> None:
        self.reply_id = self.reply_id + 1 if reply_id is None else reply_id
        frame = Frame(command, self.session, self.reply_id, payload)
        self.send_bytes(frames.encode(frame) if self.is_udp else frames.encode_tcp(frame))

    def send_bytes(self, wire: bytes) -> None:
        _SENT[self.terminal] = _SENT.get(self.terminal, 0) + len(wire)
        self.socket.sendall(wire)

    def next_frame(self) -> Frame:
        while not self._arrived:
            received = self.socket.recv(1 << 16)
            if not received:
                raise EOFError
            self._arrived += [frames.decode(received)] if self.is_udp else self._decoder.feed(received)
        return self._arrived.pop(0)

    def ask(self, command: int, payload: bytes = b"", *, reply_id: int | None = None) -> Frame:
        self.send(command, payload, reply_id=reply_id)
        return self.next_frame()

    def connect(self) -> Frame:
        answer = self.ask(Command.CONNECT, reply_id=0)
        self.session = answer.field3
        return answer

    def answer_of(self, command: int, payload: bytes = b"") -> list[Frame]:
        """Give all frames of an answer that may be in the long form, each in the order of arrival."""
        answer = [self.ask(command, payload)]
        while answer[0].command == Command.PREPARE_DATA and answer[-1].command != Command.ACK_OK:
            answer.append(self.next_frame())
        return answer

    def prepare(self, request: bytes = LOG_REQUEST) -> Frame:
        return self.ask(Command.PREPARE_BUFFER, request)

    def read(self, start: int, size: int) -> bytes:
        answer = self.answer_of(Command.READ_BUFFER, struct.pack("<ii", start, size))
        return b"".join(frame.payload for frame in answer if frame.command == Command.DATA)

    def read_table(self, request: bytes = LOG_REQUEST, step: int = 0xFFC0) -> bytes:
        prepared = self.prepare(request)
        if prepared.command == Command.DATA:
            return prepared.payload
        assert prepared.command == Command.ACK_OK, prepared
        size = struct.unpack_from("<I", prepared.payload, 1)[0]
        return b"".join(self.read(start, min(step, size - start)) for start in range(0, size, step))

    def count(self) -> int:
        return struct.unpack_from("<i", self.ask(Command.FREE_SIZES).payload, 32)[0]

    def option(self, name: str) -> Frame:
        return self.ask(Command.OPTIONS_READ, name.encode() + b"\x00")

    def receive_bytes(self, length: int) -> bytes:
        received = b""
        while len(received) < length and (segment := self.socket.recv(length - len(received))):
            received += segment
        return received

    def nothing_came(self, *, is_served: bool = True) -> bool:
        """Tell whether the terminal, having read all that was sent, kept silent.

        ``is_served`` is False where the terminal does not even read what this client sent.
        """
        while is_served and self.terminal.counters.bytes_in < _SENT[self.terminal]:
            self.terminal.settle()
        self.terminal.settle()
        return not self._arrived and not select.select([self.socket], [], [], 0)[0]


def connected(terminal: Terminal, *, udp: bool = False) -> RawClient:
    client = RawClient(terminal, udp=udp)
    client.connect()
    return client
