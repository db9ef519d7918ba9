"""The Debian that is booted: made once with debootstrap, kept in build/boot, and laid under each run untouched."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Final

CHECKOUT: Final = Path(__file__).parents[2]
FOLDER: Final = CHECKOUT / "build" / "boot"
#: Where docs/operations.md has the checkout.
PLACE: Final = Path("opt/eabsensi")
_SUITE: Final = "bookworm"
#: What docs/operations.md and docs/portal.md install, and what a server has anyway.
_PACKAGES: Final = (
    *("systemd", "systemd-sysv", "dbus", "sudo", "iproute2", "ca-certificates", "curl", "openssl"),
    *("git", "python3", "python3-venv", "postgresql", "nginx-light", "caddy"),
)
_PIP_FILES: Final = ("/etc/pip.conf", "/etc/xdg/pip/pip.conf", "~/.config/pip/pip.conf", "~/.pip/pip.conf")


class CannotBootError(Exception):
    """Something that it takes is not here; the message says what."""


def why_not() -> str | None:
    """Tell why this machine cannot boot a Debian; None where it can, as far as can be seen without trying."""
    if os.geteuid() != 0:
        return "it needs root"
    missing = [name for name in ("systemd-nspawn", "nsenter", "ip", "mount") if shutil.which(name) is None]
    if not _is_made() and shutil.which("debootstrap") is None:
        missing.append("debootstrap")
    if missing:
        return f"{', '.join(missing)} not installed (Debian: debootstrap, systemd-container, iproute2)"
    return None


def make_root() -> Path:
    """Make the Debian where it is not there, and install the checkout's packages into it with scripts/bootstrap.

    Raises:
        CannotBootError: no Debian mirror or no package registry can be reached.

    """
    FOLDER.mkdir(parents=True, exist_ok=True)
    root = FOLDER / "root"
    if not _is_made():
        shutil.rmtree(root, ignore_errors=True)
        _run("the Debian could not be made", "debootstrap", *_options(), _SUITE, str(root), _mirror())
        (root / ".made").touch()
    copy_checkout(root)
    _run("scripts/bootstrap failed", *_inside(root), f"/{PLACE}/scripts/bootstrap")
    return root


def copy_checkout(root: Path) -> None:
    """Put the checkout's own files, those that git would keep, where the documentation has them."""
    target = root / PLACE
    listed = subprocess.run(  # noqa: S603 - our own commands
        ["git", "-C", CHECKOUT, "ls-files", "-coz", "--exclude-standard"],  # noqa: S607  git is wherever it is
        capture_output=True,
        check=True,
    ).stdout
    for old in target.glob("*"):
        if old.name not in (".venv", ".venv.lock"):
            shutil.rmtree(old) if old.is_dir() else old.unlink()
    for name in filter(None, listed.decode().split("\0")):
        if (CHECKOUT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(CHECKOUT / name, target / name)


def _is_made() -> bool:
    return (FOLDER / "root" / ".made").exists()


def _options() -> list[str]:
    return ["--variant=minbase", f"--include={','.join(_PACKAGES)}"]


def _mirror() -> str:
    """Give the mirror that this machine's own apt uses."""
    told = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(SITE)", "Created-By: Packages"],  # noqa: S607  apt is in the PATH
        capture_output=True,
        text=True,
        check=False,
    ).stdout
    sites = [line for line in told.splitlines() if line.endswith("/debian")]
    if not sites:
        raise CannotBootError("apt of this machine names no Debian mirror")
    return sites[0]


def _inside(root: Path) -> list[str]:
    """Give the beginning of a command in the Debian, with this machine's network and its settings of pip."""
    files = [path for name in _PIP_FILES if (path := Path(name).expanduser()).is_file()]
    told = {name: value for name, value in os.environ.items() if name.startswith("PIP_")}
    places = {path for path in _places([*told.values(), *(file.read_text() for file in files)]) if path.exists()}
    binds = [f"--bind-ro={path}" for path in sorted({*places, *files, Path("/etc/resolv.conf").resolve()})]
    if Path("/etc/resolv.conf").is_symlink():
        binds[-1] += ":/etc/resolv.conf"
    told_in = [f"--setenv={name}={value}" for name, value in told.items()]
    return ["systemd-nspawn", "--quiet", "-D", str(root), "--register=no", "--keep-unit", "--pipe", *binds, *told_in]


def _places(texts: list[str]) -> set[Path]:
    """Give the local paths in settings of pip: certificates, constraints, wheels, indexes."""
    found = re.findall(r"(?:file://|(?<![\w:/.]))(/[\w./+-]+)", "\n".join(texts))
    return {Path(path.removesuffix("/simple")) for path in found if path.count("/") > 1}


def _run(complaint: str, *command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)  # noqa: S603 - our own commands
    if done.returncode != 0:
        last = (done.stderr or done.stdout).strip().splitlines()[-12:]
        raise CannotBootError("\n  ".join([f"{complaint}:", *last]))
