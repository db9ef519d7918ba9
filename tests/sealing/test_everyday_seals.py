"""What a turn of the sealer costs: the rows that are new, whoever commits late; and many rows in several seals."""

from __future__ import annotations

import random
from contextlib import ExitStack
from datetime import date, timedelta

import pytest
from sealed_city import MARCH, MINUTE, START, SealedCity, touch
from sqlalchemy import text

from eabsensi.sealing import sealer
from eabsensi.sealing.arrivals import STEP, differing, note_of, step_of, whole_steps
from eabsensi.sealing.chain import LATE
from eabsensi.store import evidence
from eabsensi.store.evidence import KINDS, count_arrivals, summarise_arrivals
from eabsensi.store.partitions import ensure_months
from eabsensi.store.seals import RetiredMonth, SealedPart, note_retired_month

SECOND = timedelta(seconds=1)


@pytest.fixture
def read(monkeypatch) -> list[str]:
    """Give the keys of the rows that the sealer reads from now on."""
    keys: list[str] = []
    rows_between = sealer.rows_between

    def noted(*asked):
        for row in rows_between(*asked):
            keys.append(row.key)
            yield row

    monkeypatch.setattr(sealer, "rows_between", noted)
    return keys


def minute_of(city: SealedCity, minute: int, device: int = 0) -> None:
    city.poll(touch(f"07:{minute:02}:00"), device=device)


def an_hour(city: SealedCity) -> None:
    """Let a poll bring a punch in each of 50 minutes, and seal each."""
    for minute in range(50):
        minute_of(city, minute)
        city.seal()
        city.pass_by()


def assert_whole(city: SealedCity) -> None:
    found = city.verify()
    assert (found.broken, found.waiting, found.late) == (None, 0, 0)
    assert found.rows == sum(city.count(kind.name) for kind in KINDS)


def test_a_turn_reads_what_is_new_and_nothing_that_is_sealed(city, read):
    an_hour(city)
    read.clear()
    assert city.seal() == []
    assert read == []
    minute_of(city, 50)
    assert [seal.rows for seal in city.seal()] == [2]
    assert len(read) == 2
    assert_whole(city)


def test_of_a_late_commit_its_ten_seconds_are_read_again(city, read):
    with city.store.begin() as slow:
        city.poll(touch("06:59:00"), device=1, connection=slow)  # beside the hour's first poll, in the same second
        an_hour(city)
        read.clear()
    assert [seal.rows for seal in city.seal()] == [2]
    assert len(read) == 4
    assert_whole(city)


def test_seals_without_a_note_have_their_rows_read_and_none_is_sealed_twice(city, owner, read):
    an_hour(city)
    owner.execute("UPDATE seal_part SET arrivals = CASE WHEN number % 2 = 0 THEN 'not ours' END")
    read.clear()
    minute_of(city, 50)
    assert [seal.rows for seal in city.seal()] == [2]
    assert len(read) == 102
    assert_whole(city)


@pytest.mark.parametrize("seed", range(4))
def test_whoever_commits_when_every_row_is_sealed_once(city, seed):
    """Polls of the same second, held back for up to half an hour, while two collectors' clocks differ by seconds."""
    chance = random.Random(seed)
    held: dict[int, ExitStack] = {}
    for minute in range(40):
        for device in {0, 1} - held.keys():  # a terminal is read by one collector at a time
            with ExitStack() as opened:
                connection = opened.enter_context(city.store.begin())
                city.poll(touch(f"07:{minute:02}:00"), device=device, connection=connection)
                if chance.random() < 0.2:
                    held[device] = opened.pop_all()
        if held and chance.random() < 0.3:
            held.popitem()[1].close()
        city.seal()
        city.clock.at += chance.choice((-3, 0, 2, 61)) * SECOND
    while held:
        held.popitem()[1].close()
    city.pass_by(MINUTE)
    city.seal()
    assert_whole(city)


def test_what_a_retired_month_takes_hides_nobody_who_commits_late(city):
    """As many rows go as come: the numbers alone would say that all are sealed."""
    with city.store.begin_as_owner() as connection:
        ensure_months(connection, date(2020, 1, 1), date(2020, 1, 1))
    with city.store.begin() as slow:
        city.poll(touch("07:01:00"), device=1, connection=slow)
        city.dump(touch("07:01:00", on="2020-01-02"))
        city.pass_by()
        city.seal()
    with city.store.begin_as_owner() as connection:
        connection.exec_driver_sql("DROP TABLE punch_2020_01")
        note_retired_month(
            connection, RetiredMonth(date(2020, 1, 1), 1, city.pass_by(), "root", "older than five years")
        )
    city.pass_by()
    assert [seal.rows for seal in city.seal()] == [3]
    found = city.verify()
    assert (found.broken, found.waiting, found.retired_rows) == (None, 0, 1)


# --- notes ----------------------------------------------------------------------------------------------------------


def test_a_note_counts_the_rows_of_each_ten_seconds():
    first = step_of(START + STEP)
    arrived = [START + SECOND, START + STEP, START + STEP + SECOND]
    assert note_of(arrived, (START, START + MINUTE)) == f"{first} 0:2 1:1"
    assert whole_steps(START + 3 * SECOND) == whole_steps(START) == START
    assert step_of(START) == first - 1  # an instant ends its step


def test_a_note_of_a_long_span_tells_of_its_end_and_the_rest_is_doubted():
    span = (START, START + timedelta(days=1))
    note = note_of([START + SECOND, span[1]], span)
    assert note == f"{step_of(span[1] - 2 * LATE + STEP)} 719:1"
    part = SealedPart(7, "poll", *span, note)
    early, last = step_of(START + SECOND), step_of(span[1])
    doubted = list(differing({early: 1, last: 1}, [part], span[1]))
    assert [(found.span, found.seals) for found in doubted] == [((START, START + STEP), frozenset({7}))]
    [more] = differing({last: 2}, [part], span[1])
    assert (more.span, more.seals) == ((span[1] - STEP, span[1]), frozenset({7}))


# --- many rows ------------------------------------------------------------------------------------------------------


@pytest.fixture
def large(city, monkeypatch) -> SealedCity:
    """Give a city where a dump of 40 punches and a poll of 20 came in one instant, and a seal covers 9 rows at most."""
    monkeypatch.setattr(sealer, "MOST_ROWS", 9)
    minute_of(city, 0)
    city.seal()
    city.pass_by()
    city.dump(*(touch(f"07:{minute:02}:30") for minute in range(40)))
    city.poll(*(touch(f"08:{minute:02}:00", "8") for minute in range(20)), device=1)
    assert [seal.rows for seal in city.seal()] == [9] * 6 + [7]
    return city


def test_a_large_dump_has_several_seals_and_all_of_it_is_sealed_once(large, read):
    assert_whole(large)
    large.pass_by()
    minute_of(large, 50)
    assert [seal.rows for seal in large.seal()] == [2]
    assert len(read) == 2
    assert_whole(large)


@pytest.mark.parametrize(
    ("doing", "what", "seal"),
    [
        ("UPDATE punch SET verify_mode = 9 WHERE device_time = '2026-03-02 07:30:30'", "changed", 5),
        ("DELETE FROM punch WHERE device_time = '2026-03-02 07:30:30'", "removed", 5),
        ("WITH part AS (DELETE FROM seal_part WHERE number = 8) DELETE FROM seal WHERE number = 8", "inserted", 7),
        ("DELETE FROM seal WHERE number = 4", "removed", 4),
    ],
)
def test_within_a_large_dump_the_first_row_that_was_touched_is_named(large, owner, doing, what, seal):
    owner.execute("ALTER TABLE seal_part DROP CONSTRAINT seal_part_number_fkey")
    owner.execute(doing)
    broken = large.verify().broken
    assert (broken.what, broken.seal) == (what, seal)


def test_a_row_put_into_a_large_poll_is_named(large, owner):
    owner.execute(
        "INSERT INTO punch SELECT device_id, '9', device_time, ordinal, verify_mode, punch_state, workcode, punched_at,"
        " source, generation, poll_id, clock_offset_seconds, received_at, raw FROM punch"
        " WHERE device_time = '2026-03-02 08:10:00'"
    )
    broken = large.verify().broken
    assert (broken.what, broken.key["pin"]) == ("inserted", "9")


# --- the server's work ----------------------------------------------------------------------------------------------


def test_a_large_month_is_not_read_through_for_what_the_last_hour_brought(city, owner):
    with city.store.begin_as_owner() as connection:
        ensure_months(connection, MARCH, MARCH)
    owner.execute(
        "INSERT INTO punch (device_id, pin, device_time, ordinal, punched_at, source, received_at, raw)"
        " SELECT 1, '7', '2026-03-01'::timestamp + n * interval '10 seconds', 0, now(), 'usb',"
        " '2026-02-01Z'::timestamptz + n * interval '10 seconds', 'raw' FROM generate_series(1, 40000) AS n"
    )
    minute_of(city, 0)
    owner.execute("ANALYZE punch")
    with city.store.begin_as_owner() as connection:
        assert summarise_arrivals(connection) > 0
        assert summarise_arrivals(connection) == 0
        span = (START - LATE, START)
        assert [rows for _, _, rows in count_arrivals(connection, *span, STEP)] == [1, 1]
        asked = {"after": span[0], "through": span[1], "step": STEP}
        plan = "\n".join(connection.execute(text(f"EXPLAIN {evidence._ARRIVALS.text}"), asked).scalars())
    assert "Bitmap Index Scan on punch_2026_03_received_at_idx" in plan
    assert "Seq Scan on punch_2026_03" not in plan
