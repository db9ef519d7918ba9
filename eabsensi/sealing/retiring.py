"""A month of punches let go, as the rules of retention have it: archived, proved, noted; never in silence.

The archive is written and read back before anything is removed, and the removal is itself evidence. Verdicts, closed
months and documents stay; the days of such a month are never judged again, since nobody is to be called absent because
the punches lie in an archive.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import os
import secrets
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import IO, Final, cast

from eabsensi.clock import Clock
from eabsensi.errors import EabsensiError, UsageError
from eabsensi.sealing.sealer import seal_evidence
from eabsensi.store.connection import Connection
from eabsensi.store.database import Store
from eabsensi.store.partitions import copy_month_out, ensure_months, may_make, months_of_punches, remove_month
from eabsensi.store.retiring import open_units
from eabsensi.store.seals import RetiredMonth, note_retired_month, retired_months

#: A month younger than this is never let go, whatever is asked: objections and audits of the year before need it.
LEAST_MONTHS: Final = 24
_BLOCK_BYTES: Final = 1 << 20


class MonthNeededError(EabsensiError):
    """The month's punches are still needed."""


class ArchiveError(EabsensiError):
    """The archive does not hold what it should; nothing was removed."""


@dataclass(frozen=True, slots=True)
class Archived:
    """A month that was let go.

    Attributes:
        month: its first day.
        rows: punches, counted in the table, in what was written and in what was read back.
        path: the archive, CSV under gzip.
        sha256: of the archive's bytes, in hexadecimal.

    """

    month: date
    rows: int
    path: Path
    sha256: str


def retire_month(store: Store, clock: Clock, month: date, *, to: Path, by: str, reason: str) -> Archived:
    """Archive a month of punches, prove the archive, note the month as retired, and remove it.

    Args:
        store: the open database, as the tables' owner.
        clock: tells the time.
        month: the month's first day.
        to: the folder of the archive.
        by: who lets it go.
        reason: the rule or decision of retention, for the trail.

    Raises:
        UsageError: without a reason, without a folder, or by somebody who is not the tables' owner.
        MonthNeededError: the month is too young, or a unit's month is not closed.
        ArchiveError: what was read back is not what stands in the table; nothing was removed.

    """
    _check_asked(to, reason)
    _check_old_enough(month, clock.now().date())
    seal_evidence(store, clock)
    with store.begin_as_owner() as connection:
        _check_may_go(connection, month)
        ensure_months(connection, month, month)
        archived = _archive(connection, month, to)
        told = f"{reason}; {archived.path.name}, sha256 {archived.sha256}"  # so the chain proves the archive
        note_retired_month(connection, RetiredMonth(month, archived.rows, clock.now(), by, told))
        remove_month(connection, month)
    return archived


def _check_asked(to: Path, reason: str) -> None:
    if not reason.strip():
        raise UsageError("A month is let go for a reason.", remedy="Name the decision of retention with --reason.")
    if not to.is_dir():
        raise UsageError(f"{to} is no folder.", remedy="Make it, on a disk that is backed up.")


def _check_old_enough(month: date, today: date) -> None:
    age = (today.year - month.year) * 12 + today.month - month.month
    if age < LEAST_MONTHS:
        raise MonthNeededError(
            f"{month:%Y-%m} is {max(age, 0)} months old; no month younger than {LEAST_MONTHS} is let go.",
        )


def _check_may_go(connection: Connection, month: date) -> None:
    if not may_make(connection):
        raise UsageError("Only the owner of the tables can let a month go.", remedy="Log in with the owner's URL.")
    if any(retired.month == month for retired in retired_months(connection)):
        raise MonthNeededError(f"{month:%Y-%m} was let go before.", remedy="What came since is kept.")
    still_open = open_units(connection, month)
    if still_open:
        named = ", ".join(still_open[:5]) + (", …" if len(still_open) > 5 else "")
        raise MonthNeededError(
            f"{month:%Y-%m} is not closed in {len(still_open)} units ({named}).",
            remedy="Close it there first: eabsensi period close.",
        )


def _archive(connection: Connection, month: date, to: Path) -> Archived:
    path = to / f"punch-{month:%Y-%m}.csv.gz"
    unfinished = to / f"{path.name}.{secrets.token_hex(4)}.part"  # what an attempt that died has left, stays aside
    with unfinished.open("xb") as stream:
        with gzip.GzipFile(fileobj=stream, mode="wb", mtime=0) as packed:
            rows = copy_month_out(connection, month, cast("IO[bytes]", packed))
        stream.flush()
        os.fsync(stream.fileno())
    found = count_rows(unfinished)
    if found != rows:
        raise ArchiveError(f"{unfinished} holds {found} punches instead of {rows}.", remedy="Nothing was removed.")
    unfinished.rename(path)
    _make_durable(to)
    return Archived(month, rows, path, _sha256(path))


def _make_durable(folder: Path) -> None:
    """Have the archive's name on the disk, too, before its month is removed."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def count_rows(path: Path) -> int:
    """Read an archive through, which also holds it against gzip's own checksum, and count its punches."""
    with gzip.open(path) as packed:
        return sum(1 for _ in csv.reader(io.TextIOWrapper(packed, encoding="utf-8", newline=""))) - 1


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK_BYTES):
            digest.update(block)
    return digest.hexdigest()


__all__ = ["ArchiveError", "Archived", "MonthNeededError", "count_rows", "months_of_punches", "retire_month"]
