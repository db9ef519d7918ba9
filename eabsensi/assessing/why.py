"""One day of one person explained: the facts as they were known, the verdict taken apart, and what was said before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import cast

from eabsensi.assessing.letgo import kept_rows, let_go_near, verdict_kept
from eabsensi.assessing.ranges import day_case, load_city
from eabsensi.discipline.explanation import Explanation, explain
from eabsensi.discipline.facts import Covers, DocumentFact, DocumentKind
from eabsensi.discipline.verdict import Verdict
from eabsensi.errors import UsageError
from eabsensi.importing.fields import nearest
from eabsensi.law.policy import Policy
from eabsensi.sealing.heads import head_at
from eabsensi.store.connection import Connection
from eabsensi.store.documents import DocumentRow, list_documents
from eabsensi.store.facts import load_postings
from eabsensi.store.people import Posting, list_employees, load_employees
from eabsensi.store.people import load_postings as load_all_postings
from eabsensi.store.periods import Addendum, Period, load_addenda, load_periods
from eabsensi.store.seals import RetiredMonth, retired_months
from eabsensi.store.verdicts import StoredVerdict, load_versions

_DAY = timedelta(days=1)


class UnknownPersonError(UsageError):
    """There is no such employee."""


class NotPostedError(UsageError):
    """The employee has no posting on the date."""


@dataclass(frozen=True, slots=True)
class LetGo:
    """Punches of a month that were let go under the rules of retention.

    Attributes:
        retired: the month, and who let it go, when and why.
        kept: the verdict was kept from before; else nothing is known of the day.
        head: of the chain over the evidence when the punches were let go; all of them were sealed by then.

    """

    retired: RetiredMonth
    kept: bool
    head: str | None


@dataclass(frozen=True, slots=True)
class DayExplained:
    """A day explained.

    Attributes:
        explanation: facts, verdict, sums and what would change it.
        undecided: papers of the person and of the unit and those above it that cover the day and are filed or
            revoked, so that they do not count.
        versions: what was said of the day before, the first one first; only what was known at the instant.
        period: the last word on the month of the unit; None where it was never closed.
        addenda: what was learnt about the day since its month was closed.
        let_go: where the punches went that the verdict rested on; None where they are there. The verdict is then the
            one that was kept, or undetermined, and nothing about punches, arithmetic and devices is told.

    """

    explanation: Explanation
    undecided: tuple[DocumentRow, ...]
    versions: tuple[StoredVerdict, ...]
    period: Period | None
    addenda: tuple[Addendum, ...]
    let_go: LetGo | None = None


def explain_day(connection: Connection, policy: Policy, nip: str, on: date, *, as_of: datetime) -> DayExplained:
    """Explain one day.

    Args:
        connection: an open transaction of the store.
        policy: the law.
        nip: of the person; spaces and dots, as letters have them, are passed over.
        on: the date.
        as_of: the instant whose knowledge is used, timezone-aware.

    Raises:
        UnknownPersonError: there is no such employee.
        NotPostedError: the employee had no posting on the date.

    """
    employee_id, name = find_person(connection, nip)
    postings = load_postings(connection, on - _DAY, on + _DAY, employees=[employee_id])
    posting = next((row for row in postings if row.start <= on < row.end), None)
    if posting is None:
        raise _not_posted(name, load_all_postings(connection, [employee_id]), on)
    city = load_city(connection, policy, as_of)
    facts, day = day_case(connection, city, postings, on, as_of=as_of)
    papers = _papers(connection, posting.person.nip, city.ancestry(posting.unit_code), on)
    counted = {document.id for document in facts.documents}
    undecided = [row for row in papers if row.filed_at <= as_of and row.id not in counted]
    filed = [_filed(row) for row in undecided if row.revoked_at is None or row.revoked_at > as_of]
    month = on.replace(day=1)
    periods = [row for row in load_periods(connection, [month], [posting.unit_code]) if row.at <= as_of]
    period = periods[-1] if periods else None
    addenda = load_addenda(connection, posting.unit_code, month, period.version) if period else []
    explanation = explain(facts, day, city.rules(on), as_of, filed)
    month_gone = let_go_near(city.let_go, on)
    let_go = None
    if month_gone:
        row = kept_rows(connection, city.let_go, [employee_id], [on], as_of).get((employee_id, on))
        let_go = _let_go(connection, month_gone, kept=row is not None)
        explanation = _without_punches(explanation, verdict_kept(row, explanation.verdict, month_gone, facts.zone))
    return DayExplained(
        explanation=explanation,
        let_go=let_go,
        undecided=tuple(undecided),
        versions=tuple(row for row in load_versions(connection, employee_id, on) if row.judged_at <= as_of),
        period=period,
        addenda=tuple(row for row in addenda if row.employee_id == employee_id and row.on_date == on),
    )


def _let_go(connection: Connection, month: date, *, kept: bool) -> LetGo:
    retired = next(item for item in retired_months(connection) if item.month == month)
    return LetGo(retired, kept, head_at(connection, retired.at))


def _without_punches(explanation: Explanation, verdict: Verdict) -> Explanation:
    """Take out what would be told as though nobody had come."""
    return replace(explanation, verdict=verdict, punches=(), steps=(), needs=(), changes=())


def find_person(connection: Connection, nip: str) -> tuple[int, str]:
    """Find a person by NIP; spaces and dots, as letters have them, are passed over. Give id and name.

    Raises:
        UnknownPersonError: there is no such employee.

    """
    written = "".join(letter for letter in nip if letter not in " .'")
    known = load_employees(connection, [nip, written])
    found = known.get(nip) or known.get(written)
    if found:
        return found[0], found[1].name
    names = {row.nip: row.name for row in list_employees(connection)}
    near = nearest(written, names)
    raise UnknownPersonError(
        f"There is no employee with NIP {nip}.", remedy=f"{near}`eabsensi employee list` shows them."
    )


def _not_posted(name: str, postings: Sequence[Posting], on: date) -> NotPostedError:
    held = "; ".join(f"{row.unit} from {row.start}{_until(row)}" for row in postings)
    return NotPostedError(
        f"{name} has no posting on {on}, so nothing was asked of that day.",
        remedy=f"Postings: {held}." if held else "Give the employee a unit with `eabsensi employee import`.",
    )


def _until(posting: Posting) -> str:
    return f" to {posting.end - _DAY}" if posting.end else ""


def _papers(connection: Connection, nip: str, units: Sequence[str], on: date) -> list[DocumentRow]:
    """Give every paper of the person and of these units that covers the date, in whatever state."""
    own = list_documents(connection, nip=nip, first=on, last=on)
    of_units = list_documents(connection, units=units, first=on, last=on)
    return sorted([*own, *(row for row in of_units if row.nip is None)], key=lambda row: (row.first, row.id))


def _filed(row: DocumentRow) -> DocumentFact:
    return DocumentFact(
        id=row.id,
        kind=DocumentKind(row.kind),
        first_on=row.first,
        last_on=row.last,
        number=row.number,
        approved_at=row.filed_at,
        approved_by="",
        covers=cast("Covers", row.covers),
        unit_wide=row.nip is None,
        note=row.note,
    )
