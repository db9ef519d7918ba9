"""The terminals as the database knows them; ``devices.yaml`` is where they are written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, case, func, null, or_, select, true, update
from sqlalchemy.dialects.postgresql import Insert, insert

from eabsensi.devices.registryentry import Device
from eabsensi.errors import EabsensiError
from eabsensi.store.inuse import known_uses, local_date, settle_use
from eabsensi.store.tables import device, unit


class UnknownUnitError(EabsensiError):
    """A device stands in a unit that nobody has imported."""


@dataclass(frozen=True, slots=True)
class StoredDevice:
    """A terminal: what ``devices.yaml`` says, below ``disabled_at`` what it said of itself, then since when it is used.

    ``in_use_from`` is what its punches show (None: nobody has looked yet), ``in_use_since`` what a person states.
    """

    id: int
    serial: str
    unit_code: str
    name: str
    host: str
    port: int
    transport: str
    timezone: str
    encoding: str
    comm_key_name: str | None
    live: bool
    enabled: bool
    disabled_at: datetime | None
    platform: str | None
    firmware: str | None
    model: str | None
    mac: str | None
    record_capacity: int | None
    user_capacity: int | None
    registered_at: datetime
    in_use_from: date | None
    in_use_since: date | None
    in_use_known_at: datetime | None
    moved_on: date | None


def sync_devices(conn: Connection, devices: Sequence[Device], now: datetime) -> list[StoredDevice]:
    """Make the database's devices those of ``devices.yaml``; one that is gone is disabled, never removed.

    Args:
        conn: in a transaction.
        devices: all entries.
        now: the present instant, for ``registered_at`` and ``disabled_at``.

    Returns:
        Every device the database knows, by serial.

    Raises:
        UnknownUnitError: an entry names a unit that is not there; nothing is changed.

    """
    _check_units(conn, devices)
    before = known_uses(conn)
    _note_moves(conn, devices, now)
    if devices:
        conn.execute(_UPSERT, [_listed(entry, now) for entry in devices])
    gone = device.c.serial.not_in([entry.serial for entry in devices]) if devices else true()
    disable = {"enabled": False, "live": False, "disabled_at": func.coalesce(device.c.disabled_at, now)}
    conn.execute(update(device).where(gone, or_(device.c.enabled, device.c.disabled_at.is_(None))).values(disable))
    settle_use(conn, before, now)
    return list_devices(conn)


def list_devices(conn: Connection, enabled_only: bool = False) -> list[StoredDevice]:
    """List the devices by serial."""
    query = select(device).order_by(device.c.serial)
    rows = conn.execute(query.where(device.c.enabled) if enabled_only else query).mappings()
    return [StoredDevice(**row) for row in rows]


def find_device(conn: Connection, serial: str) -> StoredDevice | None:
    """Find a device by its serial, its only identity."""
    row = conn.execute(select(device).where(device.c.serial == serial)).mappings().one_or_none()
    return StoredDevice(**row) if row is not None else None


def save_identity(
    conn: Connection,
    device_id: int,
    *,
    platform: str | None,
    firmware: str | None,
    model: str | None,
    mac: str | None,
    record_capacity: int | None,
    user_capacity: int | None,
) -> None:
    """Keep what a device says of itself; what it did not say this time stays as it was."""
    said = {
        "platform": platform,
        "firmware": firmware,
        "model": model,
        "mac": mac,
        "record_capacity": record_capacity,
        "user_capacity": user_capacity,
    }
    values = {name: value for name, value in said.items() if value is not None}
    if values:
        conn.execute(update(device).where(device.c.id == device_id).values(values))


def _note_moves(conn: Connection, devices: Sequence[Device], now: datetime) -> None:
    stands_in = {row.serial: row.unit_code for row in conn.execute(select(device.c.serial, device.c.unit_code))}
    for entry in devices:
        if stands_in.get(entry.serial, entry.unit) != entry.unit:
            moved_on = local_date(now, entry.timezone)
            conn.execute(update(device).where(device.c.serial == entry.serial).values(moved_on=moved_on))


def _upsert() -> Insert:
    statement = insert(device)
    listed = statement.excluded
    since = func.coalesce(device.c.disabled_at, listed.disabled_at)  # listed as disabled again, it keeps the first time
    changed: dict[str, object] = {name: listed[name] for name in _LISTED if name not in {"serial", "registered_at"}}
    changed["disabled_at"] = case((listed.enabled, null()), else_=since)
    return statement.on_conflict_do_update(index_elements=[device.c.serial], set_=changed)


_LISTED = (
    *("serial", "unit_code", "name", "host", "port", "transport", "timezone", "encoding", "comm_key_name"),
    *("live", "enabled", "disabled_at", "in_use_since", "registered_at"),
)
_UPSERT = _upsert()


def _check_units(conn: Connection, devices: Sequence[Device]) -> None:
    wanted = {entry.unit for entry in devices}
    missing = wanted - set(conn.execute(select(unit.c.code).where(unit.c.code.in_(wanted))).scalars())
    if missing:
        entry = next(entry for entry in devices if entry.unit in missing)
        raise UnknownUnitError(
            f"Device {entry.serial} stands in unit {entry.unit}, which is not known"
            + (f" (nor are {', '.join(sorted(missing - {entry.unit}))})." if len(missing) > 1 else "."),
            remedy="Import the units first: `eabsensi unit import FILE`.",
        )


def _listed(entry: Device, now: datetime) -> dict[str, object]:
    return {
        "serial": entry.serial,
        "unit_code": entry.unit,
        "name": entry.name,
        "host": entry.host,
        "port": entry.port,
        "transport": entry.transport,
        "timezone": entry.timezone,
        "encoding": entry.encoding,
        "comm_key_name": entry.comm_key,
        "live": entry.live,
        "enabled": entry.enabled,
        "disabled_at": None if entry.enabled else now,
        "in_use_since": entry.in_use_since,
        "registered_at": now,
    }
