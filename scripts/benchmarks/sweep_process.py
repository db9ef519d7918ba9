"""One sweep twice (first contact, then nothing new), in a process of its own; prints a line of JSON.

The task: ``url`` of the database, whose devices are swept.
"""

from __future__ import annotations

import json
import random
import sys
import time
from typing import Any

from eabsensi.clock import SystemClock
from eabsensi.collecting.leasing import Leases
from eabsensi.collecting.poll import Poller, PollOutcome
from eabsensi.collecting.sweep import sweep
from eabsensi.store.database import Store
from eabsensi.store.devices import list_devices
from scripts.benchmarks.databases import no_comm_key
from scripts.benchmarks.processes import memory_mib


def main() -> None:
    """Sweep as ``eabsensi poll`` does."""
    task = json.loads(sys.argv[1])
    start_mib = memory_mib("VmRSS")
    store = Store.at(task["url"])
    poller = Poller(store, SystemClock(), no_comm_key, collector="bench")
    with Leases(store, "bench") as leases:
        first, idle = (_sweep(store, poller, leases) for _ in range(2))
    store.dispose()
    print(json.dumps({"first": first, "idle": idle, "start_mib": start_mib, "peak_mib": memory_mib("VmHWM")}))


def _sweep(store: Store, poller: Poller, leases: Leases) -> dict[str, Any]:
    with store.begin() as connection:
        devices = list_devices(connection)
    random.Random(0).shuffle(devices)  # noqa: S311  repeatable, not secret
    started, cpu_started = time.perf_counter(), time.process_time()
    last_living = 0.0

    def note(outcome: PollOutcome) -> None:
        nonlocal last_living
        if outcome.is_ok:
            last_living = time.perf_counter() - started

    outcomes = sweep(store, poller, devices, leases=leases, on_outcome=note)
    kinds = sorted({outcome.outcome for outcome in outcomes})
    return {
        "seconds": time.perf_counter() - started,
        "cpu_seconds": time.process_time() - cpu_started,
        "last_living": last_living,
        "ok": sum(outcome.is_ok for outcome in outcomes),
        "new": sum(outcome.punches_new for outcome in outcomes),
        "outcomes": {kind: sum(outcome.outcome == kind for outcome in outcomes) for kind in kinds},
    }


if __name__ == "__main__":
    main()
