"""The door to the database: one transaction at a time, as the application or as the tables' owner."""

from __future__ import annotations

import contextlib
import select
from collections.abc import Iterator
from typing import Self

import psycopg
import sqlalchemy
from sqlalchemy import URL, Connection, Engine, create_engine, event, text

from eabsensi.errors import EabsensiError
from eabsensi.settings import Settings
from eabsensi.store import schema
from eabsensi.store.address import parse_url, servers_of, with_patience
from eabsensi.store.reader import Reading, seen_through
from eabsensi.store.roles import Role, become
from eabsensi.store.server import PrivateServer

PRIVATE_FOLDER = "postgresql"  # within EABSENSI_HOME
# Classes of PostgreSQL's error codes that mean "not now": connection, resources (disk, memory, connections), operator
# intervention (shutdown, recovery); a refused password; a server that only reads, as after a failover; and a
# transaction that was cut off because we were silent in it (eabsensi.store.leases).
_NOT_NOW = ("08", "28", "53", "57P", "25006", "25P03", "3D000", "40P01")


class DatabaseUnavailableError(EabsensiError):
    """The database cannot be used at the moment."""


class SchemaOutdatedError(EabsensiError):
    """The database's tables are not those that this version of the program knows."""


class Store:
    """The database as the rest of the program uses it.

    Attributes:
        engine: SQLAlchemy's pool of connections.
        place: where the database is, for people; without a password.
        role: whose rights its transactions have, save the owner's.
        reader: a database that follows this one, from which reports are read; None where there is none.

    """

    def __init__(self, engine: Engine, place: str | None = None, *, role: Role = Role.APPLICATION) -> None:
        self.engine = engine
        self.role = role
        self.reader: Store | None = None
        self.place = place or _place(engine.url)

    @classmethod
    def at(cls, url: str, role: Role = Role.APPLICATION) -> Self:
        """Open the database that a URL names, e.g. ``postgresql://eabsensi@db.example/eabsensi``.

        Several servers stand in it as :mod:`eabsensi.store.address` says.

        Raises:
            SettingsError: when it is no URL of a PostgreSQL.

        """
        return cls(_engine_at(parse_url(url)), role=role)

    @classmethod
    def reading_at(cls, url: str, role: Role = Role.APPLICATION) -> Self:
        """Open a database that is only read, as EABSENSI_READER_URL names it; it may be a standby.

        Raises:
            SettingsError: when it is no URL of a PostgreSQL.

        """
        return cls(_engine_at(parse_url(url, "EABSENSI_READER_URL"), session="any"), role=role)

    @contextlib.contextmanager
    def begin(self) -> Iterator[Connection]:
        """Run one transaction with the rights of the store's role: none can change or remove evidence.

        Raises:
            DatabaseUnavailableError: when the database cannot be reached, or is lost on the way.

        """
        with self._translating(), self.engine.begin() as connection:
            become(connection, self.role)
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

    @contextlib.contextmanager
    def begin_snapshot(self) -> Iterator[Connection]:
        """Run one transaction with the rights of the store's role that sees the database as it is at its start.

        Raises:
            DatabaseUnavailableError: when the database cannot be reached, or is lost on the way.

        """
        with self.begin_as_owner() as connection:
            connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
            become(connection, self.role)
            yield connection

    @contextlib.contextmanager
    def begin_reading(self) -> Iterator[Reading]:
        """Run one transaction that only reads: on the reader where there is one, else here.

        Raises:
            DatabaseUnavailableError: when one of the two cannot be reached, or the reader holds nothing yet.

        """
        if self.reader is None:
            with self.begin() as connection:
                yield Reading(connection)
            return
        with self.reader.begin_snapshot() as copy:
            with self.begin() as original:
                try:
                    reached = seen_through(original, copy)
                except LookupError as error:
                    raise DatabaseUnavailableError(
                        f"{self.reader.place} {error}, so nothing can be read from it.",
                        remedy="Wait until it has followed, or unset EABSENSI_READER_URL.",
                    ) from error
            yield Reading(copy, reached)

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
        if self.reader is not None:
            self.reader.dispose()

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
def open_store(settings: Settings, *, upgrade: bool = False, role: Role = Role.APPLICATION) -> Iterator[Store]:
    """Open the configured database; where none is configured, start or share a PostgreSQL of our own.

    Args:
        settings: what this installation was told.
        upgrade: bring the schema up to date first; otherwise it has to be.
        role: whose rights the store's transactions have.

    Raises:
        DatabaseUnavailableError: the database cannot be reached.
        SchemaOutdatedError: the schema is not up to date, and ``upgrade`` was not asked for.
        EabsensiError: our own PostgreSQL cannot run; see :mod:`eabsensi.store.server`.

    """
    with contextlib.ExitStack() as stack:
        if settings.database_url is None:
            server = stack.enter_context(PrivateServer.start(settings.home / PRIVATE_FOLDER))
            store = private_store(server, role)
        else:
            store = Store.at(settings.database_url, role)
        stack.callback(store.dispose)
        if upgrade:
            store.upgrade()
        store.check_schema()
        if settings.reader_url is not None:
            store.reader = Store.reading_at(settings.reader_url, role)
            store.reader.check_schema()
        yield store


def private_store(server: PrivateServer, role: Role = Role.APPLICATION) -> Store:
    """Give the store on a PostgreSQL of our own; it serves again where its owner ended while we shared it."""
    engine = create_engine("postgresql+psycopg://", creator=server.connect, **_POOL)
    return Store(_looked_after(engine), f"The database in {server.folder}", role=role)


_POOL: dict[str, int] = {"pool_size": 10, "max_overflow": 40}


def _looked_after(engine: Engine) -> Engine:
    """Let no pooled connection be used that the server has closed meanwhile.

    A server that closes a connection says so, and its words wait in the socket. So only a connection with something to
    read is tried; SQLAlchemy's own test asks the server each time, which is a fifth of all that a quiet poll asks it.
    """

    def try_if_spoken_to(connection: psycopg.Connection, *_: object) -> None:
        if not connection.closed and not _has_something_to_read(connection):
            return
        try:
            engine.dialect.do_ping(connection)  # type: ignore[arg-type]  # SQLAlchemy has a protocol of its own for this
        except psycopg.Error as error:
            raise sqlalchemy.exc.InvalidatePoolError from error

    event.listen(engine, "checkout", try_if_spoken_to)
    return engine


def _has_something_to_read(connection: psycopg.Connection) -> bool:
    waiting = select.poll()
    waiting.register(connection.fileno(), select.POLLIN)
    return bool(waiting.poll(0))


def _engine_at(url: URL, *, session: str = "read-write") -> Engine:
    # Server-side prepared statements do not survive a transaction-pooling PgBouncer.
    arguments: dict[str, object] = {"prepare_threshold": None}
    return _looked_after(create_engine(with_patience(url, session), connect_args=arguments, **_POOL))


def _place(url: URL) -> str:
    return f"The database {url.database or ''} at {', '.join(servers_of(url)) or 'this machine'}"


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
