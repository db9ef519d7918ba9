"""Judging one person's day.

The order of precedence is that of the discipline facts, section 3: no duty, then leave, then duty elsewhere, then
corrections, then punches, then absence. A paper never alters a punch: what was recorded stays in the verdict.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from eabsensi.discipline.case import Case, raw_times
from eabsensi.discipline.clocks import Readings, clock_wrong, read_clocks
from eabsensi.discipline.coverage import Coverage
from eabsensi.discipline.documents import Paper, deciding, papers_of
from eabsensi.discipline.dutyreasons import ChargedPaper, Documented, PunchedDespitePaper
from eabsensi.discipline.events import add_gatherings
from eabsensi.discipline.facts import DayFacts
from eabsensi.discipline.matching import match_touches
from eabsensi.discipline.reasons import FuturePunch, PunchOnDayOff, Reason
from eabsensi.discipline.rules import AttendanceRules
from eabsensi.discipline.verdict import UNDETERMINED_CODE, Status, Verdict
from eabsensi.discipline.workday import Workday
from eabsensi.law.duty import DocumentClass


def judge_day(facts: DayFacts, day: Workday, rules: AttendanceRules, as_of: datetime) -> Verdict:
    """Judge one person's day by what was known at ``as_of``.

    Args:
        facts: the person, the devices, the punches, the papers and the gatherings; nothing received after ``as_of``.
            The punches are those of the whole stretch that ``day`` reaches over, for a night shift into the next
            morning; where its windows meet a neighbour's, those of the neighbour's window too.
        day: what the date obliges the person to.
        rules: in force on the date.
        as_of: the instant of judging, timezone-aware.

    """
    coverage = Coverage(facts.devices, as_of, rules.clock_tolerance_seconds)
    readings = read_clocks(facts.punches, rules, facts.zone)
    papers = papers_of(facts, rules, as_of)
    if not day.spans:
        verdict = _without_duty(facts, day, readings)
    else:
        paper = deciding(papers)
        case = Case(facts, day, rules, coverage, papers)
        verdict = _by_paper(paper, case, readings) if paper else _by_punches(case, readings)
    if readings.impossible:
        verdict = replace(verdict, reasons=verdict.reasons + _set_aside(facts, day, readings))
    return add_gatherings(verdict, facts, papers, readings, coverage) if facts.events else verdict


def _without_duty(facts: DayFacts, day: Workday, readings: Readings) -> Verdict:
    """Judge a day off, or a day whose obligation is not known; possible punches are pointed out, never judged."""
    found = sum(
        punch.punched_at.astimezone(facts.zone).date() == facts.on
        and not punch.backdated
        and punch not in readings.impossible
        and not any(window.holds(punch.punched_at) for window in day.claimed)
        for punch in facts.punches
    )
    status, code = (Status.OFF, day.code) if day.known else (Status.UNDETERMINED, UNDETERMINED_CODE)
    reasons = tuple(reason for reason in (day.reason, PunchOnDayOff(found) if found and day.known else None) if reason)
    return Verdict(status, (code,), None, None, 0, 0, day.known, day, reasons, day.citations)


def _by_paper(paper: Paper, case: Case, readings: Readings) -> Verdict:
    """Judge a day that a paper settles: the punches are shown, and no minutes are counted.

    A paper never makes a day worse: where the rule counts it as an absence, it does so only once every device has been
    read and neither a punch nor another paper speaks for the person.
    """
    facts, day, rule = case.facts, case.day, paper.rule
    matches, shifted = ([match_touches(span, touches) for span in day.spans] for touches in readings.both)
    punches = sum(len(match.touches) for match in matches)
    shown = punches or any(match.present for match in shifted)
    proven = any(other.shows_presence or (other.lifts_absence and not other.rule.charged) for other in case.papers)
    charged = rule.charged and not shown and not proven and case.closed and facts.enrolled
    fact = paper.fact
    told: tuple[Reason | None, ...] = (
        Documented(rule.name, fact.number, fact.approved_by, fact.approved_at.astimezone(facts.zone)),
        ChargedPaper(rule.code) if charged else None,
        PunchedDespitePaper(punches) if punches else None,
    )
    in_at, out_at = raw_times(matches, facts.zone)
    complete = not rule.charged or bool(shown) or proven or case.closed
    return Verdict(
        status=Status.EXCUSED if rule.document_class is DocumentClass.EXCUSED else Status.PRESENT,
        codes=(rule.code,),
        in_at=in_at,
        out_at=out_at,
        late_minutes=0,
        early_minutes=0,
        complete=complete,
        workday=day,
        reasons=(*(reason for reason in told if reason), *(() if complete else case.missing())),
        citations=(*day.citations, rule.citation),
        document=paper.label,
        absent_days=int(charged),
    )


def _by_punches(case: Case, readings: Readings) -> Verdict:
    verdict = case.judge(readings.recorded)
    if any(clock_wrong(punch, case.rules) for punch in case.facts.punches):
        return case.weigh_clocks(verdict, readings.recorded, readings.shifted)
    return verdict


def _set_aside(facts: DayFacts, day: Workday, readings: Readings) -> tuple[Reason, ...]:
    """Name the impossible punches of the day."""
    whole = day.whole
    return tuple(
        FuturePunch(
            punch.device.name, punch.punched_at.astimezone(facts.zone), punch.received_at.astimezone(facts.zone)
        )
        for punch in sorted(readings.impossible, key=lambda punch: punch.order)
        if punch.punched_at.astimezone(facts.zone).date() == facts.on
        or (whole and whole.arrival.opens <= punch.punched_at < whole.departure.closes)
    )
