"""The services in a booted Debian, installed as the documentation says: scripts/boot, where this machine can."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from scripts.booting.root import why_not

ROOT = Path(__file__).parents[2]
SKIPPED = 77


def test_the_services_work_in_a_booted_debian():
    if reason := why_not():
        pytest.skip(f"scripts/boot: {reason}")
    command = [sys.executable, "-m", "scripts.booting"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    if done.returncode == SKIPPED:
        pytest.skip(done.stdout.strip())
    assert done.returncode == 0, done.stdout + done.stderr
    assert "no secret anywhere" in done.stdout
