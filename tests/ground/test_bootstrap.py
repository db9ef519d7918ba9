"""scripts/bootstrap says what is missing, and ends at once where nothing changed."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TOOLS = ("bash", "env", "dirname", "cut", "cat", "head", "id", "rm", "sed", "sha256sum")


@pytest.fixture
def checkout(tmp_path):
    place = tmp_path / "a folder" / "eabsensi"
    shutil.copytree(ROOT / "scripts", place / "scripts")
    shutil.copytree(ROOT / "requirements", place / "requirements")
    shutil.copy(ROOT / "pyproject.toml", place)
    return place


@pytest.fixture
def bare_path(tmp_path):
    """A PATH with the tools of every machine and without any Python."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for tool in TOOLS:
        (folder / tool).symlink_to(shutil.which(tool))
    return folder


def bootstrap(checkout: Path, *options: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [checkout / "scripts/bootstrap", *options],
        env={"PATH": os.environ["PATH"], **env},
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
    )


def pretend_python(folder: Path, *, refuses: tuple[str, ...]) -> Path:
    """A Python that is new enough, and fails at whatever names one of the refused words."""
    program = folder / "python3"
    tests = " || ".join(f'[[ "$*" == *{word}* ]]' for word in refuses)
    program.write_text(f"#!/bin/bash\nif {tests}; then exit 1; fi\nexit 0\n")
    program.chmod(0o755)
    return program


def stamp(checkout: Path, level: str) -> None:
    """What a finished bootstrap leaves behind."""
    digest = hashlib.sha256()
    for path in [*sorted((checkout / "requirements").glob("*.txt")), checkout / "pyproject.toml"]:
        digest.update(path.read_bytes())
    digest.update((checkout / "scripts/bootstrap").read_bytes())
    programs = checkout / ".venv/bin"
    programs.mkdir(parents=True)
    for name in ("python", "eabsensi"):
        (programs / name).symlink_to("/bin/true")
    (checkout / ".venv/.bootstrap-stamp").write_text(f"{checkout}\n{digest.hexdigest()}\n{level}\n")


def test_without_a_python_it_says_what_to_install(checkout, bare_path):
    done = bootstrap(checkout, PATH=str(bare_path))
    assert done.returncode == 1
    assert "no Python 3.11 or newer" in done.stderr
    assert "apt install python3 python3-venv" in done.stderr


def test_a_python_without_venv_support_is_told_apart_from_none(checkout, bare_path):
    pretend_python(bare_path, refuses=("ensurepip", "pip"))
    done = bootstrap(checkout, PATH=str(bare_path))
    assert done.returncode == 1
    assert "apt install python3-venv" in done.stderr
    assert not (checkout / ".venv").exists()


def test_a_chosen_python_that_is_too_old_is_named(checkout, bare_path):
    old = pretend_python(bare_path, refuses=("version_info",))
    done = bootstrap(checkout, EABSENSI_PYTHON=str(old))
    assert done.returncode == 1
    assert str(old) in done.stderr


def test_an_unknown_option_is_wrong_usage(checkout):
    assert bootstrap(checkout, "--everything").returncode == 2


@pytest.mark.parametrize(
    ("had", "options"), [("runtime", ()), ("dev", ()), ("dev", ("--dev",))], ids=["same", "more", "dev"]
)
def test_where_nothing_changed_it_ends_without_python_or_network(checkout, bare_path, had, options):
    stamp(checkout, had)
    done = bootstrap(checkout, *options, PATH=str(bare_path))
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    "change",
    [
        lambda place: (place / "requirements/runtime.txt").write_text("# other\n"),
        lambda place: (place / ".venv/bin/eabsensi").unlink(),
        lambda place: (place / ".venv/.bootstrap-stamp").unlink(),
    ],
    ids=["requirements", "program gone", "interrupted"],
)
def test_where_something_changed_it_starts_again(checkout, bare_path, change):
    stamp(checkout, "runtime")
    change(checkout)
    done = bootstrap(checkout, PATH=str(bare_path))
    assert "no Python 3.11" in done.stderr, "it looked for a Python, so it meant to work"


def test_wanting_more_than_there_is_starts_again(checkout, bare_path):
    stamp(checkout, "runtime")
    assert bootstrap(checkout, "--dev", PATH=str(bare_path)).returncode == 1


def test_a_moved_checkout_is_made_anew(checkout, bare_path):
    stamp(checkout, "runtime")
    moved = checkout.rename(checkout.with_name("moved"))
    assert bootstrap(moved, PATH=str(bare_path)).returncode == 1
