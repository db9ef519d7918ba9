"""The small city as fixtures."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from small_city import FIRST, PATIENCE, City

from eabsensi.devices.simulator.fleet import Fleet
from eabsensi.store.database import Store

__all__ = ["FIRST", "PATIENCE", "City"]


@pytest.fixture
def fleet() -> Iterator[Fleet]:
    with Fleet() as fleet:
        yield fleet


@pytest.fixture
def city(store: Store, fleet: Fleet) -> City:
    return City(store, fleet)
