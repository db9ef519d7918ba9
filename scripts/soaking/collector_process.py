"""``eabsensi run`` at the week's pace: the same daemon, with shorter intervals, leases and patience.

The task, as JSON: ``interval``, ``terms`` and ``patience``. It dies with the soak that started it.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import sys

from eabsensi.clock import SystemClock
from eabsensi.collecting.daemon import Daemon
from eabsensi.collecting.leasing import LeaseTerms
from eabsensi.devices.session import Patience
from eabsensi.errors import EabsensiError
from eabsensi.logs import configure
from eabsensi.settings import Settings, comm_key
from eabsensi.store.database import open_store

_PR_SET_PDEATHSIG = 1


def main() -> None:
    """Collect until a signal."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    task = json.loads(sys.argv[1])
    if os.getppid() != task["parent"]:
        return
    configure()
    settings = Settings.load()
    try:
        with open_store(settings) as store:
            Daemon(
                settings,
                store,
                SystemClock(),
                comm_key,
                interval=task["interval"],
                terms=LeaseTerms(**task["terms"]),
                patience=Patience(**task["patience"]),
            ).run()
    except EabsensiError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
