"""Secrets that are planted are found in no log, no process list and no file that the services make."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy import make_url
from waiting import until

from eabsensi.devices.simulator.config import TerminalConfig
from eabsensi.devices.simulator.fleet import Fleet
from eabsensi.store.database import Store
from eabsensi.store.people import Unit, save_units

COMM_KEY = 918_273
DATABASE_PASSWORD = "kata-sandi-basis-data-4417"
PASSWORD = "kata-sandi-ani-yang-panjang-8812"
HERE = Path(__file__).parents[2]


class Services:
    """Collector and portal as processes, with their secrets in a folder of credentials as systemd gives them."""

    def __init__(self, database: str, folder: Path) -> None:
        self.folder = folder
        self.credentials = folder / "credentials"
        self.credentials.mkdir()
        url = make_url(database).set(password=DATABASE_PASSWORD, drivername="postgresql")
        (self.credentials / "database-url").write_text(url.render_as_string(hide_password=False))
        (self.credentials / "comm-key-lobi").write_text(f"{COMM_KEY}\n")
        self.home = folder / "home"
        self.home.mkdir()
        self.running: list[subprocess.Popen[str]] = []
        self.environment = {
            "PATH": os.environ["PATH"],
            "CREDENTIALS_DIRECTORY": str(self.credentials),
            "EABSENSI_DEVICES": str(folder / "devices.yaml"),
            "EABSENSI_HOME": str(self.home),
            "TMPDIR": str(self.home),
        }

    def run(self, *words: str, written: str = "") -> str:
        command = [sys.executable, "-m", "eabsensi", *words]
        told = subprocess.run(
            command, env=self.environment, cwd=HERE, input=written, capture_output=True, text=True, check=True
        )
        return told.stdout

    def start(self, *words: str) -> Path:
        log = self.home / f"{words[0]}.log"
        with log.open("w") as stream:
            command = [sys.executable, "-m", "eabsensi", *words]
            self.running.append(
                subprocess.Popen(command, env=self.environment, cwd=HERE, stdout=stream, stderr=stream, text=True)
            )
        return log

    def seen_by_others(self) -> bytes:
        """Give arguments and environment of the processes and their children."""
        parts = []
        for process in self.running:
            children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
            for pid in [process.pid, *children]:
                parts += [Path(f"/proc/{pid}/{name}").read_bytes() for name in ("cmdline", "environ")]
        return b"\0".join(parts)

    def written(self) -> dict[Path, bytes]:
        """Give what stands in every file but the credentials, the logs among them."""
        return {
            path: path.read_bytes()
            for path in self.folder.rglob("*")
            if path.is_file() and not path.is_relative_to(self.credentials)
        }

    def end(self) -> None:
        for process in self.running:
            process.terminate()
        for process in self.running:
            process.wait()


@pytest.fixture
def services(store: Store, database: str, tmp_path: Path) -> Iterator[Services]:
    with store.begin() as connection:
        save_units(connection, [Unit("DINKES", "Dinas Kesehatan", None, "Dinas", "5-day", None)])
    services = Services(database, tmp_path)
    yield services
    services.end()


def write_registry(services: Services, terminals) -> None:
    entries = [
        f"  - {{serial: {one.serial}, unit: DINKES, name: Lobi, host: {one.host}, port: {one.port}, comm_key: lobi}}\n"
        for one in terminals
    ]
    (services.folder / "devices.yaml").write_text("".join(["devices:\n", *entries]))


def test_no_secret_is_in_a_log_a_process_list_or_a_file(services, owner):
    with Fleet() as fleet:
        good = fleet.add(TerminalConfig(serial="SIM0001", comm_key=COMM_KEY))
        refusing = fleet.add(TerminalConfig(serial="SIM0002", comm_key=COMM_KEY + 1))
        write_registry(services, [good, refusing])
        services.run("account", "add", "ani", "--role", "hr", "--name", "Ani", "--stdin", written=f"{PASSWORD}\n")
        token = max(services.run("account", "token", "add", "payroll", "--role", "hr").split(), key=len)
        collector = services.start("run")
        portal = services.start("portal", "--port", "0")
        until(lambda: "listens at" in portal.read_text(), "the portal listens")
        address = portal.read_text().partition("listens at ")[2].split()[0].rstrip(".")
        cookie = visit(address, token)
        outcomes = "SELECT count(DISTINCT outcome) FROM poll WHERE outcome IN ('ok', 'auth_failed')"
        until(lambda: owner.execute(outcomes).fetchone() == (2,), "one terminal is read, the other refuses the key")
        owner.execute("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE pid <> pg_backend_pid()")
        httpx.get(address, cookies={"eabsensi": cookie})
        seen = services.seen_by_others()
    services.end()
    assert str(services.home).encode() in seen  # the search sees what is there
    assert "SIM0002" in collector.read_text()
    planted = {
        "comm key": f"{COMM_KEY}",
        "database": DATABASE_PASSWORD,
        "password": PASSWORD,
        "token": token,
        "cookie": cookie,
    }
    stored = "\n".join(every_row(owner))
    assert "SIM0002" in stored
    for name, secret in planted.items():
        assert secret not in stored, name
        assert len(secret) >= 6, name
        assert secret.encode() not in seen, name
        assert [path for path, content in services.written().items() if secret.encode() in content] == [], name


def every_row(owner) -> list[str]:
    """Give every row of every table as text."""
    tables = owner.execute(
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')"
    )
    return [row for (name,) in tables.fetchall() for (row,) in owner.execute(f"SELECT t::text FROM {name} AS t")]


def visit(address: str, token: str) -> str:
    """Log in with a wrong and the right password, use the token and a wrong one, and give the session's cookie."""
    with httpx.Client(base_url=address, headers={"Sec-Fetch-Site": "same-origin"}) as browser:
        browser.post("/login", data={"username": "ani", "password": f"{PASSWORD}x"})
        browser.post("/login", data={"username": PASSWORD, "password": PASSWORD})  # typed into the wrong field
        answer = browser.post("/login", data={"username": "ani", "password": PASSWORD})
        assert answer.status_code == 303
        for bearer in (token, f"{token}x"):
            browser.get("/api/v1/units", headers={"Authorization": f"Bearer {bearer}"})
        return answer.cookies["eabsensi"]
