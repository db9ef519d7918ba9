"""The words and columns of the portal's lists on paper; they are those of the pages, which a test makes sure of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from eabsensi.reports.listing import Field, Words

UNIT: Final = Words("Unit kerja", "Work unit")
NIP: Final = Words("NIP", "NIP")
NAME: Final = Words("Nama", "Name")
STATE: Final = Words("Keadaan", "State")
PERSON: Final = Words("NIP atau nama", "NIP or name")
FROM: Final = Words("Dari tanggal", "From")
TO: Final = Words("Sampai tanggal", "To")
BEFORE: Final = Words("Sebelum", "Before")

WHOLE_UNIT: Final = Words("Seluruh pegawai {unit}", "Everybody in {unit}")
STATES: Final[Mapping[str, Words]] = {
    "filed": Words("Menunggu persetujuan", "Waiting for approval"),
    "approved": Words("Disetujui", "Approved"),
    "revoked": Words("Dicabut", "Revoked"),
}
COVERS: Final[Mapping[str, Words]] = {
    "day": Words("Sehari penuh", "The whole day"),
    "in": Words("Hanya kedatangan", "The arrival only"),
    "out": Words("Hanya kepulangan", "The departure only"),
}
DOCUMENTS: Final = (
    Field("id", Words("No. dok.", "Doc. no."), 8, "11mm", "right"),
    Field("state", STATE, 20, "21mm"),
    Field("whose", Words("Pegawai atau unit", "Employee or unit"), 32, "1fr"),
    Field("nip", NIP, 21, "31mm"),
    Field("unit", UNIT, 14, "17mm"),
    Field("kind", Words("Jenis", "Kind"), 26, "33mm"),
    Field("covers", Words("Bagian hari", "Part of the day"), 16, "20mm"),
    Field("first", FROM, 18, "19mm"),
    Field("last", TO, 18, "19mm"),
    Field("number", Words("Nomor surat", "Number on the paper"), 22, "25mm"),
    Field("filed_by", Words("Diajukan oleh", "Filed by"), 18, "19mm"),
    Field("filed_at", Words("Diajukan", "Filed"), 17, "17mm"),
    Field("decided_by", Words("Diputuskan oleh", "Decided by"), 18, "19mm"),
    Field("decided_at", Words("Diputuskan", "Decided"), 17, "17mm"),
)

STEADY: Final = Words("teratur, sekitar {usual} (± {minutes} menit)", "steady, about {usual} (± {minutes} min)")
IRREGULAR: Final = Words(
    "tidak teratur, sekitar {usual} (± {minutes} menit)", "irregular, about {usual} (± {minutes} min)"
)
LIKENESS: Final = Words("kemiripan nama {percent} %", "name {percent} % alike")
HAS_PIN: Final = Words(", sudah memakai PIN {pins}", ", has PIN {pins} already")
UNMAPPED: Final = (
    Field("pin", Words("PIN", "PIN"), 10, "18mm"),
    Field("name", Words("Nama di mesin", "Name on the device"), 24, "36mm"),
    Field("unit", UNIT, 34, "50mm"),
    Field("serial", Words("Mesin", "Device"), 18, "30mm"),
    Field("days", Words("Hari", "Days"), 8, "12mm", "right"),
    Field("punches", Words("Rekaman", "Punches"), 10, "18mm", "right"),
    Field("first", Words("Rekaman pertama", "First punch"), 18, "27mm"),
    Field("last", Words("Rekaman terakhir", "Last punch"), 18, "27mm"),
    Field("rhythm", Words("Kebiasaan datang", "Usual arrival"), 38, "36mm"),
    Field("perhaps", Words("Mungkin", "Perhaps"), 50, "1fr"),
)

CLOSED: Final = Words("Ditutup v{version}", "Closed v{version}")
REOPENED: Final = Words("Dibuka kembali v{version}", "Reopened v{version}")
OPEN: Final = Words("Belum ditutup", "Not closed")
THROUGH: Final = Words("s.d. {date}", "through {date}")
ADDENDA_COUNT: Final = Words("{count} adendum", "addenda: {count}")
OPEN_DAYS: Final = Words("{count} hari belum lengkap", "open days: {count}")
NOT_JUDGED: Final = Words("belum dinilai", "not judged yet")
RUNNING: Final = Words("masih berjalan", "still running")
READY: Final = Words("siap ditutup", "ready to close")
NOBODY_POSTED: Final = Words("tidak ada pegawai", "nobody posted")
NOT_HERE: Final = Words("tidak di unit ini", "not in this unit")
ADDENDA: Final = (
    Field("date", Words("Tanggal", "Date"), 20, "32mm"),
    Field("name", NAME, 32, "1fr"),
    Field("nip", NIP, 21, "36mm"),
    Field("unit", UNIT, 14, "26mm"),
    Field("before", Words("Saat ditutup", "As closed"), 16, "24mm"),
    Field("after", Words("Sekarang", "Now"), 16, "24mm"),
    Field("learnt", Words("Diketahui", "Learnt"), 18, "30mm"),
    Field("cause", Words("Sebab", "Cause"), 40, "1fr"),
    Field("version", Words("Versi", "Version"), 8, "14mm", "right"),
)

WORDS: Final = Words("Dicari", "Searched for")
WHICH: Final = Words("Pegawai yang ditampilkan", "Employees shown")
POSTED: Final = Words("Bertugas hari ini", "Posted today")
FORMER: Final = Words("Tidak bertugas hari ini", "Not posted today")
PEOPLE: Final = (
    Field("name", NAME, 36, "1fr"),
    Field("nip", NIP, 21, "38mm"),
    Field("kind", Words("Jenis", "Kind"), 10, "18mm"),
    Field("position", Words("Jabatan", "Position"), 34, "1fr"),
    Field("unit", UNIT, 40, "1fr"),
    Field("since", Words("Penempatan sejak", "Posted since"), 20, "32mm"),
    Field("until", Words("Penempatan sampai", "Posted until"), 20, "32mm"),
)

ROLE: Final = Words("Peran", "Role")
ROLES: Final[Mapping[str, Words]] = {
    "admin": Words("Admin BKPSDM", "BKPSDM administrator"),
    "hr": Words("Kepegawaian BKPSDM", "BKPSDM HR"),
    "leader": Words("Pimpinan", "Leader"),
    "operator": Words("Operator OPD", "OPD operator"),
    "employee": Words("Pegawai", "Employee"),
}
ACCOUNT: Final = Words("Akun", "Account")
ACTION: Final = Words("Tindakan", "Action")
NO_ACCOUNT: Final = Words("(tanpa akun)", "(no account)")
ACTIONS: Final[Mapping[str, Words]] = {
    "log-in": Words("Masuk", "Logged in"),
    "log-in-refused": Words("Gagal masuk", "Log-in refused"),
    "log-out": Words("Keluar", "Logged out"),
    "see-unit": Words("Membuka data unit", "Opened a unit"),
    "see-person": Words("Membuka data pegawai", "Opened a person"),
    "see-report": Words("Membuka laporan", "Opened a report"),
    "download": Words("Mengunduh laporan", "Downloaded a report"),
    "file-document": Words("Mengajukan dokumen", "Filed a document"),
    "approve-document": Words("Menyetujui dokumen", "Approved a document"),
    "revoke-document": Words("Mencabut dokumen", "Revoked a document"),
    "close-period": Words("Menutup periode", "Closed a period"),
    "reopen-period": Words("Membuka kembali periode", "Reopened a period"),
    "map-pin": Words("Memasangkan PIN", "Mapped a PIN"),
    "change-account": Words("Mengubah akun", "Changed an account"),
    "change-token": Words("Mengubah token", "Changed a token"),
    "change-password": Words("Mengganti kata sandi", "Changed a password"),
    "read-api": Words("Dibaca program (API)", "Read by a program (API)"),
    "see-trail": Words("Membuka jejak audit", "Opened the audit trail"),
}
TRAIL: Final = (
    Field("at", Words("Waktu", "Time"), 18, "28mm"),
    Field("account", ACCOUNT, 24, "34mm"),
    Field("role", ROLE, 20, "30mm"),
    Field("action", ACTION, 26, "36mm"),
    Field("nip", NIP, 21, "34mm"),
    Field("unit", UNIT, 14, "22mm"),
    Field("subject", Words("Tentang", "About"), 34, "1fr"),
    Field("detail", Words("Rincian", "Details"), 50, "1.2fr"),
    Field("address", Words("Alamat", "Address"), 18, "26mm"),
)

WHOLE_CITY: Final = Words("Seluruh kota", "The whole city")
ACTIVE: Final = Words("Aktif", "Open")
DISABLED: Final = Words("Dinonaktifkan", "Disabled")
WAITING: Final = Words("Menunggu kata sandi sendiri", "Own password not set yet")
ACCOUNTS: Final = (
    Field("name", NAME, 36, "1fr"),
    Field("nip", NIP, 21, "38mm"),
    Field("username", Words("Nama pengguna", "User name"), 24, "50mm"),
    Field("role", ROLE, 24, "45mm"),
    Field("unit", UNIT, 40, "1fr"),
    Field("state", STATE, 28, "45mm"),
)
