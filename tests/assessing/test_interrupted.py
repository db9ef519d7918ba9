"""Assessors that die between any two statements, and assessors side by side, lose no mark and halve no verdict."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

import pytest
from judged_city import END, JAKARTA, ON, POLICY, at
from kept_city import KeptCity
from simulated_month import DAY, Month
from sqlalchemy import event
from test_incremental import FIRST, differences

from eabsensi.assessing.closing import close_period
from eabsensi.assessing.keeping import assess_dirty
from eabsensi.store.database import DatabaseUnavailableError, Store

SITI, BUDI = "199001012015011001", "199202022016022002"


class KilledError(Exception):
    """The process is gone."""


@contextlib.contextmanager
def killed_before(store: Store, statement: int) -> Iterator[None]:
    """Let the database's client die before its n-th statement."""
    run = [0]

    def count(*_: object) -> None:
        run[0] += 1
        if run[0] == statement:
            raise KilledError

    event.listen(store.engine, "before_cursor_execute", count)
    try:
        yield
    finally:
        event.remove(store.engine, "before_cursor_execute", count)


@pytest.fixture
def city(store, owner) -> KeptCity:
    city = KeptCity(store, owner)
    city.unit("DINKES")
    city.lobby = city.device("DINKES", "LOBI")
    for pin, nip in (("007", SITI), ("8", BUDI)):
        city.enrol(city.person(nip, "DINKES", since=ON), pin)
    city.deliver(city.lobby, at("07:30"), [("007", at("07:20:30"))])
    city.judge(at("07:31"))
    city.deliver(city.lobby, END, [("007", at("16:30"))])
    city.clock.at = END
    return city


def everything(city: KeptCity) -> list[object]:
    tables = ("verdict", "verdict_version", "dirty_day", "period", "period_row", "addendum")
    return [sorted(map(repr, city.owner.execute(f"SELECT * FROM {table}").fetchall())) for table in tables]


def test_an_assessor_that_dies_between_two_statements_changes_nothing(city):
    before = everything(city)
    deaths = 0
    while True:
        with killed_before(city.store, deaths + 1), contextlib.suppress(KilledError):
            assess_dirty(city.store, POLICY, city.clock)
            break
        deaths += 1
        assert everything(city) == before
    assert deaths > 15
    assert city.waiting() == 0
    assert city.told(SITI, ON)[-1] == ("present", ("TL1",), True)
    assert city.told(BUDI, ON) == [("absent", ("TK",), True)]


def test_a_closing_that_dies_between_two_statements_closes_nothing(city):
    before = everything(city)
    options = {"by": "hr", "through": ON, "clock": city.clock}
    deaths = 0
    while True:
        with killed_before(city.store, deaths + 1), contextlib.suppress(KilledError):
            close_period(city.store, POLICY, "DINKES", ON, **options)
            break
        deaths += 1
        assert everything(city) == before
    assert deaths > 15
    assert city.owner.execute("SELECT version FROM period").fetchall() == [(1,)]


def test_an_assessor_whose_connection_is_cut_leaves_its_marks(city):
    def cut(connection, *_: object) -> None:
        city.owner.execute(
            "SELECT pg_terminate_backend(%s)", (connection.connection.dbapi_connection.info.backend_pid,)
        )

    marked = city.waiting()
    event.listen(city.store.engine, "before_cursor_execute", cut, once=True)
    with pytest.raises(DatabaseUnavailableError):
        assess_dirty(city.store, POLICY, city.clock)
    assert city.waiting() == marked
    assert city.judge(END) == 2
    assert city.waiting() == 0


def test_assessors_side_by_side_with_those_who_deliver_lose_no_mark(store, owner):
    city = KeptCity(store, owner)
    month = Month(city, 5, FIRST, people=40)
    owner.execute("UPDATE posting SET valid_during = daterange(%s, NULL)", (FIRST,))
    done, failures = threading.Event(), []

    def work() -> None:
        try:
            while not done.is_set():
                assess_dirty(store, POLICY, city.clock, limit=25)
        except Exception as failure:  # noqa: BLE001 - told to the main thread
            failures.append(failure)

    assessors = [threading.Thread(target=work) for _ in range(2)]
    for assessor in assessors:
        assessor.start()
    try:
        for step in range(8):
            month.live(FIRST + step * DAY)
    finally:
        done.set()
        for assessor in assessors:
            assessor.join()
    assert failures == []
    last: date = FIRST + 7 * DAY
    month.settle(datetime.combine(last, time(), JAKARTA) + timedelta(days=2))
    assert city.waiting() == 0
    assert differences(city, FIRST, last) == []
    versions = owner.execute(
        "SELECT count(*) FROM verdict_version w LEFT JOIN verdict v USING (employee_id, on_date, version)"
        " WHERE version = (SELECT max(version) FROM verdict_version o"
        " WHERE o.employee_id = w.employee_id AND o.on_date = w.on_date) AND v.employee_id IS NULL AND w.codes <> '{}'"
    ).fetchone()
    assert versions == (0,)
