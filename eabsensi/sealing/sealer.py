"""Seal what has come since the last seal. Writers never wait for it: it reads one snapshot and adds its own rows.

A row may be committed after later ones, so each seal looks again at the hour before it and covers what no seal has
covered yet. Where as many rows are there as are sealed (:mod:`.arrivals`), none is read: an everyday seal costs what is
new. What a seal looked at, it says; so a row that turns up later still is found by :mod:`.verifying`.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import groupby, islice
from operator import itemgetter
from typing import Final

from eabsensi.clock import Clock
from eabsensi.sealing.arrivals import STEP, differing, note_of, step_of, whole_steps
from eabsensi.sealing.chain import LATE, Span, leaves_in, link
from eabsensi.store.connection import Connection
from eabsensi.store.database import Store
from eabsensi.store.evidence import KINDS, Row, count_arrivals, count_rows, first_at, rows_between
from eabsensi.store.seals import (
    Part,
    Seal,
    SealedMeanwhileError,
    add_seal,
    last_seal,
    leaves_of,
    parts_over,
    reached_by,
    retired_months,
)

#: What a seal covers at most, so that memory stays bounded; more have several seals, which look for the same span.
MOST_ROWS: Final = 100_000
_USUAL_STEP: Final = timedelta(days=30)
_SHORTEST_STEP: Final = timedelta(seconds=10)


def seal_evidence(store: Store, clock: Clock, *, since: datetime | None = None) -> list[Seal]:
    """Seal every row of evidence that is there and not sealed yet.

    Safe to call from several processes at once: the seals of one stand, the other goes on after them.

    Args:
        store: the open database.
        clock: tells the time; where it is behind the last seal's, sealing goes on from the last seal before it.
        since: look again at everything that claims to have come after this instant, for rows that turned up so late
            that no seal would cover them any more.

    Returns:
        The new seals; none where nothing has come.

    """
    return list(_seals(store, clock, since))


def _seals(store: Store, clock: Clock, since: datetime | None) -> Iterator[Seal]:
    until = clock.now()
    with store.begin_snapshot() as connection:
        start = _start(connection, until, since)
    while start is not None:
        try:
            with store.begin_snapshot() as connection:
                through = _step(connection, start, until)
                made = seal_span(connection, clock.now(), (start - LATE, through))
        except SealedMeanwhileError:  # what it did not see is looked for after it
            continue
        yield from made
        start = through if through < until else None


def _start(connection: Connection, until: datetime, since: datetime | None) -> datetime | None:
    """Choose from when on rows may have come that no seal has looked for; None where there is nothing at all."""
    reached = reached_by(connection, until)
    if reached is None:
        reached = first_at(connection)
    return min(reached, until, since or until) if reached else None


def _step(connection: Connection, start: datetime, until: datetime) -> datetime:
    """Choose how far to look: to the present, or less far after a pause in which much has come."""
    if until - start <= LATE:
        return until
    span = min(until - start, _USUAL_STEP)
    while span < until - start and not count_rows(connection, start, start + span):
        span = min(until - start, span * 2)
    while span > _SHORTEST_STEP and count_rows(connection, start, start + span) > MOST_ROWS:
        span /= 4
    return start + span


def seal_span(connection: Connection, now: datetime, span: Span) -> list[Seal]:
    """Seal what no seal covers of the rows that claim to have come in a span; several seals where there are many.

    Args:
        connection: in a transaction that sees one state of the database.
        now: the present instant.
        span: after the first, and up to the second instant; it is widened to where a step begins.

    Raises:
        SealedMeanwhileError: somebody else has sealed since; the transaction is then broken.

    """
    span = (whole_steps(span[0]), span[1])
    seals: list[Seal] = []
    rows = _unsealed(connection, span)
    previous = last_seal(connection)
    while piece := list(islice(rows, MOST_ROWS)):
        parts = [part_of(name, [row for _, row in found], span) for name, found in groupby(piece, key=itemgetter(0))]
        previous = link(previous, now, span, parts)
        add_seal(connection, previous, parts)
        seals.append(previous)
    return seals


def _unsealed(connection: Connection, span: Span) -> Iterator[tuple[str, Row]]:
    """Give the rows that no seal covers, by kind; only where there are more of them than are sealed is a row read."""
    present: dict[str, dict[int, int]] = {}
    for name, begin, rows in count_arrivals(connection, *span, STEP):
        present.setdefault(name, {})[step_of(begin + STEP)] = rows
    sealed = parts_over(connection, *span) if present else []
    if any(retired.at > span[0] for retired in retired_months(connection)):  # rows are gone that seals have counted
        sealed = [part._replace(arrivals=None) for part in sealed]
    for kind in (kind for kind in KINDS if kind.name in present):
        parts = [part for part in sealed if part.kind == kind.name]
        for within, seals in differing(present[kind.name], parts, span[1]):
            known = {key for leaves in leaves_of(connection, kind.name, seals) for _, key in leaves_in(leaves)}
            rows_there = rows_between(connection, kind, *within)
            yield from ((kind.name, row) for row in rows_there if row.key not in known)


def part_of(kind: str, rows: Sequence[Row], span: Span) -> Part:
    """Cover some rows of one kind, in their order."""
    lines = "".join(f"{row.digest} {row.key}\n" for row in rows)
    return Part(kind, len(rows), zlib.compress(lines.encode()), note_of((row.at for row in rows), span))
