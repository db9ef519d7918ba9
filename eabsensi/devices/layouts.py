"""Which layout a log has: decided by length and plausibility together, never guessed in silence. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from eabsensi.devices.allowance import MOST_RECORDS
from eabsensi.devices.attlog import DecodedLog, Layout, Punch, count_records, decode, is_vacant, packed_offsets
from eabsensi.devices.errors import LayoutUnknownError

#: Records looked at from the start, the middle and the end of a long log.
_SAMPLE: Final = 200
#: A packed log is looked at whole, in pieces of so many bytes: decoded, all of it would take fifty times its length.
_PIECE_BYTES: Final = 1 << 16
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
#: In a short log one record of 16 bytes may as well be a packed one of 8 and two of 4, and one of 40 five of 8; times
#: that rise tell them apart.
_SHORT_LOG_BYTES: Final = 4_096
#: What a PIN holds where a wrong stride reads numbers as its text; see :func:`eabsensi.devices.attlog.pin_text`.
_CONTROL: Final = re.compile(r"\\(?:[nrt]|x[01]|x7f)")
_EIGHT_BYTES: Final = frozenset({Layout.EIGHT_UID, Layout.EIGHT_PACKED})
_TEXT_LAYOUTS: Final = frozenset({Layout.FORTY, Layout.FORTY_NINE})


@dataclass(frozen=True, slots=True)
class _Candidate:
    layout: Layout
    plausible: float
    rising: float

    @property
    def rank(self) -> tuple[float, float]:
        return (self.plausible, self.rising)


def detect(body: bytes, *, records: int | None, not_after: datetime, in_use: Layout | None = None) -> Layout:
    """Find the layout of a log body.

    Args:
        body: the log's records, not empty, without the size word.
        records: the device's own count, which a punch in between or a lie may have put wrong; None where unknown.
        not_after: a local wall time that no honest record is later than.
        in_use: the terminal's layout so far, which it keeps as long as that makes sense of the bytes by itself.

    Raises:
        LayoutUnknownError: no layout, or more than one, makes sense of the bytes; it carries them.

    """
    if in_use is not None and _divides(in_use, body) and _judge(in_use, body, not_after).plausible >= _CONVINCING:
        return in_use
    dividing = [layout for layout in Layout if layout.is_fixed and _divides(layout, body)]
    # Nearly always the device's count and a text layout agree, and nothing else has to be looked at.
    counted = [_judge(layout, body, not_after) for layout in dividing if len(body) == layout.stride * (records or 0)]
    found = _choose(counted, body, records)
    if found in _TEXT_LAYOUTS:
        return found
    fixed = [_judge(layout, body, not_after) for layout in dividing]
    found = _choose(fixed, body, records)
    undated = [_judge(layout, body, None) for layout in dividing if layout not in _EIGHT_BYTES] if found is None else []
    in_doubt = found is None or len(body) <= _SHORT_LOG_BYTES
    if in_doubt and _divides(Layout.EIGHT_PACKED, body):
        found = _choose([*fixed, _judge(Layout.EIGHT_PACKED, body, not_after)], body, records)
    found = found or _of_wrong_dates(undated, body, records)
    if found is not None:
        return found
    raise _unknown(body, records, [candidate.layout for candidate in undated if candidate.plausible >= _CONVINCING])


def _of_wrong_dates(undated: list[_Candidate], body: bytes, records: int | None) -> Layout | None:
    """Find the layout of a log most of whose dates are wrong, as after an empty battery: by all but the dates.

    The device's own count must give exactly the stride, and nearly every record a well-formed PIN, state and work code.
    The two layouts of 8 bytes have nothing but dates to tell them apart.
    """
    confirmed = [c.layout for c in undated if c.plausible >= _CONVINCING and _confirmed(c, body, records)]
    return confirmed[0] if len(confirmed) == 1 else None


def _unknown(body: bytes, records: int | None, undated: list[Layout]) -> LayoutUnknownError:
    counted = "the device does not count them" if records is None else f"{records} records by the device's count"
    if not undated:
        return LayoutUnknownError(
            f"The log of {len(body)} bytes ({counted}) fits no known record layout.",
            remedy="Report the model and firmware.",
            body=body,
        )
    return LayoutUnknownError(
        f"Most dates in the log of {len(body)} bytes ({counted}) are before 2005 or still to come, and its length and"
        " its count do not prove its record layout.",
        remedy="Correct the terminal's clock, and import its USB dump with `eabsensi punch import`.",
        body=body,
    )


def _choose(candidates: list[_Candidate], body: bytes, records: int | None) -> Layout | None:
    """Prefer what the device's own count confirms among what convinces by itself; a lying count makes no sense of half.

    Seven records of 16 bytes that count as fourteen would be seven punches of 8 and seven that nobody made.
    """
    confirmed = [c for c in candidates if _confirmed(c, body, records)]
    convincing = [c for c in candidates if c.plausible >= _CONVINCING]
    both = [c for c in confirmed if c in convincing]
    best = _single_best(both) or _single_best(convincing) or _single_best(confirmed)
    return best.layout if best else None


def _divides(layout: Layout, body: bytes) -> bool:
    if layout.is_fixed:
        return len(body) % layout.stride == 0
    if len(body) > MOST_RECORDS * layout.stride:
        return False
    try:
        return count_records(layout, body) > 0
    except ValueError:
        return False


def _confirmed(candidate: _Candidate, body: bytes, records: int | None) -> bool:
    if not records or candidate.plausible < _CONFIRMED:
        return False
    if candidate.layout.is_fixed:
        return len(body) == records * candidate.layout.stride
    return count_records(candidate.layout, body) == records


def _single_best(group: list[_Candidate]) -> _Candidate | None:
    ranked = sorted(group, key=lambda c: c.rank, reverse=True)
    if not ranked or (len(ranked) > 1 and ranked[0].rank == ranked[1].rank):
        return None
    return ranked[0]


def _judge(layout: Layout, body: bytes, not_after: datetime | None) -> _Candidate:
    """Tell how plausible a layout is; without ``not_after`` whatever the dates."""
    earliest, limit = (_EARLIEST, not_after + timedelta(days=1)) if not_after else (datetime.min, datetime.max)  # noqa: DTZ901 - a device's clock has no zone
    seen = good = rising = 0
    before: datetime | None = None
    for sample in _samples(layout, body):
        # Blank and erased records say nothing about a layout and are left out of the count.
        seen += len(sample.punches) + sum(not is_vacant(record.raw) for record in sample.unreadable)
        for punch in sample.punches:
            # Where dates say nothing, the state has to speak in every layout.
            states = _has_state(layout, punch) and (not_after is not None or _is_state(punch.punch_state))
            if states and earliest <= punch.device_time <= limit and _is_plausible(punch):
                good += 1
                rising += before is not None and before <= punch.device_time
                before = punch.device_time
    return _Candidate(layout, good / seen if seen else 0.0, rising / max(1, good - 1))


def _is_plausible(punch: Punch) -> bool:
    """A wrong stride reads other fields as the PIN, or a time as the work code."""
    return (
        not _CONTROL.search(punch.pin)
        and any(letter.isalnum() for letter in punch.pin)
        and (punch.workcode is None or punch.workcode <= _GREATEST_WORKCODE)
    )


def _has_state(layout: Layout, punch: Punch) -> bool:
    """Two or three packed records read as the other kind of 8 bytes may well show good dates, but no punch state.

    There its place holds the top of the time, 9 or more since 2005. States are 0 to 5; the top bit may mark a refusal.
    """
    return layout is not Layout.EIGHT_UID or _is_state(punch.punch_state)


def _is_state(state: int | None) -> bool:
    return state is None or state == _STATE_UNSET or state & 0x7F <= _GREATEST_STATE


def _samples(layout: Layout, body: bytes) -> Iterator[DecodedLog]:
    if layout.is_fixed:
        yield decode(layout, _excerpt(layout, body))
        return
    carry = None
    for piece in _pieces(body):
        decoded = decode(layout, piece, carry=carry)
        carry = decoded.carry
        yield decoded


def _excerpt(layout: Layout, body: bytes) -> bytes:
    window = _SAMPLE * layout.stride
    if len(body) <= 3 * window:
        return body
    middle = len(body) // 2 // layout.stride * layout.stride
    return body[:window] + body[middle : middle + window] + body[-window:]


def _pieces(body: bytes) -> Iterator[bytes]:
    """Cut a packed log where records end."""
    start = 0
    for _, end in packed_offsets(body):
        if end - start >= _PIECE_BYTES:
            yield body[start:end]
            start = end
    yield body[start:]
