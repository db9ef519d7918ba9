"""Five weeks of a small city in random order: shifts, transfers, papers, late rosters, wrong clocks, silent terminals.

Everything that happens goes the way it goes in earnest: through the store's functions, which mark what they touch.
"""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from judged_city import JAKARTA
from kept_city import KeptCity

from eabsensi.store.ceremonies import Ceremony, add_ceremony, cancel_ceremony
from eabsensi.store.dirty import mark_people
from eabsensi.store.documents import Document, approve_document, file_documents, revoke_document
from eabsensi.store.people import Enrolment, Posting, save_enrolments, save_postings
from eabsensi.store.rosters import save_rosters

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
TIMUR = ZoneInfo("Asia/Jayapura")
SHIFTS = ("P", "S", "M", "O")
STARTS = {"P": 7, "S": 14, "M": 21}
KINDS = ("annual_leave", "sick", "duty", "permission", "forgotten_punch", "dispensation")


@dataclass
class Terminal:
    """A simulated terminal: what it recorded and was not asked for yet."""

    id: int
    zone: ZoneInfo
    offset: float = 0.0
    silent_until: datetime | None = None
    held: list[tuple[str, datetime]] = field(default_factory=list)


class Month:
    """The city's people and terminals, and what happens to them day by day."""

    def __init__(self, city: KeptCity, seed: int, first: date, people: int) -> None:
        self.city = city
        self.random = random.Random(seed)
        self.first = first
        self.terminals: dict[str, list[Terminal]] = defaultdict(list)
        self.unit_of: dict[int, str] = {}
        self.pin_of: dict[int, str] = {}
        self.rosters: dict[tuple[int, date], tuple[str, ...]] = {}
        self.approved: list[int] = []
        self._build()
        self._hire(people)

    def _build(self) -> None:
        city = self.city
        city.unit("KOTA")
        for code, pattern, zone in (
            ("DINKES", "5-day", None),
            ("PKM", "6-day", None),
            ("RSUD", "shift", None),
            ("BARU", "5-day", None),  # no terminal of its own: those of KOTA
            ("TIMUR", "6-day", "Asia/Jayapura"),
        ):
            city.unit(code, "KOTA", pattern, zone)
        for unit, count in (("KOTA", 1), ("DINKES", 2), ("PKM", 1), ("RSUD", 2), ("TIMUR", 1)):
            zone = TIMUR if unit == "TIMUR" else JAKARTA
            for number in range(count):
                device = city.device(unit, f"{unit}{number}", zone.key)
                city.zones[device] = zone
                self.terminals[unit].append(Terminal(device, zone))

    def _hire(self, people: int) -> None:
        units = ["DINKES", "PKM", "RSUD", "BARU", "TIMUR", "RSUD", "DINKES"]
        for number in range(people):
            unit = units[number % len(units)]
            employee = self.city.person(f"1990{number:014}", unit)
            self.unit_of[employee], self.pin_of[employee] = unit, str(100 + number)
            if number % 11:  # the others are mapped later
                device = self.terminals[unit][0].id if number % 7 == 0 and self.terminals[unit] else None
                self.city.enrol(employee, self.pin_of[employee], device)
        self.unmapped = [employee for number, employee in enumerate(self.unit_of) if number % 11 == 0]

    # --- what happens ----------------------------------------------------------------------------------------------

    def live(self, on: date) -> None:
        """Let one day pass: people touch, terminals are read now and then, papers arrive, the assessor works."""
        at = datetime.combine(on, time(0, 20), JAKARTA)
        events = [(at + self.random.random() * 23.5 * HOUR, self._read) for _ in range(12)]
        events += [(at + self.random.random() * 23 * HOUR, self._file) for _ in range(2)]
        events += [(at + self.random.random() * 23.5 * HOUR, self.assess) for _ in range(4)]
        events.append((at, self._plan))
        self.city.clock.at = at
        self._punch(on)
        self._trouble(at)
        for when, happens in sorted(events, key=lambda event: event[0]):
            self.city.clock.at = when
            happens(when)

    def settle(self, at: datetime) -> None:
        """Let every terminal speak at last, and the assessor finish."""
        self.city.clock.at = at
        for terminal in (item for unit in self.terminals.values() for item in unit):
            terminal.silent_until = None
            self._deliver(terminal, at)
        self.city.judge(at)

    def _terminals(self, unit: str) -> list[Terminal]:
        return self.terminals.get(unit) or self.terminals["KOTA"]

    def _punch(self, on: date) -> None:
        for employee, unit in self.unit_of.items():
            shift = (self.rosters.get((employee, on)) or ("",))[0] if unit == "RSUD" else "day"
            if shift in ("", "O") or self.random.random() < 0.12:
                continue
            zone = TIMUR if unit == "TIMUR" else JAKARTA
            start = datetime.combine(on, time(STARTS.get(shift, 7)), zone)
            length = 10 if shift == "M" else 7 if shift in STARTS else 9
            for moment in (start, start + length * HOUR):
                if self.random.random() < 0.95:
                    self._touch(employee, unit, moment + timedelta(minutes=self.random.gauss(2, 14)))

    def _touch(self, employee: int, unit: str, at: datetime) -> None:
        elsewhere = self.random.random() < 0.04
        terminal = self.random.choice(self._terminals("KOTA" if elsewhere else unit))
        recorded = (at + timedelta(seconds=terminal.offset)).replace(microsecond=0)
        terminal.held.append((self.pin_of[employee], recorded))

    def _trouble(self, at: datetime) -> None:
        terminal = self.random.choice([item for unit in self.terminals.values() for item in unit])
        kind = self.random.random()
        if kind < 0.3:
            terminal.silent_until = at + self.random.choice((1, 3)) * DAY
        elif kind < 0.45:
            self._set_clock(terminal, at, self.random.choice((-7200.0, 600.0, -365 * 86_400.0, 86_400.0)))
        elif kind < 0.7:
            for wrong in (item for unit in self.terminals.values() for item in unit if item.offset):
                self._set_clock(wrong, at, 0.0)

    def _set_clock(self, terminal: Terminal, at: datetime, offset: float) -> None:
        """Change a terminal's clock; what it recorded before was read under the old offset."""
        terminal.silent_until = None
        self._deliver(terminal, at)
        terminal.offset = offset

    def _read(self, at: datetime) -> None:
        terminal = self.random.choice([item for unit in self.terminals.values() for item in unit])
        if terminal.silent_until is None or terminal.silent_until <= at:
            terminal.silent_until = None
            self._deliver(terminal, at)

    def _deliver(self, terminal: Terminal, at: datetime) -> None:
        limit = at + timedelta(seconds=terminal.offset)
        due = [item for item in terminal.held if item[1] <= limit]
        terminal.held = [item for item in terminal.held if item[1] > limit]
        self.city.deliver(terminal.id, at, sorted(set(due)), terminal.offset)

    def assess(self, at: datetime) -> None:
        """Let the assessor do its round."""
        self.city.judge(at)

    def _plan(self, at: datetime) -> None:
        """Write a week's rosters, now and then days too late; move and map people."""
        on = at.date()
        if (on - self.first).days % 7 == 3:
            with self.city.store.begin() as connection:
                wanted = {
                    (employee, on + step * DAY): (self.random.choice(SHIFTS),)
                    for employee, unit in self.unit_of.items()
                    if unit == "RSUD"
                    for step in range(-4, 5)
                    if self.random.random() < 0.9
                }
                save_rosters(connection, wanted, by="test", at=at)
            self.rosters |= wanted
        if self.random.random() < 0.3:
            self._transfer(on)
        if self.unmapped and self.random.random() < 0.3:
            self._map(on)

    def _transfer(self, on: date) -> None:
        """Move somebody some days ago or ahead."""
        employee = self.random.choice(list(self.unit_of))
        since = on + self.random.randrange(-6, 4) * DAY
        unit = self.random.choice(["DINKES", "PKM", "RSUD", "BARU", "TIMUR"])
        with self.city.store.begin() as connection:
            row = self.city.owner.execute(
                "SELECT id, unit_code, lower(valid_during) FROM posting"
                " WHERE employee_id = %s AND upper_inf(valid_during)",
                (employee,),
            ).fetchone()
            if row is None or row[2] >= since:
                return
            save_postings(
                connection,
                [Posting(row[0], employee, row[1], row[2], since), Posting(0, employee, unit, since, None)],
            )
            mark_people(connection, [employee], since, on + DAY, "transfer")
        self.unit_of[employee] = unit

    def _map(self, on: date) -> None:
        employee = self.unmapped.pop()
        since = on - 10 * DAY
        with self.city.store.begin() as connection:
            save_enrolments(connection, [Enrolment(0, None, self.pin_of[employee], employee, since, None)])
            mark_people(connection, [employee], since - DAY, on + DAY, "mapped")

    def _file(self, at: datetime) -> None:
        chance = self.random.random()
        if chance < 0.15 and self.approved:
            with self.city.store.begin() as connection:
                document = self.approved.pop(self.random.randrange(len(self.approved)))
                revoke_document(connection, document, by="test", reason="wrong dates", at=at)
        elif chance < 0.3:
            self._gather(at)
        else:
            self._file_paper(at)

    def _file_paper(self, at: datetime) -> None:
        first = at.date() + self.random.randrange(-8, 3) * DAY
        last = first + self.random.randrange(3) * DAY
        if self.random.random() < 0.2:
            document = Document(None, self.random.choice(["DINKES", "KOTA"]), "incident", first, first, number="I/1")
        else:
            employee = self.random.choice(list(self.unit_of))
            document = Document(employee, None, self.random.choice(KINDS), first, last, number="D/1")
        with self.city.store.begin() as connection:
            (filed,) = file_documents(connection, [document], by="test", at=at)
            approve_document(connection, filed, by="head", at=at)
        self.approved.append(filed)

    def _gather(self, at: datetime) -> None:
        on = at.date() + self.random.randrange(-2, 3) * DAY
        opens = datetime.combine(on, time(7), JAKARTA) + self.random.randrange(60) * timedelta(seconds=1)
        gathering = Ceremony(0, "apel", on, opens, opens + HOUR / 2, "Apel pagi", self.random.choice(["DINKES", None]))
        with self.city.store.begin() as connection:
            taken = self.city.owner.execute("SELECT count(*) FROM ceremony WHERE on_date = %s", (on,)).fetchone()
            if taken != (0,):
                return
            number = add_ceremony(connection, gathering, by="test", at=at)
            if self.random.random() < 0.3:
                cancel_ceremony(connection, number, by="test", at=at)
