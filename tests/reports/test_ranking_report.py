"""The ranking of units: counted days, a formula on its face, and no unit lower because a device was silent."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal

import period_samples as samples
import pytest

from eabsensi.discipline.facts import PersonFact, UnitFact
from eabsensi.reports.ranking import RankingReport, ranking_report
from eabsensi.reports.rendering import render
from eabsensi.reports.tallying import tally_of


def unit_month(code: str, special: dict[int, str], people: int = 1) -> list:
    unit = UnitFact(code, f"Dinas {code}", "5-day")
    number = sum(map(ord, code)) * 100
    persons = (PersonFact(number + n, f"19850317201001{number + n}", f"Pegawai {n}", "PNS") for n in range(people))
    return [day for person in persons for day in samples.month_of(person, unit, special)]


def ranked(*months: list) -> RankingReport:
    days = tuple(day for month in months for day in month)
    return ranking_report(replace(samples.november(), days=days, closings={}), samples.POLICY)


def places(report: RankingReport) -> list[tuple[str, int | None]]:
    return [(row.unit.code, row.place) for row in report.rows]


def test_duty_is_people_times_working_days_and_shares_are_of_judged_days(tmp_path):
    report = ranked(unit_month("A", {2: "TL1", 3: "PSW1", 4: "TK", 5: "CT"}, people=3))
    (path,) = render(report, "json", tmp_path / "report.json")
    (found,) = json.loads(path.read_text())
    assert (found["people"], found["duty_days"], found["judged_days"]) == (3, 63, 63)
    assert (found["present"], found["absent_days"], found["late_count"], found["early_count"]) == (57, 3, 3, 3)
    assert found["percent"] == "90.48"  # 57 of 63
    assert found["punctuality_percent"] == "94.74"  # 54 of 57
    # 100 - (25 x 3 + 20 x 3 + 15 x 0 + 40 x 3) : 63
    assert found["index"] == str((Decimal(100) - Decimal(255) / 63).quantize(Decimal("0.01")))
    assert (found["grade"], found["complete"], found["place"]) == ("very-good", True, 1)


def test_an_arrival_that_is_not_known_yet_is_neither_on_time_nor_late():
    days = unit_month("A", {2: "TL1", 4: "TL4", 5: "DL", 6: "TK"})
    unseen = {3: {}, 4: {}, 9: {"document": "LA 17"}, 10: {"complete": True}}
    days = [
        replace(day, **({"in_at": None, "complete": False} | unseen[day.on.day])) if day.on.day in unseen else day
        for day in days
    ]
    tallies = {day.on.day: tally_of(day) for day in days}
    counts = {on: (one.on_time, one.late, one.arrival_unknown) for on, one in tallies.items()}
    assert counts[3] == (0, 0, 1)
    assert {counts[2], counts[4]} == {(0, 1, 0)}, "a late code is known, an arrival or none"
    assert {counts[on] for on in (5, 9, 10, 11)} == {(1, 0, 0)}, "a paper answers, or nothing unread can change it"
    assert counts[6] == counts[7] == (0, 0, 0)
    (row,) = ranked(days).rows
    assert (row.figures.present, row.figures.on_time, row.figures.arrival_unknown) == (20, 17, 1)
    assert row.figures.punctuality == Decimal("89.47")  # 17 of 19


def test_the_best_unit_is_first_and_equal_ones_share_their_place():
    report = ranked(
        unit_month("A", {2: "TK", 3: "TK"}),
        unit_month("B", {2: "TL1"}),
        unit_month("C", {3: "TL1"}),
        unit_month("D", {}),
    )
    assert places(report) == [("D", 1), ("B", 2), ("C", 2), ("A", 4)]


def test_a_silent_device_puts_nobody_lower():
    silent = dict.fromkeys(range(2, 28), "?")
    report = ranked(unit_month("A", {2: "TK"}), unit_month("B", silent), unit_month("C", {2: "TL1"}))
    assert places(report) == [("C", 1), ("A", 2), ("B", None)]
    lost = report.rows[-1].figures
    assert (lost.absent, lost.grade, lost.complete) == (0, None, False)


def test_few_undetermined_days_leave_a_unit_ranked_by_what_is_judged():
    report = ranked(unit_month("A", {30: "?"}), unit_month("B", {2: "TL1"}))
    assert report.rows[0].figures.undetermined_share == Decimal("4.76")
    assert places(report) == [("A", 1), ("B", 2)]
    assert report.rows[0].figures.attendance == Decimal(100).quantize(Decimal("0.01"))


def test_a_unit_of_which_nothing_is_judged_has_no_index():
    report = ranked(unit_month("A", dict.fromkeys(range(1, 31), "?")), unit_month("B", {}))
    assert places(report) == [("B", 1), ("A", None)]
    assert report.rows[-1].figures.index is None


@pytest.mark.parametrize(
    ("absent", "grade"),
    [(0, "very-good"), (2, "very-good"), (3, "good"), (5, "good"), (6, "fair"), (10, "fair"), (11, "poor")],
)
def test_the_grade_follows_the_thresholds(absent, grade):
    weekdays = [day for day in range(2, 31) if day % 7 not in (0, 1)]
    report = ranked(unit_month("A", dict.fromkeys(weekdays[:absent], "TK")))
    assert report.rows[0].figures.grade == grade


def test_formula_and_doubt_stand_on_its_face(tmp_path):
    (path,) = render(ranked(unit_month("A", {})), "table", tmp_path / "report.txt")
    said = " ".join(path.read_text().split())
    assert "Indeks = 100 - (25 x TL + 20 x PSW + 15 x tdk absen + 40 x TK) : hari dinilai." in said
    assert "Sangat Disiplin mulai 95; Disiplin mulai 90; Cukup mulai 80" in said
    assert "BELUM DIKONFIRMASI: bobot 25/20/15/40" in said
