"""The terminal's clock: a local wall time without zone, in a calendar of 31-day months (protocol §1.6)."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache

_DAY = 86_400
_END = 100 * 372 * _DAY


def encode(moment: datetime) -> int:
    """Pack a naive local time of 2000..2099 into the device's 32 bits."""
    day = (moment.year % 100) * 372 + (moment.month - 1) * 31 + moment.day - 1
    return day * _DAY + moment.hour * 3600 + moment.minute * 60 + moment.second


def decode(packed: int) -> datetime:
    """Unpack the device's 32 bits into a naive local time.

    Raises:
        ValueError: the calendar has no such day; the encoding can say 31 February, and years after 2099, which no
            terminal writes, since it packs the year's last two digits (protocol §1.6).

    """
    if packed >= _END:
        raise ValueError(f"{packed} is after 2099.")
    day, second = divmod(packed, _DAY)
    year, month, day_of_month = _date(day)
    return datetime(year, month, day_of_month, second // 3600, second // 60 % 60, second % 60)  # noqa: DTZ001 - a device's clock has no zone


def decode_six(packed: bytes) -> datetime:
    """Unpack the six bytes of an event: year - 2000, month, day, hour, minute, second.

    Raises:
        ValueError: no such day or time.

    """
    year, month, day, hour, minute, second = packed
    return datetime(2000 + year, month, day, hour, minute, second)  # noqa: DTZ001 - a device's clock has no zone


def encode_six(moment: datetime) -> bytes:
    """Pack a naive local time into the six bytes of an event."""
    return bytes((moment.year % 100, moment.month, moment.day, moment.hour, moment.minute, moment.second))


@lru_cache(maxsize=4096)
def _date(day: int) -> tuple[int, int, int]:
    months, day_of_month = divmod(day, 31)
    year, month = divmod(months, 12)
    return 2000 + year, month + 1, day_of_month + 1
