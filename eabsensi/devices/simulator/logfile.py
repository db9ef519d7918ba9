"""The terminal's log: one run of bytes that grows, shifts, wraps or is cleared (protocol §1.9 and §2)."""

from __future__ import annotations

from collections.abc import Iterator

from eabsensi.devices.attlog import Layout
from eabsensi.devices.simulator.config import TerminalConfig, WhenFull
from eabsensi.devices.simulator.records import (
    RECORD_BYTES,
    Entry,
    Filling,
    encode_packed,
    encode_record,
    packed_length,
    render_filling,
)


class LogFile:
    """Records as bytes, in the order in which the terminal keeps them.

    The start may be a :class:`Filling` that is rendered, once for all terminals that share it, when first read.
    """

    def __init__(self, config: TerminalConfig) -> None:
        self.layout = config.layout
        self.capacity = config.record_capacity
        self.when_full = config.when_full
        self.delete_when_full = config.delete_when_full
        self.count = 0
        self.written = 0
        self._mixed = config.layout is Layout.EIGHT_PACKED and config.packed_short_records
        self._filling: Filling | None = None
        self._shared = b""
        self._own = bytearray()
        self._carry: int | None = None
        if self._mixed and self.when_full is WhenFull.RING:
            raise ValueError("A ring needs records of one size; set packed_short_records to False.")

    @property
    def record_bytes(self) -> int:
        """Bytes of one full record."""
        return RECORD_BYTES[self.layout]

    @property
    def body_bytes(self) -> int:
        """Bytes of all records, without the size word."""
        filled = self._filling.count * self.record_bytes if self._filling else len(self._shared)
        return filled + len(self._own)

    def fill(self, filling: Filling) -> None:
        """Put many made-up records at the end; costs nothing until read where the log was empty."""
        fits = not self._mixed and self.count == 0 and filling.count <= self.capacity
        if fits and self.when_full is not WhenFull.RING:
            self._filling = filling
            self.count = self.written = filling.count
            return
        for punch, packed in zip(filling.punches(self.layout), filling.packed_times(), strict=True):
            self.append(Entry(punch.uid, punch.pin, packed, punch.verify_mode, punch.punch_state))

    def append(self, entry: Entry) -> bool:
        """Write one record; False where the log is full and the terminal refuses it."""
        if self.count >= self.capacity:
            return self._append_when_full(entry)
        self._extend(entry)
        self.count += 1
        return True

    def append_raw(self, record: bytes) -> None:
        """Put bytes at the end that no punch made; they count as one record."""
        self._own += record
        self.count += 1
        self.written += 1

    def clear(self) -> None:
        """Forget every record; a ring's index starts again."""
        self._filling, self._shared, self._own, self._carry = None, b"", bytearray(), None
        self.count = self.written = 0

    def replace(self, records: list[bytes]) -> None:
        """Put these records in place of all others, as software that edits or restores a log does; not in a ring."""
        self.clear()
        self._own += b"".join(records)
        self.count = self.written = len(records)

    def delete_head(self, count: int) -> None:
        """Remove the oldest records; the rest moves up, and a ring goes on after it."""
        body = self._materialise()
        if self.when_full is WhenFull.RING:
            oldest = self.written % self.capacity * self.record_bytes if self.count >= self.capacity else 0
            body[:] = body[oldest:] + body[:oldest]
            self.written = self.count - min(count, self.count)
        offset, removed = self._offset_of(count), min(count, self.count)
        while self._mixed and offset < len(body) and packed_length(body, offset) == 4:
            offset += 4
            removed += 1
        del body[:offset]
        self.count -= removed
        if not body:
            self._carry = None

    def read(self, start: int, stop: int) -> bytes:
        """Give the body's bytes from ``start`` up to ``stop``, as far as there are any."""
        shared = self._render()
        if start >= len(shared):
            return bytes(self._own[start - len(shared) : max(0, stop - len(shared))])
        return shared[start:stop] + bytes(self._own[: max(0, stop - len(shared))])

    def records(self) -> Iterator[bytes]:
        """Give the raw records in physical order."""
        body, offset = self.read(0, self.body_bytes), 0
        while offset < len(body):
            length = packed_length(body, offset) if self._mixed else self.record_bytes
            yield body[offset : offset + length]
            offset += length

    def _append_when_full(self, entry: Entry) -> bool:
        if self.when_full is WhenFull.RING:
            start = self.written % self.capacity * self.record_bytes
            self._materialise()[start : start + self.record_bytes] = self._encode(entry)
            return True
        if self.when_full is WhenFull.DELETE_OLDEST and self.delete_when_full > 0:
            self.delete_head(self.delete_when_full)
            return self.append(entry)
        return False

    def _extend(self, entry: Entry) -> None:
        self._own += self._encode(entry)

    def _encode(self, entry: Entry) -> bytes:
        self.written += 1
        if self.when_full is WhenFull.RING:
            entry = entry._replace(reserved=self.written)
        if not self._mixed:
            return encode_record(self.layout, entry)
        record = encode_packed(entry, self._carry)
        if len(record) == self.record_bytes:
            self._carry = entry.packed_time
        return record

    def _render(self) -> bytes:
        if self._filling is not None:
            self._shared = render_filling(self._filling, self.layout)
            self._filling = None
        return self._shared

    def _materialise(self) -> bytearray:
        """Give the body as bytes of this terminal alone, to be changed in place."""
        self._own = bytearray(self._render()) + self._own
        self._shared = b""
        return self._own

    def _offset_of(self, index: int) -> int:
        if not self._mixed:
            return min(index, self.count) * self.record_bytes
        offset = 0
        for _ in range(min(index, self.count)):
            offset += packed_length(self._own, offset)
        return offset
