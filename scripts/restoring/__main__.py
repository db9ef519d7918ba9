"""``scripts/restore-drill``: punches, a backup, more punches, a loss, a recovery, and the next sweep."""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from sqlalchemy import text

from eabsensi.clock import SystemClock
from eabsensi.collecting.poll import Poller
from eabsensi.devices.registry import Device
from eabsensi.devices.simulator.config import TerminalConfig
from eabsensi.devices.simulator.fleet import Fleet
from eabsensi.devices.simulator.terminal import Terminal
from eabsensi.sealing.sealer import seal_evidence
from eabsensi.sealing.verifying import verify_evidence
from eabsensi.store.database import Store
from eabsensi.store.devices import sync_devices
from eabsensi.store.people import Unit, save_units
from scripts.restoring.cluster import ArchivedCluster

TERMINALS: Final = 5
EACH: Final = 200
_FIRST: Final = datetime(2026, 9, 1, 7)  # noqa: DTZ001 - a device's clock has no zone


class City:
    """Terminals in software, and the database that collects from them."""

    def __init__(self, cluster: ArchivedCluster, fleet: Fleet) -> None:
        """Put up the terminals and register them."""
        self.store, self.clock = Store.at(cluster.url), SystemClock()
        self.store.upgrade()
        self.terminals = [fleet.add(TerminalConfig(serial=f"DRILL{number:04}")) for number in range(TERMINALS)]
        self._punched = 0
        with self.store.begin() as connection:
            save_units(connection, [Unit("DINKES", "Dinas Kesehatan", None, "Dinas", "5-day", None)])

    def touch(self) -> None:
        """Have everybody touch every terminal some times."""
        for _ in range(EACH):
            self._punched += 1
            for terminal in self.terminals:
                terminal.punch(str(self._punched % 40 + 1), _FIRST + timedelta(seconds=20 * self._punched))

    def sweep(self) -> int:
        """Read every terminal; give how many punches were new."""
        poller = Poller(self.store, self.clock, lambda _: 0, collector="drill")
        with self.store.begin() as connection:
            listed = [_entry(terminal) for terminal in self.terminals]
            devices = sync_devices(connection, listed, self.clock.now())
        outcomes = [poller.poll(device) for device in devices]
        assert all(outcome.is_ok for outcome in outcomes), outcomes
        seal_evidence(self.store, self.clock)
        return sum(outcome.punches_new for outcome in outcomes)

    def stored(self) -> list[tuple[str, str, datetime]]:
        """Give what the database holds."""
        query = "SELECT serial, pin, device_time FROM punch JOIN device ON device.id = device_id"
        with self.store.begin() as connection:
            return sorted((row.serial, row.pin, row.device_time) for row in connection.execute(text(query)))

    def ever_punched(self) -> list[tuple[str, str, datetime]]:
        """Give the truth, which the terminals keep."""
        return sorted(
            (terminal.config.serial, punch.pin, punch.device_time)
            for terminal in self.terminals
            for punch in terminal.ever_punched
        )


def _entry(terminal: Terminal) -> Device:
    return Device(serial=terminal.config.serial, unit="DINKES", name="Lobi", host=terminal.host, port=terminal.port)


def main() -> int:
    """Run the drill; 0 where stored = ever punched, each once, and the chain is whole."""
    folder = Path(tempfile.mkdtemp(prefix="eabsensi-drill-"))
    cluster = ArchivedCluster(folder)
    try:
        with Fleet() as fleet:
            return _drill(cluster, fleet)
    finally:
        cluster.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _drill(cluster: ArchivedCluster, fleet: Fleet) -> int:
    cluster.start()
    city = City(cluster, fleet)
    city.touch()
    _say("swept, then backed up", city.sweep(), city)
    cluster.back_up()
    city.touch()
    _say("swept after the backup; this moment is recovered", city.sweep(), city)
    moment = str(cluster.ask("SELECT clock_timestamp()"))
    city.touch()
    _say("swept after that moment; this is lost with the disk", city.sweep(), city)
    cluster.archive()
    city.store.dispose()
    cluster.lose()
    started = time.monotonic()
    cluster.restore(moment)
    _say(f"lost and recovered to {moment[:19]} in {time.monotonic() - started:.1f} s", 0, city)
    _say("the next sweep", city.sweep(), city)
    whole = city.stored() == city.ever_punched()
    broken = verify_evidence(city.store).broken
    city.store.dispose()
    chain = broken.sentence if broken else "whole"
    print(f"stored = ever punched, each once: {'yes' if whole else 'NO'}; chain: {chain}")
    return 0 if whole and broken is None else 1


def _say(what: str, new: int, city: City) -> None:
    stored, ever = len(city.stored()), len(city.ever_punched())
    print(f"{what:55} {new:>6,} new {stored:>7,} stored {ever:>7,} ever punched", flush=True)


if __name__ == "__main__":
    sys.exit(main())
