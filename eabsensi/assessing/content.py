"""Verdicts as they are stored and as closed months hold them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from eabsensi.assessing.ranges import PersonDay
from eabsensi.discipline.reasons import Reason
from eabsensi.discipline.verdict import ApelResult
from eabsensi.law.citation import Citation
from eabsensi.law.wording import Language
from eabsensi.store.verdicts import COUNTING, StoredVerdict, VerdictRow

#: Why a day has no verdict any more, as reasons are stored.
NOT_POSTED = {"kind": "NotPosted", "id": "tidak ada penempatan pada hari ini", "en": "there is no posting on this day"}
#: Keys of a closed day that say why and when, and not what it was.
_COMMENTS = frozenset({"reasons", "citations", "version"})


def outcome_of(day: PersonDay) -> tuple[object, ...]:
    """Give what makes a new version where it differs, as :class:`eabsensi.store.verdicts.Standing` has it."""
    verdict = day.verdict
    return (
        day.unit.code,
        verdict.status.value,
        verdict.codes,
        verdict.in_at,
        verdict.out_at,
        verdict.late_minutes,
        verdict.early_minutes,
        verdict.deficit_minutes,
        verdict.absent_days,
        verdict.complete,
        verdict.document,
        tuple((item.event.id, item.outcome.value) for item in verdict.apel),
    )


def wording_of(day: PersonDay) -> tuple[object, ...]:
    """Give what is brought up to date in place: the schedule, and which reasons are given, with what they count."""
    span = day.verdict.workday.whole
    told = " ".join(map(_named, day.verdict.reasons))
    return (day.verdict.workday.name, span.starts_at if span else None, span.ends_at if span else None, told)


def _named(reason: Reason) -> str:
    """Give a reason's kind, or its words where nothing else in the verdict tells what it counts."""
    kind = type(reason).__name__
    return reason.text(Language.ID) if kind in COUNTING else kind


def verdict_row(day: PersonDay) -> VerdictRow:
    """Give the whole verdict as it is stored."""
    verdict, span = day.verdict, day.verdict.workday.whole
    return VerdictRow(
        employee_id=day.person.employee_id,
        on_date=verdict.workday.on,
        unit_code=day.unit.code,
        status=verdict.status.value,
        codes=verdict.codes,
        in_at=verdict.in_at,
        out_at=verdict.out_at,
        late_minutes=verdict.late_minutes,
        early_minutes=verdict.early_minutes,
        deficit_minutes=verdict.deficit_minutes,
        absent_days=verdict.absent_days,
        complete=verdict.complete,
        document=verdict.document,
        schedule_name=verdict.workday.name,
        schedule_start=span.starts_at if span else None,
        schedule_end=span.ends_at if span else None,
        apel=[_apel(item) for item in verdict.apel],
        reasons=[reason_content(item) for item in verdict.reasons],
        citations=[_citation(item) for item in verdict.citations],
    )


def reason_content(reason: Reason) -> dict[str, Any]:
    """Give a reason as JSON: its kind, and its words in both languages."""
    return {"kind": type(reason).__name__, "id": reason.text(Language.ID), "en": reason.text(Language.EN)}


def _citation(citation: Citation) -> dict[str, Any]:
    return {
        "instrument": citation.instrument,
        "article": citation.article,
        "source": citation.source,
        "confidence": citation.confidence.value,
        "unconfirmed": citation.unconfirmed,
        "id": citation.text(Language.ID),
        "en": citation.text(Language.EN),
    }


def _apel(result: ApelResult) -> dict[str, Any]:
    event = result.event
    return {
        "event_id": event.id,
        "kind": event.kind.value,
        "name": event.name,
        "basis": event.basis,
        "opens_at": event.opens_at.isoformat(),
        "closes_at": event.closes_at.isoformat(),
        "outcome": result.outcome.value,
        "at": result.at.isoformat() if result.at else None,
    }


# --- closed months -------------------------------------------------------------------------------------------------


def day_content(row: VerdictRow, zone: ZoneInfo) -> dict[str, Any]:
    """Give a day as a closed month holds it; instants carry the unit's offset."""

    def local(at: datetime | None) -> str | None:
        return at.astimezone(zone).isoformat() if at else None

    return {
        "date": row.on_date.isoformat(),
        "unit": row.unit_code,
        "status": row.status,
        "codes": list(row.codes),
        "in": local(row.in_at),
        "out": local(row.out_at),
        "late_minutes": row.late_minutes,
        "early_minutes": row.early_minutes,
        "deficit_minutes": row.deficit_minutes,
        "absent_days": row.absent_days,
        "schedule": {
            "name": row.schedule_name,
            "start": local(row.schedule_start),
            "end": local(row.schedule_end),
        },
        "complete": row.complete,
        "document": row.document,
        "apel": row.apel,
        "reasons": row.reasons,
        "citations": row.citations,
    }


def closed_day(stored: StoredVerdict, zone: ZoneInfo) -> dict[str, Any]:
    """Give a stored day as a closed month holds it, with the version of its verdict."""
    return day_content(stored.row, zone) | {"version": stored.version}


def same_day(one: Mapping[str, Any] | None, other: Mapping[str, Any] | None) -> bool:
    """Whether two contents of a day say the same of it, whatever they say about why."""
    return _judged(one) == _judged(other)


def _judged(content: Mapping[str, Any] | None) -> dict[str, Any] | None:
    return None if content is None else {key: value for key, value in content.items() if key not in _COMMENTS}


def digest(contents: Iterable[Mapping[str, Any]]) -> str:
    """Give the SHA-256 over the rows of a month as canonical JSON, a line each; the order matters."""
    lines = hashlib.sha256()
    for content in contents:
        written = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        lines.update(written.encode() + b"\n")
    return lines.hexdigest()
