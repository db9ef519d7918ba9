"""Of a log that was cleared, another reader has had the first records, so that a poll gets only a part of it (F55)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from small_city import FIRST, City


@pytest.mark.parametrize("stolen", [1, 3])
def test_what_a_part_brought_is_not_doubled_by_the_whole_log(city: City, stolen: int) -> None:
    terminal = city.add()
    for at in range(20):
        terminal.punch("7", FIRST + timedelta(minutes=at))
    city.poll()
    terminal.clear_log()
    for at in range(stolen):
        terminal.punch("8", FIRST + timedelta(days=1, minutes=at))
    terminal.steal_new_log()
    terminal.punch("9", FIRST + timedelta(days=2))
    outcome = city.poll()
    assert (outcome.punches_new, outcome.missing, outcome.complete_through) == (1, stolen, None)

    terminal.download_new_log(False)
    terminal.punch("9", FIRST + timedelta(days=3))
    assert city.poll().punches_new == stolen + 1
    assert city.poll().punches_new == 0
    assert city.stored() == sorted((punch.pin, punch.device_time) for punch in terminal.ever_punched)
