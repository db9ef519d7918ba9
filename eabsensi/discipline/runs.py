"""Consecutive working days absent: a walk over marked dates."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from enum import StrEnum

Run = tuple[date, ...]


class Mark(StrEnum):
    """What a date does to a run."""

    COUNTS = "counts"
    PASSED_OVER = "passed-over"
    UNRECORDED = "unrecorded"  # nobody could record, so the day says neither that one was there nor that one was not
    ENDS = "ends"
    UNKNOWN = "unknown"


def find_runs(
    marked: Iterable[tuple[date, Mark]], *, unknown_counts: bool = False, unrecorded_ends: bool = False
) -> tuple[Run, ...]:
    """Find the runs, earliest first.

    Args:
        marked: dates, earliest first; a date that is missing ends a run, since nothing is known of it.
        unknown_counts: take every unknown date as a day absent, else as one that ends a run. The first tells how long
            a run may turn out to be, the second how long it surely is.
        unrecorded_ends: let a day on which nobody could record end a run, else it is passed over. The first tells
            whether a run is long enough without reaching over such a day.

    Returns:
        The dates that count, run by run.

    """
    runs: list[list[date]] = []
    going, before = False, date.min
    for on, mark in marked:
        going = going and on - before == timedelta(days=1)
        before = on
        if mark is Mark.COUNTS or (mark is Mark.UNKNOWN and unknown_counts):
            if not going:
                runs.append([])
            runs[-1].append(on)
            going = True
        elif mark is not Mark.PASSED_OVER and (mark is not Mark.UNRECORDED or unrecorded_ends):
            going = False
    return tuple(tuple(run) for run in runs)


def longest(runs: Iterable[Run]) -> Run:
    """Give the longest run, the earliest of equals; empty where there is none."""
    return max(runs, key=len, default=())
