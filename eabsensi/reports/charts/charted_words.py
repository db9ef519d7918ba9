"""The words on pictures, in Bahasa Indonesia and English."""

from __future__ import annotations

from eabsensi.law.wording import Language

_WORDS: dict[str, tuple[str, str]] = {
    "present": ("Hadir", "Present"),
    "late": ("Terlambat", "Late"),
    "early": ("Pulang cepat", "Left early"),
    "absent": ("Tanpa keterangan", "Absent"),
    "leave": ("Cuti", "Leave"),
    "duty": ("Dinas", "Duty"),
    "sick": ("Sakit", "Sick"),
    "permission": ("Izin", "Permission"),
    "excused": ("Dengan keterangan", "Excused"),
    "off": ("Libur", "Off"),
    "undetermined": ("Belum lengkap", "Undetermined"),
    "future": ("Belum tiba", "To come"),
    "open": ("Hadir, hari belum lengkap", "Present, day still open"),
    "leave_letter": ("C", "L"),
    "duty_letter": ("D", "D"),
    "sick_letter": ("S", "S"),
    "permission_letter": ("Iz", "P"),
    "excused_letter": ("K", "E"),
    "late_legend": ("Terlambat, garis kiri: TL1", "Late, bars left: TL1"),
    "early_legend": ("Pulang cepat, garis kanan: PSW2", "Left early, bars right: PSW2"),
    "heatmap_title": ("Peta kehadiran {month}: {place}", "Attendance map, {month}: {place}"),
    "heatmap_told": ("{people} pegawai. Hari pegawai: {counts}.", "{people} people. Employee-days: {counts}."),
    "heatmap_empty": ("Tidak ada pegawai pada bulan ini.", "There is nobody in this month."),
    "trend_title": ("Ketepatan waktu: {place}", "Punctuality: {place}"),
    "trend_day": ("per hari", "by day"),
    "trend_week": ("per minggu", "by week"),
    "trend_month": ("per bulan", "by month"),
    "trend_bar": ("Tepat waktu", "On time"),
    "trend_open": ("Belum lengkap: dapat tepat, dapat tidak", "Undetermined: may turn out either way"),
    "trend_city": ("Seluruh kota", "Whole city"),
    "trend_axis": (
        "% hari kerja pegawai; cuti, sakit, izin dan libur tidak dihitung",
        "% of employee-days due; leave, sickness and days off do not count",
    ),
    "trend_one": ("{span}: {share}", "{span}: {share}"),
    "trend_known": ("{percent} % tepat waktu", "{percent} % on time"),
    "trend_with_open": (", {count} hari pegawai belum lengkap", ", {count} employee-days undetermined"),
    "trend_with_city": (", seluruh kota {percent} %", ", whole city {percent} %"),
    "trend_unknown": ("belum dapat dinilai", "cannot be judged yet"),
    "trend_nothing": ("tidak ada hari kerja", "no working day"),
    "trend_empty": ("Belum ada hari kerja yang dapat digambar.", "There is no working day to draw yet."),
    "arrivals_title": ("Kedatangan {date}: {place}", "Arrivals, {date}: {place}"),
    "arrivals_empty": (
        "Tidak ada pegawai dengan jam masuk tetap pada hari ini.",
        "Nobody has a fixed start of work on this day.",
    ),
    "arrivals_told": (
        "{arrived} dari {people} pegawai sudah datang{as_of}; sampai jam masuk {on_time} ({percent} %).",
        "{arrived} of {people} people have arrived{as_of}; by the start of work {on_time} ({percent} %).",
    ),
    "arrivals_as_of": (" sampai pukul {clock}", " by {clock}"),
    "arrivals_open": (
        "{count} pegawai belum lengkap: apakah atau kapan datang, belum diketahui.",
        "{count} people undetermined: whether or when they came is not known yet.",
    ),
    "arrivals_usual": (
        "Biasanya (median {days} hari): {percent} % pada jam masuk.",
        "Usually (median of {days} days): {percent} % by the start of work.",
    ),
    "arrivals_shift": ("{count} pegawai sif tidak digambar.", "{count} people on shifts are not drawn."),
    "today_line": ("{day}: {percent} % pada jam masuk", "{day}: {percent} % by the start"),
    "today_running": ("{day}: {percent} % sampai pukul {clock}", "{day}: {percent} % by {clock}"),
    "usual_line": ("Biasanya: {percent} % (median {days} hari)", "Usually: {percent} % (median of {days} days)"),
    "open_band": ("Belum lengkap: {count} pegawai", "Undetermined: {count} people"),
    "tolerance": ("Toleransi {minutes} menit", "Tolerance {minutes} min"),
    "start": ("Jam masuk {clock}", "Start {clock}"),
    "start_bare": ("Jam masuk", "Start of work"),
    "minutes_axis": ("menit dari jam masuk", "minutes from the start of work"),
    "clock_axis": ("pukul", "clock time"),
    "arrivals_axis": ("% pegawai yang sudah datang", "% of people arrived"),
    "units_title": ("Unit kerja berdampingan, {date}: {place}", "Units side by side, {date}: {place}"),
    "units_told_people": (
        "Bagian pegawai yang datang tepat waktu, dari yang terbaik. {units}.",
        "Share of people on time, the best first. {units}.",
    ),
    "units_told_duty_days": (
        "Bagian hari kerja pegawai yang dimulai tepat waktu, dari yang terbaik. {units}.",
        "Share of employee-days begun on time, the best first. {units}.",
    ),
    "units_one": (
        "{name}: {percent} tepat waktu ({counts})",
        "{name}: {percent} on time ({counts})",
    ),
    "on_time": ("Tepat waktu", "On time"),
    "units_value_people": ("tepat / pegawai", "on time / people"),
    "units_value_duty_days": ("tepat / hari kerja pegawai", "on time / employee-days"),
    "units_incomplete": ("Belum lengkap, tidak diperingkat", "Incomplete, not ranked"),
    "units_off": ("Tanpa hari kerja: {names}", "No duty on this day: {names}"),
    "units_empty": ("Tidak ada unit kerja dengan hari kerja.", "No unit has duty on this day."),
    "units_note": (
        (
            "% = tepat waktu dari hadir + tanpa keterangan, tanpa yang belum lengkap (juga hadir yang kedatangannya "
            "belum diketahui). DL termasuk tepat waktu."
        ),
        (
            "% = on time of present + absent, without the undetermined (also those present whose arrival is not known "
            "yet). Duty elsewhere is on time."
        ),
    ),
}


def word(key: str, language: Language, **parts: object) -> str:
    """Give the words for ``key``, with their parts filled in."""
    said = _WORDS[key][language is Language.EN]
    return said.format(**parts) if parts else said
