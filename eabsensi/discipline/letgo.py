"""Days whose punches were let go under the rules of retention: they keep what was said of them, and say so.

Without its punches a day looks as though nobody had come. So it is never judged anew: what was kept of it stands, and
where nothing was kept, nobody knows.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import ClassVar

from eabsensi.discipline.reasons import Reason
from eabsensi.discipline.verdict import UNDETERMINED_CODE, Status, Verdict
from eabsensi.law.wording import Language, month_name


@dataclass(frozen=True, slots=True)
class PunchesLetGo(Reason):
    """The punches of the month lie in an archive; ``month`` is its first day."""

    month: date
    indonesian: ClassVar[str] = "rekaman {month} sudah dipindahkan ke arsip menurut aturan retensi"
    english: ClassVar[str] = "the punches of {month} were let go into an archive under the rules of retention"

    def word(self, name: str, language: Language) -> str:
        """Write the month in words."""
        return month_name(self.month, language) if name == "month" else Reason.word(self, name, language)


@dataclass(frozen=True, slots=True)
class KeptReason(Reason):
    """A reason as it was kept with its verdict, in both languages."""

    said_indonesian: str
    said_english: str

    def text(self, language: Language = Language.ID) -> str:
        """Give it as it was kept."""
        return self.said_indonesian if language is Language.ID else self.said_english


def not_judged(verdict: Verdict, month: date) -> Verdict:
    """Give what may be said of a day of which nothing was kept and whose punches are gone.

    Args:
        verdict: as judged without the punches.
        month: the one that was let go.

    """
    gone = PunchesLetGo(month)
    if verdict.status is Status.OFF or (verdict.document is not None and verdict.absent_days == 0):
        return replace(verdict, reasons=(*verdict.reasons, gone))  # no punch could make it worse
    return Verdict(
        status=Status.UNDETERMINED,
        codes=(UNDETERMINED_CODE,),
        in_at=None,
        out_at=None,
        late_minutes=0,
        early_minutes=0,
        complete=False,
        workday=verdict.workday,
        reasons=(gone,),
        citations=verdict.workday.citations,
    )
