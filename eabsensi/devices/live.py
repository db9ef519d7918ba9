"""One loop watches all terminals whose sessions are held open for live events.

A held session belongs to the loop until it is borrowed, for a poll over the same connection: a terminal takes one
client at a time. A terminal that restarts leaves its connection silent (protocol F38), so the loop asks an idle one
for its time; one that does not answer, or breaks, is let go and reported, and what it recorded meanwhile comes with
the next read of its log.
"""

from __future__ import annotations

import queue
import selectors
import socket
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Final

from eabsensi.devices.attlog import Punch
from eabsensi.devices.commands import Command
from eabsensi.devices.errors import CancelledError, DeviceError
from eabsensi.devices.events import parse_events
from eabsensi.devices.link import NoAnswerError
from eabsensi.devices.session import Session
from eabsensi.devices.waiting import StopSignal

_TICK_SECONDS: Final = 1.0


@dataclass(slots=True)
class _Held:
    """A session in the loop's care, and when it last gave a sign of life."""

    serial: str
    session: Session
    heard_at: float
    asked_at: float | None = None


class LiveWatch:
    """Holds live sessions; :meth:`run` is the loop, the other methods may be called from any thread."""

    def __init__(
        self,
        *,
        on_punches: Callable[[str, list[Punch]], None],
        on_lost: Callable[[str, DeviceError], None],
        idle_seconds: float = 45,
        answer_seconds: float = 15,
    ) -> None:
        """Prepare the loop.

        Args:
            on_punches: called in the loop's thread with a serial and the punches just heard.
            on_lost: called in the loop's thread with a serial and why its session was let go.
            idle_seconds: silence after which a terminal is asked for a sign of life.
            answer_seconds: how long it may take to give one.

        """
        self._on_punches = on_punches
        self._on_lost = on_lost
        self._idle_seconds = idle_seconds
        self._answer_seconds = answer_seconds
        self._held: dict[str, _Held] = {}
        self._orders: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._selector = selectors.DefaultSelector()
        self._wake_reader, self._wake_writer = socket.socketpair()
        self._wake_reader.setblocking(False)
        self._selector.register(self._wake_reader, selectors.EVENT_READ, None)
        self._ended = False
        self._ending = threading.Lock()

    @property
    def serials(self) -> set[str]:
        """The terminals whose sessions are held at this moment."""
        return set(self._held)

    def hold(self, serial: str, session: Session) -> None:
        """Give a session, registered for events, into the loop's care."""
        self._order(lambda: self._take_in(serial, session))

    def borrow(self, serial: str) -> Session | None:
        """Take a session out of the loop, to poll over it; None when none is held."""
        answer: Future[Session | None] = Future()
        self._order(lambda: answer.set_result(self._let_out(serial)))
        return answer.result()

    def run(self, stop: StopSignal) -> None:
        """Watch until the signal is set; then close every session and return."""
        self._selector.register(stop.fileno(), selectors.EVENT_READ, None)
        try:
            while not stop.is_set:
                for key, _ in self._selector.select(_TICK_SECONDS):
                    if isinstance(key.data, _Held) and self._held.get(key.data.serial) is key.data:
                        self._listen(key.data)
                self._obey()
                self._look_after_idle()
        finally:
            # Whatever happened: nobody may wait for an answer from a loop that has ended.
            self._end()

    def _order(self, order: Callable[[], None]) -> None:
        with self._ending:
            if not self._ended:
                self._orders.put(order)
                self._wake_writer.send(b"x")
                return
        order()

    def _obey(self) -> None:
        self._drain_wakes()
        while True:
            try:
                order = self._orders.get_nowait()
            except queue.Empty:
                return
            order()

    def _drain_wakes(self) -> None:
        try:
            while self._wake_reader.recv(4096):
                pass
        except BlockingIOError:
            return

    def _take_in(self, serial: str, session: Session) -> None:
        if self._ended:
            session.close()
            return
        earlier = self._let_out(serial)
        if earlier is not None:
            earlier.hang_up()
        held = _Held(serial, session, time.monotonic())
        self._held[serial] = held
        self._selector.register(session.link, selectors.EVENT_READ, held)
        # Events may have come while the session was borrowed.
        self._listen(held)

    def _let_out(self, serial: str) -> Session | None:
        held = self._held.pop(serial, None)
        if held is None:
            return None
        self._selector.unregister(held.session.link)
        return held.session

    def _listen(self, held: _Held) -> None:
        link = held.session.link
        try:
            heard = bool(link.drain()) or bool(link.events)
            frames = list(link.events)
            link.events.clear()
            for frame in frames:
                link.acknowledge(frame)
        except CancelledError:
            # The loop is about to end, and says goodbye to all.
            return
        except DeviceError as error:
            self._lose(held, error)
            return
        if heard:
            held.heard_at, held.asked_at = time.monotonic(), None
        punches = parse_events(frames, encoding=held.session.endpoint.encoding)
        if punches:
            self._on_punches(held.serial, punches)

    def _look_after_idle(self) -> None:
        now = time.monotonic()
        for held in list(self._held.values()):
            if held.asked_at is not None and now - held.asked_at > self._answer_seconds:
                self._lose(held, NoAnswerError("The terminal fell silent; it may have been restarted."))
            elif held.asked_at is None and now - held.heard_at > self._idle_seconds:
                self._ask(held, now)

    def _ask(self, held: _Held, now: float) -> None:
        try:
            held.session.link.send_only(Command.TIME_READ)
            held.asked_at = now
        except DeviceError as error:
            self._lose(held, error)

    def _lose(self, held: _Held, error: DeviceError) -> None:
        self._let_out(held.serial)
        held.session.link.close()
        self._on_lost(held.serial, error)

    def _end(self) -> None:
        """Close every session: each is told before any is waited for, so that many take no longer than one."""
        with self._ending:
            self._ended = True
        self._obey()
        for held in list(self._held.values()):
            self._let_out(held.serial)
            held.session.hang_up()
        self._selector.close()
        self._wake_reader.close()
        self._wake_writer.close()
