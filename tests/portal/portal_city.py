"""A city with people, punches and an account for each role, and the portal serving it on a real socket."""

from __future__ import annotations

import contextlib
import re
import threading
from collections.abc import Iterator
from datetime import date, datetime, timedelta

import argon2
import httpx
import uvicorn
from judged_city import ON, POLICY, City, at

from eabsensi.access.accounts import WantedAccount, create_account
from eabsensi.access.doorkeeper import Doorkeeper
from eabsensi.access.passwords import Passwords
from eabsensi.access.roles import Role
from eabsensi.assessing.keeping import rebuild
from eabsensi.portal.app import create_app
from eabsensi.portal.desk import Desk
from eabsensi.portal.serving import configure, open_door
from eabsensi.store.database import Store
from eabsensi.store.roles import Role as DatabaseRole

BUDI, SITI, RINA, ANDI = "198503172010012003", "199001022015032004", "198801012012012005", "197905052005011006"
PASSWORD = "kuda-nil-berenang-pagi"
HASHER = argon2.PasswordHasher.from_parameters(argon2.profiles.CHEAPEST)
#: Username of each role's account; the operator and the leader belong to DINKES, the employee is Siti of PKM1.
ACCOUNTS = {
    "admin": (Role.ADMIN, None, None),
    "hr": (Role.HR, None, None),
    "hr2": (Role.HR, None, None),
    "leader": (Role.LEADER, "DINKES", None),
    "operator": (Role.OPERATOR, "DINKES", None),
    "siti": (Role.EMPLOYEE, None, SITI),
}
EVENING = at("20:00")


class StillClock:
    """Stands where a test puts it."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.at.timestamp()


class PortalCity(City):
    """KOTA over DINKES (Budi, and PKM1 with Siti and Rina) and DISDIK (Andi); Rina is late, Andi absent, on ON.

    Every day of the week before, everybody was on time.
    """

    def __init__(self, store: Store, owner) -> None:
        super().__init__(store, owner)
        self.clock = StillClock(EVENING)
        for code, parent in [("KOTA", None), ("DINKES", "KOTA"), ("PKM1", "DINKES"), ("DISDIK", "KOTA")]:
            self.unit(code, parent)
        self.devices = {code: self.device(code, f"SN-{code}") for code in ("DINKES", "PKM1", "DISDIK")}
        self.people = {
            nip: self.person(nip, unit)
            for nip, unit in [(BUDI, "DINKES"), (SITI, "PKM1"), (RINA, "PKM1"), (ANDI, "DISDIK")]
        }
        self.work()

    def work(self) -> None:
        where = {BUDI: "DINKES", SITI: "PKM1", RINA: "PKM1", ANDI: "DISDIK"}
        for number, (nip, unit) in enumerate(where.items(), start=1):
            self.enrol(self.people[nip], str(number))
            for back in range(8):
                on = ON - timedelta(days=back)
                if on.weekday() > 4 or (back == 0 and nip == ANDI):
                    continue
                start = "07:49" if back == 0 and nip == RINA else "07:02"
                self.punch(self.devices[unit], str(number), at(start, on))
                self.punch(self.devices[unit], str(number), at("16:40", on))
        for device in self.devices.values():
            self.poll(device, at("19:30"))

    def judge(self, first: date = ON - timedelta(days=7), last: date = ON) -> None:
        rebuild(self.store, POLICY, first, last, by="test", cause="test", clock=self.clock)

    def let_strangers_come(self) -> None:
        """Let a PIN of nobody come to work for weeks on DINKES' terminal, and one on DISDIK's."""
        for unit, pin in (("DINKES", "7777"), ("DISDIK", "8888")):
            for on in (ON - timedelta(days=back) for back in range(20)):
                if on.weekday() < 5:
                    self.punch(self.devices[unit], pin, at("07:21", on))

    def open_accounts(self) -> None:
        with self.store.begin() as connection:
            for username, (role, unit, nip) in ACCOUNTS.items():
                wanted = WantedAccount(username=username, name=username.title(), role=role, unit=unit, nip=nip)
                create_account(connection, Passwords(HASHER), wanted, password=PASSWORD, by="test", at=self.clock.now())

    def desk(self) -> Desk:
        store = Store(self.store.engine, role=DatabaseRole.PORTAL)  # with no more rights than the portal's process has
        return Desk(store, POLICY, self.clock, Doorkeeper(store, self.clock, HASHER), patience_seconds=60)


@contextlib.contextmanager
def serving(desk: Desk) -> Iterator[str]:
    """Serve a portal on a free port of loopback; gives its address."""
    with open_door("127.0.0.1", 0) as door:
        server = uvicorn.Server(configure(create_app(desk)))
        thread = threading.Thread(target=server.run, args=([door],))
        thread.start()
        try:
            yield f"http://127.0.0.1:{door.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


class Browser(httpx.Client):
    """Follows no redirect by itself, keeps cookies, and sends forms as a browser would."""

    def log_in(self, username: str, password: str = PASSWORD) -> httpx.Response:
        return self.send_form("/login", username=username, password=password)

    def csrf(self) -> str:
        found = re.search(r'name="csrf" value="([^"]+)"', self.get("/password").text)
        assert found
        return found[1]

    def send_form(self, path: str, **fields: str) -> httpx.Response:
        return self.post(path, data=fields, headers={"Sec-Fetch-Site": "same-origin"})

    def post_form(self, path: str, **fields: str) -> httpx.Response:
        """Send a form with this session's own token."""
        return self.send_form(path, csrf=self.csrf(), **fields)
