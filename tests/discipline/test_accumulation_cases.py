"""Every sentence in ``accumulation_cases/*.yaml`` adds up as it says; the files explain their own words.

A case with a ``tabel`` is one case per row: the row's words are added to what is given and what is expected.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from eabsensi.discipline.accumulation import DayOutcome, YearTotal, accumulate
from eabsensi.discipline.indication import Indication, indicate
from eabsensi.discipline.verdict import Status
from eabsensi.law.calendar import DayKind, day_rule
from eabsensi.law.dated import Series
from eabsensi.law.loader import load_policy
from eabsensi.law.policy import Policy

GIVEN = {
    *("tahun", "jenis", "pola", "sampai", "tidak_masuk", "sah", "belum_pasti", "belum_final", "lepas_jaga"),
    *(
        "gangguan",
        "terlambat",
        "pulang_cepat",
        "konversi",
        "awal_tahun",
        "dikonfirmasi",
        "hari_sah",
        "mulai",
        "hari",
        "selang",
    ),
}
OF_TOTAL = {"tk", "menit", "hari_konversi", "jumlah", "terlama", "mungkin", "tanggal", "belum"}
OF_INDICATION = {
    *("hukum", "tingkat", "dasar", "interim", "gaji_berhenti", "indikatif", "perlu_keputusan", "label", "bacaan"),
    *("tanggal_indikasi", "tingkat_inggris", "label_inggris", "bacaan_inggris"),
}
DAY = timedelta(days=1)
PLAIN = DayOutcome(date.min, Status.PRESENT, ("H",), False, True, False, 0, 0, True)


def expand(case: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    """Give name, given and expected of each row, refusing words that no case knows."""
    for row in case.get("tabel", [{}]):
        unknown = row.keys() - GIVEN - OF_TOTAL - OF_INDICATION
        assert not unknown, f"{case['kasus']}: {unknown}"
        given = case["diberikan"] | {key: row[key] for key in row.keys() & GIVEN}
        expected = case.get("hasil", {}) | {key: row[key] for key in row.keys() - GIVEN}
        assert given.keys() <= GIVEN
        assert expected
        assert expected.keys() <= OF_TOTAL | OF_INDICATION
        named = [f"{key} {row[key]}" for key in ("hari", "sampai", "terlambat", "jenis", "konversi") if key in row]
        yield " ".join([case["kasus"], *named]), given, expected


FILES = sorted((Path(__file__).parent / "accumulation_cases").glob("*.yaml"))
CASES = [case for file in FILES for case in YAML(typ="safe", pure=True).load(file)]
ROWS = [row for case in CASES for row in expand(case)]


load_once = cache(load_policy)


@pytest.fixture(scope="module")
def policy() -> Policy:
    return load_once()


def with_option(series: Series[Any], value: Any, *, confirmed: bool) -> Series[Any]:
    """Replace the last version's value, as an agency does when it decides."""
    last = series.versions[-1]
    citation = replace(last.citation, unconfirmed=last.citation.unconfirmed and not confirmed)
    return replace(series, versions=(*series.versions[:-1], replace(last, value=value, citation=citation)))


@cache
def is_working_day(pattern: str, on: date) -> bool:
    kind = day_rule(load_once(), pattern, on).kind
    return kind in (DayKind.WORK, DayKind.NO_HOURS)  # the second: its circular is not in hand


class Year:
    """The days of one case: the calendar of the policy, with what the case says of single days."""

    def __init__(self, given: dict[str, Any], policy: Policy) -> None:
        self.given = given
        self.pattern = given.get("pola", "5-day")
        self.policy = self.decided(policy)
        self.year: int = given["tahun"]
        stretch = {key: given[key] for key in ("mulai", "hari", "selang") if key in given}
        spans = [*given.get("tidak_masuk", []), *([stretch] if "mulai" in stretch else [])]
        self.absent = {on for span in spans for on in self.dates(span)}
        self.excused = {on for span in given.get("sah", []) for on in self.dates(span)}
        self.unrecorded = {on for span in given.get("gangguan", []) for on in self.dates(span)}
        self.open = {on for span in given.get("belum_pasti", []) for on in self.dates(span)}
        self.unfinished = {on for span in given.get("belum_final", []) for on in self.dates(span)}

    def decided(self, policy: Policy) -> Policy:
        confirmed = self.given.get("dikonfirmasi", False)
        options = {
            "konversi": "hours_per_absent_day",
            "awal_tahun": "run_at_new_year",
            "hari_sah": "run_at_excused_day",
        }
        changed = {
            key: with_option(getattr(policy, key), self.given[word], confirmed=confirmed)
            for word, key in options.items()
            if word in self.given
        }
        return replace(policy, **changed)

    def works(self, on: date) -> bool:
        return on not in self.given.get("lepas_jaga", []) and is_working_day(self.pattern, on)

    def dates(self, span: Any) -> Iterator[date]:
        """Read a date, a range of dates, or a number of working days with others between them."""
        if isinstance(span, date):
            assert self.works(span), f"{span} is no working day"
            yield span
            return
        on, step, left = span.get("dari", span.get("mulai")), span.get("selang", 0) + 1, span.get("hari", 400)
        place = 0
        while left and on <= span.get("sampai", date(9999, 1, 1)):
            if self.works(on):
                if place % step == 0:
                    left -= 1
                    yield on
                place += 1
            on += DAY

    def outcome(self, on: date) -> DayOutcome:
        if not self.works(on):
            return replace(PLAIN, on=on, status=Status.OFF, codes=("L",), duty=False)
        if on in self.excused:
            return replace(PLAIN, on=on, status=Status.EXCUSED, codes=("S",), excused=True)
        if on in self.unrecorded:
            return replace(PLAIN, on=on, status=Status.EXCUSED, codes=("GGN",), excused=True)
        if on in self.open:
            return replace(PLAIN, on=on, status=Status.UNDETERMINED, codes=("?",), complete=False)
        if on in self.absent:
            return replace(PLAIN, on=on, status=Status.ABSENT, codes=("TK",), absent=True)
        late, early = (self.given.get(word, {}).get(on, 0) for word in ("terlambat", "pulang_cepat"))
        return replace(PLAIN, on=on, late_minutes=late, early_minutes=early, complete=on not in self.unfinished)

    def days(self) -> list[DayOutcome]:
        named = self.absent | self.excused | self.open | self.unrecorded
        first = date(min({on.year for on in named} | {self.year}), 1, 1)
        return [self.outcome(first + n * DAY) for n in range((date(self.year, 12, 31) - first).days + 1)]

    def total(self) -> YearTotal:
        through = self.given.get("sampai", date(self.year, 12, 31))
        return accumulate(self.policy, self.given.get("jenis", "PNS"), self.year, self.days(), through=through)


def found_in_total(total: YearTotal) -> dict[str, Any]:
    return {
        "tk": total.absent_days,
        "menit": total.converted_minutes,
        "hari_konversi": total.converted_days,
        "jumlah": total.total_days,
        "terlama": total.longest_run,
        "mungkin": total.possible_run,
        "tanggal": list(total.dates),
        "belum": [*total.undetermined_on, *total.open_on],
    }


def found_in(indication: Indication | None) -> dict[str, Any]:
    if indication is None:
        return dict.fromkeys(OF_INDICATION)
    return {
        "hukum": indication.law,
        "tingkat": indication.tier_text(),
        "tingkat_inggris": indication.tier_text("en"),
        "dasar": indication.citation and indication.citation.text(),
        "interim": indication.interim and indication.interim.text(),
        "gaji_berhenti": indication.salary_stop_from,
        "indikatif": indication.indicative,
        "perlu_keputusan": indication.needs_decision,
        "label": indication.label(),
        "label_inggris": indication.label("en"),
        "bacaan": [reading.text() for reading in indication.readings],
        "bacaan_inggris": [reading.text("en") for reading in indication.readings],
        "tanggal_indikasi": list(indication.dates),
    }


@pytest.mark.parametrize(("given", "expected"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
def test_kasus(given: dict[str, Any], expected: dict[str, Any], policy: Policy) -> None:
    year = Year(given, policy)
    total = year.total()
    found = found_in_total(total) | found_in(indicate(year.policy, total.kind, total))
    assert {key: found[key] for key in expected} == expected


def test_every_case_names_its_source_and_none_is_told_twice() -> None:
    assert all(case["sumber"] for case in CASES)
    names = [row[0] for row in ROWS]
    assert len(names) == len(set(names))


def test_the_cases_hold_the_worked_examples_of_accumulation_and_at_least_as_many_of_our_own() -> None:
    numbers = {case["kasus"].split()[0].rstrip("abcdefg") for case in CASES}
    assert {"20", "22", "23", "24", "26", "28", "30"} <= numbers
    own = [row for row in ROWS if not row[0][:2].isdigit()]
    assert len(own) > len(ROWS) - len(own)
