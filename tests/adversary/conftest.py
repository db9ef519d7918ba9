"""A city in small for each test, whose collector has little patience, since most of these terminals never answer."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from small_city import City

from eabsensi.collecting.poll import Poller
from eabsensi.devices.session import Patience
from eabsensi.devices.simulator.fleet import Fleet
from eabsensi.store.database import Store

LITTLE = Patience(connect=1.2, command=1.2, prepare=3, packet=1.2, goodbye=0.5)


class ImpatientCity(City):
    """A city whose collector gives a silent terminal up sooner."""

    def poller(self) -> Poller:
        return Poller(self.store, self.clock, self.comm_keys.__getitem__, collector="test", patience=LITTLE)


@pytest.fixture
def fleet() -> Iterator[Fleet]:
    with Fleet() as fleet:
        yield fleet


@pytest.fixture
def city(store: Store, fleet: Fleet) -> City:
    return ImpatientCity(store, fleet)
