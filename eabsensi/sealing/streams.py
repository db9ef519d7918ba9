"""The rows of one kind of evidence, met in the order of the time that they claim, beside what the seals say of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from itertools import chain

from eabsensi.sealing.broken import Broken, BrokenError, moment, of_row
from eabsensi.sealing.chain import leaves_in
from eabsensi.store.connection import Connection
from eabsensi.store.evidence import Kind, Row, find_row, rows_between
from eabsensi.store.seals import Part, RetiredMonth, Seal, find_seals, leaves_over, sealed_in


class Stream:
    """The rows of one kind, and those that no seal has covered so far."""

    def __init__(self, connection: Connection, kind: Kind, start: datetime | None) -> None:
        self.kind = kind
        self._connection = connection
        self._until = start
        self._coming: Iterator[Row] = iter(())
        self._next: Row | None = None
        self._left: dict[str, Row] = {}
        self._known: set[str] = set()

    def forget_sealed(self, before: int) -> None:
        """Leave out the rows that are covered by seals numbered below this one."""
        for leaves in leaves_over(self._connection, self.kind.name, self._until, before=before):
            self._known.update(key for _, key in leaves_in(leaves))

    def open(self, ahead: datetime) -> None:
        """Have the table read up to ``ahead`` at once, where it was not read as far; a row at a time."""
        if self._until is None or ahead > self._until:
            self._coming = chain(self._untaken(), rows_between(self._connection, self.kind, self._until, ahead))
            self._next = next(self._coming, None)
            self._until = ahead

    def _untaken(self) -> Iterator[Row]:
        """Give the rows that are being read and were not taken in yet."""
        return chain(() if self._next is None else (self._next,), self._coming)

    def read(self, through: datetime) -> None:
        """Take in the rows up to ``through``."""
        while self._take(through) is not None:
            pass

    def _take(self, through: datetime) -> Row | None:
        """Take in the next row up to ``through``; None where there is none."""
        row = self._next
        if row is None or row.at > through:
            return None
        self._next = next(self._coming, None)
        if row.key not in self._known:
            self._left[row.key] = row
        return row

    def match(self, seal: Seal, part: Part, retired: Retired) -> Iterator[Row]:
        """Give the rows that a part covers, which are then accounted for; the table is read as far as that needs.

        Raises:
            BrokenError: one is gone, or is not what was sealed.

        """
        for digest, key in leaves_in(part.leaves):
            while key not in self._left and self._take(seal.through_at) is not None:
                pass
            row = self._left.pop(key, None)
            if row is not None and row.digest == digest:
                retired.meet(self.kind, key, seal)
                yield row
            elif row is not None or not retired.covers(self.kind, key, seal):
                raise BrokenError(self._touched(key, row, seal))

    def _touched(self, key: str, row: Row | None, seal: Seal) -> Broken:
        row = row or find_row(self._connection, self.kind, key)  # its time may be what was changed
        if row is None:
            return of_row(self.kind.name, self.named(key), "removed", seal, None, "was sealed in {seal} and is gone")
        return of_row(self.kind.name, self.named(key), "changed", seal, row.at, "is not what {seal} covers")

    def check_left(self, seal: Seal, polls: set[int], floor: datetime) -> None:
        """Make sure that what no seal has covered so far may still be covered by a later one.

        Args:
            seal: the one at which the walk is.
            polls: the polls that it covers; what they brought came with them.
            floor: no later seal looks at what claims to have come by then.

        Raises:
            BrokenError: a row was put in, or its time was changed.

        """
        for row in self._left.values():
            if row.poll in polls:
                raise BrokenError(self.not_brought(row, seal))
            if row.at <= floor:
                raise BrokenError(self._inserted(row, seal, "was not there when {seal} looked for such rows"))

    def not_brought(self, row: Row, seal: Seal | None) -> Broken:
        """Say that a row is not of the poll that it names."""
        return self._inserted(row, seal, f"was not brought by poll {row.poll}, which it names")

    def _inserted(self, row: Row, seal: Seal | None, why: str) -> Broken:
        """Say that a row was put in; or changed in its time, where another seal covers it."""
        for number, leaves in sealed_in(self._connection, self.kind.name):
            if any(key == row.key for _, key in leaves_in(leaves)):
                found = next(find_seals(self._connection, number, ""), None)
                return of_row(
                    self.kind.name, self.named(row.key), "changed", found, row.at, "is not what {seal} covers"
                )
        why = f"claims to have come {moment(row.at)} but {why}"
        return of_row(self.kind.name, self.named(row.key), "inserted", seal, row.at, why)

    def rest(self) -> Iterator[Row]:
        """Give what no seal covers, up to the end of the table."""
        yield from self._left.values()
        yield from (row for row in self._untaken() if row.key not in self._known)
        yield from rows_between(self._connection, self.kind, self._until, None)

    def named(self, key: str) -> dict[str, object]:
        """Give the names and values of a row's key."""
        return dict(zip(self.kind.key, json.loads(key), strict=True))


class Retired:
    """The months of punches that were removed on purpose; a month is removed whole or not at all.

    Attributes:
        rows: how many sealed punches went with their months.

    """

    def __init__(self, months: list[RetiredMonth]) -> None:
        self._months = {f"{retired.month:%Y-%m}": retired for retired in months}
        self._gone: dict[str, tuple[str, Seal]] = {}
        self._there: set[str] = set()
        self.rows = 0

    def covers(self, kind: Kind, key: str, seal: Seal) -> bool:
        """Tell whether a sealed row that is not there went with its month; and count it then."""
        month = self._month(kind, key, seal)
        if month is None:
            return False
        self._gone.setdefault(month, (key, seal))
        self.rows += 1
        return True

    def meet(self, kind: Kind, key: str, seal: Seal) -> None:
        """Note that a sealed row is there."""
        if self._months and (month := self._month(kind, key, seal)):
            self._there.add(month)

    def in_part(self) -> tuple[str, Seal] | None:
        """Give the first punch that is gone while others of its month are there, and its seal; None without any."""
        return next((gone for month, gone in self._gone.items() if month in self._there), None)

    def _month(self, kind: Kind, key: str, seal: Seal) -> str | None:
        """Give a punch's month where it was removed after this seal; what a log showed again later is no part of it."""
        if kind.name != "punch":
            return None
        month = key.rsplit('"', 2)[1][:7] if self._months else ""
        retired = self._months.get(month)
        return month if retired is not None and seal.sealed_at <= retired.at else None
