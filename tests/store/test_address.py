"""A database's address with one server or several, of which the one that takes writes is wanted."""

from __future__ import annotations

import contextlib
import socket

import pytest
from sqlalchemy import make_url, text

from eabsensi.errors import SettingsError
from eabsensi.store.address import parse_url, servers_of, with_patience
from eabsensi.store.database import Store


@pytest.mark.parametrize(
    ("written", "servers"),
    [
        ("postgresql://u:p@db.example/absensi", ["db.example"]),
        ("postgresql://u:p@db.example:6432/absensi", ["db.example:6432"]),
        ("postgresql://u:p@a:5433,b:5434,c/absensi", ["a:5433", "b:5434", "c:5432"]),
        ("postgresql://u:p@[fd00::1]:5433,[fd00::2]/absensi", ["fd00::1:5433", "fd00::2:5432"]),
        ("postgresql://u:p@/absensi?host=a&host=b", ["a", "b"]),
        ("postgresql://u:p@/absensi?host=a,b&port=1,2", ["a:1", "b:2"]),
        ("postgresql://u:p@/absensi?host=/run/postgresql", ["/run/postgresql"]),
        ("postgresql:///absensi", []),
    ],
)
def test_servers_are_read_as_people_write_them(written: str, servers: list[str]) -> None:
    url = parse_url(written)
    assert servers_of(url) == servers
    assert url.database == "absensi"
    if servers and not servers[0].startswith("/"):
        assert (url.username, url.password) == ("u", "p")


def test_of_several_servers_the_primary_is_wanted_unless_the_address_says_otherwise() -> None:
    several = "postgresql://u:p@a,b/absensi"
    assert with_patience(parse_url(several)).query["target_session_attrs"] == "read-write"
    reader = with_patience(parse_url(f"{several}?target_session_attrs=prefer-standby&connect_timeout=3"))
    assert reader.query["target_session_attrs"] == "prefer-standby"
    assert reader.query["connect_timeout"] == "3"
    assert "target_session_attrs" not in with_patience(parse_url("postgresql://u:p@a/absensi")).query


def test_a_server_that_vanishes_without_a_word_is_given_up_soon() -> None:
    said = with_patience(parse_url("postgresql://u:p@a/absensi")).query
    silent = int(str(said["keepalives_idle"])) + int(str(said["keepalives_interval"])) * int(
        str(said["keepalives_count"])
    )
    assert silent <= 30
    assert int(str(said["tcp_user_timeout"])) <= 30_000


@pytest.mark.parametrize("written", ["postgresql://u:s3cret-word@a:x,b/y", "postgresql://u:s3cret-word@a:x/y", "a,b"])
def test_a_wrong_address_is_refused_in_words_and_without_its_password(written: str) -> None:
    with pytest.raises(SettingsError, match="EABSENSI_DATABASE_URL is not a URL") as failure:
        parse_url(written)
    assert "s3cret-word" not in str(failure.value)


def test_of_several_servers_one_that_is_there_is_used(database: str) -> None:
    """The first refuses connections; the second is the test's own server, on its socket."""
    here = make_url(database)
    with contextlib.closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))  # nobody listens
        hosts = f"127.0.0.1,{here.query['host']}"
        ports = f"{taken.getsockname()[1]},{here.query['port']}"
        store = Store.at(f"postgresql://{here.username}@/{here.database}?host={hosts}&port={ports}")
        with store.begin() as connection:
            assert connection.execute(text("SELECT current_database()")).scalar_one() == here.database
        store.dispose()
    assert "127.0.0.1:" in store.place
