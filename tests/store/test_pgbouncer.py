"""Behind PgBouncer in transaction mode everything is stored as before, and nothing of a session leaks into another."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import psycopg
import pytest
from pooler import PROGRAM, pooled
from sealed_city import SealedCity, touch
from sqlalchemy import text

from eabsensi.assessing.keeping import rebuild
from eabsensi.clock import SystemClock
from eabsensi.law.loader import load_policy
from eabsensi.store.database import Store
from eabsensi.store.partitions import ensure_months
from eabsensi.store.roles import Role

pytestmark = pytest.mark.skipif(PROGRAM is None, reason="PgBouncer is not installed (apt install pgbouncer)")
MARCH = date(2026, 3, 1)


@pytest.fixture
def address(server, database):
    with pooled(server, database) as address:
        yield address


@pytest.fixture
def pooled_store(address):
    store = Store.at(address)
    yield store
    store.dispose()


def test_a_city_is_kept_judged_and_sealed(pooled_store, store):
    """COPY, temporary tables, snapshots, cursors, partitions and upgrades, each in a transaction of its own."""
    pooled_store.upgrade()
    pooled_store.check_schema()
    city = SealedCity(pooled_store)
    with pooled_store.begin_as_owner() as connection:
        ensure_months(connection, MARCH, MARCH)
    city.fill()
    city.poll(*(touch(f"08:{minute:02}:{second:02}") for minute in range(20) for second in range(30)))
    city.seal()
    rebuild(pooled_store, load_policy(), MARCH, MARCH, by="test", cause="test", clock=SystemClock())
    assert city.verify().broken is None
    with store.begin() as connection:
        assert connection.execute(text("SELECT count(*) FROM punch")).scalar_one() == city.count("punch") > 600


def who_am_i(store: Store, number: int) -> tuple[str, str, str]:
    """Work as the application, or as the owner who asks what is left of earlier transactions."""
    if number % 2:
        with store.begin() as connection:
            connection.execute(text("SELECT pg_sleep(0.002)"))
            return "application", connection.execute(text("SELECT current_user")).scalar_one(), "UTC"
    with store.engine.begin() as connection:
        row = connection.execute(text("SELECT current_user, current_setting('TimeZone')")).one()
        return "owner", row[0], row[1]


def test_no_role_and_no_time_zone_is_left_to_the_next(pooled_store):
    with pooled_store.engine.begin() as connection:
        login, zone = connection.execute(text("SELECT session_user, current_setting('TimeZone')")).one()
    with ThreadPoolExecutor(16) as pool:
        found = set(pool.map(lambda number: who_am_i(pooled_store, number), range(200)))
    assert found == {("application", Role.APPLICATION.value, "UTC"), ("owner", login, zone)}


def test_a_statement_that_is_prepared_would_not_be_found_again(address):
    """Why the store prepares none: the same client's next transaction may run on another connection."""
    with psycopg.connect(address, prepare_threshold=0) as one, psycopg.connect(address) as other:
        one.execute("SELECT 1")
        one.commit()
        other.execute("SELECT 2")  # holds the connection on which it was prepared
        with pytest.raises(psycopg.errors.InvalidSqlStatementName):
            one.execute("SELECT 1")
        one.rollback()


def test_the_store_prepares_none(pooled_store):
    with pooled_store.begin() as busy:
        busy.execute(text("SELECT 1"))
        for _ in range(20):
            with pooled_store.begin() as connection:
                connection.execute(text("SELECT count(*) FROM device"))
    with pooled_store.engine.connect() as connection:
        assert connection.connection.prepare_threshold is None
