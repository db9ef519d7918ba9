"""How shifts, flexible time and papers are written in a policy file."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from eabsensi.law.duty import (
    DOCUMENT_KINDS,
    DocumentClass,
    DocumentRule,
    Effect,
    FlexKind,
    FlexRule,
    Shift,
    ShiftTable,
)
from eabsensi.law.parsing import Parameter, parse_citation
from eabsensi.law.reading import Entry

T = TypeVar("T")
_FURTHEST_MINUTES = 720


def parse_shifts(entry: Entry) -> ShiftTable:
    """Read the shifts of a roster; each code stands for one of them."""
    fields = entry.fields(("opens_minutes_before", "closes_minutes_after", "duty", "free"), ())
    seen: set[str] = set()
    return ShiftTable(
        duty=_by_code(fields["duty"], _parse_shift, seen),
        free=_by_code(fields["free"], _parse_free, seen),
        opens_minutes_before=_reach(fields["opens_minutes_before"]),
        closes_minutes_after=_reach(fields["closes_minutes_after"]),
    )


def _reach(entry: Entry) -> int:
    """Read how far a window reaches; more than half a day would meet the shifts of the day after next."""
    minutes = entry.whole()
    if minutes > _FURTHEST_MINUTES:
        raise entry.refuse(f"{minutes} minutes are more than half a day.", f"Use at most {_FURTHEST_MINUTES}.")
    return minutes


def _by_code(entry: Entry, parse: Callable[[Entry], T], seen: set[str]) -> dict[str, T]:
    found: dict[str, T] = {}
    for item in entry.items():
        value = parse(item)
        for code in item.fields()["codes"].items():
            written = code.text().upper()
            if written in seen:
                raise code.refuse(f"the code {written} stands here twice.", "Let each code mean one thing.")
            seen.add(written)
            found[written] = value
    return found


def _parse_shift(entry: Entry) -> Shift:
    fields = entry.fields(("codes", "name", "start", "end"), ("next_day",))
    next_day = "next_day" in fields and fields["next_day"].truth()
    start, end = fields["start"].clock(), fields["end"].clock()
    if (end <= start) is not next_day:
        what = "lasts longer than a day" if next_day else "ends before it starts"
        raise fields["end"].refuse(f"the shift {what}.", "A shift over midnight has `next_day: true`, others do not.")
    return Shift(fields["name"].text(), start, end, next_day)


def _parse_free(entry: Entry) -> str:
    return entry.fields(("codes", "name"), ())["name"].text()


def parse_flex(entry: Entry) -> FlexRule:
    """Read flexible time."""
    fields = entry.fields(("kind",), ("tolerance_minutes", "replace_minutes"))
    kind = FlexKind(fields["kind"].choice(FlexKind))
    due = {
        FlexKind.NONE: (),
        FlexKind.REPLACE: ("tolerance_minutes", "replace_minutes"),
        FlexKind.MOVE: ("tolerance_minutes",),
    }[kind]
    minutes = entry.fields(("kind", *due), ())
    return FlexRule(kind, **{name: minutes[name].whole() for name in due})


def parse_documents(entry: Entry) -> dict[str, DocumentRule]:
    """Read what each kind of paper does."""
    return {kind: _parse_document(kind, item) for kind, item in entry.fields(DOCUMENT_KINDS, ()).items()}


def _parse_document(kind: str, entry: Entry) -> DocumentRule:
    fields = entry.fields(("code", "name", "class", "citation"), ("effects", "charged", "unconfirmed"))
    document_class = DocumentClass(fields["class"].choice(DocumentClass))
    if ("effects" in fields) is not (document_class is DocumentClass.CORRECTION):
        raise entry.refuse("effects and class do not fit.", "Give `effects:` to a correction, and to nothing else.")
    charged = "charged" in fields and fields["charged"].truth()
    if charged and document_class is not DocumentClass.EXCUSED:
        raise fields["charged"].refuse("only an excused day can be charged.", "Leave `charged` out.")
    effects = fields["effects"].items() if "effects" in fields else ()
    return DocumentRule(
        kind=kind,
        code=fields["code"].text(),
        name=fields["name"].text(),
        document_class=document_class,
        effects=frozenset(Effect(effect.choice(Effect)) for effect in effects),
        charged=charged,
        citation=parse_citation(fields),
    )


def parse_precedence(entry: Entry) -> tuple[str, ...]:
    """Read the order in which papers of one day outrank each other: every kind, strongest first."""
    kinds = [item.choice(DOCUMENT_KINDS) for item in entry.items()]
    for kind in DOCUMENT_KINDS:
        if kinds.count(kind) != 1:
            raise entry.refuse(f"`{kind}` stands here {kinds.count(kind)} times.", "Name each kind of paper once.")
    return tuple(kinds)


def parse_single_punch(entry: Entry) -> str:
    """Read what one of two punches means."""
    return entry.choice(("missing_code", "absent"))


LOCAL_DUTY: dict[str, Parameter] = {
    "shifts": Parameter("local time", parse_shifts),
    "flex": Parameter("minute", parse_flex),
    "documents": Parameter("code", parse_documents),
    "document_precedence": Parameter("rule", parse_precedence),
    "single_punch": Parameter("rule", parse_single_punch),
}
