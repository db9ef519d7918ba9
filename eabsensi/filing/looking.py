"""Papers as the pages show them: those in scope, and one with its history, its days and what may be done."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, NamedTuple

from eabsensi.access.refusals import RefusedError
from eabsensi.access.roles import Right
from eabsensi.assessing.city import UnknownUnitError
from eabsensi.filing.clerk import Clerk
from eabsensi.filing.judging import TouchedDays, look_at_days
from eabsensi.filing.papers import open_paper, postings_of, rehearsal, require_other_eyes
from eabsensi.filing.wishes import kinds_on, plain
from eabsensi.law.policy import Policy
from eabsensi.law.wording import Language
from eabsensi.store.connection import Connection
from eabsensi.store.documents import DocumentRow, unrevoked_documents
from eabsensi.store.facts import load_postings
from eabsensi.store.filed import DocumentStep, FiledDocument, document_history, search_documents
from eabsensi.store.people import units_below
from eabsensi.store.periods import latest_periods

MOST_LISTED: Final = 200
MOST_DAYS: Final = 93
MOST_OFFERED: Final = 400


class Kind(NamedTuple):
    """A kind of paper: its internal name, and as printed."""

    name: str
    code: str
    printed: str

    def said(self, language: Language) -> str:
        """Name it with its code, e.g. ``Cuti tahunan (CT)``."""
        word = self.printed if language is Language.ID else self.name.replace("_", " ")
        return f"{word[:1].upper()}{word[1:]} ({self.code})"


def kind_of(policy: Policy, name: str, on: date) -> Kind:
    """Give a kind as the law of a date prints it; one that it does not know keeps its own name."""
    rule = kinds_on(policy, on).get(name)
    return Kind(name, rule.code, rule.name) if rule else Kind(name, name.upper(), name.replace("_", " "))


def offered_kinds(policy: Policy, on: date) -> list[Kind]:
    """Give the kinds that a form offers, by name."""
    kinds = (Kind(name, rule.code, rule.name) for name, rule in kinds_on(policy, on).items())
    return sorted(kinds, key=lambda kind: kind.printed)


class Offered(NamedTuple):
    """A person whom a form offers."""

    nip: str
    name: str
    unit: str


def offered_people(connection: Connection, clerk: Clerk, on: date) -> list[Offered]:
    """Give the people in scope on a day, by name; none where they are too many to choose from."""
    if clerk.units is None:
        return []
    postings = load_postings(connection, on, on, units=sorted(clerk.units))
    people = [Offered(posting.person.nip, posting.person.name, posting.unit_code) for posting in postings]
    return sorted(people, key=lambda person: person.name) if len(people) <= MOST_OFFERED else []


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which papers are looked for; None and ``""`` narrow nothing.

    Attributes:
        unit: code of a unit, with those below it.
        person: a NIP, or part of a name.
        first, last: only papers that cover one of these days.
        state: ``filed``, ``approved`` or ``revoked``.

    """

    unit: str | None = None
    person: str = ""
    first: date | None = None
    last: date | None = None
    state: str | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """The papers found, and whether there are more than are shown."""

    rows: tuple[tuple[DocumentRow, Kind], ...]
    more: bool


def find_papers(connection: Connection, clerk: Clerk, wanted: Wanted, most: int = MOST_LISTED) -> Listed:
    """Give the papers in scope, ``most`` of them; for those who decide, the ones that wait come first.

    Raises:
        NotAllowedError: the role may not see papers, or the unit is outside the scope.
        UnknownUnitError: there is no such unit.

    """
    clerk.require(Right.FILE_DOCUMENT)
    rows = search_documents(
        connection,
        units=_scope(connection, clerk, wanted.unit),
        person=plain(wanted.person)[:100],
        first=wanted.first,
        last=wanted.last,
        state=wanted.state,
        waiting_first=clerk.may(Right.DECIDE_DOCUMENT),
        limit=most + 1,
    )
    shown = tuple((row, kind_of(clerk.policy, row.kind, row.first)) for row in rows[:most])
    return Listed(shown, len(rows) > most)


def _scope(connection: Connection, clerk: Clerk, unit: str | None) -> Collection[str] | None:
    if unit is None:
        return clerk.units
    if clerk.viewer is not None:
        clerk.viewer.require_unit(unit)
    below = units_below(connection, unit)
    if not below:
        raise UnknownUnitError(f"There is no unit {unit}.", remedy="Choose one from the list.")
    return below if clerk.units is None else [code for code in below if code in clerk.units]


@dataclass(frozen=True, slots=True)
class PaperView:
    """One paper with everything that a decision needs.

    Attributes:
        row, kind: the paper.
        history: what was done to it.
        others: papers of the same owner on the same days that count or wait.
        days: what it touches.
        closed: months among them that are closed; what changes there becomes an addendum.
        may_approve, may_revoke, may_withdraw: what the viewer can do about it.
        refusal: why a viewer who decides cannot approve it; None where nothing is against it.

    """

    row: DocumentRow
    kind: Kind
    history: tuple[DocumentStep, ...]
    others: tuple[tuple[int, Kind, date, date], ...]
    days: TouchedDays
    closed: tuple[date, ...]
    may_approve: bool
    may_revoke: bool
    may_withdraw: bool
    refusal: RefusedError | None


def look_at_paper(connection: Connection, clerk: Clerk, document_id: int) -> PaperView:
    """Give one paper.

    Raises:
        NotAllowedError: it is outside the scope.
        NoSuchDocumentError: there is none.

    """
    clerk.require(Right.FILE_DOCUMENT)
    paper = open_paper(connection, clerk, document_id)
    row = paper.row
    history = tuple(document_history(connection, row.id))
    decides, refusal = clerk.may(Right.DECIDE_DOCUMENT), _refusal(clerk, row)
    days = _days_of(connection, clerk, paper, history)
    return PaperView(
        row=row,
        kind=kind_of(clerk.policy, row.kind, row.first),
        history=history,
        others=tuple(_others(connection, clerk, paper)),
        days=days,
        closed=tuple(_closed(connection, days)),
        may_approve=decides and row.state == "filed" and refusal is None,
        may_revoke=decides and row.state != "revoked",
        may_withdraw=not decides and row.state == "filed" and clerk.is_same(row.filed_by),
        refusal=refusal if decides and row.state == "filed" else None,
    )


def _refusal(clerk: Clerk, row: DocumentRow) -> RefusedError | None:
    try:
        require_other_eyes(clerk, row)
    except RefusedError as refused:
        return refused
    return None


def _others(connection: Connection, clerk: Clerk, paper: FiledDocument) -> list[tuple[int, Kind, date, date]]:
    row = paper.row
    owner = ([paper.employee_id] if paper.employee_id else [], [row.unit] if row.unit else [])
    return [
        (known.id, kind_of(clerk.policy, document.kind, document.first_on), document.first_on, document.last_on)
        for known in unrevoked_documents(connection, *owner)
        if known.id != row.id and (document := known.document).first_on <= row.last and row.first <= document.last_on
    ]


def _days_of(
    connection: Connection, clerk: Clerk, paper: FiledDocument, history: Sequence[DocumentStep]
) -> TouchedDays:
    row = paper.row
    return look_at_days(
        connection,
        clerk,
        postings_of(connection, paper),
        last=row.last,
        since=_decided_at(row, history),
        limit=MOST_DAYS,
        change=rehearsal(clerk, row),
    )


def _closed(connection: Connection, days: TouchedDays) -> list[date]:
    months = {(day.unit, day.on.replace(day=1)) for day in days.shown}
    latest = latest_periods(connection, {month for _, month in months}, {unit for unit, _ in months}) if months else {}
    return sorted({key[1] for key in months if key in latest and latest[key].state == "closed"})


def _decided_at(row: DocumentRow, history: Sequence[DocumentStep]) -> datetime | None:
    """Give when the paper began to count here, or ceased to; None where it never did."""
    return history[-1].at if row.approved_at and history else None
