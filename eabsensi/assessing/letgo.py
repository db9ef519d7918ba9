"""Verdicts of days whose punches were let go: taken from what was kept, never judged anew."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from eabsensi.discipline.facts import EventFact, EventKind
from eabsensi.discipline.letgo import KeptReason, PunchesLetGo, not_judged
from eabsensi.discipline.verdict import ApelOutcome, ApelResult, Status, Verdict
from eabsensi.law.citation import Citation, Confidence
from eabsensi.store.connection import Connection
from eabsensi.store.verdicts import VerdictRow, load_verdicts_before

__all__ = ["kept_rows", "let_go_near", "verdict_kept"]

_DAY = timedelta(days=1)
_WITHDRAWN = "NotPosted"
_SIGHT = timedelta(microseconds=1)


def let_go_near(let_go: Collection[date], on: date) -> date | None:
    """Give the month that was let go and may have held a punch of this date; None where there is none.

    A night begins the day before or ends the day after, so these days' months count too.
    """
    near = (day.replace(day=1) for day in (on, on - _DAY, on + _DAY))
    return next((month for month in near if month in let_go), None)


def kept_rows(
    connection: Connection, let_go: Collection[date], people: Collection[int], days: Iterable[date], as_of: datetime
) -> Mapping[tuple[int, date], VerdictRow]:
    """Give what was known by ``as_of`` of those of these days whose punches were let go, by employee and date."""
    concerned = [on for on in days if let_go_near(let_go, on)] if let_go else []
    if not concerned:
        return {}
    rows = load_verdicts_before(connection, people, concerned[0], concerned[-1], as_of + _SIGHT)
    return {(row.employee_id, row.on_date): row for row in rows if not _is_withdrawn(row)}


def _is_withdrawn(row: VerdictRow) -> bool:
    return any(reason["kind"] == _WITHDRAWN for reason in row.reasons)


def verdict_kept(row: VerdictRow | None, judged: Verdict, month: date, zone: ZoneInfo) -> Verdict:
    """Give a day's verdict as it was kept, with the word that its punches were let go.

    Args:
        row: what was kept; None where nothing was.
        judged: as judged without the punches; only its workday counts where something was kept.
        month: the one that was let go.
        zone: of the unit.

    """
    if row is None:
        return not_judged(judged, month)
    return Verdict(
        status=Status(row.status),
        codes=row.codes,
        in_at=row.in_at.astimezone(zone) if row.in_at else None,
        out_at=row.out_at.astimezone(zone) if row.out_at else None,
        late_minutes=row.late_minutes,
        early_minutes=row.early_minutes,
        complete=row.complete,
        workday=judged.workday,
        reasons=(*(KeptReason(told["id"], told["en"]) for told in row.reasons), PunchesLetGo(month)),
        citations=tuple(_citation(told) for told in row.citations),
        document=row.document,
        apel=tuple(_gathering(told, zone) for told in row.apel),
        absent_days=row.absent_days,
        deficit_minutes=row.deficit_minutes,
    )


def _citation(told: Mapping[str, Any]) -> Citation:
    return Citation(
        told["instrument"], told["article"], told["source"], Confidence(told["confidence"]), told["unconfirmed"]
    )


def _gathering(told: Mapping[str, Any], zone: ZoneInfo) -> ApelResult:
    opens, closes = (datetime.fromisoformat(told[name]) for name in ("opens_at", "closes_at"))
    kind, on = EventKind(told["kind"]), opens.astimezone(zone).date()
    event = EventFact(told["event_id"], kind, on, opens, closes, told["name"], told["basis"])
    at = datetime.fromisoformat(told["at"]).astimezone(zone) if told["at"] else None
    return ApelResult(event, ApelOutcome(told["outcome"]), at)
