"""What an explanation says of punches, papers and sums; reasons like those of a verdict."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Literal

from eabsensi.discipline.reasons import Reason, of_shift
from eabsensi.law.wording import Language, clock_time

Charge = Literal["charged", "not charged", "not yet"]

# --- a punch -------------------------------------------------------------------------------------------------------


class _Timed(Reason):
    """A reason whose instants are written as clock times, with seconds where there are any."""

    __slots__ = ()

    def word(self, name: str, language: Language) -> str:
        """Write one fact."""
        value = getattr(self, name)
        if isinstance(value, datetime):
            return clock_time(value, language, seconds=bool(value.second))
        return of_shift(value, language) if name == "shift" else str(value)


@dataclass(frozen=True, slots=True)
class CountsIn(_Timed):
    """The punch is the arrival."""

    shift: str
    indonesian: ClassVar[str] = "dihitung sebagai MASUK{shift}"
    english: ClassVar[str] = "counts as the ARRIVAL{shift}"


@dataclass(frozen=True, slots=True)
class CountsOut(_Timed):
    """The punch is the departure."""

    shift: str
    indonesian: ClassVar[str] = "dihitung sebagai PULANG{shift}"
    english: ClassVar[str] = "counts as the DEPARTURE{shift}"


@dataclass(frozen=True, slots=True)
class NotFirst(_Timed):
    """An earlier punch is the arrival."""

    first: datetime
    indonesian: ClassVar[str] = "tidak dihitung: rekaman masuk yang pertama ({first}) yang dipakai"
    english: ClassVar[str] = "not counted: the first arrival punch ({first}) is used"


@dataclass(frozen=True, slots=True)
class NotLast(_Timed):
    """A later punch is the departure."""

    last: datetime
    indonesian: ClassVar[str] = "tidak dihitung: rekaman pulang yang terakhir ({last}) yang dipakai"
    english: ClassVar[str] = "not counted: the last departure punch ({last}) is used"


@dataclass(frozen=True, slots=True)
class Between(_Timed):
    """The punch lies between the windows."""

    in_closes: datetime
    out_opens: datetime
    indonesian: ClassVar[str] = (
        "bukan masuk (diterima sebelum {in_closes}) dan bukan pulang (diterima mulai {out_opens}); menunjukkan hadir"
    )
    english: ClassVar[str] = (
        "no arrival (taken before {in_closes}) and no departure (taken from {out_opens}); shows presence"
    )


@dataclass(frozen=True, slots=True)
class TooEarly(_Timed):
    """The punch lies before the arrival window."""

    opens: datetime
    indonesian: ClassVar[str] = "tidak dihitung: sebelum rekaman masuk diterima ({opens})"
    english: ClassVar[str] = "not counted: before arrivals are taken ({opens})"


@dataclass(frozen=True, slots=True)
class TooLate(_Timed):
    """The punch lies after the departure window."""

    closes: datetime
    indonesian: ClassVar[str] = "tidak dihitung: sesudah rekaman pulang berakhir ({closes})"
    english: ClassVar[str] = "not counted: after departures are taken ({closes})"


@dataclass(frozen=True, slots=True)
class OfOtherDate(Reason):
    """The punch belongs to the duty of a neighbouring date."""

    indonesian: ClassVar[str] = "tidak dihitung di sini: milik jadwal tanggal lain"
    english: ClassVar[str] = "not counted here: it belongs to the duty of another date"


@dataclass(frozen=True, slots=True)
class NoDuty(Reason):
    """The day asks nothing."""

    indonesian: ClassVar[str] = "dicatat, tidak dinilai: tidak ada jadwal yang dapat dinilai pada hari ini"
    english: ClassVar[str] = "kept, not judged: no schedule to judge by on this day"


@dataclass(frozen=True, slots=True)
class PaperDecides(Reason):
    """A paper settles the day."""

    paper: str
    indonesian: ClassVar[str] = "dicatat, tidak dinilai: hari ini ditentukan dokumen {paper}"
    english: ClassVar[str] = "kept, not judged: the document {paper} decides the day"


@dataclass(frozen=True, slots=True)
class Impossible(Reason):
    """The punch lies in the future of its own receipt."""

    indonesian: ClassVar[str] = "dikarantina: waktunya sesudah saat diterima server, mustahil"
    english: ClassVar[str] = "quarantined: later than its own receipt, which is impossible"


@dataclass(frozen=True, slots=True)
class Backdated(Reason):
    """The log had been read past the punch's time before the punch was in it."""

    indonesian: ClassVar[str] = "tidak dihitung di sini: ditulis jam yang lambat; mesin sudah terbaca lewat waktu itu"
    english: ClassVar[str] = "not counted here: a slow clock wrote it; the device had been read past that time before"


# --- a paper -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Decided(Reason):
    """The paper decided, or corrected what the punches say."""

    indonesian: ClassVar[str] = "dipakai untuk putusan ini"
    english: ClassVar[str] = "used for this verdict"


@dataclass(frozen=True, slots=True)
class Outranked(Reason):
    """Another paper stands higher."""

    winner: str
    indonesian: ClassVar[str] = "tidak dipakai: didahului {winner}"
    english: ClassVar[str] = "not used: {winner} comes first"


@dataclass(frozen=True, slots=True)
class NotNeeded(Reason):
    """The day asks nothing."""

    indonesian: ClassVar[str] = "tidak dipakai: hari ini tanpa kewajiban yang dapat dinilai"
    english: ClassVar[str] = "not used: no duty to judge on this day"


@dataclass(frozen=True, slots=True)
class ChangedNothing(Reason):
    """The paper corrects something that needed no correction."""

    indonesian: ClassVar[str] = "tidak mengubah apa pun: tidak ada yang perlu dikoreksi atau bukan bagiannya"
    english: ClassVar[str] = "changes nothing: there is nothing that it could correct"


# --- a sum ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AsRecorded(Reason):
    """What follows takes the device's clock at its word."""

    indonesian: ClassVar[str] = "Menurut jam mesin:"
    english: ClassVar[str] = "By the device's clock:"


@dataclass(frozen=True, slots=True)
class AsAdjusted(Reason):
    """What follows takes the measured clock offset off."""

    indonesian: ClassVar[str] = "Bila selisih jam mesin yang terukur diperhitungkan:"
    english: ClassVar[str] = "With the measured offset of the device's clock taken off:"


_CHARGES: dict[Charge, tuple[str, str]] = {
    "charged": ("", ""),
    "not charged": (", tidak dikenakan", ", not charged"),
    "not yet": (", belum dikenakan karena hari belum lengkap", ", not charged while the day is open"),
}


@dataclass(frozen=True, slots=True)
class _Sum(_Timed):
    at: datetime
    due: datetime
    minutes: int
    code: str
    band: str
    charge: Charge

    def word(self, name: str, language: Language) -> str:
        """Write one fact; the code with the limits of its band, and the sign between the two times."""
        english = language is Language.EN
        if name == "code":
            if not self.code:
                return "in time" if english else "tepat waktu"
            unit = "min" if english else "menit"
            return f"{self.code} ({self.band} {unit}){_CHARGES[self.charge][english]}"
        return _Timed.word(self, name, language)


@dataclass(frozen=True, slots=True)
class LateSum(_Sum):
    """The arrival against the start."""

    indonesian: ClassVar[str] = "masuk {at} \u2212 jam mulai {due} = {minutes} menit terlambat → {code}"
    english: ClassVar[str] = "arrival {at} \u2212 start {due} = {minutes} minutes late → {code}"


@dataclass(frozen=True, slots=True)
class EarlySum(_Sum):
    """The departure against the end."""

    indonesian: ClassVar[str] = "jam selesai {due} \u2212 pulang {at} = {minutes} menit lebih awal → {code}"
    english: ClassVar[str] = "end {due} \u2212 departure {at} = {minutes} minutes early → {code}"


@dataclass(frozen=True, slots=True)
class InTime(_Timed):
    """The arrival is not after the start."""

    at: datetime
    due: datetime
    indonesian: ClassVar[str] = "masuk {at}, jam mulai {due} → tidak terlambat"
    english: ClassVar[str] = "arrival {at}, start {due} → not late"


@dataclass(frozen=True, slots=True)
class StayedOn(_Timed):
    """The departure is not before the end."""

    at: datetime
    due: datetime
    indonesian: ClassVar[str] = "pulang {at}, jam selesai {due} → tidak pulang cepat"
    english: ClassVar[str] = "departure {at}, end {due} → not early"


@dataclass(frozen=True, slots=True)
class _Nothing(_Timed):
    code: str
    opens: datetime
    closes: datetime

    def word(self, name: str, language: Language) -> str:
        """Write one fact; without a code nothing is charged."""
        if name == "code":
            return f" → {self.code}" if self.code else ""
        return _Timed.word(self, name, language)


@dataclass(frozen=True, slots=True)
class NoArrival(_Nothing):
    """No punch in the arrival window."""

    indonesian: ClassVar[str] = "tidak ada rekaman masuk antara {opens} dan {closes}{code}"
    english: ClassVar[str] = "no arrival punch between {opens} and {closes}{code}"


@dataclass(frozen=True, slots=True)
class NoDeparture(_Nothing):
    """No punch in the departure window."""

    indonesian: ClassVar[str] = "tidak ada rekaman pulang antara {opens} dan {closes}{code}"
    english: ClassVar[str] = "no departure punch between {opens} and {closes}{code}"


@dataclass(frozen=True, slots=True)
class AbsentSum(Reason):
    """The day counts as absent."""

    days: int
    indonesian: ClassVar[str] = "tidak masuk tanpa keterangan yang sah = {days} hari TK"
    english: ClassVar[str] = "absent without a valid reason = {days} day"


@dataclass(frozen=True, slots=True)
class DeficitSum(Reason):
    """Working minutes due and not given."""

    minutes: int
    indonesian: ClassVar[str] = "kekurangan jam kerja hari ini = {minutes} menit"
    english: ClassVar[str] = "working time not given this day = {minutes} minutes"
