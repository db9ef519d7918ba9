"""Tell systemd how the service is (sd_notify); without systemd, nothing happens."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping


def notify(*states: str, environ: Mapping[str, str] = os.environ) -> bool:
    """Send states such as ``READY=1`` or ``STATUS=...``; False where no systemd listens, or listens too slowly.

    Raises:
        OSError: the socket that systemd named does not take the message.

    """
    address = environ.get("NOTIFY_SOCKET")
    if not address:
        return False
    if address.startswith("@"):
        address = "\0" + address[1:]
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sock:
        # A service must never wait for the one who asks how it is.
        sock.setblocking(False)
        sock.connect(address)
        try:
            sock.send("\n".join(states).encode())
        except BlockingIOError:
            return False
    return True


def watchdog_seconds(environ: Mapping[str, str] = os.environ) -> float | None:
    """Give the seconds between signs of life that systemd asks for, already halved; None where it asks for none."""
    microseconds = environ.get("WATCHDOG_USEC")
    return int(microseconds) / 2_000_000 if microseconds else None
