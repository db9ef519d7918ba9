"""A whole log across the wire: block after block, over a new connection where one breaks, and of a settled length."""

from __future__ import annotations

from typing import Final

from eabsensi.devices.attlog import Layout
from eabsensi.devices.bulk import SIZE_WORD_BYTES, PreparedBuffer, RangeRefusedError, SizeWordError
from eabsensi.devices.errors import DeviceError, Policy, TransferError
from eabsensi.devices.link import NoAnswerError
from eabsensi.devices.logposition import LogRequest
from eabsensi.devices.session import Session

#: How often a whole read may go on over a new connection, each time after progress.
_RESUMPTIONS: Final = 8
#: A log shorter than this is always read whole, so that nothing is to be probed.
_PROBED_BYTES: Final = 900
#: Of such a log, how much is read once more in each place.
_WINDOW_BYTES: Final = 300
#: Records that may be punched between the commands that begin a reading.
_MEANWHILE_RECORDS: Final = 16


class PostponedError(DeviceError):
    """The whole log must be read, which waits until the punch peak is over."""

    kind = "postponed"
    policy = Policy.RETRY


class LogTransfer:
    """One prepared buffer, and the reading of all of it.

    Attributes:
        buffer: as it was prepared last.
        tail_ok: whether reads past offset 0 are honest; None before the probe.

    """

    def __init__(self, session: Session, buffer: PreparedBuffer, request: LogRequest) -> None:
        """Begin with a buffer that was just prepared."""
        self._session = session
        self.buffer = buffer
        self._request = request
        self.tail_ok = request.position.tail_ok if request.position else None

    def settle_length(self) -> None:
        """Where the length was in doubt, let the terminal's count decide between what it prepared and its size word.

        A few bytes after the last record, or a size word that is wrong, are no reason to read nothing. A punch since
        PREPARE makes the word larger than what was prepared, and comes with the next read.

        Raises:
            SizeWordError: the count confirms neither; it carries the bytes.

        """
        stated, prepared = self.buffer.read_size_word(), self.buffer.body_bytes
        agreed = {length for length in (stated, prepared) if 0 < length <= prepared and self._is_counted(length)}
        if len(agreed) == 1:
            self.buffer.settle(agreed.pop())
        elif self._has_only_grown(prepared, stated):
            self.buffer.settle(prepared)
        elif stated != prepared:
            raise self._in_doubt(stated)

    def _is_counted(self, length: int) -> bool:
        """Whether a length is that of as many records as the terminal counts."""
        return any(length == stride * (self._request.sizes.records or 0) for stride in self._strides())

    def _has_only_grown(self, prepared: int, stated: int) -> bool:
        """Whether a few records came between the count and PREPARE, and between that and the reading of the word."""
        counted = self._request.sizes.records or 0
        return any(
            0 <= prepared - counted * stride <= stated - counted * stride <= _MEANWHILE_RECORDS * stride
            and prepared % stride == stated % stride == 0
            for stride in self._strides()
        )

    def _strides(self) -> list[int]:
        position = self._request.position
        layouts = [position.layout] if position is not None else list(Layout)
        return [layout.stride for layout in layouts if layout.is_fixed]

    def _in_doubt(self, stated: int) -> SizeWordError:
        counted, prepared = self._request.sizes.records, self.buffer.body_bytes
        self.buffer.settle(prepared)
        self._refuse_heavy()
        self._request.lengthen(prepared)
        return SizeWordError(
            f"The log's size word says {stated} bytes, {prepared} were prepared, and the count of {counted} records"
            " confirms neither.",
            remedy="Its bytes are kept in quarantine. Import the terminal's USB dump, and report model and firmware.",
            body=self._in_blocks(),
        )

    def read(self) -> bytes:
        """Read every byte, and make sure that reads past offset 0 gave what they should.

        A terminal that does not honour where a read starts is asked for everything at once.
        """
        self._refuse_heavy()
        self._request.lengthen(self.buffer.body_bytes)
        position = self._request.position
        if position is not None and position.tail_ok is False and not self._request.full:
            return self._at_once()
        body = self._in_blocks()
        self.tail_ok = self._probe_tail(body)
        if self.tail_ok is False:
            self._reprepare()
            if self.buffer.read_start(_WINDOW_BYTES) != body[:_WINDOW_BYTES]:
                raise SizeWordError("The log lost its head while it was read.")
            self._reprepare()
            body = self._at_once()
        return body

    def _at_once(self) -> bytes:
        """Ask for everything in one request; a terminal that refuses so much is read in blocks if they are honest."""
        try:
            return self.buffer.read_all(self._request.progress, at_once=True)
        except RangeRefusedError:
            self._reprepare()
            body = self._in_blocks()
            if body.find(body[:_WINDOW_BYTES], 1) >= 0:
                raise
            return body

    def _refuse_heavy(self) -> None:
        limit = self._request.heavy_bytes
        if limit is not None and self.buffer.body_bytes > limit and not self.buffer.is_inline:
            raise PostponedError

    def _in_blocks(self) -> bytes:
        """Read block after block, going on over a new connection where one breaks (F35)."""
        gathered = bytearray()
        for _ in range(_RESUMPTIONS):
            before = len(gathered)
            try:
                return self.buffer.read_all(self._request.progress, into=gathered)
            except (TransferError, NoAnswerError) as error:
                has_broken = isinstance(error, TransferError) and not error.is_slow
                is_smaller = has_broken and not isinstance(error, RangeRefusedError) and self.buffer.ask_for_less()
                if len(gathered) == before and not is_smaller:
                    raise
                self._session.reopen()
                self._reprepare(bytes(gathered))
        return self.buffer.read_all(self._request.progress, into=gathered)

    def _reprepare(self, gathered: bytes = b"") -> None:
        """Prepare the log again, and make sure that it still ends what was gathered as before."""
        buffer = self._session.prepare_log()
        if buffer is None or buffer.announced_bytes != self.buffer.announced_bytes:
            raise SizeWordError("The log changed while it was read.")
        buffer.settle_as(self.buffer)
        overlap = gathered[-1_024:]
        end = len(gathered) - SIZE_WORD_BYTES
        if overlap and buffer.read(end - len(overlap), end) != overlap:
            raise SizeWordError("The log changed while its transfer was broken off.")
        self.buffer = buffer

    def _probe_tail(self, body: bytes) -> bool | None:
        """Hold reads against the whole log: its start, an unaligned window in the middle, and the end."""
        position = self._request.position
        if self.buffer.is_inline or len(body) < _PROBED_BYTES:
            return position.tail_ok if position else None
        middle = len(body) // 2 + 1
        starts = (0, middle, len(body) - _WINDOW_BYTES)
        windows = [(start, start + _WINDOW_BYTES) for start in starts]
        try:
            return all(self.buffer.read(start, end) == body[start:end] for start, end in windows)
        except TransferError:
            return False
