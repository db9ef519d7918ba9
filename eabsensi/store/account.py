"""The account that our own PostgreSQL runs under: this user's, but never root's."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

_INSTEAD_OF_ROOT = ("postgres", "nobody")


@dataclass(frozen=True, slots=True)
class Account:
    """A user of this machine."""

    name: str
    uid: int
    gid: int

    def own(self, folder: Path) -> None:
        """Hand over a folder that we made, with all in it; nothing to do where it is ours anyway."""
        if self.uid == os.geteuid():
            return
        for path in (folder, *folder.rglob("*")):
            os.chown(path, self.uid, self.gid, follow_symlinks=False)


def server_account() -> Account:
    """Give this process's user, or where that is root: ``postgres`` if there is one, else ``nobody``."""
    if os.geteuid() != 0:
        return Account(_name_of(os.geteuid()), os.geteuid(), os.getegid())
    for name in _INSTEAD_OF_ROOT:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(name, entry.pw_uid, entry.pw_gid)
    return Account("nobody", 65534, 65534)


def reachable(path: Path, account: Account) -> bool:
    """Tell whether the account may enter (a folder) or run (a file) ``path``, by letting the kernel decide."""
    if account.uid == os.geteuid():
        return os.access(path, os.X_OK)
    test = shutil.which("test", path="/usr/bin:/bin") or "/usr/bin/test"
    answer = subprocess.run(  # noqa: S603  a fixed program; the path is one argument
        [test, "-x", path], user=account.uid, group=account.gid, extra_groups=[], cwd="/", check=False
    )
    return answer.returncode == 0


def _name_of(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
