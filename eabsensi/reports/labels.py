"""The words on reports, in Bahasa Indonesia and English."""

from __future__ import annotations

from eabsensi.discipline.verdict import Status
from eabsensi.law.wording import Language

_WORDS: dict[str, tuple[str, str]] = {
    "title": ("LAPORAN KEHADIRAN HARIAN", "DAILY ATTENDANCE REPORT"),
    "city": ("Seluruh unit kerja", "All work units"),
    "unit": ("Unit kerja", "Work unit"),
    "number": ("No", "No"),
    "nip": ("NIP", "NIP"),
    "name": ("Nama", "Name"),
    "rank": ("Pangkat (Gol)", "Rank"),
    "position": ("Jabatan", "Position"),
    "status": ("Status", "Status"),
    "codes": ("Kode", "Codes"),
    "in": ("Masuk", "In"),
    "out": ("Pulang", "Out"),
    "late": ("Terlambat", "Late"),
    "early": ("Plg cepat", "Early"),
    "minutes": ("mnt", "min"),
    "late_short": ("TL (mnt)", "Late (min)"),
    "early_short": ("PSW (mnt)", "Early (min)"),
    "late_brief": ("TL", "Late"),
    "early_brief": ("PSW", "Early"),
    "brief": ("TL dan PSW dalam menit", "Late and Early in minutes"),
    "schedule": ("Jadwal", "Schedule"),
    "complete": ("Lengkap", "Complete"),
    "note": ("Ket", "Note"),
    "explanation": ("Keterangan", "Explanation"),
    "date": ("Tanggal", "Date"),
    "as_of": ("Keadaan per", "As of"),
    "yes": ("ya", "yes"),
    "no": ("belum", "no"),
    "people": ("Pegawai", "People"),
    "late_count": ("Terlambat", "Late"),
    "early_count": ("Pulang cepat", "Left early"),
    "open_count": ("Hadir, belum lengkap", "Present, still open"),
    "present_share": ("hadir", "present"),
    "incomplete": ("BELUM LENGKAP", "INCOMPLETE"),
    "attention": ("PERHATIAN", "ATTENTION"),
    "day_off": ("LIBUR", "DAY OFF"),
    "law": ("Dasar", "Law"),
    "policy": ("Peraturan {name} versi {version}", "Policy {name} version {version}"),
    "summary": ("Ringkasan", "Summary"),
    "total": ("Jumlah", "Total"),
    "star": (
        "* hadir menurut rekaman yang ada; penilaian hari ini belum lengkap",
        "* present by what is known; the day is not fully judged yet",
    ),
    "nobody": ("Tidak ada pegawai dengan penempatan pada tanggal ini.", "Nobody has a posting on this date."),
    "known": ("Mengetahui", "Acknowledged"),
    "head": ("Kepala {unit}", "Head of {unit}"),
    "printed": ("Dicetak menurut keadaan {as_of}", "Printed as of {as_of}"),
    "page": ("Halaman", "Page"),
    "of": ("dari", "of"),
    "rounding": (
        "Menit dibulatkan per hari sebelum dijumlahkan; kode mengikuti pita menit yang berlaku pada tanggal ini.",
        "Minutes are rounded per day before they are added; codes follow the bands in force on this date.",
    ),
}

_STATUSES = {
    Status.PRESENT: ("Hadir", "Present"),
    Status.ABSENT: ("Tanpa ket.", "Absent"),
    Status.EXCUSED: ("Dengan ket.", "Excused"),
    Status.OFF: ("Libur", "Off"),
    Status.UNDETERMINED: ("Belum lengkap", "Undetermined"),
}
_LONG_STATUSES = _STATUSES | {
    Status.ABSENT: ("Tanpa keterangan", "Absent without reason"),
    Status.EXCUSED: ("Dengan keterangan", "Excused"),
}


def label(key: str, language: Language) -> str:
    """Give the words for ``key``."""
    return _WORDS[key][language is Language.EN]


def status_label(status: Status, language: Language, *, short: bool = False) -> str:
    """Name a status, shortened where a column is narrow."""
    return (_STATUSES if short else _LONG_STATUSES)[status][language is Language.EN]
