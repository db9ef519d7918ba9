"""The demonstration's portal: an account of each role, and the pages until somebody has seen enough."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from typing import Final

from eabsensi.access.passwords import one_time_password
from eabsensi.access.roles import Role
from eabsensi.rehearsing.city import City
from eabsensi.rehearsing.shell import DemoFailedError, Say, Shell

OPERATORS_UNIT: Final = "DINKES"


def open_accounts(shell: Shell, city: City, say: Say) -> str:
    """Make an account of each role, all with one password, and give it."""
    password = one_time_password()
    employee = next(one for one in city.employees if one.unit == OPERATORS_UNIT)
    words = {
        Role.ADMIN: ("--name", "Admin BKPSDM"),
        Role.HR: ("--name", "Petugas BKPSDM"),
        Role.LEADER: ("--name", "Pimpinan"),
        Role.OPERATOR: ("--name", f"Operator {OPERATORS_UNIT}", "--unit", OPERATORS_UNIT),
        Role.EMPLOYEE: ("--nip", employee.nip),
    }
    for role, more in words.items():
        shell.run("account", "add", role.value, "--role", role.value, *more, "--stdin", shown=False, given=password)
    say("\nAccounts for the portal: " + ", ".join(role.value for role in words))
    return password


def serve_portal(shell: Shell, password: str, port: int, say: Say) -> None:
    """Serve the portal until Ctrl-C.

    Raises:
        DemoFailedError: it cannot listen there, or ends by itself.

    """
    say(f"\nThe portal: http://127.0.0.1:{port}   user name: hr   password: {password}")
    say("The other accounts have the same password. Ctrl-C ends everything.")
    command = [sys.executable, "-m", "eabsensi", "portal", "--port", str(port)]
    with subprocess.Popen(command, cwd=shell.folder, env=shell.environment) as portal:  # noqa: S603 - our own command
        with contextlib.suppress(KeyboardInterrupt):
            portal.wait()
            raise DemoFailedError(f"eabsensi portal ended with {portal.returncode}.")
        portal.terminate()
