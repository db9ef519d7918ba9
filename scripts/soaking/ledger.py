"""What really lay in a terminal's log, and from when to when: by this a loss is excused or not."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from datetime import UTC, datetime

from eabsensi.devices.simulator.config import TerminalConfig, WhenFull
from eabsensi.devices.simulator.logfile import LogFile
from eabsensi.devices.simulator.records import Entry
from eabsensi.devices.simulator.terminal import Terminal


@dataclass(slots=True)
class Stay:
    """One record's time in the log.

    Attributes:
        is_punch: else a record that means nothing.
        since: when it was written, by this machine's clock.
        until: when it was cleared, overwritten or deleted; None while it is there.

    """

    is_punch: bool
    since: datetime
    until: datetime | None = None


class LedgerLog(LogFile):
    """A log that remembers each record's stay. ``stays`` has the order of the simulator's own truth."""

    def __init__(self, config: TerminalConfig) -> None:
        super().__init__(config)
        self.stays: list[Stay] = []
        self._present: deque[Stay] = deque()

    def append(self, entry: Entry) -> bool:
        """Write one record; see :meth:`LogFile.append`."""
        overwrites = self.when_full is WhenFull.RING and self.count >= self.capacity
        before = len(self.stays)
        if not super().append(entry):
            return False
        if len(self.stays) == before:  # else its own call, after the oldest were deleted, has noted it
            self._take_out(int(overwrites))
            self._note(is_punch=True)
        return True

    def append_raw(self, record: bytes) -> None:
        """Put bytes at the end that no punch made."""
        super().append_raw(record)
        self._note(is_punch=False)

    def clear(self) -> None:
        """Forget every record."""
        super().clear()
        self._take_out(len(self._present))

    def delete_head(self, count: int) -> None:
        """Remove the oldest records."""
        before = self.count
        super().delete_head(count)
        self._take_out(before - self.count)

    def _note(self, *, is_punch: bool) -> None:
        stay = Stay(is_punch, datetime.now(UTC))
        self.stays.append(stay)
        self._present.append(stay)
        assert len(self._present) == self.count, "the ledger has the log's length"

    def _take_out(self, count: int) -> None:
        for _ in range(count):
            self._present.popleft().until = datetime.now(UTC)


def keep_ledger(terminal: Terminal) -> None:
    """Let a terminal that has no record yet keep a ledger."""
    terminal.state.log = LedgerLog(terminal.config)


def stays_of(terminal: Terminal) -> tuple[list[Stay], list[Stay]]:
    """Give the stays of the terminal's punches and of its meaningless records, each in the order of its truth."""
    log = terminal.state.log
    assert isinstance(log, LedgerLog)
    return [stay for stay in log.stays if stay.is_punch], [stay for stay in log.stays if not stay.is_punch]
