"""How often terminals were in trouble, and how often a collector met it there."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import psycopg

_POLLS: Final = "SELECT serial, started_at, finished_at FROM poll JOIN device ON device.id = device_id"


@dataclass(slots=True)
class Bout:
    """One terminal's trouble, from when to when.

    Attributes:
        serial: the terminal's own.
        families: of the fault list.
        began_at, ended_at: by this machine's clock; None while it lasts, and where it was still there at the end.

    """

    serial: str
    families: tuple[str, ...]
    began_at: datetime
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class FaultsPlayed:
    """What the terminals had.

    Attributes:
        begun: how often each family of faults was brought about.
        met: how many of these times a poll of that terminal was under way meanwhile. A lower bound: one that could not
            be kept, because the database was away, is not counted.
        built: how many terminals are made so that they always have it.

    """

    begun: Counter[str]
    met: Counter[str]
    built: Counter[str]

    @property
    def families(self) -> set[str]:
        """Those that were there at all."""
        return {*self.begun, *self.built}


def faults_played(bouts: Sequence[Bout], built: Counter[str], url: str) -> FaultsPlayed:
    """Count bouts, and those during which a poll was under way."""
    polls: dict[str, list[tuple[datetime, datetime]]] = defaultdict(list)
    with closing(psycopg.connect(url)) as connection:
        for serial, started_at, finished_at in connection.execute(_POLLS):
            polls[serial].append((started_at, finished_at))
    begun = Counter(family for bout in bouts for family in bout.families)
    met = Counter(family for bout in bouts if _is_met(bout, polls[bout.serial]) for family in bout.families)
    return FaultsPlayed(begun, met, built)


def _is_met(bout: Bout, polls: Sequence[tuple[datetime, datetime]]) -> bool:
    until = bout.ended_at or datetime.now(UTC)
    return any(started_at <= until and finished_at >= bout.began_at for started_at, finished_at in polls)
