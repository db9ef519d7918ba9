"""The city in which papers are filed."""

from __future__ import annotations

import psycopg
import pytest
from filing_city import FilingCity

from eabsensi.store.database import Store


@pytest.fixture
def city(store: Store, owner: psycopg.Connection) -> FilingCity:
    """Give the city, judged."""
    made = FilingCity(store, owner)
    made.judge()
    return made
