"""Walk the chain from its first seal and name the first row of evidence that somebody has touched.

Read in one snapshot, a bounded number of rows at a time: what a seal covers was there when it was made, so it is
there now, unless it was touched. Rows are met in the order of the time that they claim; a row that no seal has
covered, though seals have looked past its time by more than an honest transaction lasts, was put in afterwards.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from eabsensi.sealing.broken import Broken, BrokenError, missing_head, missing_seal, of_row, rewritten
from eabsensi.sealing.chain import BEFORE_THE_FIRST, LATE, hash_of, head_of
from eabsensi.sealing.heads import Head
from eabsensi.sealing.streams import Retired, Stream
from eabsensi.store.connection import Connection
from eabsensi.store.database import Store
from eabsensi.store.evidence import KINDS, Row, first_differing
from eabsensi.store.seals import Part, RetiredMonth, Seal, all_seals, parts_of, retired_months

__all__ = ["Broken", "Late", "Verification", "verify_evidence", "verify_within"]

_ROWS_AT_ONCE: Final = 50_000
_SPAN_AT_ONCE: Final = timedelta(days=1)


class Late(NamedTuple):
    """A row that was sealed long after the time that it claims: a clock was ahead, or somebody asked for it."""

    kind: str
    key: dict[str, object]
    at: datetime
    seal: int
    sealed_at: datetime


@dataclass(slots=True)
class Verification:
    """What a walk along the chain found.

    Attributes:
        seals: how many were walked and compared.
        rows: how many rows of evidence they cover and were compared.
        head: the last seal as it is printed, or None where there is none.
        head_at: when that seal was made.
        proved: the seal whose head was asked for, as it is printed; None where none was.
        waiting: rows that are not sealed yet.
        waiting_since: when the oldest of these came, or None.
        late: rows that were sealed long after the time that they claim.
        first_late: the first of these, or None.
        retired: months of punches that were removed on purpose, which the evidence itself says.
        retired_rows: how many sealed punches went with them.
        broken: the first place that was touched, or None.

    """

    seals: int = 0
    rows: int = 0
    head: str | None = None
    head_at: datetime | None = None
    proved: str | None = None
    waiting: int = 0
    waiting_since: datetime | None = None
    late: int = 0
    first_late: Late | None = None
    retired: list[RetiredMonth] = field(default_factory=list)
    retired_rows: int = 0
    broken: Broken | None = None


_DIFFERS: Final = {
    "changed": "is not what its last recorded change made of it",
    "removed": "is gone, while its recorded changes are there",
    "inserted": "was never filed: no recorded change made it",
}
Progress = Callable[[int], object]


def verify_evidence(
    store: Store, *, since: datetime | None = None, head: Head | None = None, progress: Progress = lambda _: None
) -> Verification:
    """Compare the evidence with the chain, and the chain with itself and with a head on paper.

    Args:
        store: the open database.
        since: compare only rows of seals that reach past this instant; of earlier ones only that each names the one
            before it.
        head: as a report shows it; it has to be one of the chain's.
        progress: is told how many rows have been compared.

    """
    with store.begin_snapshot() as connection:
        return verify_within(connection, since=since, head=head, progress=progress)


def verify_within(
    connection: Connection,
    *,
    since: datetime | None = None,
    head: Head | None = None,
    progress: Progress = lambda _: None,
) -> Verification:
    """Compare as :func:`verify_evidence` does, in a transaction that sees one state of the database."""
    return _Walk(connection, since, head, progress).run()


class _Walk:
    """One verification."""

    def __init__(self, connection: Connection, since: datetime | None, head: Head | None, progress: Progress) -> None:
        self._connection = connection
        self._since = since
        self._progress = progress
        self._found = Verification(retired=retired_months(connection))
        self._retired = Retired(self._found.retired)
        self._streams: list[Stream] = []
        self._links = _Links(connection, head)
        self._reached: datetime | None = None
        self._polls: set[int] = set()  # those of the span's seals so far

    def run(self) -> Verification:
        try:
            self._walk()
        except BrokenError as ended:
            self._found.broken = ended.broken
        self._found.retired_rows = self._retired.rows
        return self._found

    def _walk(self) -> None:
        for window in _windows(self._compared()):
            self._check_window(window)
        self._check_chain()
        self._check_retired()
        self._check_waiting()
        self._check_state()

    def _compared(self) -> Iterator[_Linked]:
        """Give the seals whose rows are to be compared, and have the rows read from where the first of them looks."""
        for linked in self._links.follow():
            if not self._streams:
                if self._since and linked.seal.through_at <= self._since:
                    self._reached = _later(self._reached, linked.seal)
                    continue
                self._open(linked)
            yield linked

    def _open(self, first: _Linked) -> None:
        start = (
            min(first.seal.after_at, first.floor) if first.seal.number > 1 else None
        )  # whatever was put in before it
        self._streams = [Stream(self._connection, kind, start) for kind in KINDS]
        if first.seal.number > 1:
            for stream in self._streams:
                stream.forget_sealed(first.seal.number)

    def _check_window(self, window: list[_Linked]) -> None:
        ahead = max(linked.seal.through_at for linked in window)
        parts = parts_of(self._connection, window[0].seal.number, window[-1].seal.number)
        for stream in self._streams:
            stream.open(ahead)
        for linked in window:
            covered = parts.get(linked.seal.number, [])
            _check_hash(linked.seal, covered)
            self._check_rows(linked.seal, {part.kind: part for part in covered})
            if not linked.goes_on:
                self._check_left(linked)
            self._found.seals += 1
            self._progress(self._found.rows)

    def _check_rows(self, seal: Seal, parts: dict[str, Part]) -> None:
        for stream in self._streams:
            if part := parts.get(stream.kind.name):
                for row in stream.match(seal, part, self._retired):
                    self._count(stream, row, seal)

    def _check_left(self, last: _Linked) -> None:
        """Look at what the seals of a span have left; only the last of them tells."""
        for stream in self._streams:
            stream.read(last.seal.through_at)
            stream.check_left(last.seal, self._polls, last.floor)
        self._reached = _later(self._reached, last.seal)
        self._polls.clear()

    def _count(self, stream: Stream, row: Row, seal: Seal) -> None:
        """Count a row that is as it was; what a poll brought was sealed with it, since both came in one transaction."""
        self._found.rows += 1
        if stream.kind.name == "poll":
            self._polls.add(json.loads(row.key)[0])
        elif row.poll is not None and row.poll not in self._polls:
            raise BrokenError(stream.not_brought(row, seal))
        if self._reached is not None and row.at <= self._reached - LATE:
            self._found.late += 1
            key = stream.named(row.key)
            self._found.first_late = self._found.first_late or Late(
                stream.kind.name, key, row.at, seal.number, seal.sealed_at
            )

    def _check_chain(self) -> None:
        last = self._links.last
        self._found.head, self._found.head_at = (head_of(last), last.sealed_at) if last else (None, None)
        if broken := self._links.broken:
            raise BrokenError(broken)
        if self._links.head is None:
            return
        if self._links.proved is None:
            raise BrokenError(missing_head(self._links.head, last, self._links.numbered))
        self._found.proved = head_of(self._links.proved)

    def _check_retired(self) -> None:
        if gone := self._retired.in_part():
            punch, (key, seal) = self._stream("punch"), gone
            why = "was sealed in {seal} and is gone, while others of its month, which was removed on purpose, are there"
            raise BrokenError(of_row("punch", punch.named(key), "removed", seal, None, why))

    def _check_waiting(self) -> None:
        """Count what no seal covers yet; what a poll brought has to be waiting together with it."""
        polls: set[int] = set()
        for stream in self._streams or self._unsealed():
            for row in stream.rest():
                self._found.waiting += 1
                self._found.waiting_since = min(row.at, self._found.waiting_since or row.at)
                if stream.kind.name == "poll":
                    polls.add(json.loads(row.key)[0])
                elif row.poll is not None and row.poll not in polls:
                    raise BrokenError(stream.not_brought(row, self._links.last))

    def _unsealed(self) -> list[Stream]:
        """Give the rows past the last seal where no seal was compared."""
        last = self._links.last
        if last is None:
            return [Stream(self._connection, kind, None) for kind in KINDS]
        streams = [Stream(self._connection, kind, last.through_at - LATE) for kind in KINDS]
        for stream in streams:
            stream.forget_sealed(last.number + 1)
        return streams

    def _check_state(self) -> None:
        if differing := first_differing(self._connection):
            raise BrokenError(of_row(*differing, None, None, _DIFFERS[differing.what]))

    def _stream(self, name: str) -> Stream:
        return next(stream for stream in self._streams if stream.kind.name == name)


class _Linked(NamedTuple):
    """A seal, the instant up to which no later one looks at what claims to have come, and whether the next goes on."""

    seal: Seal
    floor: datetime
    goes_on: bool


class _Links:
    """The chain without what it covers: whether each seal names the one before it, and who shows a head."""

    def __init__(self, connection: Connection, head: Head | None) -> None:
        self._connection = connection
        self.head = head
        self.last: Seal | None = None
        self.proved: Seal | None = None
        self.numbered: Seal | None = None
        self.broken: Broken | None = None

    def follow(self) -> Iterator[_Linked]:
        """Give the seals in their order, up to the first that does not continue the one before it."""
        number, previous = 1, BEFORE_THE_FIRST
        for seal, later, goes_on in all_seals(self._connection):
            if seal.number != number:
                self.broken = missing_seal(number, seal)
                return
            if seal.previous != previous:
                self.broken = rewritten(seal, f"does not continue seal {number - 1}")
                return
            self._look_for_head(seal)
            yield _Linked(seal, seal.through_at - LATE if later is None else later, goes_on)
            self.last = seal
            number, previous = number + 1, seal.sha256

    def _look_for_head(self, seal: Seal) -> None:
        if self.head is None:
            return
        if self.head.is_of(seal):
            self.proved = seal
        if self.head.number == seal.number:
            self.numbered = seal


def _windows(seals: Iterator[_Linked]) -> Iterator[list[_Linked]]:
    """Put seals together whose rows are read at once: about a day's, or those of one large seal."""
    window: list[_Linked] = []
    rows = 0
    for linked in seals:
        rows += linked.seal.rows
        apart = window and linked.seal.through_at - window[0].seal.through_at > _SPAN_AT_ONCE
        if window and (apart or rows > _ROWS_AT_ONCE):
            yield window
            window, rows = [], linked.seal.rows
        window.append(linked)
    if window:
        yield window


def _check_hash(seal: Seal, parts: list[Part]) -> None:
    try:
        whole = hash_of(seal, parts) == seal.sha256
    except zlib.error:
        whole = False
    if not whole:
        raise BrokenError(rewritten(seal, "does not have the hash of what it says and covers"))


def _later(reached: datetime | None, seal: Seal) -> datetime:
    return seal.through_at if reached is None else max(reached, seal.through_at)
