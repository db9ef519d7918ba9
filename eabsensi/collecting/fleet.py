"""The fleet as devices.yaml and the database together know it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from eabsensi.clock import Clock
from eabsensi.devices.registry import Device, read_registry
from eabsensi.devices.session import Transport
from eabsensi.errors import Problem
from eabsensi.settings import Settings
from eabsensi.store.connection import Connection
from eabsensi.store.database import Store
from eabsensi.store.dependents import mark_device
from eabsensi.store.devices import StoredDevice, list_devices, sync_devices
from eabsensi.store.people import load_units


@dataclass(frozen=True, slots=True)
class LoadedFleet:
    """What the registry gave.

    Attributes:
        devices: the enabled terminals.
        disabled: those that are registered but not read.
        problems: entries that could not be taken; the others go on.

    """

    devices: list[StoredDevice]
    disabled: list[StoredDevice]
    problems: list[Problem]


def load_fleet(settings: Settings, store: Store, clock: Clock) -> LoadedFleet:
    """Read devices.yaml and bring the database's list of devices in line with it.

    A terminal whose entry has a mistake stays as it was; so do all of them where the file cannot be read.

    Raises:
        DatabaseUnavailableError: the database is away.

    """
    registry = read_registry(settings.devices_file)
    with store.begin() as connection:
        listed, unplaced = _placed(connection, registry.devices, settings)
        problems = [*registry.problems, *unplaced]
        doubtful = registry.refused | {device.serial for device in registry.devices} - {d.serial for d in listed}
        kept = [device for device in _unlisted(connection, listed) if registry.unreadable or device.serial in doubtful]
        before = {device.id: device for device in list_devices(connection)}
        stored = sync_devices(connection, [*listed, *kept], clock.now())
        _mark_changed(connection, before, stored, clock.now())
    return LoadedFleet(
        devices=[device for device in stored if device.enabled],
        disabled=[device for device in stored if not device.enabled],
        problems=problems,
    )


def _mark_changed(
    connection: Connection, before: Mapping[int, StoredDevice], stored: list[StoredDevice], now: datetime
) -> None:
    """Have open days judged again where a terminal that they waited for was disabled, enabled or moved."""
    for device in stored:
        known = before.get(device.id)
        if known and (known.enabled, known.unit_code) != (device.enabled, device.unit_code):
            mark_device(connection, device.id, now.date(), "device changed", left=known.unit_code)


def _placed(
    connection: Connection,
    devices: list[Device],
    settings: Settings,
) -> tuple[list[Device], list[Problem]]:
    """Take out the devices whose unit is not known."""
    known = set(load_units(connection))
    problems = [
        Problem(
            f"{settings.devices_file} device {device.serial} key unit",
            f"there is no unit {device.unit}.",
            "Import it with `eabsensi unit import`, or correct the code.",
        )
        for device in devices
        if device.unit not in known
    ]
    return [device for device in devices if device.unit in known], problems


def _unlisted(connection: Connection, listed: list[Device]) -> list[Device]:
    serials = {device.serial for device in listed}
    return [
        Device(
            serial=stored.serial,
            unit=stored.unit_code,
            name=stored.name,
            host=stored.host,
            port=stored.port,
            transport=cast("Transport", stored.transport),
            timezone=stored.timezone,
            encoding=stored.encoding,
            comm_key=stored.comm_key_name,
            live=stored.live,
            enabled=stored.enabled,
            in_use_since=stored.in_use_since,
        )
        for stored in list_devices(connection, enabled_only=True)
        if stored.serial not in serials
    ]
