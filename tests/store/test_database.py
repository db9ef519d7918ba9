"""Opening the database, and saying plainly when it is not there."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url, text

from eabsensi.errors import SettingsError
from eabsensi.settings import Settings
from eabsensi.store.database import DatabaseUnavailableError, SchemaOutdatedError, Store, open_store


def settings(home, url=None):
    return Settings(home=Path(home), database_url=url, devices_file=Path("devices.yaml"), policy=None)


def who(store, begin):
    with begin() as conn:
        return conn.execute(text("SELECT current_user, current_setting('TimeZone')")).one()


def test_the_application_and_the_owner_have_their_own_rights(store):
    assert who(store, store.begin) == ("eabsensi_app", "UTC")
    assert who(store, store.begin_as_owner) == ("eabsensi", "UTC")


def test_a_login_that_is_no_owner_works_as_the_application(database, owner):
    owner.execute("DROP ROLE IF EXISTS collector")
    owner.execute("CREATE ROLE collector LOGIN IN ROLE eabsensi_app")
    store = Store.at(make_url(database).set(username="collector").render_as_string())
    assert who(store, store.begin)[0] == "eabsensi_app"
    store.check_schema()
    store.dispose()
    owner.execute("DROP ROLE collector")


def test_a_transaction_that_fails_leaves_nothing(store, owner):
    with pytest.raises(ZeroDivisionError), store.begin() as conn:  # noqa: PT012  the insert is the point
        conn.execute(text("INSERT INTO unit (code, name, pattern) VALUES ('U', 'U', '5-day')"))
        raise ZeroDivisionError
    assert owner.execute("SELECT count(*) FROM unit").fetchone() == (0,)


def test_a_database_that_cannot_be_reached_is_named_without_its_password(tmp_path):
    url = f"postgresql://eabsensi:s3cret-word@/absensi?host={tmp_path}"
    with pytest.raises(DatabaseUnavailableError) as failure, open_store(settings(tmp_path, url)):
        pass
    assert f"absensi at {tmp_path}" in str(failure.value)
    assert "s3cret-word" not in str(failure.value)


def test_host_and_port_of_a_network_database_are_named():
    place = Store.at("postgresql://u:p@db.example:6432/absensi").place
    assert place == "The database absensi at db.example:6432"
    assert "a,b" in Store.at("postgresql://u:p@/absensi?host=a&host=b").place.replace(", ", ",")


def test_a_database_that_is_not_there_is_unavailable(server):
    store = Store.at(server.server.url("nobody_made_this"))
    with pytest.raises(DatabaseUnavailableError, match="does not exist"), store.begin():
        pass
    store.dispose()


def test_a_connection_lost_on_the_way_is_said_so_and_the_next_one_works(store, owner):
    with pytest.raises(DatabaseUnavailableError), store.begin() as conn:  # noqa: PT012  it has to be open to be lost
        pid = conn.execute(text("SELECT pg_backend_pid()")).scalar_one()
        owner.execute("SELECT pg_terminate_backend(%s, 10000)", [pid])
        conn.execute(text("SELECT 1"))
    assert who(store, store.begin)[0] == "eabsensi_app"


def test_a_connection_lost_during_a_copy_is_said_so(store, owner):
    with pytest.raises(DatabaseUnavailableError), store.begin() as conn:  # noqa: PT012  it has to be open to be lost
        cursor = conn.connection.cursor()
        owner.execute("SELECT pg_terminate_backend(%s, 10000)", [cursor.connection.info.backend_pid])
        with cursor.copy("COPY unit TO STDOUT") as copy:
            list(copy)


def test_a_mistake_in_a_statement_is_no_outage(store):
    with pytest.raises(Exception, match="syntax error") as failure, store.begin() as conn:
        conn.execute(text("SELEKT 1"))
    assert isinstance(failure.value.orig, psycopg.errors.SyntaxError)


@pytest.mark.parametrize("url", ["not a url", "mysql://u:s3cret-word@db/x", "://s3cret-word"])
def test_what_is_no_postgresql_url_is_refused_without_showing_it(tmp_path, url):
    with pytest.raises(SettingsError, match="EABSENSI_DATABASE_URL") as failure, open_store(settings(tmp_path, url)):
        pass
    assert "s3cret-word" not in str(failure.value)
    assert failure.value.__cause__ is None


def test_an_old_schema_is_refused_unless_an_upgrade_is_asked_for(server, tmp_path):
    with server.database("template0") as url:
        with pytest.raises(SchemaOutdatedError), open_store(settings(tmp_path, url)):
            pass
        with open_store(settings(tmp_path, url), upgrade=True) as store:
            assert who(store, store.begin)[0] == "eabsensi_app"


def test_without_a_url_a_server_of_our_own_runs_and_is_gone_afterwards(open_folder, bindir, monkeypatch):
    monkeypatch.setenv("EABSENSI_PG_BINDIR", str(bindir))
    home = open_folder / f"home-{bindir.parent.name}"
    with open_store(settings(home), upgrade=True) as store:
        assert who(store, store.begin)[0] == "eabsensi_app"
        with open_store(settings(home)) as shared:
            assert who(shared, shared.begin)[0] == "eabsensi_app"
        assert who(store, store.begin)[0] == "eabsensi_app"
    assert not (home / "postgresql" / "cluster" / "postmaster.pid").exists()
