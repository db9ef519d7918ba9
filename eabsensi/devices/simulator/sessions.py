"""A client's session, and the handlers that open and close it (protocol §1.2, §1.3)."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Protocol

from eabsensi.devices import commkey
from eabsensi.devices.commands import Command
from eabsensi.devices.frames import Frame
from eabsensi.devices.simulator.state import State
from eabsensi.devices.simulator.trouble import Trouble


@dataclass(slots=True)
class Prepared:
    """A buffer that PREPARE_BUFFER made ready.

    Attributes:
        inner: the inner command it answers.
        size: announced bytes, size word included.
        frozen: the bytes; None where the log is read live at each READ.
        start: byte of the live log where this reading begins.
        cursor: where a device that ignores offsets goes on.

    """

    inner: int
    size: int
    frozen: bytes | None
    start: int = 0
    cursor: int = 0


@dataclass(slots=True)
class Session:
    """What the terminal remembers of one client."""

    session_id: int
    authenticated: bool
    last_reply_id: int
    last_answer: list[Frame] = field(default_factory=list)
    event_mask: int = 0
    prepared: Prepared | None = None


class Peer(Protocol):
    """The far end of one line."""

    session: Session | None
    packet_bytes: int

    def send_event(self, frame: Frame) -> None:
        """Send a frame that nobody asked for."""
        ...

    def somebody_waits(self) -> bool:
        """Tell whether another client has come meanwhile and waits to be served."""
        ...


class SessionHandlers:
    """CONNECT, AUTH, EXIT."""

    state: State
    trouble: Trouble
    _random: random.Random
    _wrong_keys: int

    def handle_connect(self, peer: Peer, frame: Frame) -> list[Frame]:
        """Open a session, or give the one that the peer already has, with its counter reset."""
        if self.trouble.secure_firmware:
            return [Frame(Command.SECURE_FIRMWARE, 0, frame.reply_id)]
        session = peer.session or self._open(peer)
        session.last_reply_id = frame.reply_id
        code = Command.ACK_OK if session.authenticated else Command.ACK_UNAUTH
        session.last_answer = [Frame(code, session.session_id, frame.reply_id)]
        return session.last_answer

    def handle_auth(self, peer: Peer, frame: Frame) -> list[Frame]:
        """Compare the scrambled key; too many wrong ones lock the terminal's network side."""
        session = session_of(peer)
        if self._wrong_keys >= self.state.config.lockout_after:
            return [Frame(Command.ACK_LOCKED_OUT, session.session_id, frame.reply_id)]
        tick = frame.payload[2] if len(frame.payload) >= 4 else 0
        expected = commkey.scramble(self.state.comm_key, session.session_id, tick=tick)
        session.authenticated = frame.payload[:4] == expected
        self._wrong_keys = 0 if session.authenticated else self._wrong_keys + 1
        code = Command.ACK_OK if session.authenticated else Command.ACK_UNAUTH
        return [Frame(code, session.session_id, frame.reply_id)]

    def handle_exit(self, peer: Peer, frame: Frame) -> list[Frame]:
        """End the session and let people punch again."""
        session = session_of(peer)
        peer.session = None
        self.state.counters.exits_seen += 1
        self.state.enable()
        return [Frame(Command.ACK_OK, session.session_id, frame.reply_id)]

    def _open(self, peer: Peer) -> Session:
        planned = self.trouble.next_session_ids
        session_id = planned.pop(0) if planned else self._random.randrange(1, 0xFFFF)
        peer.session = Session(session_id, authenticated=not self.state.comm_key, last_reply_id=0)
        self.state.counters.sessions_opened += 1
        if self.state.config.connect_blocks_users:
            self.state.disable()
        return peer.session


def session_of(peer: Peer) -> Session:
    """Give the session of a peer that has one."""
    assert peer.session is not None, "the service lets only sessions through"
    return peer.session
