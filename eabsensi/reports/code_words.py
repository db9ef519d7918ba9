"""The printed codes in words, as a legend beside a month's grid explains them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import date

from eabsensi.discipline.rules import attendance_rules
from eabsensi.discipline.verdict import ABSENT_CODE, APEL_MISSED_CODE, PRESENT_CODE, UNDETERMINED_CODE
from eabsensi.law.hours import Band
from eabsensi.law.policy import Policy
from eabsensi.law.wording import Language

_FIXED = {
    PRESENT_CODE: ("hadir tepat waktu", "present and on time"),
    ABSENT_CODE: ("tanpa keterangan", "absent without reason"),
    APEL_MISSED_CODE: ("tidak apel", "gathering missed"),
    "L": ("libur", "day off"),
    "CBM": ("cuti bersama", "joint leave"),
    UNDETERMINED_CODE: ("belum lengkap, tidak dihitung sebagai TK", "undetermined, never counted as absent"),
}
_BANDS = {
    "late": ("terlambat {span}", "{span} late"),
    "early": ("pulang {span} sebelum waktunya", "left {span} early"),
}
_SPAN = ("{first}-{last} menit", "{first}-{last} minutes")
_BEYOND = ("{first} menit atau lebih", "{first} minutes or more")


def code_words(policy: Policy, on: date, codes: Collection[str], language: Language) -> Mapping[str, str]:
    """Give the words of those of some codes that are known, by the rules in force on a date.

    Args:
        policy: the law.
        on: the date.
        codes: as printed.
        language: of the words; the names of papers are in it as far as the rules have them.

    """
    found = dict(_named(policy, on, language))
    return {code: words for code, words in found.items() if code in codes}


def _named(policy: Policy, on: date, language: Language) -> Iterator[tuple[str, str]]:
    english = language is Language.EN
    for code, words in _FIXED.items():
        yield code, words[english]
    rules = attendance_rules(policy, on)
    for key, bands in (("late", rules.late_bands), ("early", rules.early_bands)):
        for band in bands.value:
            yield band.code, _BANDS[key][english].format(span=_span(band, english=english))
    for kind, rule in policy.documents.on(on).value.items():
        yield rule.code, kind.replace("_", " ") if english else rule.name


def _span(band: Band, *, english: bool) -> str:
    return (_SPAN if band.last else _BEYOND)[english].format(first=band.first, last=band.last)
