"""A terminal in the database, and words to say what its log brings."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import insert, select

from eabsensi.devices.attlog import Layout, Punch
from eabsensi.devices.logposition import Continuity, LogPosition, LogReading
from eabsensi.store.devicelog import load_device_log
from eabsensi.store.ingest import import_dump, record_poll
from eabsensi.store.pollkeeping import PollFacts
from eabsensi.store.tables import device, punch, unit

NOW = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)


class Terminal:
    """One device in the database, whose log is read as a collector would."""

    def __init__(self, store, device_id):
        self.store = store
        self.device_id = device_id

    def load(self):
        with self.store.begin() as conn:
            return load_device_log(conn, self.device_id)

    def facts(self, **changes):
        given = {"mode": "tail", "outcome": "ok"} | changes
        return PollFacts(device_id=self.device_id, collector="c1", started_at=NOW, finished_at=NOW, **given)

    def reading(self, continuity, punches, unreadable=()):
        before = self.load().position
        records = len(punches) + (before.records if before and continuity is Continuity.TAIL else 0)
        position = LogPosition(Layout.FORTY, records * 40, records, anchor=b"anchor", head=b"head", tail_ok=True)
        return LogReading(continuity, list(punches), list(unreadable), position)

    def read(self, continuity, punches, unreadable=(), **facts):
        reading = self.reading(continuity, punches, unreadable)
        version = self.load().version
        with self.store.begin() as conn:
            return record_poll(conn, self.facts(**facts), timezone="Asia/Jakarta", log_version=version, reading=reading)

    def tail(self, *punches, **facts):
        return self.read(Continuity.TAIL, punches, **facts)

    def reread(self, *punches, **facts):
        return self.read(Continuity.REREAD, punches, **facts)

    def restarted(self, *punches, **facts):
        return self.read(Continuity.RESTARTED, punches, **facts)

    def usb(self, *punches, unreadable=()):
        with self.store.begin() as conn:
            return import_dump(conn, self.device_id, "Asia/Jakarta", punches, unreadable, NOW)

    def stored(self):
        """List (pin, wall time, ordinal, source) of all punches in order."""
        columns = punch.c.pin, punch.c.device_time, punch.c.ordinal, punch.c.source
        with self.store.begin() as conn:
            rows = conn.execute(select(*columns).where(punch.c.device_id == self.device_id).order_by(*columns))
            return [(row.pin, f"{row.device_time:%H:%M:%S}", row.ordinal, row.source) for row in rows]


def touch(clock: str, pin: str = "7", *, state: int = 0, day: str = "2026-03-02") -> Punch:
    """Give the punch of a pin at a time of day."""
    time = datetime.fromisoformat(f"{day}T{clock}")
    return Punch(pin, time, 1, state, None, f"{pin} {day} {clock} {state}".encode())


def add_device(conn, serial: str, unit_code: str = "DINKES") -> int:
    """Register a device; its unit has to be there."""
    row = {
        "serial": serial,
        "unit_code": unit_code,
        "name": f"{serial}, lobi",
        "host": "10.20.3.4",
        "port": 4370,
        "transport": "tcp",
        "timezone": "Asia/Jakarta",
        "encoding": "utf-8",
        "live": False,
        "enabled": True,
    }
    return conn.execute(insert(device).values(row).returning(device.c.id)).scalar_one()


def add_unit(conn, code: str = "DINKES") -> None:
    """Register a unit."""
    conn.execute(insert(unit).values(code=code, name=f"Dinas {code}", pattern="5-day"))
