"""UDP: a frame is a datagram, a client is an address; datagrams may be lost, doubled or overtake (F13, F47)."""

from __future__ import annotations

import asyncio
import socket
from typing import Final

from eabsensi.devices.simulator.line import Line, Pace
from eabsensi.devices.simulator.service import Service

_LARGEST_DATAGRAM: Final = 1 << 16
_BATCH: Final = 64
#: Addresses remembered at most; the oldest is forgotten.
_CLIENTS: Final = 32

Address = tuple[str, int]


class UdpLine(Line):
    """One client's address."""

    def __init__(self, server: UdpServer, address: Address) -> None:
        super().__init__(server.service, server.pace, server.service.state.config.udp_packet_bytes)
        self._server = server
        self._address = address

    def transmit(self, packets: list[bytes]) -> None:
        """Send datagrams, in the disorder that the troubles ask for."""
        for datagram in self._disordered(packets):
            allowed, cut = self._until_cut(datagram)
            if cut is not None:
                self.close(left_open=False)
                return
            self._count_out(allowed)
            self._server.send(allowed, self._address)

    def speak_foreign(self, noise: bytes) -> None:
        """Send a datagram that is no frame."""
        self._server.send(noise, self._address)

    def close(self, *, left_open: bool = True) -> None:
        """Forget the client."""
        self._closed = True
        self._service.forget(self, left_open=left_open)
        self._server.release(self._address)

    def _disordered(self, packets: list[bytes]) -> list[bytes]:
        trouble = self._trouble
        if trouble.reorder_datagrams and len(packets) > 1:
            packets = [*packets[:-2], packets[-1], packets[-2]]
        if trouble.reverse_datagrams:
            packets.reverse()
        if trouble.duplicate_datagrams:
            packets = [packet for packet in packets for _ in range(2)]
        return [packet for packet in packets if not self._is_lost()]

    def _is_lost(self) -> bool:
        trouble = self._trouble
        if trouble.lose_datagrams:
            trouble.lose_datagrams -= 1
            return True
        return bool(trouble.lose_every) and self._server.count() % trouble.lose_every == 0


class UdpServer:
    """The terminal's datagram socket."""

    def __init__(self, service: Service, pace: Pace) -> None:
        self.service = service
        self.pace = pace
        self._loop = asyncio.get_running_loop()
        self._socket: socket.socket | None = None
        self._lines: dict[Address, UdpLine] = {}
        self._datagrams = 0

    def listen(self, host: str, port: int) -> int:
        """Start to listen and give the port."""
        bound = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        bound.setblocking(False)
        try:
            bound.bind((host, port))
        except OSError:
            bound.close()
            raise
        self._socket = bound
        self._loop.add_reader(bound, self._on_readable)
        return int(bound.getsockname()[1])

    def count(self) -> int:
        """Count one more datagram that is about to leave."""
        self._datagrams += 1
        return self._datagrams

    def send(self, datagram: bytes, address: Address) -> None:
        """Send a datagram; a full socket loses it, as networks do."""
        if self._socket is not None:
            try:
                self._socket.sendto(datagram, address)
            except OSError:
                self.service.state.counters.dropped += 1

    def hang_up(self) -> None:
        """Forget every client."""
        for line in list(self._lines.values()):
            line.close(left_open=False)

    def go_deaf(self) -> None:
        """Keep the address and read nothing, as where no machine is."""
        self.hang_up()
        if self._socket is not None:
            self._loop.remove_reader(self._socket)

    def close(self) -> None:
        """Close the socket."""
        self.hang_up()
        if self._socket is not None:
            self._loop.remove_reader(self._socket)
            self._socket.close()
            self._socket = None

    def release(self, address: Address) -> None:
        """Forget an address."""
        self._lines.pop(address, None)

    def _on_readable(self) -> None:
        for _ in range(_BATCH):
            try:
                if self._socket is None:
                    return
                datagram, address = self._socket.recvfrom(_LARGEST_DATAGRAM)
            except BlockingIOError:
                return
            except OSError:
                continue
            self.service.state.counters.bytes_in += len(datagram)
            self._line_of(address).receive(datagram)

    def _line_of(self, address: Address) -> UdpLine:
        if address not in self._lines:
            self._make_room()
            self._lines[address] = UdpLine(self, address)
        return self._lines[address]

    def _make_room(self) -> None:
        while len(self._lines) >= _CLIENTS:
            idle = [line for line in self._lines.values() if line.session is None]
            (idle or list(self._lines.values()))[0].close(left_open=bool(not idle))
