"""Shifts, flexible time and the effect of papers, as the law writes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time
from enum import StrEnum

from eabsensi.law.citation import Citation

DOCUMENT_KINDS = (
    *("annual_leave", "big_leave", "sick_leave", "maternity_leave", "important_leave", "unpaid_leave"),
    *("sick", "permission", "duty", "training", "study", "flexible_place"),
    *("forgotten_punch", "dispensation", "incident", "manual_list"),
)


@dataclass(frozen=True, slots=True)
class Shift:
    """One shift, local wall clock; ``next_day`` says that it ends on the morning after its date."""

    name: str
    start: time
    end: time
    next_day: bool = False


@dataclass(frozen=True, slots=True)
class ShiftTable:
    """The shifts that a roster may name.

    Attributes:
        duty: code, in capitals, to shift.
        free: code, in capitals, to the name of a free day.
        opens_minutes_before: how long before its start a shift's arrival window opens.
        closes_minutes_after: how long after its end a shift's departure window closes.

    """

    duty: Mapping[str, Shift]
    free: Mapping[str, str]
    opens_minutes_before: int
    closes_minutes_after: int

    def knows(self, code: str) -> bool:
        """Whether a roster may name ``code``, in capitals or not."""
        return code.upper() in self.duty or code.upper() in self.free


class FlexKind(StrEnum):
    """How lateness may be made good on the same day."""

    NONE = "none"
    REPLACE = "replace"
    MOVE = "move"


@dataclass(frozen=True, slots=True)
class FlexRule:
    """Flexible time.

    Attributes:
        kind: ``none``; ``replace``: lateness within the tolerance is forgiven when a fixed time is added after the
            end; ``move``: an arrival within the tolerance moves the end of the day by as much.
        tolerance_minutes: the most lateness that may be made good.
        replace_minutes: what has to be added, only for ``replace``.

    """

    kind: FlexKind = FlexKind.NONE
    tolerance_minutes: int = 0
    replace_minutes: int = 0


class DocumentClass(StrEnum):
    """What a paper makes of a day: excused, present, or a correction of what the punches say."""

    EXCUSED = "excused"
    PRESENT = "present"
    CORRECTION = "correction"


class Effect(StrEnum):
    """What a correction does.

    ``tap`` stands in for a missing arrival or departure, ``presence`` shows that the person was there, ``absence``
    lifts an absence without showing presence, ``minutes`` permits arriving late or leaving early.
    """

    TAP = "tap"
    PRESENCE = "presence"
    ABSENCE = "absence"
    MINUTES = "minutes"


@dataclass(frozen=True, slots=True)
class DocumentRule:
    """What one kind of paper does.

    Attributes:
        kind: one of `DOCUMENT_KINDS`.
        code: as printed.
        name: as printed.
        document_class: excused, present or correction.
        effects: of a correction.
        charged: the day counts as absent although it is excused.
        citation: what this rests on.

    """

    kind: str
    code: str
    name: str
    document_class: DocumentClass
    effects: frozenset[Effect]
    charged: bool
    citation: Citation
