"""Real PostgreSQL for every test that wants it: a private server per worker, a fresh database per test.

``EABSENSI_TEST_PG=15`` (or 18, ...) picks the major version; without it the best one that is found is used. The tests
of the store itself run on every version that is found, see ``tests/store/conftest.py``.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from hypothesis import settings
from postgres_servers import Server, Servers, available_bindirs

from eabsensi.store.database import Store

# The gate asks the same questions every time; `--hypothesis-profile hunt` looks for new ones.
settings.register_profile("ci", derandomize=True, deadline=None, database=None, print_blob=True)
settings.register_profile("hunt", max_examples=3_000, deadline=None)
if os.environ.get("CI") == "true":
    settings.load_profile("ci")


@pytest.fixture(scope="session")
def open_folder() -> Iterator[Path]:
    """Give a folder in memory that PostgreSQL's account may enter; pytest's own are closed to it."""
    in_memory = Path("/dev/shm")
    folder = Path(tempfile.mkdtemp(prefix="eabsensi-test-", dir=in_memory if in_memory.is_dir() else None))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def servers(open_folder: Path) -> Iterator[Servers]:
    """Give this worker's PostgreSQL servers."""
    with contextlib.ExitStack() as stack:
        yield Servers(open_folder, stack)


@pytest.fixture
def bindir(request: pytest.FixtureRequest) -> Path:
    """Give the folder of the PostgreSQL programs that this test runs on."""
    return getattr(request, "param", None) or available_bindirs()[0]


@pytest.fixture
def server(servers: Servers, bindir: Path) -> Server:
    """Give the running server that this test uses."""
    return servers.of(bindir)


@pytest.fixture
def database(server: Server) -> Iterator[str]:
    """Give the URL of a fresh database with the present schema; the URL's user owns the tables."""
    with server.database() as url:
        yield url


@pytest.fixture
def store(database: str) -> Iterator[Store]:
    """Give a store on a fresh database."""
    store = Store.at(database)
    yield store
    store.dispose()


@pytest.fixture
def owner(database: str) -> Iterator[psycopg.Connection]:
    """Give an autocommitting connection with all rights, to look behind the store's back."""
    with contextlib.closing(psycopg.connect(database.replace("+psycopg", ""), autocommit=True)) as connection:
        yield connection
