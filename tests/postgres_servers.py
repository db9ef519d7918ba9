"""The PostgreSQL servers that tests run on; the fixtures in ``conftest`` hand them out."""

from __future__ import annotations

import contextlib
import itertools
import os
from collections.abc import Iterator
from pathlib import Path

from eabsensi.store.binaries import find_bindirs, major_version
from eabsensi.store.database import Store
from eabsensi.store.server import PrivateServer

TEMPLATE = "template_eabsensi"


def available_bindirs() -> list[Path]:
    """Give the folders of PostgreSQL programs that tests may run on, best first."""
    wanted = os.environ.get("EABSENSI_TEST_PG")
    found = [folder for folder in find_bindirs() if wanted in (None, "", str(major_version(folder)))]
    assert found, f"EABSENSI_TEST_PG={wanted}, but there is no such PostgreSQL here"
    return found


class Server:
    """A running server with a template of an empty, upgraded database."""

    def __init__(self, server: PrivateServer) -> None:
        self.server = server
        self._names = (f"test_{number}" for number in itertools.count())
        self._run(f"CREATE DATABASE {TEMPLATE}")
        store = Store.at(server.url(TEMPLATE))
        store.upgrade()
        store.dispose()

    @contextlib.contextmanager
    def database(self, template: str = TEMPLATE) -> Iterator[str]:
        """Give the URL of a fresh database; it is gone afterwards, whoever is still connected."""
        name = next(self._names)
        self._run(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
        try:
            yield self.server.url(name)
        finally:
            self._run(f"DROP DATABASE {name} WITH (FORCE)")

    def _run(self, statement: str) -> None:
        with contextlib.closing(self.server.connect("postgres")) as connection:
            connection.autocommit = True
            connection.execute(statement)


class Servers:
    """The servers of this worker, each started when it is first wanted."""

    def __init__(self, folder: Path, stack: contextlib.ExitStack) -> None:
        self._folder = folder
        self._stack = stack
        self._running: dict[Path, Server] = {}

    def of(self, bindir: Path) -> Server:
        """Give the server that runs these programs."""
        if bindir not in self._running:
            data_dir = self._folder / f"server-{len(self._running)}"
            server = PrivateServer.start(data_dir, bindir=bindir, durable=False)
            self._running[bindir] = Server(self._stack.enter_context(server))
        return self._running[bindir]
