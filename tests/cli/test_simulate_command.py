"""eabsensi simulate: a process of terminals that a signal ends."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

from eabsensi.devices.session import Endpoint, Session
from eabsensi.devices.waiting import Deadline


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_terminals_answer_until_a_signal(number):
    command = [sys.executable, "-m", "eabsensi", "simulate", "--count", "2", "--port", "0", "--records", "5"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        lines = [process.stdout.readline() for _ in range(3)]
        assert lines[0].endswith("  tcp  layout 40\n")
        assert lines[2] == "2 simulated. Ctrl-C ends them.\n"
        serial, address, *_ = lines[1].split()
        host, port = address.split(":")
        with Session(Endpoint(host, int(port)), deadline=Deadline.after(30)) as session:
            assert session.identity().serial == serial == "SIMU000000002"
            assert session.sizes().records == 5
        process.send_signal(number)
        _, errors = process.communicate(timeout=30)
        assert (process.returncode, errors) == (0, "")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--layout", "41"), "There is no layout 41."),
        (("--transport", "tpc"), "'tpc'"),
        (("--count", "0"), "--count"),
        (("--port", "65535", "--count", "2"), "65535"),
    ],
)
def test_options_that_make_no_terminal_are_wrong_usage(program, arguments, words):
    outcome = program("simulate", *arguments)
    assert outcome.code == 2
    assert words in outcome.err
