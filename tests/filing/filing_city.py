"""A city in which papers are filed: KOTA over DINKES (Budi, absent on ON) and DISDIK (Andi), and accounts at work."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from judged_city import ON, POLICY, City, at

from eabsensi.access.roles import Role, Viewer
from eabsensi.access.trail import entries
from eabsensi.assessing.keeping import rebuild
from eabsensi.filing.clerk import Clerk
from eabsensi.filing.papers import approve, file_document, revoke
from eabsensi.filing.wishes import DocumentWish
from eabsensi.law.wording import Language
from eabsensi.store.database import Store
from eabsensi.store.verdicts import StoredVerdict, load_verdicts

BUDI, ANDI = "198503172010012003", "197905052005011006"
TODAY = ON + timedelta(days=1)
UNITS = {"DINKES": frozenset({"DINKES"}), "DISDIK": frozenset({"DISDIK"})}


class StillClock:
    """Stands where a test puts it."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.at.timestamp()


class FilingCity(City):
    """Budi and Andi never punched; it is the morning after ON, and every terminal was just read."""

    def __init__(self, store: Store, owner) -> None:
        super().__init__(store, owner)
        self.clock = StillClock(at("06:00", TODAY))
        for code, parent in [("KOTA", None), ("DINKES", "KOTA"), ("DISDIK", "KOTA")]:
            self.unit(code, parent)
        self.devices = {code: self.device(code, f"SN-{code}") for code in ("DINKES", "DISDIK")}
        self.people = {BUDI: self.person(BUDI, "DINKES"), ANDI: self.person(ANDI, "DISDIK")}
        for number, employee in enumerate(self.people.values(), start=1):
            self.enrol(employee, str(number))
        for device in self.devices.values():
            self.poll(device, at("05:50", TODAY))

    def judge(self, first: date = ON - timedelta(days=7), last: date = TODAY) -> None:
        rebuild(self.store, POLICY, first, last, by="test", cause="test", clock=self.clock)
        self.clock.at += timedelta(minutes=1)

    def clerk(self, account: str, role: Role = Role.HR, unit: str | None = None, nip: str | None = None) -> Clerk:
        units = None if unit is None else UNITS[unit]
        return Clerk(Viewer(account, account.title(), role, unit, units, nip, Language.ID), POLICY, self.clock)

    @property
    def operator(self) -> Clerk:
        return self.clerk("operator", Role.OPERATOR, "DINKES")

    @property
    def hr(self) -> Clerk:
        return self.clerk("hr")

    def file(self, clerk: Clerk, **fields: str):
        wish = DocumentWish(**{"nip": BUDI, "kind": "annual_leave", "first": f"{ON}", "number": "851/7"} | fields)
        self.clock.at += timedelta(minutes=1)
        with self.store.begin() as connection:
            return file_document(connection, clerk, wish)

    def approve(self, clerk: Clerk, document_id: int):
        self.clock.at += timedelta(minutes=1)
        with self.store.begin() as connection:
            return approve(connection, clerk, document_id)

    def revoke(self, clerk: Clerk, document_id: int, reason: str = "tanggal salah"):
        self.clock.at += timedelta(minutes=1)
        with self.store.begin() as connection:
            return revoke(connection, clerk, document_id, reason)

    def standing(self, nip: str = BUDI, on: date = ON) -> StoredVerdict:
        with self.store.begin() as connection:
            [found] = load_verdicts(connection, on, on, employees=[self.people[nip]])
        return found

    def trail(self) -> list[tuple[str, str, str | None]]:
        """Give account, action and NIP of what was done, the first first."""
        with self.store.begin() as connection:
            return [(entry.account, entry.action, entry.nip) for entry in reversed(entries(connection))]

    def marks(self) -> int:
        return self.owner.execute("SELECT count(*) FROM dirty_day").fetchone()[0]
