"""eabsensi device: the terminals in devices.yaml; :mod:`eabsensi.cli.terminal` adds the commands that talk to one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import typer

from eabsensi.cli.options import JsonOption, SerialArgument
from eabsensi.cli.output import DONE_IN_PART, FAILED, say, show_fields, show_json, show_problems, show_table
from eabsensi.clock import SystemClock
from eabsensi.collecting.fleet import load_fleet
from eabsensi.devices.registry import Device, Registry, RegistryError, read_registry, remove_device, set_enabled
from eabsensi.devices.registryentry import nearest
from eabsensi.settings import Settings
from eabsensi.store.database import open_store
from eabsensi.store.devices import StoredDevice, find_device

app = typer.Typer(
    help="Terminals: add, probe, list, show, enable, disable, remove; who is on them; audit.", no_args_is_help=True
)


# --- what devices.yaml says ----------------------------------------------------------------------------------------


@app.command("list")
def list_command(*, as_json: JsonOption = False) -> None:
    """List the devices of devices.yaml; mistakes in it are reported with line and key."""
    registry = read_registry(Settings.load().devices_file)
    show_problems(registry.problems)
    if as_json:
        show_json([asdict(device) for device in registry.devices])
    elif registry.devices:
        headers = ("SERIAL", "UNIT", "NAME", "ADDRESS", "LIVE", "ENABLED")
        show_table(headers, [_listed(device) for device in registry.devices])
    elif not registry.problems:
        say("There are no devices yet. Add one with: eabsensi device add HOST --unit CODE")
    if registry.problems:
        raise typer.Exit(DONE_IN_PART if registry.devices else FAILED)


@app.command("show")
def show_command(serial: SerialArgument, *, as_json: JsonOption = False) -> None:
    """Show one device: what devices.yaml says, and what the terminal told about itself."""
    settings = Settings.load()
    registry = read_registry(settings.devices_file)
    with open_store(settings) as store, store.begin() as connection:
        stored = find_device(connection, serial)
    listed = next((device for device in registry.devices if device.serial == serial), None)
    if listed is None and stored is None:
        raise _unknown(serial, registry, settings.devices_file)
    fields = _shown(serial, listed, stored)
    if as_json:
        show_json(fields)
    else:
        show_fields(fields)
    if listed is None:
        show_problems(registry.problems)


# --- editing devices.yaml ------------------------------------------------------------------------------------------


@app.command("enable")
def enable_command(serial: SerialArgument) -> None:
    """Collect from a device (again)."""
    _edit(lambda path: set_enabled(path, serial, enabled=True))
    say(f"{serial} is enabled; a running collector takes it up when it reloads.")


@app.command("disable")
def disable_command(serial: SerialArgument) -> None:
    """Collect from a device no more; its entry and its punches stay."""
    _edit(lambda path: set_enabled(path, serial, enabled=False))
    say(f"{serial} is disabled; its punches stay. A running collector lets go of it when it reloads.")


@app.command("remove")
def remove_command(serial: SerialArgument) -> None:
    """Take a device out of devices.yaml; its punches stay."""
    _edit(lambda path: remove_device(path, serial))
    say(f"{serial} is removed from devices.yaml; its punches stay.")


def _edit(change: Callable[[Path], None]) -> None:
    """Change devices.yaml, then bring the database in line; without a database nothing is changed."""
    settings = Settings.load()
    with open_store(settings) as store:
        change(settings.devices_file)
        fleet = load_fleet(settings, store, SystemClock())
    show_problems(fleet.problems)


def _listed(device: Device) -> tuple[object, ...]:
    address = f"{device.host}:{device.port}" + (" udp" if device.transport == "udp" else "")
    return (device.serial, device.unit, device.name, address, device.live, device.enabled)


def _shown(serial: str, listed: Device | None, stored: StoredDevice | None) -> dict[str, object]:
    unlisted = {"serial": serial, "enabled": False, "in_use_since": getattr(stored, "in_use_since", None)}
    fields: dict[str, object] = asdict(listed) if listed else unlisted
    fields["listed"] = listed is not None
    told = (
        *("model", "platform", "firmware", "mac", "record_capacity", "user_capacity"),
        *("registered_at", "disabled_at", "in_use_from"),
    )
    return fields | {name: getattr(stored, name, None) for name in told}


def _unknown(serial: str, registry: Registry, path: Path) -> RegistryError:
    remedy = f"{nearest(serial, [device.serial for device in registry.devices])}eabsensi device list shows them."
    return RegistryError(f"There is no device {serial}, neither in {path} nor in the database.", remedy=remedy)
