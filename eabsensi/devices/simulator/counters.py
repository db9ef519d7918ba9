"""What a terminal noticed of its clients: the tests' evidence that little crossed the wire and nothing was touched."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from eabsensi.devices.commands import FORBIDDEN_WHILE_COLLECTING, name_of


@dataclass(slots=True)
class Counters:
    """Counts since the start, or since :meth:`reset`.

    Attributes:
        bytes_in, bytes_out: on the wire, TCP tops included.
        round_trips: requests that were answered.
        log_bytes_read: bytes of attendance log that were sent.
        dropped: requests dropped without an answer: bad checksum, unknown session, lower reply id.
        replayed: requests answered again from memory because their reply id was the last one's.
        connections: TCP connections taken.
        sessions_opened, exits_seen: CONNECTs granted and EXITs received.
        sessions_left_open: sessions whose client went away without EXIT; those that the terminal broke do not count.
        events_sent, events_confirmed: event frames out, and ACK_OKs in.
        commands_seen: how often each command came, by name.
        forbidden_seen: commands that a collector must never send, in order of arrival.
        clients_waited: TCP clients that came while another one was served.
        spoken_over: requests, save EXIT, of a client after another one had come; two talk to one terminal.

    """

    bytes_in: int = 0
    bytes_out: int = 0
    round_trips: int = 0
    log_bytes_read: int = 0
    dropped: int = 0
    replayed: int = 0
    connections: int = 0
    sessions_opened: int = 0
    exits_seen: int = 0
    sessions_left_open: int = 0
    events_sent: int = 0
    events_confirmed: int = 0
    commands_seen: Counter[str] = field(default_factory=Counter)
    forbidden_seen: list[str] = field(default_factory=list)
    clients_waited: int = 0
    spoken_over: int = 0

    @property
    def bytes_total(self) -> int:
        """Bytes both ways."""
        return self.bytes_in + self.bytes_out

    def note(self, command: int) -> None:
        """Take note of a well-formed request."""
        self.commands_seen[name_of(command)] += 1
        if command in FORBIDDEN_WHILE_COLLECTING:
            self.forbidden_seen.append(name_of(command))

    def reset(self) -> None:
        """Start counting again."""
        fresh = Counters()
        for name in self.__slots__:
            setattr(self, name, getattr(fresh, name))
