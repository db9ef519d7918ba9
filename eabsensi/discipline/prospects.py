"""What an explanation says of what is missing, and of what may still come."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from eabsensi.discipline.reasons import Reason

# --- what is missing -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ReadDevice(Reason):
    """A device has to be read."""

    device: str
    serial: str
    indonesian: ClassVar[str] = (
        "data mesin {device}: sambungkan lalu tarik (eabsensi poll {serial}), "
        "atau ambil dengan USB (eabsensi punch import --device {serial} FILE)"
    )
    english: ClassVar[str] = (
        "the log of {device}: connect and read it (eabsensi poll {serial}), "
        "or bring it by USB (eabsensi punch import --device {serial} FILE)"
    )


@dataclass(frozen=True, slots=True)
class WaitUntil(Reason):
    """The day has to end first."""

    until: datetime
    indonesian: ClassVar[str] = "menunggu hari selesai ({until}) dan mesin terbaca melewatinya"
    english: ClassVar[str] = "the end of the day ({until}), and devices read past it"


@dataclass(frozen=True, slots=True)
class EnrolThem(Reason):
    """The person needs a PIN."""

    indonesian: ClassVar[str] = "pendaftaran PIN pegawai pada mesin (eabsensi enrolment import)"
    english: ClassVar[str] = "the person's PIN on a device (eabsensi enrolment import)"


@dataclass(frozen=True, slots=True)
class RegisterDevice(Reason):
    """The unit needs a device."""

    indonesian: ClassVar[str] = "mesin absensi untuk unit kerja (eabsensi device add), atau daftar hadir manual"
    english: ClassVar[str] = "a device for the unit (eabsensi device add), or a manual list"


@dataclass(frozen=True, slots=True)
class ShowUse(Reason):
    """It has to be shown that a device was in use earlier, or somebody has to answer for the day."""

    device: str
    serial: str
    indonesian: ClassVar[str] = (
        "bukti bahwa mesin {device} sudah dipakai saat itu: impor berkas USB yang lebih lama (eabsensi punch import "
        "--device {serial} FILE) atau nyatakan in_use_since mesin itu di devices.yaml; bila belum dipakai, "
        "ajukan dokumen gangguan unit atau daftar hadir manual"
    )
    english: ClassVar[str] = (
        "proof that {device} was in use then: import an older USB dump (eabsensi punch import --device {serial} FILE) "
        "or state the device's in_use_since in devices.yaml; if it was not, file an incident of the unit or a manual "
        "list"
    )


@dataclass(frozen=True, slots=True)
class FileRoster(Reason):
    """The person needs a roster."""

    indonesian: ClassVar[str] = "daftar jaga pegawai untuk tanggal ini (eabsensi roster import)"
    english: ClassVar[str] = "the person's roster for the date (eabsensi roster import)"


@dataclass(frozen=True, slots=True)
class CompletePolicy(Reason):
    """The local rules lack something."""

    indonesian: ClassVar[str] = "kelengkapan peraturan (eabsensi policy check)"
    english: ClassVar[str] = "the missing rule (eabsensi policy check)"


@dataclass(frozen=True, slots=True)
class SettleClock(Reason):
    """A person has to decide which reading of a wrong clock holds."""

    device: str
    indonesian: ClassVar[str] = "keputusan atas jam mesin {device} yang salah: dokumen koreksi bila perlu"
    english: ClassVar[str] = "a decision on the wrong clock of {device}: a correcting document where needed"


@dataclass(frozen=True, slots=True)
class ReplaceLost(Reason):
    """What a device has lost has to come from elsewhere."""

    device: str
    indonesian: ClassVar[str] = (
        "keputusan atas tap yang mungkin hilang di mesin {device}: dokumen lupa absen, koreksi, atau gangguan mesin"
    )
    english: ClassVar[str] = (
        "a decision on touches that {device} may have lost: a paper for a forgotten punch, a correction or an incident"
    )


# --- what may still come -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ReadEmpty(Reason):
    """Devices read past the day hold nothing new."""

    devices: str
    until: datetime
    indonesian: ClassVar[str] = "bila mesin {devices} terbaca melewati {until} tanpa rekaman baru"
    english: ClassVar[str] = "if {devices} is read past {until} and holds no new punch"


@dataclass(frozen=True, slots=True)
class ReadInTime(Reason):
    """Devices read past the day hold an arrival and a departure in time."""

    devices: str
    until: datetime
    indonesian: ClassVar[str] = "bila mesin {devices} terbaca melewati {until} dan berisi rekaman tepat waktu"
    english: ClassVar[str] = "if {devices} is read past {until} and holds punches in time"


@dataclass(frozen=True, slots=True)
class FiledApproved(Reason):
    """A paper that is filed gets approved."""

    paper: str
    indonesian: ClassVar[str] = "bila dokumen yang sudah diajukan ({paper}) disetujui"
    english: ClassVar[str] = "if the filed document ({paper}) is approved"


@dataclass(frozen=True, slots=True)
class PaperApproved(Reason):
    """A paper of some kind is filed and approved."""

    kinds: str
    indonesian: ClassVar[str] = "bila dokumen {kinds} untuk tanggal ini disetujui"
    english: ClassVar[str] = "if a document ({kinds}) for this date is approved"


@dataclass(frozen=True, slots=True)
class PaperRevoked(Reason):
    """The paper that decided is revoked."""

    paper: str
    indonesian: ClassVar[str] = "bila dokumen {paper} dicabut"
    english: ClassVar[str] = "if the document {paper} is revoked"
