"""Since when a device has been in use: what its log holds nothing of, before that, is no absence.

A terminal's log is read to its end, yet it begins somewhere: when the terminal was hung up, when it was cleared, or
where its ring has overwritten what was there. ``device.in_use_from`` is the first date of the unbroken stretch of its
punches that reaches up to its registration, or the date of its registration where there is none. From there on, polls
know how far it was read. One that came from another unit (``moved_on``) tells its present one nothing of the time
before. ``device.in_use_since``, which a person states in ``devices.yaml``, comes before all that.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, text

from eabsensi.store.dependents import mark_use

#: So long may nobody touch a device that hangs in use: the holidays of Lebaran with joint leave and the leave taken
#: around them fit in, and a school's holidays; a terminal that was cleared, reset or in a cupboard is silent longer.
LONGEST_PAUSE = timedelta(days=31)
_WRONG_DATE_SECONDS = 3_600.0  # a clock that was this wrong when the punch was read does not tell its date
_DAY = timedelta(days=1)


class Use(NamedTuple):
    """What is known of a device's use; ``settled`` is whether anybody has looked into its punches yet."""

    device_id: int
    registered_on: date
    in_use_from: date | None
    in_use_since: date | None
    moved_on: date | None
    settled: bool

    @property
    def log_begins(self) -> date:
        """The first date of its log, as far as anybody knows."""
        return self.in_use_from or self.registered_on

    @property
    def proves_from(self) -> date:
        """The first date on which it proves an absence; the log may begin in the middle of its first one."""
        return self.in_use_since or max(self.log_begins, self.moved_on or date.min) + _DAY


def local_date(at: datetime, zone: str) -> date:
    """Give the date that it is at an instant where a device stands."""
    return at.astimezone(ZoneInfo(zone)).date()


def stretch_start(dates: Iterable[date], until: date) -> date:
    """Give the first date of the unbroken stretch that reaches up to ``until``; ``until`` itself where none does.

    Args:
        dates: of punches, in any order; those after ``until`` do no harm.
        until: where the stretch has to end.

    """
    start = until
    for on in sorted((on for on in dates if on < until), reverse=True):
        if start - on > LONGEST_PAUSE:
            break
        start = on
    return start


def note_use(connection: Connection, device_id: int, touched: Iterable[tuple[str, date]], at: datetime) -> None:
    """Note that new punches show an earlier use of their device, and mark the days that change thereby.

    A poll whose punches are later than the known beginning costs one step in an index, one without punches nothing.

    Args:
        connection: the transaction that stores the punches.
        device_id: whose punches they are.
        touched: PIN and device date of each.
        at: when they became known.

    """
    dates = {on for _, on in touched}
    if not dates:
        return
    known = connection.execute(_BEGINS_LATER, {"device_id": device_id, "earliest": min(dates)}).one_or_none()
    if known is None:
        return
    use = Use(*known)
    if any(use.log_begins - LONGEST_PAUSE <= on < use.log_begins for on in dates):
        _save(connection, use, _read(connection, use), at)


def known_uses(connection: Connection) -> dict[int, Use]:
    """Give what is known of each device's use, by its key."""
    return {row.id: Use(*row) for row in connection.execute(_ALL)}


def settle_use(connection: Connection, before: Mapping[int, Use], at: datetime) -> None:
    """Note what people state of the devices' use, and look where nobody has looked yet; mark the days that change.

    Nobody has looked at a device that is new, and at all of them after an upgrade from a version that did not ask.

    Args:
        connection: the transaction that brings the devices in line with ``devices.yaml``, which was written to them.
        before: what was known before it.
        at: the present instant.

    """
    for device_id, use in known_uses(connection).items():
        known = before.get(device_id, use._replace(in_use_since=None))
        if not use.settled:
            _save(connection, known, _read(connection, use), at)
        elif known != use:
            _save(connection, known, use, at)


def _read(connection: Connection, use: Use) -> Use:
    """Look in the punches for the beginning of the stretch."""
    asked = {
        "device_id": use.device_id,
        "before": use.registered_on,
        "wrong": _WRONG_DATE_SECONDS,
    }
    dates = connection.execute(_DATES, asked).scalars()
    return use._replace(in_use_from=stretch_start(dates, use.registered_on))


def _save(connection: Connection, before: Use, now: Use, at: datetime) -> None:
    """Keep what is known now, and mark the days on which it says something else than what was known before."""
    if before == now and before.settled:
        return
    asked = {"device_id": now.device_id, "in_use_from": now.in_use_from, "at": at}
    connection.execute(_SAVE, asked)
    # What was judged before anybody asked, took the device for in use since ever; a new unit, for another's.
    if not before.settled or before.moved_on != now.moved_on:
        mark_use(connection, now.device_id, None, now.proves_from - _DAY)
    first, last = sorted((before.proves_from, now.proves_from))
    mark_use(connection, now.device_id, first, last - _DAY)


_COLUMNS = """
    SELECT id, CAST(registered_at AT TIME ZONE timezone AS date), in_use_from, in_use_since, moved_on,
           in_use_known_at IS NOT NULL
    FROM device
"""
# Only a device whose row is about to change is locked, and what others have changed meanwhile is seen.
_BEGINS_LATER = text(
    _COLUMNS
    + """
    WHERE id = :device_id AND coalesce(in_use_from, CAST(registered_at AT TIME ZONE timezone AS date)) > :earliest
    FOR NO KEY UPDATE
"""
)
_ALL = text(_COLUMNS + " ORDER BY id")
_DATES = text("""
    SELECT DISTINCT CAST(device_time AS date) FROM punch
    WHERE device_id = :device_id AND device_time < CAST(:before AS date)
      AND (clock_offset_seconds IS NULL OR abs(clock_offset_seconds) <= :wrong)
""")
_SAVE = text("UPDATE device SET in_use_from = :in_use_from, in_use_known_at = :at WHERE id = :device_id")
