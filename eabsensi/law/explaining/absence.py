"""Days absent in words: which law, its tiers, consecutive days, hours that become days, two laws in one year."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise

from eabsensi.law.explaining.statement import Asked, Statement, Topic, hours_and_minutes
from eabsensi.law.tierparsing import AS_PNS, UNKNOWN
from eabsensi.law.tiers import Regulation, RunTier, Tier, level_text
from eabsensi.law.wording import Language, long_date

Span = tuple[date, date | None]


def absence_topics(asked: Asked) -> Iterator[Topic]:
    """State which law an absence falls under, then the table of each law."""
    yield Topic(
        asked.say("Tidak masuk kerja: peraturan yang berlaku", "Days absent: which law holds"), tuple(_laws(asked))
    )
    for regulation in asked.policy.regulations.values():
        spans = [span for span in _in_force(asked, regulation.name) if asked.holds(*span)]
        for span in spans:
            title = asked.say("Tidak masuk kerja menurut {}", "Days absent under {}").format(regulation.name)
            yield Topic(title, tuple(_table(asked, regulation, span)))


def _in_force(asked: Asked, name: str) -> Iterator[Span]:
    """Give the days on which the law of this name holds, for PNS or as the table of PPPK."""
    for series in (asked.policy.discipline_law_pns, asked.policy.pppk_tiers):
        for version, following in zip(series.versions, [*series.versions[1:], None], strict=True):
            if version.value == name:
                yield version.from_on, following.from_on - timedelta(days=1) if following else None


def _laws(asked: Asked) -> Iterator[Statement]:
    policy, say = asked.policy, asked.say
    yield from asked.series(
        policy.discipline_law_pns,
        lambda law: say(
            f"PNS dan CPNS: {law}, menurut tanggal tidak masuk kerja.",
            f"PNS and CPNS: {law}, by the date of the absence.",
        ),
    )
    yield from asked.series(
        policy.discipline_law_pppk,
        lambda law: say(f"PPPK: {law}.", f"PPPK: {law}."),
    )
    yield from asked.series(policy.pppk_tiers, lambda name: _pppk(asked, name))
    yield Statement(
        "",
        say(
            "Kontrak lain: hari dihitung, tidak ada peraturan yang dikenakan.",
            "Other contracts: days are counted, and no law is held against them.",
        ),
    )
    yield from _turns(asked)
    yield from asked.series(policy.hours_per_absent_day, lambda minutes: _agency_hours(asked, minutes))
    yield from asked.series(policy.run_at_new_year, lambda rule: _new_year(asked, rule))
    yield from asked.series(policy.run_at_excused_day, lambda rule: _excused(asked, rule))
    yield from asked.series(policy.interim_sanctions, lambda given: _interim_holds(asked, interim=given))


def _pppk(asked: Asked, name: str) -> str:
    if name == UNKNOWN:
        return asked.say(
            "PPPK: hari dihitung dan tidak dinilai; tingkat hukumannya tidak tersedia.",
            "PPPK: days are counted and not judged; no tiers are in hand.",
        )
    if name != AS_PNS:
        return asked.say(f"PPPK: tingkat hukuman menurut {name}.", f"PPPK: the tiers of {name}, binding.")
    return asked.say(
        "PPPK: dibandingkan dengan tingkat hukuman PNS pada tanggal yang sama, hanya “indikatif, setara”; disiplin "
        "PPPK ditetapkan PPK atau perjanjian kerja.",
        "PPPK: held against the tiers for PNS of the same date, only as an indication (“indikatif, setara PP ...”); "
        "the agency's head or the contract sets the discipline of PPPK.",
    )


def _turns(asked: Asked) -> Iterator[Statement]:
    """State what happens in a year that lies under two laws; the rule for it is not in hand, so nothing is decided."""
    versions = asked.policy.discipline_law_pns.versions
    for before, after in pairwise(versions):
        if asked.on and asked.on.year != after.from_on.year:
            continue
        when = long_date(after.from_on, asked.language)
        text = asked.say(
            f"Tahun {after.from_on.year} terbagi pada dua peraturan: hari sebelum {when} menurut {before.value}, "
            f"hari mulai tanggal itu menurut {after.value}, dihitung terpisah, masing-masing dengan tingkatnya; "
            "seluruh tahun menurut tiap peraturan dicetak di sampingnya, dan laporan menyatakan “perlu keputusan "
            "pejabat”. Hari berturut-turut dihitung dalam masing-masing peraturan. Pasal peralihannya tidak tersedia.",
            f"{after.from_on.year} lies under two laws: days before {when} under {before.value}, days from then on "
            f"under {after.value}, counted apart, each with its own tier; the whole year under either is printed "
            "beside them, and the report says “perlu keputusan pejabat” (an official has to decide). A run counts "
            "within one law. The transitional article is not in hand.",
        )
        yield Statement("", text, date(after.from_on.year, 1, 1), date(after.from_on.year, 12, 31))


def _agency_hours(asked: Asked, minutes: int | None) -> str:
    if minutes is None:
        return asked.say(
            "Bila peraturan menyerahkannya kepada instansi, juga bagi PPPK: terlambat dan pulang cepat tidak pernah "
            "menjadi hari tidak masuk kerja.",
            "Where the law leaves it to the agency, also for PPPK: lateness and early leaving never become days "
            "absent.",
        )
    made = hours_and_minutes(minutes, asked.language)
    return asked.say(
        f"Bila peraturan menyerahkannya kepada instansi: {made} terlambat dan pulang cepat menjadi 1 hari tidak "
        "masuk kerja.",
        f"Where the law leaves it to the agency: {made} of lateness and early leaving make 1 day absent.",
    )


def _new_year(asked: Asked, rule: str) -> str:
    if rule == "joined":
        return asked.say(
            "Hari kerja berturut-turut diteruskan dari Desember ke Januari; selama belum dikonfirmasi, yang "
            "memerlukan Desember “perlu keputusan pejabat”.",
            "A run of consecutive days goes on from December into January; while unconfirmed, one that needs "
            "December “perlu keputusan pejabat” (an official has to decide).",
        )
    return asked.say(
        "Hari kerja berturut-turut dimulai lagi pada 1 Januari.", "A run of consecutive days starts again on 1 January."
    )


def _excused(asked: Asked, rule: str) -> str:
    if rule == "ends":
        return asked.say(
            "Hari dengan alasan sah mengakhiri hitungan berturut-turut; hari libur dilewati.",
            "A day with a valid reason ends a run; days off are passed over.",
        )
    return asked.say(
        "Hari dengan alasan sah dan hari libur dilewati dalam hitungan berturut-turut.",
        "A day with a valid reason and days off are passed over in a run.",
    )


def _interim_holds(asked: Asked, *, interim: bool) -> str:
    if interim:
        return asked.say(
            "Hukuman sedang untuk sementara diberikan dalam bentuk PP 53/2010; laporan mencetak kedua bentuk.",
            "Moderate sanctions are for now given in the form of PP 53/2010; reports print both forms.",
        )
    return asked.say(
        "Hukuman sedang diberikan dalam bentuk peraturannya sendiri.",
        "Moderate sanctions are given in the form of the law itself.",
    )


def _table(asked: Asked, regulation: Regulation, span: Span) -> Iterator[Statement]:
    key = f"regulations.{regulation.name}"
    if not regulation.tiers:
        text = asked.say(
            "Tingkat hukumannya tidak tersedia: hari dihitung dan tidak dinilai.",
            "Its tiers are not in hand: days are counted and never judged.",
        )
        yield Statement(key, text, *span, regulation.citation)
        return
    yield Statement(key, _counted(asked, regulation), *span, regulation.citation)
    for tier in regulation.tiers:
        yield Statement(key, _tier(asked, tier), *span, tier.citation)
        if tier.interim and asked.policy.interim_sanctions.on(asked.on or span[0]).value:
            yield Statement(key, _interim(asked, tier), *span, tier.interim.citation)
    yield from _run(asked, key, regulation, span)
    yield _hours(asked, key, regulation, span)


def _counted(asked: Asked, regulation: Regulation) -> str:
    below = regulation.tiers[0].first - 1
    return asked.say(
        f"Hari kerja tanpa alasan sah dijumlahkan Januari s.d. Desember; 1 s.d. {below} hari tanpa hukuman "
        "(pembinaan).",
        f"Working days absent without valid reason are added up from January to December; 1 to {below} days bring no "
        "sanction (“pembinaan”, coaching).",
    )


def _days(asked: Asked, tier: Tier) -> str:
    days = asked.say("hari", "days")
    if tier.last is None:
        return asked.say(f"{tier.first} hari atau lebih", f"{tier.first} days or more")
    if tier.first == tier.last:
        return f"{tier.first} {days}"
    return f"{tier.first} {asked.say('s.d.', 'to')} {tier.last} {days}"


def _named(asked: Asked, tier: Tier) -> str:
    meaning = f" ({tier.sanction.english})" if asked.language is Language.EN else ""
    return f"{level_text(tier.level, asked.language)}: “{tier.sanction.indonesian}”{meaning}"


def _tier(asked: Asked, tier: Tier) -> str:
    return f"{_days(asked, tier)}, {_named(asked, tier)}."


def _interim(asked: Asked, tier: Tier) -> str:
    assert tier.interim is not None  # asked only for those that have one
    given = f"“{tier.interim.indonesian}”"
    return asked.say(
        f"{_days(asked, tier)}, selama peraturan gaji dan tunjangan belum ada: {given}.",
        f"{_days(asked, tier)}, until the regulation on pay and allowances exists: {given} ({tier.interim.english}).",
    )


def _run(asked: Asked, key: str, regulation: Regulation, span: Span) -> Iterator[Statement]:
    run = regulation.run
    if run is None:
        text = asked.say(
            "Tidak ada ketentuan hari berturut-turut yang dimasukkan.", "No rule on consecutive days is entered for it."
        )
        yield Statement(key, text, *span)
        return
    yield Statement(key, _in_a_row(asked, run), *span, run.tier.citation)
    stops = asked.say(
        f"Sesudah {run.days} hari kerja berturut-turut gaji dihentikan mulai bulan berikutnya.",
        f"After {run.days} consecutive working days pay stops from the following month.",
    )
    yield Statement(key, stops, *span, run.pay_stop)


def _in_a_row(asked: Asked, run: RunTier) -> str:
    days = asked.say(f"{run.days} hari kerja berturut-turut", f"{run.days} consecutive working days")
    return f"{days}, {asked.say('berapa pun jumlah setahun', 'whatever the sum')}, {_named(asked, run.tier)}."


def _hours(asked: Asked, key: str, regulation: Regulation, span: Span) -> Statement:
    if regulation.hours and regulation.hours.minutes:
        made = hours_and_minutes(regulation.hours.minutes, asked.language)
        text = asked.say(
            f"Terlambat dan pulang cepat dijumlahkan: {made} menjadi 1 hari tidak masuk kerja; sisanya hangus akhir "
            "tahun.",
            f"Lateness and early leaving are added up: {made} make 1 day absent; the rest lapses when the year ends.",
        )
        return Statement(key, text, *span, regulation.hours.citation)
    text = asked.say(
        "Peraturan ini tidak mengubah jam menjadi hari; itu pilihan instansi (hours_per_absent_day).",
        "This law does not turn hours into days; that is left to the agency (hours_per_absent_day).",
    )
    return Statement(key, text, *span, regulation.citation)
