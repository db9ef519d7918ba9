"""Every sentence in ``cases/*.yaml`` is judged as it says; the words of the cases are explained in their own files."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from ruamel.yaml import YAML

from eabsensi.discipline.facts import (
    DayFacts,
    DeviceFact,
    DocumentFact,
    DocumentKind,
    EventFact,
    EventKind,
    PersonFact,
    PunchFact,
    Source,
    UnitFact,
)
from eabsensi.discipline.judge import judge_day
from eabsensi.discipline.rules import AttendanceRules, attendance_rules
from eabsensi.discipline.schedule import person_days
from eabsensi.discipline.verdict import Verdict
from eabsensi.discipline.workday import Workday, make_span
from eabsensi.law.duty import FlexKind, FlexRule
from eabsensi.law.hours import DayHours
from eabsensi.law.loader import load_policy
from eabsensi.law.policy import Policy

CASES = [
    case
    for file in sorted((Path(__file__).parent / "cases").glob("*.yaml"))
    for case in YAML(typ="safe", pure=True).load(file)
]
GIVEN = {
    *("tanggal", "jadwal", "rekaman", "pembulatan", "pola", "jenis"),
    *("zona", "zona_mesin", "mesin", "dinilai", "terdaftar"),
    *("daftar_jaga", "pola_tanggal", "dokumen", "acara", "fleksi", "satu_rekaman", "izin_dihitung"),
}
EXPECTED = {
    *("status", "kode", "terlambat", "pulang_cepat", "lengkap", "masuk", "pulang"),
    *("alasan", "bukan_alasan", "dasar"),
    *("jadwal", "dokumen", "acara", "hari_tidak_masuk", "kekurangan_jam"),
}


@pytest.fixture(scope="module")
def policy() -> Policy:
    return load_policy()


def moment(written: Any, on: date, zone: ZoneInfo) -> datetime:
    """Read ``HH:MM:SS`` on the date, or a whole date and time, in a zone."""
    if isinstance(written, datetime):
        return written.replace(tzinfo=zone)
    if " " in written:
        return datetime.fromisoformat(written).replace(tzinfo=zone)
    return datetime.combine(on, time.fromisoformat(written), zone)


class Case:
    """One case of the files, turned into facts."""

    def __init__(self, given: dict[str, Any], policy: Policy) -> None:
        self.given = given
        self.policy = policy
        self.on: date = given["tanggal"]
        self.zone = ZoneInfo(given.get("zona", "Asia/Jakarta"))
        self.device_zone = ZoneInfo(given.get("zona_mesin", self.zone.key))
        days = 2 if "daftar_jaga" in given else 1  # a night shift is over on the next day
        self.day_after = datetime.combine(self.on, time(), self.zone) + timedelta(days=days)
        self.as_of = (
            moment(given["dinilai"], self.on, self.zone) if "dinilai" in given else self.day_after.replace(hour=6)
        )
        named = given.get("mesin", [{"nama": "Dinas Kesehatan, lobi"}])
        self.devices = [self.device(number, spec) for number, spec in enumerate(named, 1)]

    def device(self, number: int, spec: dict[str, Any]) -> DeviceFact:
        through = spec.get("terbaca_sampai", self.day_after + timedelta(minutes=10))
        return DeviceFact(
            id=number,
            serial=f"SN{number}",
            name=spec["nama"],
            unit_code="DINKES",
            complete_through=through and moment(through, self.on, self.zone),
            last_outcome=spec.get("hasil", "ok"),
            clock_offset_seconds=spec.get("selisih", 0),
            in_use_from=spec.get("dipakai_sejak"),
            use_stated=spec.get("dinyatakan", False),
        )

    def punch(self, spec: Any) -> PunchFact:
        spec = spec if isinstance(spec, dict) else {"waktu": spec}
        elsewhere = DeviceFact(99, "SN99", spec.get("mesin", ""), "SETDA", self.as_of, "ok")
        here = (device for device in self.devices if device.name == spec.get("mesin", device.name))
        device = next(here, elsewhere)
        punched_at = moment(spec["waktu"], self.on, self.device_zone)
        offset = spec.get("selisih", device.clock_offset_seconds)
        received_at = (
            moment(spec["diterima"], self.on, self.zone) if "diterima" in spec else punched_at + timedelta(hours=1)
        )
        return PunchFact(device, punched_at, received_at, Source(spec.get("sumber", "log")), offset)

    def document(self, number: int, spec: dict[str, Any]) -> DocumentFact:
        return DocumentFact(
            id=number,
            kind=DocumentKind(spec["jenis"]),
            first_on=spec.get("dari", self.on),
            last_on=spec.get("sampai", self.on),
            number=spec.get("nomor", ""),
            approved_at=moment(spec.get("disetujui", "00:00:00"), self.on, self.zone),
            approved_by=spec.get("oleh", "Kepala Dinas"),
            covers={"hari": "day", "masuk": "in", "pulang": "out"}[spec.get("meliputi", "hari")],
            unit_wide=spec.get("satu_unit", False),
        )

    def documents(self) -> tuple[DocumentFact, ...]:
        """Give the papers that are not revoked at the instant of judging; the store leaves the others out."""
        kept = (
            (number, spec)
            for number, spec in enumerate(self.given.get("dokumen", ()), 1)
            if "dicabut" not in spec or moment(spec["dicabut"], self.on, self.zone) > self.as_of
        )
        return tuple(self.document(number, spec) for number, spec in kept)

    def event(self, number: int, spec: dict[str, Any]) -> EventFact:
        opens, closes = (moment(spec[key], self.on, self.zone) for key in ("buka", "tutup"))
        kind, on = EventKind(spec.get("jenis", "apel")), spec.get("tanggal", self.on)
        return EventFact(number, kind, on, opens, closes, spec.get("nama", "apel Senin"), spec.get("surat", ""))

    def workday(self) -> Workday:
        pattern = self.given.get("pola", "5-day")
        if "jadwal" not in self.given:
            roster = {on: tuple(codes) for on, codes in self.given.get("daftar_jaga", {}).items()}
            patterns = self.given.get("pola_tanggal", {})
            days = person_days(self.policy, pattern, self.zone, self.on, self.on, roster, patterns=patterns)
            return days[self.on]
        hours, pause = (part.split("-") for part in self.given["jadwal"].split())
        span = make_span(
            self.on,
            self.zone,
            DayHours(*(time.fromisoformat(t) for t in (*hours, *pause))),
            self.policy.punch_windows.on(self.on).value,
        )
        return Workday(self.on, "jadwal kasus", (span,), known=True, code="", reason=None, citations=())

    def rules(self) -> AttendanceRules:
        rules = attendance_rules(self.policy, self.on)
        rules = replace(rules, rounding=self.given.get("pembulatan", rules.rounding))
        if "fleksi" in self.given:
            flex = dict(self.given["fleksi"])
            kind = {"ganti": FlexKind.REPLACE, "geser": FlexKind.MOVE}[flex["cara"]]
            rule = FlexRule(kind, flex["toleransi"], flex.get("ganti", 0))
            rules = replace(rules, flex=replace(rules.flex, value=rule))
        if "satu_rekaman" in self.given:
            rules = replace(rules, single_punch=replace(rules.single_punch, value=self.given["satu_rekaman"]))
        if self.given.get("izin_dihitung"):
            charged = replace(rules.documents["permission"], charged=True)
            rules = replace(rules, documents={**rules.documents, "permission": charged})
        return rules

    def judge(self) -> Verdict:
        facts = DayFacts(
            on=self.on,
            person=PersonFact(1, "199001012015011001", "Siti Contoh", self.given.get("jenis", "PNS")),
            unit=UnitFact("DINKES", "Dinas Kesehatan", self.given.get("pola", "5-day")),
            zone=self.zone,
            enrolled=self.given.get("terdaftar", True),
            devices=tuple(device for device in self.devices if device.was_in_use(self.on)),
            punches=tuple(self.punch(spec) for spec in self.given["rekaman"]),
            documents=self.documents(),
            events=tuple(self.event(number, spec) for number, spec in enumerate(self.given.get("acara", ()), 1)),
            not_in_use=tuple(device for device in self.devices if not device.was_in_use(self.on)),
        )
        return judge_day(facts, self.workday(), self.rules(), self.as_of)

    def written(self, at: datetime | None) -> str | None:
        """Write a time of the date, or with its date where that is another."""
        return at and (f"{at:%H:%M:%S}" if at.date() == self.on else f"{at:%Y-%m-%d %H:%M:%S}")


@pytest.mark.parametrize("case", CASES, ids=[case["kasus"] for case in CASES])
def test_kasus(case: dict[str, Any], policy: Policy) -> None:
    assert case["sumber"]
    given, expected = case["diberikan"], case["hasil"]
    assert given.keys() <= GIVEN
    assert expected.keys() <= EXPECTED
    judged = Case(given, policy)
    verdict = judged.judge()
    found = {
        "status": verdict.status,
        "kode": list(verdict.codes),
        "terlambat": verdict.late_minutes,
        "pulang_cepat": verdict.early_minutes,
        "lengkap": verdict.complete,
        "masuk": judged.written(verdict.in_at),
        "pulang": judged.written(verdict.out_at),
        "jadwal": verdict.workday.name,
        "dokumen": verdict.document,
        "acara": [result.outcome.value for result in verdict.apel],
        "hari_tidak_masuk": verdict.absent_days,
        "kekurangan_jam": verdict.deficit_minutes,
    }
    assert {key: found[key] for key in expected if key in found} == {
        key: value for key, value in expected.items() if key in found
    }
    reasons = "; ".join(reason.text() for reason in verdict.reasons)
    for phrase in expected.get("alasan", ()):
        assert phrase in reasons
    for phrase in expected.get("bukan_alasan", ()):
        assert phrase not in reasons
    cited = [citation.text() for citation in verdict.citations]
    for citation in expected.get("dasar", ()):
        assert citation in cited


def test_the_cases_hold_the_worked_examples_of_a_day_and_at_least_as_many_of_our_own() -> None:
    numbered = [case for case in CASES if case["kasus"][:2].isdigit()]
    numbers = {case["kasus"].split()[0].rstrip("abcdefgh") for case in numbered}
    assert {"01", "02", "03", "04", "06", "08", "09", "10", "12", "13", "15", "17", "19", "20", "21"} <= numbers
    assert len(CASES) - len(numbered) > len(numbered)
