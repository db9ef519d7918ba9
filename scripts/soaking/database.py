"""The week's PostgreSQL: a small disk of its own where root may have one, and blows to it."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import psycopg

from eabsensi.store.account import server_account
from eabsensi.store.binaries import find_bindirs, within_reach
from eabsensi.store.cluster import SUPERUSER, open_cluster, spawn
from eabsensi.store.database import Store

_DISK_MIB: Final = 384
_PATIENCE_SECONDS: Final = 120.0
#: How the server may be ended: nicely, at once (it recovers afterwards), or killed.
ENDINGS: Final = {"fast": signal.SIGINT, "immediate": signal.SIGQUIT, "kill -9": signal.SIGKILL}
_SETTINGS: Final = {
    "listen_addresses": "",
    "max_connections": "200",
    "min_wal_size": "32MB",
    "max_wal_size": "64MB",
    "timezone": "UTC",
    "jit": "off",
    "fsync": "off",  # processes are killed here, not the machine: what was written stays written
}
_CLIENTS: Final = """
    FROM pg_stat_activity
    WHERE datname = 'city' AND backend_type = 'client backend' AND pid <> pg_backend_pid()
"""
_TWO_MEBIBYTES: Final = (
    "CREATE TEMPORARY TABLE filled AS SELECT repeat(at::text, 1000) FROM generate_series(100, 799) AS at"
)


class WeekDatabase:
    """A server that can be ended, started, cut off and filled. Its methods belong to one thread: it dies with that."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="eabsensi-soak-pg-"))
        self.folder.chmod(0o711)
        self.has_small_disk = self._mount()
        account = server_account()
        self._socket = self.folder / "socket"
        self._socket.mkdir(mode=0o700)
        account.own(self._socket)
        self._cluster = open_cluster(self.folder / "disk" / "server", account)
        self._process: subprocess.Popen[str] | None = None
        self._bindir = within_reach(find_bindirs()[0], account, self._cluster.folder)
        self._cluster.create(self._bindir, durable=False)
        self.start()
        self.run("postgres", "CREATE DATABASE city", "CREATE DATABASE template_city")
        for name in ("city", "template_city"):
            store = Store.at(self.url(name))
            store.upgrade()
            store.dispose()

    def url(self, name: str = "city") -> str:
        """Give the address of one of its databases."""
        return f"postgresql://{SUPERUSER}@/{name}?host={self._socket}&port=5432"

    def start(self) -> None:
        """Start it, again and again where it has no room to start, and wait until it answers."""
        settings = [f"--{name}={value}" for name, value in _SETTINGS.items()]
        program, log = self._bindir / "postgres", self._cluster.log_file
        place = ["-D", str(self._cluster.files), "-p", "5432", f"--unix_socket_directories={self._socket}"]
        command = self._cluster.command(log, program, *place, *settings)
        self._cluster.settle()
        self._reap()
        self._process = spawn(command)
        gives_up_at = time.monotonic() + _PATIENCE_SECONDS
        while not self._answers():
            if self._process.poll() is not None:
                self._cluster.settle()
                self._process = spawn(command)
            if time.monotonic() > gives_up_at:
                raise RuntimeError(f"PostgreSQL does not come back; its log is {log}")
            time.sleep(0.02)

    def _reap(self) -> None:
        if self._process is not None:
            self._process.wait()

    def restart(self, how: str, away_seconds: float = 0.0) -> None:
        """End it while it runs, in one of :data:`ENDINGS`, stay away for a while, start it."""
        while not self.end(how):
            self.start()
        time.sleep(away_seconds)
        self.start()

    def end(self, how: str) -> bool:
        """End it and wait until nobody works on its files any more; False where it did not run."""
        running = self._cluster.postmaster()
        if running is not None:
            try:
                os.kill(running.pid, ENDINGS[how])
            except ProcessLookupError:
                running = None
        self._cluster.settle()
        return running is not None

    def cut_connections(self) -> bool:
        """End every client's connection; False where there is none."""
        return bool(self._ask("postgres", f"SELECT pg_terminate_backend(pid) {_CLIENTS}"))

    def kill_backend(self) -> bool:
        """Kill what serves one client, at work where one is: the server ends all and recovers. False for none."""
        found = self._ask("postgres", f"SELECT pid {_CLIENTS} ORDER BY state = 'idle', random() LIMIT 1")
        if not found:
            return False
        try:
            os.kill(found[0][0], signal.SIGKILL)
        except ProcessLookupError:
            return False
        return True

    def fill_disk(self, seconds: float) -> bool:
        """Leave no byte on its disk for a while; it may go down by that, and is started again.

        Gives False where it wrote all the same.
        """
        filler = self.folder / "disk" / "filler"
        try:
            with filler.open("wb", buffering=0) as file, contextlib.suppress(OSError):
                while file.write(bytes(1 << 16)):
                    pass
            refused = self._refuses_to_write()
            time.sleep(seconds)
        finally:
            filler.unlink()
        if self._cluster.postmaster() is None or not self._answers():
            self.start()
        return refused

    def _refuses_to_write(self) -> bool:
        try:
            self.run("postgres", _TWO_MEBIBYTES)
        except psycopg.errors.DiskFull:
            return True
        except psycopg.OperationalError:
            return self._cluster.postmaster() is None  # it fell over its full disk
        return False

    def _ask(self, name: str, query: str) -> list[tuple[Any, ...]]:
        with contextlib.closing(psycopg.connect(self.url(name), autocommit=True)) as connection:
            return connection.execute(query.encode()).fetchall()

    def run(self, name: str, *statements: str) -> None:
        """Run statements, each on its own."""
        with contextlib.closing(psycopg.connect(self.url(name), autocommit=True)) as connection:
            for statement in statements:
                connection.execute(statement.encode())

    def close(self) -> None:
        """End it and remove everything."""
        self.end("fast")
        self._reap()
        if self.has_small_disk:
            subprocess.run(["/usr/bin/umount", str(self.folder / "disk")], check=False)  # noqa: S603  our own mount
        shutil.rmtree(self.folder, ignore_errors=True)

    def _mount(self) -> bool:
        disk = self.folder / "disk"
        disk.mkdir(mode=0o711)
        if os.geteuid() != 0 or shutil.which("mount") is None:
            return False
        mount = ["/usr/bin/mount", "-t", "tmpfs", "-o", f"size={_DISK_MIB}m,mode=0711", "tmpfs", str(disk)]
        return subprocess.run(mount, check=False, stderr=subprocess.DEVNULL).returncode == 0  # noqa: S603  fixed words

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.url("postgres"), connect_timeout=5).close()
        except psycopg.OperationalError:
            return False
        return True


def patiently(action: Callable[[], bool], what: str) -> None:
    """Do something with the database again and again, until it says that it is done."""
    gives_up_at = time.monotonic() + _PATIENCE_SECONDS
    while True:
        with contextlib.suppress(psycopg.Error):
            if action():
                return
        if time.monotonic() > gives_up_at:
            raise RuntimeError(f"{what}: it could not be done")
        time.sleep(0.1)
