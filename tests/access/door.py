"""A door with a clock that the test moves, the cheapest hashes, and a city of three units and two employees."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import argon2
from argon2.profiles import CHEAPEST

from eabsensi.access.accounts import WantedAccount, create_account
from eabsensi.access.doorkeeper import Doorkeeper, Entry
from eabsensi.access.passwords import Passwords
from eabsensi.access.roles import Role
from eabsensi.access.trail import TrailEntry, entries
from eabsensi.clock import SystemClock
from eabsensi.store.database import Store
from eabsensi.store.people import Employee, Unit, save_employees, save_units

MORNING = datetime(2026, 3, 2, 0, 30, tzinfo=UTC)
RATNA, AGUS = "198503172010012003", "199001022015031004"
PASSWORD = "hujan turun di sungai"
OFFICE = "10.1.2.3"


class StandingClock(SystemClock):
    """A clock that stands until a test moves it."""

    def __init__(self) -> None:
        self.at = MORNING

    def now(self) -> datetime:
        return self.at

    def forward(self, **span: float) -> None:
        self.at += timedelta(**span)


def cheap() -> argon2.PasswordHasher:
    return argon2.PasswordHasher.from_parameters(CHEAPEST)


@dataclass
class Door:
    """The doorkeeper, its store and clock."""

    store: Store
    clock: StandingClock
    keeper: Doorkeeper
    passwords: Passwords

    def make(self, username: str, role: Role, *, password: str | None = PASSWORD, **wanted: object) -> str | None:
        wish = WantedAccount(username, role, **{"name": username.title()} | wanted)
        with self.store.begin() as connection:
            return create_account(
                connection, self.passwords, wish, password=password, by="installer", at=self.clock.now()
            )

    def enter(self, username: str, password: str = PASSWORD, address: str = OFFICE) -> Entry:
        return self.keeper.log_in(username, password, address=address, agent="Firefox")

    def trail(self, **wanted: object) -> list[TrailEntry]:
        with self.store.begin() as connection:
            return entries(connection, **wanted)

    def actions(self, **wanted: object) -> list[str]:
        """Give what was done, oldest first."""
        return [entry.action for entry in reversed(self.trail(**wanted))]


def door_of(store: Store) -> Door:
    with store.begin() as connection:
        save_units(
            connection,
            [
                Unit("KOTA", "Pemerintah Kota", None, "kota", "5-day", None),
                Unit("DINKES", "Dinas Kesehatan", "KOTA", "dinas", "5-day", None),
                Unit("PKM1", "Puskesmas Satu", "DINKES", "upt", "6-day", None),
            ],
        )
        save_employees(
            connection,
            [Employee(RATNA, "Ratna Dewi", "PNS", "", ""), Employee(AGUS, "Agus Salim", "PNS", "", "")],
        )
    clock = StandingClock()
    return Door(store, clock, Doorkeeper(store, clock, cheap()), Passwords(cheap()))
