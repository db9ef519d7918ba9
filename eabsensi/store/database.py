"""The door to the database: one transaction at a time, as the application or as the tables' owner."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Self

import psycopg
import sqlalchemy
from sqlalchemy import URL, Connection, Engine, create_engine, make_url, text

from eabsensi.errors import EabsensiError, SettingsError
from eabsensi.settings import Settings
from eabsensi.store import schema
from eabsensi.store.roles import become_application
from eabsensi.store.server import PrivateServer

PRIVATE_FOLDER = "postgresql"  # within EABSENSI_HOME
CONNECT_TIMEOUT_SECONDS = "10"
# Classes of PostgreSQL's error codes that mean "not now": connection, resources (disk, memory, connections), operator
# intervention (shutdown, recovery); a refused password; and a server that only reads, as after a failover.
_NOT_NOW = ("08", "28", "53", "57P", "25006", "3D000")


class DatabaseUnavailableError(EabsensiError):
    """The database cannot be used at the moment."""


class SchemaOutdatedError(EabsensiError):
    """The database's tables are not those that this version of the program knows."""


class Store:
    """The database as the rest of the program uses it.

    Attributes:
        engine: SQLAlchemy's pool of connections.
        place: where the database is, for people; without a password.

    """

    def __init__(self, engine: Engine, place: str | None = None) -> None:
        self.engine = engine
        self.place = place or _place(engine.url)

    @classmethod
    def at(cls, url: str) -> Self:
        """Open the database that a URL names, e.g. ``postgresql://eabsensi@db.example/eabsensi``.

        Raises:
            SettingsError: when it is no URL of a PostgreSQL.

        """
        return cls(_engine_at(_parse(url)))

    @contextlib.contextmanager
    def begin(self) -> Iterator[Connection]:
        """Run one transaction with the application's rights: it cannot change or remove evidence.

        Raises:
            DatabaseUnavailableError: when the database cannot be reached, or is lost on the way.

        """
        with self.begin_as_owner() as connection:
            become_application(connection)
            yield connection

    @contextlib.contextmanager
    def begin_as_owner(self) -> Iterator[Connection]:
        """Run one transaction with the session user's own rights, for schema and partitions.

        Raises:
            DatabaseUnavailableError: when the database cannot be reached, or is lost on the way.

        """
        with self._translating(), self.engine.begin() as connection:
            connection.execute(text("SET LOCAL TIME ZONE 'UTC'"))
            yield connection

    def upgrade(self) -> str:
        """Bring the schema up to date; see :func:`eabsensi.store.schema.upgrade`."""
        with self._translating():
            return schema.upgrade(self.engine)

    def check_schema(self) -> None:
        """Make sure that the tables are those that this program knows.

        Raises:
            SchemaOutdatedError: when they are older, newer or missing.

        """
        with self._translating():
            found = schema.current(self.engine)
        if found == schema.head():
            return
        if found is not None and not schema.known(found):
            raise SchemaOutdatedError(
                f"{self.place} has tables of a newer version ({found}).", remedy="Install the newer eabsensi."
            )
        raise SchemaOutdatedError(
            f"{self.place} has {'old' if found else 'no'} tables.", remedy="Run `eabsensi db upgrade`."
        )

    def dispose(self) -> None:
        """Close the pooled connections."""
        self.engine.dispose()

    @contextlib.contextmanager
    def _translating(self) -> Iterator[None]:
        try:
            yield
        except (sqlalchemy.exc.DBAPIError, sqlalchemy.exc.TimeoutError, psycopg.Error) as error:
            if not _is_not_now(error):
                raise
            raise DatabaseUnavailableError(
                f"{self.place} cannot be used now: {_first_line(error)}.",
                remedy="Look whether the server runs and whether its address and password are right.",
            ) from error


@contextlib.contextmanager
def open_store(settings: Settings, *, upgrade: bool = False) -> Iterator[Store]:
    """Open the configured database; where none is configured, start or share a PostgreSQL of our own.

    Args:
        settings: what this installation was told.
        upgrade: bring the schema up to date first; otherwise it has to be.

    Raises:
        DatabaseUnavailableError: the database cannot be reached.
        SchemaOutdatedError: the schema is not up to date, and ``upgrade`` was not asked for.
        EabsensiError: our own PostgreSQL cannot run; see :mod:`eabsensi.store.server`.

    """
    with contextlib.ExitStack() as stack:
        if settings.database_url is None:
            server = stack.enter_context(PrivateServer.start(settings.home / PRIVATE_FOLDER))
            store = private_store(server)
        else:
            store = Store.at(settings.database_url)
        stack.callback(store.dispose)
        if upgrade:
            store.upgrade()
        store.check_schema()
        yield store


def private_store(server: PrivateServer) -> Store:
    """Give the store on a PostgreSQL of our own; it serves again where its owner ended while we shared it."""
    engine = create_engine("postgresql+psycopg://", creator=server.connect, **_POOL)
    return Store(engine, f"The database in {server.folder}")


# Server-side prepared statements do not survive a transaction-pooling PgBouncer; connections may die between two polls.
_POOL: dict[str, int | bool] = {"pool_pre_ping": True, "pool_size": 10, "max_overflow": 40}


def _engine_at(url: URL) -> Engine:
    arguments: dict[str, object] = {"prepare_threshold": None}
    if "connect_timeout" not in url.query:
        url = url.update_query_dict({"connect_timeout": CONNECT_TIMEOUT_SECONDS})
    return create_engine(url, connect_args=arguments, **_POOL)


def _parse(text_of_url: str) -> URL:
    try:
        url = make_url(text_of_url)
    except sqlalchemy.exc.ArgumentError:
        raise SettingsError(  # from None: the cause would show the password
            "EABSENSI_DATABASE_URL is not a URL.", remedy="Write it as postgresql://USER:PASSWORD@HOST:PORT/DATABASE."
        ) from None
    if url.get_backend_name() not in ("postgresql", "postgres"):
        raise SettingsError(
            f"EABSENSI_DATABASE_URL names {url.get_backend_name()}, but the database has to be PostgreSQL.",
            remedy="Write it as postgresql://USER:PASSWORD@HOST:PORT/DATABASE.",
        )
    return url.set(drivername="postgresql+psycopg")


def _place(url: URL) -> str:
    hosts = url.query.get("host", ())
    named = [hosts] if isinstance(hosts, str) else list(hosts)
    if url.host:
        named.insert(0, f"{url.host}:{url.port}" if url.port else url.host)
    return f"The database {url.database or ''} at {', '.join(named) or 'this machine'}"


def _is_not_now(error: sqlalchemy.exc.SQLAlchemyError | psycopg.Error) -> bool:
    if isinstance(error, sqlalchemy.exc.TimeoutError):
        return True  # every pooled connection is busy
    cause = error.orig if isinstance(error, sqlalchemy.exc.DBAPIError) else error
    if not isinstance(cause, psycopg.Error):
        return False
    if cause.sqlstate is None:
        return isinstance(cause, psycopg.OperationalError)  # the driver's own: no connection, or lost
    return cause.sqlstate.startswith(_NOT_NOW)


def _first_line(error: Exception) -> str:
    cause = error.orig if isinstance(error, sqlalchemy.exc.DBAPIError) and error.orig else error
    return (str(cause).strip() or type(cause).__name__).splitlines()[0].rstrip(".")
