"""The migrations make what ``tables`` declares."""

from __future__ import annotations

import threading

import psycopg
import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine

from eabsensi.store import schema
from eabsensi.store.database import SchemaOutdatedError, Store
from eabsensi.store.tables import metadata

COLUMNS = """
    SELECT relname, attname, format_type(atttypid, atttypmod), attnotnull, attidentity::text,
           pg_get_expr(adbin, adrelid)
    FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
    LEFT JOIN pg_attrdef ON (adrelid, adnum) = (attrelid, attnum)
    WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND attnum > 0 AND NOT attisdropped
      AND NOT relispartition AND relname <> 'alembic_version'
"""
CONSTRAINTS = """
    SELECT relname, conname, pg_get_constraintdef(pg_constraint.oid)
    FROM pg_constraint JOIN pg_class ON pg_class.oid = conrelid
    WHERE relnamespace = 'public'::regnamespace AND NOT relispartition AND relname <> 'alembic_version'
"""
INDEXES = """
    SELECT tablename, indexname, indexdef
    FROM pg_indexes JOIN pg_class ON relname = tablename
    WHERE schemaname = 'public' AND NOT relispartition AND tablename <> 'alembic_version'
"""
PARTITIONING = "SELECT partrelid::regclass::text, pg_get_partkeydef(partrelid) FROM pg_partitioned_table"


@pytest.fixture
def declared(server):
    """Give a database whose tables were made from the declarations, without any migration."""
    with server.database("template0") as url:
        engine = create_engine(url)
        with engine.begin() as conn:
            conn.exec_driver_sql("CREATE EXTENSION btree_gist")
            metadata.create_all(conn)
        engine.dispose()
        yield psycopg.connect(url.replace("+psycopg", ""))


@pytest.mark.parametrize("what", [COLUMNS, CONSTRAINTS, INDEXES, PARTITIONING])
def test_migrations_make_the_declared_tables(owner, declared, what):
    with declared:
        made, wanted = set(owner.execute(what)), set(declared.execute(what))
    assert made - wanted == set()
    assert wanted - made == set()
    assert made


def test_alembic_finds_nothing_to_do(store):
    def declared_or_not_a_month(_, name, kind, reflected, __):
        return not (kind == "table" and reflected and name.startswith("punch_") and name not in metadata.tables)

    with store.engine.connect() as conn:
        options = {"include_object": declared_or_not_a_month, "compare_server_default": True}
        assert compare_metadata(MigrationContext.configure(conn, opts=options), metadata) == []


def test_every_table_says_what_the_application_may_do(owner):
    granted = dict(
        owner.execute("""
            SELECT table_name::text, string_agg(privilege_type, ' ' ORDER BY privilege_type)
            FROM information_schema.table_privileges WHERE grantee = 'eabsensi_app' GROUP BY 1
        """).fetchall()
    )
    evidence = {name for name, rights in granted.items() if rights == "INSERT SELECT"}
    assert evidence == {
        *("punch", "punch_sighting", "unreadable_record", "poll", "quarantined_log", "log_gap"),
        *("document_change", "roster_change", "verdict_version", "period", "period_row", "addendum"),
        *("trail", "issued_paper", "seal", "seal_part", "retired_month"),
    }
    assert set(granted) == {*metadata.tables, "alembic_version"}


@pytest.fixture
def empty(server):
    """Give a store on a database without tables."""
    with server.database("template0") as url:
        store = Store.at(url)
        yield store
        store.dispose()


def test_upgrading_is_repeatable(empty):
    assert schema.current(empty.engine) is None
    assert empty.upgrade() == schema.head()
    assert empty.upgrade() == schema.head() == schema.current(empty.engine)
    empty.check_schema()


def test_a_database_of_the_first_schema_is_upgraded_with_what_it_holds(empty):
    with empty.begin_as_owner() as conn:
        command.upgrade(schema._config(conn), "0001")
    with pytest.raises(SchemaOutdatedError, match="old tables"):
        empty.check_schema()
    with empty.begin_as_owner() as conn:
        conn.exec_driver_sql("INSERT INTO unit (code, name, pattern) VALUES ('DINKES', 'Dinas Kesehatan', '5-day')")
        conn.exec_driver_sql("INSERT INTO employee (nip, name, kind) VALUES ('198503172010012003', 'Budi', 'PNS')")
        conn.exec_driver_sql(
            "INSERT INTO punch (device_id, pin, device_time, ordinal, punched_at, source, received_at, raw)"
            " VALUES (1, '7', '2026-03-02 07:20', 0, '2026-03-02 00:20Z', 'log', '2026-03-02 00:21Z', '')"
        )
    assert empty.upgrade() == "0010" == schema.head()
    with empty.begin() as conn:
        assert conn.exec_driver_sql("SELECT pin FROM punch").scalars().all() == ["7"]
        filed = conn.exec_driver_sql(
            "INSERT INTO document (employee_id, kind, first_on, last_on, filed_by, filed_at)"
            " SELECT id, 'duty', '2026-03-02', '2026-03-02', 'operator', now() FROM employee RETURNING covers"
        )
        assert filed.scalars().all() == ["day"]


def test_two_upgrades_at_once_do_not_collide(empty):
    results = []
    threads = [threading.Thread(target=lambda: results.append(empty.upgrade())) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [schema.head()] * 3


def test_a_database_without_tables_is_outdated(empty):
    with pytest.raises(SchemaOutdatedError, match=r"no tables.*eabsensi db upgrade"):
        empty.check_schema()


def test_a_newer_database_is_not_touched(store, owner):
    owner.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(SchemaOutdatedError, match="newer version"):
        store.check_schema()


def test_the_first_migration_cannot_be_undone(empty):
    empty.upgrade()
    with pytest.raises(NotImplementedError), empty.engine.begin() as conn:
        command.downgrade(schema._config(conn), "base")
