"""A PostgreSQL of the bench's own, and fresh databases in it."""

from __future__ import annotations

import itertools
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from eabsensi.devices.registryentry import Device
from eabsensi.store.binaries import find_bindirs
from eabsensi.store.database import Store
from eabsensi.store.devices import StoredDevice, sync_devices
from eabsensi.store.people import Unit, save_units
from eabsensi.store.server import PrivateServer

_TEMPLATE = "template_bench"


class Databases:
    """A private server on disk with the product's own settings: what is committed outlasts a power cut."""

    def __init__(self) -> None:
        self._names = (f"bench_{number}" for number in itertools.count())

    def __enter__(self) -> Self:
        self._folder = Path(tempfile.mkdtemp(prefix="eabsensi-bench-"))
        self._folder.chmod(0o711)
        self._server = PrivateServer.start(self._folder / "server", bindir=find_bindirs()[0], durable=True)
        self._run(f"CREATE DATABASE {_TEMPLATE}")
        store = Store.at(self._server.url(_TEMPLATE))
        store.upgrade()
        store.dispose()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    @contextmanager
    def fresh(self) -> Iterator[str]:
        """Give the URL of a database that nobody has written to; it is gone afterwards."""
        name = next(self._names)
        self._run(f"CREATE DATABASE {name} TEMPLATE {_TEMPLATE} STRATEGY file_copy")
        self._run("CHECKPOINT")
        try:
            yield self._server.url(name)
        finally:
            self._run(f"DROP DATABASE {name} WITH (FORCE)")

    @contextmanager
    def fresh_store(self) -> Iterator[Store]:
        """Give a store on a fresh database."""
        with self.fresh() as url:
            store = Store.at(url)
            try:
                yield store
            finally:
                store.dispose()

    def describe(self) -> str:
        """Give the version and what a commit promises."""
        with closing(self._server.connect("postgres")) as connection:
            row = connection.execute("SELECT current_setting('server_version'), current_setting('fsync')").fetchone()
        assert row is not None, "it always answers"
        return f"{row[0].split()[0]} (fsync {row[1]})"

    def _run(self, statement: str) -> None:
        with closing(self._server.connect("postgres")) as connection:
            connection.autocommit = True
            connection.execute(statement.encode())


def register(store: Store, devices: list[Device]) -> list[StoredDevice]:
    """Make devices known, in one unit."""
    with store.begin() as connection:
        save_units(connection, [Unit("DINKES", "Dinas Kesehatan", None, "Dinas", "5-day", None)])
        return sync_devices(connection, devices, datetime.now(UTC))


def device(serial: str, host: str = "127.0.0.1", port: int = 4370) -> Device:
    """Describe a terminal of the bench."""
    return Device(serial=serial, unit="DINKES", name=f"Lobi {serial}", host=host, port=port)


def no_comm_key(name: str) -> int:
    """Stand in for the comm keys, which no terminal of the bench has."""
    raise KeyError(name)
