"""Read many terminals side by side; one bad terminal never holds up or hides the others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import replace
from typing import Final

from eabsensi.collecting.leasing import Leases
from eabsensi.collecting.poll import Poller, PollOrder, PollOutcome
from eabsensi.collecting.schedule import MOST_WORKERS
from eabsensi.collecting.slots import Slots
from eabsensi.devices.errors import Policy
from eabsensi.store.database import Store
from eabsensi.store.devices import StoredDevice
from eabsensi.store.leases import holder_of

#: Threads on top that may wait for terminals which do not answer, so that these hold up nobody.
MOST_WAITING: Final = 192

HELD: Final = "held"


def sweep(
    store: Store,
    poller: Poller,
    devices: Sequence[StoredDevice],
    *,
    leases: Leases,
    order: PollOrder | None = None,
    workers: int = MOST_WORKERS,
    on_outcome: Callable[[PollOutcome], None] | None = None,
) -> list[PollOutcome]:
    """Poll each device once.

    Args:
        store: where punches are kept.
        poller: how one is polled.
        devices: which are polled.
        leases: this collector's leases.
        order: how each poll is to be done.
        workers: how many are read at a time, at most; terminals that do not answer come on top.
        on_outcome: called as each ends, in no particular order.

    Returns:
        One outcome a device, in the order of ``devices``; a terminal that another collector reads is ``held``.

    Raises:
        DatabaseUnavailableError: the database went away.

    """
    if not devices:
        return []
    outcomes: dict[str, PollOutcome] = {}
    slots, threads = Slots(workers), min(workers + MOST_WAITING, len(devices))

    def poll(device: StoredDevice) -> PollOutcome:
        with slots.taken() as opened:
            return _poll_leased(store, poller, device, leases, replace(order or PollOrder(), on_open=opened))

    with ThreadPoolExecutor(threads, thread_name_prefix="poll") as pool:
        futures = [pool.submit(poll, device) for device in devices]
        for future in as_completed(futures):
            outcome = future.result()
            outcomes[outcome.serial] = outcome
            if on_outcome is not None:
                on_outcome(outcome)
    return [outcomes[device.serial] for device in devices]


def _poll_leased(
    store: Store,
    poller: Poller,
    device: StoredDevice,
    leases: Leases,
    order: PollOrder,
) -> PollOutcome:
    with leases.taken(device.id) as is_ours:
        if is_ours:
            return poller.poll(device, replace(order, deadline=leases.deadlines(device.id)))
    with store.begin() as connection:
        holder = holder_of(connection, device.id)
    return PollOutcome(
        device.serial,
        HELD,
        error=f"The collector {holder or 'that just ended'} is reading it.",
        policy=Policy.RETRY,
    )
