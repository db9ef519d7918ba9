"""A log that is cleared, and punched into again, while it is read whole: nothing is doubled by it later."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from small_city import FIRST, City

from eabsensi.devices.simulator.trouble import Moment

LATER = datetime(2026, 10, 1, 7, 0)


@pytest.mark.parametrize("punched_meanwhile", [0, 1, 3])
def test_zeros_in_place_of_cleared_records_are_not_taken_for_the_log(city: City, punched_meanwhile: int) -> None:
    terminal = city.add()
    terminal.fill(60, FIRST)
    city.poll()
    terminal.punch("5", LATER)  # lost with the clear, before anybody could read it

    def clear_and_go_on() -> None:
        terminal.state.clear_log()
        for at in range(punched_meanwhile):
            terminal.state.record_punch("7", LATER + timedelta(minutes=at + 1))

    terminal.at(Moment.BEFORE_READ, clear_and_go_on)
    assert city.poll().unreadable_new == 0
    for at in range(4):
        terminal.punch("8", LATER + timedelta(minutes=at + 9))
    assert city.poll().is_ok

    truth = sorted((punch.pin, punch.device_time) for punch in terminal.ever_punched)
    assert city.stored() == [punch for punch in truth if punch != ("5", LATER)]
