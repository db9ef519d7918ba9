"""The program as a whole: version, help, exit codes, and the difference between a failure and a bug."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

import eabsensi
from eabsensi.cli import unit
from eabsensi.cli.main import app

NOUNS = ["device", "unit", "employee", "enrolment", "punch", "policy", "db"]


def _run(*arguments, environment=None):
    return subprocess.run(
        [sys.executable, "-m", "eabsensi", *arguments],
        capture_output=True,
        text=True,
        check=False,
        env=dict(os.environ) | (environment or {}),
    )


def test_the_module_is_the_program():
    done = _run("--version")
    assert (done.returncode, done.stdout, done.stderr) == (0, f"eabsensi {eabsensi.__version__}\n", "")


def test_help_names_the_program_and_its_nouns():
    done = _run("--help")
    assert done.returncode == 0
    assert "Usage: eabsensi" in done.stdout
    for noun in NOUNS:
        assert noun in done.stdout


@pytest.mark.parametrize("noun", NOUNS)
def test_every_noun_has_a_help_page(program, noun):
    outcome = program(noun, "--help")
    assert outcome.code == 0
    assert "Commands" in outcome.out


@pytest.mark.parametrize(
    "arguments", [("nonsense",), ("unit", "import"), ("unit", "list", "--no-such"), ("punch", "export")]
)
def test_wrong_usage_is_2(program, arguments):
    outcome = program(*arguments)
    assert outcome.code == 2
    assert outcome.out == ""
    assert "Usage: " in outcome.err


def test_a_date_that_is_none_is_wrong_usage(program):
    outcome = program("punch", "export", "--from", "31/01/2026", "--to", "2026-01-31")
    assert outcome.code == 2
    assert "write it as 2026-01-31" in outcome.err


def test_ctrl_c_is_130(program, monkeypatch):
    def interrupted(*_arguments, **_options):
        raise KeyboardInterrupt

    monkeypatch.setattr(unit, "open_store", interrupted)
    assert program("unit", "list").code == 130


def test_a_bug_is_not_made_a_sentence(program, monkeypatch):
    def broken(*_arguments, **_options):
        raise ZeroDivisionError

    monkeypatch.setattr(unit, "open_store", broken)
    with pytest.raises(ZeroDivisionError):
        program("unit", "list")


def test_a_bug_keeps_its_traceback_as_a_process(tmp_path):
    code = "from eabsensi.cli import unit, main; unit.open_store = None; main.app(['unit', 'list'])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "Traceback (most recent call last)" in done.stderr
    assert "TypeError" in done.stderr


def test_a_database_that_cannot_be_reached_is_one_sentence_without_the_password(tmp_path):
    url = f"postgresql://who:verysecret@/eabsensi?host={tmp_path}"
    done = _run("unit", "list", environment={"EABSENSI_DATABASE_URL": url})
    assert done.returncode == 1
    assert done.stderr.startswith("Error: ")
    assert "Traceback" not in done.stderr
    assert "verysecret" not in done.stderr + done.stdout


def test_tables_that_are_missing_say_what_to_run(program, server):
    with server.database(template="template0") as url:
        program.environment["EABSENSI_DATABASE_URL"] = url
        assert "eabsensi db upgrade" in program("unit", "list").err
        assert program("db", "upgrade").code == 0
        assert program("unit", "list").code == 0


def test_upgrading_twice_is_fine(program):
    first, second = program("db", "upgrade"), program("db", "upgrade")
    assert (first.code, second.code) == (0, 0)
    assert "is up to date" in second.out


def test_the_policy_is_checked_and_its_calendar_printed(program):
    outcome = program("policy", "check", "--month", "2026-03")
    assert outcome.code == 0
    assert "kota-jambi" in outcome.out
    assert "2026-03-31" in outcome.out


def test_a_policy_that_is_none_is_told_with_its_place(program, tmp_path):
    program.environment["EABSENSI_POLICY"] = str(tmp_path / "none")
    outcome = program("policy", "check")
    assert outcome.code == 1
    assert "none" in outcome.err


def test_the_commands_have_the_names_of_the_contract():
    names = {group.name for group in app.registered_groups}
    assert set(NOUNS) <= names
