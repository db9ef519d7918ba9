"""The words of an explained day, in Bahasa Indonesia and English."""

from __future__ import annotations

from eabsensi.law.wording import Language

_WORDS: dict[str, tuple[str, str]] = {
    "title": ("PENJELASAN STATUS KEHADIRAN", "ATTENDANCE STATUS EXPLAINED"),
    "where": ("{day}, bertugas di {unit} ({code})", "{day}, posted in {unit} ({code})"),
    "known": ("Menurut yang diketahui pada {as_of}", "By what was known at {as_of}"),
    "or": ("atau", "or"),
    "nothing": ("tidak ada", "none"),
    # headings
    "verdict": ("PUTUSAN", "VERDICT"),
    "schedule": ("JADWAL", "SCHEDULE"),
    "punches": ("REKAMAN PADA MESIN (sebagaimana tercatat)", "PUNCHES (as recorded)"),
    "devices": ("MESIN YANG DAPAT MENYIMPAN REKAMAN", "DEVICES THAT COULD HOLD A PUNCH"),
    "documents": ("DOKUMEN", "DOCUMENTS"),
    "gatherings": ("APEL DAN UPACARA", "GATHERINGS"),
    "sums": ("PERHITUNGAN", "ARITHMETIC"),
    "law": ("DASAR HUKUM", "LAW"),
    "needs": ("YANG MASIH DIPERLUKAN", "WHAT IS STILL NEEDED"),
    "changes": ("YANG DAPAT MENGUBAH PUTUSAN", "WHAT WOULD CHANGE THE VERDICT"),
    "history": ("RIWAYAT", "HISTORY"),
    # verdict
    "result": ("Status: {result}", "Status: {result}"),
    "final": (
        "Lengkap: tidak ada data yang belum terbaca yang dapat mengubahnya.",
        "Complete: nothing that is still unread can change it.",
    ),
    "not_final": (
        "Belum lengkap: lihat yang masih diperlukan. Hari ini tidak dihitung sebagai tanpa keterangan.",
        "Not complete: see what is still needed. The day is not counted as an absence.",
    ),
    "as_kept": (
        "Putusan ini disimpan sebelum rekamannya diarsipkan dan tidak dinilai ulang.",
        "This verdict was kept from before its punches were let go, and is not judged again.",
    ),
    "nothing_kept": (
        "Tidak ada putusan yang disimpan dan rekamannya sudah diarsipkan: tidak boleh disimpulkan tidak hadir.",
        "No verdict was kept, and the punches were let go: nobody may conclude an absence from this.",
    ),
    # schedule
    "hours": ("{name}: masuk {start}, pulang {end} {zone}. ", "{name}: from {start} to {end} {zone}. "),
    "windows": (
        "Rekaman masuk diterima {in_opens}-{in_closes}, rekaman pulang {out_opens}-{out_closes}.",
        "Arrivals are taken {in_opens}-{in_closes}, departures {out_opens}-{out_closes}.",
    ),
    "by_calendar": (
        "Ditetapkan oleh kalender untuk pola {pattern}: {cited}.",
        "Set by the calendar for pattern {pattern}: {cited}.",
    ),
    "by_roster": ("Ditetapkan oleh daftar jaga: {cited}.", "Set by the roster: {cited}."),
    # punches
    "punch": (
        "{day}{at} di {device} (seri {serial}), {source}, diterima server {received}, {clock}: {use}.",
        "{day}{at} at {device} (serial {serial}), {source}, received {received}, {clock}: {use}.",
    ),
    "let_go": (
        "Bukan berarti tidak ada: {rows} rekaman {month} dari semua mesin diarsipkan pada {at} oleh {by} ({reason}).",
        "Not that there were none: {rows} punches of {month} of all devices were archived at {at} by {by} ({reason}).",
    ),
    "let_go_proof": (
        "Semuanya tersegel sampai segel {head}; arsip dapat dicocokkan dengan segel itu.",
        "All of them were sealed by seal {head}; the archive can be held against it.",
    ),
    "let_go_times": (
        "Yang disimpan dari rekaman itu bersama putusannya: masuk {arrived}, pulang {left}.",
        "Kept of them with the verdict: arrival {arrived}, departure {left}.",
    ),
    "source_log": ("dibaca dari log mesin", "read from the device's log"),
    "source_usb": ("dari berkas USB mesin", "from the device's USB dump"),
    "source_live": ("siaran langsung mesin, belum dibaca dari log", "heard live, not yet read from the log"),
    "measured_then": ("jam mesin saat itu {offset}", "the device's clock then {offset}"),
    "measured_last": ("jam mesin {offset}", "clock {offset}"),
    "clock_right": ("tepat", "right"),
    "clock_unknown": ("selisih jam mesin tidak diukur", "clock offset not measured"),
    # devices
    "device": (
        "{device} (seri {serial}): {use}{read}; penarikan terakhir: {outcome}; {clock}{wrong}.",
        "{device} (serial {serial}): {use}{read}; last poll: {outcome}; {clock}{wrong}.",
    ),
    "save_lost": (" ({cause}: {after} sampai {until})", " ({cause}: {after} to {until})"),
    "read_through": ("terbaca lengkap sampai {through}", "read completely through {through}"),
    "in_use": ("dipakai sejak {since} menurut rekamannya; ", "in use since {since} by its log; "),
    "in_use_stated": ("dinyatakan dipakai sejak {since}; ", "stated to be in use since {since}; "),
    "never_read": ("belum pernah terbaca", "never read"),
    "beyond_tolerance": (", di luar batas yang diizinkan", ", beyond the tolerance"),
    # documents
    "approved": (
        "{name}{wide}, {dates}, disetujui {by} pada {at}: {use}.",
        "{name}{wide}, {dates}, approved by {by} at {at}: {use}.",
    ),
    "unit_wide": (" untuk seluruh unit", " for the whole unit"),
    "filed": (
        "{name}, {dates}, diajukan {by} pada {at}: belum disetujui, jadi tidak dihitung.",
        "{name}, {dates}, filed by {by} at {at}: not approved, so it does not count.",
    ),
    "revoked": (
        "{name}, {dates}, dicabut {by} pada {at} ({reason}): tidak dihitung.",
        "{name}, {dates}, revoked by {by} at {at} ({reason}): does not count.",
    ),
    # gatherings
    "gathering": (
        "{name}, {opens}-{closes}{basis}: {outcome}. Bukan ketidakhadiran kerja.",
        "{name}, {opens}-{closes}{basis}: {outcome}. Never an absence from work.",
    ),
    "attended": ("hadir", "attended"),
    "missed": ("tidak hadir", "missed"),
    "undecided": ("belum dapat dinilai", "cannot be judged yet"),
    # law
    "cited": ("{text}; keyakinan {sure}, sumber [{source}]", "{text}; confidence {sure}, source [{source}]"),
    "sure_high": ("tinggi", "high"),
    "sure_medium": ("sedang", "medium"),
    "sure_low": ("rendah", "low"),
    # history
    "never_stored": (
        "Belum pernah disimpan: dinilai sekarang untuk penjelasan ini.",
        "Never stored: judged now, for this explanation.",
    ),
    "version": (
        "Versi {version}, {at}, oleh {by}, sebab: {cause}: {result} di {unit}; {reasons} (peraturan {policy}).",
        "Version {version}, {at}, by {by}, because: {cause}: {result} in {unit}; {reasons} (policy {policy}).",
    ),
    "month_open": ("Bulan ini belum ditutup.", "The month is not closed."),
    "month_closed": (
        "Bulan ini ditutup (versi {version}) pada {at} oleh {by}; alasan: {reason}; SHA-256 {sha256}.",
        "The month is closed (version {version}) at {at} by {by}; reason: {reason}; SHA-256 {sha256}.",
    ),
    "month_reopened": (
        "Bulan ini dibuka kembali (versi {version}) pada {at} oleh {by}; alasan: {reason}.",
        "The month was reopened (version {version}) at {at} by {by}; reason: {reason}.",
    ),
    "addendum": (
        "Adendum sesudah ditutup, {at}: {before} menjadi {after}, sebab: {reason}.",
        "Addendum after closing, {at}: {before} became {after}, because: {reason}.",
    ),
    "differs": (
        "Putusan di atas berbeda dari versi terakhir yang tersimpan, yang akan dinilai ulang.",
        "The verdict above differs from the last stored version, which is about to be judged again.",
    ),
}


_PATTERNS = {
    "5-day": ("5 hari kerja", "5-day"),
    "6-day": ("6 hari kerja", "6-day"),
    "shift": ("sif", "shift"),
}


def pattern_text(pattern: str, language: Language) -> str:
    """Name a unit's working pattern, e.g. ``5 hari kerja`` for ``5-day``; another stands as it is."""
    indonesian, english = _PATTERNS.get(pattern, (pattern, pattern))
    return indonesian if language is Language.ID else english


def word(key: str, language: Language) -> str:
    """Give the words for ``key``."""
    return _WORDS[key][language is Language.EN]
