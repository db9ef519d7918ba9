from __future__ import annotations

import pytest
from door import Door, door_of


@pytest.fixture
def door(store) -> Door:
    """Give a door without any account."""
    return door_of(store)
