"""When each terminal's turn is: phases, back-off, workers, quiet hours, audits."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eabsensi.collecting.schedule import (
    AUDIT_EVERY,
    LONGEST_BACK_OFF,
    NIGHT_HOURS,
    PEAK_HEAVY_BYTES,
    STOPPED_SECONDS,
    Breaker,
    DueHeap,
    audit_is_due,
    heavy_bytes_at,
    next_turn,
    share,
    workers_needed,
)
from eabsensi.devices.errors import Policy

SERIALS = [f"CJDE{at:09}" for at in range(500)]
NOW = datetime(2026, 11, 24, 5, 0, tzinfo=UTC)


def test_phases_are_fixed_and_spread_over_the_interval() -> None:
    tenths = [int(share(serial) * 10) for serial in SERIALS]
    assert [share(serial) for serial in SERIALS] == [share(serial) for serial in SERIALS]
    assert min(tenths.count(tenth) for tenth in range(10)) >= 30


@given(st.floats(0, 1e7), st.sampled_from(SERIALS))
def test_turns_come_once_an_interval_and_never_drift(now: float, serial: str) -> None:
    turns = [now]
    for _ in range(4):
        turns.append(next_turn(serial, turns[-1], 300))
    assert all(0 < later - earlier <= 300.001 for earlier, later in pairwise(turns))
    assert all(abs(later - earlier - 300) < 0.001 for earlier, later in pairwise(turns[1:]))


def test_failures_back_off_and_a_success_forgets_them() -> None:
    breaker = Breaker()
    waits = [breaker.failed(Policy.BACK_OFF, 300) for _ in range(6)]
    assert waits == [300, 600, 1200, LONGEST_BACK_OFF, LONGEST_BACK_OFF, LONGEST_BACK_OFF]
    breaker.succeeded()
    assert breaker.failed(Policy.BACK_OFF, 300) == 300


def test_what_waits_for_a_person_is_hardly_tried_and_what_will_pass_is_tried_at_once() -> None:
    assert Breaker().failed(Policy.STOP, 300) == STOPPED_SECONDS
    breaker = Breaker()
    assert [breaker.failed(Policy.RETRY, 300) for _ in range(3)] == [300, 300, 300]


def test_the_heap_gives_what_is_due_longest_first_and_once() -> None:
    heap = DueHeap()
    for serial, due_at in (("b", 2.0), ("a", 1.0), ("c", 9.0)):
        heap.put(serial, due_at)
    heap.put("c", 3.0)
    heap.hasten("b", 0.5)
    heap.hasten("a", 5.0)
    heap.hasten("unknown", 0.0)
    assert [heap.pop_due(2.0), heap.pop_due(2.0), heap.pop_due(2.0)] == ["b", "a", None]
    assert len(heap) == 1
    heap.remove(["c", "unknown"])
    assert heap.pop_due(99.0) is None
    assert "c" not in heap


@pytest.mark.parametrize(
    ("fleet", "mean", "workers"), [(0, 1.0, 2), (100, 1.0, 2), (500, 2.0, 5), (5_000, 5.0, 64), (1_000, 0.001, 2)]
)
def test_workers_fit_the_fleet_into_its_interval(fleet: int, mean: float, workers: int) -> None:
    assert workers_needed(fleet, mean, 300, most=64) == workers


@pytest.mark.parametrize(
    ("clock", "limit"),
    [
        ("06:29", None),
        ("06:30", PEAK_HEAVY_BYTES),
        ("08:29", PEAK_HEAVY_BYTES),
        ("08:30", None),
        ("15:30", PEAK_HEAVY_BYTES),
        ("17:00", None),
    ],
)
def test_long_reads_wait_while_people_queue(clock: str, limit: int | None) -> None:
    assert heavy_bytes_at(datetime.fromisoformat(f"2026-11-24T{clock}")) == limit


def test_audits_are_weekly_at_night_and_spread() -> None:
    hours = {
        serial: [h for h in range(24) if audit_is_due(serial, datetime(2026, 11, 24, h), None, NOW)]
        for serial in SERIALS
    }
    assert all(len(due) == 1 and due[0] in NIGHT_HOURS for due in hours.values())
    assert {due[0] for due in hours.values()} == set(NIGHT_HOURS)
    hour = datetime(2026, 11, 24, hours[SERIALS[0]][0])
    assert not audit_is_due(SERIALS[0], hour, NOW - AUDIT_EVERY + timedelta(hours=1), NOW)
    assert audit_is_due(SERIALS[0], hour, NOW - AUDIT_EVERY, NOW)
