"""What somebody would trip over who has a clean checkout, this README and nothing else."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SKIPPED_FOLDERS = {
    ".git",
    ".venv",
    "__pycache__",
    ".hypothesis",
    ".mypy_cache",
    ".ruff_cache",
    ".pytest_cache",
    ".eabsensi",
}
SCRIPTS = [
    ".ci/run",
    *(f"scripts/{name}" for name in ("bootstrap", "demo", "test", "check", "lock", "bench", "install")),
]

# Written apart, so that this file does not find itself.
REGISTRY_HOSTS = re.compile(r"py" + r"pi\.org|python" + r"hosted|registry\." + r"npmjs|deb\." + r"debian")
MACHINE_PATHS = re.compile(r"(?:^|[^A-Za-z0-9_.])/(?:wor" + r"k|far" + r"m|roo" + r"t/\.pyenv)/", re.MULTILINE)


def our_files() -> list[Path]:
    """Every file that is, or would be, committed."""
    git = shutil.which("git")
    if git and (ROOT / ".git").exists():
        command = [git, "-c", f"safe.directory={ROOT}", "-C", ROOT, "ls-files", "-co", "--exclude-standard", "-z"]
        names = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split("\0")
        return [ROOT / name for name in names if name and (ROOT / name).is_file()]
    found = []
    for folder, folders, names in os.walk(ROOT):
        folders[:] = [name for name in folders if name not in SKIPPED_FOLDERS and not name.endswith(".egg-info")]
        found += [Path(folder) / name for name in names]
    return found


def lines_that_match(pattern: re.Pattern[str]) -> list[str]:
    found = []
    for path in our_files():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        if pattern.search(text):
            found.append(str(path.relative_to(ROOT)))
    return found


def test_our_files_are_found():
    names = {str(path.relative_to(ROOT)) for path in our_files()}
    assert {"pyproject.toml", "scripts/bootstrap", "eabsensi/errors.py"} <= names
    assert not any(name.startswith(".venv/") for name in names)


def test_no_file_names_a_package_registry():
    assert lines_that_match(REGISTRY_HOSTS) == []
    assert REGISTRY_HOSTS.search("https://py" + "pi.org/simple")


def test_no_file_names_a_path_of_the_machine_it_was_written_on():
    assert lines_that_match(MACHINE_PATHS) == []
    assert MACHINE_PATHS.search("cd /wor" + "k/main")


@pytest.mark.parametrize("name", SCRIPTS)
def test_every_script_has_its_run_bit_and_parses(name):
    script = ROOT / name
    assert os.access(script, os.X_OK)
    assert "set -" in script.read_text()
    assert subprocess.run(["bash", "-n", script], check=False).returncode == 0


def test_ci_runs_the_checks_and_the_tests_that_the_readme_names():
    text = (ROOT / ".ci/run").read_text()
    assert "scripts/check" in text
    assert "scripts/test" in text


def test_the_readmes_first_screen_holds_the_two_commands():
    first_screen = "\n".join((ROOT / "README.md").read_text().splitlines()[:30])
    assert "scripts/demo" in first_screen
    assert "scripts/test" in first_screen


def test_the_changelog_knows_this_version():
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    changelog = (ROOT / "CHANGELOG.md").read_text()
    assert re.search(rf"^## \[(Unreleased|{re.escape(version)})\]", changelog, re.MULTILINE)


def test_the_licence_is_there_in_full():
    text = (ROOT / "LICENSE").read_text()
    assert text.lstrip().startswith("GNU GENERAL PUBLIC LICENSE")
    assert "END OF TERMS AND CONDITIONS" in text
    assert tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["license"] == "GPL-2.0-or-later"
