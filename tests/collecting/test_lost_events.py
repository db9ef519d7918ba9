"""A touch that was heard live and is not in the log, read past it, counts no more: its day is judged again."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from small_city import FIRST, City
from sqlalchemy import text

from eabsensi.devices.attlog import Punch
from eabsensi.store.dirty import mark_touched
from eabsensi.store.live import save_events

HEARD = datetime(2026, 9, 2, 16, 8)


def enrol(city: City, pin: str) -> None:
    with city.store.begin_as_owner() as connection:
        connection.execute(
            text(
                "WITH person AS (INSERT INTO employee (nip, name, kind)"
                " VALUES ('198001012005011002', 'Bayu Rimbapermai', 'PNS') RETURNING id)"
                " INSERT INTO enrolment (pin, employee_id, valid_during)"
                " SELECT :pin, id, daterange('2020-01-01', NULL) FROM person"
            ),
            {"pin": pin},
        )


def hear(city: City, pin: str, at: datetime) -> None:
    event = Punch(pin=pin, device_time=at, verify_mode=1, punch_state=1, workcode=None, raw=b"heard")
    with city.store.begin() as connection:
        save_events(connection, city.device().id, "Asia/Jakarta", [event], city.clock.now())
        mark_touched(connection, city.device().id, {(pin, at.date())}, "live event")
        connection.execute(text("DELETE FROM dirty_day"))  # it has been judged


def marks(city: City) -> list[tuple[date, str]]:
    with city.store.begin() as connection:
        rows = connection.execute(text("SELECT on_date, cause FROM dirty_day"))
        return [(row.on_date, row.cause) for row in rows if "live event" in row.cause]


def test_a_touch_that_was_cleared_before_it_was_read_is_judged_away(city: City) -> None:
    terminal = city.add(live=True)
    terminal.fill(20, FIRST)
    enrol(city, "7")
    city.poll()
    hear(city, "7", HEARD)

    city.clock.shift = timedelta(seconds=10)
    city.poll()

    assert marks(city) == [(HEARD.date(), "live event not in the log")]
    with city.store.begin() as connection:
        connection.execute(text("DELETE FROM dirty_day"))
    city.clock.shift = timedelta(seconds=20)
    city.poll()
    assert marks(city) == []


def test_a_touch_that_stands_in_the_log_needs_no_second_look(city: City) -> None:
    terminal = city.add(live=True)
    terminal.fill(20, FIRST)
    enrol(city, "7")
    city.poll()
    hear(city, "7", HEARD)
    terminal.punch("7", HEARD)

    city.clock.shift = timedelta(seconds=10)
    city.poll()

    assert marks(city) == []
