"""A small city's day, judged for real from invented punches, as the reports get it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from eabsensi.assessing.daily import DayAssessment, PersonDay
from eabsensi.discipline.coverage import Coverage
from eabsensi.discipline.facts import DayFacts, DeviceFact, PersonFact, PunchFact, Source, UnitFact
from eabsensi.discipline.judge import judge_day
from eabsensi.discipline.rules import attendance_rules
from eabsensi.discipline.workday import workday
from eabsensi.law.loader import load_policy
from eabsensi.reports.daily import DailyReport, daily_report

POLICY = load_policy()
ZONE = ZoneInfo("Asia/Jakarta")
ON = date(2026, 11, 24)
NEXT = datetime(2026, 11, 25, 6, 0, tzinfo=ZONE)
HEALTH = UnitFact("DINKES", "Dinas Kesehatan", "5-day")
TRADE = UnitFact("DISPERINDAG", "Dinas Perindustrian dan Perdagangan", "5-day")
LOBBY = DeviceFact(1, "CJDE000000001", "Dinas Kesehatan, lobi", "DINKES", NEXT - timedelta(hours=1), "ok", None, 2.0)
FAST = DeviceFact(2, "CJDE000000002", "Dinas Kesehatan, gudang", "DINKES", NEXT - timedelta(hours=1), "ok", None, 420.0)
DEAD = DeviceFact(
    3,
    "CJDE000000003",
    "Disperindag",
    "DISPERINDAG",
    datetime(2026, 11, 24, 10, 12, tzinfo=ZONE),
    "unreachable",
    "timed out",
)

PEOPLE = {
    HEALTH: [
        (
            *("198503172010012003", "Anisa Putri Maharani, S.KM., M.Kes.", "PNS", "Pembina (IV/a)", "Sekretaris"),
            *(LOBBY, ["07:02:10", "15:50:00"]),
        ),
        (
            *("199001012015011001", "Budi Hartono", "PNS", "Penata (III/c)", "Analis Kebijakan"),
            *(LOBBY, ["08:05:40", "15:30:00"]),
        ),
        ("199203042025212005", "Citra Lestari", "PPPK", "IX", "Perawat Ahli Pertama", LOBBY, []),
        ("198812122012121002", "Dedi Kurniawan", "PNS", "Penata Muda (III/a)", "Bendahara", LOBBY, ["07:10:00"]),
        (
            *("199507072019032004", "Eka Saputra", "CPNS", "Penata Muda (III/a)", "Perencana"),
            *(FAST, ["07:20:00", "16:00:00"]),
        ),
        ("198001012005011009", '=HYPERLINK("http://x","Fajar")', "PNS", "", "", LOBBY, ["07:00:00", "16:00:00"]),
    ],
    TRADE: [
        ("198707072011012007", "Gita Wulandari", "PNS", "Penata (III/c)", "Pengawas Perdagangan", DEAD, []),
        ("199111112018011003", "Hendra Wijaya", "PNS", "Pengatur (II/c)", "Pengelola Gudang", DEAD, ["07:14:00"]),
    ],
}


def person_day(unit: UnitFact, spec: tuple, devices: tuple[DeviceFact, ...], on: date, as_of: datetime) -> PersonDay:
    nip, name, kind, rank, position, device, clocks = spec
    punches = []
    for clock in clocks:
        at = datetime.combine(on, time.fromisoformat(clock), ZONE)
        punches.append(PunchFact(device, at, at + timedelta(minutes=5), Source.LOG, device.clock_offset_seconds))
    person = PersonFact(int(nip), nip, name, kind, rank, position)
    day = workday(POLICY, unit.pattern, ZONE, on)
    facts = DayFacts(on, person, unit, ZONE, True, devices, tuple(p for p in punches if p.received_at <= as_of))
    return PersonDay(person, unit, judge_day(facts, day, attendance_rules(POLICY, on), as_of))


def assessment(on: date = ON, as_of: datetime = NEXT, unit: UnitFact | None = None, times: int = 1) -> DayAssessment:
    """Judge the sample city, or one unit of it; ``times`` makes its units larger."""
    devices = {HEALTH: (LOBBY, FAST), TRADE: (DEAD,)}
    chosen = [unit] if unit else [HEALTH, TRADE]
    rules, span = attendance_rules(POLICY, on), workday(POLICY, "5-day", ZONE, on).span
    rows, notes = [], {}
    for found in chosen:
        rows += [person_day(found, spec, devices[found], on, as_of) for _ in range(times) for spec in PEOPLE[found]]
        coverage = Coverage(devices[found], as_of, rules.clock_tolerance_seconds)
        notes[found.code] = (*coverage.gaps(span, ZONE), *coverage.wrong_clocks()) if span else ()
    return DayAssessment(on, as_of, unit, tuple(rows), {}, notes, ZONE)


def report(**changes) -> DailyReport:
    """Make the report of the sample city."""
    return daily_report(assessment(**changes), POLICY)


def without_people() -> DailyReport:
    """Make a report of a city where nobody has a posting."""
    return daily_report(replace(assessment(), rows=()), POLICY)
