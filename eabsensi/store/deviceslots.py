"""Terminals whose records name a person by the slot: who sits there, and where a punch may reach the wrong person.

Records of 8 bytes hold the slot, not the user id that people type (protocol §1.9). So the slot is the PIN of such a
terminal, and an enrolment that was made by user id would give one person's punches to another. Nothing is translated:
a slot is renumbered and used again, and a table read today says nothing about a record of last year. It is used to
refuse and to warn.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final, NamedTuple

from sqlalchemy import Connection, text

from eabsensi.devices.attlog import Layout

__all__ = [
    "SLOTTED",
    "Doubt",
    "Seat",
    "SeenUser",
    "SlotDoubt",
    "SlotTable",
    "known_layout",
    "save_users",
    "slot_doubts",
    "slot_tables",
]

#: True of a row ``l`` of ``device_log`` whose records name slots.
SLOTTED: Final = f"l.layout IN ({', '.join(repr(layout.value) for layout in Layout if layout.names_slots)})"
_SHORTEST_WORD: Final = 3


class SeenUser(NamedTuple):
    """A user as a terminal showed it."""

    user_id: str
    name: str
    slot: int


class Seat(NamedTuple):
    """Who sits in a slot, by the latest reading of the terminal's users.

    Attributes:
        pin: the slot, as its punches name it.
        user_id: what that user types.
        name: as on the device; "" where there is none.
        owner_name: the name on the device of the user whose user id is this PIN; "" where nobody's is.
        owner_slot: that user's slot; None where nobody's is.

    """

    pin: str
    user_id: str
    name: str
    owner_name: str
    owner_slot: int | None

    @property
    def differs(self) -> bool:
        """Whether this slot means another person than this user id."""
        return self.user_id != self.pin

    def is_for_the_other(self, employee_name: str) -> bool:
        """Tell whether an employee's name fits the user with this user id and not the one in this slot."""
        return (
            self.differs
            and _share_a_word(employee_name, self.owner_name)
            and not _share_a_word(employee_name, self.name)
        )


@dataclass(frozen=True, slots=True)
class SlotTable:
    """The users of a terminal whose records name slots.

    Attributes:
        device_id, serial: which.
        since: the first date on which a punch there may count.
        until: the date after which it was read no more; None while it is in use.
        read_at: when its users were last read; None where never.
        seats: who sits where, by PIN.

    """

    device_id: int
    serial: str
    since: date
    until: date | None
    read_at: datetime | None
    seats: dict[str, Seat]

    @property
    def differing(self) -> int:
        """How many slots mean another person than the same user id."""
        return sum(seat.differs for seat in self.seats.values())


class Doubt(StrEnum):
    """Why a slot's punches may reach the wrong person."""

    EVERYWHERE = "everywhere"
    NAME = "name"
    REUSED = "reused"


class SlotDoubt(NamedTuple):
    """An enrolment that counts for a slot's punches and may have been meant for another user."""

    device_id: int
    pin: str
    doubt: Doubt
    nip: str


def save_users(connection: Connection, device_id: int, users: Iterable[SeenUser], seen_at: datetime) -> None:
    """Keep a terminal's users; those who are gone from it keep the name and the slot they had.

    A slot that was another user's before keeps when it was last seen to be.
    """
    seen = {user.user_id: user for user in users}
    connection.execute(
        _SAVE,
        {
            "device_id": device_id,
            "pins": list(seen),
            "names": [user.name for user in seen.values()],
            "slots": [user.slot for user in seen.values()],
            "seen_at": seen_at,
        },
    )


_SAVE = text("""
    INSERT INTO device_user (device_id, pin, name, seen_at, slot, slot_taken_after)
    SELECT :device_id, seen.pin, seen.name, :seen_at, seen.slot,
           (SELECT max(other.seen_at) FROM device_user other
            WHERE other.device_id = :device_id AND other.slot = seen.slot AND other.pin <> seen.pin)
    FROM unnest(CAST(:pins AS text[]), CAST(:names AS text[]), CAST(:slots AS integer[])) AS seen (pin, name, slot)
    ON CONFLICT (device_id, pin) DO UPDATE SET name = excluded.name, seen_at = excluded.seen_at, slot = excluded.slot,
        slot_taken_after = CASE WHEN device_user.slot = excluded.slot THEN device_user.slot_taken_after
                                ELSE excluded.slot_taken_after END
    WHERE device_user.seen_at <= excluded.seen_at
""")


def known_layout(connection: Connection, serial: str) -> Layout | None:
    """Give the layout of a registered terminal's log; None before it was read."""
    found = connection.execute(_LAYOUT, {"serial": serial}).scalar()
    return None if found is None else Layout(found)


_LAYOUT = text("SELECT layout FROM device_log JOIN device ON device.id = device_id WHERE serial = :serial")


def slot_tables(connection: Connection, serials: Sequence[str] | None = None) -> list[SlotTable]:
    """Give the terminals whose records name slots, with who sits where; ``serials`` None is every one."""
    seats: defaultdict[int, dict[str, Seat]] = defaultdict(dict)
    asked = {"serials": None if serials is None else list(serials)}
    for row in connection.execute(_SEATS, asked):
        seats[row.device_id][row.pin] = Seat(*row[1:])
    return [
        SlotTable(row.id, row.serial, row.since, row.until, row.read_at, seats[row.id])
        for row in connection.execute(_TERMINALS, asked)
    ]


_SLOTTED_DEVICE = f"""
    slotted AS (
        SELECT d.id, d.serial, d.timezone,
               least(d.in_use_since, d.in_use_from, CAST(d.registered_at AT TIME ZONE d.timezone AS date)) AS since,
               CASE WHEN NOT d.enabled THEN CAST(d.disabled_at AT TIME ZONE d.timezone AS date) + 1 END AS until
        FROM device d JOIN device_log l ON l.device_id = d.id
        WHERE {SLOTTED} AND (CAST(:serials AS text[]) IS NULL OR d.serial = ANY(CAST(:serials AS text[])))
    ), seat AS (
        SELECT DISTINCT ON (u.device_id, u.slot) u.device_id, CAST(u.slot AS text) AS pin, u.pin AS user_id, u.name,
               u.slot_taken_after
        FROM device_user u JOIN slotted ON slotted.id = u.device_id WHERE u.slot IS NOT NULL
        ORDER BY u.device_id, u.slot, u.seen_at DESC, u.pin
    )
"""  # noqa: S608  made of constants
_SEATS = text(f"""
    WITH {_SLOTTED_DEVICE}
    SELECT seat.device_id, seat.pin, seat.user_id, seat.name, coalesce(owner.name, ''), owner.slot
    FROM seat LEFT JOIN device_user owner ON owner.device_id = seat.device_id AND owner.pin = seat.pin
    ORDER BY seat.device_id, length(seat.pin), seat.pin
""")  # noqa: S608  made of constants
_TERMINALS = text(f"""
    WITH {_SLOTTED_DEVICE}
    SELECT id, serial, since, until,
           (SELECT max(seen_at) FROM device_user u WHERE u.device_id = slotted.id AND u.slot IS NOT NULL) AS read_at
    FROM slotted ORDER BY serial
""")  # noqa: S608  made of constants


def slot_doubts(connection: Connection, tables: Sequence[SlotTable]) -> list[SlotDoubt]:
    """Give the enrolments by which a slot's punches may reach the wrong person, by terminal and PIN.

    A PIN on every device is in doubt where the slot of that number is another user's and no enrolment on the terminal
    itself outranks it. One on the terminal is in doubt where the employee's name is that of the user with this user
    id, or where the slot has gone to another user since it began.
    """
    seats = {(table.device_id, pin): seat for table in tables for pin, seat in table.seats.items()}
    found = [
        SlotDoubt(row.device_id, row.pin, Doubt.EVERYWHERE, row.nip) for row in connection.execute(_EVERYWHERE, _ALL)
    ]
    for row in connection.execute(_OWN, _ALL):
        seat = seats.get((row.device_id, row.pin))
        if row.reused:
            found.append(SlotDoubt(row.device_id, row.pin, Doubt.REUSED, row.nip))
        elif seat is not None and seat.is_for_the_other(row.name):
            found.append(SlotDoubt(row.device_id, row.pin, Doubt.NAME, row.nip))
    known = {table.device_id for table in tables}
    return sorted((doubt for doubt in found if doubt.device_id in known), key=_place)


_ALL: Final = {"serials": None}
_EVERYWHERE = text(f"""
    WITH {_SLOTTED_DEVICE}, used AS (
        SELECT id, daterange(since, CASE WHEN until IS NOT NULL THEN greatest(until, since) END) AS days FROM slotted
    )
    SELECT seat.device_id, seat.pin, e.nip
    FROM seat JOIN used ON used.id = seat.device_id
    JOIN enrolment n ON n.device_id IS NULL AND n.pin = seat.pin AND n.valid_during && used.days
    JOIN employee e ON e.id = n.employee_id
    WHERE seat.user_id <> seat.pin AND NOT coalesce(
        (SELECT range_agg(own.valid_during) FROM enrolment own
         WHERE own.device_id = seat.device_id AND own.pin = seat.pin)
        @> (n.valid_during * used.days), false)
""")  # noqa: S608  made of constants
_OWN = text(f"""
    WITH {_SLOTTED_DEVICE}
    SELECT seat.device_id, seat.pin, e.nip, e.name,
           coalesce(coalesce(lower(n.valid_during), CAST('-infinity' AS date))
               <= CAST(seat.slot_taken_after AT TIME ZONE slotted.timezone AS date), false) AS reused
    FROM seat JOIN slotted ON slotted.id = seat.device_id
    JOIN enrolment n ON n.device_id = seat.device_id AND n.pin = seat.pin
         AND n.valid_during @> CAST(now() AT TIME ZONE slotted.timezone AS date)
    JOIN employee e ON e.id = n.employee_id
    WHERE seat.user_id <> seat.pin OR seat.slot_taken_after IS NOT NULL
""")  # noqa: S608  made of constants


def _place(doubt: SlotDoubt) -> tuple[int, int, str]:
    return doubt.device_id, len(doubt.pin), doubt.pin


def _share_a_word(one: str, other: str) -> bool:
    """Tell whether two names have a word in common; a terminal cuts the last word of a long name."""
    return any(a.startswith(b) or b.startswith(a) for a in _words(one) for b in _words(other))


def _words(name: str) -> list[str]:
    return [word for word in re.findall(r"[^\W\d_]+", name.lower()) if len(word) >= _SHORTEST_WORD]
