"""One judged day, read from a stored verdict or from what a closed month holds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from eabsensi.discipline.facts import EventKind, PersonFact, UnitFact
from eabsensi.discipline.verdict import ApelOutcome, Status
from eabsensi.reports.judged import JudgedDay, Told
from eabsensi.store.facts import PersonRow, PostingRow
from eabsensi.store.verdicts import StoredVerdict

_DAY = timedelta(days=1)


def read_stored(stored: StoredVerdict, person: PersonFact, unit: UnitFact, zone: ZoneInfo) -> JudgedDay:
    """Read a stored verdict as :func:`read_day` reads its content, without writing that first: a city has millions."""
    row = stored.row

    def local(at: datetime | None) -> datetime | None:
        return at.astimezone(zone) if at else None

    apel_missed, ceremony_missed = _missed(row.apel) if row.apel else (0, 0)
    return JudgedDay(
        on=row.on_date,
        person=person,
        unit=unit,
        status=Status(row.status),
        codes=row.codes,
        in_at=local(row.in_at),
        out_at=local(row.out_at),
        late_minutes=row.late_minutes,
        early_minutes=row.early_minutes,
        deficit_minutes=row.deficit_minutes,
        absent_days=row.absent_days,
        complete=row.complete,
        document=row.document,
        apel_missed=apel_missed,
        ceremony_missed=ceremony_missed,
        scheduled=row.schedule_start is not None,
        reasons=tuple(_told(item["id"], item["en"]) for item in row.reasons),
        citations=tuple(_told(item["id"], item["en"]) for item in row.citations),
        version=stored.version,
        schedule=row.schedule_name or "",
        starts_at=local(row.schedule_start),
        ends_at=local(row.schedule_end),
    )


def read_day(told: Mapping[str, Any], person: PersonFact, unit: UnitFact, version: int | None) -> JudgedDay:
    """Read a day as stored verdicts and closed months have it."""
    apel_missed, ceremony_missed = _missed(told["apel"])
    return JudgedDay(
        on=date.fromisoformat(told["date"]),
        person=person,
        unit=unit,
        status=Status(told["status"]),
        codes=tuple(told["codes"]),
        in_at=_instant(told["in"]),
        out_at=_instant(told["out"]),
        late_minutes=told["late_minutes"],
        early_minutes=told["early_minutes"],
        deficit_minutes=told["deficit_minutes"],
        absent_days=told["absent_days"],
        complete=told["complete"],
        document=told["document"],
        apel_missed=apel_missed,
        ceremony_missed=ceremony_missed,
        scheduled=told["schedule"]["start"] is not None,
        reasons=tuple(_told(item["id"], item["en"]) for item in told["reasons"]),
        citations=tuple(_told(item["id"], item["en"]) for item in told["citations"]),
        version=version,
        schedule=told["schedule"]["name"],
        starts_at=_instant(told["schedule"]["start"]),
        ends_at=_instant(told["schedule"]["end"]),
    )


def _missed(gatherings: Sequence[Mapping[str, Any]]) -> tuple[int, int]:
    """Count the apel and the ceremonies that were missed."""
    missed = [item["kind"] for item in gatherings if item["outcome"] == ApelOutcome.MISSED]
    return missed.count(EventKind.APEL), missed.count(EventKind.CEREMONY)


def _instant(written: str | None) -> datetime | None:
    return datetime.fromisoformat(written) if written else None


@lru_cache(maxsize=10_000)
def _told(indonesian: str, english: str) -> Told:
    """Give the words once for the many days that share them."""
    return Told(indonesian, english)


def key_of_day(day: JudgedDay) -> tuple[int, date]:
    """Give whose day it is, and which."""
    return day.person.employee_id, day.on


def units_by_day(postings: Iterable[PostingRow]) -> dict[tuple[int, date], str]:
    """Give the unit of each employee-day."""
    return {
        (row.person.employee_id, row.start + step * _DAY): row.unit_code
        for row in postings
        for step in range((row.end - row.start).days)
    }


def person_fact(row: PersonRow) -> PersonFact:
    """Give the person as judging knows one."""
    return PersonFact(*row)
