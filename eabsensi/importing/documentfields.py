"""What stands in a document's cells: its kind by name or printed code, what it covers, when it was approved."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from eabsensi.discipline.facts import DocumentKind
from eabsensi.importing.fields import FieldError, nearest, wanted
from eabsensi.importing.sheet import Cell
from eabsensi.law.duty import DocumentRule

#: Codes that mean different things in different cities (discipline.md §3.1); a guess could excuse the wrong person.
_AMBIGUOUS: Final[Mapping[str, tuple[str, str]]] = {
    "TL": ("terlambat (late) or tugas luar (duty)", "Write DL or duty for an assignment; lateness is no document."),
    "CB": (
        "cuti besar (big leave) or cuti bersama (joint leave)",
        "Write CBS or big_leave; joint leave is no document.",
    ),
    "C": ("any kind of leave", "Write CT, CBS, CS, CM, CAP or CLTN."),
    "L": ("libur (a day off) or lain-lain (other)", "Write which document it is, e.g. I or DSP."),
    "A": ("alpa (absent) or apel", "Neither is a document; leave the row out."),
    "D": ("dinas (duty), dispensasi (dispensation) or diklat (training)", "Write DL, DSP or DK."),
}
#: Papers that may be a whole unit's; leave and sickness are a person's.
UNIT_KINDS: Final = frozenset({"incident", "dispensation", "duty", "training", "flexible_place"})


def printed_codes(rules: Mapping[str, DocumentRule]) -> dict[str, str]:
    """Give the kind of each printed code of the law; a code that two kinds share is nobody's."""
    codes = Counter(rule.code.upper() for rule in rules.values())
    return {rule.code.upper(): kind for kind, rule in rules.items() if codes[rule.code.upper()] == 1}


def document_kind(printed: Mapping[str, str]) -> Callable[[Cell], str]:
    """Make a reader for a kind, by internal name or printed code in any case.

    Args:
        printed: printed code to internal name.

    """
    names = {kind.value for kind in DocumentKind}

    def read(cell: Cell) -> str:
        word = wanted(cell)
        name, code = word.lower().replace(" ", "_").replace("-", "_"), word.upper()
        if name in names:
            return name
        if code in _AMBIGUOUS:
            meanings, remedy = _AMBIGUOUS[code]
            raise FieldError(f"{code} can mean {meanings}.", remedy)
        if code in printed:
            return printed[code]
        choices = [*printed, *sorted(names)]
        raise FieldError(
            f"{word!r} is no kind of document.", f"{nearest(word, choices)}It is one of {', '.join(choices)}."
        )

    return read


def covers(cell: Cell) -> str:
    """Read which part of the day is meant: day (also where the cell is empty), in or out.

    Raises:
        FieldError: it is another word.

    """
    word = cell.text.strip().lower() or "day"
    if word not in {"day", "in", "out"}:
        raise FieldError(f"{cell.text!r} is no part of a day.", "Write day, in (the arrival) or out (the departure).")
    return word


def optional_instant(zone: ZoneInfo) -> Callable[[Cell], datetime | None]:
    """Make a reader for a date or instant that may be empty; without an offset it is meant in ``zone``."""

    def read(cell: Cell) -> datetime | None:
        text = cell.text.removeprefix("'").strip()
        if not text:
            return None
        try:
            found = None if cell.is_number or text[:8].isdigit() else datetime.fromisoformat(text)
        except ValueError:
            found = None
        if found is None:
            raise FieldError(f"{text} is no date or time.", "Write it as 2026-01-31 or 2026-01-31T14:05.")
        return found if found.tzinfo else found.replace(tzinfo=zone)

    return read
