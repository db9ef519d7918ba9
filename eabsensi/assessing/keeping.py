"""Judge and keep: exactly the days that something touched, or whole stretches again; with every version that differs.

Whoever judges a person holds that person until the transaction ends, and loads the facts while holding, so the verdict
that is written last has seen the most. Marks go in the same transaction: a crash leaves them where they were.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial

from eabsensi.assessing.addenda import Change, note_addenda
from eabsensi.assessing.city import City
from eabsensi.assessing.content import NOT_POSTED, outcome_of, verdict_row, wording_of
from eabsensi.assessing.letgo import let_go_near
from eabsensi.assessing.ranges import BATCH_DAYS, PersonDay, judge_postings, load_city
from eabsensi.clock import Clock
from eabsensi.law.loader import COVERED_FROM
from eabsensi.law.policy import Policy
from eabsensi.store.connection import Connection
from eabsensi.store.database import Store
from eabsensi.store.dirty import DirtyDay, forget_marks, hold_people, take_dirty, wait_for_person
from eabsensi.store.facts import load_postings
from eabsensi.store.verdicts import (
    Judged,
    Standing,
    keep_verdicts,
    load_standing,
    people_judged_in,
    reword_verdicts,
    withdraw_verdicts,
)

ASSESSOR = "assessor"
BATCH_PEOPLE = 5_000
#: Hosts' clocks differ: what another one has just received or approved may carry an instant slightly ahead of ours. How
#: far devices were read stands in their polls, so no day ends earlier by this.
SKEW = timedelta(minutes=5)
_DAY = timedelta(days=1)
_GAP = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Kept:
    """What a judging came to: employee-days judged, new versions, and addenda to closed months."""

    judged: int = 0
    versions: int = 0
    addenda: int = 0

    def __add__(self, other: Kept) -> Kept:
        """Add up two judgings."""
        return Kept(self.judged + other.judged, self.versions + other.versions, self.addenda + other.addenda)


@dataclass(frozen=True, slots=True)
class Occasion:
    """One judging: under which law, by what was known when, on whose behalf.

    Attributes:
        city: law, units and devices, as known at ``as_of``.
        as_of: the instant of knowledge.
        judged_at: the present instant.
        by: who had it judged.

    """

    city: City
    as_of: datetime
    judged_at: datetime
    by: str

    def can_judge(self, on: date) -> bool:
        """Tell whether the punches of a day are there: its own month's, and for a night's those of the days beside."""
        return not self.city.let_go or let_go_near(self.city.let_go, on) is None


def make_occasion(connection: Connection, policy: Policy, clock: Clock, by: str) -> Occasion:
    """Take the present as the instant of knowledge; call it once the people are held."""
    now = clock.now()
    return Occasion(load_city(connection, policy, now + SKEW), now + SKEW, now, by)


def assess_dirty(store: Store, policy: Policy, clock: Clock, limit: int = 1_000) -> int:
    """Judge the days that were marked first, and remove their marks, in one transaction.

    Args:
        store: the open database.
        policy: the law.
        clock: tells the time.
        limit: marks to take at once.

    Returns:
        How many days were done; 0 where no mark waits that nobody else is at work on.

    """
    with store.begin() as connection:
        marked = take_dirty(connection, limit)
        if not marked:
            return 0
        occasion = make_occasion(connection, policy, clock, ASSESSOR)
        today = occasion.city.latest_date(occasion.judged_at)
        for group in _near(item for item in marked if COVERED_FROM <= item.on <= today):
            causes = {(item.employee_id, item.on): item.cause for item in group}
            people = {item.employee_id for item in group}
            keep_people(connection, occasion, people, group[0].on, group[-1].on, causes=causes)
        return len(marked)


def _near(marked: Iterator[DirtyDay]) -> Iterator[Sequence[DirtyDay]]:
    """Part the days, in order of date, where a gap is wider than what is worth reading."""
    group: list[DirtyDay] = []
    for item in sorted(marked, key=lambda item: item.on):
        if group and item.on - group[-1].on > _GAP:
            yield group
            group = []
        group.append(item)
    if group:
        yield group


def rebuild(
    store: Store,
    policy: Policy,
    first: date,
    last: date,
    units: Collection[str] | None = None,
    *,
    by: str,
    cause: str,
    clock: Clock,
    done: Callable[[int], None] = lambda _: None,
) -> Kept:
    """Judge every day from ``first`` to ``last``, inclusive, again.

    Days still to come are left out, and those from before the law that is kept.

    Args:
        store: the open database.
        policy: the law.
        first: the first date.
        last: the last date.
        units: whose people, without units below; None is everybody.
        by: who asked for it.
        cause: why, kept with each new version.
        clock: tells the time.
        done: told after each batch how many employee-days have been judged in all.

    """
    first = max(first, COVERED_FROM)
    with store.begin() as connection:
        last = min(last, load_city(connection, policy, clock.now()).latest_date(clock.now()))
        people = sorted(_concerned(connection, units, first, last)) if first <= last else []
    total = Kept()
    for start in range(0, len(people), BATCH_PEOPLE):
        batch = people[start : start + BATCH_PEOPLE]
        for low, high in _stretches(first, last, len(batch)):
            again = partial(_judge_again, policy=policy, clock=clock, first=low, last=high, by=by, cause=cause)
            total += _in_turn(store, batch, again)
            done(total.judged)
    return total


def _judge_again(
    connection: Connection,
    held: Collection[int],
    *,
    policy: Policy,
    clock: Clock,
    first: date,
    last: date,
    by: str,
    cause: str,
) -> Kept:
    forget_marks(connection, held, first, last)
    return keep_people(connection, make_occasion(connection, policy, clock, by), held, first, last, causes=cause)


def _concerned(connection: Connection, units: Collection[str] | None, first: date, last: date) -> set[int]:
    """Give those who are posted in the units, and those who once were judged there."""
    postings = load_postings(connection, first, last, units=None if units is None else list(units))
    return {posting.person.employee_id for posting in postings} | people_judged_in(connection, units, first, last)


def _stretches(first: date, last: date, people: int) -> Iterator[tuple[date, date]]:
    step = max(1, BATCH_DAYS // people) * _DAY
    while first <= last:
        yield first, min(last, first + step - _DAY)
        first += step


def _in_turn(store: Store, people: Collection[int], judge: Callable[[Connection, Collection[int]], Kept]) -> Kept:
    """Hold and judge each of these people once, in as few transactions as others at work leave possible."""
    pending, total = set(people), Kept()
    while pending:
        with store.begin() as connection:
            held = hold_people(connection, pending)
            if not held:
                held = [min(pending)]
                wait_for_person(connection, held[0])
            total += judge(connection, held)
        pending.difference_update(held)
    return total


def keep_people(
    connection: Connection,
    occasion: Occasion,
    people: Collection[int],
    first: date,
    last: date,
    *,
    causes: Mapping[tuple[int, date], str] | str,
) -> Kept:
    """Judge people who are held, and keep what differs from what stands.

    Args:
        connection: the transaction that holds them.
        occasion: made while they were held.
        people: who.
        first: the first date.
        last: the last date, inclusive.
        causes: why, by employee and date, and then only these days are judged; or one cause for all days.

    """
    wanted = None if isinstance(causes, str) else causes.keys()
    postings = load_postings(connection, first, last, employees=people)
    standing = load_standing(connection, people, first, last)
    judged = judge_postings(connection, occasion.city, postings, first, last, as_of=occasion.as_of, wanted=wanted)
    days = [day for day in judged if occasion.can_judge(day.verdict.workday.on)]
    standing = {key: stood for key, stood in standing.items() if occasion.can_judge(key[1])}
    changed, reworded = _differing(days, standing, occasion.city.policy.version, causes)
    left = {key for key in standing if wanted is None or key in wanted} - {_key(day) for day in days}
    _save(connection, occasion, changed, reworded)
    _withdraw(connection, occasion, left, causes)
    changes = [Change(item.row, standing.get(item.row[:2]), item.row[:2], item.cause) for item in changed]
    changes += [Change(None, standing[key], key, _cause(causes, key)) for key in sorted(left)]
    addenda = note_addenda(connection, occasion.city, changes, occasion.judged_at)
    return Kept(len(days), len(changed) + len(left), addenda)


def _key(day: PersonDay) -> tuple[int, date]:
    return day.person.employee_id, day.verdict.workday.on


def _differing(
    days: Sequence[PersonDay],
    standing: Mapping[tuple[int, date], Standing],
    policy_version: str,
    causes: Mapping[tuple[int, date], str] | str,
) -> tuple[list[Judged], list[Judged]]:
    """Give the days with another outcome, and those with the same outcome in other words."""
    changed: list[Judged] = []
    reworded: list[Judged] = []
    for day in days:
        key = _key(day)
        known = standing.get(key)
        if known is None or known.outcome != outcome_of(day):
            changed.append(Judged(verdict_row(day), _cause(causes, key)))
        elif known.policy_version != policy_version or known.wording != wording_of(day):
            reworded.append(Judged(verdict_row(day), ""))
    return changed, reworded


def _cause(causes: Mapping[tuple[int, date], str] | str, key: tuple[int, date]) -> str:
    return causes if isinstance(causes, str) else causes[key]


def _save(connection: Connection, occasion: Occasion, changed: Sequence[Judged], reworded: Sequence[Judged]) -> None:
    version = occasion.city.policy.version
    keep_verdicts(connection, changed, policy_version=version, judged_at=occasion.judged_at, by=occasion.by)
    reword_verdicts(connection, reworded, policy_version=version)


def _withdraw(
    connection: Connection,
    occasion: Occasion,
    days: Collection[tuple[int, date]],
    causes: Mapping[tuple[int, date], str] | str,
) -> None:
    """Take back the verdicts of days on which people turn out to have had no posting."""
    by_cause: dict[str, list[tuple[int, date]]] = {}
    for key in days:
        by_cause.setdefault(_cause(causes, key), []).append(key)
    for cause, keys in by_cause.items():
        withdraw_verdicts(
            connection,
            keys,
            reasons=[NOT_POSTED],
            policy_version=occasion.city.policy.version,
            judged_at=occasion.judged_at,
            cause=cause,
            by=occasion.by,
        )
