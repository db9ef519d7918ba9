"""A month closes with a version and a hash; what is learnt later stands beside it and never in it."""

from __future__ import annotations

import re
import threading
from datetime import date, timedelta

import pytest
from judged_city import JAKARTA, POLICY, at
from kept_city import KeptCity

from eabsensi.assessing.city import UnknownUnitError
from eabsensi.assessing.closing import OpenDaysError, PeriodError, close_period, reopen_period, verify_period
from eabsensi.errors import UsageError
from eabsensi.store.documents import Document, approve_document, file_documents, revoke_document
from eabsensi.store.periods import load_period_rows

SITI, BUDI = "199001012015011001", "199202022016022002"
MONTH, LAST = date(2026, 11, 1), date(2026, 11, 30)
AFTER = at("06:00", LAST + timedelta(days=1))


@pytest.fixture
def city(store, owner) -> KeptCity:
    """Give a city after November: one present throughout, one absent throughout, everything read."""
    city = KeptCity(store, owner)
    city.unit("DINKES")
    city.lobby = city.device("DINKES", "LOBI")
    city.people = {nip: city.person(nip, "DINKES") for nip in (SITI, BUDI)}
    city.enrol(city.people[SITI], "007")
    city.enrol(city.people[BUDI], "8")
    days = [MONTH + timedelta(days=step) for step in range(30)]
    city.deliver(city.lobby, AFTER, [("007", at(clock, on)) for on in days for clock in ("07:00", "16:30")])
    city.clock.at = AFTER
    return city


def close(city: KeptCity, **options):
    return close_period(city.store, POLICY, "DINKES", MONTH, by="hr", clock=city.clock, **options)


def verify(city: KeptCity):
    with city.store.begin() as connection:
        return verify_period(connection, "DINKES", MONTH)


def leave(city: KeptCity, on: date, nip: str = BUDI) -> int:
    with city.store.begin() as connection:
        document = Document(city.people[nip], None, "annual_leave", on, on, number="851/7")
        (filed,) = file_documents(connection, [document], by="operator", at=city.clock.now())
        approve_document(connection, filed, by="head", at=city.clock.now())
    return filed


def test_a_closed_month_has_a_version_and_a_hash_over_its_rows(city):
    period = close(city)
    assert (period.version, period.state, period.through_on, period.reason) == (1, "closed", LAST, "")
    assert re.fullmatch("[0-9a-f]{64}", period.sha256)
    check = verify(city)
    assert check.is_whole
    assert check.addenda == ()
    with city.store.begin() as connection:
        rows = load_period_rows(connection, "DINKES", MONTH, 1)
    siti = rows[city.people[SITI]]
    assert (siti["nip"], siti["unit"], len(siti["days"])) == (SITI, "DINKES", 30)
    monday = siti["days"][1]
    assert (monday["date"], monday["status"], monday["in"]) == ("2026-11-02", "present", "2026-11-02T07:00:00+07:00")
    assert monday["schedule"]["start"].endswith("+07:00")
    assert rows[city.people[BUDI]]["days"][1]["codes"] == ["TK"]


def test_the_same_month_gives_the_same_hash(city):
    first = close(city)
    reopen_period(city.store, "DINKES", MONTH, by="hr", reason="once more", clock=city.clock)
    second = close(city)
    assert (first.version, second.version) == (1, 3)  # the reopening has a version too
    assert first.sha256 == second.sha256


def test_a_month_with_open_days_closes_only_with_a_reason(city):
    city.device("DINKES", "AULA")
    with pytest.raises(OpenDaysError, match=r"2026-11 of DINKES has .* open days; the first is") as refused:
        close(city)
    assert BUDI in {problem.where.split()[0] for problem in refused.value.problems}
    assert "AULA" in refused.value.problems[0].what
    with city.store.begin() as connection, pytest.raises(PeriodError, match="never closed"):
        verify_period(connection, "DINKES", MONTH)
    assert close(city, reason="AULA burnt down").reason == "AULA burnt down"


def test_a_document_that_comes_late_is_an_addendum_and_changes_no_closed_row(city):
    period, on = close(city), date(2026, 11, 3)
    with city.store.begin() as connection:
        closed = load_period_rows(connection, "DINKES", MONTH, 1)
    city.clock.at = AFTER + timedelta(days=3)
    paper = leave(city, on)
    city.judge(city.clock.at)
    city.judge(city.clock.at + timedelta(minutes=1))
    city.rebuild(MONTH, LAST)
    check = verify(city)
    assert check.is_whole
    (addendum,) = check.addenda
    assert (addendum.employee_id, addendum.on_date, addendum.at) == (city.people[BUDI], on, AFTER + timedelta(days=3))
    assert (addendum.before["codes"], addendum.after["codes"]) == (["TK"], ["CT"])
    assert addendum.reason == "document approved"
    with city.store.begin() as connection:
        assert load_period_rows(connection, "DINKES", MONTH, 1) == closed
        revoke_document(connection, paper, by="head", reason="wrong person", at=city.clock.now())
    city.judge(city.clock.at + timedelta(minutes=2))
    assert [item.after["codes"] for item in verify(city).addenda] == [["CT"], ["TK"]]
    assert verify(city).period.sha256 == period.sha256
    assert city.told(BUDI, on) == [
        ("absent", ("TK",), True),
        ("excused", ("CT",), True),
        ("absent", ("TK",), True),
    ]


def test_a_transfer_entered_late_is_an_addendum_of_both_units(city):
    city.unit("SETDA")
    city.enrol(city.person("199303032017033003", "SETDA"), "9")
    close(city)
    close_period(city.store, POLICY, "SETDA", MONTH, by="hr", clock=city.clock, reason="no terminal")
    since = date(2026, 11, 26)
    city.owner.execute(
        "UPDATE posting SET valid_during = daterange('2020-01-01', %s) WHERE employee_id = %s",
        (since, city.people[SITI]),
    )
    city.person(SITI, "SETDA", since=since)
    city.rebuild(since, since)
    ours = verify(city).addenda
    with city.store.begin() as connection:
        theirs = verify_period(connection, "SETDA", MONTH).addenda
    assert [(item.before["unit"], item.after) for item in ours] == [("DINKES", None)]
    assert [(item.before, item.after["unit"]) for item in theirs] == [(None, "SETDA")]


def test_a_reopened_month_takes_changes_again_and_closes_with_another_version(city):
    first = close(city)
    with pytest.raises(PeriodError, match=r"closed already \(version 1\)"):
        close(city)
    with pytest.raises(UsageError, match="with a reason"):
        reopen_period(city.store, "DINKES", MONTH, by="hr", reason=" ", clock=city.clock)
    assert reopen_period(city.store, "DINKES", MONTH, by="hr", reason="appeal", clock=city.clock).state == "reopened"
    with pytest.raises(PeriodError, match="is not closed"):
        reopen_period(city.store, "DINKES", MONTH, by="hr", reason="appeal", clock=city.clock)
    leave(city, date(2026, 11, 4))
    city.judge(AFTER)
    second = close(city)
    assert second.version > first.version
    assert second.sha256 != first.sha256
    assert verify(city).addenda == ()
    with city.store.begin() as connection:
        assert verify_period(connection, "DINKES", MONTH, first.version).is_whole


def test_a_row_changed_by_the_owner_of_the_tables_is_found(city):
    close(city)
    city.owner.execute(
        "UPDATE period_row SET content = jsonb_set(content, '{days,1,codes}', '[\"H\"]') WHERE employee_id = %s",
        (city.people[BUDI],),
    )
    assert not verify(city).is_whole


def test_a_row_removed_by_the_owner_of_the_tables_is_found(city):
    close(city)
    city.owner.execute("DELETE FROM period_row WHERE employee_id = %s", (city.people[BUDI],))
    assert not verify(city).is_whole


def test_the_application_cannot_change_a_closed_month(city):
    close(city)
    for statement in ("UPDATE period_row SET content = '{}'", "DELETE FROM period", "DELETE FROM addendum"):
        with pytest.raises(Exception, match="permission denied"), city.store.begin() as connection:
            connection.exec_driver_sql(statement)


def test_december_closes_early_and_the_days_after_it_are_no_part_of_it(city):
    through = date(2026, 11, 20)
    city.deliver(city.lobby, at("06:00", date(2026, 11, 21)))
    city.clock.at = at("12:00", date(2026, 11, 21))
    assert close(city, through=through).through_on == through
    with city.store.begin() as connection:
        days = load_period_rows(connection, "DINKES", MONTH, 1)[city.people[BUDI]]["days"]
    assert days[-1]["date"] == "2026-11-20"
    city.clock.at = AFTER
    leave(city, date(2026, 11, 24))
    city.judge(AFTER)
    assert verify(city).addenda == ()


def test_what_cannot_be_closed_says_why(city):
    city.clock.at = at("12:00", date(2026, 11, 21))
    with pytest.raises(PeriodError, match="not over on 2026-11-30"):
        close(city)
    with pytest.raises(UsageError, match="no day of 2026-11"):
        close(city, through=date(2026, 12, 1))
    with pytest.raises(UnknownUnitError):
        close_period(city.store, POLICY, "DINKE", MONTH, by="hr", clock=city.clock)
    city.unit("KOSONG")
    with pytest.raises(PeriodError, match="Nobody was posted in KOSONG"):
        close_period(city.store, POLICY, "KOSONG", MONTH, by="hr", clock=city.clock)


def test_two_who_close_at_once_make_one_closing(city):
    outcomes: list[object] = []

    def attempt() -> None:
        try:
            outcomes.append(close(city).version)
        except PeriodError:
            outcomes.append("refused")

    threads = [threading.Thread(target=attempt) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(str, outcomes)) == ["1", "refused", "refused"]
    assert verify(city).is_whole


def test_instants_of_a_closed_month_carry_the_offset_of_the_unit(city):
    assert AFTER.tzinfo is JAKARTA
    close(city)
    with city.store.begin() as connection:
        content = load_period_rows(connection, "DINKES", MONTH, 1)[city.people[SITI]]
    shown = {day["out"][-6:] for day in content["days"] if day["out"]}
    assert shown == {"+07:00"}
