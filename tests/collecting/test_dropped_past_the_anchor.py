"""A terminal that drops its oldest records fills up while nobody reads it, until a part of the anchor is gone too."""

from __future__ import annotations

from datetime import timedelta

import pytest
from small_city import FIRST, City

from eabsensi.devices.attlog import Layout
from eabsensi.devices.simulator.config import WhenFull


@pytest.mark.parametrize("full", [False, True], ids=["poll", "audit"])
@pytest.mark.parametrize("left", [0, 1, 7])
@pytest.mark.parametrize("layout", [Layout.FORTY, Layout.EIGHT_PACKED], ids=str)
def test_records_that_are_still_there_are_not_taken_for_those_of_a_new_log(
    city: City, layout: Layout, left: int, full: bool
) -> None:
    terminal = city.add(
        layout=layout,
        packed_short_records=False,
        record_capacity=100,
        when_full=WhenFull.DELETE_OLDEST,
        delete_when_full=50 - left,
    )
    for at in range(50):
        terminal.punch("7", FIRST + timedelta(minutes=at))
    assert city.poll().punches_new == 50

    for at in range(51):  # the last of these finds the terminal full
        terminal.punch("8", FIRST + timedelta(days=1, minutes=at))
    assert terminal.state.log.count == 51 + left
    assert city.poll(full=full).punches_new == 51

    assert city.stored() == sorted((punch.pin, punch.device_time) for punch in terminal.ever_punched)


def test_a_second_that_comes_again_after_a_clear_is_kept(city: City) -> None:
    terminal = city.add()
    for at in range(10):
        terminal.punch("7", FIRST + timedelta(minutes=at))
    city.poll()
    terminal.clear_log()
    terminal.punch("8", FIRST)
    for at in range(5):  # the clock was set back, so these are seconds that were there before
        terminal.punch("7", FIRST + timedelta(minutes=at))
    assert city.poll().punches_new == 6
