"""A second database that stands still: reports say as of when they are, and nobody is absent because it is late."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sealed_city import NIP, SealedCity
from sqlalchemy import make_url, text

from eabsensi.assessing.daily import assess_day
from eabsensi.discipline.verdict import Status
from eabsensi.law.loader import load_policy
from eabsensi.reports.daily import daily_report
from eabsensi.settings import Settings
from eabsensi.store.database import DatabaseUnavailableError, Store, open_store
from eabsensi.store.devicelog import load_device_log
from eabsensi.store.documents import Document, approve_document, file_documents
from eabsensi.store.ingest import record_poll
from eabsensi.store.periods import Period, add_period
from eabsensi.store.pollkeeping import PollFacts
from eabsensi.store.rosters import lock_rosters, save_rosters

TUESDAY = date(2026, 3, 3)
TWO_DAYS_LATER = datetime(2026, 3, 4, 1, tzinfo=UTC)


def read_terminals(city: SealedCity) -> None:
    """Read both terminals now; nothing new is in their logs."""
    now = city.clock.at
    with city.store.begin() as connection:
        for device in city.devices:
            facts = PollFacts(device, "test", now, now, mode="count", outcome="ok", complete_through=now, verified=True)
            version = load_device_log(connection, device).version
            record_poll(connection, facts, timezone="Asia/Jakarta", log_version=version, reading=None)


@pytest.fixture
def behind(database, server):
    """Give a city on Wednesday, and its store with a reader that stands still since Monday."""
    city = SealedCity(Store.at(database))
    with city.store.begin_as_owner() as connection:
        person = {"nip": NIP}
        posting = (
            "INSERT INTO posting (employee_id, unit_code, valid_during) "
            "SELECT id, 'DINKES', daterange('2026-03-02', NULL)"
        )
        enrolment = (
            "INSERT INTO enrolment (pin, employee_id, valid_during) SELECT '7', id, daterange('2026-01-01', NULL)"
        )
        for hired in (posting, enrolment):
            connection.execute(text(f"{hired} FROM employee WHERE nip = :nip"), person)
    city.fill()
    read_terminals(city)
    city.seal()
    city.store.dispose()
    with server.database(make_url(database).database) as copy:
        city.store.reader = Store.reading_at(copy)
        yield city
        city.store.dispose()


def pass_two_days(city: SealedCity) -> None:
    city.clock.at = TWO_DAYS_LATER
    read_terminals(city)
    city.seal()


def statuses(city: SealedCity) -> tuple[list[Status], datetime]:
    with city.store.begin_reading() as reading:
        as_of = reading.known_at(city.clock.at)
        day = assess_day(reading.connection, load_policy(), TUESDAY, as_of=as_of)
        report = daily_report(day, load_policy())
    return [row.status for row in report.rows], report.as_of


def test_a_reader_that_follows_changes_nothing(behind):
    with behind.store.begin_reading() as reading:
        assert reading.seen_through is None
        assert reading.known_at(behind.clock.at) == behind.clock.at


def test_the_report_says_as_of_when_the_reader_is(behind):
    monday = behind.clock.at
    pass_two_days(behind)
    with behind.store.begin_reading() as reading:
        assert reading.seen_through is not None
        assert monday - timedelta(minutes=5) < reading.seen_through <= monday
    _, as_of = statuses(behind)
    assert as_of == reading.seen_through


def test_nobody_is_absent_because_the_reader_is_late(behind):
    pass_two_days(behind)
    found, _ = statuses(behind)
    assert Status.ABSENT not in found
    behind.store.reader.dispose()
    behind.store.reader = None
    found, _ = statuses(behind)
    assert found == [Status.ABSENT]


def test_even_by_the_present_instant_the_readers_own_coverage_decides(behind):
    """What would happen if a report were judged for now: the copy has not seen the terminals read, so nobody knows."""
    pass_two_days(behind)
    with behind.store.begin_reading() as reading:
        day = assess_day(reading.connection, load_policy(), TUESDAY, as_of=behind.clock.at)
        assert [row.status for row in daily_report(day, load_policy()).rows] == [Status.UNDETERMINED]


def test_a_reader_without_evidence_is_told(behind, server):
    with server.database() as empty:
        behind.store.reader.dispose()
        behind.store.reader = Store.reading_at(empty)
        with pytest.raises(DatabaseUnavailableError, match="holds no evidence yet"), behind.store.begin_reading():
            pytest.fail("nothing is to be read")
        behind.store.reader.dispose()


def test_a_paper_that_the_reader_lacks_is_none_that_was_never_filed(behind):
    """The leave of a person who did not come is approved; the copy, seconds late, has not heard of it."""
    behind.pass_by(timedelta(seconds=5))
    approved_at = behind.clock.at
    with behind.store.begin() as connection:
        [paper] = file_documents(
            connection, [Document(behind.employee_id, None, "annual_leave", TUESDAY, TUESDAY)], by="op", at=approved_at
        )
        approve_document(connection, paper, by="hr", at=approved_at)
    behind.pass_by(timedelta(seconds=5))
    with behind.store.begin_reading() as reading:
        known = reading.known_at(behind.clock.at)
    assert known == approved_at - timedelta(microseconds=1)


def test_a_roster_or_closing_that_the_reader_lacks_is_not_told_as_known(behind):
    changed_at = behind.pass_by(timedelta(seconds=5))
    with behind.store.begin() as connection:
        lock_rosters(connection)
        save_rosters(connection, {(behind.employee_id, TUESDAY): ("P",)}, by="op", at=changed_at)
    later = behind.pass_by(timedelta(seconds=5))
    with behind.store.begin() as connection:
        closing = Period("DINKES", date(2026, 1, 1), 1, "closed", date(2026, 1, 31), later, "hr", "", "0" * 64, "1")
        add_period(connection, closing, {})
    with behind.store.begin_reading() as reading:
        assert reading.seen_through == changed_at - timedelta(microseconds=1)
    with behind.store.reader.begin() as copy:  # the roster comes after, the closing is on its way
        save_rosters(copy, {(behind.employee_id, TUESDAY): ("P",)}, by="op", at=changed_at)
    with behind.store.begin_reading() as reading:
        assert reading.seen_through == later - timedelta(microseconds=1)


def test_a_replica_that_is_still_being_filled_is_not_read(behind):
    with behind.store.reader.begin_as_owner() as copy:  # as PostgreSQL notes it during the first copy of a table
        copy.execute(text("SET LOCAL allow_system_table_mods = on"))
        copy.execute(text("INSERT INTO pg_subscription_rel VALUES (1, CAST('punch' AS regclass), 'd', NULL)"))
    with pytest.raises(DatabaseUnavailableError, match="is still being copied"), behind.store.begin_reading():
        pytest.fail("nothing is to be read")


def test_the_setting_opens_it(database, server, tmp_path):
    with server.database() as copy:
        env = {"EABSENSI_HOME": str(tmp_path), "EABSENSI_DATABASE_URL": database, "EABSENSI_READER_URL": copy}
        settings = Settings.load(env, file=tmp_path / "none.toml")
        assert copy not in repr(settings)
        with open_store(settings) as store:
            assert store.reader is not None
            with store.begin_reading() as reading:
                name = reading.connection.execute(text("SELECT current_database()")).scalar_one()
    assert name == make_url(copy).database
