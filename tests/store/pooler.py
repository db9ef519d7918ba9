"""Debian's PgBouncer in front of a test's server: transactions of many clients share two connections."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
from postgres_servers import Server
from sqlalchemy import make_url
from waiting import until

PORT = 6432
PROGRAM = shutil.which("pgbouncer", path=f"{os.environ['PATH']}:/usr/sbin")
_SETTINGS = """
[databases]
* = host={server} port=5432 user={user}
[pgbouncer]
listen_addr =
listen_port = {port}
unix_socket_dir = {folder}
unix_socket_mode = 0777
auth_type = any
pool_mode = transaction
default_pool_size = 2
max_client_conn = 100
server_lifetime = 60
logfile = {folder}/log
pidfile = {folder}/pid
"""


@contextlib.contextmanager
def pooled(server: Server, url: str) -> Iterator[str]:
    """Give the address by which a database is reached through the pooler."""
    assert PROGRAM is not None
    folder = Path(tempfile.mkdtemp(prefix="eabsensi-pgb-"))
    account = server.server._cluster.account
    owner = {"user": account.uid, "group": account.gid} if os.geteuid() == 0 else {}
    settings = folder / "pgbouncer.ini"
    settings.write_text(
        _SETTINGS.format(server=server.server.socket_dir, user=make_url(url).username, port=PORT, folder=folder)
    )
    if owner:
        for path in (folder, settings):
            os.chown(path, account.uid, account.gid)
    process = subprocess.Popen([PROGRAM, "-q", settings], cwd="/", **owner)
    address = f"postgresql://{make_url(url).username}@/{make_url(url).database}?host={folder}&port={PORT}"
    try:
        until(lambda: process.poll() is not None or _answers(address))
        assert process.poll() is None, (folder / "log").read_text()
        yield address
    finally:
        process.terminate()
        process.wait()
        shutil.rmtree(folder)


def _answers(address: str) -> bool:
    try:
        psycopg.connect(address).close()
    except psycopg.OperationalError:
        return False
    return True
