"""Serving the portal: one process, its door on loopback, a proxy such as nginx or Caddy before it."""

from __future__ import annotations

import socket
import sys
from typing import Final

import uvicorn
from fastapi import FastAPI

from eabsensi.collecting.sdnotify import notify
from eabsensi.errors import SettingsError
from eabsensi.portal.warming import keeping_warm

GOODBYE_SECONDS: Final = 8
#: Beyond that, 503: a queue that nobody waits for helps nobody.
MOST_AT_ONCE: Final = 200
#: How long a thread that counts may keep one waiting that only passes an answer on; Python's own 5 ms add up to a tenth
#: of a second for a page that asks the database twenty times.
_SWITCH_SECONDS: Final = 0.0005


class _Server(uvicorn.Server):
    """Tells systemd when it is ready and when it leaves."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            notify("READY=1", "STATUS=serving")

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        notify("STOPPING=1")
        await super().shutdown(sockets)


def open_door(host: str, port: int) -> socket.socket:
    """Listen at an address; port 0 takes any free one.

    Raises:
        SettingsError: the address cannot be had.

    """
    try:
        door = socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as cause:
        raise SettingsError(
            f"The portal cannot listen at {host}, port {port}: {cause.strerror}.",
            remedy="Another program may have it; choose another with --port.",
        ) from cause
    # Who comes in inherits it. Without it the body of an answer waits 40 ms for the headers' receipt.
    door.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return door


def configure(app: FastAPI, *, proxies: str = "127.0.0.1") -> uvicorn.Config:
    """Set the server up.

    Args:
        app: the portal.
        proxies: addresses of proxies whose word on the visitor's address counts.

    """
    return uvicorn.Config(
        app,
        access_log=False,  # addresses hold NIPs, and the audit trail keeps who saw what
        log_config=None,
        lifespan="off",
        server_header=False,
        proxy_headers=True,
        forwarded_allow_ips=proxies,
        timeout_graceful_shutdown=GOODBYE_SECONDS,
        limit_concurrency=MOST_AT_ONCE,
    )


def serve(app: FastAPI, door: socket.socket, *, proxies: str = "127.0.0.1") -> None:
    """Serve at a listening socket until SIGTERM or SIGINT; requests under way are finished."""
    sys.setswitchinterval(_SWITCH_SECONDS)
    with keeping_warm(app.state.desk):
        _Server(configure(app, proxies=proxies)).run(sockets=[door])
