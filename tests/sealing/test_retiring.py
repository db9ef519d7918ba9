"""A month of punches is let go archived, proved and noted; and its days are never judged without their punches."""

from __future__ import annotations

import csv
import gzip
import io
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sealed_city import MARCH, NIP, SealedCity
from sqlalchemy import text

from eabsensi.assessing.keeping import rebuild
from eabsensi.errors import UsageError
from eabsensi.law.loader import load_policy
from eabsensi.sealing import retiring
from eabsensi.sealing.retiring import ArchiveError, MonthNeededError, retire_month
from eabsensi.store.partitions import ensure_months, months_of_punches
from eabsensi.store.periods import Period, add_period

YEARS_LATER = datetime(2031, 4, 1, 3, tzinfo=UTC)
REASON = "JRA BKPSDM 2030, five years"


@pytest.fixture
def old_city(city) -> SealedCity:
    """Give a city whose punches of March are in a partition of their own, five years later."""
    with city.store.begin_as_owner() as connection:
        ensure_months(connection, MARCH, MARCH)
    city.fill()
    city.clock.at = YEARS_LATER
    return city


def retire(city, to: Path, month: date = MARCH, reason: str = REASON):
    return retire_month(city.store, city.clock, month, to=to, by="root", reason=reason)


def months(city) -> list[date]:
    with city.store.begin() as connection:
        return [each.month for each in months_of_punches(connection)]


def verdict(city) -> list[tuple[str, int]]:
    with city.store.begin() as connection:
        rows = connection.execute(text("SELECT status, version FROM verdict WHERE on_date = '2026-03-02'"))
        return [(row.status, row.version) for row in rows]


def judge(city) -> None:
    rebuild(city.store, load_policy(), MARCH, date(2026, 4, 1), by="t", cause="t", clock=city.clock)


def close(city) -> None:
    with city.store.begin() as connection:
        closing = Period("DINKES", MARCH, 1, "closed", date(2026, 3, 31), city.clock.at, "hr", "", "0" * 64, "1")
        add_period(connection, closing, {city.employee_id: {"days": []}})


def hire(city) -> None:
    with city.store.begin_as_owner() as connection:
        connection.execute(
            text(
                "INSERT INTO posting (employee_id, unit_code, valid_during) "
                "SELECT id, 'DINKES', daterange('2026-03-02', '2026-03-03') FROM employee WHERE nip = :nip"
            ),
            {"nip": NIP},
        )
        connection.execute(
            text(
                "INSERT INTO enrolment (pin, employee_id, valid_during) "
                "SELECT '7', id, daterange('2026-01-01', NULL) FROM employee WHERE nip = :nip"
            ),
            {"nip": NIP},
        )


def test_a_month_goes_into_an_archive_and_the_chain_tells_it(old_city, tmp_path):
    before = old_city.count("punch")
    gone = retire(old_city, tmp_path)
    assert (gone.rows, gone.path.name) == (before, "punch-2026-03.csv.gz")
    assert (old_city.count("punch"), MARCH in months(old_city)) == (0, False)
    rows = list(csv.DictReader(io.StringIO(gzip.decompress(gone.path.read_bytes()).decode())))
    assert min(row["device_time"] for row in rows) == "2026-03-02 07:01:00"
    assert bytes.fromhex(rows[0]["raw"].removeprefix("\\x")).startswith(b"7 2026-03-02")
    old_city.seal()
    found = old_city.verify()
    assert (found.broken, found.waiting, found.retired_rows) == (None, 0, before)
    assert found.retired[-1].reason == f"{REASON}; {gone.path.name}, sha256 {gone.sha256}"


def test_an_archive_can_be_brought_back(old_city, tmp_path, owner):
    before = old_city.count("punch")
    gone = retire(old_city, tmp_path)
    with owner.cursor() as cursor, cursor.copy("COPY punch FROM STDIN (FORMAT csv, HEADER)") as copy:
        copy.write(gzip.decompress(gone.path.read_bytes()))
    old_city.seal()
    assert (old_city.count("punch"), old_city.verify().broken) == (before, None)


def test_what_an_attempt_that_died_has_left_is_no_hindrance(old_city, tmp_path, monkeypatch):
    before = old_city.count("punch")
    with monkeypatch.context() as patch:
        patch.setattr(retiring, "count_rows", lambda _: -1)
        with pytest.raises(ArchiveError):
            retire(old_city, tmp_path)
    assert retire(old_city, tmp_path).rows == before


def test_its_days_keep_their_verdicts(old_city, tmp_path):
    hire(old_city)
    judge(old_city)
    close(old_city)
    stood = verdict(old_city)
    assert len(stood) == 1
    retire(old_city, tmp_path)
    judge(old_city)
    assert verdict(old_city) == stood
    assert old_city.count("addendum") == 1  # the one of February that was there before


def test_without_their_punches_they_would_be_judged_otherwise(old_city, monkeypatch):
    """What the test above would not show if the punches made no difference."""
    hire(old_city)
    judge(old_city)
    stood = verdict(old_city)
    with old_city.store.begin_as_owner() as connection:
        connection.exec_driver_sql("TRUNCATE punch")
    judge(old_city)
    assert verdict(old_city) != stood


@pytest.mark.parametrize("at", [datetime(2028, 2, 28, tzinfo=UTC), datetime(2026, 3, 20, tzinfo=UTC)])
def test_a_young_month_is_kept(old_city, tmp_path, at):
    old_city.clock.at = at
    with pytest.raises(MonthNeededError, match="no month younger than 24"):
        retire(old_city, tmp_path)
    assert MARCH in months(old_city)


def test_a_month_that_is_not_closed_everywhere_is_kept(old_city, tmp_path):
    hire(old_city)
    judge(old_city)
    with pytest.raises(MonthNeededError, match=r"not closed in 1 units \(DINKES\)"):
        retire(old_city, tmp_path)
    assert MARCH in months(old_city)


def test_an_archive_that_lost_a_row_removes_nothing(old_city, tmp_path, monkeypatch):
    monkeypatch.setattr(retiring, "count_rows", lambda path: 3)
    before = old_city.count("punch")
    with pytest.raises(ArchiveError, match="holds 3 punches instead of"):
        retire(old_city, tmp_path)
    assert (old_city.count("punch"), MARCH in months(old_city)) == (before, True)
    assert old_city.verify().broken is None


def test_nothing_is_let_go_twice_or_without_a_word(old_city, tmp_path):
    with pytest.raises(UsageError, match="for a reason"):
        retire(old_city, tmp_path, reason=" ")
    with pytest.raises(UsageError, match="is no folder"):
        retire(old_city, tmp_path / "nowhere")
    retire(old_city, tmp_path)
    with pytest.raises(MonthNeededError, match="was let go before"):
        retire(old_city, tmp_path)
