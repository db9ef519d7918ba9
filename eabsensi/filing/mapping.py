"""Say whose a PIN is: only ever because a person says so; the days since then are judged at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, NamedTuple

from eabsensi.access.refusals import Sentence
from eabsensi.access.roles import Right
from eabsensi.access.trail import Action
from eabsensi.filing.clerk import Clerk
from eabsensi.filing.judging import Judgement, TouchedDays, judge_now, look_at_days
from eabsensi.filing.refusals import Fault, WishRefusedError
from eabsensi.filing.wishes import plain
from eabsensi.importing.enrolments import Holder, held_by, holders_of, plan_enrolment, touched_days
from eabsensi.importing.slotrules import SlotRules
from eabsensi.importing.suggesting import UnmappedPerson, unmapped_people
from eabsensi.law.loader import COVERED_FROM
from eabsensi.store.connection import Connection
from eabsensi.store.dirty import share_people
from eabsensi.store.facts import load_postings
from eabsensi.store.people import Employee, Enrolment, device_ids, load_employees, lock_enrolments, save_enrolments
from eabsensi.store.touching import collected_since, touch_since

#: How far back PINs are looked for where no period is asked for; all punches of years would be read otherwise.
LOOKS_BACK: Final = timedelta(days=62)
MOST_DAYS: Final = 93
_PIN: Final = re.compile(r"[!-~]{1,24}")


class PinWish(NamedTuple):
    """Whose a PIN is to be, every field as it was written.

    Attributes:
        serial: the device's.
        pin: as on the device.
        nip: whose it is.
        since: the first date, as 2026-01-31.
        everywhere: on every device, not only on this one.

    """

    serial: str = ""
    pin: str = ""
    nip: str = ""
    since: str = ""
    everywhere: bool = False


@dataclass(frozen=True, slots=True)
class Mapped:
    """A PIN that is somebody's now, since when, and the verdicts that it changed at once."""

    nip: str
    since: date
    judgement: Judgement


_MISSING = Sentence("Wajib diisi.", "This is needed.")
_NO_DEVICE = Sentence("Tidak ada mesin {serial}.", "There is no device {serial}.")
_NO_PIN = Sentence("{pin} bukan PIN.", "{pin} is no PIN.")
_NOBODY = Sentence("Tidak ada pegawai dengan NIP {nip}.", "There is no employee with the NIP {nip}.")
_NOT_POSTED = Sentence(
    "Pegawai ini tidak mempunyai penempatan sejak tanggal itu.", "This employee has no posting since that day."
)
_NO_DATE = Sentence(
    "{text} bukan tanggal yang sudah tiba; tulis seperti 2026-01-31.",
    "{text} is no date that has come; write it as 2026-01-31.",
)
_TAKEN = Sentence(
    "PIN {pin} sudah terdaftar atas nama {name} ({nip}) sejak {since}; akhiri pendaftaran itu dahulu.",
    "PIN {pin} is already enrolled to {name} ({nip}) since {since}; end that enrolment first.",
)
_SLOT_EVERYWHERE = Sentence(
    "Pada mesin {serial} PIN adalah nomor slot, dan slot {pin} milik pengguna {user} ({name}): rekamannya akan jatuh "
    "ke pegawai ini. Daftarkan dahulu pemilik slot itu hanya pada mesin {serial}.",
    "On the device {serial} the PIN is the slot, and slot {pin} is that of user {user} ({name}): those records would "
    "reach this employee. First enrol whoever has that slot, on the device {serial} only.",
)
_SLOT_HERE = Sentence(
    "Pada mesin {serial} PIN adalah nomor slot, dan slot {pin} milik pengguna {user} ({name}); {other} memakai slot "
    "{slot}. Periksa nomornya.",
    "On the device {serial} the PIN is the slot, and slot {pin} is that of user {user} ({name}); {other} has slot "
    "{slot}. Check the number.",
)


def unmapped_in_scope(
    connection: Connection, clerk: Clerk, first: date | None, last: date | None
) -> list[UnmappedPerson]:
    """Give the PINs that punch and are nobody's, on the devices in scope, with name matches in scope.

    Args:
        connection: in a transaction.
        clerk: who looks.
        first: only punches from this day on; None is about two months back.
        last: only punches up to this day.

    Raises:
        NotAllowedError: the role may not see them.

    """
    clerk.require(Right.SEE_UNMAPPED)
    today = clerk.clock.now().date()
    until = None if last is None else min(last, today + timedelta(days=1))
    return unmapped_people(connection, today, first=first or today - LOOKS_BACK, last=until, units=clerk.units)


def unmapped_pin(connection: Connection, clerk: Clerk, serial: str, pin: str) -> UnmappedPerson | None:
    """Give one PIN that is nobody's, over all its days; None where it has an owner, or no punches.

    Raises:
        NotAllowedError: the role may not map.

    """
    clerk.require(Right.MAP_PIN)
    today = clerk.clock.now().date()
    found = unmapped_people(connection, today, serial=plain(serial), units=clerk.units)
    return next((person for person in found if person.pin.pin == pin), None)


def map_pin(connection: Connection, clerk: Clerk, wish: PinWish) -> Mapped:
    """Enrol a person under a PIN; the days since then are judged at once, those of a closed month as addenda.

    The same wish again changes nothing.

    Raises:
        NotAllowedError: the role may not map.
        WishRefusedError: with what is wrong, by field; the PIN may be somebody else's.

    """
    clerk.require(Right.MAP_PIN)
    share_people(connection)
    lock_enrolments(connection)
    enrolment, nip = _read(connection, clerk, wish)
    holders = holders_of(connection, [enrolment.pin])
    place = (enrolment.device_id, enrolment.pin)
    group = holders.get(place, [])
    _require_free(group, enrolment)
    _require_right_slot(
        connection, enrolment, load_employees(connection, [nip])[nip][1].name, held_by(holders, enrolment.pin)
    )
    planned = plan_enrolment(group, Holder(enrolment, nip, "", 0))
    known = {holder.enrolment for holder in group}
    changed = [holder.enrolment for holder in planned if holder.enrolment not in known]
    if not changed:
        return Mapped(nip, enrolment.start, Judgement())
    holders[place] = planned
    save_enrolments(connection, changed)
    touches = list(touched_days(changed, holders))
    touch_since(connection, touches, _CAUSE)
    subject = f"PIN {enrolment.pin}, {'*' if enrolment.device_id is None else plain(wish.serial)}"
    clerk.note(connection, Action.MAP_PIN, nip=nip, subject=subject, detail={"from": enrolment.start.isoformat()})
    days = (max(enrolment.start, collected_since(connection)), clerk.clock.now().date() + timedelta(days=1))
    return Mapped(
        nip, enrolment.start, judge_now(connection, clerk, {touch.employee_id for touch in touches}, days, _CAUSE)
    )


_CAUSE: Final = "enrolment changed"


def _read(connection: Connection, clerk: Clerk, wish: PinWish) -> tuple[Enrolment, str]:
    """Read the form.

    Raises:
        WishRefusedError: with what is wrong.

    """
    serial, pin, nip, since = (plain(text) for text in wish[:4])
    nip, faults = nip.replace(" ", ""), []
    devices = device_ids(connection)
    if serial not in devices:
        faults.append(Fault("serial", _NO_DEVICE, {"serial": serial[:40]}))
    if not _PIN.fullmatch(pin):
        faults.append(Fault("pin", _NO_PIN, {"pin": pin[:40]}))
    start = _day(since, clerk.clock.now())
    if start is None:
        faults.append(Fault("since", _NO_DATE if since else _MISSING, {"text": since[:40]}))
    person = load_employees(connection, [nip]).get(nip)
    if person is None:
        faults.append(Fault("nip", _NOBODY if nip else _MISSING, {"nip": nip[:40]}))
    elif start is not None and not load_postings(connection, start, date(9999, 12, 30), employees=[person[0]]):
        faults.append(Fault("nip", _NOT_POSTED))
    if faults or person is None or start is None:
        raise WishRefusedError(faults)
    return Enrolment(0, None if wish.everywhere else devices[serial], pin, person[0], start, None), nip


def _day(text: str, now: datetime) -> date | None:
    try:
        on = date.fromisoformat(text)
    except ValueError:
        return None
    return on if COVERED_FROM <= on <= now.date() + timedelta(days=1) else None


def _require_free(group: Sequence[Holder], wanted: Enrolment) -> None:
    for holder in group:
        known = holder.enrolment
        if known.employee_id != wanted.employee_id and (known.end is None or wanted.start < known.end):
            values = {"pin": wanted.pin, "name": holder.name, "nip": holder.nip, "since": known.start}
            raise WishRefusedError([Fault("pin", _TAKEN, values)])


def _require_right_slot(
    connection: Connection, wanted: Enrolment, name: str, own: Callable[[int], Sequence[Enrolment]]
) -> None:
    """Refuse what would give a punch to another person than the one in the slot that the records name."""
    clash = SlotRules.load(connection).clash(wanted, name, own)
    if clash is None:
        return
    seat = clash.seat
    values: dict[str, object] = {"serial": clash.serial, "pin": seat.pin}
    values |= {"user": seat.user_id, "name": seat.name or "-"}
    if clash.everywhere:
        raise WishRefusedError([Fault("pin", _SLOT_EVERYWHERE, values)])
    raise WishRefusedError([Fault("pin", _SLOT_HERE, values | {"other": seat.owner_name, "slot": seat.owner_slot})])


@dataclass(frozen=True, slots=True)
class MappedView:
    """What a mapping changed, for the page that follows it."""

    nip: str
    person: Employee
    days: TouchedDays


def look_at_mapping(connection: Connection, clerk: Clerk, nip: str, since: date, at: datetime) -> MappedView:
    """Give a person's days since a mapping's first day, before and after it.

    Args:
        connection: in a transaction.
        clerk: who looks.
        nip: whose PIN it is now.
        since: since when.
        at: the instant before which the verdicts of old were made.

    Raises:
        NotAllowedError: the role may not map.
        WishRefusedError: there is no such person.

    """
    clerk.require(Right.MAP_PIN)
    nip = plain(nip)
    found = load_employees(connection, [nip]).get(nip)
    if found is None:
        raise WishRefusedError([Fault("nip", _NOBODY, {"nip": nip[:40]})])
    today = clerk.clock.now().date()
    first = max(since, collected_since(connection), today - timedelta(days=MOST_DAYS))
    postings = load_postings(connection, first, today, employees=[found[0]]) if first <= today else []
    days = look_at_days(connection, clerk, postings, last=today, since=at, limit=MOST_DAYS)
    return MappedView(nip, found[1], days)
