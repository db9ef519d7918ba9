"""What to tell about terminals whose records name a person by the slot: one sentence each."""

from __future__ import annotations

from collections.abc import Sequence

from eabsensi.collecting.registering import TerminalProbe
from eabsensi.store.deviceslots import Doubt, SlotDoubt

_DOUBTS = {
    Doubt.EVERYWHERE: "NIP {nip} has PIN {pin} on every device and gets these punches",
    Doubt.NAME: "NIP {nip} has the name of the user with user id {pin}",
    Doubt.REUSED: "the slot was another user's when NIP {nip} was enrolled",
}


def slot_sentence(probe: TerminalProbe) -> str:
    """Say what the PIN of a terminal's punches is where that may surprise; "" where it is the user id."""
    serial, users, differing = probe.device.identity.serial, len(probe.device.users), probe.differing
    if probe.layout is None and differing:
        return (
            f"The log of {serial} is empty, so nobody knows yet whether its records name the user id or the slot, and "
            f"{differing} of {users} users have another slot than their user id: enrol nobody for {serial} before it "
            f"has records and `eabsensi device users {serial}` was run again."
        )
    if not probe.names_slots:
        return ""
    if not differing:
        return f"Records of {serial} name the slot; that is everybody's user id, too, as long as nobody is moved."
    return (
        f"Records of {serial} name the slot, not the user id, and {differing} of {users} users have another slot than "
        f"their user id: on {serial} the PIN is the slot; enrol them by the PIN shown here, each with the serial "
        f"{serial} and never with *."
    )


def doubt_words(doubts: Sequence[SlotDoubt]) -> dict[str, str]:
    """Give the doubts of one terminal as words, by PIN."""
    found: dict[str, str] = {}
    for doubt in doubts:
        words = _DOUBTS[doubt.doubt].format(pin=doubt.pin, nip=doubt.nip)
        found[doubt.pin] = f"{found[doubt.pin]}; {words}" if doubt.pin in found else words
    return found


def doubt_sentence(serial: str, doubtful: int) -> str:
    """Say what to do about slots whose punches may reach the wrong person."""
    slots = "1 slot" if doubtful == 1 else f"{doubtful} slots"
    return (
        f"Punches of {slots} of {serial} may go to the wrong person, marked !: enrol whoever has the slot, with the "
        f"serial {serial} and the PIN shown, which outranks a PIN on every device; where the PIN on {serial} itself is "
        "somebody else's, end that first (its row again, with its last day in the column to)."
    )
