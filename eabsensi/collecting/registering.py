"""Registering a unit's terminal: probe it first, refuse what cannot be right, then write it down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from eabsensi.clock import Clock
from eabsensi.collecting.fleet import load_fleet
from eabsensi.collecting.terminal import ClockReading, read_clock
from eabsensi.collecting.visiting import Visit
from eabsensi.devices.attlog import Layout
from eabsensi.devices.probing import DeviceProbe, probe_log
from eabsensi.devices.registry import Device, add_device, read_registry
from eabsensi.devices.session import Endpoint, Session
from eabsensi.devices.users import DeviceUser
from eabsensi.errors import EabsensiError
from eabsensi.settings import Settings
from eabsensi.store.database import Store
from eabsensi.store.devices import StoredDevice, find_device, save_identity
from eabsensi.store.deviceslots import SeenUser, known_layout, save_users
from eabsensi.store.matching import TerminalUser, UserMatch, match_users, unit_exists

PROBE_SECONDS: Final = 180.0


class RegistrationRefusedError(EabsensiError):
    """The terminal cannot be registered as asked."""


@dataclass(frozen=True, slots=True)
class TerminalProbe:
    """A terminal before registration.

    Attributes:
        device: what it told about itself.
        clock: its clock against ours.
        matches: its users, each with the employee that its PIN is enrolled for, if any.
        layout: of its log, as it shows now or as it was read before; None where it was always empty.

    """

    device: DeviceProbe
    clock: ClockReading
    matches: list[UserMatch]
    layout: Layout | None = None

    @property
    def names_slots(self) -> bool:
        """Whether its records name a person by the slot instead of the user id."""
        return self.layout is not None and self.layout.names_slots

    @property
    def differing(self) -> int:
        """How many of its users have another slot than their user id."""
        return sum(str(user.slot) != user.user_id for user in self.device.users)

    @property
    def matched(self) -> int:
        """How many of its users are known employees."""
        return sum(match.nip is not None for match in self.matches)


def probe_terminal(
    endpoint: Endpoint,
    clock: Clock,
    *,
    timezone: str,
    store: Store | None,
    visit: Visit,
    expected_serial: str | None = None,
) -> TerminalProbe:
    """Connect to a terminal, ask who it is, and look at its clock, log and users. Nothing is written anywhere.

    Args:
        endpoint: where it is.
        clock: tells the time.
        timezone: in which the terminal's clock runs.
        store: to match its users with employees; None to leave that out.
        visit: holds the lease of the terminal that is registered there, if any.
        expected_serial: of the terminal that is meant; None where any will do.

    Raises: as :class:`Session`, :meth:`Session.require_serial` and :meth:`Visit.recognise`.

    """
    with Session(endpoint, deadline=visit.deadline(PROBE_SECONDS), stop=visit.stop) as session:
        if expected_serial is not None:
            session.require_serial(expected_serial)
        identity = session.identity()
        if visit.recognise(identity.serial):
            session.extend(visit.deadline(PROBE_SECONDS))
        clock_reading = read_clock(session, clock, timezone)
        sizes = session.sizes()
        local = clock.now().astimezone(ZoneInfo(timezone)).replace(tzinfo=None)
        not_after = local + timedelta(seconds=max(0.0, clock_reading.offset_seconds or 0.0))
        log = probe_log(session, sizes, not_after=not_after)
        users = session.users()
    shown = _shown_time(clock_reading, timezone)
    probe = DeviceProbe(identity, shown, sizes, log, users)
    layout = log.layout or _layout_before(store, identity.serial)
    return TerminalProbe(probe, clock_reading, _match(store, identity.serial, users, layout, clock), layout)


def require_unit(store: Store, unit: str) -> None:
    """Make sure of the unit that a terminal is to stand in, before anybody talks to the terminal.

    Raises:
        RegistrationRefusedError: there is no such unit.

    """
    with store.begin() as connection:
        is_known = unit_exists(connection, unit)
    if not is_known:
        raise RegistrationRefusedError(
            f"There is no unit {unit}.",
            remedy="Look with `eabsensi unit list`, or add it with `eabsensi unit import`.",
        )


def check_registration(settings: Settings, store: Store, device: Device, expected_serial: str | None) -> None:
    """Refuse what cannot be right, before anything is written.

    Args:
        settings: names devices.yaml.
        store: knows the units.
        device: as probed and as it would be registered.
        expected_serial: the serial that the person read off the terminal; None where none was given.

    Raises:
        RegistrationRefusedError: wrong or missing serial, unknown unit, or registered already.

    """
    if not device.serial:
        raise RegistrationRefusedError(
            "The terminal gives no serial number.",
            remedy="Without one its punches cannot be told from another's; it cannot be registered.",
        )
    if expected_serial is not None and expected_serial != device.serial:
        raise RegistrationRefusedError(
            f"{device.host} answers as {device.serial}, not as {expected_serial}.",
            remedy="Compare with the label on the terminal, and correct the address or the serial.",
        )
    require_unit(store, device.unit)
    _refuse_duplicate(read_registry(settings.devices_file).devices, device)


def register(settings: Settings, store: Store, clock: Clock, device: Device, probe: TerminalProbe) -> StoredDevice:
    """Write a terminal into devices.yaml and the database.

    Returns:
        The device as stored.

    Raises:
        RegistrationRefusedError: somebody registered it meanwhile.
        SettingsError: devices.yaml cannot be written.

    """
    add_device(settings.devices_file, device)
    load_fleet(settings, store, clock)
    with store.begin() as connection:
        stored = find_device(connection, device.serial)
        if stored is None:
            raise RegistrationRefusedError(f"{device.serial} was written but not taken up from devices.yaml.")
        save_probe(store, stored, probe)
    return stored


def save_probe(store: Store, stored: StoredDevice, probe: TerminalProbe) -> None:
    """Keep what a terminal told about itself, and the names of its users."""
    identity, sizes = probe.device.identity, probe.device.sizes
    with store.begin() as connection:
        save_identity(
            connection,
            stored.id,
            platform=identity.platform,
            firmware=identity.firmware,
            model=identity.model,
            mac=identity.mac,
            record_capacity=sizes.record_capacity,
            user_capacity=sizes.user_capacity,
        )
        users = (SeenUser(user.user_id, user.name, user.slot) for user in probe.device.users)
        save_users(connection, stored.id, users, probe.clock.at)


def _refuse_duplicate(registered: Sequence[Device], device: Device) -> None:
    for other in registered:
        if other.serial == device.serial:
            raise RegistrationRefusedError(
                f"{device.serial} is registered already, for unit {other.unit} at {other.host}:{other.port}.",
                remedy="If it moved, edit its entry in devices.yaml and reload.",
            )
        if (other.host, other.port, other.transport) == (device.host, device.port, device.transport):
            raise RegistrationRefusedError(
                f"{device.host}:{device.port} is registered for {other.serial}, but {device.serial} answers there.",
                remedy=f"If it was replaced, run `eabsensi device remove {other.serial}` first; its punches stay.",
            )


def _shown_time(reading: ClockReading, timezone: str) -> datetime | None:
    if reading.offset_seconds is None:
        return None
    shown = reading.at + timedelta(seconds=reading.offset_seconds)
    return shown.astimezone(ZoneInfo(timezone)).replace(tzinfo=None, microsecond=0)


def _layout_before(store: Store | None, serial: str) -> Layout | None:
    if store is None:
        return None
    with store.begin() as connection:
        return known_layout(connection, serial)


def _match(
    store: Store | None, serial: str, users: list[DeviceUser], layout: Layout | None, clock: Clock
) -> list[UserMatch]:
    seen = [TerminalUser(user.pin_in(layout), user.name, user.user_id) for user in users]
    if store is None:
        return [UserMatch(user.pin, user.name, user_id=user.user_id) for user in seen]
    with store.begin() as connection:
        return match_users(connection, serial, seen, clock.now().date())
