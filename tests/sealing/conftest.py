"""A sealed city on a fresh database, and one that all tests share whose doings are undone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from postgres_servers import Servers, available_bindirs
from sealed_city import SealedCity
from sqlalchemy import Connection
from touching import become_superuser

from eabsensi.store.database import Store


@pytest.fixture
def city(store: Store) -> SealedCity:
    """Give a city without evidence."""
    return SealedCity(store)


@pytest.fixture
def sealed(city: SealedCity) -> SealedCity:
    """Give a city with some of every kind of evidence, all of it sealed."""
    city.fill()
    return city


@pytest.fixture(scope="session")
def shared(servers: Servers) -> Iterator[SealedCity]:
    """Give a sealed city that nobody may change for good."""
    with servers.of(available_bindirs()[0]).database() as url:
        store = Store.at(url)
        city = SealedCity(store)
        city.fill()
        yield city
        store.dispose()


@pytest.fixture
def touched(shared: SealedCity) -> Iterator[Connection]:
    """Give a transaction of a superuser; what is done in it is looked at in it, and then undone."""
    with shared.store.engine.connect() as connection:
        become_superuser(connection)
        yield connection
