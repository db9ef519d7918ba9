"""Allowance cuts in words."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from eabsensi.law.explaining.statement import Asked, Statement, Topic
from eabsensi.law.wording import Language


def allowance_topic(asked: Asked) -> Topic:
    """State what a month's codes take off the allowance."""
    policy, say = asked.policy, asked.say
    statements = [
        *asked.series(policy.allowance_bands, lambda percents: _bands(asked, percents)),
        *asked.series(policy.allowance_missing_punch, lambda percent: _missing(asked, percent)),
        *asked.series(policy.allowance_absent_day, lambda percent: _absent(asked, percent)),
        *asked.series(policy.allowance_missed_apel, lambda percent: _apel(asked, percent)),
        *asked.series(policy.allowance_missed_ceremony, lambda percent: _ceremony(asked, percent)),
        Statement("", _sum(asked)),
    ]
    title = say("Potongan tambahan penghasilan (TPP)", "Allowance cuts (“potongan TPP”)")
    return Topic(title, tuple(statements))


def _percent(asked: Asked, percent: Decimal) -> str:
    written = f"{percent.normalize():f}"
    return f"{written.replace('.', ',') if asked.language is Language.ID else written} %"


def _bands(asked: Asked, percents: Mapping[str, Decimal]) -> str:
    codes = ", ".join(f"“{code}” {_percent(asked, percent)}" for code, percent in percents.items())
    return asked.say(f"Setiap kali: {codes}.", f"Each time: {codes} of the month's allowance.")


def _missing(asked: Asked, percent: Decimal) -> str:
    return asked.say(
        f"Setiap rekaman masuk atau pulang yang tidak ada: {_percent(asked, percent)}, sebagai ganti pita di atas.",
        f"Each missing arrival or departure: {_percent(asked, percent)}, instead of the band above.",
    )


def _absent(asked: Asked, percent: Decimal) -> str:
    cut = _percent(asked, percent)
    return asked.say(f"Setiap hari “TK”: {cut}.", f"Each day “TK” (absent without reason): {cut}.")


def _apel(asked: Asked, percent: Decimal) -> str:
    cut = _percent(asked, percent)
    return asked.say(f"Setiap kali tidak apel (“TA”): {cut}.", f"Each missed apel (“TA”): {cut}.")


def _ceremony(asked: Asked, percent: Decimal) -> str:
    cut = _percent(asked, percent)
    return asked.say(f"Setiap kali tidak mengikuti upacara (“TA”): {cut}.", f"Each missed ceremony (“TA”): {cut}.")


def _sum(asked: Asked) -> str:
    return asked.say(
        "Persentase dijumlahkan persis dan tidak melebihi 100 %. Hari yang belum lengkap belum dipotong.",
        "Percentages are added up exactly and never pass 100 %. Nothing is taken off for a day that is still open.",
    )
