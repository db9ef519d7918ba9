"""What is stored against what was ever punched; what is missing has to be excused record by record."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import psycopg

from scripts.soaking.city import City, Post
from scripts.soaking.ledger import Stay, stays_of

_PUNCHES: Final = "SELECT serial, pin, device_time FROM punch JOIN device ON device.id = device_id"
_UNREADABLE: Final = "SELECT serial, raw FROM unreadable_record JOIN device ON device.id = device_id"
#: A poll of which all was kept has read its log from the first to the second instant of these.
_READINGS: Final = """
    SELECT serial, complete_through, finished_at FROM poll JOIN device ON device.id = device_id
    WHERE complete_through IS NOT NULL
"""


@dataclass(slots=True)
class Evidence:
    """The comparison.

    Attributes:
        punched, stored: records.
        lost: that a terminal lost before any reading of them was kept, each proven so.
        missing: without an excuse.
        doubled: stored more often than punched.
        foreign: stored under a terminal on which they were never made.
        longest_unread: seconds that a lost record lay there at most.
        blanks: records of zeros that a terminal sent in place of what was deleted while it was read (F28, F53).

    """

    punched: int = 0
    stored: int = 0
    lost: int = 0
    missing: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)
    longest_unread: float = 0.0
    blanks: int = 0

    @property
    def is_whole(self) -> bool:
        """Whether every record is stored once, or excused."""
        return not (self.missing or self.doubled or self.foreign)


@dataclass(frozen=True, slots=True)
class Reading:
    """A poll whose records were kept: everything in the log at ``since`` and still there at ``until`` was read."""

    since: datetime
    until: datetime

    def covers(self, stay: Stay) -> bool:
        """Whether a record that stayed so long must have been read."""
        return stay.since <= self.since and (stay.until is None or stay.until >= self.until)


def check_evidence(city: City, url: str) -> tuple[Evidence, Evidence]:
    """Compare punches and meaningless records of every terminal with the database."""
    with closing(psycopg.connect(url)) as connection:
        punches = _grouped(connection.execute(_PUNCHES))
        unreadable = _grouped(connection.execute(_UNREADABLE))
        readings: dict[str, list[Reading]] = defaultdict(list)
        for serial, since, until in connection.execute(_READINGS):
            readings[serial].append(Reading(since, until))
    told = Evidence(), Evidence()
    for post in city.posts:
        whole_punches, whole_unreadable = _truth(post)
        for result, truth, stored in zip(told, (whole_punches, whole_unreadable), (punches, unreadable), strict=True):
            _compare(result, post.serial, truth, stored[post.serial], readings[post.serial])
    return told


def _truth(post: Post) -> tuple[dict[Any, list[Stay]], dict[Any, list[Stay]]]:
    punch_stays, raw_stays = stays_of(post.terminal)
    punches, records = post.terminal.ever_punched, post.terminal.ever_unreadable
    return (
        _by_key(((punch.pin, punch.device_time) for punch in punches), punch_stays),
        _by_key(((bytes(record),) for record in records), raw_stays),
    )


def _by_key(keys: Iterable[Any], stays: Sequence[Stay]) -> dict[Any, list[Stay]]:
    grouped: dict[Any, list[Stay]] = defaultdict(list)
    for key, stay in zip(keys, stays, strict=True):
        grouped[key].append(stay)
    return grouped


def _grouped(rows: Iterable[Sequence[Any]]) -> dict[str, Counter[Any]]:
    grouped: dict[str, Counter[Any]] = defaultdict(Counter)
    for serial, *rest in rows:
        grouped[serial][tuple(bytes(one) if isinstance(one, memoryview) else one for one in rest)] += 1
    return grouped


def _compare(
    result: Evidence, serial: str, truth: dict[Any, list[Stay]], stored: Counter[Any], readings: Sequence[Reading]
) -> None:
    for key in [key for key in stored if not any(key[0])]:  # zeros; a PIN is never empty
        sent_for_nothing = max(0, stored[key] - len(truth.get(key, ())))
        result.blanks += sent_for_nothing
        stored[key] -= sent_for_nothing
    result.punched += sum(map(len, truth.values()))
    result.stored += stored.total()
    for key, stays in truth.items():
        lacking = len(stays) - stored[key]
        if lacking < 0:
            result.doubled.append(f"{serial} {key}")
        elif lacking:
            excused = [stay for stay in stays if is_lost(stay, readings)]
            result.lost += min(lacking, len(excused))
            result.longest_unread = max(
                [result.longest_unread, *((s.until - s.since).total_seconds() for s in excused if s.until)]
            )
            result.missing += [f"{serial} {key}"] * max(0, lacking - len(excused))
    result.foreign += [f"{serial} {key}" for key in (+stored).keys() - truth.keys()]


def is_lost(stay: Stay, readings: Sequence[Reading]) -> bool:
    """Tell whether the terminal lost a record before anybody's reading of it was kept."""
    return stay.until is not None and not any(reading.covers(stay) for reading in readings)
