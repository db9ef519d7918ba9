"""Logs that wrap although their capacity is not told, or told wrongly: the count stands still while punches come."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from small_city import FIRST, City

from eabsensi.devices.attlog import Layout
from eabsensi.devices.simulator.config import WhenFull
from eabsensi.devices.simulator.terminal import Terminal

LATER = datetime(2026, 10, 1, 7, 0)
UNTOLD: dict[str, dict[str, Any]] = {
    "4 bytes": {"sizes_bytes": 4},
    "36 bytes": {"sizes_bytes": 36},
    "told too large": {"told_capacity": 100_000},
}


def punches(terminal: Terminal, count: int, first: datetime) -> None:
    for at in range(count):
        terminal.punch(str(at % 5 + 1), first + timedelta(minutes=at))


def ring(city: City, filled: int, **told: Any) -> Terminal:
    terminal = city.add(record_capacity=200, when_full=WhenFull.RING, **told)
    terminal.fill(filled, FIRST)
    assert city.poll().punches_new == filled
    return terminal


@pytest.mark.parametrize("told", UNTOLD)
@pytest.mark.parametrize("layout", [Layout.SIXTEEN, Layout.FORTY], ids=str)
def test_punches_that_overwrite_the_head_are_read_while_they_are_there(city: City, told: str, layout: Layout) -> None:
    terminal = ring(city, 190, layout=layout, **UNTOLD[told])
    for day, count in enumerate([15, 40, 1, 150, 0, 7, 200, 3]):
        punches(terminal, count, LATER + timedelta(days=day))
        city.clock.shift += timedelta(hours=2)
        outcome = city.poll()
        if outcome.punches_new != count:  # it grew to its end and wrapped at once: the next read sees its head
            city.clock.shift += timedelta(hours=2)
            city.poll()
        city.assert_nothing_lost()
    city.poll(full=True)
    city.assert_nothing_lost()


@pytest.mark.parametrize("told", ["4 bytes", "36 bytes"])
def test_a_log_without_capacity_is_never_called_complete_by_its_count(city: City, told: str) -> None:
    terminal = ring(city, 190, **UNTOLD[told])
    for day, count in enumerate([15, 5, 9]):
        punches(terminal, count, LATER + timedelta(days=day))
        city.clock.shift += timedelta(seconds=30)
        assert city.poll().punches_new == count
        city.assert_nothing_lost()


def test_a_ring_that_was_told_too_large_is_followed_at_once_when_it_is_known(city: City) -> None:
    terminal = ring(city, 200, **UNTOLD["told too large"])
    for day, count in enumerate([12, 5, 9]):
        punches(terminal, count, LATER + timedelta(days=day))
        city.clock.shift += timedelta(hours=2) if day == 0 else timedelta(seconds=30)
        assert city.poll().punches_new == count
    city.assert_nothing_lost()


def test_records_changed_in_the_head_are_not_new(city: City) -> None:
    terminal = city.add()
    terminal.fill(300, FIRST)
    city.poll()
    before = terminal.take_log()
    terminal.restore_log([b"\0\0" + record[2:] if at in {0, 2} else record for at, record in enumerate(before)])
    for new in (0, 0, 4, 0):
        punches(terminal, new, LATER)
        city.clock.shift += timedelta(hours=2)
        assert city.poll().punches_new == new
    city.assert_nothing_lost()


def test_a_ring_whose_newest_record_cannot_be_placed_is_read_whole_until_it_can(city: City) -> None:
    terminal = city.add(record_capacity=200, when_full=WhenFull.RING)
    for day in (5, 3, 4, 1, 2):  # a clock set back and forth: times do not tell where the newest record stands
        punches(terminal, 48, FIRST + timedelta(days=day))
    city.poll()
    held = sorted((punch.pin, punch.device_time) for punch in terminal.ever_punched[40:])
    assert city.stored() == held
    punches(terminal, 5, LATER)
    assert city.poll().punches_new == 5
    punches(terminal, 3, LATER + timedelta(days=1))
    assert city.poll().punches_new == 3
