"""Which layout a log has: decided by length and plausibility together, never guessed in silence. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final

from eabsensi.devices.attlog import Layout, Punch, decode, packed_offsets
from eabsensi.devices.errors import LayoutUnknownError

#: Records looked at from the start, the middle and the end of a long log.
_SAMPLE: Final = 200
#: Share of readable, plausible records that a layout needs where the record count does not confirm it.
_CONVINCING: Final = 0.95
#: Share it needs where length divided by the device's own count is exactly its stride.
_CONFIRMED: Final = 0.5
#: No terminal with this protocol recorded punches before; a wrong stride often reads as the year 2000.
_EARLIEST: Final = datetime(2005, 1, 1)  # noqa: DTZ001 - a device's clock has no zone

#: Work codes have at most eight digits; two packed 8-byte records read as one of 16 put a time there.
_GREATEST_WORKCODE: Final = 99_999_999
_GREATEST_STATE: Final = 7
_STATE_UNSET: Final = 255
#: In a short log one record of 16 bytes may as well be a packed one of 8 and two of 4; times that rise tell them apart.
_SHORT_LOG_BYTES: Final = 4_096
_TEXT_LAYOUTS: Final = frozenset({Layout.FORTY, Layout.FORTY_NINE})


@dataclass(frozen=True, slots=True)
class _Candidate:
    layout: Layout
    plausible: float
    rising: float

    @property
    def rank(self) -> tuple[float, float]:
        return (self.plausible, self.rising)


def detect(body: bytes, *, records: int | None, not_after: datetime) -> Layout:
    """Find the layout of a log body.

    Args:
        body: the log's records, not empty, without the size word.
        records: the device's own count, which a punch in between or a lie may have put wrong; None where unknown.
        not_after: a local wall time that no honest record is later than.

    Raises:
        LayoutUnknownError: no layout, or more than one, makes sense of the bytes; it carries them.

    """
    dividing = [layout for layout in Layout if layout.is_fixed and _divides(layout, body)]
    # Nearly always the device's count and a text layout agree, and nothing else has to be looked at.
    counted = [_judge(layout, body, not_after) for layout in dividing if len(body) == layout.stride * (records or 0)]
    found = _choose(counted, body, records)
    if found in _TEXT_LAYOUTS:
        return found
    fixed = [_judge(layout, body, not_after) for layout in dividing]
    found = _choose(fixed, body, records)
    in_doubt = found is None or (found not in _TEXT_LAYOUTS and len(body) <= _SHORT_LOG_BYTES)
    if in_doubt and _divides(Layout.EIGHT_PACKED, body):
        found = _choose([*fixed, _judge(Layout.EIGHT_PACKED, body, not_after)], body, records)
    if found is not None:
        return found
    raise LayoutUnknownError(
        f"The log of {len(body)} bytes ({records} records by the device's count) fits no known record layout.",
        remedy="Its bytes are kept; report the model and firmware.",
        body=body,
    )


def _choose(candidates: list[_Candidate], body: bytes, records: int | None) -> Layout | None:
    """Prefer what the device's own count confirms; else what convinces by itself."""
    confirmed = [c for c in candidates if _confirmed(c, body, records)]
    convincing = [c for c in candidates if c.plausible >= _CONVINCING]
    best = _single_best(confirmed) or _single_best(convincing)
    return best.layout if best else None


def _divides(layout: Layout, body: bytes) -> bool:
    if layout.is_fixed:
        return len(body) % layout.stride == 0
    try:
        return sum(1 for _ in packed_offsets(body)) > 0
    except ValueError:
        return False


def _confirmed(candidate: _Candidate, body: bytes, records: int | None) -> bool:
    if not records or candidate.plausible < _CONFIRMED:
        return False
    if candidate.layout.is_fixed:
        return len(body) == records * candidate.layout.stride
    return sum(1 for _ in packed_offsets(body)) == records


def _single_best(group: list[_Candidate]) -> _Candidate | None:
    ranked = sorted(group, key=lambda c: c.rank, reverse=True)
    if not ranked or (len(ranked) > 1 and ranked[0].rank == ranked[1].rank):
        return None
    return ranked[0]


def _judge(layout: Layout, body: bytes, not_after: datetime) -> _Candidate:
    punches, others = _sample(layout, body)
    limit = not_after + timedelta(days=1)
    good = [punch for punch in punches if _is_plausible(punch, limit) and _has_state(layout, punch)]
    seen = len(punches) + others
    rising = sum(a.device_time <= b.device_time for a, b in pairwise(good))
    return _Candidate(layout, len(good) / seen if seen else 0.0, rising / max(1, len(good) - 1))


def _is_plausible(punch: Punch, limit: datetime) -> bool:
    """A wrong stride reads other fields as the time, or a time as the work code."""
    return (
        _EARLIEST <= punch.device_time <= limit
        and punch.pin.isprintable()
        and any(letter.isalnum() for letter in punch.pin)
        and (punch.workcode is None or punch.workcode <= _GREATEST_WORKCODE)
    )


def _has_state(layout: Layout, punch: Punch) -> bool:
    """Two or three packed records read as the other kind of 8 bytes may well show good dates, but no punch state.

    There its place holds the top of the time, 9 or more since 2005. States are 0 to 5; the top bit may mark a refusal.
    """
    state = punch.punch_state
    return layout is not Layout.EIGHT_UID or state is None or state == _STATE_UNSET or state & 0x7F <= _GREATEST_STATE


def _sample(layout: Layout, body: bytes) -> tuple[list[Punch], int]:
    """Decode a sample; blank records say nothing about a layout and are left out of the count."""
    decoded = decode(layout, _excerpt(layout, body))
    return decoded.punches, sum(any(record.raw) for record in decoded.unreadable)


def _excerpt(layout: Layout, body: bytes) -> bytes:
    window = _SAMPLE * layout.stride
    if not layout.is_fixed or len(body) <= 3 * window:
        return body
    middle = len(body) // 2 // layout.stride * layout.stride
    return body[:window] + body[middle : middle + window] + body[-window:]
