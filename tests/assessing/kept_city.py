"""A city whose terminals deliver and whose verdicts are kept, moved through time by a test."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import psycopg
from judged_city import JAKARTA, POLICY, City
from sqlalchemy import text

from eabsensi.assessing.assessor import Assessor
from eabsensi.assessing.keeping import Kept, rebuild
from eabsensi.assessing.ranges import assess_range
from eabsensi.clock import SystemClock
from eabsensi.store.database import Store
from eabsensi.store.dependents import LogAdvance, mark_coverage
from eabsensi.store.dirty import mark_touched
from eabsensi.store.inuse import note_use
from eabsensi.store.verdicts import StoredVerdict, load_versions


class StillClock(SystemClock):
    """A clock that stands where a test puts it."""

    def __init__(self) -> None:
        self.at = datetime(2026, 11, 1, tzinfo=UTC)

    def now(self) -> datetime:
        return self.at.astimezone(UTC)


class KeptCity(City):
    """Delivers as a poll does, marks in the same transaction, and judges when told to."""

    def __init__(self, store: Store, owner: psycopg.Connection) -> None:
        super().__init__(store, owner)
        self.clock = StillClock()
        self.zones: dict[int, ZoneInfo] = {}
        self.read_through: dict[int, datetime] = {}
        self.assessor = Assessor(store, self.clock, None, batch=300)

    def deliver(
        self, device: int, at: datetime, touches: Iterable[tuple[str, datetime]] = (), offset: float = 0.0
    ) -> None:
        """Let a device be read at an instant: (PIN, recorded instant) of each punch, everything in one transaction."""
        zone = self.zones.get(device, JAKARTA)
        rows = [(pin, recorded, recorded.astimezone(zone).replace(tzinfo=None)) for pin, recorded in touches]
        common = {"device": device, "at": at, "offset": offset}
        punches = [
            common | {"pin": pin, "time": device_time, "punched_at": recorded, "ordinal": number}
            for number, (pin, recorded, device_time) in enumerate(rows)
        ]
        with self.store.begin() as connection:
            if punches:
                connection.execute(_PUNCH, punches)
            connection.execute(_POLL, common)
            touched = {(pin, time.date()) for pin, _, time in rows}
            note_use(connection, device, touched, at)
            mark_touched(connection, device, touched, "punch")
            mark_coverage(connection, [LogAdvance(device, self.read_through.get(device), at)])
        self.read_through[device] = at

    def judge(self, at: datetime) -> int:
        """Let the assessor do a round at an instant."""
        self.clock.at = at
        return self.assessor.run().judged

    def rebuild(self, first: date, last: date, **options: object) -> Kept:
        wanted = {"by": "test", "cause": "rebuild", "clock": self.clock} | options
        return rebuild(self.store, POLICY, first, last, **wanted)  # type: ignore[arg-type]  # keyword options of a test

    def versions(self, nip: str, on: date) -> list[StoredVerdict]:
        with self.store.begin() as connection:
            employee = connection.execute(text("SELECT id FROM employee WHERE nip = :nip"), {"nip": nip}).scalar_one()
            return load_versions(connection, employee, on)

    def told(self, nip: str, on: date) -> list[tuple[str, tuple[str, ...], bool]]:
        """Give status, codes and completeness of every version of a day."""
        return [(item.row.status, item.row.codes, item.row.complete) for item in self.versions(nip, on)]

    def waiting(self) -> int:
        return self.owner.execute("SELECT count(*) FROM dirty_day").fetchone()[0]

    def stored(self, first: date, last: date) -> dict[tuple[str, date], tuple[object, ...]]:
        """Give what is kept of each employee-day."""
        rows = self.owner.execute(
            "SELECT nip, on_date, unit_code, status, codes, in_at, out_at, late_minutes, early_minutes, complete,"
            " document FROM verdict JOIN employee ON employee.id = employee_id WHERE on_date BETWEEN %s AND %s",
            (first, last),
        )
        return {row[:2]: (*row[2:4], tuple(row[4]), *row[5:]) for row in rows}

    def judged(self, first: date, last: date) -> dict[tuple[str, date], tuple[object, ...]]:
        """Give the same, judged from nothing but the facts."""
        with self.store.begin() as connection:
            days = list(assess_range(connection, POLICY, first, last, as_of=self.clock.now()))
        return {(day.person.nip, day.verdict.workday.on): _shown(day) for day in days}


def _shown(day) -> tuple[object, ...]:
    verdict = day.verdict
    return (
        day.unit.code,
        verdict.status.value,
        verdict.codes,
        verdict.in_at,
        verdict.out_at,
        verdict.late_minutes,
        verdict.early_minutes,
        verdict.complete,
        verdict.document,
    )


_PUNCH = text("""
    INSERT INTO punch (device_id, pin, device_time, ordinal, punched_at, source, clock_offset_seconds, received_at, raw)
    VALUES (:device, :pin, :time, :ordinal, :punched_at, 'log', :offset, :at, '')
""")
_POLL = text("""
    INSERT INTO poll (device_id, collector, started_at, finished_at, mode, outcome, records_read, punches_new,
                      bytes_sent, bytes_received, round_trips, clock_offset_seconds, complete_through)
    VALUES (:device, 'test', :at, :at, 'tail', 'ok', 0, 0, 0, 0, 0, :offset, :at)
""")
