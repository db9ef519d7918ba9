"""What a law says of days absent: tiers of sanctions, the consecutive run, hours that add up to a day. Values only."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from eabsensi.law.citation import Citation
from eabsensi.law.wording import Language


class Level(StrEnum):
    """How grave a sanction is."""

    LIGHT = "light"
    MODERATE = "moderate"
    HEAVY = "heavy"


_LEVELS = {
    Language.ID: {Level.LIGHT: "ringan", Level.MODERATE: "sedang", Level.HEAVY: "berat"},
    Language.EN: {Level.LIGHT: "light", Level.MODERATE: "moderate", Level.HEAVY: "heavy"},
}


def level_text(level: Level, language: Language = Language.ID) -> str:
    """Name a level as it is printed, e.g. ``ringan``."""
    return _LEVELS[language][level]


@dataclass(frozen=True, slots=True)
class Sanction:
    """What an official may decide; software only points at it.

    Attributes:
        indonesian: as the law calls it.
        english: the same in English.
        citation: where it stands.

    """

    indonesian: str
    english: str
    citation: Citation

    def text(self, language: Language = Language.ID) -> str:
        """Give the sanction's name."""
        return self.indonesian if language is Language.ID else self.english


@dataclass(frozen=True, slots=True)
class Tier:
    """A range of working days absent and the sanction that it leads to.

    Attributes:
        first: fewest days.
        last: most days; None means any more.
        level: light, moderate or heavy.
        sanction: in the form that the law gives it.
        interim: the form in which it is given until another regulation exists; None where there is no such form.

    """

    first: int
    last: int | None
    level: Level
    sanction: Sanction
    interim: Sanction | None = None

    @property
    def citation(self) -> Citation:
        """The article of the sanction."""
        return self.sanction.citation


@dataclass(frozen=True, slots=True)
class RunTier:
    """What consecutive working days absent lead to, whatever the year's sum.

    Attributes:
        days: how many in a row.
        tier: the sanction.
        pay_stop: the article by which pay stops from the following month.

    """

    days: int
    tier: Tier
    pay_stop: Citation


@dataclass(frozen=True, slots=True)
class HourRule:
    """Lateness and early leaving that add up to a day absent.

    Attributes:
        minutes: that make one day; None means that minutes never become days.
        citation: what says so.

    """

    minutes: int | None
    citation: Citation


@dataclass(frozen=True, slots=True)
class Regulation:
    """One law's table for absence without valid reason, counted January to December.

    Attributes:
        name: e.g. ``PP 94/2021``.
        citation: the law.
        tiers: fewest days first, none overlapping; empty where the table is not known, so that nothing is judged.
        run: the consecutive tier; None where the law has none.
        hours: the law's own conversion; None where it has none.
        agency_decides_hours: the law is silent and the agency may convert.

    """

    name: str
    citation: Citation
    tiers: tuple[Tier, ...]
    run: RunTier | None
    hours: HourRule | None
    agency_decides_hours: bool

    def tier_for(self, days: int) -> Tier | None:
        """Give the tier that ``days`` reach; None below the first."""
        return next((tier for tier in reversed(self.tiers) if tier.first <= days), None)

    def tier_after(self, days: int) -> Tier | None:
        """Give the next tier that ``days`` do not reach yet; None in the last one."""
        return next((tier for tier in self.tiers if tier.first > days), None)
