"""After a start or an outage everybody is due at once: workers come for that, and go; slow terminals wait apart."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

import pytest
from small_city import City
from waiting import until

from eabsensi.collecting.collector import Collector
from eabsensi.collecting.outcome import OK, PollOrder, PollOutcome
from eabsensi.collecting.poll import Poller
from eabsensi.collecting.schedule import MOST_WORKERS, DueHeap, workers_needed
from eabsensi.collecting.slots import MOST_SLOW, OPENING_SECONDS, SLOW_SECONDS, PollSlots, Slots
from eabsensi.devices.allowance import CrowdedError
from eabsensi.devices.registry import Device
from eabsensi.devices.session import Session
from eabsensi.devices.waiting import Deadline, StopSignal
from eabsensi.store.devices import StoredDevice, sync_devices

# --- the rules ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("due", "workers"), [(0, 2), (20, 2), (100, 8), (700, 56), (1_000, MOST_WORKERS)])
def test_the_more_are_due_the_more_workers_there_are_and_never_too_many(due: int, workers: int) -> None:
    """1,000 terminals at 0.4 s need 2 workers all day long."""
    assert workers_needed(1_000, 0.4, 300, due=due, most=MOST_WORKERS) == workers


def test_the_heap_counts_what_is_due_and_keeps_slow_ones_apart() -> None:
    heap = DueHeap()
    for serial, due_at, slow in (("a", 1.0, False), ("b", 2.0, True), ("c", 3.0, False), ("d", 9.0, True)):
        heap.put(serial, due_at, slow=slow)
    assert [(heap.due(now), heap.due(now, slow=True)) for now in (0.0, 2.0, 5.0)] == [(0, 0), (1, 1), (2, 1)]
    assert [heap.pop_due(5.0), heap.pop_due(5.0), heap.pop_due(5.0)] == ["a", "c", None]
    heap.hasten("d", 4.0)
    assert [heap.pop_due(5.0, slow=True), heap.pop_due(5.0, slow=True), heap.pop_due(5.0, slow=True)] == [
        "b",
        "d",
        None,
    ]
    assert len(heap) == 0


def test_one_that_is_due_already_may_be_put_off_and_removed() -> None:
    heap = DueHeap()
    for serial in "abc":
        heap.put(serial, 1.0)
    assert heap.due(1.0) == 3
    heap.put("a", 8.0)
    heap.remove(["b"])
    assert [heap.due(1.0), heap.pop_due(1.0), heap.pop_due(1.0)] == [1, "c", None]
    heap.put("a", 8.0, slow=True)
    assert [heap.due(8.0), heap.due(8.0, slow=True)] == [0, 1]


class HandTime:
    """A clock's hand."""

    def __init__(self) -> None:
        self.seconds = 1_000.0

    def __call__(self) -> float:
        return self.seconds


def test_in_a_sweep_a_slow_terminal_leaves_its_slot_to_the_next() -> None:
    hand = HandTime()
    slots = Slots(1, monotonic=hand)
    with slots.taken() as opened:
        opened()
        hand.seconds += OPENING_SECONDS
        assert slots._seconds_until_room() > 0, "it is not slow yet"
        hand.seconds += SLOW_SECONDS
        with slots.taken() as opened_next:
            opened_next()
            assert slots._seconds_until_room() > 0, "the next one has its slot for itself"


def test_in_a_sweep_no_more_slow_ones_than_there_are_slots_for_step_aside() -> None:
    hand = HandTime()
    slots = Slots(2, monotonic=hand)
    slots._open = dict.fromkeys(range(MOST_SLOW + 1), hand.seconds - SLOW_SECONDS)
    assert slots._seconds_until_room() == 0
    slots._open[-1] = hand.seconds - SLOW_SECONDS
    assert slots._seconds_until_room() > 0


def test_a_poll_turns_slow_and_moves_over_and_gives_way_only_where_others_wait() -> None:
    hand, others_wait = HandTime(), False
    slots = PollSlots(lambda: others_wait, hand)
    held = [slots.take(slow=True) for _ in range(MOST_SLOW - 1)]
    moving, staying = slots.take(slow=False), slots.take(slow=False)
    assert moving.seconds_left() == SLOW_SECONDS
    hand.seconds += SLOW_SECONDS
    assert moving.seconds_left() == float("inf")
    assert (slots.quick, slots.slow, moving.turned_slow) == (1, MOST_SLOW, True)
    assert 0 < staying.seconds_left() < SLOW_SECONDS, "it asks again soon"
    others_wait = True
    with pytest.raises(CrowdedError):
        staying.seconds_left()
    slots.give_back(held[0])
    assert staying.seconds_left() == float("inf")
    for slot in (moving, staying, *held[1:]):
        slots.give_back(slot)
    assert (slots.quick, slots.slow) == (0, 0)


def test_a_slot_shortens_a_wait_and_leaves_the_deadline_what_it_was() -> None:
    hand = HandTime()
    slot = PollSlots(lambda: True, hand).take(slow=False)
    deadline = slot.deadlines(Deadline.after)(3_600)
    assert deadline.ends_at > time.monotonic() + 3_000
    assert deadline.limit(5) == 5
    hand.seconds += SLOW_SECONDS - 2
    assert deadline.limit(5) == 2
    deadline.require_right()


# --- the collector --------------------------------------------------------------------------------------------------


class Gate:
    """A poller whose polls begin, are counted, and end when they are let."""

    def __init__(self) -> None:
        self.at_once = 0
        self.most_at_once = 0
        self.done: list[str] = []
        self._lock = threading.Lock()
        self._let_go = threading.Semaphore(0)

    def poll_held(
        self, device: StoredDevice, order: PollOrder, session: Session | None
    ) -> tuple[PollOutcome, Session | None]:
        with self._lock:
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
        self._let_go.acquire()
        with self._lock:
            self.at_once -= 1
            self.done.append(device.serial)
        return PollOutcome(device.serial, OK, seconds=1.0), None

    def let_go(self, count: int) -> None:
        self._let_go.release(count)


@contextmanager
def gated(city: City, terminals: int) -> Iterator[tuple[Collector, Gate]]:
    """Give a collector of so many terminals, all of which are due."""
    listed = [Device(serial=f"SIM{n:04}", unit="DINKES", name=f"Lobi {n}", host="127.0.0.1") for n in range(terminals)]
    with city.store.begin() as connection:
        devices = sync_devices(connection, listed, city.clock.now())
    bugs: list[BaseException] = []
    gate = Gate()
    collector = Collector(city.store, cast("Poller", gate), city.clock, name="one", on_bug=bugs.append)
    stop = StopSignal()
    watching = threading.Thread(target=collector.watch.run, args=(stop,))
    watching.start()
    try:
        with collector.leases:
            collector.set_fleet(devices)
            for device in devices:
                collector._heap.put(device.serial, 0.0)
            yield collector, gate
    finally:
        gate.let_go(3 * terminals)
        collector.shut_down()
        stop.set()
        watching.join()
        stop.close()
    assert bugs == []


def test_a_backlog_is_worked_off_by_many_and_then_they_go(city: City) -> None:
    """Forty terminals at a second each need two workers; forty that are due at once get one for each five that wait."""
    with gated(city, 40) as (collector, gate):
        collector.tick()
        until(lambda: gate.at_once == 7, "seven run while 33 wait")
        assert "7 of 7 workers busy" in collector.status
        gate.let_go(40)
        until(lambda: len(gate.done) == 40, "all are polled")
        assert len(set(gate.done)) == 40
        assert gate.most_at_once == 7
        until(lambda: "0 of 2 workers busy, 0 slow" in collector.status, "the workers went")


def test_slow_terminals_wait_for_each_other_and_not_the_others_for_them(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("eabsensi.collecting.collector.MOST_SLOW", 1)
    with gated(city, 6) as (collector, gate):
        for number in range(4):
            collector._members[f"SIM{number:04}"].slow = True
            collector._heap.put(f"SIM{number:04}", 0.0, slow=True)
        collector.tick()
        until(lambda: gate.at_once == 3, "both quick ones and one slow one are polled")
        assert "2 of 2 workers busy, 1 slow" in collector.status
        gate.let_go(6)
        until(lambda: len(gate.done) == 6, "all are polled")
        assert gate.most_at_once == 3
        until(lambda: not any(member.slow for member in collector._members.values()), "this time they were quick")
