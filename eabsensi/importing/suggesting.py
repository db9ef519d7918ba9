"""Who an unmapped PIN may be, by the name on the device. A suggestion for a person to check: nothing is accepted here.

A terminal holds short names: cut off, without titles, in capitals, misspelt. So names are compared without titles and
punctuation, by the likeness of their words in any order.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from datetime import date
from typing import Final, NamedTuple

from rapidfuzz import fuzz, process

from eabsensi.store.people import Connection
from eabsensi.store.unmapped import Candidate, UnmappedPin, list_candidates, unmapped_pins

LEAST_LIKENESS: Final = 75.0
MOST_SUGGESTIONS: Final = 3
STEADY_DAYS: Final = 5
STEADY_MINUTES: Final = 30
_TITLES: Final = frozenset({"dr", "drg", "drh", "drs", "dra", "ir", "h", "hj", "prof", "apt", "ns"})
_WORD: Final = re.compile(r"[^\W\d_]+")


class Suggestion(NamedTuple):
    """An employee whose name resembles the one on the device; ``likeness`` is 0 to 100."""

    nip: str
    name: str
    unit: str | None
    likeness: int
    pins: tuple[str, ...]


class UnmappedPerson(NamedTuple):
    """A PIN that is nobody's; ``steady`` where it comes at about the same time on enough days to be a real person."""

    pin: UnmappedPin
    steady: bool
    suggestions: tuple[Suggestion, ...]


def unmapped_people(
    connection: Connection,
    today: date,
    *,
    serial: str | None = None,
    first: date | None = None,
    last: date | None = None,
    units: Collection[str] | None = None,
) -> list[UnmappedPerson]:
    """Give the unmapped PINs with their rhythm and the best name matches.

    Args:
        connection: in a transaction.
        today: whose postings and PINs are shown with a suggestion.
        serial: on this device only.
        first: only punches from this day on, by the device's clock.
        last: only punches up to this day.
        units: only on devices of these units, and of them only people who are posted there; None is every unit.

    """
    pins = unmapped_pins(connection, serial=serial, first=first, last=last)
    pins = [pin for pin in pins if units is None or pin.unit in units]
    candidates = list_candidates(connection, today) if any(pin.name for pin in pins) else []
    candidates = [person for person in candidates if units is None or person.unit in units]
    names = [plain_name(candidate.name) for candidate in candidates]
    return [UnmappedPerson(pin, is_steady(pin), _suggest(pin, candidates, names)) for pin in pins]


def is_steady(pin: UnmappedPin) -> bool:
    """Tell whether half of the days' first punches lie within half an hour, on at least five days."""
    return pin.days >= STEADY_DAYS and pin.spread_minutes <= STEADY_MINUTES


def plain_name(name: str) -> str:
    """Give a name without its titles, in small letters: what follows the first comma, and the usual ones before."""
    words = [word.lower() for word in _WORD.findall(name.split(",", maxsplit=1)[0])]
    return " ".join(word for word in words if word not in _TITLES) or " ".join(words)


def _suggest(pin: UnmappedPin, candidates: Sequence[Candidate], names: Sequence[str]) -> tuple[Suggestion, ...]:
    """Give the likeliest candidates; among equals those of the device's unit, then those without a PIN.

    Where the PIN is a slot, whoever already has that user's user id elsewhere comes first.
    """
    wanted = plain_name(pin.name or "")
    if not wanted:
        return ()
    near = process.extract(wanted, names, scorer=fuzz.WRatio, score_cutoff=LEAST_LIKENESS, limit=MOST_SUGGESTIONS * 5)
    found = [
        Suggestion(person.nip, person.name, person.unit, round(likeness), person.pins)
        for person, likeness in ((candidates[place], likeness) for _, likeness, place in near)
    ]
    typed = pin.user_id if pin.user_id is not None else ""
    found.sort(
        key=lambda item: (typed not in item.pins, -item.likeness, item.unit != pin.unit, bool(item.pins), item.nip)
    )
    return tuple(found[:MOST_SUGGESTIONS])
