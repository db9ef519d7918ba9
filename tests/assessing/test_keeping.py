"""Verdicts that are kept: judged again when something touches them, every version remembered."""

from __future__ import annotations

import shutil
from datetime import date, timedelta

import pytest
from judged_city import END, MORNING_AFTER, ON, POLICY, at
from kept_city import KeptCity
from sqlalchemy import text

from eabsensi.assessing.assessor import Assessor
from eabsensi.assessing.keeping import assess_dirty
from eabsensi.law.loader import SHIPPED, PolicyError
from eabsensi.store.dirty import mark_policy_change, mark_units

SITI, BUDI = "199001012015011001", "199202022016022002"
DAY = timedelta(days=1)


@pytest.fixture
def city(store, owner) -> KeptCity:
    """Give a city with one unit, one terminal, and two enrolled people, collected since the day before."""
    city = KeptCity(store, owner)
    city.unit("KOTA")
    city.unit("DINKES", parent="KOTA")
    city.lobby = city.device("DINKES", "LOBI")
    for pin, nip in (("007", SITI), ("8", BUDI)):
        city.enrol(city.person(nip, "DINKES", since=ON), pin)
    city.deliver(city.lobby, at("06:00"))
    return city


def test_a_punch_touches_its_day_and_a_reading_past_the_end_closes_it(city):
    city.deliver(city.lobby, at("07:30"), [("007", at("07:20:30"))])
    city.judge(at("07:31"))
    assert city.told(SITI, ON) == [("present", ("TL1",), False)]
    city.deliver(city.lobby, at("16:30"), [("007", at("16:10"))])
    city.judge(at("16:31"))
    city.deliver(city.lobby, END)
    city.judge(END)
    assert [told[1:] for told in city.told(SITI, ON)] == [(("TL1",), False), (("TL1",), False), (("TL1",), True)]
    assert city.told(BUDI, ON) == [("absent", ("TK",), True)]
    assert city.waiting() == 0


def test_a_terminal_offline_for_three_days_makes_undetermined_then_present_and_both_versions_are_kept(city):
    for day in range(1, 4):
        city.judge(MORNING_AFTER + (day - 1) * DAY)
    assert city.told(SITI, ON) == city.told(BUDI, ON) == [("undetermined", ("?",), False)]
    delivered = MORNING_AFTER + 3 * DAY
    city.deliver(city.lobby, delivered, [("007", at("07:00")), ("007", at("16:00"))])
    city.judge(delivered)
    assert city.told(SITI, ON) == [("undetermined", ("?",), False), ("present", ("H",), True)]
    assert city.told(BUDI, ON) == [("undetermined", ("?",), False), ("absent", ("TK",), True)]
    first, second = city.versions(SITI, ON)
    assert (first.version, first.judged_at, first.judged_by, first.cause) == (1, MORNING_AFTER, "assessor", "day over")
    assert (second.version, second.judged_at, second.cause) == (2, delivered, "coverage; punch")
    assert first.policy_version == second.policy_version == POLICY.version
    assert "mesin LOBI" in first.row.reasons[0]["id"]


def test_nobody_is_absent_while_a_terminal_of_the_unit_is_unread(city):
    hall = city.device("DINKES", "AULA")
    city.deliver(city.lobby, MORNING_AFTER)
    city.judge(MORNING_AFTER)
    assert city.told(BUDI, ON) == [("undetermined", ("?",), False)]
    city.deliver(hall, MORNING_AFTER + timedelta(minutes=5))
    city.judge(MORNING_AFTER + timedelta(minutes=5))
    assert city.told(BUDI, ON)[-1] == ("absent", ("TK",), True)


def test_judging_again_without_a_difference_makes_no_version(city):
    city.deliver(city.lobby, END, [("007", at("07:00"))])
    city.judge(END)
    before = city.versions(SITI, ON)
    city.clock.at = END + DAY
    assert city.rebuild(ON, ON).versions == 0
    assert city.versions(SITI, ON) == before


def test_days_to_come_are_not_judged(city):
    with city.store.begin() as connection:
        mark_units(connection, ["DINKES"], ON, ON + 5 * DAY, "test")
    city.judge(at("12:00"))
    assert {on for _, on in city.stored(ON, ON + 9 * DAY)} == {ON}
    assert city.waiting() == 0


def test_a_posting_that_turns_out_to_end_earlier_takes_verdicts_back(city):
    city.deliver(city.lobby, END, [("007", at("07:00"))])
    city.judge(END)
    city.owner.execute("UPDATE posting SET valid_during = daterange('2020-01-01', %s)", (ON,))
    city.rebuild(ON, ON)
    assert city.stored(ON, ON) == {}
    assert city.told(SITI, ON)[-1] == ("off", (), True)
    assert city.versions(SITI, ON)[-1].row.reasons[0]["kind"] == "NotPosted"
    city.owner.execute("UPDATE posting SET valid_during = daterange('2020-01-01', NULL)")
    city.rebuild(ON, ON)
    assert city.told(SITI, ON)[-1][0] == "present"
    assert [item.version for item in city.versions(SITI, ON)] == [1, 2, 3]


def test_a_rebuild_reports_each_day_by_the_unit_of_that_day(city):
    city.unit("SETDA", parent="KOTA", pattern="6-day")
    city.owner.execute("DELETE FROM posting")
    city.person(SITI, "DINKES", since=date(2026, 11, 1), until=date(2026, 11, 12))
    city.person(SITI, "SETDA", since=date(2026, 11, 12))
    city.clock.at = at("12:00")
    city.rebuild(date(2026, 11, 1), date(2026, 11, 30))
    units = {on: row[0] for (_, on), row in city.stored(date(2026, 11, 1), date(2026, 11, 30)).items()}
    assert units[date(2026, 11, 11)] == "DINKES"
    assert units[date(2026, 11, 12)] == "SETDA"
    assert max(units) == ON
    saturday = city.stored(date(2026, 11, 14), date(2026, 11, 14))
    assert saturday[SITI, date(2026, 11, 14)][1] == "undetermined"  # a working day of its six


def test_a_change_of_law_marks_what_another_version_judged(city):
    city.deliver(city.lobby, END)
    city.judge(END)
    city.owner.execute("UPDATE verdict SET policy_version = 'older'")
    with city.store.begin() as connection:
        assert mark_policy_change(connection, POLICY.version, ON) == 2
    city.judge(END)
    versions = city.owner.execute("SELECT DISTINCT policy_version FROM verdict").fetchall()
    assert versions == [(POLICY.version,)]
    assert len(city.versions(BUDI, ON)) == 1


def test_the_assessor_takes_a_changed_rule_up_by_itself(city, tmp_path):
    rules = tmp_path / "rules"
    shutil.copytree(SHIPPED / "kota-jambi", rules)
    city.assessor = Assessor(city.store, city.clock, rules)
    city.deliver(city.lobby, END, [("007", at("07:20:30"))])
    city.judge(END)
    assert city.told(SITI, ON)[-1][1][0] == "TL1"
    for file in rules.glob("*.yaml"):
        file.write_text(file.read_text().replace("TL1", "TLX"))
    city.judge(END + timedelta(minutes=1))
    assert city.told(SITI, ON)[-1][1][0] == "TLX"
    assert city.versions(SITI, ON)[-1].cause.startswith("policy ")
    assert len(city.versions(BUDI, ON)) == 1
    (rules / "attendance.yaml").write_text("parameters: [")
    with pytest.raises(PolicyError):
        city.judge(END + timedelta(minutes=2))


def test_a_batch_that_fails_leaves_every_mark_and_no_verdict(city, monkeypatch):
    city.deliver(city.lobby, END, [("007", at("07:00"))])
    city.clock.at = END
    marked = city.waiting()
    city.owner.execute("ALTER TABLE verdict RENAME TO elsewhere")
    with pytest.raises(Exception, match="verdict"):
        assess_dirty(city.store, POLICY, city.clock)
    city.owner.execute("ALTER TABLE elsewhere RENAME TO verdict")
    assert city.waiting() == marked
    assert city.judge(END) > 0
    assert city.told(SITI, ON)[-1][0] == "present"


def test_a_day_marked_again_while_it_is_judged_is_judged_again(city):
    city.deliver(city.lobby, END)
    city.clock.at = END
    with city.store.begin() as judging:
        taken = judging.execute(text("DELETE FROM dirty_day RETURNING employee_id")).scalars().all()
        judging.execute(text("SELECT FROM employee FOR NO KEY UPDATE"))
        city.deliver(city.lobby, END + timedelta(minutes=1), [("007", at("07:00"))])  # waits for nobody
        assert assess_dirty(city.store, POLICY, city.clock) == 0  # and nobody else judges these people meanwhile
    assert taken
    city.judge(END + timedelta(minutes=1))
    assert city.told(SITI, ON)[-1][0] == "present"


def test_a_mark_of_a_day_without_posting_is_dropped(city):
    with city.store.begin() as connection:
        mark_units(connection, ["DINKES"], ON - DAY, ON - DAY, "before the posting")
    city.judge(END)
    assert city.stored(ON - DAY, ON - DAY) == {}


def test_a_punch_of_a_clock_that_was_reset_does_not_stop_the_judging(city):
    city.owner.execute("UPDATE posting SET valid_during = daterange('1999-01-01', NULL)")
    city.deliver(city.lobby, END, [("007", at("00:03", date(2000, 1, 1))), ("007", at("07:00"))])
    city.judge(END)
    assert city.told(SITI, ON)[-1][0] == "present"
    assert city.waiting() == 0
