"""Refusing enrolments by which a punch would reach the wrong person, on terminals whose records name slots."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date

from eabsensi.store.deviceslots import Seat, SlotTable, slot_tables
from eabsensi.store.people import Connection, Enrolment


@dataclass(frozen=True, slots=True)
class SlotClash:
    """An enrolment that would give punches of a slot to another person than the one who sits there.

    Attributes:
        serial: the terminal.
        seat: who sits there.
        everywhere: the PIN is meant for every device, and none of its own outranks it there; else it is for this
            terminal, and the person's name is that of the user with this user id.
        since: the first date on which it would count there.

    """

    serial: str
    seat: Seat
    everywhere: bool
    since: date

    def __str__(self) -> str:
        """Say what is wrong."""
        pin, seat = self.seat.pin, self.seat
        sits = f"slot {pin} of {self.serial} is the user with user id {seat.user_id} ({seat.name or 'no name'})"
        if self.everywhere:
            return f"records of {self.serial} name the slot, and {sits}: those punches would reach this employee."
        return (
            f"records of {self.serial} name the slot, and {sits}; the user with user id {pin} ({seat.owner_name}) "
            f"has slot {seat.owner_slot}."
        )

    @property
    def remedy(self) -> str:
        """Say what to do."""
        if self.everywhere:
            return (
                f"First enrol whoever has slot {self.seat.pin} of {self.serial}: a row with the serial {self.serial}, "
                f"the pin {self.seat.pin} and from {self.since}; it outranks the one on every device."
            )
        return f"On {self.serial} write the PIN that `eabsensi device users {self.serial}` shows, which is the slot."


@dataclass(frozen=True, slots=True)
class SlotRules:
    """What is known of all terminals whose records name slots."""

    tables: Sequence[SlotTable]
    _by_device: dict[int, SlotTable] = field(init=False)
    _differing: dict[str, list[tuple[SlotTable, Seat]]] = field(init=False)

    def __post_init__(self) -> None:
        """Index the tables: a city imports tens of thousands of rows."""
        differing: dict[str, list[tuple[SlotTable, Seat]]] = {}
        for table in self.tables:
            for seat in table.seats.values():
                if seat.differs:
                    differing.setdefault(seat.pin, []).append((table, seat))
        object.__setattr__(self, "_by_device", {table.device_id: table for table in self.tables})
        object.__setattr__(self, "_differing", differing)

    @classmethod
    def load(cls, connection: Connection) -> SlotRules:
        """Read them."""
        return cls(slot_tables(connection))

    def clash(
        self, wanted: Enrolment, employee_name: str, own: Callable[[int], Sequence[Enrolment]]
    ) -> SlotClash | None:
        """Tell on which terminal an enrolment would give punches to the wrong person; None where on none.

        Args:
            wanted: the enrolment.
            employee_name: whose it is.
            own: gives the enrolments of its PIN on a device of its own, as they will be.

        """
        if wanted.device_id is not None:
            table = self._by_device.get(wanted.device_id)
            seat = table.seats.get(wanted.pin) if table else None
            if table and seat and seat.is_for_the_other(employee_name):
                return SlotClash(table.serial, seat, everywhere=False, since=wanted.start)
            return None
        for table, seat in self._differing.get(wanted.pin, ()):
            since = max(wanted.start, table.since)
            until = min(wanted.end or date.max, table.until or date.max)
            bare = _first_bare(since, until, own(table.device_id))
            if bare is not None:
                return SlotClash(table.serial, seat, everywhere=True, since=bare)
        return None

    def notices(self, wanted: Sequence[Enrolment]) -> list[tuple[str, str, str]]:
        """Give what to look at after these were taken: the terminal, what is so, and what to do."""
        found = []
        everywhere = any(enrolment.device_id is None for enrolment in wanted)
        for table in self.tables:
            look = f"Run `eabsensi device users {table.serial}` and compare."
            named = [enrolment for enrolment in wanted if enrolment.device_id == table.device_id]
            if table.read_at is None and (named or everywhere):
                what = "its records name the slot and its users were not read yet, so nobody knows whose the PINs are."
                found.append((table.serial, what, look))
            by_slot = sum(1 for item in named if (seat := table.seats.get(item.pin)) is not None and seat.differs)
            if by_slot:
                pins = "1 PIN was" if by_slot == 1 else f"{by_slot} PINs were each"
                what = f"its records name the slot, so {pins} taken as a slot, not as a user id."
                found.append((table.serial, what, look))
        return found


def _first_bare(since: date, until: date, own: Sequence[Enrolment]) -> date | None:
    """Give the first date from ``since`` to before ``until`` on which none of these holds; None where each has one."""
    at = since
    for enrolment in sorted(own, key=lambda item: item.start):
        if enrolment.start > at:
            break
        at = max(at, enrolment.end or date.max)
    return at if at < until else None
