"""The index by which units are ranked: four shares of duty days, weighted; how far it goes is a reading, not law."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from eabsensi.discipline.verdict import Status
from eabsensi.reports.judged import JudgedDay
from eabsensi.reports.recap import Recap, percentage

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
        on_time: of them those without a late code.
        attendance: present of judged.
        late: days with a late code.
        punctuality: days present without a late code, of the days present.
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


def unit_figures(days: Sequence[JudgedDay], sums: Recap) -> UnitFigures:
    """Count a unit's month; ``sums`` is what its people's days add up to."""
    working = [day for day in days if day.status is not Status.OFF]
    on_time = sum(day.status is Status.PRESENT and not _is_late(day) for day in working)
    judged = sums.working_days - sums.undetermined
    return UnitFigures(
        people=len({day.person.employee_id for day in working}),
        duty=sums.working_days,
        judged=judged,
        present=sums.present,
        on_time=on_time,
        attendance=percentage(sums.present, judged),
        late=sums.late_count,
        punctuality=percentage(on_time, sums.present),
        early=sums.early_count,
        missing=sums.missing_in + sums.missing_out,
        absent=sums.absent_days,
        late_minutes=sums.late_minutes,
        undetermined=sums.undetermined,
        undetermined_share=percentage(sums.undetermined, sums.working_days),
    )


def _is_late(day: JudgedDay) -> bool:
    return any(code.startswith("TL") for code in day.codes)
