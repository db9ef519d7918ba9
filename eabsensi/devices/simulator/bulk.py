"""Handlers of buffered reads: PREPARE_BUFFER, READ_BUFFER, FREE_DATA, and the broken direct read (protocol §1.10)."""

from __future__ import annotations

import random
import struct
from collections.abc import Callable

from eabsensi.devices.commands import Command
from eabsensi.devices.frames import Frame
from eabsensi.devices.simulator.box import error, ok
from eabsensi.devices.simulator.records import TIME_OFFSET
from eabsensi.devices.simulator.sessions import Peer, Prepared, session_of
from eabsensi.devices.simulator.state import State
from eabsensi.devices.simulator.trouble import Moment, Trouble

_REQUEST = struct.Struct("<BHii")
_RANGE = struct.Struct("<ii")
_WORD = struct.Struct("<I")
_PREPARED = struct.Struct("<BIII")
_LONG_FORM = struct.Struct("<II")
#: What the four unexplained bytes of the PREPARE answer hold here.
_OPAQUE = 0x0023EFCD
_TIME_RANGE = 10004


class BulkHandlers:
    """The commands that move tables: users, attendance log, operation log."""

    state: State
    trouble: Trouble
    _random: random.Random

    def handle_prepare_buffer(self, peer: Peer, frame: Frame) -> list[Frame]:
        """Make a table ready; a small one is sent at once."""
        if len(frame.payload) != _REQUEST.size:
            return error(peer, frame)
        _, inner, first, second = _REQUEST.unpack(frame.payload)
        makers: dict[int, Callable[[Peer, Frame], list[Frame]]] = {
            Command.ATTLOG_READ: self._prepare_log,
            Command.USERS_READ: lambda peer, frame: self._prepare_bytes(peer, frame, self.state.users_table()),
            Command.OPLOG_READ: lambda peer, frame: self._prepare_bytes(peer, frame, bytes(self.state.oplog)),
        }
        if inner == _TIME_RANGE and self.state.config.supports_time_range:
            return self._prepare_bytes(peer, frame, self._log_between(first, second))
        make = makers.get(inner)
        return make(peer, frame) if make else error(peer, frame, Command.ACK_UNKNOWN)

    def handle_read_buffer(self, peer: Peer, frame: Frame) -> list[Frame]:
        """Send a range of the prepared table."""
        prepared = session_of(peer).prepared
        if prepared is None or len(frame.payload) != _RANGE.size:
            return error(peer, frame)
        start, size = _RANGE.unpack(frame.payload)
        if start < 0 or size <= 0 or start + size > prepared.size or size > (self.state.config.largest_read or size):
            return error(peer, frame)
        if prepared.inner == Command.ATTLOG_READ:
            self.trouble.happen(Moment.BEFORE_READ)
        chunk = self._chunk(prepared, start, size)
        if prepared.inner == Command.ATTLOG_READ:
            self.state.counters.log_bytes_read += len(chunk)
        return self._send_table(peer, frame, chunk)

    def handle_free_data(self, peer: Peer, frame: Frame) -> list[Frame]:
        """Forget the prepared table."""
        session_of(peer).prepared = None
        return ok(peer, frame)

    def handle_attlog_read(self, peer: Peer, frame: Frame) -> list[Frame]:
        """Answer the direct read as captured devices do: the right length, and garbage."""
        length = self.state.log.body_bytes
        garbage = _WORD.pack(length) + self._random.randbytes(length)
        *frames, _ = self._long_form(peer, frame, garbage)
        return [*frames, Frame(Command.ACK_OK, len(garbage) & 0xFFFF, frame.reply_id)]

    def _prepare_log(self, peer: Peer, frame: Frame) -> list[Frame]:
        self.trouble.happen(Moment.BEFORE_PREPARE)
        if self.trouble.attendance_disabled:
            return error(peer, frame, Command.ATTENDANCE_DISABLED)
        if not self.state.log.count and self.trouble.empty_log_is_error:
            return error(peer, frame)
        start = self._reading_starts_at()
        size = 4 + self.state.log.body_bytes - start + self.state.config.trailing_bytes
        frozen = self._log_table(start, size) if self.state.config.frozen_buffer else None
        prepared = Prepared(Command.ATTLOG_READ, size, frozen, start)
        session_of(peer).prepared = prepared
        if size <= self.state.config.inline_bytes:
            self.state.counters.log_bytes_read += size
            return self._inline(peer, frame, self._slice(prepared, 0, size))
        return self._announce(peer, frame, size)

    def _prepare_bytes(self, peer: Peer, frame: Frame, table: bytes) -> list[Frame]:
        body = _WORD.pack(len(table)) + table
        if len(body) <= self.state.config.inline_bytes:
            return self._inline(peer, frame, body)
        session_of(peer).prepared = Prepared(Command.USERS_READ, len(body), body)
        return self._announce(peer, frame, len(body))

    def _announce(self, peer: Peer, frame: Frame, size: int) -> list[Frame]:
        told = size + (self.trouble.total_error if self.trouble.total_error_in == "prepare" else 0)
        return ok(peer, frame, _PREPARED.pack(0, told, told, _OPAQUE))

    def _inline(self, peer: Peer, frame: Frame, body: bytes) -> list[Frame]:
        return [Frame(Command.DATA, session_of(peer).session_id, frame.reply_id, body)]

    def _send_table(self, peer: Peer, frame: Frame, chunk: bytes) -> list[Frame]:
        if len(chunk) <= self.state.config.inline_bytes and not self.state.config.always_long_form:
            return self._inline(peer, frame, chunk)
        return self._long_form(peer, frame, chunk)

    def _long_form(self, peer: Peer, frame: Frame, chunk: bytes) -> list[Frame]:
        """PREPARE_DATA, DATA frames with their number in field 3, ACK_OK with the last number."""
        step, reply_id = peer.packet_bytes, frame.reply_id
        head = Frame(Command.PREPARE_DATA, session_of(peer).session_id, reply_id, _LONG_FORM.pack(len(chunk), step))
        packets = [
            Frame(Command.DATA, number & 0xFFFF, reply_id, chunk[start : start + step])
            for number, start in enumerate(range(0, len(chunk), step))
        ]
        return [head, *packets, Frame(Command.ACK_OK, (len(packets) - 1) & 0xFFFF, reply_id)]

    def _chunk(self, prepared: Prepared, start: int, size: int) -> bytes:
        if prepared.inner == Command.ATTLOG_READ:
            if self.trouble.offsets_ignored == "sequential":
                start = prepared.cursor
            elif self.trouble.offsets_ignored == "zero":
                start = 0
            if self.trouble.short_replies:
                self.trouble.short_replies -= 1
                size = max(1, size // 2)
        prepared.cursor = start + size
        return self._slice(prepared, start, start + size)

    def _slice(self, prepared: Prepared, start: int, stop: int) -> bytes:
        """Give bytes of the table; what a live log no longer has comes as zeros."""
        if prepared.frozen is not None:
            return prepared.frozen[start:stop]
        word = self._size_word(prepared.size)[start:stop]
        body = self.state.log.read(prepared.start + max(0, start - 4), prepared.start + max(0, stop - 4))
        return (word + body).ljust(stop - start, b"\x00")

    def _log_table(self, start: int, size: int) -> bytes:
        body = self.state.log.read(start, start + size - 4)
        return (self._size_word(size) + body).ljust(size, b"\x00")

    def _size_word(self, size: int) -> bytes:
        error_here = self.trouble.total_error if self.trouble.total_error_in == "body" else 0
        if self.state.config.live_size_word:
            return _WORD.pack(self.state.log.body_bytes + error_here)
        return _WORD.pack(size - 4 - self.state.config.trailing_bytes + error_here)

    def _reading_starts_at(self) -> int:
        """Give 0, or with DownloadNewLog the byte after the last reading, which this one moves on."""
        if not self.trouble.download_new_log:
            return 0
        start, self.state.new_log_offset = self.state.new_log_offset, self.state.log.body_bytes
        return start

    def _log_between(self, first: int, last: int) -> bytes:
        at = TIME_OFFSET[self.state.log.layout]
        return b"".join(
            record
            for record in self.state.log.records()
            if first <= int.from_bytes(record[at : at + 4], "little") <= last
        )
