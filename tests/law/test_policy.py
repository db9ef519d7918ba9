"""The shipped policy: whole in time, cited, and equal to what the circulars say."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from eabsensi.law.calendar import DayKind, day_rule
from eabsensi.law.loader import load_policy
from eabsensi.law.policy import Policy

FIRST, LAST = date(2010, 1, 1), date(2030, 12, 31)


@pytest.fixture(scope="module")
def policy() -> Policy:
    return load_policy()


def every_day(first: date = FIRST, last: date = LAST) -> list[date]:
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def test_every_dated_table_holds_exactly_one_value_on_each_day_from_2010_to_2030(policy):
    for series in policy.series:
        for day in every_day():
            holding = [
                version
                for version, following in zip(series.versions, [*series.versions[1:], None], strict=True)
                if version.from_on <= day and (following is None or day < following.from_on)
            ]
            assert holding == [series.on(day)], f"{series.key} on {day}"


def test_every_value_names_its_unit_and_cites_instrument_article_source_and_confidence(policy):
    assert len(policy.series) >= 17
    for series in policy.series:
        assert series.unit
        for version in series.versions:
            assert all((version.citation.instrument, version.citation.article, version.citation.source))


@pytest.mark.parametrize("pattern", ["5-day", "6-day"])
def test_the_calendar_answers_every_day_from_2010_to_2030_and_admits_what_it_does_not_know(policy, pattern):
    for day in every_day():
        rule = day_rule(policy, pattern, day)
        assert (rule.hours is not None) == (rule.kind is DayKind.WORK)
        decreed = day.year <= 2027
        assert (rule.kind is DayKind.NO_CALENDAR) == (not decreed and rule.kind is not DayKind.WEEKEND)
        assert rule.citations or rule.kind is DayKind.NO_CALENDAR


def test_seasons_never_overlap_and_ramadan_ends_on_the_eve_of_idul_fitri_every_year(policy):
    ramadans = [season for season in policy.seasons if season.kind == "ramadan"]
    assert [season.last_on.year for season in ramadans] == list(range(2010, 2028))
    for season in ramadans:
        feast = policy.holidays[season.last_on + timedelta(days=1)]
        assert "Idul Fitri" in feast.name
        assert not feast.joint_leave
    for before, after in zip(policy.seasons, policy.seasons[1:], strict=False):
        assert before.last_on < after.first_on


@pytest.mark.parametrize("pattern", ["5-day", "6-day"])
def test_normal_weeks_add_up_to_the_national_37_and_a_half_hours(policy, pattern):
    for version in policy.hours[pattern].versions:
        assert version.value.week.minutes == policy.week_minutes.on(version.from_on).value == 2250


def test_the_ramadan_weeks_of_2026_add_up_to_32_and_a_half_hours(policy):
    season = policy.season_on(date(2026, 2, 19))
    assert season.citation.instrument == "SE Wali Kota Jambi 3/2026"
    assert {pattern: week.minutes for pattern, week in season.weeks.items()} == {"5-day": 1950, "6-day": 1950}


def test_hours_and_working_days_name_the_same_weekdays(policy):
    for pattern, series in policy.hours.items():
        for version in series.versions:
            assert set(version.value.week.days) == set(policy.working_days.on(version.from_on).value[pattern])


@pytest.mark.parametrize(
    ("year", "holidays", "joint_leave"),
    [(2023, 16, 11), (2024, 19, 10), (2025, 17, 11), (2026, 17, 8), (2027, 18, 8)],
)
def test_the_stored_calendar_has_as_many_days_off_as_the_decree(policy, year, holidays, joint_leave):
    days = [holiday for holiday in policy.holidays.values() if holiday.on.year == year]
    assert sum(not day.joint_leave for day in days) == holidays
    assert sum(day.joint_leave for day in days) == joint_leave


def test_estimated_dates_are_marked_unconfirmed_and_those_of_2026_are_not(policy):
    estimated = [holiday for holiday in policy.holidays.values() if "(perkiraan)" in holiday.name]
    assert estimated
    assert all(holiday.citation.unconfirmed for holiday in estimated)
    assert not policy.holidays[date(2026, 3, 21)].citation.unconfirmed


@pytest.mark.parametrize(
    ("month", "pattern", "days"),
    [(2, "5-day", 18), (2, "6-day", 22), (3, "5-day", 17), (3, "6-day", 20), (11, "5-day", 21), (12, "6-day", 25)],
)
def test_working_days_of_a_month_of_2026(policy, month, pattern, days):
    year = every_day(date(2026, 1, 1), date(2026, 12, 31))
    assert sum(day_rule(policy, pattern, d).kind is DayKind.WORK for d in year if d.month == month) == days


@pytest.mark.parametrize(
    ("on", "pattern", "start", "end"),
    [
        ("2026-02-18", "5-day", "07:15", "15:45"),  # the day before Ramadan
        ("2026-02-19", "5-day", "07:30", "15:00"),  # its first day
        ("2026-02-20", "5-day", "07:00", "11:30"),  # its first Friday starts earlier
        ("2026-02-21", "6-day", "07:30", "13:30"),
        ("2026-03-25", "5-day", "07:15", "15:45"),  # after the feast and the joint leave
        ("2025-02-28", "5-day", "07:15", "16:15"),  # the Friday before
        ("2025-03-03", "5-day", "07:30", "15:00"),
        ("2022-04-04", "6-day", "07:30", "14:00"),
        ("2023-04-11", "5-day", None, None),  # Ramadan 1444: its circular is not in hand
        ("2022-10-03", "5-day", "07:30", "16:00"),  # Keppres 68/1995
        ("2024-02-29", "5-day", "07:15", "15:45"),  # leap day
    ],
)
def test_hours_follow_date_weekday_pattern_and_season(policy, on, pattern, start, end):
    rule = day_rule(policy, pattern, date.fromisoformat(on))
    if start is None:
        assert (rule.kind, rule.name) == (DayKind.NO_HOURS, "Ramadan 1444 H")
    else:
        assert (f"{rule.hours.start:%H:%M}", f"{rule.hours.end:%H:%M}") == (start, end)


def test_the_law_of_an_absence_is_that_of_its_date(policy):
    def law(kind: str, year: int, month: int, day: int) -> str | None:
        citation = policy.discipline_law(kind, date(year, month, day))
        return citation and citation.instrument

    assert law("PNS", 2010, 6, 5) == "PP 30/1980"
    assert law("PNS", 2010, 6, 6) == "PP 53/2010"
    assert law("PNS", 2021, 8, 30) == "PP 53/2010"
    assert law("CPNS", 2021, 8, 31) == "PP 94/2021"
    assert law("PPPK-PW", 2026, 1, 1) == "PP 49/2018"
    assert law("other", 2026, 1, 1) is None


def test_a_working_day_of_a_year_that_nobody_confirmed_cites_its_calendar(policy):
    """That the day is no holiday rests on the decree, which may still be wrong."""
    doubtful = day_rule(policy, "5-day", date(2027, 6, 2))
    assert doubtful.kind is DayKind.WORK
    assert [citation.text() for citation in doubtful.citations if "SKB" in citation.instrument] == [
        "SKB 3 Menteri 1205/2026, 3/2026, 2/2026 Lampiran (belum dikonfirmasi)"
    ]
    sure = day_rule(policy, "5-day", date(2026, 6, 2))
    assert not [citation for citation in sure.citations if "SKB" in citation.instrument]


def test_what_nobody_has_read_in_a_decree_is_marked_unconfirmed(policy):
    by_year = {year: citation.unconfirmed for year, citation in policy.calendars.items()}
    assert [year for year, unconfirmed in by_year.items() if not unconfirmed] == [2023, 2024, 2025, 2026]
    assert policy.holidays[date(2024, 2, 14)].citation.unconfirmed
    assert policy.holidays[date(2024, 11, 27)].citation.instrument == "Keppres 33/2024"
    for version in policy.hours["5-day"].versions:
        assert version.citation.unconfirmed


def test_unconfirmed_values_are_listed_for_the_person_who_has_to_confirm_them(policy):
    keys = {key for key, _ in policy.unconfirmed(date(2026, 11, 24))}
    assert {"late_bands", "missing_out", "hours.5-day", "punch_windows"} <= keys
    assert "discipline_law_pns" not in keys


def test_a_value_before_its_first_version_is_refused(policy):
    with pytest.raises(LookupError, match="late_bands has no value on 2009-12-31"):
        policy.late_bands.on(date(2009, 12, 31))
