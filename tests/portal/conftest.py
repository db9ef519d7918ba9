"""The portal of a small city, on a real socket, with real sessions in a real database."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import psycopg
import pytest
from portal_city import Browser, PortalCity, serving

from eabsensi import logs
from eabsensi.store.database import Store


@pytest.fixture(scope="session", autouse=True)
def _logging() -> None:
    """Log as the program does: its tracebacks show no values."""
    logs.configure(json=True)


@pytest.fixture
def city(store: Store, owner: psycopg.Connection) -> PortalCity:
    """Give the city, judged, with its accounts."""
    made = PortalCity(store, owner)
    made.judge()
    made.open_accounts()
    return made


@pytest.fixture
def portal(city: PortalCity) -> Iterator[str]:
    """Give the address of the running portal."""
    with serving(city.desk()) as address:
        yield address


@pytest.fixture
def browser(portal: str) -> Iterator[Callable[[str], Browser]]:
    """Give a browser in which an account is logged in; ``""`` for nobody."""
    opened: list[Browser] = []

    def open_browser(username: str = "") -> Browser:
        one = Browser(base_url=portal)
        opened.append(one)
        if username:
            assert one.log_in(username).status_code == 303
        return one

    yield open_browser
    for one in opened:
        one.close()
