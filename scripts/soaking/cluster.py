"""Three PostgreSQL nodes under Patroni with etcd, on this machine's loopback, with folders and ports of their own."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

import psycopg

from eabsensi.store.account import Account, server_account
from eabsensi.store.binaries import find_bindirs

NODES: Final = 3
PACKAGES: Final = "patroni etcd-server python3-etcd postgresql"
_PROGRAMS: Final = ("patroni", "etcd")
_PATIENCE_SECONDS: Final = 120.0
_HOST: Final = "127.0.0.1"
_CONFIG: Final = """
scope: soak
name: node{at}
restapi: {{listen: "{host}:{rest}", connect_address: "{host}:{rest}"}}
etcd3: {{host: "{host}:{etcd}"}}
bootstrap:
  dcs:
    ttl: 20
    loop_wait: 5
    retry_timeout: 5
    maximum_lag_on_failover: 1048576
    synchronous_mode: true
    synchronous_mode_strict: true
    postgresql: {{use_pg_rewind: true, parameters: {{max_connections: 200, wal_keep_size: 64MB}}}}
  initdb: [{{encoding: UTF8}}, {{locale: C.UTF-8}}, data-checksums]
  pg_hba: ["host all all 127.0.0.1/32 trust", "host replication all 127.0.0.1/32 trust"]
postgresql:
  listen: "{host}:{port}"
  connect_address: "{host}:{port}"
  data_dir: {folder}/files
  bin_dir: {bindir}
  pgpass: {folder}/pgpass
  authentication:
    superuser: {{username: postgres, password: soak}}
    replication: {{username: replicator, password: soak}}
    rewind: {{username: postgres, password: soak}}
  parameters: {{unix_socket_directories: "{folder}"}}
"""


def what_is_missing() -> str:
    """Say what this machine lacks for the cluster; "" where it lacks nothing."""
    if os.geteuid() != 0:
        return "it needs root, to run the nodes under an account of their own"
    missing = [program for program in _PROGRAMS if shutil.which(program) is None]
    if missing:
        return f"{' and '.join(missing)} not found: apt-get install {PACKAGES}"
    return ""


@dataclass(slots=True)
class _Node:
    """One node: an agent that starts and watches its PostgreSQL."""

    name: str
    folder: Path
    port: int
    agent: subprocess.Popen[bytes] | None = None


class Cluster:
    """The running cluster. Use as a context manager."""

    def __init__(self) -> None:
        self._account = server_account()
        self.folder = Path(tempfile.mkdtemp(prefix="eabsensi-soak-ha-"))
        self._account.own(self.folder)
        self._etcd_port, peer, *ports = _free_ports(2 + 2 * NODES)
        self._etcd = self._spawn("etcd", *self._etcd_words(peer))
        bindir = find_bindirs()[0]
        self._nodes = [self._make_node(at, ports[2 * at], ports[2 * at + 1], bindir) for at in range(NODES)]

    def __enter__(self) -> Self:
        for node in self._nodes:
            self._start(node)
        _until(lambda: self.primary() is not None and self.has_standby(), "a primary with a synchronous standby")
        with contextlib.closing(self._connect(self._port_of_primary(), "postgres")) as connection:
            connection.execute("CREATE ROLE eabsensi LOGIN SUPERUSER")
            connection.execute("CREATE DATABASE eabsensi OWNER eabsensi")
        return self

    def __exit__(self, *_: object) -> None:
        for node in self._nodes:
            if node.agent is not None:
                node.agent.send_signal(signal.SIGTERM)
        for node in self._nodes:
            if node.agent is not None:
                node.agent.wait(60)
        self._etcd.terminate()
        self._etcd.wait(30)
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def url(self) -> str:
        """The address of whichever node is the primary."""
        servers = ",".join(f"{_HOST}:{node.port}" for node in self._nodes)
        return f"postgresql://eabsensi@{servers}/eabsensi?target_session_attrs=read-write&connect_timeout=3"

    def primary(self) -> str | None:
        """Give the name of the node that takes writes; None while none does."""
        return next((node.name for node in self._nodes if self._says(node, _IS_PRIMARY)), None)

    def has_standby(self) -> bool:
        """Whether somebody confirms each commit before it is acknowledged."""
        return any(self._says(node, _HAS_STANDBY) for node in self._nodes)

    def kill_primary(self) -> str:
        """Kill agent and server of the primary with SIGKILL, at once; give its name."""
        node = next(node for node in self._nodes if node.name == self.primary())
        postmaster = int((node.folder / "files" / "postmaster.pid").read_text(encoding="ascii").split("\n")[0])
        assert node.agent is not None, "it runs"
        node.agent.kill()
        os.kill(postmaster, signal.SIGKILL)
        node.agent.wait()
        node.agent = None
        return node.name

    def revive(self, name: str) -> None:
        """Start a killed node's agent again, and wait until there is a standby."""
        self._start(next(node for node in self._nodes if node.name == name))
        _until(lambda: self.primary() is not None and self.has_standby(), f"a standby after {name} came back")

    def _etcd_words(self, peer: int) -> list[str]:
        client, other = f"http://{_HOST}:{self._etcd_port}", f"http://{_HOST}:{peer}"
        named = {
            "--name": "soak",
            "--data-dir": str(self.folder / "etcd"),
            "--listen-client-urls": client,
            "--advertise-client-urls": client,
            "--listen-peer-urls": other,
            "--initial-advertise-peer-urls": other,
            "--initial-cluster": f"soak={other}",
        }
        return [word for pair in named.items() for word in pair]

    def _make_node(self, at: int, port: int, rest: int, bindir: Path) -> _Node:
        folder = self.folder / f"node{at}"
        folder.mkdir(mode=0o700)
        written = _CONFIG.format(
            at=at, host=_HOST, port=port, rest=rest, etcd=self._etcd_port, folder=folder, bindir=bindir
        )
        (folder / "patroni.yaml").write_text(written, encoding="utf-8")
        self._account.own(folder)
        return _Node(f"node{at}", folder, port)

    def _start(self, node: _Node) -> None:
        node.agent = self._spawn("patroni", str(node.folder / "patroni.yaml"))

    def _spawn(self, program: str, *words: str) -> subprocess.Popen[bytes]:
        found = shutil.which(program)
        assert found is not None, "looked for before"
        with (self.folder / f"{program}.log").open("ab") as log:
            return subprocess.Popen(  # noqa: S603  a program of the distribution, with words of ours
                [found, *words],
                cwd=self.folder,
                env={"PATH": "/usr/bin:/bin", "HOME": str(self.folder), "ETCD_UNSUPPORTED_ARCH": "arm64"},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                **_as_account(self._account),
            )

    def _port_of_primary(self) -> int:
        return next(node.port for node in self._nodes if node.name == self.primary())

    def _says(self, node: _Node, query: str) -> bool:
        try:
            with contextlib.closing(self._connect(node.port, "postgres")) as connection:
                return connection.execute(query.encode()).fetchone() == (True,)
        except psycopg.Error:
            return False

    def _connect(self, port: int, database: str) -> psycopg.Connection:
        return psycopg.connect(
            host=_HOST, port=port, dbname=database, user="postgres", connect_timeout=3, autocommit=True
        )


_IS_PRIMARY: Final = "SELECT NOT pg_is_in_recovery()"
_HAS_STANDBY: Final = "SELECT EXISTS (SELECT FROM pg_stat_replication WHERE sync_state IN ('sync', 'quorum'))"


def _as_account(account: Account) -> dict[str, Any]:
    return {"user": account.uid, "group": account.gid, "extra_groups": []}


def _free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as stack:
        taken = [stack.enter_context(socket.create_server((_HOST, 0))) for _ in range(count)]
        return [int(one.getsockname()[1]) for one in taken]


def _until(is_so: Callable[[], bool], what: str) -> None:
    gives_up_at = time.monotonic() + _PATIENCE_SECONDS
    while not is_so():
        if time.monotonic() > gives_up_at:
            raise RuntimeError(f"{what} did not come about in {_PATIENCE_SECONDS:g} s")
        time.sleep(0.2)
