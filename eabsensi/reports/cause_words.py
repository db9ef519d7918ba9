"""Why a day was judged again, in the reader's words. What a person wrote as the reason stands as it was written."""

from __future__ import annotations

from eabsensi.law.wording import Language

#: As they are stored, and in Bahasa Indonesia; what follows one of them (a version, a month, a reason) is kept.
_CAUSES = {
    "judged again": "dinilai ulang",
    "punch": "rekaman baru",
    "live event": "rekaman langsung dari mesin",
    "USB dump": "impor berkas USB mesin",
    "coverage": "mesin terbaca lebih jauh",
    "device in use": "masa pakai mesin diketahui",
    "device changed": "data mesin berubah",
    "document approved": "dokumen disetujui",
    "document revoked": "dokumen dicabut",
    "document due": "dokumen mulai berlaku",
    "enrolment changed": "pendaftaran PIN berubah",
    "posting changed": "penempatan berubah",
    "unit changed": "data unit kerja berubah",
    "roster changed": "daftar jaga berubah",
    "ceremony": "apel atau upacara",
    "day over": "hari berakhir",
    "policy": "peraturan berubah menjadi versi",
    "closing": "tutup periode",
}


def cause_text(cause: str, language: Language) -> str:
    """Give the cause of a version of a verdict, e.g. ``rekaman baru`` for ``punch``."""
    if language is Language.EN:
        return cause
    for stored, told in _CAUSES.items():
        if cause == stored or cause.startswith((f"{stored} ", f"{stored}: ")):
            return told + cause.removeprefix(stored)
    return cause
