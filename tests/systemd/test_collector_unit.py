"""The collector's unit, as scripts/install puts it in place, is one that systemd accepts and finds well locked."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
UNIT = "eabsensi-collector.service"
analyze = shutil.which("systemd-analyze")
needs_analyze = pytest.mark.skipif(analyze is None, reason="systemd-analyze is not installed (Debian: systemd)")


def install(dest: Path, checkout: Path = ROOT) -> subprocess.CompletedProcess[str]:
    env = {"PATH": os.environ["PATH"], "DESTDIR": str(dest)}
    return subprocess.run(
        [checkout / "scripts/install"], env=env, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
    )


@pytest.fixture
def checkout(tmp_path):
    """A checkout with an environment, but with a program of its own: the unit is judged, not the daemon."""
    place = tmp_path / "opt" / "eabsensi"
    for name in ("scripts", "systemd"):
        shutil.copytree(ROOT / name, place / name)
    shutil.copy(ROOT / "devices.yaml", place)
    program = place / ".venv/bin/eabsensi"
    program.parent.mkdir(parents=True)
    program.write_text('#!/bin/sh\nprintenv CREDENTIALS_DIRECTORY EABSENSI_DEVICES\necho "$@"\n')
    program.chmod(0o755)
    (program.parent / "python").symlink_to("/usr/bin/env")
    return place


@pytest.fixture
def installed(tmp_path, checkout):
    dest = tmp_path / "dest"
    credentials = dest / "etc/eabsensi/credentials"
    credentials.mkdir(parents=True)
    (credentials / "comm-key-dinkes").write_text("123456\n")
    (credentials / "comm-key-setda_2").write_text("7\n")
    done = install(dest, checkout)
    assert done.returncode == 0, done.stderr
    return dest


def unit_of(dest: Path) -> Path:
    return dest / "etc/systemd/system" / UNIT


def read_section(path: Path, section: str) -> dict[str, list[str]]:
    values: dict[str, list[str]] = {}
    current = ""
    for line in path.read_text().splitlines():
        if line.startswith("["):
            current = line.strip("[]")
        elif "=" in line and not line.startswith("#") and current == section:
            key, _, value = line.partition("=")
            values.setdefault(key, []).append(value)
    return values


@needs_analyze
def test_systemd_accepts_the_unit(installed):
    done = subprocess.run([analyze, "verify", unit_of(installed)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@needs_analyze
def test_systemd_would_not_accept_a_unit_with_a_wrong_key(installed):
    unit = unit_of(installed)
    unit.write_text(unit.read_text().replace("WatchdogSec=", "WatchDogSek="))
    done = subprocess.run([analyze, "verify", unit], capture_output=True, text=True, check=False)
    assert "WatchDogSek" in done.stderr


@needs_analyze
def test_systemd_scores_the_unit_ok_or_better():
    command = [analyze, "security", "--offline=true", "--threshold=20", ROOT / "systemd" / UNIT]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-300:] + done.stderr


@needs_analyze
def test_the_score_would_notice_a_lock_that_was_taken_off(tmp_path):
    loose = tmp_path / UNIT
    text = (ROOT / "systemd" / UNIT).read_text()
    loose.write_text(
        "".join(line for line in text.splitlines(keepends=True) if not line.startswith("SystemCallFilter"))
    )
    command = [analyze, "security", "--offline=true", "--threshold=20", loose]
    assert subprocess.run(command, capture_output=True, check=False).returncode == 1


def test_the_unit_names_the_checkout_that_was_installed(installed, checkout):
    service = read_section(unit_of(installed), "Service")
    assert service["ExecStart"] == [f"{checkout}/.venv/bin/eabsensi run"]
    assert "/opt/eabsensi/" not in unit_of(installed).read_text().replace(f"{checkout}/", "")


def test_every_comm_key_becomes_a_credential_under_its_documented_name(installed):
    drop_in = installed / "etc/systemd/system" / f"{UNIT}.d" / "comm-keys.conf"
    assert read_section(drop_in, "Service")["LoadCredential"] == [
        "comm-key-dinkes:/etc/eabsensi/credentials/comm-key-dinkes",
        "comm-key-setda_2:/etc/eabsensi/credentials/comm-key-setda_2",
    ]


def test_each_service_is_given_the_database_url_of_its_own_role(installed, checkout):
    credentials, units = installed / "etc/eabsensi/credentials", installed / "etc/systemd/system"
    fallback = units / "eabsensi-portal.service.d" / "database-url.conf"
    assert read_section(fallback, "Service")["LoadCredential"] == [
        "database-url:/etc/eabsensi/credentials/database-url"
    ]
    for role in ("collector", "portal", "reports"):
        (credentials / f"database-url-{role}").write_text("postgresql://...")
    done = install(installed, checkout)
    assert "logs in as the owner" not in done.stdout
    assert not fallback.exists()
    given = {
        unit.name: read_section(unit, "Service")["LoadCredential"][0].partition(":")[2].rpartition("/")[2]
        for unit in units.glob("*.service")
    }
    assert given == {
        "eabsensi-collector.service": "database-url-collector",
        "eabsensi-portal.service": "database-url-portal",
        "eabsensi-nightly.service": "database-url-reports",
        "eabsensi-upkeep.service": "database-url",
        "eabsensi-verify.service": "database-url-collector",
    }


def test_the_portal_is_another_user_than_the_collector():
    users = {
        name: read_section(ROOT / f"systemd/eabsensi-{name}.service", "Service")["User"][0]
        for name in ("collector", "portal")
    }
    assert users == {"collector": "eabsensi", "portal": "eabsensi-portal"}


def test_no_secret_is_written_into_a_unit(installed):
    written = [path.read_text() for path in (installed / "etc/systemd").rglob("*") if path.is_file()]
    assert written
    assert not any("123456" in text for text in written)


def test_credentials_are_roots_alone(installed):
    folder = installed / "etc/eabsensi/credentials"
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}


def test_installing_again_changes_nothing_and_keeps_an_edited_devices_file(installed, checkout):
    devices = installed / "etc/eabsensi/devices.yaml"
    devices.write_text("devices: []  # mine\n")
    before = {path: path.read_bytes() for path in installed.rglob("*") if path.is_file()}
    assert install(installed, checkout).returncode == 0
    assert {path: path.read_bytes() for path in installed.rglob("*") if path.is_file()} == before


def test_a_comm_key_with_an_impossible_name_is_refused(installed, checkout):
    (installed / "etc/eabsensi/credentials/comm-key-a b").write_text("1")
    done = install(installed, checkout)
    assert done.returncode == 1
    assert "comm-key-a b" in done.stderr


def test_the_installed_command_reads_the_services_settings_and_passes_its_words_on(installed):
    done = subprocess.run(
        [installed / "usr/local/bin/eabsensi", "device", "add", "10.0.0.7"],
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines() == [
        "/etc/eabsensi/credentials",
        "/etc/eabsensi/devices.yaml",
        "device add 10.0.0.7",
    ]


def test_without_an_environment_it_says_what_to_run_first(tmp_path, checkout):
    shutil.rmtree(checkout / ".venv")
    done = install(tmp_path / "dest", checkout)
    assert done.returncode == 1
    assert "scripts/bootstrap" in done.stderr


def test_the_daemon_is_given_the_time_that_it_promises_to_need():
    service = read_section(ROOT / "systemd" / UNIT, "Service")
    assert service["Type"] == ["notify"]
    assert int(service["TimeoutStopSec"][0]) > 10
    assert int(service["WatchdogSec"][0]) > 0
    assert service["Restart"] == ["on-failure"]
    assert service["ExecReload"] == ["/bin/sh -c 'kill -HUP $$MAINPID'"]


@pytest.mark.parametrize("name", ["collector", "portal", "nightly", "upkeep", "verify"])
def test_the_database_of_this_machine_is_stopped_after_the_service(name):
    """Else a collector could not give its leases back at a reboot, when systemd stops everything at once."""
    ordered = read_section(ROOT / f"systemd/eabsensi-{name}.service", "Unit")["After"]
    assert {"postgresql.service", "patroni.service", "pgbouncer.service"} <= set(" ".join(ordered).split())
