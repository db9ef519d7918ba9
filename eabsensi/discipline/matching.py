"""Which touch is the arrival, which the departure. A touch is never both; the rest is neither."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from eabsensi.discipline.facts import PunchFact
from eabsensi.discipline.workday import Span


@dataclass(frozen=True, slots=True)
class Touch:
    """A punch with the instant at which it is taken to have happened."""

    at: datetime
    punch: PunchFact

    @property
    def order(self) -> tuple[datetime, int, datetime, str]:
        """A total order, so that nothing depends on the order in which punches arrived."""
        return self.at, self.punch.device.id, self.punch.received_at, self.punch.source


@dataclass(frozen=True, slots=True)
class Match:
    """The touches of one span.

    Attributes:
        arrival: the first touch inside the arrival window.
        departure: the last touch inside the departure window.
        others: touches between the two windows' outer ends that are neither, e.g. at lunch; they prove presence.

    """

    arrival: Touch | None
    departure: Touch | None
    others: tuple[Touch, ...]

    @property
    def present(self) -> bool:
        """Whether any touch shows the person on this day."""
        return bool(self.arrival or self.departure or self.others)

    @property
    def touches(self) -> tuple[Touch, ...]:
        """Every touch of the day."""
        return tuple(touch for touch in (self.arrival, self.departure, *self.others) if touch)


def match_touches(span: Span, touches: Iterable[Touch]) -> Match:
    """Match touches to the windows of a span: the first arrival and the last departure count."""
    today = sorted(
        (touch for touch in touches if span.arrival.opens <= touch.at < span.departure.closes),
        key=lambda touch: touch.order,
    )
    arrival = next((touch for touch in today if span.arrival.holds(touch.at)), None)
    departure = next((touch for touch in reversed(today) if span.departure.holds(touch.at) and touch != arrival), None)
    return Match(arrival, departure, tuple(touch for touch in today if touch not in (arrival, departure)))
