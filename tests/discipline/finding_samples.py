"""Invented facts for the rules, and thresholds as a test needs them."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from eabsensi.discipline.findings.facts import DeviceFacts, Person, PersonDay, Terminal
from eabsensi.discipline.findings.personrules import PersonLimits
from eabsensi.law import findinglimits as limits

FIRST = date(2026, 9, 1)
ANI = Person(1, "198503172010012003", "Ani Lestari", "DINKES")
BENI = Person(2, "199001022015031004", "Beni Saputra", "DINKES")
LOBBY = Terminal(1, "CJDE000000001", "Dinas Kesehatan, lobi", "DINKES", 10_000)
CLINIC = Terminal(2, "CJDE000000002", "Puskesmas", "PKM1")
LIMITS = PersonLimits(
    excused=limits.ExcusedLimits(leave_days=2, duty_days=3, off_days=4, unposted_days=1),
    midday=limits.MiddayLimits(
        apart_minutes=15,
        apart_days=3,
        opens=time(11, 30),
        closes=time(13, 30),
        unit_percent=70,
        person_percent=10,
        days=5,
    ),
    rhythm=limits.RhythmLimits(days=5, spread_seconds=20, late_minutes=60, late_rows=3),
    midnight=limits.MidnightLimits(within_seconds=60, rows=3),
    leave=frozenset({"CT"}),
    duty=frozenset({"DL"}),
)


def at(clock: str, on: date = FIRST) -> datetime:
    return datetime.fromisoformat(f"{on} {clock}")


def day(number: int, first: str = "07:20:00", last: str | None = "16:05:00", **more: object) -> PersonDay:
    """Make the day so many days after the first; of one record where ``last`` is None."""
    on = FIRST + timedelta(days=number)
    values = {"unit": "DINKES", "shift": False, "records": 1 if last is None else 2} | more
    return PersonDay(on=on, first=at(first, on), last=at(last or first, on), **values)  # type: ignore[arg-type]  # as a test says


def ordinary(count: int = 20, **more: object) -> list[PersonDay]:
    """Make believable days: some minutes of spread."""
    return [day(n, f"07:{10 + n % 17:02d}:{n * 7 % 60:02d}", f"16:{n * 5 % 40:02d}:11", **more) for n in range(count)]


def devices(**rows: object) -> DeviceFacts:
    return DeviceFacts(terminals={LOBBY.id: LOBBY, CLINIC.id: CLINIC}, **rows)  # type: ignore[arg-type]  # as a test says
