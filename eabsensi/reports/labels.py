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
    # months, years and what follows from them
    "monthly_title": ("REKAPITULASI KEHADIRAN BULANAN", "MONTHLY ATTENDANCE"),
    "yearly_title": ("REKAPITULASI TANPA KETERANGAN TAHUNAN", "YEARLY ABSENCE"),
    "indications_title": ("DAFTAR INDIKASI KETIDAKHADIRAN", "INDICATIONS FROM ABSENCE"),
    "allowance_title": ("REKAPITULASI POTONGAN TAMBAHAN PENGHASILAN", "ALLOWANCE DEDUCTIONS"),
    "year": ("Tahun {year}", "Year {year}"),
    "name_nip": ("Nama / NIP", "Name / NIP"),
    "grid": ("Kehadiran per tanggal", "Attendance by date"),
    "grid_part": ("Kehadiran tanggal {first}-{last}", "Attendance, dates {first}-{last}"),
    "recap": ("Rekapitulasi", "Totals"),
    "no_reason": ("sebab tidak tercatat", "no reason recorded"),
    "people_unit": ("pegawai", "people"),
    "closed": (
        "DITUTUP versi {version}{through} pada {at}, SHA-256 {sha256}",
        "CLOSED, version {version}{through}, at {at}, SHA-256 {sha256}",
    ),
    "closed_through": (" s.d. {through}", " through {through}"),
    "months_closed": (
        "Bulan yang ditutup (versi, SHA-256): {months}. Bulan lain belum ditutup.",
        "Months closed (version, SHA-256): {months}. Other months are not closed.",
    ),
    "closing_column": ("Ditutup", "Closed"),
    "not_yet": ("belum", "not yet"),
    "no_month_closed": (
        "Belum ada bulan yang ditutup: angka masih dapat berubah",
        "No month is closed: figures may still change",
    ),
    "reopened": (
        "Belum ditutup: dibuka kembali (versi {version}) pada {at}",
        "Not closed: reopened (version {version}) at {at}",
    ),
    "reopened_brief": ("{month} dibuka kembali (v{version})", "{month} reopened (v{version})"),
    "not_closed": ("Belum ditutup: angka masih dapat berubah", "Not closed: figures may still change"),
    "addenda": (
        "Adendum: {count} hari pegawai berubah sesudah ditutup; laporan ini memakai isi yang ditutup",
        "Addenda: {count} employee-days changed after closing; this report shows what was closed",
    ),
    "on_the_spot": (
        "Dinilai langsung: {count} hari pegawai belum tersimpan sebagai status",
        "Judged for this report: {count} employee-days are not stored yet",
    ),
    "working_days": ("Hari Kerja", "Working days"),
    "attended": ("Hadir", "Present"),
    "absent_days": ("TK", "Absent"),
    "late_times": ("TL (kali)", "Late (times)"),
    "late_total": ("TL (mnt)", "Late (min)"),
    "early_times": ("PSW (kali)", "Early (times)"),
    "early_total": ("PSW (mnt)", "Early (min)"),
    "missing_in": ("Tdk absen masuk", "No in"),
    "missing_out": ("Tdk absen pulang", "No out"),
    "deficit": ("Kurang jam (mnt)", "Deficit (min)"),
    "on_duty": ("DL", "Duty"),
    "leave": ("Cuti", "Leave"),
    "sick": ("S", "Sick"),
    "permission": ("I", "Perm."),
    "apel_missed": ("Tdk apel", "Apel missed"),
    "open_days": ("Blm lengkap", "Undeter- mined"),
    "percent": ("% Hadir", "% Present"),
    "brief_legend": (
        "HK: hari kerja; x: kali; m: menit; -M, -P: tidak absen masuk, pulang; KJ: kurang jam; TA: tidak apel.",
        "HK: working days; H: present; x: times; m: minutes; -M, -P: no in, no out; KJ: deficit; TA: apel missed.",
    ),
    "percent_formula": (
        "% Hadir = Hadir : (Hari Kerja - Blm lengkap) x 100. DL termasuk Hadir; cuti, S dan I tetap Hari Kerja.",
        "% Present = Present : (Working days - Undetermined) x 100. Duty is present; leave stays a working day.",
    ),
    "recap_legend": (
        "TK: tanpa keterangan; TL: terlambat; PSW: pulang sebelum waktunya; S: sakit; I: izin.",
        "TK: absent; TL: late; PSW: left early; S: sick; I: permission.",
    ),
    "duty_legend": (
        "DL: dinas luar, diklat, tugas belajar, kerja fleksibel.",
        "Duty: duty elsewhere, training, study, flexible place.",
    ),
    "open_legend": (
        "?: belum lengkap, tidak dihitung sebagai TK; *: hadir, hari belum lengkap.",
        "?: undetermined, never counted as absent; *: present, the day is still open.",
    ),
    "nobody_period": ("Tidak ada pegawai dengan penempatan pada periode ini.", "Nobody has a posting in this period."),
    "converted": ("Konversi (hari)", "Converted (days)"),
    "converted_minutes": ("TL+PSW (mnt)", "Late+early (min)"),
    "brief_year": (
        "m: menit TL dan PSW yang dikonversi; K: hari konversi; Jml: TK + K; Urut: berturut terlama; ?: belum lengkap.",
        "m: minutes converted; K: days converted; Sum: absent + K; Run: longest run; ?: undetermined.",
    ),
    "brief_sum": ("Jml", "Sum"),
    "brief_run": ("Urut", "Run"),
    "decide": ("perlu putusan", "to be decided"),
    "details": ("Rincian", "Details"),
    "sum": ("Jumlah", "Sum"),
    "longest_run": ("Berturut-turut", "Longest run"),
    "reached": ("Indikasi", "Indication"),
    "yearly_legend": ("Angka tiap bulan adalah hari TK.", "Each month shows days absent."),
    "sum_legend": (
        "Jumlah = TK + konversi. Hari belum lengkap tidak dihitung sebagai TK.",
        "Sum = absent + converted. Undetermined days are never counted as absent.",
    ),
    "kind": ("Jenis", "Kind"),
    "absent_converted": ("TK + konversi", "Absent + converted"),
    "tier": ("Indikasi dan dasarnya", "Indication and its basis"),
    "interim_form": ("Bentuk sementara", "Interim form"),
    "dates": ("Tanggal TK", "Dates absent"),
    "attention_column": ("Perhatian", "Attention"),
    "salary_stop": ("gaji dihentikan mulai {on}", "pay stops from {on}"),
    "indication_level": ("indikasi tingkat {level}", "indication, {level} level"),
    "indicative": (
        "indikatif: disiplin PPPK ditetapkan PPK atau perjanjian kerja",
        "indicative: the agency's head or the contract sets the discipline of PPPK",
    ),
    "needs_decision": ("perlu keputusan pejabat: {why}", "needs an official's decision: {why}"),
    "two-laws": ("hari TK terbagi pada dua peraturan", "the days absent lie under two laws"),
    "unknown-table": (
        "ada hari di bawah ketentuan yang tidak tersedia dalam sistem",
        "some days lie under rules that the system does not have",
    ),
    "new-year": ("hari berturut-turut melewati tahun baru", "the consecutive days cross the new year"),
    "addenda_dates": ("berubah sesudah ditutup: {dates}", "changed after closing: {dates}"),
    "undetermined_dates": ("belum lengkap: {dates}", "undetermined: {dates}"),
    "run_days": ("{days} hari kerja berturut-turut", "{days} consecutive working days"),
    "possible_run": (
        "dapat menjadi {days} hari kerja berturut-turut bila hari yang belum lengkap ternyata TK",
        "may become {days} consecutive working days if the undetermined ones turn out absent",
    ),
    "other_units": ("semua unit kerja pada tahun itu ikut dihitung", "days in every unit of the year are counted"),
    "indications_legend": (
        "Indikasi dari hitungan, perlu pemeriksaan; keputusan ada pada pejabat yang berwenang.",
        "Indications from counting, to be examined; the decision is the competent official's.",
    ),
    "nobody_indicated": ("Tidak ada indikasi pada periode ini.", "There are no indications in this period."),
    "deduction": ("Potongan (%)", "Deduction (%)"),
    "deduction_lines": ("Rincian", "Lines"),
    "allowance_legend": (
        "Potongan dijumlahkan per hari menurut peraturan daerah; hari belum lengkap tidak dipotong.",
        "Deductions are added per day under local rules; undetermined days are not deducted.",
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
