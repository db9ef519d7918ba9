"""R7 and the second half of R13: what people do beside the others of their unit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from eabsensi.discipline.findings.facts import Person, PersonDay
from eabsensi.discipline.findings.finding import About, Both, Evidence, Finding, Rule, Subject, many
from eabsensi.discipline.findings.personrules import subject_of
from eabsensi.law import findinglimits as limits


@dataclass(frozen=True, slots=True)
class Tally:
    """What is kept of a person's days until the whole unit has been seen.

    Attributes:
        person: who.
        records: of all days.
        password, card: of these.
        otherwise: the days with records by password or card: date, how many of each.
        days: with two records or more, without shifts.
        midday: of these, with one at midday.
        bare: the dates without.

    """

    person: Person
    records: int
    password: int
    card: int
    otherwise: tuple[tuple[date, int, int], ...]
    days: int
    midday: int
    bare: tuple[date, ...]

    @classmethod
    def of(cls, person: Person, days: Sequence[PersonDay]) -> Tally:
        """Add up a person's days."""
        whole = [day for day in days if day.records > 1 and not day.shift]
        return cls(
            person=person,
            records=sum(day.records for day in days),
            password=sum(day.password for day in days),
            card=sum(day.card for day in days),
            otherwise=tuple((day.on, day.password, day.card) for day in days if day.password or day.card),
            days=len(whole),
            midday=sum(day.midday for day in whole),
            bare=tuple(day.on for day in whole if not day.midday),
        )


def _by_unit(tallies: Iterable[Tally]) -> dict[str, list[Tally]]:
    found: dict[str, list[Tally]] = defaultdict(list)
    for tally in tallies:
        found[tally.person.unit].append(tally)
    return found


def _percent(part: int, whole: int) -> float:
    return 100 * part / whole if whole else 0.0


# --- R7 ------------------------------------------------------------------------------------------------------------


def without_finger(tallies: Iterable[Tally], names: dict[str, str], limit: limits.VerifyLimits) -> Iterator[Finding]:
    """R7: passwords and cards instead of a finger or face.

    Where a whole unit does so, the unit is shown: its terminal has no reader, or does not tell. Who uses nothing but a
    card has been given one; shown is who could do otherwise and often does not.

    Args:
        tallies: of everybody.
        names: unit code to name.
        limit: the thresholds.

    """
    for unit, people in _by_unit(tallies).items():
        others, records = sum(one.password + one.card for one in people), sum(one.records for one in people)
        if _percent(others, records) >= limit.unit_percent and len(people) > 1:
            yield _whole_unit(unit, names.get(unit, unit), people, limit)
            continue
        for one in people:
            if _is_shown(one, limit):
                yield _person_without_finger(one, limit)


def _is_shown(one: Tally, limit: limits.VerifyLimits) -> bool:
    if len(one.otherwise) < limit.days:
        return False
    has_card = _percent(one.card, one.records) > limit.card_most_percent
    others = one.password if has_card else one.password + one.card
    return _percent(others, one.records) >= limit.percent


def _person_without_finger(one: Tally, limit: limits.VerifyLimits) -> Finding:
    count, share = one.password + one.card, _percent(one.password + one.card, one.records)
    return Finding(
        Rule.R7,
        subject_of(one.person),
        tuple(on for on, _, _ in one.otherwise),
        Both(f"{share:.0f} % pada {len(one.otherwise)} hari", f"{share:.0f} % on {many(len(one.otherwise), 'day')}"),
        Both(f"{limit.percent} %, {limit.days} hari", f"{limit.percent} %, {many(limit.days, 'day')}"),
        Both(
            f"{count} dari {one.records} rekaman memakai kata sandi ({one.password}) atau kartu ({one.card}).",
            f"{count} of {many(one.records, 'record')} are by password ({one.password}) or card ({one.card}).",
        ),
        tuple(Evidence(on, "", _ways(password, card)) for on, password, card in one.otherwise),
    )


def _ways(password: int, card: int) -> Both:
    return Both(f"kata sandi {password}, kartu {card}", f"password {password}, card {card}")


def _whole_unit(unit: str, name: str, people: Sequence[Tally], limit: limits.VerifyLimits) -> Finding:
    by_day: dict[date, tuple[int, int]] = defaultdict(lambda: (0, 0))
    for one in people:
        for on, password, card in one.otherwise:
            by_day[on] = (by_day[on][0] + password, by_day[on][1] + card)
    count, records = sum(map(sum, by_day.values())), sum(one.records for one in people)
    share = _percent(count, records)
    return Finding(
        Rule.R7,
        Subject(About.UNIT, unit, name, unit),
        tuple(sorted(by_day)),
        Both(f"{share:.0f} %", f"{share:.0f} %"),
        Both(f"{limit.unit_percent} %", f"{limit.unit_percent} %"),
        Both(
            f"{count} dari {records} rekaman seluruh unit memakai kata sandi atau kartu; periksa mesinnya dahulu.",
            f"{count} of {many(records, 'record')} of the whole unit are by password or card; see its terminal first.",
        ),
        tuple(Evidence(on, "", _ways(*by_day[on])) for on in sorted(by_day)),
    )


# --- R13 -----------------------------------------------------------------------------------------------------------


def no_midday(tallies: Iterable[Tally], limit: limits.MiddayLimits) -> Iterator[Finding]:
    """R13: nothing at midday, in a unit where the others record then."""
    for people in _by_unit(tallies).values():
        days, midday = sum(one.days for one in people), sum(one.midday for one in people)
        usual = _percent(midday, days)
        if usual < limit.unit_percent:
            continue
        for one in people:
            own = _percent(one.midday, one.days)
            if one.days >= limit.days and own <= limit.person_percent:
                yield _midday(one, own, usual, limit)


def _midday(one: Tally, own: float, usual: float, limit: limits.MiddayLimits) -> Finding:
    nothing = Both("datang dan pulang, tanpa rekaman siang", "in and out, nothing at midday")
    return Finding(
        Rule.R13,
        subject_of(one.person),
        one.bare,
        Both(f"{own:.0f} % dari {one.days} hari", f"{own:.0f} % of {many(one.days, 'day')}"),
        Both(f"{limit.person_percent} %", f"{limit.person_percent} %"),
        Both(
            f"Rekaman siang hanya pada {one.midday} dari {one.days} hari; di unitnya {usual:.0f} %.",
            f"There is a record at midday on {one.midday} of {many(one.days, 'day')}; in the unit on {usual:.0f} %.",
        ),
        tuple(Evidence(on, "", nothing) for on in one.bare),
    )
