"""Verdicts as they stand, and every version that they ever had.

``verdict`` holds what is true now and may be made again from the facts; ``verdict_version`` only grows. A version is
made where the result differs, not where merely its wording does.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, text

#: Kinds of reason that count what nothing else in a verdict tells: they are compared by their words.
COUNTING = ("PunchOnDayOff", "PunchedDespitePaper")
_AT_ONCE = 2_000  # rows in one statement


class VerdictRow(NamedTuple):
    """What a day was judged to be; ``apel``, ``reasons`` and ``citations`` are lists as JSON holds them."""

    employee_id: int
    on_date: date
    unit_code: str
    status: str
    codes: tuple[str, ...]
    in_at: datetime | None
    out_at: datetime | None
    late_minutes: int
    early_minutes: int
    deficit_minutes: int
    absent_days: int
    complete: bool
    document: str | None
    schedule_name: str | None
    schedule_start: datetime | None
    schedule_end: datetime | None
    apel: list[dict[str, Any]]
    reasons: list[dict[str, Any]]
    citations: list[dict[str, Any]]


class Standing(NamedTuple):
    """What a stored verdict is compared by.

    Attributes:
        outcome: a new version is made where it differs; see :func:`load_standing`.
        wording: brought up to date in place where it differs.
        policy_version: likewise.

    """

    unit_code: str
    outcome: tuple[object, ...]
    wording: tuple[object, ...]
    policy_version: str


class StoredVerdict(NamedTuple):
    """A verdict with how it came about; ``judged_by`` is known of versions only."""

    row: VerdictRow
    version: int
    policy_version: str
    judged_at: datetime
    cause: str
    judged_by: str | None = None


class Judged(NamedTuple):
    """A verdict to be kept, and what made it necessary."""

    row: VerdictRow
    cause: str


_ROW = ", ".join(VerdictRow._fields)
_STORED = f"{_ROW}, version, policy_version, judged_at, cause"
_MATCHES = """
    WHERE on_date BETWEEN :first AND :last
      AND (CAST(:ids AS bigint[]) IS NULL OR employee_id = ANY(CAST(:ids AS bigint[])))
      AND (CAST(:units AS text[]) IS NULL OR unit_code = ANY(CAST(:units AS text[])))
"""


def load_verdicts(
    connection: Connection,
    first: date,
    last: date,
    *,
    units: Collection[str] | None = None,
    employees: Collection[int] | None = None,
    told_from: date = date.min,
) -> Iterator[StoredVerdict]:
    """Give the verdicts of the days from ``first`` to ``last``, inclusive, by unit, employee and date.

    Args:
        connection: in a transaction.
        first: the first date.
        last: the last date.
        units: only days that were judged in these units, without those below.
        employees: only these people.
        told_from: days before it come without reasons and citations, save undetermined ones: what only adds days up
            reads a year several times as fast.

    """
    asked = {
        "told_from": told_from,
        "first": first,
        "last": last,
        "ids": None if employees is None else list(employees),
        "units": None if units is None else list(units),
    }
    for rows in connection.execute(_LOAD, asked).partitions(_AT_ONCE):  # one by one they take longer
        yield from map(_stored, rows)


_TOLD = "CASE WHEN on_date >= :told_from OR status = 'undetermined' THEN {0} END"
_LOAD = text(f"""
    SELECT {_STORED.replace("reasons, citations", f"{_TOLD.format('reasons')}, {_TOLD.format('citations')}")}
    FROM verdict {_MATCHES} ORDER BY unit_code, employee_id, on_date
""")  # noqa: S608  made of constants


def _stored(row: Any) -> StoredVerdict:
    judged = VerdictRow._make((*row[:4], tuple(row[4]), *row[5:17], row[17] or [], row[18] or []))
    return StoredVerdict(judged, *row[19:])


def load_standing(
    connection: Connection, employees: Collection[int], first: date, last: date
) -> dict[tuple[int, date], Standing]:
    """Give what the verdicts of some people from ``first`` to ``last``, inclusive, are compared by.

    The outcome is that of the columns from ``unit_code`` to ``document`` and, of each gathering, its id and outcome;
    the wording is the schedule's name, start and end, and the kinds of the reasons; of those that count, their words.
    """
    found: dict[tuple[int, date], Standing] = {}
    for row in connection.execute(_STANDING, {"ids": list(employees), "first": first, "last": last}):
        gatherings = tuple((item["event_id"], item["outcome"]) for item in row.apel)
        outcome = (*row[2:4], tuple(row.codes), *row[5:13], gatherings)
        wording = (*row[13:16], row.told)
        found[row.employee_id, row.on_date] = Standing(row.unit_code, outcome, wording, row.policy_version)
    return found


_STANDING = text(f"""
    SELECT {", ".join(VerdictRow._fields[:17])}, policy_version,
           coalesce((SELECT string_agg(item ->> CASE WHEN item ->> 'kind' IN {COUNTING} THEN 'id' ELSE 'kind' END,
                                       ' ' ORDER BY place)
                     FROM jsonb_array_elements(reasons) WITH ORDINALITY AS reason (item, place)), '') AS told
    FROM verdict WHERE employee_id = ANY(CAST(:ids AS bigint[])) AND on_date BETWEEN :first AND :last
""")  # noqa: S608  made of constants


def load_versions(connection: Connection, employee_id: int, on: date) -> list[StoredVerdict]:
    """Give every version of an employee-day, the first one first."""
    return [_stored(row) for row in connection.execute(_VERSIONS, {"id": employee_id, "on": on})]


_VERSIONS = text(f"""
    SELECT {_STORED}, judged_by FROM verdict_version WHERE employee_id = :id AND on_date = :on ORDER BY version
""")  # noqa: S608  made of constants


def load_verdicts_before(
    connection: Connection, employees: Collection[int], first: date, last: date, at: datetime
) -> list[VerdictRow]:
    """Give what the days of some people from ``first`` to ``last``, inclusive, stood at before an instant."""
    asked = {"ids": list(employees), "first": first, "last": last, "at": at}
    width = len(VerdictRow._fields)
    rows = (VerdictRow(*row[:width]) for row in connection.execute(_BEFORE, asked))
    return [row._replace(codes=tuple(row.codes)) for row in rows]


_BEFORE = text(f"""
    SELECT DISTINCT ON (employee_id, on_date) {_ROW} FROM verdict_version
    WHERE employee_id = ANY(CAST(:ids AS bigint[])) AND on_date BETWEEN :first AND :last AND judged_at < :at
    ORDER BY employee_id, on_date, version DESC
""")  # noqa: S608  made of constants


def people_judged_in(connection: Connection, units: Collection[str] | None, first: date, last: date) -> set[int]:
    """Give those who have a verdict from ``first`` to ``last``, inclusive; in these units, where they are named."""
    asked = {"units": None if units is None else list(units), "first": first, "last": last}
    return set(connection.execute(_JUDGED_IN, asked).scalars())


_JUDGED_IN = text("""
    SELECT DISTINCT employee_id FROM verdict
    WHERE (CAST(:units AS text[]) IS NULL OR unit_code = ANY(CAST(:units AS text[])))
      AND on_date BETWEEN :first AND :last
""")

_TYPES = {
    "employee_id": "bigint",
    "on_date": "date",
    "in_at": "timestamptz",
    "out_at": "timestamptz",
    "late_minutes": "integer",
    "early_minutes": "integer",
    "deficit_minutes": "integer",
    "absent_days": "integer",
    "complete": "boolean",
    "schedule_start": "timestamptz",
    "schedule_end": "timestamptz",
}
_JSON = ("apel", "reasons", "citations")
_GIVEN = (*VerdictRow._fields, "cause")
_ARRAYS = ", ".join(f"CAST(:{name} AS {_TYPES.get(name, 'text')}[])" for name in _GIVEN)
_READ = {name: f"CAST({name} AS jsonb) AS {name}" for name in _JSON}
_READ["codes"] = "string_to_array(codes, ' ') AS codes"  # arrays of arrays would have to be rectangular
_INCOMING = f"""
    incoming AS (
        SELECT {", ".join(_READ.get(name, name) for name in _GIVEN)}
        FROM unnest({_ARRAYS}) AS given ({", ".join(_GIVEN)})
    )
"""  # noqa: S608  made of constants
_JUDGED = "CAST(:policy_version AS text) AS policy_version, CAST(:judged_at AS timestamptz) AS judged_at"
_KEY = ("employee_id", "on_date")
_SET = ", ".join(
    f"{name} = excluded.{name}"
    for name in (*VerdictRow._fields, "version", "policy_version", "judged_at", "cause")
    if name not in _KEY
)

# One statement: a verdict never stands without its version.
_KEEP = text(f"""
    WITH {_INCOMING}, numbered AS (
        SELECT {_ROW}, cause, {_JUDGED}, 1 + coalesce((
            SELECT max(known.version) FROM verdict_version known
            WHERE known.employee_id = incoming.employee_id AND known.on_date = incoming.on_date), 0) AS version
        FROM incoming ORDER BY employee_id, on_date
    ), versioned AS (
        INSERT INTO verdict_version ({_STORED}, judged_by) SELECT {_STORED}, CAST(:by AS text) FROM numbered
    )
    INSERT INTO verdict ({_STORED}) SELECT {_STORED} FROM numbered
    ON CONFLICT (employee_id, on_date) DO UPDATE SET {_SET}
""")  # noqa: S608  made of constants


def keep_verdicts(
    connection: Connection, judged: Sequence[Judged], *, policy_version: str, judged_at: datetime, by: str
) -> None:
    """Make each of these the verdict of its day, as a new version.

    Args:
        connection: in the transaction that loaded the facts and holds the people.
        judged: days whose result differs from what stands.
        policy_version: of the law.
        judged_at: the instant whose knowledge was used.
        by: who had it judged.

    """
    common = {"policy_version": policy_version, "judged_at": judged_at, "by": by}
    for start in range(0, len(judged), _AT_ONCE):
        connection.execute(_KEEP, _columns(judged[start : start + _AT_ONCE]) | common)


_REWORD = text(f"""
    WITH {_INCOMING}
    UPDATE verdict SET policy_version = :policy_version, reasons = incoming.reasons, citations = incoming.citations,
           schedule_name = incoming.schedule_name, schedule_start = incoming.schedule_start,
           schedule_end = incoming.schedule_end
    FROM incoming WHERE verdict.employee_id = incoming.employee_id AND verdict.on_date = incoming.on_date
""")  # noqa: S608  made of constants


def reword_verdicts(connection: Connection, judged: Sequence[Judged], *, policy_version: str) -> None:
    """Bring schedule, reasons and law version of standing verdicts up to date; their results are the same."""
    for start in range(0, len(judged), _AT_ONCE):
        asked = _columns(judged[start : start + _AT_ONCE]) | {"policy_version": policy_version}
        connection.execute(_REWORD, asked)


def _columns(judged: Sequence[Judged]) -> dict[str, object]:
    """Turn rows into one array per column; JSON and codes travel as text."""
    columns: dict[str, object] = {"cause": [item.cause for item in judged]}
    for place, name in enumerate(VerdictRow._fields):
        values = [item.row[place] for item in judged]
        if name in _JSON:
            columns[name] = [json.dumps(value, ensure_ascii=False) for value in values]
        elif name == "codes":
            columns[name] = [" ".join(item.row.codes) for item in judged]
        else:
            columns[name] = values
    return columns


_WITHDRAW = text(f"""
    WITH gone AS (
        DELETE FROM verdict
        USING unnest(CAST(:ids AS bigint[]), CAST(:dates AS date[])) AS given (id, day)
        WHERE employee_id = id AND on_date = day
        RETURNING verdict.*
    )
    INSERT INTO verdict_version ({_STORED}, judged_by)
    SELECT employee_id, on_date, unit_code, 'off', '{{}}', NULL, NULL, 0, 0, 0, 0, true, NULL, NULL, NULL, NULL, '[]',
           CAST(:reasons AS jsonb), '[]', version + 1, :policy_version, :judged_at, :cause, :by
    FROM gone
""")  # noqa: S608  made of constants


def withdraw_verdicts(
    connection: Connection,
    days: Collection[tuple[int, date]],
    *,
    reasons: list[dict[str, Any]],
    policy_version: str,
    judged_at: datetime,
    cause: str,
    by: str,
) -> None:
    """Take back the verdicts of days on which the person turns out to have had no posting; a last version says so."""
    if not days:
        return
    ids, dates = zip(*sorted(days), strict=True)
    asked = {"ids": list(ids), "dates": list(dates), "reasons": json.dumps(reasons, ensure_ascii=False)}
    how = {"policy_version": policy_version, "judged_at": judged_at, "cause": cause, "by": by}
    connection.execute(_WITHDRAW, asked | how)
