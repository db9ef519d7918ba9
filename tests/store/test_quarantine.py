"""Logs in doubt: kept byte for byte, and never so many that they take the disk from the punches."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select
from stored_terminal import NOW

from eabsensi.store import quarantine
from eabsensi.store.ingest import record_poll
from eabsensi.store.tables import quarantined_log

MINUTE = timedelta(minutes=1)


@pytest.fixture
def poll(terminal):
    """Poll a log in doubt so long after the first time; gives how many logs are kept then."""

    def poll(body, after):
        facts = replace(terminal.facts(outcome="layout_unknown"), finished_at=NOW + after)
        with terminal.store.begin() as conn:
            record_poll(conn, facts, timezone="Asia/Jakarta", log_version=0, quarantined=(body, "no layout fits"))
            return len(conn.execute(select(quarantined_log.c.body)).all())

    return poll


def test_a_log_in_doubt_that_grows_is_kept_once_an_hour(poll):
    kept = [poll(b"?" * (40 + minute), minute * MINUTE) for minute in range(0, 181, 5)]
    assert kept[-1] == 4
    assert kept[11:13] == [1, 2]


def test_the_same_bytes_are_kept_once(poll):
    assert [poll(b"?" * 40, hour * 60 * MINUTE) for hour in range(3)] == [1, 1, 1]


def test_a_day_has_its_share_and_the_next_day_another(poll, monkeypatch):
    monkeypatch.setattr(quarantine, "BYTES_A_DAY", 250)
    kept = [poll(bytes([hour]) * 100, hour * 60 * MINUTE) for hour in range(30)]
    assert kept[23] == 2
    assert kept[-1] == 4


def test_the_first_is_kept_however_long_it_is(poll, monkeypatch):
    monkeypatch.setattr(quarantine, "BYTES_A_DAY", 250)
    assert poll(b"?" * 1_000, MINUTE) == 1


def test_what_a_clock_that_was_ahead_has_dated_keeps_nothing_out(poll):
    assert poll(b"?" * 40, timedelta(days=400)) == 1
    assert poll(b"?" * 80, MINUTE) == 2
