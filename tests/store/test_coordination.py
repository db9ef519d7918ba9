"""Leases, requests and live events: what collectors share."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from stored_terminal import NOW, add_device, touch

from eabsensi.store.leases import acquire, holder_of, release, renew
from eabsensi.store.live import forget_events, save_events
from eabsensi.store.requests import request_poll, take_requests
from eabsensi.store.tables import live_event

EXPIRE = "UPDATE device_lease SET expires_at = now() - interval '1 second'"


@pytest.fixture
def begin(terminal):
    """Give a transaction for each call."""

    def call(function, *arguments):
        with terminal.store.begin() as conn:
            return function(conn, *arguments)

    return call


def test_a_lease_has_one_holder_at_a_time(terminal, begin):
    assert begin(acquire, [terminal.device_id], "c1", 60)
    assert not begin(acquire, [terminal.device_id], "c2", 60)
    assert begin(acquire, [terminal.device_id], "c1", 60)
    assert begin(holder_of, terminal.device_id) == "c1"


def test_a_lease_that_ran_out_can_be_taken_and_cannot_be_renewed(terminal, begin, owner):
    begin(acquire, [terminal.device_id], "c1", 60)
    owner.execute(EXPIRE)

    assert begin(holder_of, terminal.device_id) is None
    assert begin(renew, "c1", [terminal.device_id], 60) == set()
    assert begin(acquire, [terminal.device_id], "c2", 60)
    assert begin(renew, "c1", [terminal.device_id], 60) == set()
    assert not begin(acquire, [terminal.device_id], "c1", 60)


def test_renewing_prolongs_what_the_holder_has_and_nothing_else(terminal, begin, owner):
    with terminal.store.begin() as conn:
        other = add_device(conn, "CJDE0002")
    begin(acquire, [terminal.device_id], "c1", 60)
    begin(acquire, [other], "c2", 60)
    before = owner.execute("SELECT device_id, expires_at FROM device_lease").fetchall()

    assert begin(renew, "c1", [terminal.device_id, other], 600) == {terminal.device_id}
    after = dict(owner.execute("SELECT device_id, expires_at FROM device_lease").fetchall())
    grown = {device_id: after[device_id] - then for device_id, then in before}
    assert grown[terminal.device_id] > timedelta(seconds=500)
    assert grown[other] == timedelta()


def test_only_the_holder_can_release(terminal, begin):
    begin(acquire, [terminal.device_id], "c1", 60)
    begin(release, [terminal.device_id], "c2")
    assert begin(holder_of, terminal.device_id) == "c1"
    begin(release, [terminal.device_id], "c1")
    assert begin(acquire, [terminal.device_id], "c2", 60)


def test_of_two_takers_at_once_one_gets_the_lease(terminal):
    with terminal.store.begin() as first:
        assert acquire(first, [terminal.device_id], "c1", 60)
        with pytest.raises(Exception, match="lock timeout"), terminal.store.begin() as second:  # noqa: PT012  the first line only sets the wait
            second.exec_driver_sql("SET LOCAL lock_timeout = '20ms'")
            acquire(second, [terminal.device_id], "c2", 60)
    with terminal.store.begin() as second:
        assert not acquire(second, [terminal.device_id], "c2", 60)


def test_many_leases_are_taken_and_given_back_at_once(terminal, begin):
    with terminal.store.begin() as conn:
        second, third = (add_device(conn, serial) for serial in ("CJDE0002", "CJDE0003"))
    everything = [third, terminal.device_id, second]
    begin(acquire, [second], "c2", 60)

    assert begin(acquire, everything, "c1", 60) == {terminal.device_id, third}
    begin(release, everything, "c1")
    assert [begin(holder_of, device_id) for device_id in everything] == [None, None, "c2"]
    assert begin(acquire, [], "c1", 60) == set()


def test_a_lease_that_somebody_is_at_is_not_waited_for_with_the_others(terminal, begin, owner):
    with terminal.store.begin() as conn:
        other = add_device(conn, "CJDE0002")
    begin(acquire, [terminal.device_id], "c2", 60)
    owner.execute(EXPIRE)
    with terminal.store.begin() as frozen:
        assert acquire(frozen, [terminal.device_id], "c3", 60)
        assert begin(acquire, [terminal.device_id, other], "c1", 60) == {other}


def test_a_request_is_taken_once_and_a_full_one_stays_full(terminal, begin):
    begin(request_poll, terminal.device_id, True)
    begin(request_poll, terminal.device_id, False)

    assert begin(take_requests, [terminal.device_id + 1]) == []
    assert begin(take_requests, [terminal.device_id]) == [(terminal.device_id, True)]
    assert begin(take_requests, [terminal.device_id]) == []


def test_live_events_are_kept_apart_from_punches(terminal, begin):
    events = [touch("07:30:00"), touch("07:31:00")._replace(verify_mode=None, punch_state=None)]
    begin(save_events, terminal.device_id, "Asia/Jakarta", events, NOW)

    with terminal.store.begin() as conn:
        first, second = conn.execute(select(live_event).order_by(live_event.c.device_time)).all()
    assert (first.punched_at.isoformat(), first.heard_at, first.raw) == (
        "2026-03-02T00:30:00+00:00",
        NOW,
        events[0].raw,
    )
    assert (first.verify_mode, second.verify_mode) == (1, None)
    assert terminal.stored() == []


def test_no_events_are_no_trouble_and_old_ones_can_go(terminal, begin):
    begin(save_events, terminal.device_id, "Asia/Jakarta", [], NOW)
    begin(save_events, terminal.device_id, "Asia/Jakarta", [touch("07:30:00")], NOW)
    assert begin(forget_events, NOW) == 0
    assert begin(forget_events, NOW + timedelta(seconds=1)) == 1
