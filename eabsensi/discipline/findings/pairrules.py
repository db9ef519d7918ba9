"""R8 and R11: two people who record as one, and one person in two places."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from eabsensi.discipline.findings.facts import Journey, Meeting, Pair, Person
from eabsensi.discipline.findings.finding import About, Both, Evidence, Finding, Rule, Subject, dates_of, many
from eabsensi.discipline.findings.personrules import subject_of
from eabsensi.law import findinglimits as limits
from eabsensi.law.wording import Language, length_of_time


def companions(pairs: Iterable[Pair], limit: limits.CompanionLimits) -> Iterator[Finding]:
    """R8: the same two within seconds, in the same order, on many days."""
    for pair in pairs:
        met = [meeting for meeting in pair.meetings if meeting.seconds <= limit.within_seconds]
        ordered = [meeting for meeting in met if meeting.forward is not None]
        if not ordered:
            continue
        forward = sum(bool(meeting.forward) for meeting in ordered)
        leads = forward * 2 >= len(ordered)
        same = max(forward, len(ordered) - forward)
        days = len({meeting.at.date() for meeting in met})
        often = days >= limit.days and 100 * days >= limit.percent * max(pair.days_both, 1)
        if often and 100 * same >= limit.order_percent * len(ordered):
            first, second = (pair.first, pair.second) if leads else (pair.second, pair.first)
            share = round(100 * same / len(ordered))
            yield _companions((first, second), met, (days, pair.days_both), share, limit)


def _companions(
    people: tuple[Person, Person],
    met: Sequence[Meeting],
    days: tuple[int, int],
    same: int,
    limit: limits.CompanionLimits,
) -> Finding:
    first, second = people
    rows = tuple(Evidence(meeting.at, meeting.serial, _meeting(meeting)) for meeting in met)
    of = Both(f"{days[0]} dari {days[1]} hari", f"{days[0]} of {many(days[1], 'day')}")
    return Finding(
        Rule.R8,
        Subject(About.PERSON, first.nip, f"{first.name} + {second.name} ({second.nip})", first.unit),
        dates_of(rows),
        Both(f"{of.id}, urutan sama {same} %", f"{of.en}, same order {same} %"),
        Both(
            f"{limit.days} hari dan {limit.percent} %, urutan {limit.order_percent} %, {limit.within_seconds} detik",
            f"{many(limit.days, 'day')} and {limit.percent} %, order {limit.order_percent} %, {limit.within_seconds} s",
        ),
        Both(
            f"{first.name} dan {second.name} ({second.nip}) merekam berurutan dalam {limit.within_seconds} detik "
            f"pada {of.id} keduanya hadir.",
            f"{first.name} and {second.name} ({second.nip}) record one after the other within {limit.within_seconds} "
            f"seconds on {of.en} on which both did.",
        ),
        rows,
    )


def _meeting(meeting: Meeting) -> Both:
    return Both(f"berselang {meeting.seconds} detik", f"{meeting.seconds} seconds apart")


def impossible_travel(journeys: Iterable[Journey], limit: limits.TravelLimits) -> Iterator[Finding]:
    """R11: one person on terminals of two units within minutes.

    Where many people go between the same two terminals, these stand side by side and nobody is shown for it.
    """
    short = [journey for journey in journeys if journey.seconds < limit.minutes * 60]
    near = _neighbours(short, limit.neighbour_people)
    by_person: dict[Person, list[Journey]] = defaultdict(list)
    for journey in short:
        if _ends(journey) not in near:
            by_person[journey.person].append(journey)
    for person, found in by_person.items():
        if len(found) >= limit.times:
            yield _travel(person, found, limit)


def _ends(journey: Journey) -> frozenset[str]:
    return frozenset((journey.serial, journey.next_serial))


def _neighbours(journeys: Iterable[Journey], people: int) -> set[frozenset[str]]:
    who: dict[frozenset[str], set[int]] = defaultdict(set)
    for journey in journeys:
        who[_ends(journey)].add(journey.person.id)
    return {ends for ends, found in who.items() if len(found) >= people}


def _travel(person: Person, found: Sequence[Journey], limit: limits.TravelLimits) -> Finding:
    rows = tuple(Evidence(journey.at, journey.serial, _journey(journey)) for journey in found)
    return Finding(
        Rule.R11,
        subject_of(person),
        dates_of(rows),
        Both(f"{len(rows)} kali", many(len(rows), "time")),
        Both(f"{limit.times} kali, {limit.minutes} menit", f"{many(limit.times, 'time')}, {limit.minutes} min"),
        Both(
            f"PIN pegawai ini merekam di mesin dua unit dalam kurang dari {limit.minutes} menit, {len(rows)} kali.",
            f"This employee's PIN recorded on terminals of two units within {limit.minutes} minutes, "
            f"{many(len(rows), 'time')}.",
        ),
        rows,
    )


def _journey(journey: Journey) -> Both:
    return Both(
        f"lalu di {journey.next_serial}, {length_of_time(journey.seconds, Language.ID)} kemudian",
        f"then on {journey.next_serial}, {length_of_time(journey.seconds, Language.EN)} later",
    )
