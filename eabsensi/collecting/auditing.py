"""Audit one terminal: counter on the device = records read = records stored."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from eabsensi.collecting.poll import Poller, PollOrder, PollOutcome
from eabsensi.devices.waiting import Deadline
from eabsensi.store.database import Store
from eabsensi.store.devicelog import count_stored
from eabsensi.store.devices import StoredDevice


@dataclass(frozen=True, slots=True)
class Audit:
    """What a full read showed.

    Attributes:
        poll: the full read.
        stored: punches and unreadable records that are kept of this device, from every log it ever had.

    """

    poll: PollOutcome
    stored: int

    @property
    def findings(self) -> list[str]:
        """What does not agree, one sentence each; none when the log is proven to be kept."""
        found: list[str] = []
        if self.poll.missing:
            found.append(f"The device counts {self.poll.missing} records more than it delivers.")
        if self.poll.punches_new:
            found.append(f"{self.poll.punches_new} punches had been missed by earlier polls; they are stored now.")
        if self.stored < self.poll.records_read:
            found.append(f"{self.poll.records_read} records were read but only {self.stored} are stored.")
        return found


def audit(
    store: Store,
    poller: Poller,
    device: StoredDevice,
    progress: Callable[[int, int], None] | None = None,
    deadline: Callable[[float], Deadline] = Deadline.after,
) -> Audit:
    """Read a whole log and hold it against what is stored; what was missing is stored by the same read.

    Args:
        store: where punches are kept.
        poller: how one is polled.
        device: which one; the caller holds its lease.
        progress: called with bytes read and bytes in all.
        deadline: makes deadlines, from seconds, that also end with the lease.

    Raises:
        DatabaseUnavailableError: the database is away.

    """
    # What was punched since the last poll is no finding: it is taken in first.
    poller.poll(device, PollOrder(deadline=deadline))
    outcome = poller.poll(device, PollOrder(full=True, progress=progress, deadline=deadline))
    with store.begin() as connection:
        return Audit(outcome, count_stored(connection, device.id))
