"""Seal what has come since the last seal. Writers never wait for it: it reads one snapshot and adds its own rows.

A row may be committed after later ones, so each seal looks again at the hour before it and covers what no seal has
covered yet. What a seal looked at, it says; so a row that turns up later still is found by :mod:`.verifying`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from eabsensi.clock import Clock
from eabsensi.sealing.chain import LATE, Span, leaves_in, link, part_of
from eabsensi.store.connection import Connection
from eabsensi.store.database import Store
from eabsensi.store.evidence import KINDS, Kind, count_rows, first_at, rows_between
from eabsensi.store.seals import Part, Seal, SealedMeanwhileError, add_seal, last_seal, leaves_over, reached_by

#: What a seal covers at most, where much has come since the last one; so that memory stays bounded. More have one seal
#: only where they claim to have come within the shortest step, as a large USB dump does.
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
                seal = _seal_next(connection, clock.now(), (start - LATE, through))
        except SealedMeanwhileError:  # what it did not see is looked for after it
            continue
        if seal is not None:
            yield seal
        start = through if through < until else None


def _start(connection: Connection, until: datetime, since: datetime | None) -> datetime | None:
    """Choose from when on rows may have come that no seal has looked for; None where there is nothing at all."""
    reached = reached_by(connection, until)
    if reached is None:
        reached = first_at(connection)
    return min(reached, until, since or until) if reached else None


def _step(connection: Connection, start: datetime, until: datetime) -> datetime:
    """Choose how far a seal reaches: to the present, or less far where that would be too much at once."""
    span = min(until - start, _USUAL_STEP)
    while span < until - start and not count_rows(connection, start, start + span):
        span = min(until - start, span * 2)
    while span > _SHORTEST_STEP and count_rows(connection, start, start + span) > MOST_ROWS:
        span /= 4
    return start + span


def _seal_next(connection: Connection, now: datetime, span: Span) -> Seal | None:
    parts = [part for kind in KINDS if (part := _cover(connection, kind, span))]
    if not parts:
        return None
    seal = link(last_seal(connection), now, span, parts)
    add_seal(connection, seal, parts)
    return seal


def _cover(connection: Connection, kind: Kind, span: Span) -> Part | None:
    known = {key for leaves in leaves_over(connection, kind.name, *span) for _, key in leaves_in(leaves)}
    rows = [row for row in rows_between(connection, kind, *span) if row.key not in known]
    return part_of(kind.name, rows) if rows else None
