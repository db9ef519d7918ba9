"""Reasons that come from a terminal's clock that was wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from eabsensi.discipline.reasons import Reason
from eabsensi.law.wording import Language, length_of_time


@dataclass(frozen=True, slots=True)
class ClockReason(Reason):
    """What all of them tell: which device, and by how much its clock was wrong."""

    device: str
    offset_seconds: float

    def word(self, name: str, language: Language) -> str:
        """Write the offset as a length of time."""
        return offset_text(self.offset_seconds, language) if name == "offset_seconds" else str(getattr(self, name))


@dataclass(frozen=True, slots=True)
class ClockDoubt(ClockReason):
    """The device's clock was wrong, and it matters: both readings of the day differ."""

    recorded: str
    shifted: str
    indonesian: ClassVar[str] = (
        "jam mesin {device} {offset_seconds}: menurut jam mesin {recorded}, bila disesuaikan {shifted}; perlu keputusan"
    )
    english: ClassVar[str] = (
        "the clock of {device} was {offset_seconds}: as recorded {recorded}, adjusted {shifted}; needs a decision"
    )


@dataclass(frozen=True, slots=True)
class ClockNote(ClockReason):
    """The device's clock was wrong, and it does not matter: both readings agree."""

    indonesian: ClassVar[str] = "jam mesin {device} {offset_seconds}; hasilnya sama bila disesuaikan"
    english: ClassVar[str] = "the clock of {device} was {offset_seconds}; the result is the same when adjusted"


@dataclass(frozen=True, slots=True)
class ClockMinutes(ClockReason):
    """The device's clock was wrong: both readings give the same codes, of other minutes; those recorded count."""

    recorded: int
    shifted: int
    indonesian: ClassVar[str] = (
        "jam mesin {device} {offset_seconds}; kodenya sama bila disesuaikan, tetapi {shifted} menit, bukan {recorded}"
    )
    english: ClassVar[str] = (
        "the clock of {device} was {offset_seconds}; the codes are the same when adjusted, but of {shifted} minutes,"
        " not {recorded}"
    )


@dataclass(frozen=True, slots=True)
class ReadBySlowClock(ClockReason):
    """A device was read in time, but its slow clock may still write touches of today under the day's date."""

    indonesian: ClassVar[str] = "jam mesin {device} {offset_seconds}, maka belum pasti terbaca sampai akhir hari itu"
    english: ClassVar[str] = "the clock of {device} is {offset_seconds}, so that day is not surely read to its end"


@dataclass(frozen=True, slots=True)
class ClockWrong(ClockReason):
    """A device whose clock is wrong beyond the tolerance, told once for the unit."""

    indonesian: ClassVar[str] = "jam mesin {device} {offset_seconds} dari jam server"
    english: ClassVar[str] = "the clock of {device} is {offset_seconds}"


def offset_text(seconds: float, language: Language) -> str:
    """Write a clock offset (device minus server), e.g. ``10 menit lebih cepat``."""
    length = length_of_time(seconds, language)
    fast, slow = ("lebih cepat", "lebih lambat") if language is Language.ID else ("fast", "slow")
    return f"{length} {fast if seconds > 0 else slow}"
