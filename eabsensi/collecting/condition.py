"""What wants a person: terminals that fail, lag, fill up or show the wrong time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from eabsensi.devices.registry import read_registry
from eabsensi.errors import Problem, SettingsError
from eabsensi.settings import Settings, comm_key
from eabsensi.store.database import Store
from eabsensi.store.health import DeviceHealth, SlotState, device_health

#: For so long a loss is told; it stays in the verdicts that it concerns.
LOSS_TOLD: Final = timedelta(days=7)
STALE_AFTER: Final = timedelta(minutes=15)
CLOCK_SECONDS: Final = 60.0
LOG_WARNING, LOG_ALARM = 0.80, 0.95
DAYS_UNTIL_FULL: Final = 30.0
#: Slots are used again and renumbered: who sits where is not taken on trust for longer.
USERS_READ_AFTER: Final = timedelta(days=31)


@dataclass(frozen=True, slots=True)
class Condition:
    """A terminal's health and what is wrong with it.

    Attributes:
        health: the figures.
        alarms: one short phrase each; none when all is well.

    """

    health: DeviceHealth
    alarms: list[str]


def conditions(store: Store, now: datetime) -> list[Condition]:
    """Tell how every terminal is, by serial."""
    with store.begin() as connection:
        return [Condition(health, alarms_of(health, now)) for health in device_health(connection)]


def alarms_of(health: DeviceHealth, now: datetime) -> list[str]:
    """Name what is wrong with a terminal; a disabled one is not watched."""
    if not health.enabled:
        return []
    found = (
        _reading(health),
        _coverage(health, now),
        _clock(health),
        _capacity(health),
        _losses(health, now),
        _slots(health, now),
    )
    return [alarm for alarm in found if alarm]


def examine(settings: Settings, store: Store, now: datetime) -> list[Problem]:
    """Look over registry, comm keys and terminals, and say what to do about each."""
    registry = read_registry(settings.devices_file)
    problems = list(registry.problems)
    for device in registry.devices:
        if device.comm_key is not None:
            problems += _missing_key(device.serial, device.comm_key)
    for condition in conditions(store, now):
        where = f"device {condition.health.serial} ({condition.health.unit_code})"
        problems += [Problem(where, f"{alarm}.", condition.health.last_error or "") for alarm in condition.alarms]
    return problems


def _missing_key(serial: str, name: str) -> list[Problem]:
    try:
        comm_key(name)
    except SettingsError as error:
        return [Problem(f"device {serial}", str(error.args[0]), error.remedy)]
    return []


def _reading(health: DeviceHealth) -> str:
    if health.last_outcome in {None, "ok"}:
        return "" if health.last_outcome else "never read"
    times = "" if health.failures < 2 else f" ({health.failures} times)"
    return f"{health.last_outcome}{times}"


def is_told(at: datetime | None, now: datetime) -> bool:
    """Whether something that was found at an instant is still told."""
    return at is not None and now - at <= LOSS_TOLD


def _losses(health: DeviceHealth, now: datetime) -> str:
    told = (
        (health.restarted_at, "log restarted: it was cleared before it was read"),
        (health.misread_at, "unreadable or misdated records"),
    )
    return "; ".join(f"{what} ({at:%Y-%m-%d})" for at, what in told if at is not None and is_told(at, now))


def _coverage(health: DeviceHealth, now: datetime) -> str:
    if health.complete_through is None or now - health.complete_through <= STALE_AFTER:
        return ""
    return f"not read since {health.complete_through:%Y-%m-%d %H:%M} UTC"


def _clock(health: DeviceHealth) -> str:
    offset = health.clock_offset_seconds
    if offset is None or abs(offset) <= CLOCK_SECONDS:
        return ""
    return f"clock {abs(offset):,.0f} s {'fast' if offset > 0 else 'slow'}"


def _capacity(health: DeviceHealth) -> str:
    if health.records_on_device is None or not health.record_capacity:
        return ""
    filled = health.records_on_device / health.record_capacity
    if filled >= LOG_WARNING:
        return f"log {100 * filled:.0f}% full" + (": clear it after an audit" if filled >= LOG_ALARM else "")
    days = health.days_until_full
    return f"log full in {days:.0f} days" if days is not None and days < DAYS_UNTIL_FULL else ""


def _slots(health: DeviceHealth, now: datetime) -> str:
    """Tell where punches may reach the wrong person because records name slots and people type user ids."""
    slots = health.slots
    if slots is None:
        return ""
    ask = f"run eabsensi device users {health.serial}"
    if slots.read_at is None:
        return f"its records name slots, and its users were not read yet: {ask}"
    if slots.doubtful:
        which = "1 slot" if slots.doubtful == 1 else f"{slots.doubtful} slots"
        return f"punches of {which} may go to the wrong person: {ask}"
    days = (now - slots.read_at).days
    return f"its records name slots, and its users were last read {days} days ago: {ask}" if is_old(slots, now) else ""


def is_old(slots: SlotState, now: datetime) -> bool:
    """Tell whether who sits in which slot should be read again."""
    return slots.read_at is not None and now - slots.read_at > USERS_READ_AFTER
