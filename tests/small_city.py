"""A city in small: a real database, real sockets, simulated terminals."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import text

from eabsensi.clock import SystemClock
from eabsensi.collecting.poll import Poller, PollOrder, PollOutcome
from eabsensi.devices.registry import Device
from eabsensi.devices.session import Patience
from eabsensi.devices.simulator.config import TerminalConfig
from eabsensi.devices.simulator.fleet import Fleet
from eabsensi.devices.simulator.terminal import Terminal
from eabsensi.store.database import Store
from eabsensi.store.devices import StoredDevice, sync_devices
from eabsensi.store.people import Unit, save_units

PATIENCE = Patience(connect=3, command=3, prepare=5, packet=2, goodbye=1)
FIRST = datetime(2026, 9, 1, 7, 0)


class SettableClock(SystemClock):
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.shift = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self.shift


class City:
    """Terminals and the database that collects from them."""

    def __init__(self, store: Store, fleet: Fleet) -> None:
        self.store = store
        self.fleet = fleet
        self.clock = SettableClock()
        self.comm_keys: dict[str, int] = {}
        self.terminals: dict[str, Terminal] = {}
        self.listed: list[Device] = []
        with store.begin() as connection:
            save_units(connection, [Unit("DINKES", "Dinas Kesehatan", None, "Dinas", "5-day", None)])

    def add(self, serial: str = "SIM0001", *, live: bool = False, **config: object) -> Terminal:
        """Put up a terminal and register it."""
        terminal = self.fleet.add(TerminalConfig(serial=serial, clock=self.clock, **config))  # type: ignore[arg-type]
        self.terminals[serial] = terminal
        if terminal.config.comm_key:
            self.comm_keys[serial] = terminal.config.comm_key
        self.list_device(serial, terminal, live=live)
        return terminal

    def list_device(self, serial: str, terminal: Terminal, *, live: bool = False) -> None:
        self.listed = [device for device in self.listed if device.serial != serial]
        self.listed.append(
            Device(
                serial=serial,
                unit="DINKES",
                name=f"Lobi {serial}",
                host=terminal.host,
                port=terminal.port,
                transport="udp" if terminal.config.transport == "udp" else "tcp",
                comm_key=serial if serial in self.comm_keys else None,
                live=live,
            )
        )
        with self.store.begin() as connection:
            sync_devices(connection, self.listed, self.clock.now())

    def device(self, serial: str = "SIM0001") -> StoredDevice:
        with self.store.begin() as connection:
            return next(
                device for device in sync_devices(connection, self.listed, self.clock.now()) if device.serial == serial
            )

    def poller(self) -> Poller:
        return Poller(self.store, self.clock, self.comm_keys.__getitem__, collector="test", patience=PATIENCE)

    def poll(self, serial: str = "SIM0001", **order: object) -> PollOutcome:
        return self.poller().poll(self.device(serial), PollOrder(**order))  # type: ignore[arg-type]

    def stored(self, serial: str = "SIM0001") -> list[tuple[str, datetime]]:
        with self.store.begin() as connection:
            rows = connection.execute(
                text("SELECT pin, device_time FROM punch JOIN device ON device.id = device_id WHERE serial = :serial"),
                {"serial": serial},
            )
            return sorted((row.pin, row.device_time) for row in rows)

    def assert_nothing_lost(self, serial: str = "SIM0001") -> None:
        """Stored = ever punched, each once; nothing forbidden was sent; no session is left open."""
        terminal = self.terminals[serial]
        assert self.stored(serial) == sorted((punch.pin, punch.device_time) for punch in terminal.ever_punched)
        assert self.unreadable(serial) == sorted(terminal.ever_unreadable)
        assert terminal.forbidden_seen == []

    def unreadable(self, serial: str = "SIM0001") -> list[bytes]:
        with self.store.begin() as connection:
            rows = connection.execute(
                text("SELECT raw FROM unreadable_record JOIN device ON device.id = device_id WHERE serial = :serial"),
                {"serial": serial},
            )
            return sorted(bytes(row.raw) for row in rows)

    def polls(self) -> list[str]:
        with self.store.begin() as connection:
            return list(connection.execute(text("SELECT outcome FROM poll ORDER BY id")).scalars())

    def column(self, query: str) -> list[object]:
        with self.store.begin() as connection:
            return list(connection.execute(text(query)).scalars())
