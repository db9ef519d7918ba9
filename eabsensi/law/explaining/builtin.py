"""What no policy file decides: how a day is judged at all, and what stands on paper beside the verdicts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from eabsensi.law.explaining.statement import Asked, Statement, Topic
from eabsensi.law.letterhead import Letterhead, Signer, UnitLetterhead
from eabsensi.law.wording import Language


class _Rule(NamedTuple):
    """One rule in both languages."""

    indonesian: str
    english: str


_RULES = (
    _Rule(
        "Kewajiban suatu hari ditentukan berurutan: penempatan pada tanggal itu; pegawai sif hanya mengikuti daftar "
        "jaganya; bagi yang lain hari libur dan cuti bersama (“L”, “CBM”), lalu hari bebas dalam pekan (“L”), lalu "
        "jam kerja musim (Ramadan), lalu jam kerja biasa. Tahun tanpa kalender dan hari tanpa daftar jaga belum "
        "dapat dinilai (“?”).",
        "What a day obliges to is found in this order: the posting on that date; people on shifts follow their "
        "roster and nothing else; for the others public holidays and joint leave (“L”, “CBM”), then the free days "
        "of the week (“L”), then the hours of a season (Ramadan), then the normal hours. A year without a calendar "
        "and a day without a roster are undetermined (“?”).",
    ),
    _Rule(
        "Tidak seorang pun dinyatakan “TK” (tanpa keterangan) sebelum semua mesin yang dapat menyimpan rekamannya "
        "terbaca melewati akhir hari itu; sampai saat itu hari tersebut belum dapat dinilai (“?”).",
        "Nobody is called “TK” (absent without reason) before every terminal that could hold the punch has been "
        "read past the end of the day; until then the day is undetermined (“?”).",
    ),
    _Rule(
        "Dokumen yang disetujui mengalahkan rekaman; rekaman mentah tetap ditampilkan.",
        "An approved paper outranks punches; the raw punches stay visible.",
    ),
    _Rule(
        "Satu rekaman dipakai satu kali. Sif adalah milik tanggal dimulainya; rekaman pagi berikutnya menutup sif "
        "malam.",
        "A punch counts once. A shift belongs to the date on which it starts; a punch of the next morning closes a "
        "night shift.",
    ),
    _Rule(
        "Apel dan upacara hanya dinilai bila terdaftar sebagai acara, dari jendela rekamnya sendiri: tidak hadir "
        "adalah “TA” (tidak apel), tidak pernah “TK” dan tidak pernah terlambat.",
        "Apel and ceremonies are judged only where they are registered as events, from their own window: who was "
        "not there is “TA” (tidak apel), never “TK” and never late.",
    ),
)


def builtin_topic(asked: Asked) -> Topic:
    """State what holds for every day, whatever the policy files say."""
    return Topic(
        asked.say("Cara suatu hari dinilai", "How a day is judged"),
        tuple(Statement("", asked.say(*rule)) for rule in _RULES),
    )


def letterhead_topic(asked: Asked) -> Topic:
    """State what stands above and below printed reports; no verdict rests on it."""
    heads = asked.policy.letterheads
    city = Statement("letterhead", _city(asked, heads.city), citation=heads.citation)
    units = (
        Statement(f"letterhead.units.{code}", _unit(asked, code, own), citation=heads.citation)
        for code, own in heads.units.items()
    )
    return Topic(
        asked.say("Kop surat (tidak memengaruhi penilaian)", "Letterhead (no verdict rests on it)"), (city, *units)
    )


def _city(asked: Asked, head: Letterhead) -> str:
    lines = f"{head.government} / {head.agency} / {head.address}"
    text = asked.say(f"Laporan seluruh kota: {lines}; ", f"Reports of the whole city: {lines}; ")
    return text + "; ".join(_signed(head.signer, asked.language)) + "."


def _unit(asked: Asked, code: str, own: UnitLetterhead) -> str:
    lines = [line for line in (own.government, own.agency, own.address) if line]
    shown = "; ".join([*lines, *(_signed(own.signer, asked.language) if own.signer else ())])
    return f"{code}: {shown or asked.say('tidak ada yang khusus', 'nothing of its own')}."


def _signed(signer: Signer | None, language: Language) -> Iterator[str]:
    signed, knowing = ("ditandatangani", "Mengetahui") if language is Language.ID else ("signed by", "“Mengetahui”")
    if signer is None:
        yield f"{signed} -"
        return
    yield f"{signed} {signer.position}" + (f" ({signer.name})" if signer.name else "")
    if signer.knowing:
        yield f"{knowing} {signer.knowing.position}" + (f" ({signer.knowing.name})" if signer.knowing.name else "")
