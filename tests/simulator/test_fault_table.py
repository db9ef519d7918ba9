"""The fault table names a way for every row of the list, and each way exists."""

from __future__ import annotations

import dataclasses

import pytest

from eabsensi.devices.simulator.config import TerminalConfig
from eabsensi.devices.simulator.faults import FAULTS, as_markdown
from eabsensi.devices.simulator.terminal import Terminal

SETTINGS = {field.name for field in dataclasses.fields(TerminalConfig)}
#: A ping is the client's own doing; the device has no part in it.
WITHOUT_A_DEVICE = {"F03"}


def test_every_row_from_f01_to_f55_is_there():
    assert list(FAULTS) == [f"F{number:02d}" for number in range(1, 56)]


@pytest.mark.parametrize("number", FAULTS)
def test_each_way_exists(number):
    fault = FAULTS[number]
    assert all(callable(getattr(Terminal, verb, None)) for verb in fault.verbs)
    assert set(fault.settings) <= SETTINGS
    assert fault.verbs or fault.settings or number in WITHOUT_A_DEVICE


def test_the_docs_show_each_row():
    lines = as_markdown().splitlines()
    assert len(lines) == 2 + len(FAULTS)
    assert all(line.count("|") == 6 for line in lines)
