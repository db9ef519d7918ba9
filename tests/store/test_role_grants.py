"""What each role may do with each table: every right is tried, and the answers are compared with a table."""

from __future__ import annotations

import contextlib
import itertools

import psycopg
import pytest
from small_city import SettableClock
from sqlalchemy import make_url, text
from stored_terminal import touch

from eabsensi.sealing.sealer import seal_evidence
from eabsensi.store.database import Store
from eabsensi.store.partitions import may_make
from eabsensi.store.roles import Role, RoleMissingError, make_role
from eabsensi.store.tables import metadata

VERBS = {"S": "SELECT", "I": "INSERT", "U": "UPDATE", "D": "DELETE", "T": "TRUNCATE"}
#: S select, I insert, U update, D delete; "." nothing; h: may hold a row, by a right to a column that decides nothing.
#: The columns: commands, collector, portal, reports.
WANTED = """
unit               SIUD  S     Sh    S
employee           SIUD  Sh    Sh    S
posting            SIUD  S     S     S
enrolment          SIUD  S     SIU   S
device             SIUD  SIU   S     S
device_log         SIUD  SIU   S     S
device_lease       SIUD  SIUD  S     S
live_event         SIUD  SID   S     S
poll_request       SIUD  SUD   S     S
device_user        SIUD  S     S     S
punch              SI    SI    S     S
punch_sighting     SI    SI    S     S
unreadable_record  SI    SI    S     S
poll               SI    SI    S     S
quarantined_log    SI    SI    S     S
log_gap            SI    SI    S     S
document           SIUD  S     SIU   S
document_change    SI    S     SI    S
roster             SIUD  S     S     S
roster_change      SI    S     S     S
ceremony           SIUD  S     S     S
verdict            SIUD  SIUD  SIUD  S
verdict_version    SI    SI    SI    S
dirty_day          SIUD  SID   SID   S
period             SI    S     SI    S
period_row         SI    S     SI    S
addendum           SI    SI    SI    S
seal               SI    SI    S     S
seal_part          SI    SI    S     S
retired_month      SI    S     S     S
account            SIUD  .     SIU   .
session            SIUD  .     SIUD  .
api_token          SIUD  .     SIU   .
login_attempt      SIUD  .     SIUD  .
trail              SI    S     SI    .
issued_paper       SI    S     SI    SI
alembic_version    S     S     S     S
"""
ROLES = (Role.APPLICATION, Role.COLLECTOR, Role.PORTAL, Role.REPORTS)
COLUMNS = {
    **{name: [column.name for column in table.columns] for name, table in metadata.tables.items()},
    "alembic_version": ["version_num"],
}
CASES = [
    (role, table, rights)
    for table, *all_rights in (line.split() for line in WANTED.strip().splitlines())
    for role, rights in zip(ROLES, all_rights, strict=True)
]


def statement(verb: str, table: str, columns: list[str]) -> str:
    """Give a statement that needs the right on the whole table."""
    return {
        "S": f"SELECT {', '.join(map(quoted, columns))} FROM {table}",
        "I": f"INSERT INTO {table} DEFAULT VALUES",
        "U": f"UPDATE {table} SET {', '.join(f'{quoted(column)} = DEFAULT' for column in columns)}",
        "D": f"DELETE FROM {table}",
        "T": f"TRUNCATE {table}",
    }[verb]


def quoted(column: str) -> str:
    return f'"{column}"'


def is_refused(owner: psycopg.Connection, role: str, tried: str) -> bool:
    """Try a statement as a role, undo it, and tell whether the database refused it for want of the right."""
    try:
        with owner.transaction(force_rollback=True):
            owner.execute(f"SET LOCAL ROLE {role}")
            owner.execute(tried)
    except psycopg.errors.InsufficientPrivilege:
        return True
    except psycopg.errors.IntegrityError:  # allowed; a row of defaults alone fits no table
        return False
    return False


def test_the_database_allows_and_refuses_what_the_table_says(owner):
    wanted = {(role, table, verb): verb in rights for role, table, rights in CASES for verb in VERBS}
    answers = {
        (role, table, verb): not is_refused(owner, role, statement(verb, table, COLUMNS[table]))
        for role, table, verb in wanted
    }
    differing = {key: answers[key] for key in wanted if answers[key] != wanted[key]}
    assert differing == {}


def test_no_single_column_can_be_changed_save_the_one_that_holds_a_row(owner):
    changeable = {
        (role, f"{table}.{column}")
        for role, table, rights in CASES
        if "U" not in rights
        for column in COLUMNS[table]
        if not is_refused(owner, role, f"UPDATE {table} SET {quoted(column)} = DEFAULT")
    }
    assert changeable == {(role, f"{table}.created_at") for role, table, rights in CASES if "h" in rights}


def test_the_table_names_every_table_once():
    assert sorted(table for _, table, _ in CASES) == sorted([*metadata.tables, "alembic_version"] * len(ROLES))


def test_a_partition_gives_no_way_around(owner):
    last = "SELECT max(inhrelid::regclass::text) FROM pg_inherits WHERE inhparent = 'punch'::regclass"
    [(month,)] = owner.execute(last)
    for role, verb in itertools.product(ROLES, VERBS):
        assert is_refused(owner, role, statement(verb, month, COLUMNS["punch"])), (role, verb)


def test_no_role_changes_tables_or_reads_the_servers_files(owner):
    tried = [
        "CREATE TABLE mine (x int)",
        "ALTER TABLE punch ADD COLUMN mine int",
        "DROP TABLE live_event",
        "CREATE TABLE punch_2071_01 PARTITION OF punch FOR VALUES FROM ('2071-01-01') TO ('2071-02-01')",
        "CREATE ROLE mine",
        "COPY unit TO PROGRAM 'cat'",
        "SELECT pg_read_file('postgresql.conf')",
        "SET session_replication_role = replica",
    ]
    for role, one in itertools.product(ROLES, tried):
        assert is_refused(owner, role, one), (role, one)


def test_no_role_passes_its_rights_on(owner):
    granted = (
        "SELECT count(*) FROM information_schema.table_privileges WHERE grantee = 'PUBLIC' AND table_name = 'punch'"
    )
    for role in ROLES:
        with owner.transaction(force_rollback=True):
            owner.execute(f"SET LOCAL ROLE {role}")
            owner.execute("GRANT SELECT, INSERT ON punch TO PUBLIC")  # answered with a warning, and not done
            owner.execute("RESET ROLE")
            assert owner.execute(granted).fetchone() == (0,)


def test_the_collectors_rights_are_enough_to_seal_everything(terminal, owner):
    terminal.reread(touch("07:20:00"))
    owner.execute("INSERT INTO trail (at, account, action, subject, address) VALUES (now(), 'ani', 'login', '', '')")
    store = Store(terminal.store.engine, role=Role.COLLECTOR)
    seal_evidence(store, SettableClock())
    [(sealed,)] = owner.execute("SELECT coalesce(sum(rows), 0) FROM seal")
    assert sealed >= 0
    assert owner.execute("SELECT count(*) FROM seal").fetchone() != (0,)


@pytest.fixture
def login(owner):
    """Give the roles as logins, as docs/operations.md has them, and take that back afterwards."""
    own = ROLES[1:]
    for role in own:
        owner.execute(f"ALTER ROLE {role} LOGIN")
    yield own
    for role in own:
        owner.execute(f"ALTER ROLE {role} NOLOGIN")


def test_who_logs_in_as_a_role_of_its_own_cannot_take_another(database, login):
    for role in login:
        with contextlib.closing(psycopg.connect(url_as(database, role), autocommit=True)) as connection:
            connection.execute("RESET ROLE")
            assert connection.execute("SELECT current_user").fetchone() == (role.value,)
            for other in {*ROLES, "eabsensi"} - {role}:
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    connection.execute(f"SET ROLE {other}")


def url_as(database: str, user: str) -> str:
    return make_url(database).set(drivername="postgresql", username=user).render_as_string()


def test_a_store_works_as_the_role_that_it_was_opened_for(database, login):
    for user, wanted, works_as in [
        ("eabsensi", Role.PORTAL, "eabsensi_portal"),
        ("eabsensi", Role.APPLICATION, "eabsensi_app"),
        ("eabsensi_portal", Role.PORTAL, "eabsensi_portal"),
        ("eabsensi_portal", Role.COLLECTOR, "eabsensi_portal"),
    ]:
        store = Store.at(url_as(database, user), wanted)
        store.check_schema()
        with store.begin() as connection:
            assert connection.execute(text("SELECT current_user")).scalar_one() == works_as
        with store.begin_as_owner() as connection:
            assert may_make(connection) == (user == "eabsensi")
        store.dispose()


def test_a_login_of_before_goes_on_as_the_application(database, owner):
    owner.execute("DROP ROLE IF EXISTS of_before")
    owner.execute("CREATE ROLE of_before LOGIN IN ROLE eabsensi_app")
    store = Store.at(url_as(database, "of_before"), Role.COLLECTOR)
    with store.begin() as connection:
        assert connection.execute(text("SELECT current_user")).scalar_one() == "eabsensi_app"
    store.dispose()
    owner.execute("DROP ROLE of_before")


def test_an_owner_who_may_not_make_roles_is_told_what_to_do(database, owner, monkeypatch):
    owner.execute("DROP ROLE IF EXISTS plain")
    owner.execute("CREATE ROLE plain LOGIN")
    monkeypatch.setattr("eabsensi.store.roles.Role.PORTAL._value_", "eabsensi_nobody_made_me")
    store = Store.at(url_as(database, "plain"))
    with pytest.raises(RoleMissingError, match="CREATE ROLE"), store.begin_as_owner() as connection:
        make_role(connection, Role.PORTAL)
    store.dispose()
    owner.execute("DROP ROLE plain")
