"""A city whose evidence is sealed: some of every kind, brought in over an hour by what brings it in the field."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import text

from eabsensi.clock import SystemClock
from eabsensi.devices.attlog import Layout, Punch, UnreadableRecord
from eabsensi.devices.logposition import Continuity, LogPosition, LogReading
from eabsensi.devices.registry import Device
from eabsensi.sealing.heads import head_at, parse_head
from eabsensi.sealing.sealer import seal_evidence
from eabsensi.sealing.verifying import Verification, verify_evidence
from eabsensi.store.connection import Connection
from eabsensi.store.database import Store
from eabsensi.store.devicelog import load_device_log
from eabsensi.store.devices import sync_devices
from eabsensi.store.documents import Document, approve_document, file_documents, revoke_document
from eabsensi.store.ingest import import_dump, record_poll
from eabsensi.store.issues import IssuedPaper, keep_issue
from eabsensi.store.loggaps import GapCause, LogGap, note_gaps
from eabsensi.store.people import Employee, Unit, load_employees, save_employees, save_units
from eabsensi.store.periods import Addendum, Period, add_addenda, add_period
from eabsensi.store.pollkeeping import PollFacts
from eabsensi.store.rosters import lock_rosters, save_rosters
from eabsensi.store.seals import RetiredMonth, Seal, note_retired_month
from eabsensi.store.trail import NewTrailRow, add_trail_row

START = datetime(2026, 3, 2, 0, 0, tzinfo=UTC)
MARCH = date(2026, 3, 1)
NIP = "198503172010012003"
MINUTE = timedelta(minutes=1)


class HandClock(SystemClock):
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.at = START

    def now(self) -> datetime:
        return self.at


class SealedCity:
    """One unit, one person, two terminals."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.clock = HandClock()
        with store.begin() as connection:
            save_units(connection, [Unit("DINKES", "Dinas Kesehatan", None, "Dinas", "5-day", None)])
            save_employees(connection, [Employee(NIP, "Dr. Sari Wulandari", "PNS", "", "")])
            self.employee_id = load_employees(connection, [NIP])[NIP][0]
            listed = [
                Device(serial=serial, unit="DINKES", name=f"Lobi {serial}", host="127.0.0.1", port=4370)
                for serial in ("CJDE0001", "CJDE0002")
            ]
            self.devices = [device.id for device in sync_devices(connection, listed, START)]

    # --- what time brings ---------------------------------------------------------------------------------------

    def pass_by(self, span: timedelta = MINUTE) -> datetime:
        """Let time pass."""
        self.clock.at += span
        return self.clock.at

    def poll(
        self,
        *punches: Punch,
        device: int = 0,
        unreadable: Sequence[UnreadableRecord] = (),
        quarantined: tuple[bytes, str] | None = None,
        connection: Connection | None = None,
    ) -> None:
        """Read one terminal, now; in a transaction of a test's own where one is given."""
        if connection is None:
            with self.store.begin() as own:
                return self.poll(
                    *punches, device=device, unreadable=unreadable, quarantined=quarantined, connection=own
                )
        device_id, now = self.devices[device], self.clock.at
        log = load_device_log(connection, device_id)
        records = len(punches) + len(unreadable) + (log.position.records if log.position else 0)
        position = LogPosition(Layout.FORTY, records * 40, records, b"anchor", b"head", tail_ok=True)
        record_poll(
            connection,
            PollFacts(device_id, "test", now - MINUTE, now, "tail", "ok", clock_offset_seconds=1.5),
            timezone="Asia/Jakarta",
            log_version=log.version,
            reading=LogReading(Continuity.TAIL, list(punches), list(unreadable), position),
            quarantined=quarantined,
        )
        return None

    def dump(self, *punches: Punch, device: int = 0) -> None:
        """Bring a terminal's USB dump."""
        with self.store.begin() as connection:
            import_dump(connection, self.devices[device], "Asia/Jakarta", punches, (), self.clock.at)

    def fill(self) -> None:
        """Bring some of every kind of evidence, sealing six times on the way, the last time two hours later."""
        self.poll(touch("07:01:00"), touch("07:02:00", "8"))
        self.dump(touch("07:03:00"), touch("07:04:00", "8"), device=1)
        self.seal()
        self.pass_by()
        self.poll(touch("07:03:00"), device=1)  # met in the log after the dump
        self.poll(touch("07:05:00"), unreadable=[UnreadableRecord(b"31 Feb", "no such day", "9")])
        self.seal()
        self.pass_by()
        self.poll(touch("07:06:00"), quarantined=(b"what is this", "no layout fits"))
        self.file_papers()
        self.seal()
        self.pass_by()
        self.close_month()
        self.seal()
        self.pass_by()
        self.look_in()
        self.poll(touch("07:07:00", "8"), touch("07:08:00"))
        self.seal()
        self.pass_by(timedelta(hours=2))
        self.poll(touch("09:09:00"))
        self.seal()

    def file_papers(self) -> None:
        """File three papers, one approved and one revoked; note what a log lost; and change a roster."""
        with self.store.begin() as connection:
            by, at = "operator", self.clock.at
            days = (date(2026, 3, day) for day in (3, 4, 5))
            papers = [Document(self.employee_id, None, "annual_leave", day, day) for day in days]
            ids = file_documents(connection, papers, by=by, at=at)
            approve_document(connection, ids[1], by="hr", at=at)
            revoke_document(connection, ids[2], by="hr", reason="wrong dates", at=at)
            gap = LogGap(self.devices[0], "7", at - MINUTE, at, GapCause.MISDATED)
            note_gaps(connection, [gap], poll_id=None, noted_at=at)
            lock_rosters(connection)
            save_rosters(connection, {(self.employee_id, date(2026, 3, 6)): ("P",)}, by=by, at=at)
            save_rosters(connection, {(self.employee_id, date(2026, 3, 6)): ("S", "M")}, by=by, at=at)

    def close_month(self) -> None:
        """Close February, and learn something about it."""
        on, at = date(2026, 2, 27), self.clock.at
        february = date(2026, 2, 1)
        with self.store.begin() as connection:
            closing = Period("DINKES", february, 1, "closed", on, at, "hr", "", "0" * 64, "1")
            add_period(connection, closing, {self.employee_id: {"days": [{"status": "present"}]}})
            later = Addendum("DINKES", february, 1, self.employee_id, on, None, {"status": "absent"}, at, "late paper")
            add_addenda(connection, [later])
            note_retired_month(connection, RetiredMonth(date(2020, 1, 1), 0, at, "root", "older than five years"))

    def look_in(self) -> None:
        """Look at a person's days and take a paper home."""
        at = self.clock.at
        with self.store.begin() as connection:
            row = NewTrailRow(at, "hr", "hr", "view", "DINKES", NIP, "person", "10.1.2.3", {"month": "2026-03"})
            add_trail_row(connection, row)
            paper = ("daily", "Laporan Harian", "2026-03-02", "DINKES", at, "f" * 64, 1, "pdf", "hr", at)
            keep_issue(connection, IssuedPaper("A1B2-C3D4", *paper))

    # --- what is asked ------------------------------------------------------------------------------------------

    def seal(self, since: datetime | None = None) -> list[Seal]:
        return seal_evidence(self.store, self.clock, since=since)

    def verify(self, *, head: str | None = None, since: datetime | None = None) -> Verification:
        return verify_evidence(self.store, since=since, head=parse_head(head) if head else None)

    def head(self) -> str:
        with self.store.begin() as connection:
            return head_at(connection) or ""

    def count(self, table: str) -> int:
        with self.store.begin() as connection:
            return int(connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())


def touch(clock: str, pin: str = "7", *, on: str = "2026-03-02") -> Punch:
    """Give the punch of a pin at a time of day."""
    return Punch(pin, datetime.fromisoformat(f"{on}T{clock}"), 1, 0, None, f"{pin} {on} {clock}".encode())
