"""What has to be judged again is marked in the transaction that changes it, and taken by one assessor."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from stored_terminal import add_device

from eabsensi.store.dependents import LogAdvance, mark_coverage, mark_device
from eabsensi.store.dirty import (
    mark_people,
    mark_touched,
    mark_units,
    mark_unjudged,
    take_dirty,
)

ON = date(2026, 11, 24)
DAY = timedelta(days=1)
NOON = datetime(2026, 11, 24, 5, tzinfo=UTC)
AFTER = datetime(2026, 11, 25, 1, tzinfo=UTC)


@pytest.fixture
def people(store, owner):
    """Give two units, one below the other, a person in each, and a terminal in the upper one."""
    owner.execute("INSERT INTO unit (code, name, pattern) VALUES ('DINKES', 'Dinkes', '5-day')")
    owner.execute("INSERT INTO unit (code, name, parent_code, pattern) VALUES ('PKM', 'Pkm', 'DINKES', 'shift')")
    with store.begin() as connection:
        device = add_device(connection, "LOBI")
    ids = []
    for pin, unit in (("7", "DINKES"), ("8", "PKM")):
        query = "INSERT INTO employee (nip, name, kind) VALUES (%s, %s, 'PNS') RETURNING id"
        (employee,) = owner.execute(query, (pin, pin)).fetchone()
        values = (employee, unit, ON - DAY)
        owner.execute(
            "INSERT INTO posting (employee_id, unit_code, valid_during) VALUES (%s, %s, daterange(%s, NULL))", values
        )
        enrol = "INSERT INTO enrolment (pin, employee_id, valid_during) VALUES (%s, %s, daterange(%s, NULL))"
        owner.execute(enrol, (pin, employee, ON - DAY))
        ids.append(employee)
    return device, *ids


def add_poll(owner, device: int, at: datetime, offset: float = 0.0) -> None:
    owner.execute(
        "INSERT INTO poll (device_id, collector, started_at, finished_at, mode, outcome, records_read, punches_new,"
        " bytes_sent, bytes_received, round_trips, clock_offset_seconds, complete_through)"
        " VALUES (%s, 'test', %s, %s, 'tail', 'ok', 0, 0, 0, 0, 0, %s, %s)",
        (device, at, at, offset, at),
    )


def marked(owner) -> set[tuple[int, date]]:
    return set(owner.execute("SELECT employee_id, on_date FROM dirty_day").fetchall())


def test_a_punch_marks_its_day_and_for_shifts_the_days_around_it(store, owner, people):
    device, office, nurse = people
    with store.begin() as connection:
        mark_touched(connection, device, {("7", ON), ("8", ON), ("9", ON)}, "punch")
    assert marked(owner) == {(office, ON)} | {(nurse, ON + step * DAY) for step in (-1, 0, 1)}


def test_a_pin_marks_only_whom_it_meant_on_the_day(store, owner, people):
    device, office, _ = people
    owner.execute("UPDATE enrolment SET valid_during = daterange(%s, NULL)", (ON + 3 * DAY,))
    with store.begin() as connection:
        mark_touched(connection, device, {("7", ON), ("7", ON + 3 * DAY)}, "punch")
    assert marked(owner) == {(office, ON + 3 * DAY)}


def test_a_wrong_clock_marks_the_day_that_its_punches_mean_too(store, owner, people):
    device, office, _ = people
    add_poll(owner, device, NOON, offset=-365 * 86_400.0)
    with store.begin() as connection:
        mark_touched(connection, device, {("7", ON - 365 * DAY)}, "punch")
    owner.execute("UPDATE enrolment SET valid_during = daterange('2020-01-01', NULL)")
    with store.begin() as connection:
        mark_touched(connection, device, {("7", ON - 365 * DAY)}, "punch")
    assert {(office, ON), (office, ON - 365 * DAY)} <= marked(owner)


def test_a_reading_past_the_end_of_a_day_marks_everybody_who_depends_on_the_terminal(store, owner, people):
    device, office, nurse = people
    add_poll(owner, device, NOON)
    add_poll(owner, device, AFTER)
    with store.begin() as connection:
        assert mark_coverage(connection, [LogAdvance(device, NOON, NOON + timedelta(minutes=5))]) == 0
        mark_coverage(connection, [LogAdvance(device, NOON, AFTER)])
    assert marked(owner) == {(office, ON), (nurse, ON)}  # a unit without a terminal uses that of the one above


def test_a_unit_with_a_terminal_of_its_own_does_not_wait_for_that_above(store, owner, people):
    _, office, _ = people
    owner.execute("UPDATE device SET unit_code = 'PKM' WHERE serial = 'LOBI'")
    with store.begin() as connection:
        above = add_device(connection, "ATAS")
        mark_coverage(connection, [LogAdvance(above, NOON, AFTER)])
    assert marked(owner) == {(office, ON)}


def test_a_disabled_terminal_marks_only_open_days(store, owner, people):
    device, office, nurse = people
    insert = (
        "INSERT INTO verdict SELECT %s, %s, 1, 'DINKES', 'undetermined', '{?}', NULL, NULL, 0, 0, 0, 0, %s, NULL, NULL,"
        " NULL, NULL, '[]', '[]', '[]', 'x', now(), ''"
    )
    owner.execute(insert, (office, ON, False))
    owner.execute(insert, (nurse, ON, True))
    with store.begin() as connection:
        mark_device(connection, device, ON, "disabled")
    assert marked(owner) == {(office, ON)}


def test_people_units_and_days_without_verdict_are_marked_from_first_to_last(store, owner, people):
    _, office, _ = people
    with store.begin() as connection:
        assert mark_people(connection, [office], ON, ON + DAY, "x") == 2
        assert mark_units(connection, ["PKM"], ON - 9 * DAY, ON, "x") == 2  # posted since the day before
        assert mark_unjudged(connection, ON, ON) == 2
        assert mark_people(connection, [office], ON, ON - DAY, "x") == 0
        assert mark_units(connection, [], ON, ON, "x") == 0


def test_a_day_is_taken_once_with_all_its_causes_by_one_assessor(store, owner, people):
    _, office, nurse = people
    with store.begin() as connection:
        mark_people(connection, [office], ON, ON, "roster")
        mark_people(connection, [office, nurse], ON, ON, "punch")
    with store.begin() as first, store.begin() as second:
        assert {tuple(item) for item in take_dirty(first, 100)} == {(office, ON, "punch; roster"), (nurse, ON, "punch")}
        assert take_dirty(second, 100) == []
        mark_people(second, [office], ON, ON, "later")
    with store.begin() as connection:
        assert [tuple(item) for item in take_dirty(connection, 100)] == [(office, ON, "later")]
        assert take_dirty(connection, 100) == []


def test_marks_that_were_taken_come_back_when_the_assessor_fails(store, owner, people):
    _, office, _ = people
    with store.begin() as connection:
        mark_people(connection, [office], ON, ON, "punch")

    def fail() -> None:
        with store.begin() as connection:
            assert take_dirty(connection, 10)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert marked(owner) == {(office, ON)}


def test_marking_waits_for_nobody(store, owner, people):
    _, office, nurse = people
    with store.begin() as one, store.begin() as other:
        mark_people(one, [office], ON, ON, "x")
        mark_people(other, [nurse, office], ON, ON, "y")
        mark_people(one, [nurse], ON, ON, "x")
    assert len(marked(owner)) == 2


def test_many_readings_at_once_mark_what_each_would_mark_alone(store, owner, people):
    above, office, nurse = people
    owner.execute("UPDATE unit SET timezone = 'Asia/Jayapura' WHERE code = 'PKM'")
    with store.begin() as connection:
        below = add_device(connection, "BAWAH", "PKM")
        unread = add_device(connection, "BARU", "PKM")
    for device in (above, below):
        add_poll(owner, device, NOON)
    add_poll(owner, above, AFTER)
    add_poll(owner, below, AFTER, offset=-90_000.0)  # a clock a day behind: nothing is known of the day yet
    add_poll(owner, unread, AFTER)
    advances = [LogAdvance(above, NOON, AFTER), LogAdvance(below, NOON, AFTER), LogAdvance(unread, None, AFTER)]

    def marks(*groups: list[LogAdvance]) -> list[tuple[int, date]]:
        owner.execute("DELETE FROM dirty_day")
        for group in groups:
            with store.begin() as connection:
                mark_coverage(connection, group)
        return sorted(owner.execute("SELECT employee_id, on_date FROM dirty_day").fetchall())

    alone = marks(*([advance] for advance in advances))
    assert marks(advances) == alone
    assert (office, ON) in alone
    assert (nurse, ON) in alone


def test_readings_over_which_the_clock_was_set_back_open_days_again(store, owner, people):
    device, office, _ = people
    insert = (
        "INSERT INTO verdict SELECT %s, %s, 1, 'DINKES', 'undetermined', '{?}', NULL, NULL, 0, 0, 0, 0, true, NULL,"
        " NULL, NULL, NULL, '[]', '[]', '[]', 'x', now(), ''"
    )
    owner.execute(insert, (office, ON))
    with store.begin() as connection:
        other = add_device(connection, "LAIN")
        mark_coverage(connection, [LogAdvance(device, AFTER, NOON), LogAdvance(other, NOON, AFTER)])
    assert (office, ON) in marked(owner)


def test_the_newest_days_are_taken_first_and_of_a_day_the_oldest_marks(store, owner, people):
    _, office, nurse = people
    with store.begin() as connection:
        mark_people(connection, [nurse], ON - 30 * DAY, ON, "policy")
    with store.begin() as connection:
        mark_people(connection, [office], ON, ON, "live event")
    taken = []
    for _ in range(3):
        with store.begin() as connection:
            taken += [tuple(item) for item in take_dirty(connection, 1)]
    assert taken == [(nurse, ON, "policy"), (office, ON, "live event"), (nurse, ON - DAY, "policy")]
