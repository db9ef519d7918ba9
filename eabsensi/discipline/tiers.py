"""Which law's table an absence is held against: by its date and the kind of employee."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from eabsensi.law.citation import Citation
from eabsensi.law.dated import Series
from eabsensi.law.policy import Policy
from eabsensi.law.tierparsing import AS_PNS, UNKNOWN
from eabsensi.law.tiers import HourRule, Regulation

_PNS = ("PNS", "CPNS")
_PPPK = ("PPPK", "PPPK-PW")


@dataclass(frozen=True, slots=True)
class Rulebook:
    """The law that holds for one kind of employee during a stretch of dates.

    Attributes:
        law: its name, e.g. ``PP 49/2018``.
        citation: that it governs the absence.
        regulation: the table; None where it is not known, so that days are counted and not judged.
        indicative: the table is borrowed from the law for PNS and only indicates.

    """

    law: str
    citation: Citation
    regulation: Regulation | None
    indicative: bool = False

    def hour_rule(self, policy: Policy, on: date) -> HourRule | None:
        """Give the rule by which minutes of ``on`` become days absent; None where the table is not known."""
        if self.regulation is None:
            return None
        if not self.regulation.agency_decides_hours:
            return self.regulation.hours
        option = policy.hours_per_absent_day.on(on)
        return HourRule(option.value, option.citation)


@dataclass(frozen=True, slots=True)
class Stretch:
    """Dates, both inclusive, during which one rulebook holds."""

    first_on: date
    last_on: date
    rulebook: Rulebook


def rulebook_on(policy: Policy, kind: str, on: date) -> Rulebook | None:
    """Give the rulebook for an absence of an employee of ``kind`` on ``on``; None for contracts that no law covers."""
    if kind in _PNS:
        law = policy.discipline_law_pns.on(on)
        return Rulebook(law.value, law.citation, _known(policy, law.value))
    if kind not in _PPPK:
        return None
    law, table = policy.discipline_law_pppk.on(on), policy.pppk_tiers.on(on)
    if table.value == UNKNOWN:
        return Rulebook(law.value, law.citation, None)
    if table.value != AS_PNS:
        return Rulebook(law.value, law.citation, _known(policy, table.value))
    like = _known(policy, policy.discipline_law_pns.on(on).value)
    return Rulebook(law.value, law.citation, like, indicative=True)


def _known(policy: Policy, name: str) -> Regulation | None:
    regulation = policy.regulations[name]
    return regulation if regulation.tiers else None


def stretches(policy: Policy, kind: str, first: date, last: date) -> tuple[Stretch, ...]:
    """Split ``first`` to ``last`` where the law changes; empty for contracts that no law covers."""
    series: tuple[Series[Any], ...] = (policy.discipline_law_pns, policy.discipline_law_pppk, policy.pppk_tiers)
    turns = {version.from_on for table in series for version in table.versions if first < version.from_on <= last}
    found: list[Stretch] = []
    for start, following in zip(starts := sorted({first, *turns}), [*starts[1:], None], strict=True):
        end = following - timedelta(days=1) if following else last
        rulebook = rulebook_on(policy, kind, start)
        if rulebook is None:
            continue
        if found and found[-1].rulebook == rulebook:
            found[-1] = Stretch(found[-1].first_on, end, rulebook)
        else:
            found.append(Stretch(start, end, rulebook))
    return tuple(found)
