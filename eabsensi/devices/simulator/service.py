"""The protocol's other side: one request in, its answer out. Knows no socket."""

from __future__ import annotations

import random
from collections.abc import Callable

from eabsensi.devices.commands import Command
from eabsensi.devices.frames import Frame
from eabsensi.devices.simulator.box import BoxHandlers
from eabsensi.devices.simulator.bulk import BulkHandlers
from eabsensi.devices.simulator.sessions import Peer, Session, SessionHandlers
from eabsensi.devices.simulator.state import MENU, State
from eabsensi.devices.simulator.trouble import Trouble

Handler = Callable[[Peer, Frame], list[Frame]]

_REGISTER_EVENTS = Command.EVENT
#: Accepted without effect here; 60 and 62 start and stop the finger sensor.
_WITHOUT_EFFECT = (
    60,
    62,
    Command.UNLOCK,
    Command.TEMPLATE_WRITE,
    Command.DELETE_USER_TEMPLATE,
    Command.CLEAR_ADMIN,
    Command.REFRESH_DATA,
    Command.REFRESH_OPTION,
)
_REPLAYED_BYTES = 1032


class Service(SessionHandlers, BoxHandlers, BulkHandlers):
    """Answers requests from the state, as far as the troubles let it.

    Each command has one method ``handle_<name of the command>``.
    """

    def __init__(self, state: State, trouble: Trouble) -> None:
        self.state = state
        self.trouble = trouble
        self.peers: list[Peer] = []
        self.newest: Peer | None = None
        self.power: Callable[[Command], None] = lambda _: None
        self._random = random.Random(f"{state.config.seed}/{state.config.serial}")  # noqa: S311 - repeatable, not secret
        self._wrong_keys = 0
        self._handlers = self._find_handlers()

    def answer(self, peer: Peer, frame: Frame) -> list[Frame]:
        """Give the frames that answer a request; none where it is dropped silently.

        Args:
            peer: who asks; its session is opened, used and closed here.
            frame: a request whose checksum was right.

        """
        self.state.counters.note(frame.command)
        if frame.command == Command.CONNECT:
            return self._connect(peer, frame)
        session = peer.session
        if session is None or frame.field3 != session.session_id:
            return self._drop()
        if frame.command != Command.EXIT and (peer is not self.newest or peer.somebody_waits()):
            self.state.counters.spoken_over += 1
        if frame.command == Command.ACK_OK:
            self.state.counters.events_confirmed += 1
            return []
        if frame.reply_id == session.last_reply_id:
            self.state.counters.replayed += 1
            return session.last_answer
        if self._is_too_low(frame.reply_id, session.last_reply_id):
            return self._drop()
        session.last_reply_id = frame.reply_id
        answer = self._execute(peer, session, frame)
        session.last_answer = _kept_for_replay(answer)
        return answer

    def is_log_transfer(self, peer: Peer, frame: Frame) -> bool:
        """Tell whether a request's answer carries the attendance log."""
        if frame.command == Command.PREPARE_BUFFER:
            return frame.payload[1:3] == b"\x0d\x00"
        prepared = peer.session.prepared if peer.session else None
        is_log = prepared is not None and prepared.inner == Command.ATTLOG_READ
        return is_log and frame.command == Command.READ_BUFFER

    def emit(self, event: Frame) -> None:
        """Send an event to every session that registered for its code."""
        for peer in list(self.peers):
            session = peer.session
            if session is not None and session.event_mask & event.field3:
                self.state.counters.events_sent += 1
                peer.send_event(event)

    def forget(self, peer: Peer, *, left_open: bool) -> None:
        """End what a peer leaves behind; a bare drop does not enable a locked terminal."""
        if peer.session is not None and left_open:
            self.state.counters.sessions_left_open += 1
        peer.session = None
        if peer in self.peers:
            self.peers.remove(peer)

    def forget_everybody(self) -> None:
        """Lose all sessions and the count of wrong keys, as a reboot does."""
        for peer in list(self.peers):
            self.forget(peer, left_open=False)
        self._wrong_keys = 0
        self.state.enable()

    def handle_event(self, peer: Peer, frame: Frame) -> list[Frame]:
        """Register for events, by mask; 0 unregisters."""
        session = peer.session
        assert session is not None
        session.event_mask = int.from_bytes(frame.payload[:4], "little")
        return [Frame(Command.ACK_OK, session.session_id, frame.reply_id)]

    def handle_restart(self, peer: Peer, frame: Frame) -> list[Frame]:
        """Confirm, then restart."""
        answer = self.handle_nothing(peer, frame)
        self.power(Command.RESTART)
        return answer

    def handle_power_off(self, peer: Peer, frame: Frame) -> list[Frame]:
        """Confirm, then go off."""
        answer = self.handle_nothing(peer, frame)
        self.power(Command.POWER_OFF)
        return answer

    def _connect(self, peer: Peer, frame: Frame) -> list[Frame]:
        if self.state.device_state == MENU:
            return self._drop()
        if refused := self._refusal(frame):
            return [Frame(refused, 0, frame.reply_id)]
        if peer not in self.peers:
            self.peers.append(peer)
        self.newest = peer
        return self.handle_connect(peer, frame)

    def _execute(self, peer: Peer, session: Session, frame: Frame) -> list[Frame]:
        if refused := self._refusal(frame):
            return [Frame(refused, session.session_id, frame.reply_id)]
        if frame.command == Command.EXIT:
            return self.handle_exit(peer, frame)
        if not session.authenticated and frame.command != Command.AUTH:
            return [Frame(Command.ACK_UNAUTH, session.session_id, frame.reply_id)]
        handler = self._handlers.get(frame.command)
        if handler is None:
            return [Frame(Command.ACK_UNKNOWN, session.session_id, frame.reply_id)]
        return handler(peer, frame)

    def _refusal(self, frame: Frame) -> int | None:
        codes = self.trouble.refuse.get(frame.command)
        return codes.pop(0) if codes else None

    def _drop(self) -> list[Frame]:
        self.state.counters.dropped += 1
        return []

    def _is_too_low(self, reply_id: int, last: int) -> bool:
        return self.state.config.strict_reply_ids and reply_id < last != 0xFFFF

    def _find_handlers(self) -> dict[int, Handler]:
        named = {code: getattr(self, f"handle_{code.name.lower()}", None) for code in Command}
        found: dict[int, Handler] = {code: handler for code, handler in named.items() if handler is not None}
        return {**found, **dict.fromkeys(_WITHOUT_EFFECT, self.handle_nothing)}


def _kept_for_replay(answer: list[Frame]) -> list[Frame]:
    """A terminal keeps its last packet, of at most 1032 bytes, to send it again."""
    return [frame for frame in answer[-1:] if len(frame.payload) + 8 <= _REPLAYED_BYTES]
