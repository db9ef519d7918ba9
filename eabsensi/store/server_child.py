"""Becomes PostgreSQL: gives up root, ties its life to its parent's, then executes. Run as a script, by its path.

A script of its own, because Python code between fork and exec is unsafe in a process with threads, and because the
interpreter may be out of reach for the account that PostgreSQL runs under, so it must be loaded before the change.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def become(uid: int, gid: int) -> None:
    """Take on an account for good; the kernel forgets the parent-death signal here, so this comes first."""
    if uid == os.geteuid():
        return
    os.setgroups([])
    os.setgid(gid)
    os.setuid(uid)


def die_with(parent: int) -> None:
    """Ask the kernel for SIGINT (a fast, clean shutdown) when the thread that started this process ends."""
    if ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGINT) != 0:
        sys.exit("prctl(PR_SET_PDEATHSIG) failed")
    if os.getppid() != parent:
        sys.exit("the owner died before PostgreSQL started")


def write_to(log_file: str) -> None:
    """Send all output to a log; opened only now, so that root never follows a link in somebody else's folder."""
    if log_file != "-":
        log = os.open(log_file, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW, 0o600)
        os.dup2(log, 1)
        os.dup2(log, 2)


def main(arguments: list[str]) -> None:
    """Read ``uid gid parent-pid log-file program argument...`` and become that program."""
    uid, gid, parent, log_file, *command = arguments
    os.umask(0o077)
    become(int(uid), int(gid))
    die_with(int(parent))
    write_to(log_file)
    os.execv(command[0], command)  # noqa: S606  the program is PostgreSQL's own, and no shell must stand between


if __name__ == "__main__":
    main(sys.argv[1:])
