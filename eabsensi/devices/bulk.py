"""Bulk reads: a buffer that the terminal prepared, read in ranges, one request at a time (protocol §1.10)."""

from __future__ import annotations

import struct
import time
from collections.abc import Callable, Iterator
from typing import Final, Self

from eabsensi.devices.commands import Command, name_of
from eabsensi.devices.errors import ProtocolError, RefusedError, TransferError
from eabsensi.devices.frames import Frame
from eabsensi.devices.link import Link, NoAnswerError, UdpLink

#: One request's worth over TCP to begin with: small enough for slow links.
TCP_BLOCK: Final = 16_384
#: And at most, where blocks come quickly: what pyzk asks for of every terminal.
MOST_TCP_BLOCK: Final = 65_472
#: A block that took no longer than this many seconds may be followed by one twice as long.
_QUICK_SECONDS: Final = 0.1
#: What a terminal refuses, or breaks off, is asked for in halves, down to this; and no more of it in that session.
LEAST_BLOCK: Final = 512
#: Over UDP each answer must be one datagram, so that repeating the request repairs a loss.
UDP_BLOCK: Final = 1_024
#: No terminal holds more than a million records of 49 bytes; what announces more is lying.
MAX_BUFFER_BYTES: Final = 64 << 20
#: Bytes a second that the slowest line brings; an answer that comes slower is no answer.
SLOWEST_BYTES: Final = 512
#: In front of the records stands their length.
SIZE_WORD_BYTES: Final = 4
_UDP_READS: Final = 4
#: Answers that carry bytes; ACK_DATA is what one emulator of unknown descent sends.
_CARRYING: Final = frozenset({Command.DATA, Command.ACK_DATA})
#: So many datagrams of one answer may bring nothing new; a network doubles them, but not for ever.
_IDLE_DATAGRAMS: Final = 1_000
#: Seconds after which a datagram counts as lost.
_UDP_PACKET_WAIT: Final = 6


class RangeRefusedError(TransferError):
    """The terminal refuses to read from the prepared buffer."""

    kind = "range_refused"


class SizeWordError(ProtocolError):
    """The log's length contradicts itself."""

    kind = "size_word"

    def __init__(self, message: str | None = None, *, remedy: str = "", body: bytes = b"") -> None:
        super().__init__(message, remedy=remedy)
        self.body = body


class Blocks:
    """How much is asked for at a time, in one session: more where the line is quick, less where that was refused.

    Attributes:
        size: bytes of the next request.

    """

    def __init__(self, *, is_udp: bool) -> None:
        """Begin with what every terminal is believed to take."""
        self.size = UDP_BLOCK if is_udp else TCP_BLOCK
        self._most = UDP_BLOCK if is_udp else MOST_TCP_BLOCK
        self._least = UDP_BLOCK if is_udp else LEAST_BLOCK

    def adapt(self, brought: int, seconds: float) -> None:
        """Take note of how long a block took; only a whole one tells something."""
        if brought >= self.size and seconds <= _QUICK_SECONDS:
            self.size = min(2 * self.size, self._most)

    def halve(self, asked: int) -> bool:
        """Ask for half of this from now on; False where it is as little as may be."""
        if asked <= self._least:
            return False
        self.size = self._most = max(self._least, min(asked, self.size) // 2)
        return True

    def restore(self, size: int) -> None:
        """Go back to asking for so much: that less of it was refused too had another cause."""
        self.size = self._most = size


class PreparedBuffer:
    """What PREPARE_BUFFER made ready: a size word, then ``body_bytes`` bytes of records.

    Attributes:
        body_bytes: length of the records, without the size word.
        announced_bytes: what the terminal said of it.

    """

    def __init__(
        self, link: Link, size: int, inline: bytes | None, *, packet_wait: float, blocks: Blocks | None = None
    ) -> None:
        self.body_bytes = self.announced_bytes = max(0, size - SIZE_WORD_BYTES)
        self._link = link
        self._inline = inline
        self._is_udp = isinstance(link, UdpLink)
        self._packet_wait = min(packet_wait, _UDP_PACKET_WAIT) if self._is_udp else packet_wait
        self._pace = blocks or Blocks(is_udp=self._is_udp)
        self._is_settled = False

    @classmethod
    def of(cls, link: Link, answer: Frame, *, packet_wait: float, blocks: Blocks | None = None) -> Self | None:
        """Understand the answer to PREPARE_BUFFER; None when the terminal says that there is nothing.

        Raises:
            RefusedError: any other answer.
            ProtocolError: the announced size is impossible.

        """
        if answer.command in {*_CARRYING, Command.PREPARE_DATA}:
            inline = collect(link, answer, None, packet_wait=packet_wait)
            return cls(link, len(inline), inline, packet_wait=packet_wait, blocks=blocks)
        if answer.command == Command.ACK_ERROR:
            return None
        if answer.command != Command.ACK_OK:
            raise RefusedError.of(name_of(Command.PREPARE_BUFFER), name_of(answer.command))
        return cls(link, _announced_size(answer.payload), None, packet_wait=packet_wait, blocks=blocks)

    @property
    def block_bytes(self) -> int:
        """How much is surely read in one request; more may be read block after block."""
        return min(UDP_BLOCK if self._is_udp else TCP_BLOCK, self._pace.size)

    @property
    def is_inline(self) -> bool:
        """Whether the terminal sent everything at once, so that there is nothing to read or to free."""
        return self._inline is not None

    def require_size_word(self) -> None:
        """Hold what came at once against its size word; what is read in blocks is held against it with the first.

        Raises:
            SizeWordError: it is not what its size word says.

        """
        if self._inline:
            self._check_size_word(self._inline[:SIZE_WORD_BYTES])

    def read_size_word(self) -> int:
        """Read the length that stands in front of the records; errors as :meth:`read`."""
        return int.from_bytes(b"".join(self._blocks(0, SIZE_WORD_BYTES)), "little")

    def settle(self, body_bytes: int) -> None:
        """Take this for the records' length from now on, whatever the size word says."""
        self.body_bytes, self._is_settled = body_bytes, True

    def settle_as(self, other: PreparedBuffer) -> None:
        """Take for the records' length what was taken when the same log was prepared before."""
        self.body_bytes, self._is_settled = other.body_bytes, other._is_settled

    def ask_for_less(self) -> bool:
        """After a transfer broke off, ask for smaller blocks; False where they are as small as may be."""
        return self._pace.halve(self._pace.size)

    def read(self, start: int, end: int) -> bytes:
        """Read the records' bytes from ``start`` up to ``end``.

        Raises:
            RangeRefusedError: the terminal refuses the range.
            TransferError: the transfer ended early.
            ProtocolError: the terminal sends something else.

        """
        return b"".join(self._blocks(SIZE_WORD_BYTES + start, SIZE_WORD_BYTES + end))

    def read_start(self, length: int) -> bytes:
        """Read the first ``length`` bytes of the records in one request from offset 0, which no terminal gets wrong."""
        return b"".join(self._blocks(0, SIZE_WORD_BYTES + length, step=self._pace.size))[SIZE_WORD_BYTES:]

    def read_all(
        self,
        progress: Callable[[int, int], None] | None = None,
        *,
        into: bytearray | None = None,
        at_once: bool = False,
    ) -> bytes:
        """Read every record, and hold their length against the size word in front of them.

        Args:
            progress: called with bytes read and bytes in all.
            into: where buffer bytes, size word included, are gathered; what it holds already is not read again, and
                what it holds after a failure was read well.
            at_once: ask for everything in one request, of a terminal that does not honour where a read starts.

        Returns:
            The records, without the size word.

        Raises: as :meth:`read`, and SizeWordError when the size word disagrees.

        """
        gathered = bytearray() if into is None else into
        self._gather(gathered, progress, at_once=at_once)
        with memoryview(gathered) as everything:
            return bytes(everything[SIZE_WORD_BYTES:])

    def _gather(self, gathered: bytearray, progress: Callable[[int, int], None] | None, *, at_once: bool) -> None:
        # Apart from its caller, so that what came at once is gone before all of it is copied once more.
        end = SIZE_WORD_BYTES + self.body_bytes
        for block in self._blocks(len(gathered), end, step=end if at_once else None):
            gathered += block
            self._check_size_word(bytes(gathered[:SIZE_WORD_BYTES]))
            if progress is not None:
                progress(len(gathered) - SIZE_WORD_BYTES, self.body_bytes)

    def _check_size_word(self, word: bytes) -> None:
        stated = int.from_bytes(word, "little")
        if stated != self.body_bytes and not self._is_settled:
            raise SizeWordError(
                f"The log's size word says {stated} bytes, {self.body_bytes} were prepared.",
                remedy="It is read again by itself. If it stays so, import its USB dump, and report its model.",
            )

    def _blocks(self, start: int, end: int, *, step: int | None = None) -> Iterator[bytes]:
        """Read a range of the buffer, size word included, one request at a time; ``step`` None follows the line."""
        if self._inline is not None:
            yield self._inline[start:end]
            return
        at = start
        while at < end:
            block = self._request(at, min(step, end - at)) if step else self._request_block(at, end - at)
            yield block
            at += len(block)

    def _request_block(self, at: int, most: int) -> bytes:
        """Ask for as much as this terminal takes at a time; for less where it refuses that."""
        before = self._pace.size
        while True:
            size = min(self._pace.size, most)
            asked_at = time.monotonic()
            try:
                block = self._request(at, size)
            except RangeRefusedError:
                if self._pace.halve(size):
                    continue
                self._pace.restore(before)
                raise
            self._pace.adapt(size, time.monotonic() - asked_at)
            return block

    def _request(self, start: int, size: int) -> bytes:
        payload = struct.pack("<II", start, size)
        for _ in range(_UDP_READS - 1 if self._is_udp else 0):
            try:
                return self._read_once(payload, size)
            except NoAnswerError:
                # Part of the answer was lost: ask for the whole range again, under a new reply id (F13).
                continue
        return self._read_once(payload, size)

    def _read_once(self, payload: bytes, size: int) -> bytes:
        answer = self._link.exchange(Command.READ_BUFFER, payload, wait=self._packet_wait)
        # Over UDP the closing ACK may overtake all that it closes (F13).
        expected = {*_CARRYING, Command.PREPARE_DATA, *((Command.ACK_OK,) if self._is_udp else ())}
        if answer.command not in expected:
            raise RangeRefusedError(
                f"The terminal answers READ_BUFFER with {name_of(answer.command)}, for {size} bytes too.",
                remedy="Restart it. If that does not help, report its model, and import its USB dump meanwhile.",
            )
        block = collect(self._link, answer, size, packet_wait=self._packet_wait)
        if len(block) != size:
            raise TransferError(f"Asked for {size} bytes, the terminal sent {len(block)}.")
        return block


def collect(link: Link, first: Frame, wanted: int | None, *, packet_wait: float) -> bytes:
    """Take in one answer in either form: a single DATA, or PREPARE_DATA with DATA packets and a closing ACK.

    Args:
        link: where the rest comes from.
        first: the answer's first frame.
        wanted: bytes asked for; None where the terminal decides.
        packet_wait: seconds of silence between packets.

    Raises:
        TransferError: it ended early.
        ProtocolError: it announces or sends more than can be.

    """
    if isinstance(link, UdpLink) and wanted is not None:
        return _Datagrams(wanted).collect(link, first, packet_wait)
    if first.command != Command.PREPARE_DATA:
        return first.payload
    total = _announced_total(first.payload, wanted)
    if isinstance(link, UdpLink):
        return _Datagrams(total).collect(link, first, packet_wait)
    gathered, ends_at = bytearray(), _latest_end(total, packet_wait)
    while len(gathered) < total:
        _require_speed(ends_at, len(gathered), total)
        frame = link.following(first.reply_id, wait=packet_wait)
        if frame.command not in _CARRYING:
            raise TransferError(f"{name_of(frame.command)} came after {len(gathered)} of {total} bytes.")
        if not frame.payload:
            raise TransferError(f"An empty packet came after {len(gathered)} of {total} bytes.")
        gathered += frame.payload
    if len(gathered) > total:
        raise ProtocolError(f"The terminal announced {total} bytes and sends {len(gathered)}.")
    return bytes(gathered)


class _Datagrams:
    """The datagrams of one answer, put in order of their chunk index: any may come twice, late or too early (F13)."""

    def __init__(self, wanted: int) -> None:
        self._wanted = wanted
        self._by_index: dict[int, bytes] = {}
        self._have = 0
        self._idle = 0

    def collect(self, link: Link, first: Frame, packet_wait: float) -> bytes:
        ends_at = _latest_end(self._wanted, packet_wait)
        self._take(first)
        while self._have < self._wanted:
            _require_speed(ends_at, self._have, self._wanted)
            self._take(link.following(first.reply_id, wait=packet_wait))
        return b"".join(self._by_index[index] for index in sorted(self._by_index))

    def _take(self, frame: Frame) -> None:
        if frame.command not in {*_CARRYING, Command.PREPARE_DATA, Command.ACK_OK}:
            raise TransferError(f"{name_of(frame.command)} came after {self._have} of {self._wanted} bytes.")
        if frame.command == Command.PREPARE_DATA:
            _announced_total(frame.payload, self._wanted)
        brought = frame.payload if frame.command in _CARRYING else b""
        if brought and frame.field3 not in self._by_index:
            self._by_index[frame.field3] = brought
            self._have += len(brought)
            return
        self._idle += 1
        if self._idle > _IDLE_DATAGRAMS:
            raise TransferError(f"{self._idle} datagrams brought nothing after {self._have} of {self._wanted} bytes.")


def _latest_end(total: int, packet_wait: float) -> float:
    """Give the monotonic instant by which the slowest line has brought so many bytes."""
    return time.monotonic() + packet_wait + total / SLOWEST_BYTES


def _require_speed(ends_at: float, have: int, total: int) -> None:
    if time.monotonic() > ends_at:
        error = TransferError(f"No more than {have} of {total} bytes came in the time of the slowest line.")
        error.is_slow = True
        raise error


def _announced_size(payload: bytes) -> int:
    """Read the buffer's size from the 13-byte answer: a zero byte, the size, the size again, an opaque word."""
    if len(payload) < 5:
        raise ProtocolError(f"The answer to PREPARE_BUFFER has {len(payload)} bytes instead of 13.")
    size = int.from_bytes(payload[1:5], "little")
    if size > MAX_BUFFER_BYTES:
        raise ProtocolError(f"The terminal announces a log of {size} bytes.")
    return size


def _announced_total(payload: bytes, wanted: int | None) -> int:
    if len(payload) < 4:
        raise ProtocolError("PREPARE_DATA carries no size.")
    total = int.from_bytes(payload[:4], "little")
    limit = MAX_BUFFER_BYTES if wanted is None else wanted
    if total > limit:
        raise ProtocolError(f"The terminal announces {total} bytes where {limit} at most can come.")
    return total
