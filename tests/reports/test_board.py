"""The pictures beside a day: counted by the database, they show what the judged days add up to."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import psycopg
import pytest
from judged_city import ON, POLICY, City, at

from eabsensi.assessing.keeping import rebuild
from eabsensi.law.wording import Language
from eabsensi.reports.charts.board import Board, board, weeks_before
from eabsensi.reports.charts.punctuality import Step
from eabsensi.reports.charts.sources import arrivals, trend
from eabsensi.reports.daily import DailyReport, daily_report
from eabsensi.reports.judged import JudgedPeriod
from eabsensi.reports.loading import Asked, judged_month
from eabsensi.store.database import Store
from eabsensi.store.people import units_below
from eabsensi.store.verdictcounts import count_verdicts

AS_OF = at("10:00")
FIRST, LAST = weeks_before(ON)
PLACES = {"DINAS": "5-day", "SEKOLAH": "6-day", "RS": "shift"}
#: The days on which two people of DINAS are on duty elsewhere and on leave.
PAPER = LAST - timedelta(days=4), LAST - timedelta(days=1)
#: Arrivals of four people of a unit by weekday; None is no touch at all.
TIMES = [
    ("06:50", "07:05", "07:14", "07:20"),
    ("07:00", "07:15", "07:31", None),
    (None, "07:16", "07:00", "08:45"),
    ("06:58", "07:02", "07:40", "07:10"),
    ("06:41", None, None, "07:29"),
    ("07:01", "07:01", "07:33", "07:50"),
    (None, None, None, None),
]


class Stopped:
    """Stands at the instant of the report."""

    def now(self):
        return AS_OF

    def monotonic(self):
        return 0.0


@pytest.fixture
def city(store: Store, owner: psycopg.Connection) -> City:
    """Give weeks with late and absent people, duty and leave on paper, a shift, and a machine that fell silent."""
    made = City(store, owner)
    made.unit("KOTA")
    for code, pattern in PLACES.items():
        made.unit(code, "KOTA", pattern)
        device = made.device(code, f"SN-{code}")
        made.poll(device, at("23:59", LAST - timedelta(days=5)) if code == "SEKOLAH" else at("09:55"))
        for number in range(4):
            pin = f"{len(code)}{number}"
            made.enrol(made.person(f"1980{len(code):04}2010{number:06}", code), pin)
            for back in range((ON - FIRST).days + 1):
                on = ON - timedelta(days=back)
                away = code == "DINAS" and number < 2 and PAPER[0] <= on <= PAPER[1]
                if (came := TIMES[on.weekday()][(number + back // 7) % 4]) and not away:
                    made.punch(device, pin, at(came, on))
                    made.punch(device, pin, at("16:40", on))
    owner.execute(
        "INSERT INTO document (employee_id, kind, first_on, last_on, filed_by, filed_at, approved_at, approved_by)"
        " SELECT id, paper.kind, %(first)s, %(last)s, 'test', %(at)s, %(at)s, 'test'"
        " FROM employee JOIN (VALUES ('198000052010000000', 'duty'), ('198000052010000001', 'annual_leave'))"
        " AS paper (nip, kind) ON paper.nip = employee.nip",
        {"first": PAPER[0], "last": PAPER[1], "at": at("08:00", FIRST)},
    )
    owner.execute(
        "INSERT INTO roster (employee_id, on_date, sequence, shift)"
        " SELECT id, day, 1, 'P' FROM employee, generate_series(%s, %s, interval '1 day') AS day"
        " WHERE nip LIKE '19800002%%'",
        (FIRST, ON),
    )
    rebuild(store, POLICY, FIRST, LAST, by="test", cause="test", clock=Stopped())
    return made


def shown(city: City, unit: str | None) -> tuple[DailyReport, Board, JudgedPeriod, JudgedPeriod]:
    """Give a day's report, its pictures, and the judged days of the weeks before: of the unit, and of the city."""
    report = daily_report(city.day(AS_OF, unit=unit), POLICY)
    with city.store.begin() as connection:
        whole = count_verdicts(connection, FIRST, LAST)
        own = count_verdicts(connection, FIRST, LAST, units_below(connection, unit)) if unit else whole
        periods = [judged_month(connection, POLICY, Asked(FIRST, LAST, AS_OF, asked)) for asked in (unit, None)]
    drawn = board(report, POLICY, Language.ID, own, whole if unit else None)
    return report, drawn, periods[0], periods[1]


@pytest.mark.parametrize("unit", [None, "KOTA", "DINAS", "SEKOLAH", "RS"])
def test_the_pictures_count_what_the_judged_days_count(city: City, unit: str | None):
    report, drawn, own, whole = shown(city, unit)
    days = list(own.days)
    usual = arrivals(report, POLICY, Language.ID, days)
    assert (drawn.arrivals.usual_days, drawn.arrivals.usual) == (usual.usual_days, pytest.approx(usual.usual))
    assert replace(drawn.arrivals, usual=()) == replace(usual, usual=())
    told = trend(replace(own, days=days), Step.DAY, Language.ID, whole.days if unit else None)
    assert drawn.trend.with_city is told.with_city
    assert [one for one in drawn.trend.stretches if one.due] == [one for one in told.stretches if one.due]
    assert sum(one.due for one in drawn.trend.stretches) > 10 * (unit != "RS")


@pytest.mark.parametrize("unit", [None, "DINAS"])
def test_an_arrival_that_is_not_known_yet_is_undetermined_here_and_there(city: City, unit: str | None):
    before = shown(city, unit)[1].trend.stretches
    city.owner.execute(
        "UPDATE verdict SET in_at = NULL, complete = false"
        " WHERE status = 'present' AND document IS NULL AND employee_id %% 2 = 0 AND on_date <= %s",
        (LAST,),
    )
    drawn = shown(city, unit)[1].trend.stretches
    assert [(one.due, one.late) for one in drawn] == [(one.due, one.late) for one in before]
    moved = sum(one.on_time for one in before) - sum(one.on_time for one in drawn)
    assert moved == sum(one.undetermined for one in drawn) - sum(one.undetermined for one in before) > 0
    test_the_pictures_count_what_the_judged_days_count(city, unit)


def test_the_weeks_hold_everything_that_may_happen(city: City):
    _, drawn, _, _ = shown(city, None)
    sums = [sum(getattr(one, part) for one in drawn.trend.stretches) for part in ("on_time", "late", "absent")]
    assert min(sums) > 10
    assert any(one.undetermined for one in drawn.trend.stretches)
    assert drawn.arrivals.usual_days > 10
    assert drawn.arrivals.usual[0] < drawn.arrivals.usual[-1]


def test_units_stand_side_by_side_where_there_are_several(city: City):
    assert shown(city, "DINAS")[1].units is None
    units = shown(city, None)[1].units
    assert units is not None
    assert {bar.code for bar in units.bars} == set(PLACES)


def test_a_free_day_of_the_week_has_no_bar(city: City):
    stretches = shown(city, "DINAS")[1].trend.stretches
    assert {one.first.weekday() for one in stretches} == set(range(5))
    assert len(stretches) == 20
