"""How far each device's log has been read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ARRAY, Connection, Integer, Row, any_, bindparam, select, text

from eabsensi.devices.attlog import Layout
from eabsensi.devices.logposition import LogPosition
from eabsensi.store.tables import device_log


@dataclass(frozen=True, slots=True)
class DeviceLog:
    """One device's log as it is known.

    Attributes:
        device_id: which device.
        version: counts the readings; 0 before the first. Whoever ingests has to name the one that was loaded.
        generation: counts the clears of the log that were noticed, from 1.
        position: how far it has been read, or None before the first reading.
        records_on_device: how many records the device said it holds at the last poll.
        complete_through: the instant up to which it has surely been read.
        verified_at: when the anchor was last compared with the device's own bytes.
        last_full_at: when the whole log was last read and held against what is stored.
        last_audit_at: when it was last audited.

    """

    device_id: int
    version: int = 0
    generation: int = 1
    position: LogPosition | None = None
    records_on_device: int | None = None
    complete_through: datetime | None = None
    verified_at: datetime | None = None
    last_full_at: datetime | None = None
    last_audit_at: datetime | None = None


def load_device_log(conn: Connection, device_id: int) -> DeviceLog:
    """Give what is known of a device's log; of a device that was never polled, a fresh one."""
    return load_device_logs(conn, [device_id])[0]


def load_device_logs(conn: Connection, device_ids: Sequence[int]) -> list[DeviceLog]:
    """Give what is known of the logs of devices, in their order; see :func:`load_device_log`."""
    rows = conn.execute(_LOAD, {"device_ids": list(device_ids)})
    known = {row.device_id: _device_log(row) for row in rows}
    return [known.get(device_id) or DeviceLog(device_id) for device_id in device_ids]


_LOAD = select(device_log).where(device_log.c.device_id == any_(bindparam("device_ids", type_=ARRAY(Integer))))


def _device_log(row: Row[tuple[object, ...]]) -> DeviceLog:
    return DeviceLog(
        device_id=row.device_id,
        version=row.version,
        generation=row.generation,
        position=_position(row),
        records_on_device=row.records_on_device,
        complete_through=row.complete_through,
        verified_at=row.verified_at,
        last_full_at=row.last_full_at,
        last_audit_at=row.last_audit_at,
    )


_COUNT = text("""
    SELECT (SELECT count(*) FROM punch WHERE device_id = log.device_id AND generation IS NOT NULL)
         + (SELECT count(*) FROM punch_sighting WHERE device_id = log.device_id)
         + (SELECT count(*) FROM unreadable_record WHERE device_id = log.device_id AND generation IS NOT NULL)
    FROM device_log AS log WHERE device_id = :device_id
""")


def count_stored(conn: Connection, device_id: int) -> int:
    """Count the records, readable or not, that a device's log has ever shown.

    An audit compares it with the device's own count; a log that wraps, was cut at its head or cleared holds fewer than
    this. Those of the present generation alone would not do: a log that was restored holds some of an earlier one.
    """
    return conn.execute(_COUNT, {"device_id": device_id}).scalar() or 0


def _position(row: Row[tuple[object, ...]]) -> LogPosition | None:
    if row.layout is None:
        return None
    return LogPosition(
        layout=Layout(row.layout),
        body_bytes=row.body_bytes,
        records=row.records,
        anchor=row.anchor,
        head=row.head,
        ring_bytes=row.ring_bytes,
        carry=row.carry,
        tail_ok=row.tail_ok,
    )
