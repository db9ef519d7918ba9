"""The attendance rules in force on one date, taken out of the policy once for many people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Generic, TypeVar

from eabsensi.law.citation import Citation
from eabsensi.law.dated import Dated
from eabsensi.law.duty import DocumentRule, FlexRule
from eabsensi.law.hours import Band
from eabsensi.law.policy import Policy

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Cited(Generic[T]):
    """A value with what it rests on."""

    value: T
    citation: Citation


@dataclass(frozen=True, slots=True)
class AttendanceRules:
    """How a day's punches become minutes and codes.

    Attributes:
        late_bands: minutes late to code.
        early_bands: minutes early to code.
        missing_in: code of a missing arrival.
        missing_out: code of a missing departure.
        rounding: ``floor_minute`` or ``exact_second``.
        future_tolerance_seconds: how much later than its receipt a punch may be.
        clock_tolerance_seconds: how wrong a device's clock may be before its punches are doubtful.
        absence_law: kind of employee to the law that an absence falls under.
        documents: kind of paper to what it does.
        precedence: kind of paper to its place, the strongest is 0.
        flex: how lateness may be made good; rosters know none.
        single_punch: ``missing_code`` or ``absent``, what one of two punches means.

    """

    late_bands: Cited[tuple[Band, ...]]
    early_bands: Cited[tuple[Band, ...]]
    missing_in: Cited[str]
    missing_out: Cited[str]
    rounding: str
    future_tolerance_seconds: int
    clock_tolerance_seconds: int
    absence_law: dict[str, Citation]
    documents: Mapping[str, DocumentRule]
    precedence: Mapping[str, int]
    flex: Cited[FlexRule]
    single_punch: Cited[str]

    def minutes(self, seconds: float) -> int:
        """Round a positive span to minutes: down, or up where every second counts; a negative span is none."""
        whole = max(0, int(seconds))
        return -(-whole // 60) if self.rounding == "exact_second" else whole // 60


def attendance_rules(policy: Policy, on: date) -> AttendanceRules:
    """Take the rules in force on ``on``."""
    laws = {kind: policy.discipline_law(kind, on) for kind in ("PNS", "CPNS", "PPPK", "PPPK-PW")}
    return AttendanceRules(
        late_bands=_cited(policy.late_bands.on(on)),
        early_bands=_cited(policy.early_bands.on(on)),
        missing_in=_cited(policy.missing_in.on(on)),
        missing_out=_cited(policy.missing_out.on(on)),
        rounding=policy.rounding.on(on).value,
        future_tolerance_seconds=policy.future_tolerance.on(on).value,
        clock_tolerance_seconds=policy.clock_tolerance.on(on).value,
        absence_law={kind: law for kind, law in laws.items() if law},
        documents=policy.documents.on(on).value,
        precedence={kind: place for place, kind in enumerate(policy.document_precedence.on(on).value)},
        flex=_cited(policy.flex.on(on)),
        single_punch=_cited(policy.single_punch.on(on)),
    )


def _cited(version: Dated[T]) -> Cited[T]:
    return Cited(version.value, version.citation)


def band_code(bands: tuple[Band, ...], minutes: int) -> str | None:
    """Give the code for ``minutes``; None where nothing is due."""
    return next(
        (band.code for band in bands if band.first <= minutes and (not band.last or minutes <= band.last)), None
    )
