"""Logs: JSON where a program reads, lines where a person does, and no secret in either."""

from __future__ import annotations

import json

import pytest
import structlog

from eabsensi import logs


@pytest.fixture(autouse=True)
def _structlog_as_it_was():
    yield
    structlog.reset_defaults()


def _logged(capsys) -> str:
    captured = capsys.readouterr()
    assert captured.out == ""
    return captured.err


def test_json_lines_go_to_stderr(capsys):
    logs.configure(json=True)
    structlog.get_logger().info("polled", serial="AAA111", new=3)
    line = json.loads(_logged(capsys))
    assert (line["event"], line["serial"], line["new"], line["level"]) == ("polled", "AAA111", 3, "info")
    assert line["timestamp"].endswith("Z")


def test_lines_for_people_go_to_stderr(capsys):
    logs.configure(json=False)
    structlog.get_logger().warning("clock wrong", serial="AAA111")
    line = _logged(capsys)
    assert "clock wrong" in line
    assert "serial=AAA111" in line


def test_a_pipe_gets_json(capsys, monkeypatch):
    monkeypatch.delenv("JOURNAL_STREAM", raising=False)
    logs.configure()
    structlog.get_logger().info("polled")
    assert json.loads(_logged(capsys))["event"] == "polled"


@pytest.mark.parametrize("as_json", [True, False])
def test_secrets_are_taken_out(capsys, as_json):
    logs.configure(json=as_json)
    logger = structlog.get_logger()
    logger.info(
        "opened postgresql://app:verysecret@db/x", comm_key=834512, database_url="verysecret", password="verysecret"
    )
    try:
        raise ValueError("cannot open postgresql://app:verysecret@db/x")  # noqa: TRY301  an exception is what is logged
    except ValueError:
        logger.exception("failed")
    written = _logged(capsys)
    assert "failed" in written
    assert "ValueError" in written
    assert "verysecret" not in written
    assert "834512" not in written


def test_the_name_of_a_comm_key_is_no_secret(capsys):
    logs.configure(json=True)
    structlog.get_logger().info("registered", comm_key_name="dinkes")
    assert json.loads(_logged(capsys))["comm_key_name"] == "dinkes"


def test_lower_levels_are_left_out(capsys):
    logs.configure(json=True)
    structlog.get_logger().debug("noise")
    assert _logged(capsys) == ""
