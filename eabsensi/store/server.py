"""A PostgreSQL of our own, for the demo, the tests and small sites: on a private socket, gone when its owner dies."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import psycopg
from psycopg import sql

from eabsensi.store.account import server_account
from eabsensi.store.binaries import choose_bindir, find_bindirs, within_reach
from eabsensi.store.cluster import (
    SUPERUSER,
    Cluster,
    DataDirectoryError,
    Postmaster,
    ServerStartError,
    open_cluster,
    spawn,
)

__all__ = ["DataDirectoryError", "PrivateServer", "ServerStartError", "find_bindirs"]

PORT = 5432  # only a part of the socket's name
_LOG_LIMIT_BYTES = 10_000_000
_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
    "jit": "off",  # compiling costs more than it gains on short queries over many partitions
}
_NOT_DURABLE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class _Child:
    """PostgreSQL as a foreground child of a thread that lives as long as it does.

    The kernel's parent-death signal follows the thread that started the child, so no caller's thread may start it.
    """

    def __init__(self, command: list[str]) -> None:
        self._command = command
        self._started = threading.Event()
        self._failure: OSError | None = None
        self._process: subprocess.Popen[str] | None = None
        self._thread = threading.Thread(target=self._run, name="postgres-owner", daemon=True)
        self._thread.start()
        self._started.wait()
        if self._failure is not None:
            raise self._failure

    def _run(self) -> None:
        try:
            self._process = spawn(self._command)
        except OSError as failure:
            self._failure = failure
        finally:
            self._started.set()
        if self._process is not None:
            self._process.wait()

    @property
    def running(self) -> bool:
        return self._thread.is_alive()

    def stop(self) -> None:
        """End with a fast, clean shutdown; clients are disconnected."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                self._process.send_signal(signal.SIGINT)
        self._thread.join()


class PrivateServer:
    """A running PostgreSQL on files of ours: started here (then we own it), or found running (then we share it)."""

    def __init__(self, cluster: Cluster, bindir: Path | None, *, durable: bool) -> None:
        self._cluster = cluster
        self._bindir = bindir
        self._durable = durable
        self._child: _Child | None = None
        self._owner_pid = os.getpid()
        self._reviving = threading.Lock()
        self.postmaster = Postmaster(0, PORT, Path("/"))

    @classmethod
    def start(cls, data_dir: Path, *, bindir: Path | None = None, durable: bool = True) -> Self:
        """Serve the database in ``data_dir``, or share the server that already does.

        Args:
            data_dir: a folder of ours; made where missing, with mode 0700.
            bindir: the folder of PostgreSQL's programs; None for the best that is found.
            durable: False for throw-away databases, which a power cut may destroy.

        Raises:
            DataDirectoryError: the folder cannot be used.
            NoPostgresError: no programs that fit were found.
            ServerStartError: PostgreSQL ended at once; the message carries its last words.

        """
        server = cls(open_cluster(data_dir, server_account()), bindir, durable=durable)
        server.ensure()
        return server

    @property
    def owned(self) -> bool:
        """Tell whether this object started the server and so may stop it."""
        return self._child is not None and self._owner_pid == os.getpid()

    @property
    def socket_dir(self) -> Path:
        """The private folder that holds the socket."""
        return self.postmaster.socket_dir

    @property
    def folder(self) -> Path:
        """The folder that holds the database's files."""
        return self._cluster.folder

    def url(self, database: str = "eabsensi") -> str:
        """Give the SQLAlchemy URL of one of its databases."""
        return f"postgresql+psycopg://{SUPERUSER}@/{database}?host={self.socket_dir}&port={self.postmaster.port}"

    def connect(self, database: str = "eabsensi") -> psycopg.Connection:
        """Connect; where the server is gone (its owner ended, or it crashed), serve again first.

        Raises:
            psycopg.OperationalError: when the database still cannot be reached.

        """
        try:
            return self._connect(database)
        except psycopg.OperationalError:
            self.ensure()
            return self._connect(database)

    def ensure(self) -> None:
        """Find the running server or start one, and wait until it answers, however long its recovery takes."""
        with self._reviving, self._cluster.locked():
            while (running := self._cluster.postmaster()) is not None:
                self.postmaster = running
                if self._answers():
                    return
                time.sleep(0.01)  # it is starting or stopping: both end by themselves
            self._launch()

    def stop(self) -> None:
        """Shut the server down if it is ours; a shared one is left alone."""
        if not self.owned or self._child is None:
            return
        self._child.stop()
        self._child = None
        shutil.rmtree(self.socket_dir, ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _launch(self) -> None:
        cluster = self._cluster
        bindir = within_reach(choose_bindir(self._bindir, cluster.major()), cluster.account, cluster.folder)
        if cluster.major() is None:
            cluster.create(bindir, durable=self._durable)
        cluster.settle()
        _limit_log(cluster.log_file)
        socket_dir = cluster.new_socket_dir()
        settings = _SETTINGS | ({} if self._durable else _NOT_DURABLE) | {"unix_socket_directories": str(socket_dir)}
        options = [f"--{name}={value}" for name, value in settings.items()]
        command = cluster.command(
            cluster.log_file, bindir / "postgres", "-D", str(cluster.files), "-p", str(PORT), *options
        )
        self._owner_pid = os.getpid()
        self._child = _Child(command)
        self.postmaster = Postmaster(0, PORT, socket_dir)
        self._wait_until_ready(self._child)
        self.postmaster = cluster.postmaster() or self.postmaster
        self._create_database()

    def _wait_until_ready(self, child: _Child) -> None:
        while not self._answers():
            if not child.running:
                self._child = None
                shutil.rmtree(self.socket_dir, ignore_errors=True)
                raise ServerStartError(
                    f"PostgreSQL ended while starting: {_last_words(self._cluster.log_file)}",
                    remedy=f"Its log is {self._cluster.log_file}.",
                )
            time.sleep(0.005)

    def _connect(self, database: str) -> psycopg.Connection:
        return psycopg.connect(
            host=str(self.socket_dir),
            port=self.postmaster.port,
            user=SUPERUSER,
            dbname=database,
            connect_timeout=10,
            prepare_threshold=None,
        )

    def _answers(self) -> bool:
        try:
            self._connect("postgres").close()
        except psycopg.OperationalError:
            return False
        return True

    def _create_database(self) -> None:
        with contextlib.closing(self._connect("postgres")) as connection:
            connection.autocommit = True
            found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [SUPERUSER]).fetchone()
            if found is None:
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(SUPERUSER)))


def _limit_log(log_file: Path) -> None:
    if log_file.exists() and log_file.stat().st_size > _LOG_LIMIT_BYTES:
        log_file.replace(log_file.with_suffix(".log.1"))


def _last_words(log_file: Path) -> str:
    lines = log_file.read_text(encoding="utf-8", errors="replace").splitlines() if log_file.exists() else []
    return " / ".join(lines[-3:]) or "it said nothing"
