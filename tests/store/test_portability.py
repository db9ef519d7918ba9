"""An existing engine can take over: platform's nine rules hold, and each of them can fail."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from portability_rules import Text, call_breaches, names_big_table, table_breaches, text_breaches, texts_of
from sealed_city import START, SealedCity, touch
from sqlalchemy import Column, ForeignKey, Index, Integer, MetaData, Table, event
from sqlalchemy import Text as TextType
from sqlalchemy.dialects.postgresql import DATERANGE, INET, ExcludeConstraint

from eabsensi.assessing.keeping import rebuild
from eabsensi.clock import SystemClock
from eabsensi.law.loader import load_policy
from eabsensi.store.tables import metadata


def test_the_declared_tables_keep_the_rules():
    assert list(table_breaches(metadata)) == []


def test_the_sql_keeps_the_rules():
    texts = list(texts_of())
    assert len(texts) > 100
    assert list(text_breaches(iter(texts))) == []
    assert list(call_breaches()) == []


def planted(*columns, name="punch"):
    tables = MetaData()
    Table("employee", tables, Column("id", Integer, primary_key=True))
    Table(name, tables, *columns)
    return tables


@pytest.mark.parametrize(
    ("tables", "told"),
    [
        (planted(Column("id", Integer, primary_key=True)), "punch: a key of ['id'] names no device"),
        (
            planted(
                Column("device_id", Integer, primary_key=True),
                Column("pin", TextType),
                Index("by_pin", "pin", unique=True),
            ),
            "the unique index by_pin",
        ),
        (planted(Column("device_id", Integer, primary_key=True), Column("at", INET)), "INET is no standard type"),
        (planted(Column("device_id", Integer, primary_key=True), Column("at", DATERANGE)), "DATERANGE is no standard"),
        (
            planted(Column("pin", TextType), ExcludeConstraint(("pin", "="), name="apart"), name="enrolment"),
            "apart names no device",
        ),
        (
            planted(
                Column("employee_id", Integer, ForeignKey("employee.id", deferrable=True, name="late")), name="roster_x"
            ),
            "late is deferrable",
        ),
    ],
)  # fmt: skip
def test_a_table_that_breaks_a_rule_is_told(tables, told):
    assert told in " ".join(table_breaches(tables))


@pytest.mark.parametrize(
    ("sql", "told"),
    [
        ("CREATE TRIGGER no AFTER INSERT ON punch EXECUTE FUNCTION no()", "a trigger"),
        ("SELECT pg_notify('punch', 'new')", "LISTEN or NOTIFY"),
        ("LISTEN punch", "LISTEN or NOTIFY"),
        ("SELECT pg_try_advisory_lock(1)", "a session's advisory lock"),
        ("ALTER TABLE punch ADD UNIQUE (pin) DEFERRABLE", "a deferrable constraint"),
        ("SELECT pin, count(*) FROM punch GROUP BY ROLLUP (pin)", "ROLLUP"),
        ("SELECT 1 FROM verdict GROUP BY GROUPING SETS ((a), ())", "ROLLUP"),
        ("WITH RECURSIVE t AS (SELECT 1 FROM punch) SELECT 1 FROM t", "a recursive query"),
        ("SELECT 1 FROM poll ORDER BY poll.id DESC", "an order by a sequence"),
        ("ALTER TABLE punch DETACH PARTITION punch_2026_01", "DDL outside"),
        ("CREATE TABLE punch_2026_01 PARTITION OF punch", "DDL outside"),
    ],
)
def test_sql_that_breaks_a_rule_is_told(sql, told):
    assert any(told in breach for breach in text_breaches(iter([Text("elsewhere.py:1", sql)])))


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT pg_advisory_xact_lock(1)",
        "WITH RECURSIVE below AS (SELECT code FROM unit) SELECT code FROM below",
        "SELECT id FROM employee ORDER BY id",
    ],
)
def test_what_is_no_breach_is_not_told(sql):
    assert list(text_breaches(iter([Text("elsewhere.py:1", sql)]))) == []


def test_executemany_is_told(tmp_path: Path):
    (tmp_path / "writing.py").write_text("cursor.executemany('INSERT INTO punch VALUES (%s)', rows)\n")
    assert list(call_breaches(tmp_path)) == ["writing.py:1: executemany"]


class Watcher:
    """Notes what is sent to the driver row by row."""

    def __init__(self, engine):
        self.row_by_row: list[str] = []
        event.listen(engine, "before_cursor_execute", self._note)

    def _note(self, *sent):
        _, _, statement, _, _, executemany = sent
        if executemany:
            self.row_by_row.append(statement)


def test_big_tables_are_never_written_row_by_row(store):
    """What the texts cannot show: SQLAlchemy turns a list of values into executemany by itself."""
    watcher = Watcher(store.engine)
    city = SealedCity(store)
    city.fill()
    city.poll(*(touch(f"08:{minute:02}:{second:02}") for minute in range(20) for second in range(30)))
    city.seal()
    march = date(2026, 3, 1)
    rebuild(store, load_policy(), march, march + timedelta(days=9), by="test", cause="test", clock=SystemClock())
    assert datetime.now(UTC) > START
    assert [statement for statement in watcher.row_by_row if names_big_table(statement)] == []


def test_a_row_by_row_write_would_be_seen(store):
    watcher = Watcher(store.engine)
    with store.begin_as_owner() as connection:
        connection.exec_driver_sql(
            "INSERT INTO punch_sighting (device_id, pin, device_time, ordinal, generation, poll_id)"
            " SELECT %s, '1', '2026-03-02', 0, 0, 0 WHERE false",
            [(1,), (2,)],
        )
    assert [names_big_table(statement) for statement in watcher.row_by_row] == [True]
