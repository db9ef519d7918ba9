"""The files of our own PostgreSQL: the folder they live in, making them, and who serves them now."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from eabsensi.errors import EabsensiError
from eabsensi.store.account import Account, reachable

SUPERUSER = "eabsensi"
_CHILD = Path(__file__).with_name("server_child.py")
_SOCKET_ROOT = Path("/tmp")  # noqa: S108  a socket's path may have about 100 bytes; the folder made here is 0700
_SOCKET_PREFIX = "eabsensi-pg-"


class DataDirectoryError(EabsensiError):
    """The folder for the database's files cannot be used."""


class ServerStartError(EabsensiError):
    """Our own PostgreSQL did not start."""


@dataclass(frozen=True, slots=True)
class Postmaster:
    """A running server as it describes itself in ``postmaster.pid``."""

    pid: int
    port: int
    socket_dir: Path


@dataclass(frozen=True, slots=True)
class Cluster:
    """One database cluster in a folder of ours: ``files`` holds PostgreSQL's own tree."""

    folder: Path
    account: Account

    @property
    def files(self) -> Path:
        """The folder that PostgreSQL calls its data directory."""
        return self.folder / "cluster"

    @property
    def log_file(self) -> Path:
        """What PostgreSQL has to say."""
        return self.folder / "postgres.log"

    def major(self) -> int | None:
        """Give the major version of the files, or None before they are made."""
        version = self.files / "PG_VERSION"
        return int(version.read_text(encoding="ascii")) if version.exists() else None

    def locked(self) -> contextlib.AbstractContextManager[None]:
        """Let one process at a time look and start."""
        return _locked(self.folder)

    def postmaster(self) -> Postmaster | None:
        """Give the server that runs on these files; what a dead one left behind does not count."""
        try:
            lines = (self.files / "postmaster.pid").read_text(encoding="utf-8").splitlines()
        except FileNotFoundError:
            return None
        if not lines or not lines[0].isdigit() or int(lines[0]) not in self._inhabitants():
            return None
        complete = len(lines) >= 5 and lines[3].isdigit()
        return Postmaster(int(lines[0]), int(lines[3]) if complete else 0, Path(lines[4] if complete else "/"))

    def settle(self) -> None:
        """Wait for what a dead server left running, and make sure that its ``postmaster.pid`` is no hindrance.

        PostgreSQL itself clears up after a crash by that file, but refuses to start where its number belongs to any
        new process of the same user, as after a reboot. Then the file may go, since nobody works on the files.
        """
        while self._inhabitants():
            time.sleep(0.01)
        pid_file = self.files / "postmaster.pid"
        if pid_file.exists() and Path("/proc", pid_file.read_text(encoding="utf-8").split("\n")[0]).exists():
            pid_file.unlink()

    def _inhabitants(self) -> set[int]:
        """List the processes that work in the files: PostgreSQL's all stay in that folder."""
        files = str(self.files.resolve())
        return {int(process.name) for process in Path("/proc").glob("[0-9]*") if _works_in(process) == files}

    def create(self, bindir: Path, *, durable: bool) -> None:
        """Make the files; an interrupted attempt leaves nothing that looks finished.

        Raises:
            ServerStartError: with what initdb said.

        """
        unfinished = self.folder / "cluster.unfinished"
        for locale in ("C.UTF-8", "C"):
            shutil.rmtree(unfinished, ignore_errors=True)
            options = _initdb_options(unfinished, locale, durable=durable)
            initdb = spawn(self.command("-", bindir / "initdb", *options), subprocess.PIPE)
            _, complaint = initdb.communicate()
            if initdb.returncode == 0:
                unfinished.rename(self.files)
                return
        raise ServerStartError(
            f"initdb could not make the database's files in {self.folder}: {complaint.strip()}",
            remedy="Look at the reason above; a full disk and missing rights are the usual ones.",
        )

    def command(self, log: Path | str, program: Path, *arguments: str) -> list[str]:
        """Give the command line that runs a program under this cluster's account and ends it with this process.

        Args:
            log: the file that takes its output; ``-`` leaves the output to the caller.
            program: what to run.
            arguments: its arguments.

        """
        identity = (self.account.uid, self.account.gid, os.getpid())
        return [sys.executable, "-I", "-S", str(_CHILD), *map(str, identity), str(log), str(program), *arguments]

    def new_socket_dir(self) -> Path:
        """Make a fresh private folder for the socket; one that a killed owner left behind goes."""
        note = self.folder / "socket-folder"
        if note.is_file() and not note.is_symlink():
            self._remove_left_behind(Path(note.read_text(encoding="utf-8")))
        folder = Path(tempfile.mkdtemp(prefix=_SOCKET_PREFIX, dir=_SOCKET_ROOT))
        self.account.own(folder)
        note.unlink(missing_ok=True)
        with note.open("x", encoding="utf-8") as file:
            file.write(str(folder))
        return folder

    def _remove_left_behind(self, folder: Path) -> None:
        # The note lies in a folder of the database's account, so root must not take its word for more than this.
        ours = folder.parent == _SOCKET_ROOT and folder.name.startswith(_SOCKET_PREFIX)
        if ours and folder.is_dir() and folder.lstat().st_uid == self.account.uid:
            shutil.rmtree(folder, ignore_errors=True)


def spawn(command: list[str], output: int | None = None) -> subprocess.Popen[str]:
    """Start a program apart from the terminal's signals and from any PG* setting of this process."""
    return subprocess.Popen(  # noqa: S603  our own script and PostgreSQL's own programs
        command,
        cwd="/",
        env={"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"},
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        start_new_session=True,
        text=True,
    )


def open_cluster(folder: Path, account: Account) -> Cluster:
    """Make or check the folder of a cluster; a folder that is not ours is never changed.

    Raises:
        DataDirectoryError: when it belongs to somebody else, or the account cannot get there.

    """
    folder = folder.absolute()
    if not folder.exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
    _check_way(folder, account)
    with _locked(folder.parent), contextlib.suppress(FileExistsError):
        folder.mkdir(mode=0o700)
        account.own(folder)
    found = folder.stat()
    if found.st_uid != account.uid:
        raise DataDirectoryError(
            f"{folder} exists and does not belong to {account.name}, under whom the database runs.",
            remedy="Name a folder that does not exist yet, or one that belongs to that account.",
        )
    return Cluster(folder, account)


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Hold a folder's lock, which changes nothing in it and dies with its holder."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _check_way(folder: Path, account: Account) -> None:
    if reachable(folder.parent, account):
        return
    closed = next(
        (parent for parent in reversed(folder.parents) if not reachable(parent, account)),
        folder.parent,
    )
    raise DataDirectoryError(
        f"The account {account.name}, under whom the database runs, cannot enter {closed} on the way to {folder}.",
        remedy="Set EABSENSI_HOME to a folder that it can reach, e.g. below /var/lib, or open the way yourself.",
    )


def _initdb_options(files: Path, locale: str, *, durable: bool) -> list[str]:
    options = ["-D", str(files), "-U", SUPERUSER, "--encoding=UTF8", f"--locale={locale}"]
    options += ["--auth-local=trust", "--auth-host=reject"]  # whoever can enter the private socket folder is trusted
    return options if durable else [*options, "--no-sync"]


def _works_in(process: Path) -> str | None:
    try:
        return os.readlink(process / "cwd")  # noqa: PTH115  compared as text, many times
    except OSError:
        return None  # it ended, or is somebody else's
