"""What the findings find in a city with planted cases, what they wrongly raise, and how long they take."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Final

from eabsensi.assessing.findings import Findings, Wanted, find_patterns
from eabsensi.assessing.keeping import rebuild
from eabsensi.clock import SystemClock
from eabsensi.discipline.findings.catalogue import CATALOGUE, IMPOSSIBLE
from eabsensi.discipline.findings.finding import Finding
from eabsensi.law.loader import load_policy
from eabsensi.law.policy import Policy
from eabsensi.reports.findings import findings_report
from eabsensi.store.database import Store
from scripts.benchmarks.databases import Databases
from scripts.benchmarks.judging import fetch
from scripts.benchmarks.plan import Plan
from scripts.benchmarks.planted_cases import build
from scripts.benchmarks.planted_city import DAYS, FIRST, LAST, PEOPLE_A_UNIT, ZONE, PlantedCity, store_city
from scripts.benchmarks.printing import Target, at_least, at_most, show_table, timed

#: Every record of the days with whose it is, as the rules need it at the least.
_BARE: Final = """
    SELECT e.employee_id, p.device_id, p.device_time, p.verify_mode FROM enrolment e
    JOIN punch p ON p.pin = e.pin AND (e.device_id IS NULL OR e.device_id = p.device_id)
    WHERE p.device_time >= %s AND p.device_time <= %s ORDER BY e.employee_id, p.device_time
"""


@dataclass(frozen=True, slots=True)
class _Score:
    """One rule: cases planted and found, what was raised out of ordinary life, look-alikes and those raised."""

    rule: str
    name: str
    planted: int
    found: int
    wrong: tuple[Finding, ...]
    innocent: int
    raised: int


def run(plan: Plan, databases: Databases) -> list[Target]:
    """Fill the city, judge its days, look for patterns."""
    policy, city = load_policy(), build(plan.found_people // PEOPLE_A_UNIT)
    with databases.fresh_store() as store:
        store_city(store, city)
        rebuild(store, policy, FIRST, LAST, by="bench", cause="bench", clock=SystemClock())
        ends = (datetime.combine(FIRST, time()), datetime.combine(LAST, time.max))
        bare, rows = min(timed(lambda: fetch(store, _BARE, *ends)) for _ in range(2))
        seconds, found = min((timed(lambda: _find(store, policy)) for _ in range(2)), key=lambda pair: pair[0])
    scores = _scores(city, found)
    _show(city, scores, found)
    reported = sum(1 for _ in findings_report(found, policy).rows)
    show_table(
        f"findings: {city.people:,} people, {DAYS} days, {rows:,} records; seconds",
        ("", "bare query", "all rules", "x bare", "findings"),
        [("the city", f"{bare:.2f}", f"{seconds:.2f}", f"{seconds / bare:.1f}", reported)],
    )
    planted, hit = sum(one.planted for one in scores), sum(one.found for one in scores)
    wrong = sum(len(one.wrong) for one in scores)
    return [
        at_least("planted cases found", 100 * hit / planted, 95, "%"),
        at_most("raised out of ordinary life, of all findings", 100 * wrong / len(found.found), 5, "%"),
        at_most("all rules beside the bare query", seconds / bare, 30, "x bare query"),
    ]


def _find(store: Store, policy: Policy) -> Findings:
    as_of = datetime.combine(LAST, time(23, 59), ZONE).astimezone(UTC)
    with store.begin() as connection:
        return find_patterns(connection, policy, Wanted(FIRST, LAST, as_of))


def _scores(city: PlantedCity, found: Findings) -> list[_Score]:
    raised = {(one.rule.value, one.subject.key) for one in found.found}
    known = city.planted | city.consequences | city.innocents
    return [
        _Score(
            rule.value,
            told.name.en,
            sum(case[0] == rule for case in city.planted),
            sum(case[0] == rule and case in raised for case in city.planted),
            tuple(one for one in found.found if one.rule is rule and (rule.value, one.subject.key) not in known),
            *(sum(case[0] == rule and case in kept for case in city.innocents) for kept in (city.innocents, raised)),
        )
        for rule, told in CATALOGUE.items()
        if rule not in IMPOSSIBLE
    ]


def _show(city: PlantedCity, scores: Sequence[_Score], found: Findings) -> None:
    raised = {(one.rule.value, one.subject.key) for one in found.found}
    for case in sorted(city.planted - raised):
        print(f"not found: {case[0]} {case[1]}")
    show_table(
        f"findings: a simulated city of {city.people:,} people with planted cases",
        ("rule", "pattern", "planted", "found", "ordinary life raised", "look-alikes", "raised", "consequences"),
        [
            (
                one.rule,
                one.name,
                one.planted,
                one.found,
                len(one.wrong),
                one.innocent,
                one.raised,
                sum(case[0] == one.rule and case in city.consequences - city.planted for case in raised),
            )
            for one in scores
        ],
    )
    for one in scores:
        for wrong in one.wrong[:5]:
            print(f"wrongly raised: {one.rule} {wrong.subject.key}: {wrong.sentence.en} ({wrong.measured.en})")
