"""What each date obliges a person to, with rosters: dates, neighbours, and windows that share no punch."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from eabsensi.discipline.facts import DocumentKind
from eabsensi.discipline.reasons import NoRoster
from eabsensi.discipline.schedule import person_days
from eabsensi.discipline.workday import workday
from eabsensi.law.duty import DOCUMENT_KINDS
from eabsensi.law.loader import load_policy

POLICY = load_policy()
ZONE = ZoneInfo("Asia/Jakarta")
FIRST, LAST = date(2026, 10, 5), date(2026, 10, 11)
WEEK = [FIRST + timedelta(days=n) for n in range(7)]


def at(on: date, hour: int, minute: int = 0) -> datetime:
    return datetime(on.year, on.month, on.day, hour, minute, tzinfo=ZONE)


@pytest.mark.parametrize("pattern", ["5-day", "6-day", "shift"])
def test_without_a_roster_each_date_is_what_the_calendar_says(pattern):
    days = person_days(POLICY, pattern, ZONE, FIRST, LAST)
    assert days == {on: workday(POLICY, pattern, ZONE, on) for on in WEEK}


def test_a_shift_person_without_a_row_has_no_roster_yet():
    days = person_days(POLICY, "shift", ZONE, FIRST, LAST, {FIRST: ("P",), LAST: ()})
    assert days[FIRST].known
    assert days[LAST].reason == days[WEEK[1]].reason == NoRoster()


def test_a_night_shift_reaches_into_the_next_morning_and_stays_on_its_date():
    day = person_days(POLICY, "shift", ZONE, FIRST, FIRST, {FIRST: ("MALAM",)})[FIRST]
    assert day.on == FIRST
    assert (day.span.starts_at, day.span.ends_at) == (at(FIRST, 21), at(WEEK[1], 7))
    assert (day.span.arrival.opens, day.span.departure.closes) == (at(FIRST, 19), at(WEEK[1], 14))
    assert day.span.minutes == 600


def test_the_row_of_the_day_before_the_range_is_heeded_although_its_day_is_not_given():
    days = person_days(POLICY, "shift", ZONE, LAST, LAST, {WEEK[5]: ("M",), LAST: ("LEPAS",)})
    assert list(days) == [LAST]
    assert days[LAST].claimed[0].holds(at(LAST, 7))
    assert not days[LAST].claimed[0].holds(at(LAST, 14))


def test_a_range_asked_for_day_by_day_is_the_range_asked_for_at_once():
    roster = dict(zip(WEEK, [("M",), ("S",), ("P", "S"), ("O",), ("P", "M"), (), ("P",)], strict=True))
    patterns = dict.fromkeys(WEEK[5:], "6-day")
    at_once = person_days(POLICY, "5-day", ZONE, FIRST, LAST, roster, patterns=patterns)
    one_by_one = [person_days(POLICY, "5-day", ZONE, on, on, roster, patterns=patterns)[on] for on in WEEK]
    inner = slice(1, -1)  # the ends have another neighbour beyond the week
    assert list(at_once.values())[inner] == one_by_one[inner]


def test_the_windows_of_neighbouring_duties_meet_in_one_seam_that_both_know():
    days = person_days(POLICY, "shift", ZONE, FIRST, WEEK[1], {FIRST: ("P", "M"), WEEK[1]: ("S",)})
    morning, night = days[FIRST].spans
    (noon,) = days[WEEK[1]].spans
    assert morning.before is None
    assert morning.after == night.before
    assert night.after == noon.before
    assert (night.before.arrival.opens, night.before.departure.closes) == (at(FIRST, 19), at(FIRST, 21))
    assert noon.after is None
    assert days[FIRST].whole.settles_at == noon.arrival.closes == at(WEEK[1], 17, 30)


def test_codes_are_read_in_any_case_and_a_free_code_beside_a_shift_says_nothing():
    days = person_days(POLICY, "shift", ZONE, FIRST, WEEK[1], {FIRST: ("pagi", "o", "P"), WEEK[1]: ("lepas", "O")})
    assert days[FIRST].name == "Sif Pagi"
    assert len(days[FIRST].spans) == 1
    assert (days[WEEK[1]].code, days[WEEK[1]].name) == ("O", "lepas jaga")


def test_a_transfer_changes_the_pattern_from_its_date_on():
    patterns = dict.fromkeys(WEEK[3:], "6-day")
    days = person_days(POLICY, "5-day", ZONE, FIRST, LAST, patterns=patterns)
    assert [day.name for day in days.values()] == ["Jam kerja 5 hari"] * 3 + ["Jam kerja 6 hari"] * 3 + [""]


def test_every_kind_of_paper_has_a_rule_in_the_policy():
    assert {kind.value for kind in DocumentKind} == set(DOCUMENT_KINDS)
    for version in POLICY.documents.versions:
        assert set(version.value) == set(DOCUMENT_KINDS)
        codes = [rule.code for rule in version.value.values()]
        assert len(set(codes)) == len(codes)
