"""Events heard live: provisional, apart from punches, until the log has been read past them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ARRAY, Connection, delete, func, insert, literal, select
from sqlalchemy.types import TypeEngine

from eabsensi.devices.attlog import Punch
from eabsensi.store.placing import WallClock
from eabsensi.store.tables import live_event


def save_events(conn: Connection, device_id: int, timezone: str, events: Sequence[Punch], heard_at: datetime) -> None:
    """Keep events as they were heard; one heard twice stands twice and changes no evidence.

    Args:
        conn: in a transaction.
        device_id: which device spoke.
        timezone: the device's.
        events: what it said.
        heard_at: when, an aware instant.

    """
    if not events:
        return
    clock, columns = WallClock(timezone), live_event.c
    arrays: dict[str, list[object]] = {
        "pin": [event.pin for event in events],
        "device_time": [event.device_time for event in events],
        "verify_mode": [event.verify_mode for event in events],
        "punch_state": [event.punch_state for event in events],
        "punched_at": [clock.at(event.device_time) for event in events],
        "raw": [event.raw for event in events],
    }
    incoming = func.unnest(*(_array(values, columns[name].type) for name, values in arrays.items()))
    rows = incoming.table_valued(*arrays).render_derived()
    query = select(*(rows.c[name] for name in arrays), literal(device_id), literal(heard_at, columns.heard_at.type))
    conn.execute(insert(live_event).from_select([*arrays, "device_id", "heard_at"], query))


def last_heard(conn: Connection) -> dict[int, datetime]:
    """Tell when each device was last heard live, by its id; one that was not heard of late is left out."""
    columns = live_event.c
    query = select(columns.device_id, func.max(columns.heard_at).label("heard_at")).group_by(columns.device_id)
    return {row.device_id: row.heard_at for row in conn.execute(query)}


def forget_events(conn: Connection, before: datetime) -> int:
    """Remove the events heard before an instant; the log holds what they announced. Give how many there were."""
    return conn.execute(delete(live_event).where(live_event.c.heard_at < before)).rowcount


def _array(values: list[object], kind: TypeEngine[object]) -> object:
    return literal(values, ARRAY(kind))
