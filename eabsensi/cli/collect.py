"""eabsensi poll and eabsensi run: read terminals now, or for ever."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn

from eabsensi.cli.options import JsonOption
from eabsensi.cli.output import DONE_IN_PART, FAILED, say, show_json, show_problems, show_table
from eabsensi.cli.stopping import Stopping, stoppable
from eabsensi.clock import SystemClock
from eabsensi.collecting.asking import ask_holders
from eabsensi.collecting.daemon import Daemon, collector_name
from eabsensi.collecting.fleet import LoadedFleet, load_fleet
from eabsensi.collecting.leasing import Leases
from eabsensi.collecting.pace import pace_of
from eabsensi.collecting.poll import Poller, PollOrder, PollOutcome
from eabsensi.collecting.sweep import HELD, sweep
from eabsensi.errors import UsageError
from eabsensi.settings import Settings, comm_key
from eabsensi.store.database import Store, open_store
from eabsensi.store.devices import StoredDevice
from eabsensi.store.roles import Role


def poll_command(
    serials: Annotated[
        list[str] | None,
        typer.Argument(metavar="[SERIAL]...", help="These devices only; back-off and quiet hours do not apply."),
    ] = None,
    *,
    full: Annotated[bool, typer.Option("--full", help="Read whole logs, as the weekly audit does.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Read the terminals once, now: all that are enabled, or those named."""
    settings, clock = Settings.load(), SystemClock()
    with open_store(settings) as store:
        fleet = load_fleet(settings, store, clock)
        show_problems(fleet.problems)
        devices = _chosen(fleet, serials or [])
        with stoppable() as stopping:
            outcomes = _sweep(store, clock, devices, PollOrder(full=full, scheduled=not serials), stopping)
    if as_json:
        show_json([_as_row(outcome) for outcome in outcomes])
    else:
        _show(devices, outcomes)
    stopping.require_not_stopped(f"{sum(outcome.is_ok for outcome in outcomes)} of {len(outcomes)} terminals were read")
    _finish(outcomes, problems=bool(fleet.problems))


def run_command() -> None:
    """Collect until told to stop; meant for systemd. SIGHUP reads devices.yaml again."""
    settings, clock = Settings.load(), SystemClock()
    pace = pace_of(settings)
    with open_store(settings, role=Role.COLLECTOR) as store:
        Daemon(
            settings,
            store,
            clock,
            comm_key,
            interval=pace.interval,
            terms=pace.terms,
            patience=pace.patience,
        ).run()


def _chosen(fleet: LoadedFleet, serials: Sequence[str]) -> list[StoredDevice]:
    if not serials:
        return fleet.devices
    known = {device.serial: device for device in [*fleet.devices, *fleet.disabled]}
    for serial in serials:
        if serial not in known:
            raise UsageError(f"There is no device {serial}.", remedy="`eabsensi device list` shows them.")
    return [known[serial] for serial in dict.fromkeys(serials)]


def _sweep(
    store: Store, clock: SystemClock, devices: list[StoredDevice], order: PollOrder, stopping: Stopping
) -> list[PollOutcome]:
    name, stop = collector_name(), stopping.signal
    poller = Poller(store, clock, comm_key, collector=name, stop=stop)
    with Leases(store, name) as leases, _progress(len(devices)) as advance:
        outcomes = sweep(store, poller, devices, leases=leases, order=order, on_outcome=advance)
        held = [device for device, outcome in zip(devices, outcomes, strict=True) if outcome.outcome == HELD]
        answers = {outcome.serial: outcome for outcome in ask_holders(store, clock, held, full=order.full, stop=stop)}
    return [answers.get(outcome.serial, outcome) for outcome in outcomes]


@contextmanager
def _progress(total: int) -> Iterator[Callable[[PollOutcome], None]]:
    """Show on stderr how many terminals have been read; silent where nobody looks."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    columns = (TextColumn("reading"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[last]}"))
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("reading", total=total, last="")
        yield lambda outcome: _advance(progress, task, outcome)


def _advance(progress: Progress, task: TaskID, outcome: PollOutcome) -> None:
    progress.update(task, advance=1, last=outcome.serial)


def _show(devices: Sequence[StoredDevice], outcomes: Sequence[PollOutcome]) -> None:
    if not outcomes:
        say("There is no enabled device. Add one with: eabsensi device add HOST --unit CODE")
        return
    headers = ("SERIAL", "UNIT", "OUTCOME", "READ BY", "ON DEVICE", "NEW", "CLOCK", "WHY")
    rows = [_row(device, outcome) for device, outcome in zip(devices, outcomes, strict=True)]
    show_table(headers, rows, right=("ON DEVICE", "NEW", "CLOCK"))
    ok = sum(outcome.is_ok for outcome in outcomes)
    new = sum(outcome.punches_new for outcome in outcomes)
    say(f"{ok} of {len(outcomes)} terminals read, {new:,} new punches.")


def _row(device: StoredDevice, outcome: PollOutcome) -> tuple[object, ...]:
    read_by = str(outcome.mode) if outcome.is_ok else ""
    offset = outcome.clock_offset_seconds
    clock = "" if offset is None else f"{offset:+,.0f} s"
    new = outcome.punches_new if outcome.is_ok else ""
    return (
        device.serial,
        device.unit_code,
        outcome.outcome,
        read_by,
        outcome.records_on_device,
        new,
        clock,
        outcome.error,
    )


def _as_row(outcome: PollOutcome) -> dict[str, Any]:
    return {
        "serial": outcome.serial,
        "outcome": outcome.outcome,
        "error": outcome.error or None,
        "mode": str(outcome.mode) if outcome.is_ok else None,
        "records_on_device": outcome.records_on_device,
        "records_read": outcome.records_read,
        "punches_new": outcome.punches_new,
        "unreadable_new": outcome.unreadable_new,
        "missing": outcome.missing,
        "clock_offset_seconds": outcome.clock_offset_seconds,
        "complete_through": outcome.complete_through,
        "bytes_sent": outcome.traffic.bytes_sent,
        "bytes_received": outcome.traffic.bytes_received,
        "round_trips": outcome.traffic.round_trips,
        "seconds": round(outcome.seconds, 3),
    }


def _finish(outcomes: Sequence[PollOutcome], *, problems: bool) -> None:
    good = [outcome for outcome in outcomes if outcome.is_ok]
    if len(good) < len(outcomes) or problems:
        raise typer.Exit(DONE_IN_PART if good else FAILED)
