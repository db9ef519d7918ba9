"""A booted Debian: an overlay on the one that is kept, a network with nothing but loopback, and its commands."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, Self

from scripts.booting.root import FOLDER, CannotBootError, copy_checkout

_BOOT_SECONDS: Final = 120.0
_REBOOT_WANTED: Final = 133  # systemd-nspawn ends with it, and whoever started it has to start it again
_ENVIRONMENT: Final = (
    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "HOME=/root",
    "LANG=C.UTF-8",
)


class CommandFailedError(Exception):
    """A command in the Debian failed; the message holds what it said."""


class Container:
    """One Debian, from its boot to its end; whatever is written in it is gone afterwards."""

    def __init__(self, root: Path, folder: Path) -> None:
        self.root = folder / "root"
        self.network = f"eabsensi-boot-{os.getpid()}"
        self.secrets: list[str] = []
        self._folder = folder
        self._lower = root
        self._nspawn: subprocess.Popen[bytes] | None = None
        self._leader = 0

    @classmethod
    @contextlib.contextmanager
    def on(cls, root: Path) -> Iterator[Self]:
        """Give a Debian that is prepared, not booted; everything of it is taken away afterwards."""
        with contextlib.ExitStack() as stack:
            folder = Path(tempfile.mkdtemp(prefix="run-", dir=FOLDER))
            stack.callback(shutil.rmtree, folder, ignore_errors=True)
            container = cls(root, folder)
            container._mount()
            stack.callback(_call, "umount", "--lazy", str(container.root))
            _call("ip", "netns", "add", container.network)
            stack.callback(_call, "ip", "netns", "delete", container.network)
            _call("ip", "-n", container.network, "link", "set", "lo", "up")
            stack.callback(container.end)
            copy_checkout(container.root)
            yield container

    def _mount(self) -> None:
        for name in ("root", "upper", "work"):
            (self._folder / name).mkdir()
        layers = f"lowerdir={self._lower},upperdir={self._folder / 'upper'},workdir={self._folder / 'work'}"
        _call("mount", "-t", "overlay", "overlay", "-o", layers, str(self.root))
        for name in ("nginx", "caddy"):  # started when their turn comes; both want port 80
            (self.root / f"etc/systemd/system/multi-user.target.wants/{name}.service").unlink(missing_ok=True)
        (self.root / "etc/hostname").write_text("absensi\n")
        (self.root / "etc/hosts").write_text("127.0.0.1 localhost absensi\n")

    def boot(self) -> None:
        """Start it, and wait until systemd says that everything which belongs to its start is up or has failed."""
        command = [
            *("systemd-nspawn", "--quiet", "--boot", "--register=no", "--keep-unit", "--console=pipe"),
            *("--machine=eabsensi-boot", "--resolv-conf=off", "--timezone=off", "--directory", str(self.root)),
            f"--network-namespace-path=/run/netns/{self.network}",
        ]
        with (self._folder / "console").open("ab") as console:
            self._nspawn = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=console, stderr=console)  # noqa: S603 - our own commands
        until(lambda: self._has_leader() and self._is_up(), _BOOT_SECONDS, "the Debian is up")

    def go_down(self) -> None:
        """Begin a restart, as `systemctl reboot` does on a server, and wait until all is down; :meth:`boot` goes on."""
        assert self._nspawn is not None, "it runs"
        self.try_run("systemctl reboot")
        if self._nspawn.wait(_BOOT_SECONDS) != _REBOOT_WANTED:
            raise CannotBootError(f"it did not ask for a reboot:\n  {self.console()[-600:]}")

    def _has_leader(self) -> bool:
        assert self._nspawn is not None, "it was started"
        if self._nspawn.poll() is not None:
            raise CannotBootError(f"systemd-nspawn ended:\n  {self.console()[-600:]}")
        pid = self._nspawn.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        self._leader = int(children[0]) if children else 0
        return self._leader != 0

    def _is_up(self) -> bool:
        return self.try_run("systemctl is-system-running").stdout.strip() in ("running", "degraded")

    def console(self) -> str:
        """Give what was printed on its console."""
        return (self._folder / "console").read_text(errors="replace")

    def try_run(self, command: str, *, written: str = "") -> subprocess.CompletedProcess[str]:
        """Run a shell command in it as root, and give how it went."""
        inside = ["nsenter", "--target", str(self._leader), "--all", "--", "env", "-i", *_ENVIRONMENT]
        return subprocess.run(  # noqa: S603 - our own commands
            [*inside, "bash", "-c", f"cd /\n{command}"],
            input=written,
            capture_output=True,
            text=True,
            check=False,
            errors="replace",
        )

    def run(self, command: str, *, written: str = "") -> str:
        """Run a shell command in it as root, and give what it printed.

        Raises:
            CommandFailedError: it did not end well.

        """
        done = self.try_run(command, written=written)
        if done.returncode != 0:
            told = (done.stderr or done.stdout).strip()[-800:]
            raise CommandFailedError(f"`{command.splitlines()[0]}` ended with {done.returncode}: {told}")
        return done.stdout

    def show(self, unit: str, key: str) -> str:
        """Give one property of a unit, as systemd tells it."""
        return self.run(f"systemctl show --property={key} --value {unit}").strip()

    def in_network(self, *command: str) -> list[str]:
        """Give a command that runs outside, but in the Debian's network."""
        return ["nsenter", f"--net=/run/netns/{self.network}", "--", *command]

    def end(self) -> None:
        """End it, whatever it is doing."""
        nspawn = self._nspawn
        if nspawn is None or nspawn.poll() is not None:
            return
        nspawn.send_signal(signal.SIGTERM)  # an orderly shutdown
        try:
            nspawn.wait(20)
        except subprocess.TimeoutExpired:
            nspawn.kill()
            nspawn.wait()


def until(is_so: Callable[[], object], seconds: float, what: str) -> None:
    """Wait until something is so.

    Raises:
        TimeoutError: it never was.

    """
    end = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > end:
            raise TimeoutError(f"after {seconds:.0f} s it is still not so that {what}")
        time.sleep(0.2)


def _call(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own commands
    if done.returncode != 0:
        raise CannotBootError(f"`{' '.join(command)}`: {done.stderr.strip()}")
