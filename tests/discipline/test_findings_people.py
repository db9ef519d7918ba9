"""R7, R8, R11 to R16: each side of each threshold, and what is innocent."""

from __future__ import annotations

from datetime import timedelta

import pytest
from finding_samples import ANI, BENI, FIRST, LIMITS, at, day, ordinary
from hypothesis import given
from hypothesis import strategies as st

from eabsensi.discipline.findings import pairrules, personrules, unitrules
from eabsensi.discipline.findings.catalogue import CATALOGUE, IMPOSSIBLE
from eabsensi.discipline.findings.correctionrules import Usual, corrections
from eabsensi.discipline.findings.facts import Correction, Journey, Meeting, Pair, Person
from eabsensi.discipline.findings.finding import About, Rule
from eabsensi.law import findinglimits as limits

DAY = timedelta(days=1)


def rules_of(days):
    return [one.rule for one in personrules.person_findings(ANI, days, LIMITS)]


def test_ordinary_days_show_nothing():
    assert rules_of(ordinary()) == []


@pytest.mark.parametrize(
    ("days", "shown"),
    [
        ([day(n, codes=("CT",), status="excused") for n in range(2)], True),
        ([day(0, codes=("CT",), status="excused")], False),
        ([day(n, codes=("DL",), status="present") for n in range(3)], True),
        ([day(n, codes=("DL",), status="present") for n in range(2)], False),
        ([day(n * 7 + 4, status="off") for n in range(4)], True),
        ([day(n * 7 + 4, status="off") for n in range(3)], False),
        ([day(n * 7 + 4, status="off", shift=True) for n in range(4)], False),
        ([day(0, unit=None)], True),
        ([day(n, codes=("S",), status="excused") for n in range(4)], False),
    ],
)
def test_records_on_excused_days_need_their_number(days, shown):
    assert (Rule.R12 in rules_of(days)) is shown


def test_the_end_of_a_night_shift_is_no_record_on_leave():
    home = [
        day(
            n,
            "07:04:00",
            None,
            codes=("CT",),
            status="excused",
            shift=True,
            closed_before=at("07:00:00", FIRST + n * DAY),
        )
        for n in range(3)
    ]
    assert rules_of(home) == []
    worked = [one._replace(last=one.first.replace(hour=13)) for one in home]
    assert rules_of(worked) == [Rule.R12]


@pytest.mark.parametrize(
    ("last", "days", "shown"),
    [("07:34:59", 3, True), ("07:35:00", 3, False), ("07:34:59", 2, False), ("07:20:59", 3, False), (None, 9, False)],
)
def test_in_and_out_close_together(last, days, shown):
    """Less than a minute is one touch felt twice; one record alone is a forgotten departure."""
    found = rules_of([day(n, "07:20:00", last) for n in range(0, 2 * days, 2)][:days])
    assert (Rule.R13 in found) is shown


@pytest.mark.parametrize(("step", "days", "shown"), [(20, 6, True), (60, 6, False), (0, 4, False)])
def test_arrivals_without_spread(step, days, shown):
    spread = [
        day(n, str((at("07:20:00") + timedelta(seconds=step * (n % 3 - 1) // 2)).time()), f"16:{n * 9 % 60:02d}:00")
        for n in range(days)
    ]
    found = [one for one in personrules.person_findings(ANI, spread, LIMITS) if one.rule is Rule.R14]
    assert bool(found) is shown
    assert all("waktu datang" in one.sentence.id for one in found)


def test_departures_without_spread_count_days_with_two_records_only():
    days = [day(n, f"07:{n * 9 % 60:02d}:00", "16:00:00" if n % 2 else None) for n in range(10)]
    (found,) = personrules.no_spread(ANI, days, LIMITS.rhythm)
    assert "waktu pulang pada 5 hari" in found.sentence.id


@given(st.lists(st.integers(0, 86_399), min_size=2, max_size=40))
def test_the_spread_is_never_more_than_the_whole_and_shifts_with_the_clock(seconds):
    moments = [at("00:00:00") + timedelta(seconds=one) for one in seconds]
    spread = personrules.spread_seconds(moments)
    assert 0 <= spread <= max(seconds) - min(seconds)
    assert personrules.spread_seconds([one + 7 * DAY for one in moments]) == spread


@pytest.mark.parametrize(("rows", "shift", "shown"), [(3, False, True), (2, False, False), (3, True, False)])
def test_records_at_midnight(rows, shift, shown):
    days = [
        day(n, f"07:{n * 9:02d}:00", "23:59:30", shift=shift, midnight=(at("23:59:30", FIRST + n * DAY),))
        for n in range(rows)
    ]
    assert (Rule.R16 in rules_of(days)) is shown


# --- beside the others of the unit ---------------------------------------------------------------------------------

VERIFY = limits.VerifyLimits(days=5, percent=20, card_most_percent=90, unit_percent=50)


def tallies(days, others=9):
    crowd = [Person(n, f"19900101201001{n:04d}", f"Pegawai {n}", "DINKES") for n in range(10, 10 + others)]
    return [unitrules.Tally.of(ANI, days), *(unitrules.Tally.of(one, ordinary()) for one in crowd)]


@pytest.mark.parametrize(
    ("password", "card", "count", "shown"),
    [(1, 0, 8, True), (1, 0, 7, False), (0, 1, 8, True), (0, 2, 20, False), (1, 1, 4, False), (2, 0, 20, True)],
)
def test_passwords_and_cards_of_one_person(password, card, count, shown):
    """Of twenty days with two records each; who uses nothing but a card has been given one."""
    days = ordinary(count, password=password, card=card) + ordinary()[count:]
    found = list(unitrules.without_finger(tallies(days), {}, VERIFY))
    assert [one.subject.key for one in found] == [ANI.nip] * shown


def test_a_unit_without_a_finger_reader_is_shown_and_not_its_people():
    crowd = [Person(n, f"19900101201001{n:04d}", f"Pegawai {n}", "DINKES") for n in range(5)]
    found = list(
        unitrules.without_finger(
            [unitrules.Tally.of(one, ordinary(password=1)) for one in crowd], {"DINKES": "Dinas Kesehatan"}, VERIFY
        )
    )
    assert [(one.subject.about, one.subject.name) for one in found] == [(About.UNIT, "Dinas Kesehatan")]


@pytest.mark.parametrize(
    ("own", "unit", "shown"), [(0, True, True), (2, True, True), (3, True, False), (0, False, False)]
)
def test_nothing_at_midday_is_remarkable_only_where_the_others_record_then(own, unit, shown):
    days = ordinary(own, midday=True) + ordinary()[own:]
    others = [
        unitrules.Tally.of(Person(n, str(n), f"Pegawai {n}", "DINKES"), ordinary(midday=unit)) for n in range(10, 19)
    ]
    found = list(unitrules.no_midday([unitrules.Tally.of(ANI, days), *others], LIMITS.midday))
    assert [one.subject.key for one in found if one.subject.key == ANI.nip] == [ANI.nip] * shown


# --- two people, two places ----------------------------------------------------------------------------------------

COMPANIONS = limits.CompanionLimits(within_seconds=6, days=8, percent=50, order_percent=90)


def pair(days=10, both=20, seconds=4, backwards=0):
    meetings = tuple(
        Meeting(at("07:15:00", FIRST + n * DAY), seconds, n >= backwards, "CJDE000000001") for n in range(days)
    )
    return Pair(ANI, BENI, both, meetings)


@pytest.mark.parametrize(
    ("met", "shown"),
    [
        (pair(), True),
        (pair(days=8, both=16), True),
        (pair(days=7, both=7), False),
        (pair(both=21), False),
        (pair(seconds=6), True),
        (pair(seconds=7), False),
        (pair(backwards=1), True),
        (pair(backwards=2), False),
    ],
)
def test_companions_need_days_share_seconds_and_order(met, shown):
    assert bool(list(pairrules.companions([met], COMPANIONS))) is shown


def test_the_one_who_comes_first_is_named_first():
    (found,) = pairrules.companions([pair(backwards=10)], COMPANIONS)
    assert found.subject.key == BENI.nip
    assert found.sentence.en.startswith("Beni Saputra and Ani Lestari")


def test_a_couple_that_comes_together_in_changing_order_is_not_shown():
    assert list(pairrules.companions([pair(days=20, backwards=7)], COMPANIONS)) == []


def journey(person=ANI, seconds=100, number=0, serial="CJDE000000002"):
    start = at("07:20:00", FIRST + number * DAY)
    return Journey(person, start, "CJDE000000001", start + timedelta(seconds=seconds), serial)


TRAVEL = limits.TravelLimits(minutes=5, times=2, neighbour_people=4)


@pytest.mark.parametrize(("seconds", "times", "shown"), [(299, 2, True), (300, 2, False), (299, 1, False)])
def test_two_places_within_minutes(seconds, times, shown):
    found = list(pairrules.impossible_travel([journey(seconds=seconds, number=n) for n in range(times)], TRAVEL))
    assert bool(found) is shown


@pytest.mark.parametrize(("people", "shown"), [(3, 3), (4, 0)])
def test_terminals_between_which_many_go_stand_side_by_side(people, shown):
    crowd = [Person(n, str(n), f"Pegawai {n}", "DINKES") for n in range(people)]
    journeys = [journey(one, number=n) for one in crowd for n in range(2)]
    assert len(list(pairrules.impossible_travel(journeys, TRAVEL))) == shown


# --- papers --------------------------------------------------------------------------------------------------------

CORRECTIONS = limits.CorrectionLimits(
    times_median=3, person_papers=5, filer_papers=20, before_close_hours=24, before_close_papers=10, own_papers=1
)
USUAL = Usual(person=1, account=5)


def papers(count, person=ANI, by="opr", **more):
    made = Correction(person, FIRST, "lupa rekam", "800/1", by, at("10:00:00"), own=False, hours_before_close=None)
    return [made._replace(on=FIRST + n * DAY, **more) for n in range(count)]


def crowd_papers(count, **more):
    return [one for n in range(count) for one in papers(1, Person(n, str(n), f"Pegawai {n}", "DINKES"), **more)]


@pytest.mark.parametrize(
    ("given", "usual", "about"),
    [
        (papers(5), USUAL, [About.PERSON]),
        (papers(4), USUAL, []),
        (papers(5), USUAL._replace(person=2), []),
        (papers(6), USUAL._replace(person=2), [About.PERSON]),
        (crowd_papers(20), USUAL, [About.ACCOUNT]),
        (crowd_papers(19), USUAL, []),
        (crowd_papers(20), USUAL._replace(account=7), []),
        (crowd_papers(10, hours_before_close=24.0), USUAL, [About.ACCOUNT]),
        (crowd_papers(10, hours_before_close=24.1), USUAL, []),
        (crowd_papers(9, hours_before_close=1.0), USUAL, []),
        (papers(1, own=True), USUAL, [About.PERSON]),
    ],
)
def test_corrections_far_above_the_usual(given, usual, about):
    assert [one.subject.about for one in corrections(given, CORRECTIONS, usual)] == about


def test_the_median_is_that_of_those_who_have_corrections():
    assert Usual.of([*papers(3), *papers(1, BENI)]) == Usual(person=2, account=4)
    assert Usual.of([]) == Usual(0, 0)


# --- what every rule owes ------------------------------------------------------------------------------------------


def test_every_rule_is_described_and_what_is_not_possible_says_why():
    assert set(CATALOGUE) == set(Rule)
    assert {Rule.R10} == IMPOSSIBLE
    assert all(CATALOGUE[rule].missing for rule in (Rule.R5, Rule.R9, Rule.R10, Rule.R16))


@pytest.mark.parametrize("word", ["melanggar", "curang", "pelaku", "bersalah", "cheat", "fraud", "guilty"])
def test_no_description_accuses(word):
    told = " ".join(part.id + part.en for one in CATALOGUE.values() for part in one if hasattr(part, "en"))
    assert word not in told.lower()
