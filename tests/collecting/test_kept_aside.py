"""A log that cannot be understood is kept byte for byte, and the sentence that says so is true."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from small_city import FIRST, City

from eabsensi.devices.attlog import Layout
from eabsensi.devices.probing import probe_log
from eabsensi.devices.waiting import Deadline


def quarantined(city: City) -> list[object]:
    return [bytes(body) for body in city.column("SELECT body FROM quarantined_log")]  # type: ignore[call-overload]  # bytea


@pytest.mark.parametrize("records", [5, 60])
def test_a_log_whose_lengths_contradict_each_other_is_kept_aside(city: City, records: int) -> None:
    terminal = city.add()
    terminal.fill(records, FIRST)
    terminal.announce_wrong_total(40, "body")
    terminal.lie_about_sizes(records + 7)
    outcome = city.poll()
    assert (outcome.outcome, outcome.complete_through) == ("size_word", None)
    assert "kept in quarantine" in outcome.error
    assert quarantined(city) == [terminal.state.log.read(0, 40 * records)]
    terminal.lie_about_sizes(None)
    assert city.poll().punches_new == records
    city.assert_nothing_lost()


def test_what_a_poll_keeps_and_a_probe_does_not(city: City) -> None:
    terminal = city.add(sizes_bytes=4, layout=Layout.FORTY)
    terminal.fill(30, datetime(2033, 1, 1))
    terminal.set_clock(offset=timedelta())
    with city.poller().open_session(city.device(), Deadline.after(60)) as session:
        probe = probe_log(session, session.sizes(), not_after=terminal.state.now())
    assert "Most dates" in probe.problem
    assert "kept" not in probe.problem
    assert quarantined(city) == []
    outcome = city.poll()
    assert (outcome.outcome, "kept in quarantine" in outcome.error) == ("layout_unknown", True)
    assert quarantined(city) == [terminal.state.log.read(0, 40 * 30)]


def test_a_first_contact_after_the_battery_was_empty(city: City) -> None:
    terminal = city.add()
    terminal.fill(12, datetime(2000, 1, 1, 0, 3))
    assert city.poll().punches_new == 12
    terminal.fill(20, FIRST)
    city.clock.shift += timedelta(hours=2)
    assert city.poll().punches_new == 20
    city.assert_nothing_lost()
