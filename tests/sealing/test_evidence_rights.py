"""The roles of the programs can add evidence and read it; they try everything else and are refused."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from eabsensi.sealing.verifying import verify_evidence
from eabsensi.store.database import Store
from eabsensi.store.evidence import KINDS
from eabsensi.store.roles import Role, become

EVIDENCE = [*((kind.name, kind.columns[-1]) for kind in KINDS), ("seal", "sha256"), ("seal_part", "leaves")]
TRIED = {
    "update": "UPDATE {table} SET {column} = {column}",
    "delete": "DELETE FROM {table}",
    "truncate": "TRUNCATE {table} CASCADE",
    "drop": "DROP TABLE {table} CASCADE",
    "alter": "ALTER TABLE {table} DROP COLUMN {column} CASCADE",
    "lock": "SELECT FROM {table} FOR UPDATE",
    "trigger": "CREATE TRIGGER forge BEFORE INSERT ON {table} EXECUTE FUNCTION suppress_redundant_updates_trigger()",
    "rule": "CREATE RULE forge AS ON INSERT TO {table} DO INSTEAD NOTHING",
}


def refused(store, statement, role=Role.APPLICATION):
    """Tell whether a role is refused a statement."""
    with store.engine.connect() as connection:
        become(connection, role)
        assert connection.execute(text("SELECT current_user")).scalar_one() == role
        try:
            connection.execute(text(statement))
        except ProgrammingError as error:
            return "permission denied" in str(error) or "must be owner" in str(error)
        return False


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("how", TRIED)
def test_no_program_can_touch_evidence(shared, how, role):
    for table, column in EVIDENCE:
        assert refused(shared.store, TRIED[how].format(table=table, column=column), role), table
    assert shared.verify().broken is None


@pytest.mark.parametrize("statement", ["UPDATE {0} SET raw = raw", "DELETE FROM {0}", "TRUNCATE {0}", "DROP TABLE {0}"])
def test_the_application_cannot_touch_a_month_by_its_own_name(shared, statement):
    with shared.store.begin() as connection:
        query = "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'punch'::regclass"
        months = list(connection.execute(text(query)).scalars())
    assert months
    assert all(refused(shared.store, statement.format(month)) for month in months)


def test_an_insert_cannot_overwrite(shared):
    key = "device_id, pin, device_time, ordinal"
    assert refused(shared.store, f"INSERT INTO punch SELECT * FROM punch ON CONFLICT ({key}) DO UPDATE SET raw = ''")


def test_what_the_application_may_do_is_not_refused(shared):
    assert not refused(shared.store, "SELECT FROM punch")


def test_the_weekly_proof_needs_no_rights_but_the_collectors(shared):
    assert verify_evidence(Store(shared.store.engine, role=Role.COLLECTOR)).rows == shared.verify().rows > 0
