"""One client's line: requests queue up, the terminal thinks, the answer goes out at its pace; troubles act here."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field

from eabsensi.devices import frames
from eabsensi.devices.commands import Command
from eabsensi.devices.errors import ProtocolError
from eabsensi.devices.frames import Frame
from eabsensi.devices.simulator.config import TerminalConfig
from eabsensi.devices.simulator.service import Service
from eabsensi.devices.simulator.sessions import Session
from eabsensi.devices.simulator.trouble import Cut


@dataclass(slots=True)
class Pace:
    """How slow the terminal and its line are; 0 and None mean not at all.

    Attributes:
        delay_seconds: before each answer.
        delays: before the answer to one command, instead.
        bytes_per_second: of the line.
        packet_pause_seconds: after each packet.
        segment_bytes: least and most bytes of a TCP segment.

    """

    delay_seconds: float = 0.0
    delays: dict[int, float] = field(default_factory=dict)
    bytes_per_second: int | None = None
    packet_pause_seconds: float = 0.0
    segment_bytes: tuple[int, int] | None = None

    @classmethod
    def of(cls, config: TerminalConfig) -> Pace:
        """Start with what the terminal was built with."""
        return cls(
            config.delay_seconds,
            {},
            config.bytes_per_second,
            config.packet_pause_seconds,
            config.segment_bytes,
        )

    def delay_of(self, message: bytes) -> float:
        """Give the seconds that a request takes."""
        return self.delays.get(int.from_bytes(message[:2], "little"), self.delay_seconds)

    def pause_after(self, packet: bytes) -> float:
        """Give the seconds until the next packet may go."""
        transmission = len(packet) / self.bytes_per_second if self.bytes_per_second else 0.0
        return self.packet_pause_seconds + transmission


class Line:
    """A client's way to the terminal; subclasses carry packets over TCP or UDP."""

    def __init__(self, service: Service, pace: Pace, packet_bytes: int) -> None:
        self.session: Session | None = None
        self.packet_bytes = packet_bytes
        self.orphaned = False
        self._service = service
        self._trouble = service.trouble
        self._counters = service.state.counters
        self._pace = pace
        self._loop = asyncio.get_running_loop()
        self._waiting: deque[bytes] = deque()
        self._busy = False
        self._wedged = False
        self._closed = False
        self._held: list[Frame] = []
        self._previous: list[Frame] = []
        self._in_transfer = False
        self._transfer_bytes = 0
        self._sent_bytes = 0

    def receive(self, message: bytes) -> None:
        """Take one request, header and payload."""
        if self._trouble.silent or self.orphaned or self._is_hanging():
            return
        self._wedged = self._wedged or (self._trouble.wedge_when_pipelined and self._is_pipelined())
        if not self._wedged:
            self._waiting.append(message)
            self._pump()

    def send_event(self, frame: Frame) -> None:
        """Send a frame that nobody asked for, between packets."""
        if not (self.orphaned or self._closed or self._trouble.silent):
            in_transfer, self._in_transfer = self._in_transfer, False
            self.transmit([frames.encode(frame)])
            self._in_transfer = in_transfer

    def somebody_waits(self) -> bool:
        """Tell whether another client has come meanwhile and waits; over UDP nobody has to."""
        return False

    def transmit(self, packets: list[bytes]) -> None:
        """Put packets on the wire."""
        raise NotImplementedError

    def speak_foreign(self, noise: bytes) -> None:
        """Put bytes of another protocol on the wire."""
        raise NotImplementedError

    def _is_hanging(self) -> bool:
        trouble = self._trouble
        if trouble.hang_after:
            trouble.hang_after -= 1
            return False
        return trouble.hang_after == 0

    def _is_pipelined(self) -> bool:
        return self._busy or bool(self._waiting)

    def _pump(self) -> None:
        while self._waiting and not self._busy and not self._closed:
            message = self._waiting.popleft()
            delay = self._pace.delay_of(message)
            if delay:
                self._busy = True
                self._loop.call_later(delay, self._take_late, message)
            else:
                self._take(message)

    def _take_late(self, message: bytes) -> None:
        self._busy = False
        if not self._closed:
            self._take(message)
            self._pump()

    def _take(self, message: bytes) -> None:
        if self._trouble.foreign is not None:
            self.speak_foreign(self._trouble.foreign)
            return
        answer = self._tamper(self._think(message))
        if answer:
            self._counters.round_trips += 1
            self._send([frames.encode(frame) for frame in answer])

    def _think(self, message: bytes) -> list[Frame]:
        try:
            request = frames.decode(message)
        except ProtocolError:
            self._counters.dropped += 1
            return []
        if self._trouble.ignored_requests:
            self._trouble.ignored_requests -= 1
            return []
        self._in_transfer = self._service.is_log_transfer(self, request)
        if request.command == Command.PREPARE_BUFFER:
            self._transfer_bytes = 0
        return self._service.answer(self, request)

    def _tamper(self, answer: list[Frame]) -> list[Frame]:
        """Lose, hold back, repeat or interrupt an answer, where a trouble says so."""
        trouble = self._trouble
        if not answer:
            return []
        if trouble.dropped_replies:
            trouble.dropped_replies -= 1
            return []
        if trouble.late_replies:
            trouble.late_replies -= 1
            self._held = answer
            return []
        before, self._held = self._held, []
        if trouble.stale_replies and self._previous:
            trouble.stale_replies -= 1
            before = [*self._previous, *before]
        self._previous = answer
        return [*before, *self._interrupted(answer)]

    def _interrupted(self, answer: list[Frame]) -> list[Frame]:
        events, self._trouble.events_inside = self._trouble.events_inside, []
        middle = len(answer) // 2
        return [*answer[:middle], *events, *answer[middle:]]

    def _send(self, packets: list[bytes]) -> None:
        if self._trouble.corrupt_replies:
            self._trouble.corrupt_replies -= 1
            packets = [*packets[:-1], packets[-1][:-1] + bytes((packets[-1][-1] ^ 0xFF,))]
        if self._pace.packet_pause_seconds or self._pace.bytes_per_second:
            self._busy = True
            self._send_paced(deque(packets))
        else:
            self.transmit(packets)

    def _send_paced(self, packets: deque[bytes]) -> None:
        if self._closed:
            return
        if not packets:
            self._busy = False
            self._pump()
            return
        packet = packets.popleft()
        self.transmit([packet])
        self._loop.call_later(self._pace.pause_after(packet), self._send_paced, packets)

    def _until_cut(self, wire: bytes) -> tuple[bytes, Cut | None]:
        """Give the bytes that still get out, and the cut that comes after them."""
        cut = self._trouble.cut
        if cut is None or (cut.of == "transfer" and not self._in_transfer):
            return wire, None
        left = cut.after_bytes - (self._transfer_bytes if cut.of == "transfer" else self._sent_bytes)
        if len(wire) < left:
            return wire, None
        if not cut.always:
            self._trouble.cut = None
        return wire[: max(0, left)], cut

    def _count_out(self, wire: bytes) -> None:
        self._counters.bytes_out += len(wire)
        self._sent_bytes += len(wire)
        if self._in_transfer:
            self._transfer_bytes += len(wire)
