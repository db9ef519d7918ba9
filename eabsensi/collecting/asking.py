"""Ask the collector that holds a terminal to read it now, and wait for what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from eabsensi.clock import Clock
from eabsensi.collecting.poll import OK, PollOutcome
from eabsensi.collecting.sweep import HELD
from eabsensi.devices.errors import Policy
from eabsensi.devices.logread import ReadMode
from eabsensi.devices.waiting import StopSignal
from eabsensi.store.database import Store
from eabsensi.store.devices import StoredDevice
from eabsensi.store.pollrows import PollRow, answers_after, last_polls
from eabsensi.store.requests import request_poll

#: How long a collector has to take up and finish what it was asked for.
ANSWER_SECONDS: Final = 60.0
_LOOK_SECONDS: Final = 0.3


def ask_holders(
    store: Store,
    clock: Clock,
    devices: Sequence[StoredDevice],
    *,
    full: bool,
    stop: StopSignal,
    seconds: float = ANSWER_SECONDS,
) -> list[PollOutcome]:
    """Ask for polls of devices whose lease another collector holds.

    Args:
        store: through which collectors hear of it.
        clock: measures the patience.
        devices: which.
        full: whether to read whole logs.
        stop: ends the wait; what was asked for is then read all the same.
        seconds: how long to wait for all of them.

    Returns:
        What came of each poll; ``held`` where none came in time.

    """
    ids = [device.id for device in devices]
    with store.begin() as connection:
        polled = last_polls(connection, ids)
        before = {id_: polled[id_].id if id_ in polled else 0 for id_ in ids}
        for device_id in ids:
            request_poll(connection, device_id, full)
    ends_at = clock.monotonic() + seconds
    while True:
        with store.begin() as connection:
            fresh = answers_after(connection, before, full=full)
        if len(fresh) == len(ids) or clock.monotonic() > ends_at or stop.wait(_LOOK_SECONDS):
            return [_outcome(device, fresh.get(device.id)) for device in devices]


def _outcome(device: StoredDevice, row: PollRow | None) -> PollOutcome:
    if row is None:
        return PollOutcome(device.serial, HELD, error="Another collector holds it and has not read it in time.")
    return PollOutcome(
        serial=device.serial,
        outcome=row.outcome,
        error=row.error or "",
        policy=None if row.outcome == OK else Policy.RETRY,
        mode=ReadMode(row.mode) if row.mode in set(ReadMode) else ReadMode.FULL,
        records_on_device=row.records_on_device,
        records_read=row.records_read,
        punches_new=row.punches_new,
        clock_offset_seconds=row.clock_offset_seconds,
    )
