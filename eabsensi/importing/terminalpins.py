"""Doubts about PINs that no user of the terminal has: a mistyped one makes its owner absent."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final, NamedTuple

from eabsensi.errors import Problem
from eabsensi.importing.fields import nearest, place
from eabsensi.store.people import Connection
from eabsensi.store.terminalusers import TerminalUsers, terminal_users

#: For how many rows a resembling PIN is looked up; a whole file of wrong PINs needs no more to be understood.
_MOST_COMPARED: Final = 100


class NamedPin(NamedTuple):
    """A row that names a terminal and a PIN; ``end`` is the first day on which it counts no more."""

    line: int
    serial: str
    pin: str
    end: date | None


def pin_doubts(connection: Connection, file: str, rows: Sequence[NamedPin]) -> list[Problem]:
    """Give a doubt for each row whose PIN was no user's when the users of its terminal were last read.

    Such a row is taken all the same, for people may be put on the terminal later. Nothing is said of terminals whose
    users were never read, and of rows that were over by then.
    """
    known = terminal_users(connection, {row.serial for row in rows})
    doubtful = [row for row in rows if row.serial in known and _is_doubtful(row, known[row.serial])]
    return [
        _doubt(file, row, known[row.serial], compare=number < _MOST_COMPARED) for number, row in enumerate(doubtful)
    ]


def _is_doubtful(row: NamedPin, users: TerminalUsers) -> bool:
    return row.pin not in users.pins and not (row.end is not None and row.end <= users.read_on)


def _doubt(file: str, row: NamedPin, users: TerminalUsers, *, compare: bool) -> Problem:
    whom = f"user in slot {row.pin}" if users.names_slots else f"user {row.pin}"
    what = f"{row.serial} had no {whom} when its users were last read on {users.read_on}; the row was taken as it is."
    remedy = f"Correct it, or put the person on the terminal and run `eabsensi device users {row.serial}`."
    return place(file, row.line, "pin", what, f"{_resembling(row.pin, users) if compare else ''}{remedy}")


def _resembling(pin: str, users: TerminalUsers) -> str:
    """Give "Did you mean …? "; first of all for a PIN that differs in its leading zeros only."""
    bare = pin.lstrip("0")
    twins = sorted(known for known in users.pins if known.lstrip("0") == bare)
    return nearest(twins[0], twins[:1]) if twins else nearest(pin, sorted(users.pins))
