"""Every sentence in ``cases/*.yaml`` is judged as it says; the words of the cases are explained in their own files."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from ruamel.yaml import YAML

from eabsensi.discipline.facts import DayFacts, DeviceFact, PersonFact, PunchFact, Source, UnitFact
from eabsensi.discipline.judge import judge_day
from eabsensi.discipline.rules import attendance_rules
from eabsensi.discipline.verdict import Verdict
from eabsensi.discipline.workday import Workday, make_span, workday
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
}
EXPECTED = {
    *("status", "kode", "terlambat", "pulang_cepat", "lengkap", "masuk", "pulang"),
    *("alasan", "bukan_alasan", "dasar"),
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
        self.day_after = datetime.combine(self.on, time(), self.zone) + timedelta(days=1)
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

    def workday(self) -> Workday:
        pattern = self.given.get("pola", "5-day")
        if "jadwal" not in self.given:
            return workday(self.policy, pattern, self.zone, self.on)
        hours, pause = (part.split("-") for part in self.given["jadwal"].split())
        span = make_span(
            self.on,
            self.zone,
            DayHours(*(time.fromisoformat(t) for t in (*hours, *pause))),
            self.policy.punch_windows.on(self.on).value,
        )
        return Workday(self.on, "jadwal kasus", span, known=True, code="", reason=None, citations=())

    def judge(self) -> Verdict:
        rules = attendance_rules(self.policy, self.on)
        facts = DayFacts(
            on=self.on,
            person=PersonFact(1, "199001012015011001", "Siti Contoh", self.given.get("jenis", "PNS")),
            unit=UnitFact("DINKES", "Dinas Kesehatan", self.given.get("pola", "5-day")),
            zone=self.zone,
            enrolled=self.given.get("terdaftar", True),
            devices=tuple(self.devices),
            punches=tuple(self.punch(spec) for spec in self.given["rekaman"]),
        )
        rules = replace(rules, rounding=self.given.get("pembulatan", rules.rounding))
        return judge_day(facts, self.workday(), rules, self.as_of)


@pytest.mark.parametrize("case", CASES, ids=[case["kasus"] for case in CASES])
def test_kasus(case: dict[str, Any], policy: Policy) -> None:
    assert case["sumber"]
    given, expected = case["diberikan"], case["hasil"]
    assert given.keys() <= GIVEN
    assert expected.keys() <= EXPECTED
    verdict = Case(given, policy).judge()
    found = {
        "status": verdict.status,
        "kode": list(verdict.codes),
        "terlambat": verdict.late_minutes,
        "pulang_cepat": verdict.early_minutes,
        "lengkap": verdict.complete,
        "masuk": verdict.in_at and f"{verdict.in_at:%H:%M:%S}",
        "pulang": verdict.out_at and f"{verdict.out_at:%H:%M:%S}",
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


def test_the_cases_are_at_least_those_of_the_worked_examples_that_need_no_documents_or_rosters() -> None:
    numbers = {case["kasus"].split()[0].rstrip("abcde") for case in CASES}
    assert {"01", "02", "03", "04", "06", "08", "10", "12", "17", "21"} <= numbers
