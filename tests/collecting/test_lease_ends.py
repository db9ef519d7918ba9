"""A collector that cannot renew a lease lets go of the terminal by its own clock, and says nothing more to it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest
from small_city import FIRST, City
from sqlalchemy import text
from waiting import until

from eabsensi.collecting.collector import Collector
from eabsensi.collecting.leasing import Leases, LeaseTerms, _Wish
from eabsensi.collecting.poll import PollOrder
from eabsensi.collecting.sweep import sweep
from eabsensi.devices.errors import LeaseOverError
from eabsensi.devices.simulator.trouble import Moment
from eabsensi.devices.waiting import StopSignal
from eabsensi.store.database import DatabaseUnavailableError
from eabsensi.store.leases import HOLDER_SILENT_SECONDS, acquire, renew

#: Renewals that never come, as of a collector that is frozen or cut off from the database.
NEVER_RENEWED = LeaseTerms(granted=3_600, trusted=3_600, renew_every=3_600)
ALREADY_OVER = replace(NEVER_RENEWED, trusted=0)


@pytest.fixture
def leases(city: City) -> Iterator[Leases]:
    with Leases(city.store, "one", terms=NEVER_RENEWED) as leases:
        yield leases


@pytest.mark.parametrize("transport", ["tcp", "udp"])
def test_with_a_lease_that_is_over_nothing_is_said_to_the_terminal(city: City, transport: str) -> None:
    terminal = city.add(transport=transport)
    with Leases(city.store, "one", terms=ALREADY_OVER) as leases:
        [outcome] = sweep(city.store, city.poller(), [city.device()], leases=leases)
    assert outcome.outcome == "lease_over"
    assert "run out" in outcome.error
    assert sum(terminal.counters.commands_seen.values()) == 0
    assert city.polls() == []


@pytest.mark.parametrize("transport", ["tcp", "udp"])
@pytest.mark.parametrize("moment", list(Moment))
def test_a_poll_under_way_ends_with_its_lease_without_another_word(
    city: City, leases: Leases, transport: str, moment: Moment
) -> None:
    """Not even a goodbye: over UDP it could end the session of whoever talks to the terminal by now."""
    terminal = city.add(transport=transport)
    terminal.fill(300, FIRST)
    device = city.device()
    assert leases.take(device.id)
    order = PollOrder(deadline=leases.deadlines(device.id))
    seen_by_then: list[int] = []

    def run_out() -> None:
        leases._held[device.id].end()
        seen_by_then.append(sum(terminal.counters.commands_seen.values()))

    terminal.at(moment, run_out)
    outcome = city.poller().poll(device, order)

    assert outcome.outcome == "lease_over"
    assert [sum(terminal.counters.commands_seen.values())] == seen_by_then
    assert terminal.counters.exits_seen == 0
    assert city.stored() == []
    assert city.poll().is_ok
    city.assert_nothing_lost()


def test_a_lease_is_over_by_our_own_clock_even_while_the_database_still_grants_it(city: City) -> None:
    city.add()
    lost: list[set[int]] = []
    with Leases(city.store, "one", on_lost=lost.append, terms=replace(NEVER_RENEWED, trusted=0.05)) as leases:
        assert leases.take(city.device().id)
        until(lambda: lost == [{city.device().id}], "its end is noticed without asking the database")


def test_a_held_session_is_closed_without_a_word_when_its_lease_is_over(city: City) -> None:
    terminal = city.add(live=True)
    device = city.device()
    stop, bugs = StopSignal(), []
    terms = replace(NEVER_RENEWED, trusted=3_600)
    collector = Collector(city.store, city.poller(), city.clock, name="one", terms=terms, on_bug=bugs.append)
    watching = threading.Thread(target=collector.watch.run, args=(stop,))
    watching.start()
    with collector.leases:
        collector.set_fleet([device])
        collector._heap.put(device.serial, 0.0)
        collector.tick()
        until(lambda: device.serial in collector.watch.serials, "the session is held")
        collector.leases._held[device.id].end()
        until(lambda: terminal.open_sessions == 0, "the session is closed")
        assert terminal.counters.exits_seen == 0
        stop.set()
        collector.shut_down()
    watching.join()
    stop.close()
    assert bugs == []


def test_a_lease_that_is_renewed_carries_a_session_on(city: City, leases: Leases) -> None:
    city.add()
    device = city.device()
    leases.take(device.id)
    deadline = leases.deadlines(device.id)(60)
    lease = leases._held[device.id]
    lease.end()
    leases.renew_all()
    deadline.require_right()
    assert 0 < deadline.limit(10) <= 10


def test_a_lease_that_was_given_back_is_not_mistaken_for_the_next_one(city: City, leases: Leases) -> None:
    city.add()
    device = city.device()
    leases.take(device.id)
    earlier = leases._held[device.id]
    leases.drop(device.id)
    leases.take(device.id)
    assert earlier.seconds_left < 0
    assert leases._held[device.id].seconds_left > 0


def test_a_holder_that_falls_silent_in_a_transaction_is_cut_off_by_the_server(city: City) -> None:
    """Frozen between two statements, it would keep the lease's row locked for everybody."""
    city.add()
    device_id = city.device().id
    shown = text("SELECT current_setting('idle_in_transaction_session_timeout')")
    for take in (lambda conn: acquire(conn, [device_id], "one", 60), lambda conn: renew(conn, "one", [device_id], 60)):
        with city.store.begin() as connection:
            assert take(connection)
            assert connection.execute(shown).scalar_one() == f"{HOLDER_SILENT_SECONDS // 60}min"
    with city.store.begin() as connection:
        assert connection.execute(shown).scalar_one() == "0"


def test_a_holder_that_was_cut_off_so_finds_the_database_away(city: City) -> None:
    """A virtual machine that was moved goes on in the middle of a transaction: no bug, and no reason to end."""

    def fall_silent() -> None:
        with city.store.begin() as connection:
            connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = '50ms'"))
            own = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
            until(lambda: own not in city.column("SELECT pid FROM pg_stat_activity"), "the server has cut it off")
            connection.execute(text("SELECT 1"))

    with pytest.raises(DatabaseUnavailableError):
        fall_silent()


def test_a_lease_that_is_taken_while_it_is_being_given_back_is_not_trusted_without_its_row(
    city: City, leases: Leases, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reload lets a terminal go at the moment at which its poll begins."""
    city.add()
    device = city.device()
    assert leases.take(device.id)
    ask = leases._wishes.ask

    def taken_before_it_is_given_back(wish: _Wish) -> bool:
        if not wish.take:
            assert leases.take(device.id)
        return ask(wish)

    monkeypatch.setattr(leases._wishes, "ask", taken_before_it_is_given_back)
    leases.drop(device.id)

    assert city.column("SELECT holder FROM device_lease") == []
    with pytest.raises(LeaseOverError):
        leases.deadlines(device.id)(60).require_right()


def test_three_renewals_may_fail_before_a_terminal_is_let_go() -> None:
    terms = LeaseTerms()
    assert 3 * terms.renew_every < terms.trusted < terms.granted
