"""The demonstration: a database, a city of terminals, registered by command, collected, and the day's report."""

from __future__ import annotations

import csv
import os
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from eabsensi.clock import Clock
from eabsensi.devices.simulator.fleet import Fleet
from eabsensi.law.loader import load_policy
from eabsensi.rehearsing.city import City, build_city, local_day
from eabsensi.rehearsing.portal import open_accounts, serve_portal
from eabsensi.rehearsing.shell import Say, Shell
from eabsensi.rehearsing.verdicts import show_verdicts
from eabsensi.settings import Settings
from eabsensi.store.database import open_store

#: Units whose pages are printed; the whole city goes into files.
SHOWN_UNITS: Final = ("BKPSDM", "DINSOS", "DISHUB")


def run_demo(folder: Path, clock: Clock, say: Say, *, portal_port: int | None = None) -> Path:
    """Play the demonstration.

    Args:
        folder: where its files go; made where it is not there.
        clock: tells the time.
        say: prints a line.
        portal_port: serve the portal there when all is done, until Ctrl-C; None ends at once.

    Returns:
        The folder with the day's reports.

    Raises:
        DemoFailedError: one of the commands failed.
        EabsensiError: no PostgreSQL can be started here.

    """
    folder.mkdir(parents=True, exist_ok=True)
    reports = folder / "reports"
    reports.mkdir(exist_ok=True)
    policy = load_policy(None)
    with _database(folder, say) as environment, Fleet() as fleet:
        city = build_city(fleet, policy, local_day(policy, clock.now()))
        _write_sheets(folder, city)
        shell = Shell(folder, environment, say)
        _introduce(city, say)
        _import(shell)
        _register(shell, city, say)
        _collect(shell, city, say)
        _report(shell, city, reports, say)
        show_verdicts(shell, city, reports, say)
        if portal_port is not None:
            serve_portal(shell, open_accounts(shell, city, say), portal_port, say)
    return reports


@contextmanager
def _database(folder: Path, say: Say) -> Iterator[dict[str, str]]:
    """Start a PostgreSQL of our own for as long as the demonstration lasts; yields the commands' environment."""
    devices = folder / "devices.yaml"
    devices.unlink(missing_ok=True)
    with tempfile.TemporaryDirectory(prefix="eabsensi-demo-", dir=_open_folder(), ignore_cleanup_errors=True) as home:
        Path(home).chmod(0o711)
        settings = Settings(home=Path(home), database_url=None, devices_file=devices, policy=None)
        say("Starting a PostgreSQL of our own (no network, gone when this ends) …")
        with open_store(settings, upgrade=True) as store:
            say(f"… {store.place} is ready.")
            yield _environment(home, devices)


def _open_folder() -> str | None:
    """Prefer memory: the demonstration's database is thrown away."""
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108 - a private folder is made in it


def _environment(home: str, devices: Path) -> dict[str, str]:
    ours = {"EABSENSI_HOME": home, "EABSENSI_DEVICES": str(devices), "EABSENSI_COMM_KEY_BPKAD": "271828"}
    foreign = {"EABSENSI_DATABASE_URL", "EABSENSI_POLICY", "CREDENTIALS_DIRECTORY"}
    inherited = {name: value for name, value in os.environ.items() if name not in foreign}
    return inherited | ours | {"COLUMNS": "150", "PYTHONWARNINGS": "ignore"}


def _write_sheets(folder: Path, city: City) -> None:
    units = [(u.code, u.name, u.parent, u.kind, u.pattern, "") for u in city.units]
    _write(folder / "units.csv", ("code", "name", "parent", "kind", "pattern", "timezone"), units)
    people = [(e.nip, e.name, e.kind, e.rank, e.position, e.unit, e.since.isoformat()) for e in city.employees]
    _write(folder / "employees.csv", ("nip", "name", "kind", "rank", "position", "unit", "since"), people)
    pins = [("*", e.pin, e.nip, "2020-01-01", "") for e in city.employees]
    _write(folder / "enrolments.csv", ("serial", "pin", "nip", "from", "to"), pins)


def _write(path: Path, headers: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(headers)
        writer.writerows(rows)


def _introduce(city: City, say: Say) -> None:
    say(
        f"\nAn invented city: {len(city.units)} units, {len(city.employees)} employees, "
        f"{len(city.terminals)} terminals that speak the real protocol.",
    )
    for post, terminal in city.terminals:
        if post.story:
            say(f"  {terminal.config.serial}  {post.unit}: {post.story}")


def _import(shell: Shell) -> None:
    for noun, sheet in (("unit", "units.csv"), ("employee", "employees.csv"), ("enrolment", "enrolments.csv")):
        shell.run(noun, "import", sheet)


def _register(shell: Shell, city: City, say: Say) -> None:
    """Register every terminal; the first one's probe is shown, the others' are alike."""
    for at, (post, terminal) in enumerate(city.terminals):
        name = next(unit.name for unit in city.units if unit.code == post.unit)
        words = ["device", "add", terminal.host, "--port", str(terminal.port), "--unit", post.unit]
        words += [
            "--name",
            f"{name}, {post.place}",
            "--transport",
            "udp" if post.transport == "udp" else "tcp",
            "--yes",
        ]
        words += ["--comm-key", post.unit.lower()] if post.comm_key else []
        shell.run(*words, shown=at == 0)
        if at == 1:
            say("\n… and so on for the others:")
        if post.goes_offline:
            terminal.go_offline()
    shell.run("device", "list")


def _collect(shell: Shell, city: City, say: Say) -> None:
    shell.run("poll")
    say("\nA second poll finds nothing new and reads no log where that is proven:")
    shell.run("poll")
    shell.run("status")
    punched = sum(len(terminal.ever_punched) for post, terminal in city.terminals if not post.goes_offline)
    say(f"\nThe terminals that answer hold {punched:,} punches; each is kept once.")


def _report(shell: Shell, city: City, reports: Path, say: Say) -> None:
    on = city.on.isoformat()
    for unit in SHOWN_UNITS:
        shell.run("report", "daily", "--date", on, "--unit", unit)
    for kind in ("csv", "json", "xlsx", "pdf"):
        shell.run(
            "report", "daily", "--date", on, "--format", kind, "-o", str(reports / f"harian-{on}.{kind}"), shown=False
        )
    say(f"\nThe whole city's report of {on} is in {reports} (CSV, JSON, XLSX, PDF).")
