"""A terminal that lies as no simulator may: each request is answered by whatever a test says, byte for byte."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Callable, Iterable
from typing import Self

from eabsensi.devices import frames
from eabsensi.devices.commands import Command
from eabsensi.devices.frames import Frame, StreamDecoder

#: Gives the bytes (over TCP) or datagrams that answer a request, for as long as the client listens.
Answer = Callable[[Frame], Iterable[bytes]]


def ok(request: Frame, payload: bytes = b"", command: int = Command.ACK_OK, field3: int = 7) -> bytes:
    return frames.encode_tcp(Frame(command, field3, request.reply_id, payload))


def honest(request: Frame) -> list[bytes]:
    """Answer as a healthy terminal with 500 records of 40 bytes would, up to the log itself."""
    sizes = bytearray(92)
    struct.pack_into("<i", sizes, 32, 500)
    struct.pack_into("<i", sizes, 64, 100_000)
    payloads = {
        Command.OPTIONS_READ: b"~SerialNumber=SIM0001\x00",
        Command.TIME_READ: struct.pack("<I", 860_000_000),
        Command.FREE_SIZES: bytes(sizes),
        Command.PREPARE_BUFFER: struct.pack("<BIII", 0, 20_004, 20_004, 0),
    }
    return [ok(request, payloads.get(Command(request.command), b""))]


class Liar:
    """Listens on loopback; one thread, one client at a time."""

    def __init__(self, lies: dict[int, Answer], *, udp: bool = False) -> None:
        self._lies = lies
        self._udp = udp
        self._ending = False
        kind = socket.SOCK_DGRAM if udp else socket.SOCK_STREAM
        self._sock = socket.socket(socket.AF_INET, kind)
        self._sock.bind(("127.0.0.1", 0))
        if not udp:
            self._sock.listen(8)
        self.port = self._sock.getsockname()[1]
        self._client: socket.socket | None = None
        self._thread = threading.Thread(target=self._serve_datagrams if udp else self._serve)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ending = True
        if self._udp:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as knock:
                knock.sendto(b"", ("127.0.0.1", self.port))
        else:
            socket.create_connection(("127.0.0.1", self.port)).close()
        if self._client is not None:
            self._client.close()
        self._thread.join()
        self._sock.close()

    def _answers(self, request: Frame) -> Iterable[bytes]:
        return self._lies.get(request.command, honest)(request)

    def _serve(self) -> None:
        while not self._ending:
            self._client, _ = self._sock.accept()
            with self._client:
                self._converse(self._client)

    def _converse(self, client: socket.socket) -> None:
        decoder = StreamDecoder()
        try:
            while segment := client.recv(65_536):
                for request in decoder.feed(segment):
                    for piece in self._answers(request):
                        client.sendall(piece)
        except OSError:
            return

    def _serve_datagrams(self) -> None:
        while True:
            datagram, peer = self._sock.recvfrom(65_536)
            if self._ending:
                return
            request = frames.decode(datagram)
            for piece in self._answers(request):
                self._sock.sendto(piece[frames.TOP_BYTES :], peer)
