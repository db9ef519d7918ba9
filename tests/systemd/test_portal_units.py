"""The portal's and the nightly reports' units are accepted by systemd, well locked, and say what the documents say."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from test_collector_unit import ROOT, checkout, installed, read_section

__all__ = ["checkout", "installed"]  # fixtures

SERVICES = [f"eabsensi-{name}.service" for name in ("portal", "nightly", "upkeep", "verify")]
UNITS = [*SERVICES, *(f"eabsensi-{name}.timer" for name in ("nightly", "upkeep", "verify"))]
analyze = shutil.which("systemd-analyze")
needs_analyze = pytest.mark.skipif(analyze is None, reason="systemd-analyze is not installed (Debian: systemd)")


def placed(dest: Path, unit: str) -> Path:
    return dest / "etc/systemd/system" / unit


@needs_analyze
@pytest.mark.parametrize("unit", UNITS)
def test_systemd_accepts_the_unit(installed, unit):
    done = subprocess.run([analyze, "verify", placed(installed, unit)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@needs_analyze
@pytest.mark.parametrize("unit", SERVICES)
def test_systemd_scores_the_unit_ok_or_better(unit):
    command = [analyze, "security", "--offline=true", "--threshold=20", ROOT / "systemd" / unit]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-300:] + done.stderr


@needs_analyze
@pytest.mark.parametrize(
    ("timer", "meant"), [("nightly", "*-*-* 01:30:00 Asia/Jakarta"), ("verify", "Sun *-*-* 02:30:00 Asia/Jakarta")]
)
def test_the_timers_mean_the_night_of_the_city(timer, meant):
    when = read_section(ROOT / f"systemd/eabsensi-{timer}.timer", "Timer")["OnCalendar"][0]
    told = subprocess.run([analyze, "calendar", when], capture_output=True, text=True, check=True).stdout
    assert f"Normalized form: {meant}" in told


def test_each_service_is_a_process_of_its_own_in_the_installed_checkout(installed, checkout):
    commands = {
        unit: read_section(placed(installed, unit), "Service")["ExecStart"]
        for unit in (*SERVICES, "eabsensi-collector.service")
    }
    program = f"{checkout}/.venv/bin/eabsensi"
    assert commands["eabsensi-portal.service"] == [f"{program} portal"]
    assert commands["eabsensi-nightly.service"][0].startswith(f"{program} report nightly --folder %S/eabsensi/reports")
    assert commands["eabsensi-collector.service"] == [f"{program} run"]
    assert commands["eabsensi-upkeep.service"] == [f"{program} db upkeep"]
    assert commands["eabsensi-verify.service"] == [f"{program} audit verify"]
    for unit in SERVICES:
        assert "comm-key" not in placed(installed, unit).read_text()


def test_the_proxies_examples_do_not_pass_on_what_a_visitor_claims():
    nginx = (ROOT / "systemd/nginx.example.conf").read_text()
    assert "$remote_addr;" in nginx
    assert "$proxy_add_x_forwarded_for" not in nginx
    assert "X-Forwarded-For {remote_host}" in (ROOT / "systemd/Caddyfile.example").read_text()
