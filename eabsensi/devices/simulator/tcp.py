"""TCP as captured terminals speak it: small segments, one client at a time, a short queue (protocol §1.1, F01)."""

from __future__ import annotations

import asyncio
import random
import select
import socket
import struct
from collections import deque
from typing import Final

from eabsensi.devices.frames import MAX_FRAME_BYTES, TCP_MAGIC, TOP_BYTES
from eabsensi.devices.simulator.line import Line, Pace
from eabsensi.devices.simulator.service import Service
from eabsensi.devices.simulator.trouble import Cut

_RESET_ON_CLOSE: Final = struct.pack("ii", 1, 0)
_RECEIVE_BYTES: Final = 1 << 16


class TcpLine(Line):
    """One TCP connection."""

    def __init__(self, server: TcpServer, connection: socket.socket) -> None:
        super().__init__(server.service, server.pace, server.service.state.config.packet_bytes)
        self._server = server
        self._connection = connection
        self._received = bytearray()
        self._outgoing: deque[memoryview] = deque()
        self._writing = False
        self._cut: Cut | None = None
        self._loop.add_reader(connection, self._on_readable)

    def transmit(self, packets: list[bytes]) -> None:
        """Send packets, each with its TCP top, as far as the line is not cut."""
        wire = b"".join([TCP_MAGIC + len(packet).to_bytes(4, "little") + packet for packet in packets])
        wire, cut = self._until_cut(wire)
        self._count_out(wire)
        self._cut = self._cut or cut
        self._put(wire)

    def speak_foreign(self, noise: bytes) -> None:
        """Send bytes without any frame."""
        self._put(noise)

    def close(self, *, reset: bool = False, left_open: bool = True) -> None:
        """Close the connection; with ``reset`` the client sees it refused, not ended."""
        if self._closed:
            return
        self._closed = True
        self._loop.remove_reader(self._connection)
        self._loop.remove_writer(self._connection)
        if reset:
            self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
        self._connection.close()
        self._service.forget(self, left_open=left_open)
        self._server.release(self)

    def somebody_waits(self) -> bool:
        """Tell whether another client has come meanwhile and waits to be served."""
        return self._server.somebody_waits()

    def _is_pipelined(self) -> bool:
        return super()._is_pipelined() or bool(self._outgoing)

    def _on_readable(self) -> None:
        try:
            segment = self._connection.recv(_RECEIVE_BYTES)
        except BlockingIOError:
            return
        except OSError:
            segment = b""
        if not segment or (self.orphaned and self._trouble.reset_orphans):
            self.close(reset=bool(segment))
            return
        self._counters.bytes_in += len(segment)
        self._received += segment
        self._cut_messages()

    def _cut_messages(self) -> None:
        messages = self._whole_messages()
        if self._trouble.wedge_when_pipelined and len(messages) > 1:
            self._wedged = True
        for message in messages:
            self.receive(message)

    def _whole_messages(self) -> list[bytes]:
        """Take the messages that are complete; what does not begin as a frame is thrown away."""
        messages: list[bytes] = []
        while len(self._received) >= TOP_BYTES:
            length = int.from_bytes(self._received[4:TOP_BYTES], "little")
            if self._received[:4] != TCP_MAGIC or length > MAX_FRAME_BYTES:
                self._counters.dropped += 1
                self._received.clear()
            elif len(self._received) < TOP_BYTES + length:
                break
            else:
                messages.append(bytes(self._received[TOP_BYTES : TOP_BYTES + length]))
                del self._received[: TOP_BYTES + length]
        return messages

    def _put(self, wire: bytes) -> None:
        if wire:
            self._outgoing.append(memoryview(wire))
        if not self._writing:
            self._flush()

    def _flush(self) -> None:
        try:
            while self._outgoing:
                self._send_segment()
        except BlockingIOError:
            self._wait_until_writable()
            return
        except OSError:
            self.close()
            return
        self._stop_waiting()
        if self._cut is not None:
            self.close(reset=self._cut.hard, left_open=False)

    def _send_segment(self) -> None:
        reply = self._outgoing[0]
        sent = self._connection.send(reply[: self._server.segment_length(len(reply))])
        if sent < len(reply):
            self._outgoing[0] = reply[sent:]
        else:
            self._outgoing.popleft()

    def _wait_until_writable(self) -> None:
        if not self._writing:
            self._writing = True
            self._loop.add_writer(self._connection, self._flush)

    def _stop_waiting(self) -> None:
        if self._writing:
            self._writing = False
            self._loop.remove_writer(self._connection)


class TcpServer:
    """Listens, and serves one client at a time; the kernel lets the next ones wait."""

    def __init__(self, service: Service, pace: Pace) -> None:
        self.service = service
        self.pace = pace
        self._loop = asyncio.get_running_loop()
        self._accepts = False
        self._listener: socket.socket | None = None
        self._fillers: list[socket.socket] = []
        self._line: TcpLine | None = None
        self._orphans: list[TcpLine] = []
        self._random = random.Random(service.state.config.seed)  # noqa: S311 - repeatable, not secret

    def listen(self, host: str, port: int) -> int:
        """Start to listen and give the port."""
        port = self._bind(host, port)
        assert self._listener is not None
        self._listener.listen(self.service.state.config.backlog)
        self._accepts = True
        self._resume()
        return port

    def refuse(self, host: str, port: int) -> None:
        """Refuse new clients; the port stays ours."""
        self._bind(host, port)

    def vanish(self, host: str, port: int) -> None:
        """Let connection attempts go unanswered, as where no machine is: the kernel's queue is full."""
        self._bind(host, port)
        assert self._listener is not None
        self._listener.listen(0)
        filler = socket.create_connection((host, port))
        self._fillers.append(filler)

    def abandon_client(self) -> None:
        """Forget the client without a word: its connection stays, but nobody is behind it."""
        if self._line is not None:
            line, self._line = self._line, None
            line.orphaned = True
            self._orphans.append(line)
            self._resume()

    def hang_up(self, *, reset: bool = True) -> None:
        """End the present client's connection."""
        if self._line is not None:
            self._line.close(reset=reset, left_open=False)

    def close(self) -> None:
        """Close every socket."""
        self._drop_listener()
        for line in [*self._orphans, *([self._line] if self._line else [])]:
            line.close(left_open=False)

    def release(self, line: TcpLine) -> None:
        """Take the next client after one has gone."""
        if line in self._orphans:
            self._orphans.remove(line)
        elif line is self._line:
            self._line = None
            self.service.state.counters.clients_waited += self.somebody_waits()
            self._resume()

    def somebody_waits(self) -> bool:
        """Tell whether a client stands in the kernel's queue."""
        if self._listener is None or not self._accepts:
            return False
        queue = select.poll()
        queue.register(self._listener, select.POLLIN)
        return bool(queue.poll(0))

    def segment_length(self, available: int) -> int:
        """Give the bytes of the next segment."""
        bounds = self.pace.segment_bytes
        return available if bounds is None else min(available, self._random.randint(*bounds))

    def _bind(self, host: str, port: int) -> int:
        self._drop_listener()
        self._listener = _bound(host, port)
        return int(self._listener.getsockname()[1])

    def _drop_listener(self) -> None:
        for filler in self._fillers:
            filler.close()
        self._fillers.clear()
        self._accepts = False
        if self._listener is not None:
            self._loop.remove_reader(self._listener)
            self._listener.close()
            self._listener = None

    def _resume(self) -> None:
        if self._accepts and self._listener is not None and self._line is None:
            self._loop.add_reader(self._listener, self._accept)

    def _accept(self) -> None:
        assert self._listener is not None
        try:
            connection, _ = self._listener.accept()
        except OSError:
            return
        self._loop.remove_reader(self._listener)
        connection.setblocking(False)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.service.state.counters.connections += 1
        self._line = TcpLine(self, connection)


def _bound(host: str, port: int) -> socket.socket:
    bound = socket.socket()
    bound.setblocking(False)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((host, port))
    except OSError:
        bound.close()
        raise
    return bound
