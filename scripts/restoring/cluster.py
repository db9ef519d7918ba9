"""A PostgreSQL whose WAL is archived, run by Debian's own programs as an operator would."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

import psycopg

from eabsensi.store.binaries import find_bindirs

PORT = 54_399
SUPERUSER = "drill"


class ArchivedCluster:
    """One server in a folder: ``files``, ``wal`` (the archive) and ``base`` (the base backup)."""

    def __init__(self, folder: Path) -> None:
        """Make an empty cluster; as root its files are the account postgres's."""
        self.files, self.wal, self.base = folder / "files", folder / "wal", folder / "base"
        self._folder = folder
        self._bindir = next(found for found in find_bindirs() if str(found).startswith("/usr/lib/postgresql"))
        self._account: dict[str, Any] = {"user": "postgres", "group": "postgres"} if os.geteuid() == 0 else {}
        folder.chmod(0o711)
        self.wal.mkdir()
        if self._account:
            shutil.chown(folder, "postgres", "postgres")
            shutil.chown(self.wal, "postgres", "postgres")
        self.run("initdb", "-D", self.files, "-U", SUPERUSER, "-A", "trust", "--no-instructions")
        with (self.files / "postgresql.conf").open("a") as settings:
            settings.write(
                f"listen_addresses = ''\nunix_socket_directories = '{folder}'\nport = {PORT}\nwal_level = replica\n"
                f"archive_mode = on\narchive_command = 'test ! -f {self.wal}/%f && cp %p {self.wal}/%f'\n"
                f"restore_command = 'cp {self.wal}/%f %p'\n"
            )

    @property
    def url(self) -> str:
        """The database's address."""
        return f"postgresql://{SUPERUSER}@/postgres?host={self._folder}&port={PORT}"

    def run(self, program: str, *arguments: object) -> None:
        """Run one of PostgreSQL's programs, as the account of its files."""
        command = [str(self._bindir / program), *map(str, arguments)]
        subprocess.run(command, check=True, cwd="/", stdout=subprocess.DEVNULL, **self._account)  # noqa: S603 - theirs

    def start(self) -> None:
        """Start, and wait until it takes writes, however long its recovery takes."""
        self.run("pg_ctl", "-D", self.files, "-l", self._folder / "log", "-w", "-s", "start")
        while self.ask("SELECT pg_is_in_recovery()"):
            time.sleep(0.05)

    def lose(self) -> None:
        """Kill it as a power cut does, and throw its disk away."""
        self.run("pg_ctl", "-D", self.files, "-m", "immediate", "-s", "stop")
        shutil.rmtree(self.files)

    def stop(self) -> None:
        """End it, where it runs."""
        with contextlib.suppress(subprocess.CalledProcessError):
            self.run("pg_ctl", "-D", self.files, "-m", "fast", "-s", "stop")

    def back_up(self) -> None:
        """Take a base backup."""
        self.run("pg_basebackup", "-h", self._folder, "-p", PORT, "-U", SUPERUSER, "-D", self.base, "-c", "fast")

    def archive(self) -> None:
        """Have what was written so far archived, and wait for it."""
        segment = self.ask("SELECT pg_walfile_name(pg_switch_wal())")
        while not (self.wal / str(segment)).exists():
            time.sleep(0.05)

    def restore(self, moment: str) -> None:
        """Put the base backup in place, and have the archive played up to a moment."""
        shutil.copytree(self.base, self.files)
        self.files.chmod(0o700)
        with (self.files / "postgresql.conf").open("a") as settings:
            settings.write(f"recovery_target_time = '{moment}'\nrecovery_target_action = 'promote'\n")
        (self.files / "recovery.signal").touch()
        for path in (self.files, *self.files.rglob("*")) if self._account else ():
            shutil.chown(path, "postgres", "postgres")
        self.start()

    def ask(self, query: str) -> Any:
        """Give the one value that a query answers."""
        with contextlib.closing(psycopg.connect(self.url, autocommit=True)) as connection:
            row = connection.execute(query.encode()).fetchone()
        assert row is not None, "it answers with a row"
        return row[0]
