"""A five-day office's day, judged from plain times by rules written down a second time.

It shares nothing with ``eabsensi.discipline``: it reads the times off a wall and the hours off the circular. It knows
neither papers nor wrong clocks, so it is asked only about days that have none.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Final, NamedTuple

_FRIDAY: Final = 4
_STARTS: Final = time(7, 15)
_BANDS: Final = ((0, ""), (30, "1"), (60, "2"), (90, "3"))


class PlainVerdict(NamedTuple):
    """What a day was: status, and the codes of coming late and leaving early."""

    status: str
    late: str
    early: str


def judge(on: date, touches: Sequence[datetime]) -> PlainVerdict:
    """Judge one day of one person.

    Args:
        on: the day; no holiday.
        touches: local times of all touches.

    """
    if on.weekday() > _FRIDAY:
        return PlainVerdict("off", "", "")
    friday = on.weekday() == _FRIDAY
    break_starts, ends = (time(11, 30), time(16, 15)) if friday else (time(12), time(15, 45))
    today = sorted(
        touch.time() for touch in touches if touch.date() == on and time(5) <= touch.time() < time(23, 59, 59)
    )
    if not today:
        return PlainVerdict("absent", "", "")
    came = next((at for at in today if at < break_starts), None)
    left = next((at for at in reversed(today) if at >= time(13)), None)
    return PlainVerdict(
        "present",
        "TL4" if came is None else _code("TL", _minutes(came) - _minutes(_STARTS)),
        "PSW4" if left is None else _code("PSW", _minutes(ends) - _minutes(left)),
    )


def _minutes(at: time) -> int:
    return at.hour * 60 + at.minute


def _code(kind: str, minutes: int) -> str:
    if minutes <= 0:
        return ""
    return kind + next((band for longest, band in _BANDS if minutes <= longest), "4")
