"""Reasons that come from a roster, an approved paper, flexible time or a gathering."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from eabsensi.discipline.reasons import Reason
from eabsensi.law.wording import Language, clock_time


@dataclass(frozen=True, slots=True)
class FreeByRoster(Reason):
    """The roster gives the day free."""

    name: str
    indonesian: ClassVar[str] = "{name}"
    english: ClassVar[str] = "free by roster ({name})"


@dataclass(frozen=True, slots=True)
class UnknownShift(Reason):
    """The roster names a code that the policy does not know."""

    code: str
    indonesian: ClassVar[str] = "kode sif {code} tidak dikenal"
    english: ClassVar[str] = "the shift code {code} is unknown"


@dataclass(frozen=True, slots=True)
class ShiftsOverlap(Reason):
    """The roster names two shifts of one date that run at the same time."""

    earlier: str
    later: str
    indonesian: ClassVar[str] = "sif {earlier} dan {later} pada tanggal ini bertumpuk"
    english: ClassVar[str] = "the shifts {earlier} and {later} of this date overlap"


@dataclass(frozen=True, slots=True)
class MissedShift(Reason):
    """One of several shifts of the day holds no punch."""

    shift: str
    indonesian: ClassVar[str] = "tidak ada rekaman pada sif {shift}"
    english: ClassVar[str] = "no punch in the shift {shift}"


@dataclass(frozen=True, slots=True)
class OnePunchOnly(Reason):
    """Arrival or departure is missing, and the rule makes that an absence."""

    indonesian: ClassVar[str] = "tidak ada rekaman masuk beserta pulang, menurut aturan dihitung tanpa keterangan"
    english: ClassVar[str] = "no arrival with a departure, which the rule counts as an absence"


@dataclass(frozen=True, slots=True)
class Documented(Reason):
    """An approved paper decides the day."""

    name: str
    number: str
    approved_by: str
    approved_at: datetime
    indonesian: ClassVar[str] = "{name}{number}, disetujui {approved_by} pada {approved_at}"
    english: ClassVar[str] = "{name}{number}, approved by {approved_by} on {approved_at}"

    def word(self, name: str, language: Language) -> str:
        """Write the number after a space, where there is one."""
        if name == "number":
            return f" {self.number}" if self.number else ""
        return Reason.word(self, name, language)


@dataclass(frozen=True, slots=True)
class ChargedPaper(Reason):
    """The day is excused, and the rule counts it as an absence all the same."""

    code: str
    indonesian: ClassVar[str] = "{code} menurut aturan dihitung sebagai hari tidak masuk"
    english: ClassVar[str] = "the rule counts {code} as a day absent"


@dataclass(frozen=True, slots=True)
class PunchedDespitePaper(Reason):
    """There are punches on a day that a paper decides: they are shown and not judged."""

    count: int
    indonesian: ClassVar[str] = "ada {count} rekaman, ditampilkan dan tidak dinilai"
    english: ClassVar[str] = "{count} punches, shown and not judged"


@dataclass(frozen=True, slots=True)
class InFilled(Reason):
    """A paper stands in for the missing arrival."""

    paper: str
    indonesian: ClassVar[str] = "rekaman masuk yang tidak ada diisi {paper}"
    english: ClassVar[str] = "the missing arrival is filled by {paper}"


@dataclass(frozen=True, slots=True)
class OutFilled(Reason):
    """A paper stands in for the missing departure."""

    paper: str
    indonesian: ClassVar[str] = "rekaman pulang yang tidak ada diisi {paper}"
    english: ClassVar[str] = "the missing departure is filled by {paper}"


@dataclass(frozen=True, slots=True)
class LatePermitted(Reason):
    """A paper permits the lateness."""

    minutes: int
    paper: str
    indonesian: ClassVar[str] = "terlambat {minutes} menit, diizinkan {paper}"
    english: ClassVar[str] = "{minutes} minutes late, permitted by {paper}"


@dataclass(frozen=True, slots=True)
class EarlyPermitted(Reason):
    """A paper permits leaving early."""

    minutes: int
    paper: str
    indonesian: ClassVar[str] = "pulang {minutes} menit lebih awal, diizinkan {paper}"
    english: ClassVar[str] = "left {minutes} minutes early, permitted by {paper}"


@dataclass(frozen=True, slots=True)
class AbsenceLifted(Reason):
    """Nothing shows the person, and a paper says why nothing could."""

    paper: str
    indonesian: ClassVar[str] = "tidak ada rekaman, tidak dihitung mangkir karena {paper}"
    english: ClassVar[str] = "no punch, not counted as an absence because of {paper}"


@dataclass(frozen=True, slots=True)
class Replaced(Reason):
    """Lateness made good on the same day."""

    minutes: int
    replaced: int
    indonesian: ClassVar[str] = "terlambat {minutes} menit, diganti {replaced} menit sesudah jam pulang"
    english: ClassVar[str] = "{minutes} minutes late, made good by {replaced} minutes after the end"


@dataclass(frozen=True, slots=True)
class EndMoved(Reason):
    """An arrival within the tolerance moves the end of the day."""

    minutes: int
    end: datetime
    indonesian: ClassVar[str] = "datang {minutes} menit sesudah jam mulai, wajib sampai {end}"
    english: ClassVar[str] = "arrived {minutes} minutes after the start, due until {end}"

    def word(self, name: str, language: Language) -> str:
        """Write the end as a clock time."""
        return clock_time(self.end, language) if name == "end" else str(self.minutes)


@dataclass(frozen=True, slots=True)
class ApelMissed(Reason):
    """The window of a gathering holds no punch; every device has been read past it."""

    name: str
    opens: datetime
    closes: datetime
    basis: str
    indonesian: ClassVar[str] = "tidak ada rekaman pada {name} {opens}-{closes}{basis}"
    english: ClassVar[str] = "no punch at {name} {opens}-{closes}{basis}"

    def word(self, name: str, language: Language) -> str:
        """Write the window as clock times, and the letter in brackets."""
        if name == "basis":
            return f" ({self.basis})" if self.basis else ""
        return self.name if name == "name" else clock_time(getattr(self, name), language)


@dataclass(frozen=True, slots=True)
class ApelOpen(Reason):
    """The window of a gathering has not been read on every device, or a wrong clock makes it doubtful."""

    name: str
    indonesian: ClassVar[str] = "kehadiran pada {name} belum dapat dinilai"
    english: ClassVar[str] = "attendance at {name} cannot be judged yet"
