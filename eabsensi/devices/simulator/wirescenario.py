"""Scenario verbs for what goes wrong on the wire or with the network."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Literal

from eabsensi.devices.commands import Command
from eabsensi.devices.frames import Frame
from eabsensi.devices.simulator.boxscenario import BoxScenario
from eabsensi.devices.simulator.events import ATTENDANCE_EVENT, attendance_event, event
from eabsensi.devices.simulator.records import TruePunch
from eabsensi.devices.simulator.tcp import TcpServer
from eabsensi.devices.simulator.trouble import Cut, Moment, Trouble
from eabsensi.devices.simulator.udp import UdpServer


class WireScenario(BoxScenario):
    """Troubles. A counted one passes by itself; the others last until undone or :meth:`heal`."""

    host: str
    port: int
    _tcp: TcpServer | None
    _udp: UdpServer | None

    # -- the network ----------------------------------------------------------------------------------------------

    def go_offline(self, how: Literal["refuse", "vanish"] = "refuse") -> None:
        """Unplug: connections are refused, or attempts go unanswered (F04); an open one is reset."""
        self._run(lambda: self._go_offline(how))

    def come_back(self) -> None:
        """Plug in again, at the same address."""
        self._run(self._listen)

    def reboot_silently(self, *, reset: bool = False) -> None:
        """Restart without a FIN: an open connection stays, nobody is behind it (F38).

        Args:
            reset: whether the old connection's next bytes are answered by a reset, as by a network stack that is up.

        """
        self._run(lambda: self._reboot(reset=reset))

    def reboot(self) -> None:
        """Restart and close the connection (F11, F35)."""
        self._run(self._restart)

    def be_silent(self, on: bool = True) -> None:
        """Accept, and never answer (F01, F08)."""
        self._set(silent=on)

    def hang_after(self, requests: int) -> None:
        """Fall silent after so many more requests, until the next reboot (F34)."""
        self._set(hang_after=requests)

    def hang_up(self) -> None:
        """Reset the present connection now (F35)."""
        self._run(lambda: self._tcp.hang_up() if self._tcp else None)

    def cut_after(
        self,
        bytes_of_a_transfer: int,
        *,
        always: bool = False,
        of: Literal["transfer", "connection"] = "transfer",
        hard: bool = False,
    ) -> None:
        """Cut the line after so many bytes (F11, F35).

        Args:
            bytes_of_a_transfer: bytes that still get out, TCP tops included; counted from PREPARE_BUFFER of the log.
            always: every time, not once.
            of: or from the start of the connection, whatever it carries.
            hard: reset instead of close.

        """
        self._set(cut=Cut(bytes_of_a_transfer, always, of, hard))

    def segments(self, least: int | None, most: int | None = None) -> None:
        """Write TCP segments of so many bytes (F09, F10); None writes whole replies."""
        bounds = None if least is None else (least, most or least)
        self._run(lambda: setattr(self.pace, "segment_bytes", bounds))

    def delay(self, seconds: float, command: Command | None = None) -> None:
        """Think so long before each answer, or before that to one command (F36, F54)."""
        self._run(lambda: self._delay(seconds, command))

    def bandwidth(self, bytes_per_second: int | None) -> None:
        """Limit the line (F54)."""
        self._run(lambda: setattr(self.pace, "bytes_per_second", bytes_per_second))

    def packet_pause(self, seconds: float) -> None:
        """Pause after each packet."""
        self._run(lambda: setattr(self.pace, "packet_pause_seconds", seconds))

    # -- replies --------------------------------------------------------------------------------------------------

    def ignore_requests(self, count: int) -> None:
        """Never see the next requests (F08)."""
        self._set(ignored_requests=count)

    def drop_replies(self, count: int) -> None:
        """Do what is asked, but lose the answer (F13)."""
        self._set(dropped_replies=count)

    def late_reply(self, count: int = 1) -> None:
        """Answer the next request only when another one comes, just before that one's answer (F48)."""
        self._set(late_replies=count)

    def stale_reply(self, count: int = 1) -> None:
        """Send the answer before once more, ahead of the right one (F48)."""
        self._set(stale_replies=count)

    def corrupt_replies(self, count: int = 1) -> None:
        """Flip bits in the last packet of the next answers, so that its checksum is wrong."""
        self._set(corrupt_replies=count)

    def short_replies(self, count: int = 1) -> None:
        """Answer the next reads of the log with half of what was asked (F14)."""
        self._set(short_replies=count)

    def event_in_the_middle_of_next_reply(self, punch: TruePunch | None = None, *, noise: bool = False) -> None:
        """Put an event among the frames of the next answer, or before a single one (F37).

        Args:
            punch: what it announces; None makes a new punch.
            noise: send an event of an unknown length instead (F39).

        """
        self._run(lambda: self.trouble.events_inside.append(self._event(punch, noise=noise)))

    def send_event(self, code: int, payload: bytes) -> None:
        """Send any event to the sessions that registered for its code (F39)."""
        self._run(lambda: self.service.emit(event(code, payload)))

    def refuse(self, command: Command, code: int = Command.ACK_ERROR, count: int = 1) -> None:
        """Answer a command's next requests with a code."""
        self._run(lambda: self.trouble.refuse.setdefault(command, []).extend([code] * count))

    def wedge_when_pipelined(self, on: bool = True) -> None:
        """Fall silent for good once a request comes before the last answer is out (F12)."""
        self._set(wedge_when_pipelined=on)

    # -- datagrams ------------------------------------------------------------------------------------------------

    def duplicate_datagrams(self, on: bool = True) -> None:
        """Send each datagram twice (F13)."""
        self._set(duplicate_datagrams=on)

    def reorder_datagrams(self, on: bool = True) -> None:
        """Let the last datagram of an answer overtake the one before (F13)."""
        self._set(reorder_datagrams=on)

    def reverse_datagrams(self, on: bool = True) -> None:
        """Let the datagrams of each answer arrive the wrong way round, the closing ACK first (F13)."""
        self._set(reverse_datagrams=on)

    def lose_datagrams(self, count: int = 0, *, every: int = 0) -> None:
        """Lose the next datagrams, and besides each so-many-th one (F13, F54)."""
        self._set(lose_datagrams=count, lose_every=every)

    def drop_udp_session(self) -> None:
        """Forget the UDP clients, as when a NAT gives them another address (F47)."""
        self._run(lambda: self._udp.hang_up() if self._udp else None)

    # -- what the answers say -------------------------------------------------------------------------------------

    def next_session(self, *session_ids: int) -> None:
        """Give the next sessions these ids; devices are believed to count seconds, so that ids collide (F47)."""
        self._set(next_session_ids=list(session_ids))

    def punch_before_read(
        self, pin: str = "1", at: datetime | None = None, *, when: Literal["prepare", "read", "both"] = "both"
    ) -> None:
        """Let somebody punch between sizes and PREPARE, between PREPARE and READ, or both (F21)."""
        if when != "read":
            self.at(Moment.BEFORE_PREPARE, lambda: self._announce(self.state.record_punch(pin, at)))
        if when != "prepare":
            self.at(Moment.BEFORE_READ, lambda: self._announce(self.state.record_punch(pin, at)))

    def delete_head_between_prepare_and_read(self, count: int) -> None:
        """Remove the oldest records of a log that is about to be read (F53)."""
        self.at(Moment.BEFORE_READ, lambda: self.state.log.delete_head(count))

    def clear_between_prepare_and_read(self) -> None:
        """Empty a log that is about to be read (F28)."""
        self.at(Moment.BEFORE_READ, self.state.clear_log)

    def at(self, moment: Moment, action: Callable[[], object]) -> None:
        """Let something happen, once, at a moment of the next reading; it runs in the terminal's thread."""
        self._run(lambda: self.trouble.plan(moment, action))

    def lie_about_offsets(self, how: Literal["sequential", "zero", "no"] = "sequential") -> None:
        """Ignore where a read of the log should start: go on where the last ended, or begin at 0 each time."""
        self._set(offsets_ignored=how)

    def lie_about_sizes(self, count: int | None) -> None:
        """Tell another number of records than there are (F14, F16); None tells the truth again."""
        self._set(sizes_count=count)

    def announce_wrong_total(self, error: int, where: Literal["prepare", "body"] = "prepare") -> None:
        """Announce a total that is off by ``error`` bytes, in PREPARE's answer or in the log's own size word (F14)."""
        self._set(total_error=error, total_error_in=where)

    def secure_firmware(self, on: bool = True) -> None:
        """Answer CONNECT with 6001 (F06)."""
        self._set(secure_firmware=on)

    def speak_foreign(self, noise: bytes | None = b"\xaa\x01\x00\x00") -> None:
        """Answer everything with bytes of another protocol (F07); None ends it."""
        self._set(foreign=noise)

    def attendance_disabled(self, on: bool = True, *, sizes_say_zero: bool = False) -> None:
        """Be set to access-control mode: PREPARE of the log fails with 4989 (F16)."""
        self._set(attendance_disabled=on, sizes_count=0 if on and sizes_say_zero else None)

    def empty_log_answers_error(self, on: bool = True) -> None:
        """Answer PREPARE of an empty log with 2001 (F15)."""
        self._set(empty_log_is_error=on)

    def heal(self) -> None:
        """End every trouble of the wire and of the answers; clock, log and network stay as they are."""
        healthy = Trouble()
        self._set(**{name: getattr(healthy, name) for name in Trouble.__slots__})

    # -- inside ---------------------------------------------------------------------------------------------------

    def _set(self, **troubles: Any) -> None:
        def apply() -> None:
            for name, value in troubles.items():
                setattr(self.trouble, name, value)

        self._run(apply)

    def _delay(self, seconds: float, command: Command | None) -> None:
        if command is None:
            self.pace.delay_seconds = seconds
        else:
            self.pace.delays[command] = seconds

    def _event(self, punch: TruePunch | None, *, noise: bool) -> Frame:
        if noise:
            return event(ATTENDANCE_EVENT, b"\x01" * 11)
        made = punch or self.state.record_punch("1")
        assert made is not None, "a locked or full terminal makes no event"
        return attendance_event(made, self.config.effective_event_bytes)

    def _listen(self) -> None:
        raise NotImplementedError

    def _go_offline(self, how: Literal["refuse", "vanish"]) -> None:
        if self._tcp is not None:
            self._tcp.hang_up()
            going = self._tcp.refuse if how == "refuse" else self._tcp.vanish
            going(self.host, self.port)
        if self._udp is not None:
            (self._udp.close if how == "refuse" else self._udp.go_deaf)()
        self.service.forget_everybody()

    def _reboot(self, *, reset: bool) -> None:
        self.trouble.reset_orphans = reset
        self.trouble.hang_after = None
        if self._tcp is not None:
            self._tcp.abandon_client()
        if self._udp is not None:
            self._udp.hang_up()
        self.service.forget_everybody()

    def _restart(self) -> None:
        self.trouble.hang_after = None
        if self._tcp is not None:
            self._tcp.hang_up(reset=False)
        if self._udp is not None:
            self._udp.hang_up()
        self.service.forget_everybody()
