"""A month's deductions, to the hundredth of a percent."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eabsensi.discipline.accumulation import DayOutcome
from eabsensi.discipline.allowance import allowance
from eabsensi.discipline.verdict import Status
from eabsensi.law.dated import Dated, Series
from eabsensi.law.loader import load_policy

POLICY = load_policy()
ON = date(2026, 10, 6)
PRESENT = DayOutcome(ON, Status.PRESENT, ("H",), False, True, False, 0, 0, True)
ABSENT = replace(PRESENT, status=Status.ABSENT, codes=("TK",), absent=True)


def charged(*days: DayOutcome) -> list[tuple[str, Decimal]]:
    return [(line.code, line.percent) for line in allowance(POLICY, days).lines]


@pytest.mark.parametrize(
    ("codes", "late", "early", "percent"),
    [
        (("H",), 0, 0, "0"),
        (("TL1",), 30, 0, "0.5"),
        (("TL2",), 31, 0, "1"),
        (("TL3",), 90, 0, "1.25"),
        (("TL4",), 91, 0, "1.5"),
        (("TL2", "PSW1"), 35, 15, "1.5"),  # worked example 04
        (("PSW4",), 0, 0, "1.5"),  # no departure punch
        (("TL4", "PSW4"), 120, 0, "3.0"),
        (("TL3", "PSW3"), 61, 90, "2.50"),
    ],
)
def test_arrival_and_departure_are_charged_each_on_its_own(codes, late, early, percent):
    total = allowance(POLICY, [replace(PRESENT, codes=codes, late_minutes=late, early_minutes=early)])
    assert total.percent == total.summed == Decimal(percent)
    assert [line.code for line in total.lines] == [code for code in codes if code != "H"]


def test_a_missing_punch_has_a_percentage_of_its_own_although_it_shares_a_code():
    value = replace(POLICY.allowance_missing_punch.versions[0], value=Decimal("0.75"))
    policy = replace(POLICY, allowance_missing_punch=replace(POLICY.allowance_missing_punch, versions=(value,)))
    missing = replace(PRESENT, codes=("PSW4",))
    early = replace(PRESENT, codes=("PSW4",), early_minutes=120)
    assert allowance(policy, [missing]).percent == Decimal("0.75")
    assert allowance(policy, [early]).percent == Decimal("1.5")


def test_absence_and_missed_gatherings_are_lines_of_their_own_with_their_rule():
    total = allowance(POLICY, [replace(ABSENT, apel_missed=1, ceremony_missed=1)])
    assert [(line.code, line.percent) for line in total.lines] == [
        ("TK", Decimal(5)),
        ("TA", Decimal("0.5")),
        ("TA", Decimal(7)),
    ]
    assert [line.citation.text() for line in total.lines] == [
        "pola umum nasional tidak masuk kerja per hari (belum dikonfirmasi)",
        "praktik Kotawaringin Timur 2025 tidak apel (laporan pers) (belum dikonfirmasi)",
        "praktik Kota Jambi 1 Desember 2025 tidak ikut upacara (belum dikonfirmasi)",
    ]


@pytest.mark.parametrize("status", [Status.OFF, Status.UNDETERMINED])
def test_a_day_without_duty_or_verdict_costs_nothing(status):
    assert charged(replace(PRESENT, status=status, codes=("TL4",))) == []


@pytest.mark.parametrize("codes", [("CT",), ("S",), ("I",), ("DSP",)])
def test_a_day_with_a_document_costs_nothing(codes):
    assert charged(replace(PRESENT, status=Status.EXCUSED, codes=codes, excused=True)) == []


def test_half_a_day_without_its_punch_costs_that_punch_whoever_served_the_other_half():
    """Who has leave for the morning and never comes must not be better off than who comes and forgets to leave."""
    half = replace(PRESENT, codes=("I", "PSW4"), excused=True)
    assert charged(replace(half, status=Status.EXCUSED)) == charged(half) == [("PSW4", Decimal("1.5"))]


def test_a_day_that_may_still_change_costs_nothing_yet_and_is_named():
    total = allowance(POLICY, [replace(PRESENT, codes=("TL1",), late_minutes=5, complete=False)])
    assert (total.lines, total.open_on) == ((), (ON,))


def test_a_permission_that_the_region_charges_costs_a_day_under_its_own_code():
    charged_day = replace(PRESENT, status=Status.EXCUSED, codes=("I",), absent=True, excused=True)
    assert charged(charged_day) == [("I", Decimal(5))]


def test_no_month_costs_more_than_the_whole_allowance():
    total = allowance(POLICY, [replace(ABSENT, on=ON + timedelta(days=n)) for n in range(21)])
    assert (total.summed, total.percent) == (Decimal(105), Decimal(100))


def test_each_day_falls_under_the_percentages_of_its_own_date():
    old = POLICY.allowance_absent_day.versions[0]
    versions = (old, Dated(ON, Decimal(3), old.citation))
    policy = replace(POLICY, allowance_absent_day=Series("allowance_absent_day", "percent", versions))
    total = allowance(policy, [ABSENT, replace(ABSENT, on=ON - timedelta(days=1))])
    assert [line.percent for line in total.lines] == [Decimal(5), Decimal(3)]


days = st.builds(
    lambda day, codes, missed: replace(day, codes=codes, apel_missed=missed),
    st.sampled_from([PRESENT, ABSENT, replace(PRESENT, complete=False)]),
    st.lists(st.sampled_from(["H", "TL1", "TL2", "TL3", "TL4", "PSW1", "PSW3", "KJK"]), max_size=2).map(tuple),
    st.integers(0, 2),
)
months = st.lists(days, max_size=31).map(
    lambda month: [replace(day, on=ON + timedelta(n)) for n, day in enumerate(month)]
)


@given(months, st.randoms())
def test_the_total_is_the_sum_of_the_days_in_any_order_and_never_rounded(month, random):
    shuffled = list(month)
    random.shuffle(shuffled)
    total = allowance(POLICY, shuffled)
    assert total == allowance(POLICY, month)
    assert total.summed == sum((allowance(POLICY, [day]).summed for day in month), Decimal(0))
    assert total.summed % Decimal("0.25") == 0
