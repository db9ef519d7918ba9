"""The link carries frames: one request at a time, replies matched by reply id, events set apart, bytes counted.

A link owns what pyzk gets wrong (design §4): length-framed TCP whatever the segments, UDP with repeats of the same
bytes, one monotonic reply id, stale replies dropped, and a deadline on every wait.
"""

from __future__ import annotations

import errno
import os
import select
import socket
import time
from abc import ABC, abstractmethod
from collections import deque
from dataclasses import dataclass, replace
from typing import Any, Final

from eabsensi.devices import frames
from eabsensi.devices.allowance import Allowance
from eabsensi.devices.commands import Command, name_of
from eabsensi.devices.errors import ProtocolError, TransferError, UnreachableError
from eabsensi.devices.frames import Frame, StreamDecoder
from eabsensi.devices.resolving import resolve
from eabsensi.devices.waiting import Deadline, DeadlinePassedError, StopSignal, Waiter

#: Reply ids wrap at 65535 and firmware disagrees on how; a session ends long before (protocol §1.2).
LAST_REPLY_ID: Final = 60_000
_RECEIVE_BYTES: Final = 1 << 16
_UDP_TRIES: Final = 3
#: How long name servers may take for a terminal that is reached over UDP; over TCP as long as its connection.
_NAME_SECONDS: Final = 5.0
#: A terminal queues 80 events; what overflows here is read from the log anyway.
_EVENTS_KEPT: Final = 1_000
#: No event that is understood is longer; of one that is, no more is kept.
_EVENT_BYTES: Final = 256


class NoAnswerError(ProtocolError):
    """The terminal does not answer."""

    kind = "no_answer"


class WornOutError(ProtocolError):
    """The session has used up its reply ids and must be opened anew."""

    kind = "worn_out"


@dataclass(slots=True)
class Traffic:
    """What crossed the wire, frame headers included, IP and TCP headers not.

    Attributes:
        bytes_sent: to the terminal.
        bytes_received: from the terminal.
        round_trips: requests that were answered.

    """

    bytes_sent: int = 0
    bytes_received: int = 0
    round_trips: int = 0


class Link(ABC):
    """One conversation with one terminal. Used by one thread at a time."""

    def __init__(self, *, deadline: Deadline, stop: StopSignal | None) -> None:
        self.session_id = 0
        self.deadline = deadline
        self.traffic = Traffic()
        self.allowance: Allowance | None = None
        self.events: deque[Frame] = deque(maxlen=_EVENTS_KEPT)
        self._stop = stop
        self._next_reply_id = 0
        self._waiting: deque[Frame] = deque()

    @abstractmethod
    def fileno(self) -> int:
        """Give the socket's descriptor, for a selector."""

    @abstractmethod
    def close(self) -> None:
        """Close the socket; closing twice is harmless."""

    @abstractmethod
    def _send(self, frame: Frame) -> None: ...

    @abstractmethod
    def _receive(self, seconds: float) -> list[Frame]:
        """Wait up to ``seconds`` for input and give the frames it completes, perhaps none."""

    @abstractmethod
    def exchange(self, command: int, payload: bytes = b"", *, wait: float) -> Frame:
        """Send one request and give the first frame that answers it.

        Args:
            command: command code.
            payload: its payload.
            wait: seconds until the answer's first frame must be here.

        Raises:
            NoAnswerError: none came in time; the link must not be used again.
            TransferError: the terminal closed the connection.
            ProtocolError: what came breaks the protocol.
            CancelledError: the collector is stopping.

        """

    def following(self, reply_id: int, *, wait: float) -> Frame:
        """Give the next frame of a burst whose first frame :meth:`exchange` gave.

        Args:
            reply_id: of the burst.
            wait: seconds of silence that end the patience.

        Raises: as :meth:`exchange`.

        """
        return self._await(reply_id, wait, f"{reply_id}'s next frame")

    def acknowledge(self, event: Frame) -> None:
        """Tell the terminal that an event was heard; it does not answer that (protocol §1.12)."""
        self._send(Frame(Command.ACK_OK, self.session_id, event.reply_id))

    def send_only(self, command: int, payload: bytes = b"") -> int:
        """Send a request without waiting, for a selector loop that will see the answer; give its reply id."""
        reply_id = self._take_reply_id()
        self._send(Frame(command, self.session_id, reply_id, payload))
        return reply_id

    def drain(self) -> list[Frame]:
        """Read what has arrived without waiting: events go to :attr:`events`, answers are given back.

        Raises: as :meth:`exchange`, except that silence is no error here.

        """
        self._sort_in(self._receive(0))
        answers = list(self._waiting)
        self._waiting.clear()
        return answers

    def _take_reply_id(self) -> int:
        reply_id = self._next_reply_id
        if reply_id > LAST_REPLY_ID:
            raise WornOutError
        self._next_reply_id += 1
        return reply_id

    def _await(self, reply_id: int, wait: float, what: str) -> Frame:
        """Wait for a frame of this reply id; frames of earlier requests are stale and dropped."""
        ends_at = time.monotonic() + wait
        while True:
            while self._waiting:
                frame = self._waiting.popleft()
                if frame.reply_id == reply_id:
                    return frame
            left = ends_at - time.monotonic()
            if left <= 0:
                raise NoAnswerError(
                    f"The terminal is silent: {what} did not come within {wait:g} s.",
                    remedy="It is asked again. If it stays so, look at its menu and its line, and restart it.",
                )
            self._sort_in(self._receive(self._limited(left)))

    def _limited(self, wait: float) -> float:
        try:
            return self.deadline.limit(wait)
        except DeadlinePassedError as error:
            raise NoAnswerError(
                "The time given to this poll is used up.",
                remedy="It is asked again by itself. If it stays so, the line is too slow or the terminal hangs.",
            ) from error

    def _sort_in(self, arrived: list[Frame]) -> None:
        for frame in arrived:
            if frame.command == Command.EVENT:
                self.events.append(frame if len(frame.payload) <= _EVENT_BYTES else _cut_short(frame))
            else:
                self._waiting.append(frame)

    def _count(self, received: int) -> None:
        self.traffic.bytes_received += received
        if self.allowance is not None:
            self.allowance.take(received)


class TcpLink(Link):
    """Frames over a TCP byte stream."""

    def __init__(self, address: tuple[str, int], *, wait: float, deadline: Deadline, stop: StopSignal | None) -> None:
        super().__init__(deadline=deadline, stop=stop)
        self._sock = _connect_tcp(address, self._limited(wait), stop)
        self._waiter = Waiter(self._sock, stop)
        self._decoder = StreamDecoder()

    def fileno(self) -> int:
        """Give the socket's descriptor, for a selector."""
        return self._sock.fileno()

    def close(self) -> None:
        """Close the socket; closing twice is harmless."""
        self._sock.close()

    def exchange(self, command: int, payload: bytes = b"", *, wait: float) -> Frame:
        """Send one request and give the first frame that answers it; see :meth:`Link.exchange`."""
        reply_id = self.send_only(command, payload)
        answer = self._await(reply_id, wait, f"the answer to {name_of(command)}")
        self.traffic.round_trips += 1
        return answer

    def _send(self, frame: Frame) -> None:
        self.deadline.require_right()
        message = frames.encode_tcp(frame)
        try:
            self._sock.sendall(message)
        except OSError as error:
            raise TransferError(f"The connection broke while sending ({error.strerror or error}).") from error
        self.traffic.bytes_sent += len(message)

    def _receive(self, seconds: float) -> list[Frame]:
        if not self._waiter.until_ready(seconds):
            return []
        try:
            segment = self._sock.recv(_RECEIVE_BYTES)
        except OSError as error:
            raise TransferError(f"The connection broke ({error.strerror or error}).") from error
        if not segment:
            cut = f" in the middle of a frame, {self._decoder.pending} bytes in" if self._decoder.pending else ""
            raise TransferError(f"The terminal closed the connection{cut}.")
        self._count(len(segment))
        return self._decoder.feed(segment)


class UdpLink(Link):
    """Frames as datagrams. A request is repeated with the same bytes, so repeating is harmless (protocol §1.2)."""

    def __init__(self, address: tuple[str, int], *, deadline: Deadline, stop: StopSignal | None) -> None:
        super().__init__(deadline=deadline, stop=stop)
        self._sock = _connect_udp(address, self._limited(_NAME_SECONDS), stop)
        self._waiter = Waiter(self._sock, stop)

    def fileno(self) -> int:
        """Give the socket's descriptor, for a selector."""
        return self._sock.fileno()

    def close(self) -> None:
        """Close the socket; closing twice is harmless."""
        self._sock.close()

    def exchange(self, command: int, payload: bytes = b"", *, wait: float) -> Frame:
        """Send one request, up to three times, and give the first frame that answers it; see :meth:`Link.exchange`."""
        request = Frame(command, self.session_id, self._take_reply_id(), payload)
        for attempt in range(_UDP_TRIES):
            self._send(request)
            try:
                answer = self._await(request.reply_id, wait / _UDP_TRIES, f"the answer to {name_of(command)}")
            except NoAnswerError:
                if attempt == _UDP_TRIES - 1:
                    raise
            else:
                self.traffic.round_trips += 1
                return answer
        raise AssertionError("the last try either returns or raises")

    def _send(self, frame: Frame) -> None:
        self.deadline.require_right()
        message = frames.encode(frame)
        try:
            self._sock.send(message)
        except OSError as error:
            raise UnreachableError(f"Nothing listens there ({error.strerror or error}).") from error
        self.traffic.bytes_sent += len(message)

    def _receive(self, seconds: float) -> list[Frame]:
        if not self._waiter.until_ready(seconds):
            return []
        try:
            datagram = self._sock.recv(_RECEIVE_BYTES)
        except OSError as error:
            raise UnreachableError(f"Nothing listens there ({error.strerror or error}).") from error
        self._count(len(datagram))
        try:
            return [frames.decode(datagram)]
        except ProtocolError:
            # A damaged datagram is as good as a lost one: the request is repeated.
            return []


def _cut_short(event: Frame) -> Frame:
    return replace(event, payload=event.payload[:_EVENT_BYTES])


def _connect_tcp(address: tuple[str, int], seconds: float, stop: StopSignal | None) -> socket.socket:
    try:
        family, kind, protocol, resolved = resolve(address, socket.SOCK_STREAM, seconds, stop)
        sock = socket.socket(family, kind, protocol)
    except OSError as error:
        raise _unreachable(address, error.strerror or str(error)) from error
    try:
        _await_connection(sock, resolved, seconds, stop)
        # Requests are tiny; sending must never hang on a terminal that reads nothing.
        sock.settimeout(10)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    except OSError as error:
        sock.close()
        reason = "no answer" if isinstance(error, TimeoutError) else error.strerror or str(error)
        raise _unreachable(address, reason) from error
    except BaseException:
        sock.close()
        raise
    return sock


def _await_connection(sock: socket.socket, resolved: tuple[Any, ...], seconds: float, stop: StopSignal | None) -> None:
    """Connect without blocking, so that stopping does not wait for a terminal that is not there."""
    sock.setblocking(False)
    pending = sock.connect_ex(resolved)
    if pending == errno.EINPROGRESS:
        if not Waiter(sock, stop, select.POLLOUT).until_ready(seconds):
            raise TimeoutError
        pending = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    if pending:
        raise OSError(pending, os.strerror(pending))


def _unreachable(address: tuple[str, int], reason: str) -> UnreachableError:
    return UnreachableError(
        f"{address[0]}:{address[1]} cannot be reached over TCP ({reason}).",
        remedy="Check power, cable, address and firewall; an old model may speak UDP only.",
    )


def _connect_udp(address: tuple[str, int], seconds: float, stop: StopSignal | None) -> socket.socket:
    try:
        family, kind, protocol, resolved = resolve(address, socket.SOCK_DGRAM, seconds, stop)
        sock = socket.socket(family, kind, protocol)
        sock.connect(resolved)
    except OSError as error:
        raise UnreachableError(f"{address[0]}:{address[1]} is no address ({error.strerror or error}).") from error
    return sock
