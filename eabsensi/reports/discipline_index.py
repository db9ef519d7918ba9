"""The index by which units are ranked: four shares of duty days, weighted; how far it goes is a reading, not law."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from eabsensi.reports.recap import percentage
from eabsensi.store.tallies import PersonTally

# Unconfirmed (discipline facts §5.1, confidence M: "weighted 25/20/15/40"): what the four weights belong to, the
# thresholds and the share are our reading. The report says so on its face; dated policy values replace them once an
# office has confirmed them.
WEIGHTS = {"late": 25, "early": 20, "missing": 15, "absent": 40}
THRESHOLDS = (Decimal(95), Decimal(90), Decimal(80))
#: Percent of duty days that may be undetermined before a unit is told apart.
UNDETERMINED_MOST = Decimal(5)


class Grade(StrEnum):
    """What an index is called, the best first."""

    VERY_GOOD = "very-good"
    GOOD = "good"
    FAIR = "fair"
    POOR = "poor"


@dataclass(frozen=True, slots=True)
class UnitFigures:
    """A unit's month as the ranking counts it; shares are percentages with two places, None of nothing.

    Attributes:
        people: with a working day in the month.
        duty: days of duty: people times working days, undetermined ones too.
        judged: of them those that are judged; every share is of these.
        present: days present.
        on_time: of them those without a late code whose arrival is known, or answered for.
        arrival_unknown: of them those without a late code whose arrival is not known yet.
        attendance: present of judged.
        late: days with a late code.
        punctuality: days on time, of the days present whose arrival is known, or answered for.
        early: days with an early code.
        missing: arrivals and departures without a punch.
        absent: days without reason.
        late_minutes: of the late days.
        undetermined: days that cannot be judged yet.
        undetermined_share: of the duty days.

    """

    people: int
    duty: int
    judged: int
    present: int
    on_time: int
    arrival_unknown: int
    attendance: Decimal | None
    late: int
    punctuality: Decimal | None
    early: int
    missing: int
    absent: int
    late_minutes: int
    undetermined: int
    undetermined_share: Decimal | None

    @property
    def complete(self) -> bool:
        """Enough is judged for a place among the others."""
        return self.undetermined_share is not None and self.undetermined_share <= UNDETERMINED_MOST

    @property
    def index(self) -> Decimal | None:
        """100 less the weighted shares of judged days that were late, left early, not punched or absent."""
        if self.judged <= 0:
            return None
        broken = {"late": self.late, "early": self.early, "missing": self.missing, "absent": self.absent}
        kept = (weight * max(0, self.judged - broken[name]) for name, weight in WEIGHTS.items())
        return (Decimal(sum(kept)) / self.judged).quantize(Decimal("0.01"), ROUND_HALF_UP)

    @property
    def grade(self) -> Grade | None:
        """Call the index by its name; nothing where too little is judged."""
        index = self.index
        if index is None or not self.complete:
            return None
        return next((grade for grade, least in zip(Grade, THRESHOLDS, strict=False) if index >= least), Grade.POOR)


def figures_of(tallies: Iterable[PersonTally]) -> UnitFigures:
    """Add up a unit's month, of tallies of its people or of their single days."""
    found = list(tallies)

    def total(name: str) -> int:
        return sum(getattr(one, name) for one in found)

    working, undetermined, present, on_time = map(total, ("working", "undetermined", "present", "on_time"))
    unknown = total("arrival_unknown")
    return UnitFigures(
        people=len({one.employee_id for one in found if one.working}),
        duty=working,
        judged=working - undetermined,
        present=present,
        on_time=on_time,
        arrival_unknown=unknown,
        attendance=percentage(present, working - undetermined),
        late=total("late"),
        punctuality=percentage(on_time, present - unknown),
        early=total("early"),
        missing=total("missing"),
        absent=total("absent"),
        late_minutes=total("late_minutes"),
        undetermined=undetermined,
        undetermined_share=percentage(undetermined, working),
    )
