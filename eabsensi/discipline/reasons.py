"""Why a verdict is what it is: typed values that can say themselves in Bahasa Indonesia and English."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import ClassVar, Final

from eabsensi.discipline.facts import LossCause
from eabsensi.law.wording import Language, clock_time, long_date, moment

_OUTCOMES = {
    "unreachable": ("tidak terhubung", "unreachable"),
    "busy": ("sedang dipakai pihak lain", "busy"),
    "auth_failed": ("kunci komunikasi ditolak", "comm key refused"),
    "secure_firmware": ("firmware menolak pembacaan", "firmware refuses reading"),
    "foreign_protocol": ("bukan mesin absensi yang dikenal", "speaks another protocol"),
    "protocol_error": ("jawaban mesin rusak", "broken replies"),
    "transfer_cut": ("pembacaan terputus", "transfer cut"),
    "refused": ("mesin menolak perintah", "command refused"),
    "attendance_disabled": ("mesin terkunci", "device locked"),
    "wrong_serial": ("mesin lain menjawab di alamat ini", "another device answers at its address"),
    "layout_unknown": ("format rekaman tidak dikenal", "record layout unknown"),
    "no_answer": ("mesin berhenti menjawab", "fell silent"),
    "range_refused": ("mesin menolak memberikan rekamannya", "refuses to give its records"),
    "size_word": ("panjang rekaman tidak cocok", "record length contradicts itself"),
    "too_much": ("mesin mengirim lebih dari isinya", "sends more than it can hold"),
    "crowded": ("pembacaan menunggu giliran", "its reading waits for others"),
    "cancelled": ("pembacaan dihentikan", "poll stopped"),
}


def outcome_text(outcome: str | None, language: Language) -> str:
    """Say the outcome of a poll; an unknown kind keeps its own word."""
    if outcome is None:
        return "belum pernah dihubungi" if language is Language.ID else "never contacted"
    if outcome == "ok":
        return "terbaca" if language is Language.ID else "read"
    return _OUTCOMES.get(outcome, (outcome, outcome))[language is Language.EN]


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason; subclasses hold the facts and a sentence per language.

    Instants are written in the zone that they carry.
    """

    indonesian: ClassVar[str] = ""
    english: ClassVar[str] = ""

    def text(self, language: Language = Language.ID) -> str:
        """Say the reason in one phrase, without a full stop."""
        template = self.indonesian if language is Language.ID else self.english
        return template.format(**{field.name: self.word(field.name, language) for field in fields(self)})

    def word(self, name: str, language: Language) -> str:
        """Write one fact: instants and dates in words, the rest as it is."""
        value = getattr(self, name)
        if isinstance(value, datetime):
            return moment(value, language)
        return long_date(value, language) if isinstance(value, date) else str(value)


@dataclass(frozen=True, slots=True)
class DayOff(Reason):
    """No duty on this day."""

    name: str
    indonesian: ClassVar[str] = "{name}"
    english: ClassVar[str] = "{name}"


@dataclass(frozen=True, slots=True)
class Weekend(Reason):
    """The pattern of the unit does not work on this weekday."""

    indonesian: ClassVar[str] = "bukan hari kerja unit ini"
    english: ClassVar[str] = "not a working day of this unit"


@dataclass(frozen=True, slots=True)
class NoRoster(Reason):
    """A shift unit without a roster for the person."""

    indonesian: ClassVar[str] = "jadwal sif belum ada"
    english: ClassVar[str] = "there is no roster yet"


@dataclass(frozen=True, slots=True)
class NoCalendar(Reason):
    """The holidays of the year have not been entered."""

    year: str
    indonesian: ClassVar[str] = "hari libur tahun {year} belum dimasukkan"
    english: ClassVar[str] = "the holidays of {year} have not been entered"


@dataclass(frozen=True, slots=True)
class NoHours(Reason):
    """A season whose hours have not been entered."""

    season: str
    indonesian: ClassVar[str] = "jam kerja {season} belum dimasukkan"
    english: ClassVar[str] = "the hours of {season} have not been entered"


@dataclass(frozen=True, slots=True)
class DayRunning(Reason):
    """The day is not over at the instant of judging."""

    until: datetime
    indonesian: ClassVar[str] = "hari belum selesai, dinilai setelah {until}"
    english: ClassVar[str] = "the day is not over, it is judged after {until}"


@dataclass(frozen=True, slots=True)
class DeviceUnread(Reason):
    """A device that could hold a punch has not been read far enough; ``since`` None means never."""

    device: str
    since: datetime | None
    outcome: str | None
    indonesian: ClassVar[str] = "mesin {device} {since}{outcome}"
    english: ClassVar[str] = "device {device} {since}{outcome}"

    def word(self, name: str, language: Language) -> str:
        """Write since when, and why where the last poll failed."""
        if name == "device":
            return self.device
        if name == "outcome":
            failed = self.outcome not in (None, "ok")
            return f" ({outcome_text(self.outcome, language)})" if failed else ""
        if self.since is None:
            return "belum pernah terbaca" if language is Language.ID else "has never been read"
        since = moment(self.since, language)
        return f"belum terbaca sejak {since}" if language is Language.ID else f"not read since {since}"


@dataclass(frozen=True, slots=True)
class RecordsLost(Reason):
    """A device was read, but for a while what it had recorded was lost, or does not tell when it was."""

    device: str
    cause: LossCause
    after: datetime
    until: datetime
    indonesian: ClassVar[str] = "mesin {device}: {cause} antara {after} dan {until}"
    english: ClassVar[str] = "device {device}: {cause} between {after} and {until}"

    def word(self, name: str, language: Language) -> str:
        """Write what happened, and the instants in the unit's zone."""
        if name == "device":
            return self.device
        if name == "cause":
            return loss_text(self.cause, language)
        return moment(self.after if name == "after" else self.until, language)


def loss_text(cause: LossCause, language: Language) -> str:
    """Say why a device cannot tell what was punched."""
    return _LOSSES[cause][language is Language.EN]


_LOSSES: Final = {
    LossCause.CLEARED: (
        "isi mesin dihapus sebelum terbaca, maka tap mungkin hilang",
        "its log was cleared before it was read, so touches may be lost",
    ),
    LossCause.MISDATED: (
        "ada tap PIN ini yang tercatat pada tanggal yang salah",
        "touches of this PIN were recorded under a wrong date",
    ),
    LossCause.UNREADABLE: (
        "ada tap PIN ini yang waktunya tidak dapat dibaca",
        "touches of this PIN have a time that cannot be read",
    ),
}


@dataclass(frozen=True, slots=True)
class NoDevice(Reason):
    """No device stands in the unit or above it."""

    unit: str
    indonesian: ClassVar[str] = "{unit} belum mempunyai mesin absensi"
    english: ClassVar[str] = "{unit} has no device yet"


@dataclass(frozen=True, slots=True)
class LogBegins(Reason):
    """A device whose log begins too late to tell of the day: it was not in use, was cleared, or has overwritten it."""

    device: str
    begins_on: date
    indonesian: ClassVar[str] = (
        "rekaman mesin {device} baru dimulai {begins_on}, sehingga tidak membuktikan ketidakhadiran sampai tanggal itu"
    )
    english: ClassVar[str] = "the log of {device} begins on {begins_on}, so it proves no absence up to that date"


@dataclass(frozen=True, slots=True)
class InUseLater(Reason):
    """A device of which a person states that it is used only from a later date on."""

    device: str
    since: date
    indonesian: ClassVar[str] = "mesin {device} dinyatakan baru dipakai sejak {since}"
    english: ClassVar[str] = "{device} is stated to be in use only since {since}"


@dataclass(frozen=True, slots=True)
class NotEnrolled(Reason):
    """The person has no PIN on any device on this date."""

    indonesian: ClassVar[str] = "belum terdaftar pada mesin absensi"
    english: ClassVar[str] = "not enrolled on any device"


@dataclass(frozen=True, slots=True)
class NoPunch(Reason):
    """Every device has been read past the day and none holds a punch."""

    devices: int
    indonesian: ClassVar[str] = "tidak ada rekaman; {devices} mesin sudah terbaca sampai hari berakhir"
    english: ClassVar[str] = "no punch; {devices} devices read past the end of the day"


@dataclass(frozen=True, slots=True)
class LateBy(Reason):
    """Arrived after the start."""

    minutes: int
    start: datetime
    indonesian: ClassVar[str] = "terlambat {minutes} menit dari {start}"
    english: ClassVar[str] = "{minutes} minutes after {start}"

    def word(self, name: str, language: Language) -> str:
        """Write the start as a clock time."""
        return clock_time(self.start, language) if name == "start" else str(self.minutes)


@dataclass(frozen=True, slots=True)
class EarlyBy(Reason):
    """Left before the end."""

    minutes: int
    end: datetime
    indonesian: ClassVar[str] = "pulang {minutes} menit sebelum {end}"
    english: ClassVar[str] = "left {minutes} minutes before {end}"

    def word(self, name: str, language: Language) -> str:
        """Write the end as a clock time."""
        return clock_time(self.end, language) if name == "end" else str(self.minutes)


def of_shift(shift: str, language: Language) -> str:
    """Name a shift after a noun; nothing where the day has only one."""
    if not shift:
        return ""
    return f" sif {shift}" if language is Language.ID else f" of the shift {shift}"


@dataclass(frozen=True, slots=True)
class MissingIn(Reason):
    """No arrival punch; counts as ``code``. ``shift`` is named where the day has several."""

    code: str
    shift: str = ""
    indonesian: ClassVar[str] = "tidak ada rekaman masuk{shift} ({code})"
    english: ClassVar[str] = "no arrival punch{shift} ({code})"

    def word(self, name: str, language: Language) -> str:
        """Write the shift where there is one."""
        return of_shift(self.shift, language) if name == "shift" else self.code


@dataclass(frozen=True, slots=True)
class MissingOut(Reason):
    """No departure punch; counts as ``code``. ``shift`` is named where the day has several."""

    code: str
    shift: str = ""
    indonesian: ClassVar[str] = "tidak ada rekaman pulang{shift} ({code})"
    english: ClassVar[str] = "no departure punch{shift} ({code})"

    def word(self, name: str, language: Language) -> str:
        """Write the shift where there is one."""
        return of_shift(self.shift, language) if name == "shift" else self.code


@dataclass(frozen=True, slots=True)
class FuturePunch(Reason):
    """A punch later than its own receipt is impossible; it is set aside."""

    device: str
    punched_at: datetime
    received_at: datetime
    indonesian: ClassVar[str] = (
        "waktu mesin di masa depan: rekaman {punched_at} di {device} diterima {received_at}, dikarantina"
    )
    english: ClassVar[str] = (
        "device time in the future: punch of {punched_at} at {device} was received {received_at}, quarantined"
    )


@dataclass(frozen=True, slots=True)
class PunchElsewhere(Reason):
    """A punch at a device of another unit: it counts, and is pointed out."""

    device: str
    indonesian: ClassVar[str] = "merekam di mesin unit lain: {device}"
    english: ClassVar[str] = "punched at another unit's device: {device}"


@dataclass(frozen=True, slots=True)
class ProvisionalPunch(Reason):
    """A live event that the log has not confirmed yet."""

    device: str
    indonesian: ClassVar[str] = "rekaman langsung dari {device}, belum dibaca dari log"
    english: ClassVar[str] = "heard live from {device}, not yet read from its log"


@dataclass(frozen=True, slots=True)
class PunchOnDayOff(Reason):
    """The person punched although the day asks nothing."""

    count: int
    indonesian: ClassVar[str] = "ada {count} rekaman pada hari libur"
    english: ClassVar[str] = "{count} punches on a day off"
