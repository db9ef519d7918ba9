"""One thing whose peak memory is to be known, in a process of its own; prints a line of JSON.

The task: ``read`` a terminal's log whole, or ``hold`` sessions with many terminals.
"""

from __future__ import annotations

import json
import sys
import threading
from datetime import datetime
from typing import Any

from eabsensi.devices.live import LiveWatch
from eabsensi.devices.logread import LogRequest, read_log
from eabsensi.devices.session import Endpoint, Session
from eabsensi.devices.waiting import Deadline, StopSignal
from scripts.benchmarks.processes import memory_mib


def main() -> None:
    """Do it."""
    task = json.loads(sys.argv[1])
    before = memory_mib("VmRSS")
    if "read" in task:
        _read(task["read"])
    else:
        _hold(task["hold"])
    print(json.dumps({"before_mib": before, "peak_mib": memory_mib("VmHWM")}))


def _session(terminal: dict[str, Any]) -> Session:
    return Session(Endpoint(terminal["host"], terminal["port"]), deadline=Deadline.after(600))


def _read(terminal: dict[str, Any]) -> None:
    with _session(terminal) as session:
        not_after = datetime(2099, 1, 1)  # noqa: DTZ001  a device's clock has no zone
        request = LogRequest(None, session.sizes(), not_after, known=lambda punches: [False] * len(punches))
        read_log(session, request)


def _hold(terminals: list[dict[str, Any]]) -> None:
    watch = LiveWatch(on_punches=lambda *_: None, on_lost=lambda *_: None)
    stop = StopSignal()
    loop = threading.Thread(target=watch.run, args=(stop,))
    loop.start()
    for terminal in terminals:
        session = _session(terminal)
        session.register_events()
        watch.hold(terminal["serial"], session)
    for terminal in terminals:
        held = watch.borrow(terminal["serial"])
        assert held is not None, "it was just given"
        held.close()
    stop.set()
    loop.join()
    stop.close()


if __name__ == "__main__":
    main()
