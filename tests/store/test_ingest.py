"""One poll is one transaction: all of it is stored, or nothing."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
from datetime import UTC, datetime

import psycopg
import pytest
from sqlalchemy import event, func, select
from stored_terminal import NOW, touch

from eabsensi.devices.logposition import Continuity
from eabsensi.store.ingest import StaleLogError, record_poll
from eabsensi.store.tables import device_log, poll, punch, quarantined_log


def counts(store):
    with store.begin() as conn:
        return tuple(conn.execute(select(func.count()).select_from(table)).scalar() for table in (poll, punch))


def test_a_poll_moves_position_and_coverage_together(terminal):
    result = terminal.reread(touch("07:30:00"), full=True, verified=True, complete_through=NOW, records_on_device=1)
    log = terminal.load()

    assert (log.version, log.generation, log.position.records, log.position.tail_ok) == (1, 1, 1, True)
    assert (log.complete_through, log.verified_at, log.last_full_at, log.last_audit_at) == (NOW, NOW, NOW, None)
    with terminal.store.begin() as conn:
        row = conn.execute(select(poll)).one()
    assert (row.id, row.punches_new, row.collector, row.outcome) == (result.poll_id, 1, "c1", "ok")


def test_an_audit_is_remembered(terminal):
    terminal.reread(mode="audit")
    assert terminal.load().last_audit_at == NOW


def test_a_device_that_was_never_polled_has_a_fresh_log(terminal):
    log = terminal.load()
    assert (log.version, log.generation, log.position, log.complete_through) == (0, 1, None, None)


def test_a_poll_that_found_nothing_new_still_proves_coverage(terminal):
    terminal.reread(touch("07:30:00"))
    version = terminal.load().version
    with terminal.store.begin() as conn:
        facts = terminal.facts(mode="count", complete_through=NOW, records_on_device=1)
        record_poll(conn, facts, timezone="Asia/Jakarta", log_version=version)
    log = terminal.load()
    assert (log.version, log.complete_through, log.records_on_device, log.position.records) == (version, NOW, 1, 1)


def test_coverage_never_goes_back(terminal):
    terminal.reread(complete_through=NOW)
    terminal.reread(complete_through=datetime(2026, 1, 1, tzinfo=UTC))
    assert terminal.load().complete_through == NOW


def test_a_failed_poll_leaves_its_row_and_the_log_alone(terminal):
    terminal.reread(touch("07:30:00"), complete_through=NOW)
    before = terminal.load()
    with terminal.store.begin() as conn:
        facts = terminal.facts(outcome="unreachable", error="no answer")
        record_poll(conn, facts, timezone="Asia/Jakarta", log_version=0)
    assert terminal.load() == before
    assert counts(terminal.store) == (2, 1)


def test_a_reading_of_an_outdated_position_is_refused_and_adds_nothing(terminal):
    reading = terminal.reading(Continuity.REREAD, [touch("07:30:00")])
    terminal.reread()
    with pytest.raises(StaleLogError), terminal.store.begin() as conn:
        record_poll(conn, terminal.facts(), timezone="Asia/Jakarta", log_version=0, reading=reading)
    assert counts(terminal.store) == (1, 0)


def test_the_second_of_two_readings_at_once_is_refused(terminal):
    terminal.reread()
    reading = terminal.reading(Continuity.TAIL, [touch("07:30:00")])
    with terminal.store.begin() as first:
        record_poll(first, terminal.facts(), timezone="Asia/Jakarta", log_version=1, reading=reading)
        with pytest.raises(Exception, match="lock timeout"), terminal.store.begin() as second:  # noqa: PT012  the first line only sets the wait
            second.exec_driver_sql("SET LOCAL lock_timeout = '20ms'")
            record_poll(second, terminal.facts(), timezone="Asia/Jakarta", log_version=1, reading=reading)
    with pytest.raises(StaleLogError), terminal.store.begin() as second:
        record_poll(second, terminal.facts(), timezone="Asia/Jakarta", log_version=1, reading=reading)
    assert len(terminal.stored()) == 1


def test_a_log_in_doubt_is_kept_once_with_its_reason(terminal):
    for _ in range(2):
        with terminal.store.begin() as conn:
            facts = terminal.facts(outcome="layout-unknown")
            quarantined = (b"\x01" * 100_000, "no layout fits")
            record_poll(conn, facts, timezone="Asia/Jakarta", log_version=0, quarantined=quarantined)
    with terminal.store.begin() as conn:
        row = conn.execute(select(quarantined_log)).one()
    assert (row.body, row.reason) == (b"\x01" * 100_000, "no layout fits")


class _StoppedError(Exception):
    pass


@pytest.mark.parametrize("many", [False, True], ids=["arrays", "copy"])
def test_stopped_before_any_statement_a_poll_leaves_nothing(terminal, monkeypatch, many):
    if many:
        monkeypatch.setattr("eabsensi.store.ingest.MANY", 1)
    terminal.usb(touch("07:30:00"))
    reading = terminal.reading(Continuity.TAIL, [touch("07:30:00"), touch("07:31:00")])
    before = terminal.load(), terminal.stored(), counts(terminal.store)
    for last in range(1, 50):
        ran = _run_until(terminal, reading, last)
        if ran < last:
            break
        assert (terminal.load(), terminal.stored(), counts(terminal.store)) == before
    assert last > 5
    assert len(terminal.stored()) == 2
    assert terminal.load().version == 1


def _run_until(terminal, reading, last):
    """Record a poll, but fail before its statement number ``last``; give the number of statements that ran."""
    ran = 0

    def count(*_):
        nonlocal ran
        ran += 1
        if ran == last:
            raise _StoppedError

    event.listen(terminal.store.engine, "before_cursor_execute", count)
    event.listen(terminal.store.engine, "commit", count)
    try:
        with contextlib.suppress(_StoppedError), terminal.store.begin() as conn:
            record_poll(conn, terminal.facts(), timezone="Asia/Jakarta", log_version=0, reading=reading)
    finally:
        event.remove(terminal.store.engine, "before_cursor_execute", count)
        event.remove(terminal.store.engine, "commit", count)
    return ran


KILLED = """
import sys, time
from stored_terminal import Terminal, touch
from eabsensi.devices.logposition import Continuity
from eabsensi.store.database import Store
from eabsensi.store.ingest import record_poll

terminal = Terminal(Store.at(sys.argv[1]), int(sys.argv[2]))
reading = terminal.reading(Continuity.REREAD, [touch("07:30:00")])
with terminal.store.begin() as conn:
    record_poll(conn, terminal.facts(), timezone="Asia/Jakarta", log_version=0, reading=reading)
    print("stored", flush=True)
    sys.stdin.read()
"""


def test_a_collector_killed_before_its_commit_leaves_nothing_and_the_next_one_goes_on(terminal, database, owner):
    command = [sys.executable, "-c", KILLED, database, str(terminal.device_id)]
    path = {"PYTHONPATH": ":".join(filter(None, sys.path))}
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=path) as collector:
        assert collector.stdout.readline() == b"stored\n"
        collector.send_signal(signal.SIGKILL)

    assert counts(terminal.store) == (0, 0)
    assert terminal.reread(touch("07:30:00")).new == 1  # waits for the dead one's lock to go


@pytest.mark.parametrize("table", ["punch", "punch_sighting", "unreadable_record", "poll", "quarantined_log"])
@pytest.mark.parametrize("verb", ["UPDATE {} SET device_id = 0", "DELETE FROM {}", "TRUNCATE {}"])
def test_the_application_cannot_change_or_remove_evidence(terminal, table, verb):
    with pytest.raises(Exception, match="permission denied") as refusal, terminal.store.begin() as conn:
        conn.exec_driver_sql(verb.format(table))
    assert isinstance(refusal.value.orig, psycopg.errors.InsufficientPrivilege)


def test_the_application_cannot_reach_a_month_by_its_own_name(terminal, owner):
    owner.execute("SELECT 1 FROM punch_default")
    with pytest.raises(Exception, match="permission denied"), terminal.store.begin() as conn:
        conn.exec_driver_sql("DELETE FROM punch_default")


def test_a_log_that_never_held_a_record_has_no_position(terminal):
    reading = terminal.reading(Continuity.TAIL, [])
    with terminal.store.begin() as conn:
        empty = type(reading)(reading.continuity, [], [], None)
        record_poll(conn, terminal.facts(), timezone="Asia/Jakarta", log_version=0, reading=empty)
        assert conn.execute(select(device_log.c.layout)).scalar_one() is None
    assert terminal.load().position is None
