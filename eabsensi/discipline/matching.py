"""Which touch is the arrival, which the departure. A touch is never both; the rest is neither."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from eabsensi.discipline.facts import PunchFact
from eabsensi.discipline.workday import Seam, Span


@dataclass(frozen=True, slots=True)
class Touch:
    """A punch with the instant at which it is taken to have happened."""

    at: datetime
    punch: PunchFact

    @property
    def order(self) -> tuple[datetime, int, datetime, str]:
        """A total order, so that nothing depends on the order in which punches arrived."""
        return self.at, self.punch.device.id, self.punch.received_at, self.punch.source


def _order(touch: Touch) -> tuple[datetime, int, datetime, str]:
    return touch.order


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
    known = tuple(touches)
    opens, closes = span.arrival.opens, span.departure.closes
    today = sorted((touch for touch in known if opens <= touch.at < closes), key=_order)
    if span.before:
        today = _after(span.before, known, today)
    if span.after:
        today = _before(span.after, known, today)
    arrival = next((touch for touch in today if span.arrival.holds(touch.at)), None)
    departure = next((touch for touch in reversed(today) if span.departure.holds(touch.at) and touch != arrival), None)
    return Match(arrival, departure, tuple(touch for touch in today if touch not in (arrival, departure)))


def _after(seam: Seam, known: Iterable[Touch], today: Iterable[Touch]) -> list[Touch]:
    """Keep the touches of the duty that begins at the seam."""
    first = first_of_later(seam, known)
    return [
        touch
        for touch in today
        if touch.at >= seam.departure.closes or (first is not None and touch.order >= first.order)
    ]


def _before(seam: Seam, known: Iterable[Touch], today: Iterable[Touch]) -> list[Touch]:
    """Keep the touches of the duty that ends at the seam."""
    first = first_of_later(seam, known)
    return [touch for touch in today if first is None or touch.order < first.order]


def first_of_later(seam: Seam, touches: Iterable[Touch]) -> Touch | None:
    """Share out the touches at a seam: give the first one that belongs to the later duty.

    The touches keep their order, so the question is only where to cut. The cut is the one that charges the person
    least: a missing punch weighs more than any minutes; of equal cuts, the one whose punches lie nearest to the end of
    the earlier and the start of the later duty. Both duties ask this of the same touches and get the same answer.
    """
    opens, closes = seam.departure.opens, seam.arrival.closes
    meeting = sorted((touch for touch in touches if opens <= touch.at < closes), key=_order)
    fewest = sum(touch.at < seam.arrival.opens for touch in meeting)
    most = sum(touch.at < seam.departure.closes for touch in meeting)
    cut = min(range(fewest, most + 1), key=lambda place: _charge(seam, meeting, place))
    return meeting[cut] if cut < len(meeting) else None


_MISSING = timedelta(days=7)  # more than any window is long
_NONE = timedelta()


def _charge(seam: Seam, meeting: Sequence[Touch], cut: int) -> tuple[timedelta, timedelta]:
    """Say what a cut charges, and how far its punches lie from where the duties end and start."""
    charged, distance = _NONE, _NONE
    if cut:
        left = meeting[cut - 1].at
        charged, distance = max(seam.ends_at - left, _NONE), abs(seam.ends_at - left)
    if cut < len(meeting):
        came = meeting[cut].at
        charged, distance = charged + max(came - seam.starts_at, _NONE), distance + abs(came - seam.starts_at)
    missing = (not cut) + (cut == len(meeting))
    return charged + missing * _MISSING, distance
