"""A month and a year of a small city as judged days, for the reports over a stretch of time."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from eabsensi.discipline.facts import PersonFact, UnitFact
from eabsensi.discipline.verdict import Status
from eabsensi.law.loader import load_policy
from eabsensi.reports.judged import Closing, JudgedDay, JudgedPeriod, Told

POLICY = load_policy()
ZONE = ZoneInfo("Asia/Jakarta")
HEALTH = UnitFact("DINKES", "Dinas Kesehatan", "5-day")
TRADE = UnitFact("DISPERINDAG", "Dinas Perindustrian dan Perdagangan", "5-day")
AS_OF = datetime(2026, 12, 2, 6, 0, tzinfo=ZONE)
CLOSED_AT = datetime(2026, 12, 1, 9, 0, tzinfo=ZONE)
SHA = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
UNREAD = Told(
    "mesin Disperindag belum terbaca sejak 24 November 2026 10.12 (tidak terhubung)",
    "device Disperindag not read since 24 November 2026 10:12 (unreachable)",
)
LAW = Told("Perpres 21/2023 Pasal 4", "Perpres 21/2023 Pasal 4")
FORMULA = '=HYPERLINK("http://x","Fajar")'

ANISA = PersonFact(
    1, "198503172010012003", "Anisa Putri Maharani, S.KM., M.Kes.", "PNS", "Pembina (IV/a)", "Sekretaris"
)
BUDI = PersonFact(2, "199001012015011001", "Budi Hartono", "PNS", "Penata (III/c)", "Analis Kebijakan")
CITRA = PersonFact(3, "199203042025212005", "Citra Lestari", "PPPK", "IX", "Perawat Ahli Pertama")
FAJAR = PersonFact(4, "198001012005011009", FORMULA, "PNS", "", "")
GITA = PersonFact(5, "198707072011012007", "Gita Wulandari", "PNS", "Penata (III/c)", "Pengawas Perdagangan")


def judged(person: PersonFact, unit: UnitFact, on: date, codes: str = "H", **changes) -> JudgedDay:
    """Judge a day by its printed codes alone."""
    status = {"L": Status.OFF, "TK": Status.ABSENT, "?": Status.UNDETERMINED}.get(codes, Status.PRESENT)
    if codes in {"CT", "S", "I"}:
        status = Status.EXCUSED
    there = status is Status.PRESENT and codes != "DL"
    day = JudgedDay(
        on=on,
        person=person,
        unit=unit,
        status=status,
        codes=tuple(codes.split()),
        in_at=datetime(on.year, on.month, on.day, 7, 10, tzinfo=ZONE) if there else None,
        out_at=datetime(on.year, on.month, on.day, 15, 50, tzinfo=ZONE) if there else None,
        late_minutes={"TL1": 12, "TL2": 35}.get(codes.split(maxsplit=1)[0], 0),
        early_minutes=15 if "PSW1" in codes else 0,
        deficit_minutes=10 if codes == "TL2" else 0,
        absent_days=int(codes == "TK"),
        complete=status is not Status.UNDETERMINED,
        document="DL 090/2026" if codes == "DL" else None,
        apel_missed=0,
        ceremony_missed=0,
        scheduled=status is not Status.OFF,
        reasons=(UNREAD,) if codes == "?" else (),
        citations=(LAW,),
        version=1,
    )
    return replace(day, **changes)


def _codes(special: dict[int, str], on: date) -> str:
    return "L" if on.weekday() > 4 else special.get(on.day, "H")


def month_of(person: PersonFact, unit: UnitFact, special: dict[int, str], month: int = 11) -> list[JudgedDay]:
    """Judge a month of 2026: present but on weekends and on the days named."""
    first = date(2026, month, 1)
    count = ((first + timedelta(days=31)).replace(day=1) - first).days
    days = (first + timedelta(days=n) for n in range(count))
    return [judged(person, unit, on, _codes(special, on)) for on in days]


def november() -> JudgedPeriod:
    """Give the judged November of two units; one is closed, the other's terminal is silent from the 24th on."""
    days = [
        *month_of(ANISA, HEALTH, {3: "DL", 4: "DL", 10: "CT", 11: "CT"}),
        *month_of(BUDI, HEALTH, {2: "TL2 PSW1", 9: "TL1", 12: "TK", 17: "S", 23: "TL4"}),
        *month_of(CITRA, HEALTH, {5: "TK", 6: "TK", 20: "I"}),
        *month_of(FAJAR, HEALTH, {2: "TL2"}),
        *month_of(GITA, TRADE, dict.fromkeys(range(24, 31), "?")),
    ]
    place = next(i for i, day in enumerate(days) if day.codes == ("TL4",))
    days[place] = replace(days[place], in_at=None)
    place = next(i for i, day in enumerate(days) if day.person is FAJAR and day.on.day == 3)
    days[place] = replace(days[place], complete=False, version=None)
    closing = Closing(date(2026, 11, 1), 1, True, date(2026, 11, 30), CLOSED_AT, SHA)
    return JudgedPeriod(date(2026, 11, 1), date(2026, 11, 30), AS_OF, ZONE, None, tuple(days), {"DINKES": (closing,)})


def year() -> JudgedPeriod:
    """Give the judged 2026 up to 2 December: three absences, seven, ten in a row, a PPPK, and one silent terminal."""
    lists = {
        ANISA: {},
        BUDI: {2: {3: "TK", 4: "TK"}, 9: {1: "TK", 2: "TK", 3: "TK", 7: "TK"}},
        CITRA: {10: {1: "TK", 2: "TK", 5: "TK"}},
        FAJAR: {7: {**dict.fromkeys(range(13, 25), "TK"), 27: "TK"}},
        GITA: {11: {2: "TK", 3: "TK", 4: "TK", **dict.fromkeys(range(24, 31), "?")}},
    }
    days = [
        day
        for person, months in lists.items()
        for month in range(1, 13)
        for day in month_of(person, TRADE if person is GITA else HEALTH, months.get(month, {}), month)
        if day.on <= AS_OF.date()
    ]
    return JudgedPeriod(date(2026, 1, 1), date(2026, 12, 31), AS_OF, ZONE, None, tuple(days))
