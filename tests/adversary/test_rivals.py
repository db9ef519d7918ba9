"""Two collectors, changes in the middle of a poll, and what is left behind: never two sessions, never a crash."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from small_city import FIRST, City
from waiting import until

from eabsensi.collecting.collector import Collector
from eabsensi.collecting.leasing import Leases
from eabsensi.collecting.sweep import HELD, sweep
from eabsensi.devices.commands import Command, name_of
from eabsensi.devices.simulator.trouble import Moment
from eabsensi.devices.waiting import StopSignal
from eabsensi.store.leases import acquire, holder_of
from eabsensi.store.requests import request_poll

LATER = datetime(2026, 10, 1, 7, 0)


@contextmanager
def collecting(city: City, name: str = "one") -> Iterator[tuple[Collector, list[BaseException]]]:
    """Run a collector and its live loop; yield it with the bugs that it reported."""
    bugs: list[BaseException] = []
    stop = StopSignal()
    collector = Collector(city.store, city.poller(), city.clock, name=name, interval=300, on_bug=bugs.append)
    watching = threading.Thread(target=collector.watch.run, args=(stop,))
    watching.start()
    try:
        with collector.leases:
            yield collector, bugs
            stop.set()
            collector.shut_down()
    finally:
        stop.set()
        watching.join()
        stop.close()
    assert bugs == []


def test_a_poll_that_another_collector_overtook_is_an_outcome_and_no_crash(city: City) -> None:
    terminal = city.add(transport="udp")
    terminal.fill(60, FIRST)
    device = city.device()
    rival = city.poller()

    def overtake() -> None:
        thread = threading.Thread(target=lambda: done.append(rival.poll(device)))
        thread.start()
        threads.append(thread)

    done: list[object] = []
    threads: list[threading.Thread] = []
    mine = city.poller()
    # The rival reads while this one is about to store: both saw the same version of the log.
    terminal.at(Moment.BEFORE_READ, overtake)
    outcomes = [mine.poll(device).outcome]
    for thread in threads:
        thread.join()
    outcomes += [outcome.outcome for outcome in done]  # type: ignore[attr-defined]
    assert "ok" in outcomes
    assert set(outcomes) <= {"ok", "overtaken", "no_answer", "transfer_cut", "unreachable"}
    city.poll()
    city.assert_nothing_lost()


def test_an_ingest_behind_the_pollers_back_is_overtaken(city: City) -> None:
    terminal = city.add()
    terminal.fill(60, FIRST)
    device = city.device()

    def raise_version() -> None:
        with city.store.begin_as_owner() as connection:
            connection.exec_driver_sql("UPDATE device_log SET version = version + 1")

    city.poll()
    terminal.punch("5", LATER)
    terminal.at(Moment.BEFORE_SIZES, raise_version)
    with Leases(city.store, "one") as leases:
        [outcome] = sweep(city.store, city.poller(), [device], leases=leases)
    assert (outcome.outcome, outcome.complete_through) == ("overtaken", None)
    assert city.polls()[-1] == "overtaken"
    city.poll()
    city.assert_nothing_lost()


def test_two_collectors_never_talk_to_one_terminal_at_once(city: City) -> None:
    terminal = city.add(transport="udp")
    terminal.fill(40, FIRST)
    device = city.device()
    most = [0]

    def count_sessions() -> None:
        most[0] = max(most[0], sum(peer.session is not None for peer in terminal.service.peers))

    def poll_often(name: str) -> None:
        with Leases(city.store, name) as leases:
            for _ in range(12):
                terminal.at(Moment.BEFORE_SIZES, count_sessions)
                outcomes.extend(sweep(city.store, city.poller(), [device], leases=leases))

    outcomes: list[object] = []
    threads = [threading.Thread(target=poll_often, args=(name,)) for name in ("one", "two", "three")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most[0] == 1
    assert {outcome.outcome for outcome in outcomes} <= {"ok", HELD}  # type: ignore[attr-defined]
    city.assert_nothing_lost()


def test_a_lease_that_ran_out_goes_over_and_its_holder_is_told(city: City) -> None:
    city.add()
    device = city.device()
    lost: list[set[int]] = []
    with Leases(city.store, "one", on_lost=lost.append) as leases:
        assert leases.take(device.id)
        with city.store.begin_as_owner() as connection:
            connection.exec_driver_sql("UPDATE device_lease SET expires_at = now() - interval '1 second'")
        with city.store.begin() as connection:
            assert acquire(connection, [device.id], "two", 60)
        assert not leases.take(device.id)
        leases.renew_all()
    assert lost == [{device.id}]
    with city.store.begin() as connection:
        assert holder_of(connection, device.id) == "two"


def test_a_terminal_whose_entry_changes_while_it_is_read_is_not_read_twice_at_once(city: City) -> None:
    terminal = city.add(transport="udp", live=True)
    terminal.fill(40, FIRST)
    most = [0]
    device = city.device()
    with collecting(city) as (collector, _):

        def change_entry() -> None:
            collector.set_fleet([dataclasses.replace(device, name="Moved", live=False)])
            collector._heap.put(device.serial, 0.0)
            collector.tick()

        def count_sessions() -> None:
            most[0] = max(most[0], sum(peer.session is not None for peer in terminal.service.peers))

        terminal.at(Moment.BEFORE_SIZES, lambda: threading.Thread(target=change_entry).start())
        terminal.delay(0.05, Command.FREE_SIZES)
        collector.set_fleet([device])
        collector._heap.put(device.serial, 0.0)
        collector.tick()
        until(lambda: len(city.polls()) >= 1, "it is polled")
        terminal.at(Moment.BEFORE_SIZES, count_sessions)
        with collector._lock:
            collector._heap.put(device.serial, 0.0)
        until(lambda: collector.tick() or len(city.polls()) >= 2, "it is polled again")
        until(lambda: terminal.open_sessions == 0, "no session of the old entry is held")
    assert most[0] == 1
    city.assert_nothing_lost()


def test_what_is_asked_for_during_a_poll_is_done_right_after_it(city: City) -> None:
    terminal = city.add()
    terminal.fill(40, FIRST)
    device = city.device()
    asked = threading.Event()
    with collecting(city) as (collector, _):

        def ask() -> None:
            with city.store.begin() as connection:
                request_poll(connection, device.id, True)
            collector.tick()
            asked.set()

        terminal.at(Moment.BEFORE_SIZES, ask)
        collector.set_fleet([device])
        collector._heap.put(device.serial, 0.0)
        collector.tick()
        assert asked.wait(20)
        until(lambda: collector.tick() or "audit" in city.column("SELECT mode FROM poll"), "the whole log is read")
    city.assert_nothing_lost()


def test_a_live_loop_that_ends_by_a_bug_leaves_nobody_waiting(city: City) -> None:
    city.add(live=True)
    bugs: list[BaseException] = []
    stop = StopSignal()
    collector = Collector(city.store, city.poller(), city.clock, name="one", on_bug=bugs.append)

    def run() -> None:
        try:
            collector.watch.run(stop)
        except ZeroDivisionError as error:
            bugs.append(error)

    watching = threading.Thread(target=run)
    watching.start()
    collector.watch._order(lambda: 1 // 0)
    watching.join(20)
    assert [type(bug) for bug in bugs] == [ZeroDivisionError]
    assert collector.watch.borrow("SIM0001") is None
    collector.shut_down()
    stop.close()


def test_two_hundred_polls_leave_no_socket_and_no_thread_behind(city: City) -> None:
    terminal = city.add()
    terminal.fill(40, FIRST)
    device, poller = city.device(), city.poller()
    poller.poll(device)
    before = (_descriptors(), threading.active_count())
    for at in range(200):
        if at % 10 == 3:
            terminal.refuse(Command.FREE_SIZES)
        if at % 10 == 6:
            terminal.cut_after(at)
        if at % 10 == 9:
            terminal.speak_foreign()
        poller.poll(device)
        terminal.heal()
    assert _descriptors() <= before[0] + 1
    assert threading.active_count() == before[1]
    until(lambda: terminal.open_sessions == 0, "every session is closed")
    assert name_of(Command.DISABLE_DEVICE) not in terminal.counters.commands_seen
    city.clock.shift += timedelta(hours=2)
    poller.poll(device)
    city.assert_nothing_lost()


def _descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))
