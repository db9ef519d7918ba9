"""R15: corrections by paper, beside what is usual in the city."""

from __future__ import annotations

import statistics
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from operator import attrgetter
from typing import NamedTuple, TypeVar

from eabsensi.discipline.findings.facts import Correction
from eabsensi.discipline.findings.finding import About, Both, Evidence, Finding, Rule, Subject, dates_of, many
from eabsensi.discipline.findings.personrules import subject_of
from eabsensi.law import findinglimits as limits

K = TypeVar("K")
_PERSON, _ACCOUNT = attrgetter("person"), attrgetter("filed_by")


class Usual(NamedTuple):
    """The median number of corrections of those employees, and those accounts, that have any."""

    person: float
    account: float

    @classmethod
    def of(cls, papers: Sequence[Correction]) -> Usual:
        """Count the whole city's papers."""
        people, accounts = (Counter(key(paper) for paper in papers) for key in (_PERSON, _ACCOUNT))
        return cls(*(statistics.median(counts.values()) if counts else 0.0 for counts in (people, accounts)))


def corrections(papers: Sequence[Correction], limit: limits.CorrectionLimits, usual: Usual) -> Iterator[Finding]:
    """R15: many of one employee or account, many shortly before a month is closed, and those for oneself.

    Args:
        papers: those that are looked at.
        limit: the thresholds.
        usual: what is usual in the whole city.

    """
    yield from _many_of_one_person(papers, limit, usual.person)
    yield from _many_of_one_account(papers, limit, usual.account)
    yield from _before_closing(papers, limit)
    yield from _own(papers, limit)


def _grouped(papers: Iterable[Correction], key: Callable[[Correction], K]) -> Mapping[K, list[Correction]]:
    found: dict[K, list[Correction]] = defaultdict(list)
    for paper in papers:
        found[key(paper)].append(paper)
    return found


def _many_of_one_person(
    papers: Sequence[Correction], limit: limits.CorrectionLimits, median: float
) -> Iterator[Finding]:
    least = max(limit.person_papers, limit.times_median * median)
    for group in _grouped(papers, lambda paper: paper.person).values():
        if len(group) >= least:
            sentence = Both(
                f"{len(group)} koreksi dengan surat; nilai tengah kota {median:g}.",
                f"{many(len(group), 'correction')} by paper; the city's median is {median:g}.",
            )
            yield _made(subject_of(group[0].person), group, limit.person_papers, limit.times_median, sentence)


def _many_of_one_account(
    papers: Sequence[Correction], limit: limits.CorrectionLimits, median: float
) -> Iterator[Finding]:
    least = max(limit.filer_papers, limit.times_median * median)
    for group in _grouped(papers, lambda paper: paper.filed_by).values():
        if len(group) >= least:
            sentence = Both(
                f"Akun ini mengajukan {len(group)} koreksi; nilai tengah semua akun {median:g}.",
                f"This account filed {many(len(group), 'correction')}; the median of all accounts is {median:g}.",
            )
            yield _made(_account(group), group, limit.filer_papers, limit.times_median, sentence)


def _before_closing(papers: Sequence[Correction], limit: limits.CorrectionLimits) -> Iterator[Finding]:
    hours = limit.before_close_hours
    late = [one for one in papers if one.hours_before_close is not None and one.hours_before_close <= hours]
    for group in _grouped(late, lambda paper: paper.filed_by).values():
        if len(group) >= limit.before_close_papers:
            sentence = Both(
                f"{len(group)} koreksi diajukan dalam {hours} jam terakhir sebelum bulan ditutup.",
                f"{many(len(group), 'correction')} were filed in the last {hours} hours before the month was closed.",
            )
            yield _made(_account(group), group, limit.before_close_papers, 0, sentence)


def _own(papers: Sequence[Correction], limit: limits.CorrectionLimits) -> Iterator[Finding]:
    own = [one for one in papers if one.own]
    for group in _grouped(own, lambda paper: paper.person).values():
        if len(group) >= limit.own_papers:
            sentence = Both(
                f"{len(group)} koreksi diajukan atau disetujui oleh akun milik pegawai itu sendiri.",
                f"{many(len(group), 'correction')} were filed or approved by the employee's own account.",
            )
            yield _made(subject_of(group[0].person), group, limit.own_papers, 0, sentence)


def _account(group: Sequence[Correction]) -> Subject:
    units = {paper.person.unit for paper in group}
    return Subject(About.ACCOUNT, group[0].filed_by, group[0].filed_by, units.pop() if len(units) == 1 else None)


def _made(subject: Subject, group: Sequence[Correction], least: int, times: int, sentence: Both) -> Finding:
    rows = tuple(Evidence(paper.on, "", _paper(paper)) for paper in sorted(group, key=lambda paper: paper.on))
    beside = Both(f" dan {times} x nilai tengah", f" and {times} x the median") if times else Both("", "")
    return Finding(
        Rule.R15,
        subject,
        dates_of(rows),
        Both(f"{len(group)} surat", many(len(group), "paper")),
        Both(f"{least} surat{beside.id}", f"{many(least, 'paper')}{beside.en}"),
        sentence,
        rows,
    )


def _paper(paper: Correction) -> Both:
    number = f" {paper.number}" if paper.number else ""
    at = f"{paper.filed_at:%d-%m-%Y %H:%M}"
    return Both(
        f"{paper.person.name}: {paper.kind}{number}, diajukan {paper.filed_by} {at}",
        f"{paper.person.name}: {paper.kind}{number}, filed by {paper.filed_by} {at}",
    )
