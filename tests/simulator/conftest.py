from __future__ import annotations

from collections.abc import Iterator

import pytest

from eabsensi.devices.simulator.fleet import Fleet


@pytest.fixture
def fleet() -> Iterator[Fleet]:
    with Fleet() as running:
        yield running
