"""Months of punches: made ahead, and made late without losing anything."""

from __future__ import annotations

import threading
from datetime import date

import pytest
from stored_terminal import touch

from eabsensi.store.partitions import ensure_months, horizon

PLACES = """
    SELECT tableoid::regclass::text, device_time::date::text FROM punch ORDER BY device_time
"""


@pytest.fixture
def ensure(store):
    """Give the making of months in a transaction of its own."""

    def call(first, last):
        with store.begin_as_owner() as conn:
            return ensure_months(conn, date.fromisoformat(first), date.fromisoformat(last))

    return call


def wait_until_somebody_waits(owner):
    while owner.execute("SELECT count(*) FROM pg_locks WHERE NOT granted").fetchone() == (0,):
        pass


@pytest.mark.parametrize("way", ["arrays", "copy"])
def test_times_that_no_month_holds_are_kept(terminal, owner, way, monkeypatch):
    if way == "copy":
        monkeypatch.setattr("eabsensi.store.ingest.MANY", 1)
    log = [touch("00:00:00", day="2000-01-01"), touch("07:30:00", day="2063-11-05")]
    assert terminal.reread(*log).new == 2
    assert terminal.reread(*log).new == 0
    assert {place for place, _ in owner.execute(PLACES)} == {"punch_default"}


def test_a_month_made_late_takes_the_rows_that_waited_for_it(terminal, owner, ensure):
    days = ["2063-10-31", "2063-11-01", "2063-11-30", "2063-12-01"]
    log = [touch("07:30:00", day=day) for day in days]
    terminal.reread(*log)
    before = terminal.stored()

    assert ensure("2063-11-15", "2063-11-15") == 1
    places = dict(reversed(row) for row in owner.execute(PLACES))
    assert [places[day] for day in days] == ["punch_default", "punch_2063_11", "punch_2063_11", "punch_default"]
    assert terminal.stored() == before
    assert terminal.reread(*log).new == 0


def test_a_month_made_ahead_takes_its_punches(terminal, owner, ensure):
    ensure("2071-12-31", "2072-01-01")
    terminal.reread(touch("23:59:59", day="2071-12-31"), touch("00:00:00", day="2072-01-01"))
    assert [place for place, _ in owner.execute(PLACES)] == ["punch_2071_12", "punch_2072_01"]


def test_making_months_again_makes_none(ensure):
    assert ensure("2071-11-15", "2072-02-01") == 4
    assert ensure("2071-11-01", "2072-02-29") == 0
    assert ensure("2072-02-29", "2071-11-01") == 0


def test_two_makers_at_once_do_not_collide(store, ensure, owner):
    made = []
    with store.begin_as_owner() as conn:
        made.append(ensure_months(conn, date(2071, 1, 1), date(2071, 3, 1)))
        other = threading.Thread(target=lambda: made.append(ensure("2071-01-01", "2071-04-01")))
        other.start()
        wait_until_somebody_waits(owner)
    other.join()
    assert made == [3, 1]


def test_making_a_month_waits_for_a_reader_who_then_inserts(terminal, ensure, owner):
    waiting = threading.Thread(target=ensure, args=("2071-01-01", "2071-01-01"))
    with terminal.store.begin() as conn:
        conn.exec_driver_sql("SELECT count(*) FROM punch_sighting, punch")
        waiting.start()
        wait_until_somebody_waits(owner)
        conn.exec_driver_sql(
            "INSERT INTO punch (device_id, pin, device_time, ordinal, punched_at, source, received_at, raw)"
            " VALUES (1, '7', '2071-01-05', 0, now(), 'log', now(), '')"
        )
    waiting.join()
    assert len(terminal.stored()) == 1


def test_the_application_cannot_make_months(store):
    with pytest.raises(Exception, match=r"permission denied|must be owner"), store.begin() as conn:
        ensure_months(conn, date(2071, 1, 1), date(2071, 1, 1))


@pytest.mark.parametrize(
    ("today", "expected"),
    [
        ("2026-01-31", "2026-04-01"),
        ("2026-09-01", "2026-12-01"),
        ("2026-10-15", "2027-01-01"),
        ("2026-12-31", "2027-03-01"),
    ],
)
def test_the_horizon_is_three_months_ahead(today, expected):
    assert horizon(date.fromisoformat(today)) == date.fromisoformat(expected)
