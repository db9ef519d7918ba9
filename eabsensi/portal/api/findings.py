"""Findings for programs: patterns that deserve a person's look, with their evidence. Indications, never a sanction."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Final, TypeAlias

from fastapi import APIRouter, Depends, Query
from fastapi.responses import Response

from eabsensi.access.roles import Right
from eabsensi.assessing.completeness import read_past
from eabsensi.assessing.findings import Wanted, find_patterns
from eabsensi.discipline.findings.catalogue import CATALOGUE, IMPOSSIBLE
from eabsensi.discipline.findings.finding import Rule
from eabsensi.errors import UsageError
from eabsensi.law.wording import Language
from eabsensi.portal.api.calling import Call, Calling
from eabsensi.portal.api.figures import USUAL_ROWS, FromQuery, LanguageQuery, ToQuery, UnitQuery
from eabsensi.portal.api.paging import CursorQuery, LimitQuery, answer, read_cursor
from eabsensi.portal.api.shapes import FindingShape, responses
from eabsensi.reports.feeding import Feed, findings_feed
from eabsensi.reports.findings import findings_report

router = APIRouter(tags=["findings"])

FindingsCall: TypeAlias = Annotated[Call, Depends(Calling(Right.SEE_FINDINGS))]
_KEY_SIZE: Final = 5  # rule, unit, subject, its key, and a number where one subject is met twice


@router.get("/findings", responses=responses(FindingShape))
def findings(  # noqa: PLR0917  the framework makes query values of parameters; nobody calls this by position
    call: FindingsCall,
    first: FromQuery,
    last: ToQuery,
    unit: UnitQuery = None,
    rule: Annotated[
        list[Rule] | None,
        Query(max_length=len(Rule), description="Only this rule; may be given again. Else every rule."),
    ] = None,
    language: LanguageQuery = Language.ID,
    cursor: CursorQuery = None,
    limit: LimitQuery = USUAL_ROWS,
) -> Response:
    """Give patterns that deserve a person's look: *indikasi, perlu pemeriksaan*, each with its evidence.

    366 days at most. No sanction follows from a finding. Show it with its `label`, its `innocent` explanations and its
    `evidence`. R10 cannot be examined, and is refused.
    """
    after, code = read_cursor("findings", _KEY_SIZE, cursor), call.unit(unit)
    rules = _possible(rule)
    about = " ".join([str(first), str(last), *sorted(rules or (), key=lambda one: one.number)])

    def work() -> Feed[Any]:
        return _found(call, (first, last, code, rules), language)

    feed = call.desk.feed((f"findings {about} {language}", first, code), work)
    return answer(call, "findings", about, code, (feed, after, limit))


def _found(call: Call, asked: tuple[date, date, str | None, frozenset[Rule] | None], language: Language) -> Feed[Any]:
    first, last, unit, rules = asked
    policy = call.desk.policy
    with call.desk.reading() as (connection, at):
        # People touch terminals of other units too, so a list of one unit waits for every terminal.
        complete = read_past(connection, policy, last, at)
        wanted = Wanted(first, last, at, unit, rules)
        report = findings_report(find_patterns(connection, policy, wanted), policy)
        return findings_feed(report, language, complete=complete)


def _possible(rules: list[Rule] | None) -> frozenset[Rule] | None:
    """Give the rules asked for; none is every rule.

    Raises:
        UsageError: one cannot be examined, so that an empty answer would say something false.

    """
    for one in rules or ():
        missing = CATALOGUE[one].missing
        if one in IMPOSSIBLE and missing:
            raise UsageError(f"{one} cannot be examined: {missing.en}.", remedy="Leave it out.")
    return frozenset(rules) if rules else None
