"""Polls that found nothing new, of many devices in one transaction: as each alone would be kept, or left alone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from stored_terminal import NOW, Terminal, add_device, touch

from eabsensi.devices.logposition import Continuity
from eabsensi.store.ingest import record_poll
from eabsensi.store.pollkeeping import lock_log, record_quiet_polls
from eabsensi.store.tables import device_log, poll

LATER = NOW + timedelta(minutes=5)


@pytest.fixture
def terminals(terminal):
    """Give three terminals whose logs have been read once."""
    with terminal.store.begin() as conn:
        others = [Terminal(terminal.store, add_device(conn, serial)) for serial in ("QUIET0002", "QUIET0003")]
    for each in (terminal, *others):
        each.reread(touch("07:30:00"), records_on_device=1, complete_through=NOW, verified=True)
    return [terminal, *others]


def quiet(terminal, **facts):
    """Give a poll without news, and the version that was loaded before it."""
    told = {"mode": "count", "records_on_device": 1, "complete_through": LATER, "round_trips": 5} | facts
    return terminal.facts(**told), terminal.load().version


def logs(store):
    with store.begin() as conn:
        return conn.execute(select(device_log).order_by(device_log.c.device_id)).all()


def polls(store):
    told = [column for column in poll.c if column is not poll.c.id]
    with store.begin() as conn:
        return sorted(tuple(row) for row in conn.execute(select(*told)))


def test_many_are_kept_as_each_alone_would_be(terminals):
    store = terminals[0].store
    asked = [quiet(each, bytes_sent=number, error="one") for number, each in enumerate(terminals)]
    with store.begin() as conn:
        for facts, version in asked:
            record_poll(conn, facts, timezone="Asia/Jakarta", log_version=version)
        alone = conn.execute(select(device_log).order_by(device_log.c.device_id)).all()
        rows = sorted(tuple(row) for row in conn.execute(select(*[c for c in poll.c if c is not poll.c.id])))
        conn.rollback()
    with store.begin() as conn:
        assert record_quiet_polls(conn, asked) == {each.device_id for each in terminals}
    assert logs(store) == alone
    assert polls(store) == rows
    assert {row.complete_through for row in logs(store)} == {LATER}


def test_a_log_that_has_moved_meanwhile_keeps_only_its_own_poll_back(terminals):
    moved, *others = terminals
    asked = [quiet(each) for each in terminals]
    moved.read(Continuity.TAIL, [touch("07:31:00")], records_on_device=2)
    with moved.store.begin() as conn:
        assert record_quiet_polls(conn, asked) == {each.device_id for each in others}
    assert [row.records_on_device for row in logs(moved.store)] == [2, 1, 1]


def test_a_log_in_other_hands_is_not_waited_for(terminals):
    busy, *others = terminals
    with busy.store.begin() as importing:
        lock_log(importing, busy.device_id)
        with busy.store.begin() as conn:
            assert record_quiet_polls(conn, [quiet(each) for each in terminals]) == {each.device_id for each in others}


def test_what_a_clock_that_was_ahead_has_claimed_is_taken_back(terminals):
    first, second, _ = terminals
    with first.store.begin() as conn:
        record_quiet_polls(conn, [quiet(first, complete_through=NOW + timedelta(days=9))])
    with first.store.begin() as conn:
        record_quiet_polls(conn, [quiet(first, complete_through=NOW), quiet(second, records_on_device=None)])
    one, two, _ = logs(first.store)
    assert one.complete_through == NOW  # the start of the poll that found the clock to be behind what it had claimed
    assert (two.records_on_device, two.complete_through) == (1, LATER)
