"""From a live touch to a verdict that others can read, while a collector holds a large fleet's sessions."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import quantiles
from typing import Any, Final

import psycopg

from eabsensi.devices.registryentry import Device
from eabsensi.store.database import Store
from eabsensi.store.devices import sync_devices
from eabsensi.store.people import Unit, save_units
from scripts.benchmarks.databases import Databases
from scripts.benchmarks.plan import Plan
from scripts.benchmarks.printing import Target, at_most, show_table
from scripts.benchmarks.processes import ROOT, TerminalProcess

_DELAY_SECONDS: Final = 0.05
_TOUCHES_A_SECOND: Final = 50
_PEOPLE_A_TERMINAL: Final = 5
_LOOK_EVERY: Final = 0.01
_PATIENCE_SECONDS: Final = 300
_PEOPLE: Final = """
    INSERT INTO employee (nip, name, kind)
    SELECT lpad(n::text, 18, '0'), 'Pegawai ' || n, 'PNS' FROM generate_series(0, %(people)s - 1) n;
    INSERT INTO posting (employee_id, unit_code, valid_during)
    SELECT id, 'U' || (nip::bigint / %(each)s), daterange('2020-01-01', NULL) FROM employee;
    INSERT INTO enrolment (device_id, pin, employee_id, valid_during)
    SELECT device.id, nip::bigint %% %(each)s + 1, employee.id, daterange('2020-01-01', NULL)
    FROM employee JOIN device ON device.unit_code = 'U' || (nip::bigint / %(each)s);
"""
_READABLE: Final = """
    SELECT nip::bigint FROM employee JOIN verdict ON employee_id = employee.id AND on_date >= current_date - 1
    WHERE nip = ANY(%s) AND (cause LIKE '%%live event%%' OR cause LIKE '%%punch%%')
"""


@dataclass(frozen=True, slots=True)
class _Touched:
    """What came of the touches.

    Attributes:
        seconds: from each touch to its verdict.
        cpu_share: of one core, taken by the collector meanwhile.
        mib: its memory before the fleet was held, and with the touches.

    """

    seconds: list[float]
    cpu_share: float
    mib: float

    def percentile(self, percent: int) -> float:
        """Give the seconds within which so many of a hundred had a verdict."""
        return quantiles(self.seconds, n=100, method="inclusive")[percent - 1]


def run(plan: Plan, databases: Databases) -> list[Target]:
    """Hold a fleet's sessions, let people touch, and wait for each verdict."""
    with databases.fresh() as url, TerminalProcess() as terminals:
        configs = [{"serial": f"LIVE{n:05d}", "delay_seconds": _DELAY_SECONDS} for n in range(plan.fleet)]
        fleet = [_device(n, terminal) for n, terminal in enumerate(terminals.add_all(configs))]
        _build_city(url, fleet)
        with _collector(url, fleet) as collector:
            held_after = _await_sessions(terminals, plan.fleet, collector)
            meanwhile = _touch(terminals, url, collector, plan, first=0)
            _await_judging(url)
            after = _touch(terminals, url, collector, plan, first=plan.touches)
    show_table(
        f"live: {plan.fleet:,} sessions at {1_000 * _DELAY_SECONDS:.0f} ms, held {held_after:.0f} s after the start, "
        f"{_TOUCHES_A_SECOND} touches a second; seconds from the touch to a verdict that another connection reads",
        ("touches", "number", "median", "p95", "p99", "longest", "of one core", "collector's MiB"),
        [_row("while the first polls' days are judged", meanwhile), _row("in service", after)],
    )
    return [at_most(f"p99 from a live touch to its verdict, {plan.fleet:,} held", after.percentile(99), 1, "s")]


def _row(when: str, touched: _Touched) -> tuple[str, ...]:
    return (
        when,
        f"{len(touched.seconds):,}",
        *(f"{touched.percentile(percent):.2f}" for percent in (50, 95, 99)),
        f"{max(touched.seconds):.2f}",
        f"{touched.cpu_share:.0%}",
        f"{touched.mib:.0f}",
    )


def _device(number: int, terminal: dict[str, Any]) -> Device:
    return Device(
        serial=terminal["serial"],
        unit=f"U{number}",
        name=f"Lobi {number}",
        host=terminal["host"],
        port=terminal["port"],
        live=True,
    )


def _build_city(url: str, fleet: list[Device]) -> None:
    store = Store.at(url)
    with store.begin() as connection:
        save_units(connection, [Unit(device.unit, device.unit, None, "Dinas", "5-day", None) for device in fleet])
        sync_devices(connection, fleet, datetime.now(UTC))
    store.dispose()
    with psycopg.connect(_libpq(url)) as owner, psycopg.ClientCursor(owner) as cursor:
        cursor.execute(_PEOPLE, {"people": _PEOPLE_A_TERMINAL * len(fleet), "each": _PEOPLE_A_TERMINAL})


@contextmanager
def _collector(url: str, fleet: list[Device]) -> Iterator[subprocess.Popen[bytes]]:
    with tempfile.TemporaryDirectory(prefix="eabsensi-bench-") as folder:
        registry, log = Path(folder) / "devices.yaml", Path(folder) / "collector.log"
        registry.write_text(json.dumps({"devices": [_entry(device) for device in fleet]}), encoding="utf-8")
        settings = {"EABSENSI_HOME": folder, "EABSENSI_DATABASE_URL": url, "EABSENSI_DEVICES": str(registry)}
        with log.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", "eabsensi", "run"], cwd=ROOT, env=os.environ | settings, stderr=output
            )
            try:
                yield process
            finally:
                process.terminate()
                if process.wait():
                    print(log.read_text(encoding="utf-8")[-2_000:], file=sys.stderr)


def _entry(device: Device) -> dict[str, Any]:
    names = ("serial", "unit", "name", "host", "port", "live")
    return {name: getattr(device, name) for name in names}


def _await_sessions(terminals: TerminalProcess, wanted: int, collector: subprocess.Popen[bytes]) -> float:
    """Wait until all sessions are held; give the seconds since the collector's start."""
    started = time.monotonic()
    until = started + _PATIENCE_SECONDS
    while (held := terminals.open_sessions()) < wanted:
        if collector.poll() is not None or time.monotonic() > until:
            sys.exit(f"bench: the collector holds {held} of {wanted} sessions.")
        time.sleep(0.2)
    return time.monotonic() - started


def _await_judging(url: str) -> None:
    """Wait until no day is left to be judged."""
    until = time.monotonic() + _PATIENCE_SECONDS
    with psycopg.connect(_libpq(url), autocommit=True) as reader:
        while reader.execute("SELECT FROM dirty_day LIMIT 1").fetchone() is not None:
            if time.monotonic() > until:
                sys.exit("bench: days are still to be judged.")
            time.sleep(0.2)


def _touch(
    terminals: TerminalProcess, url: str, collector: subprocess.Popen[bytes], plan: Plan, *, first: int
) -> _Touched:
    people = _PEOPLE_A_TERMINAL * plan.fleet
    touched_at: dict[int, float] = {}
    read_at: dict[int, float] = {}
    cpu, started = _cpu_seconds(collector.pid), time.monotonic()
    with psycopg.connect(_libpq(url), autocommit=True) as reader:
        while len(read_at) < plan.touches:
            now = time.monotonic()
            due = first + min(plan.touches, int((now - started) * _TOUCHES_A_SECOND) + 1)
            for number in range(first + len(touched_at), due):
                # Another terminal each time, and never the same person twice.
                person = number * _PEOPLE_A_TERMINAL % people + number * _PEOPLE_A_TERMINAL // people
                touched_at[person] = time.monotonic()
                terminals.touch(person // _PEOPLE_A_TERMINAL, str(person % _PEOPLE_A_TERMINAL + 1))
            seen = time.monotonic()
            waiting = [f"{person:018}" for person in touched_at if person not in read_at]
            read_at |= {person: seen for (person,) in reader.execute(_READABLE, (waiting,))}
            if now - started > _PATIENCE_SECONDS:
                sys.exit(f"bench: {len(read_at)} of {plan.touches} touches have a verdict.")
            time.sleep(_LOOK_EVERY)
    share = (_cpu_seconds(collector.pid) - cpu) / (time.monotonic() - started)
    seconds = [read_at[person] - at for person, at in touched_at.items()]
    return _Touched(seconds, share, _resident_mib(collector.pid))


def _libpq(url: str) -> str:
    return url.replace("postgresql+psycopg", "postgresql")


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _resident_mib(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20
