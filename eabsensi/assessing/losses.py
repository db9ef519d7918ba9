"""What a device may have lost of somebody's day, and whether it matters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from eabsensi.discipline.facts import DeviceFact, Loss, LossCause, PunchFact
from eabsensi.store.facts import EnrolmentRow
from eabsensi.store.loggaps import LogGap


@dataclass(frozen=True, slots=True)
class LossyDay:
    """One person's day, as far as losses are concerned.

    Attributes:
        low: its start.
        high: its end; a day with a roster reaches over the neighbouring dates.
        enrolments: of the person, valid on the date.
        punches: that are known of the day.
        has_gatherings: whether touches within the day are counted, too.

    """

    low: datetime
    high: datetime
    enrolments: Sequence[EnrolmentRow]
    punches: Sequence[PunchFact]
    has_gatherings: bool

    def is_touched_by(self, gap: LogGap) -> bool:
        """Whether something may be missing that could make the day another one.

        What lies between the first and the last touch that are known changes neither.
        """
        if gap.lost_until <= self.low or gap.lost_after >= self.high or not self._concerns(gap):
            return False
        before = any(punch.punched_at <= gap.lost_after for punch in self.punches)
        after = any(punch.punched_at >= gap.lost_until for punch in self.punches)
        return self.has_gatherings or not (before and after)

    def _concerns(self, gap: LogGap) -> bool:
        """Whether the records are everybody's, or those of one of the person's PINs."""
        return gap.pin is None or any(
            row.pin == gap.pin and row.device_id in {None, gap.device_id} for row in self.enrolments
        )


def with_loss(device: DeviceFact, gaps: Sequence[LogGap], day: LossyDay) -> DeviceFact:
    """Give a device with the first of its gaps that may matter to a day; gaps come in the order of their starts."""
    gap = next((gap for gap in gaps if day.is_touched_by(gap)), None)
    return replace(device, loss=Loss(gap.lost_after, gap.lost_until, LossCause(gap.cause))) if gap else device
