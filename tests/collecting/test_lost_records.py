"""Nobody is absent for what a terminal lost: a cleared log, a full one, records that do not tell their time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import psycopg
import pytest
from small_city import City
from test_collecting_judges import siti

from eabsensi.assessing.assessor import Assessor
from eabsensi.collecting.condition import conditions
from eabsensi.collecting.gaps import Since, gaps_of
from eabsensi.devices.attlog import Punch
from eabsensi.devices.logposition import Continuity, LogReading, ReadMode
from eabsensi.devices.simulator.terminal import Terminal

__all__ = ["siti"]
MONDAY, TUESDAY = date(2025, 9, 1), date(2025, 9, 2)
WIB = timedelta(hours=7)


def at(on: date, clock: str) -> datetime:
    """Give a wall time."""
    return datetime.fromisoformat(f"{on} {clock}")


def go_to(city: City, wall: datetime) -> None:
    """Let it be a time in Jakarta."""
    city.clock.shift += (wall - WIB).replace(tzinfo=UTC) - city.clock.now()


@pytest.fixture
def terminal(city: City, owner: psycopg.Connection, siti: int) -> Terminal:
    """Give a terminal in use that was read on Monday evening."""
    go_to(city, at(MONDAY, "17:30"))
    terminal = city.add(record_capacity=60)
    terminal.fill(30, at(date(2025, 8, 28), "07:00"))
    terminal.punch_many([("1", at(MONDAY, "07:10"), 1, 0), ("1", at(MONDAY, "16:31"), 1, 1)])
    assert city.poll().is_ok
    return terminal


def judged(city: City, owner: psycopg.Connection, on: date = TUESDAY) -> tuple[str, bool]:
    """Judge what is to be judged, and give the status of a day and whether it is complete."""
    Assessor(city.store, city.clock, None).run()
    row = owner.execute("SELECT status, complete FROM verdict WHERE on_date = %s", (on,)).fetchone()
    assert row is not None
    return row


def reasons(owner: psycopg.Connection, on: date = TUESDAY) -> str:
    (told,) = owner.execute("SELECT reasons::text FROM verdict WHERE on_date = %s", (on,)).fetchone() or ("",)
    return str(told)


def alarms(city: City) -> list[str]:
    return [alarm for condition in conditions(city.store, city.clock.now()) for alarm in condition.alarms]


def test_who_did_not_come_is_absent_where_nothing_was_lost(city: City, owner, terminal: Terminal) -> None:
    """The other tests differ from this one by what the terminal lost."""
    terminal.punch("2", at(TUESDAY, "07:12"))
    go_to(city, at(TUESDAY + timedelta(days=1), "08:00"))
    assert city.poll().is_ok
    assert judged(city, owner) == ("absent", True)
    assert alarms(city) == []


def _cleared(terminal: Terminal) -> None:
    terminal.clear_log()


def _cleared_and_used_again(terminal: Terminal) -> None:
    terminal.clear_log()
    terminal.punch_many([(str(pin), at(TUESDAY, f"19:{pin:02}"), 1, 0) for pin in range(2, 8)])


def _all_but_the_last_deleted(terminal: Terminal) -> None:
    terminal.punch("2", at(TUESDAY, "18:00"))
    count = len(terminal.take_log())
    terminal.keep_only(lambda place: place == count - 1)


@pytest.mark.parametrize("lose", [_cleared, _cleared_and_used_again, _all_but_the_last_deleted])
def test_a_log_that_was_cleared_before_it_was_read_makes_nobody_absent(
    city: City, owner, terminal: Terminal, lose: Callable[[Terminal], None]
) -> None:
    terminal.punch_many([("1", at(TUESDAY, "07:10"), 1, 0), ("1", at(TUESDAY, "16:31"), 1, 1)])
    lose(terminal)
    go_to(city, at(TUESDAY + timedelta(days=1), "08:00"))
    outcome = city.poll()
    assert outcome.is_ok
    assert "cleared" in outcome.error
    assert judged(city, owner)[0] == "undetermined"
    assert "isi mesin dihapus sebelum terbaca" in reasons(owner)
    assert any("log restarted" in alarm for alarm in alarms(city))
    # From here on the log is known again.
    go_to(city, at(TUESDAY + timedelta(days=3), "08:00"))
    assert city.poll().is_ok
    assert judged(city, owner)[0] == "undetermined"
    assert judged(city, owner, TUESDAY + timedelta(days=2)) == ("absent", True)


def test_a_log_that_was_cleared_while_it_was_read_makes_nobody_absent(city: City, owner, terminal: Terminal) -> None:
    terminal.punch_many([("1", at(TUESDAY, "07:10"), 1, 0), ("1", at(TUESDAY, "16:31"), 1, 1)])
    terminal.clear_between_prepare_and_read()
    go_to(city, at(TUESDAY + timedelta(days=1), "08:00"))
    city.poll()
    city.poll()
    assert judged(city, owner)[0] == "undetermined"


def test_what_was_lost_between_the_first_and_the_last_touch_changes_nothing(
    city: City, owner, terminal: Terminal
) -> None:
    terminal.punch("1", at(TUESDAY, "07:10"))
    go_to(city, at(TUESDAY, "10:00"))
    assert city.poll().is_ok
    terminal.clear_log()
    go_to(city, at(TUESDAY, "10:05"))
    assert city.poll().is_ok
    terminal.punch("1", at(TUESDAY, "16:31"), state=1)
    go_to(city, at(TUESDAY + timedelta(days=1), "08:00"))
    assert city.poll().is_ok
    assert judged(city, owner) == ("present", True)


def test_a_full_log_that_may_refuse_touches_proves_nothing(city: City, owner, terminal: Terminal) -> None:
    terminal.fill(28, at(MONDAY, "18:00"))
    assert terminal.punch("1", at(TUESDAY, "07:10")) is None
    go_to(city, at(TUESDAY + timedelta(days=1), "08:00"))
    outcome = city.poll()
    assert outcome.is_ok
    assert "full" in outcome.error
    assert outcome.complete_through is None
    assert judged(city, owner)[0] == "undetermined"
    terminal.clear_log()
    go_to(city, at(TUESDAY + timedelta(days=2), "08:00"))
    assert city.poll().is_ok
    assert judged(city, owner)[0] == "undetermined"
    assert "isi mesin dihapus sebelum terbaca" in reasons(owner)


@pytest.mark.parametrize("year", [2000, 2027])
def test_touches_under_a_clock_that_was_put_right_before_the_poll_make_nobody_absent(
    city: City, owner, terminal: Terminal, year: int
) -> None:
    terminal.punch_many([("1", datetime(year, 1, 1, 0, 9), 1, 0), ("2", at(TUESDAY, "09:00"), 1, 0)])
    go_to(city, at(TUESDAY + timedelta(days=1), "08:00"))
    assert city.poll().punches_new == 2
    assert judged(city, owner)[0] == "undetermined"
    assert "tanggal yang salah" in reasons(owner)


@pytest.mark.parametrize(("pin", "status"), [("1", "undetermined"), ("2", "absent")])
def test_a_record_without_a_readable_time_is_somebodys_touch(
    city: City, owner, terminal: Terminal, pin: str, status: str
) -> None:
    terminal.corrupt_record("31 February", pin=pin)
    go_to(city, at(TUESDAY + timedelta(days=1), "08:00"))
    assert city.poll().unreadable_new == 1
    assert judged(city, owner)[0] == status


def touch_at_no_time(terminal: Terminal, how: str) -> None:
    """Let person 1 touch, recorded so that it does not tell when."""
    if how == "unreadable":
        terminal.corrupt_record("31 February", pin="1")
    else:
        terminal.punch("1", datetime(2000, 1, 1, 0, 9))


@pytest.mark.parametrize("how", ["unreadable", "misdated"])
def test_after_a_log_was_cleared_too_such_a_record_is_somebodys_touch(
    city: City, owner, terminal: Terminal, how: str
) -> None:
    """From its first record on, the new log is known; what it does not tell the time of, was not touched at no time."""
    terminal.clear_log()
    terminal.punch("2", at(MONDAY, "18:05"))
    touch_at_no_time(terminal, how)
    go_to(city, at(TUESDAY + timedelta(days=1), "08:00"))
    assert "cleared" in city.poll().error
    assert judged(city, owner)[0] == "undetermined"


@pytest.mark.parametrize("how", ["unreadable", "misdated"])
def test_where_an_audit_is_the_first_to_meet_such_a_record_it_is_somebodys_touch_too(
    city: City, owner, terminal: Terminal, how: str
) -> None:
    """As after an outage that ends in the terminal's hour of the night, or with `eabsensi poll --full`."""
    terminal.punch("2", at(TUESDAY, "07:12"))
    touch_at_no_time(terminal, how)
    go_to(city, at(TUESDAY + timedelta(days=1), "08:00"))
    assert city.poll(full=True).is_ok
    assert judged(city, owner)[0] == "undetermined"
    assert city.column("SELECT pin FROM log_gap") == ["1"]


@pytest.mark.parametrize(("offset", "lost_for"), [(0.0, 10), (3_600.0, 60), (None, 60)])
def test_only_a_clock_that_is_known_to_be_right_tells_since_when_a_new_log_is(
    offset: float | None, lost_for: int
) -> None:
    """After a battery went, the first record's time is a guess: what may have been touched before it stays open."""
    zone = ZoneInfo("Asia/Jakarta")
    read_at = datetime(2025, 9, 1, 7, 0, tzinfo=zone)
    made_at = datetime(2025, 9, 1, 7, 10)
    reading = LogReading(
        Continuity.RESTARTED, [Punch("1", made_at, 1, 0, None, b"")], [], None, ReadMode.FULL, is_unbroken=False
    )
    since = Since(1, zone, read_at, read_at + timedelta(hours=1), offset)
    (gap,) = gaps_of(since, reading, frozenset())
    assert gap.lost_until - gap.lost_after == timedelta(minutes=lost_for)
