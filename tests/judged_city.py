"""A small city in a real database, filled behind the store's back, row by row as a test needs it."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import psycopg

from eabsensi.assessing.daily import DayAssessment, PersonDay, assess_day
from eabsensi.law.loader import load_policy
from eabsensi.store.database import Store

POLICY = load_policy()
JAKARTA = ZoneInfo("Asia/Jakarta")
ON = date(2026, 11, 24)
SINCE_EVER = datetime(1990, 1, 1, tzinfo=JAKARTA)  # of a device of which a test has nothing to tell


def at(clock: str, on: date = ON, zone: ZoneInfo = JAKARTA) -> datetime:
    """Give ``HH:MM`` or ``HH:MM:SS`` of a date as an instant."""
    return datetime.fromisoformat(f"{on} {clock}").replace(tzinfo=zone)


END = at("00:00", ON + timedelta(days=1))
MORNING_AFTER = END + timedelta(hours=6)


class City:
    """Writes the city's rows and asks for a day's verdicts."""

    def __init__(self, store: Store, owner: psycopg.Connection) -> None:
        self.store = store
        self.owner = owner

    def unit(self, code: str, parent: str | None = None, pattern: str = "5-day", timezone: str | None = None) -> None:
        self.owner.execute(
            "INSERT INTO unit (code, name, parent_code, pattern, timezone) VALUES (%s, %s, %s, %s, %s)",
            (code, f"Unit {code}", parent, pattern, timezone),
        )

    def device(
        self,
        unit: str,
        serial: str,
        timezone: str = "Asia/Jakarta",
        enabled: bool = True,
        disabled_at: datetime | None = None,
        *,
        registered_at: datetime = SINCE_EVER,
    ) -> int:
        row = self.owner.execute(
            "INSERT INTO device"
            " (serial, unit_code, name, host, port, transport, timezone, encoding, live, enabled, disabled_at,"
            " registered_at)"
            " VALUES (%s, %s, %s, '127.0.0.1', 4370, 'tcp', %s, 'utf-8', false, %s, %s, %s) RETURNING id",
            (serial, unit, f"mesin {serial}", timezone, enabled, disabled_at, registered_at),
        ).fetchone()
        return row[0]

    def person(self, nip: str, unit: str, since: date = date(2020, 1, 1), until: date | None = None) -> int:
        """Add a person, or one more posting of a known one."""
        row = self.owner.execute(
            "INSERT INTO employee (nip, name, kind) VALUES (%s, %s, 'PNS')"
            " ON CONFLICT (nip) DO UPDATE SET nip = excluded.nip RETURNING id",
            (nip, f"Pegawai {nip}"),
        ).fetchone()
        self.owner.execute(
            "INSERT INTO posting (employee_id, unit_code, valid_during) VALUES (%s, %s, daterange(%s, %s))",
            (row[0], unit, since, until),
        )
        return row[0]

    def enrol(self, employee: int, pin: str, device: int | None = None, since: date = date(2020, 1, 1)) -> None:
        self.owner.execute(
            "INSERT INTO enrolment (device_id, pin, employee_id, valid_during)"
            " VALUES (%s, %s, %s, daterange(%s, NULL))",
            (device, pin, employee, since),
        )

    def poll(
        self,
        device: int,
        finished_at: datetime,
        through: datetime | None = None,
        outcome: str = "ok",
        offset: float = 0.0,
    ) -> None:
        """Add a poll; a good one is complete through its own end unless told otherwise."""
        good = outcome == "ok"
        self.owner.execute(
            "INSERT INTO poll (device_id, collector, started_at, finished_at, mode, outcome, records_read, punches_new,"
            " bytes_sent, bytes_received, round_trips, clock_offset_seconds, complete_through)"
            " VALUES (%s, 'test', %s, %s, 'tail', %s, 0, 0, 0, 0, 0, %s, %s)",
            (
                device,
                finished_at,
                finished_at,
                outcome,
                offset if good else None,
                (through or finished_at) if good else None,
            ),
        )

    def punch(
        self,
        device: int,
        pin: str,
        punched_at: datetime,
        *,
        received_at: datetime | None = None,
        offset: float = 0.0,
        zone: ZoneInfo = JAKARTA,
        source: str = "log",
    ) -> None:
        received_at = received_at or punched_at + timedelta(minutes=3)
        self.owner.execute(
            "INSERT INTO punch"
            " (device_id, pin, device_time, ordinal, punched_at, source, clock_offset_seconds, received_at, raw)"
            " VALUES (%s, %s, %s, 0, %s, %s, %s, %s, '')",
            (device, pin, punched_at.astimezone(zone).replace(tzinfo=None), punched_at, source, offset, received_at),
        )

    def live(self, device: int, pin: str, punched_at: datetime, heard_at: datetime | None = None) -> None:
        self.owner.execute(
            "INSERT INTO live_event (device_id, pin, device_time, punched_at, heard_at, raw)"
            " VALUES (%s, %s, %s, %s, %s, '')",
            (device, pin, punched_at.astimezone(JAKARTA).replace(tzinfo=None), punched_at, heard_at or punched_at),
        )

    def day(self, as_of: datetime = MORNING_AFTER, on: date = ON, unit: str | None = None) -> DayAssessment:
        with self.store.begin() as connection:
            return assess_day(connection, POLICY, on, as_of=as_of, unit=unit)

    def row(self, nip: str, as_of: datetime = MORNING_AFTER, on: date = ON) -> PersonDay:
        (found,) = (row for row in self.day(as_of, on).rows if row.person.nip == nip)
        return found

    def why(self, nip: str, as_of: datetime = MORNING_AFTER, on: date = ON) -> str:
        return "; ".join(reason.text() for reason in self.row(nip, as_of, on).verdict.reasons)
