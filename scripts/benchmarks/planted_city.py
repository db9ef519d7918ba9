"""A city of believable days with known cases planted in it, written into a database as collectors would have left it.

Ordinary life is there so that wrong alarms can happen: couples who come together, queues, shifts, power cuts, drifting
clocks, offices in one building, overtime, lunch records, cards, trainees without an owner, and papers of correction.
"""

from __future__ import annotations

import random
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any, Final, NamedTuple, cast
from zoneinfo import ZoneInfo

from eabsensi.devices.simulator.workforce import BREAK_OUT, Temperament, Worker, workdays
from eabsensi.store.connection import Connection
from eabsensi.store.database import Store
from eabsensi.store.partitions import ensure_months

FIRST: Final = date(2026, 9, 1)
DAYS: Final = 60
LAST: Final = FIRST + timedelta(days=DAYS - 1)
PEOPLE_A_UNIT: Final = 50
ZONE: Final = ZoneInfo("Asia/Jakarta")
PASSWORD: Final = 0
CHECKPOINT: Final = 1  # the unit whose people record at midday
NEIGHBOURS: Final = (2, 3)  # two units in one building
_SEED: Final = 7
_POLL_EVERY: Final = timedelta(minutes=15)
_A_TOUCH: Final = timedelta(seconds=2)  # that a terminal needs for one person
_MINUTE: Final = timedelta(minutes=1)


class Touch(NamedTuple):
    """One record on its way; ``at`` by the terminal's clock, ``true`` by a right one, ``received`` if not soon."""

    device: int
    pin: str
    at: datetime
    mode: int
    received: datetime | None = None
    true: datetime | None = None


@dataclass
class Poll:
    """A poll of a device; all times naive local."""

    device: int
    at: datetime
    outcome: str = "ok"
    offset: float = 0.0
    number: int = 0
    records: int = 0


@dataclass
class PlantedCity:
    """The city in memory.

    Attributes:
        units: how many, of fifty people each; the last two work in shifts.
        touches: PIN and date to the records of that day.
        polls: device to its polls in the order of time.
        planted: rule and subject of every case that was planted.
        consequences: what follows from these cases under other rules.
        innocents: rule and subject of those who look like a case and are none.

    """

    units: int
    touches: dict[tuple[str, date], list[Touch]] = field(default_factory=lambda: defaultdict(list))
    polls: dict[int, list[Poll]] = field(default_factory=dict)
    papers: list[tuple[Any, ...]] = field(default_factory=list)
    users: list[tuple[int, str, str]] = field(default_factory=list)
    retired: dict[int, date] = field(default_factory=dict)
    accounts: list[tuple[str, int]] = field(default_factory=list)
    cleared: dict[int, datetime] = field(default_factory=dict)
    planted: set[tuple[str, str]] = field(default_factory=set)
    consequences: set[tuple[str, str]] = field(default_factory=set)
    innocents: set[tuple[str, str]] = field(default_factory=set)
    rng: random.Random = field(default_factory=lambda: random.Random(20260901))  # noqa: S311  repeatable, not secret

    @property
    def people(self) -> int:
        """How many."""
        return self.units * PEOPLE_A_UNIT

    @property
    def shift_units(self) -> tuple[int, int]:
        """The units that work in shifts."""
        return self.units - 1, self.units

    def unit_of(self, person: int) -> int:
        """Give the unit, which is the device too, of a person; both count from 1."""
        return 1 + (person - 1) // PEOPLE_A_UNIT

    def of_unit(self, unit: int) -> range:
        """Give the people of a unit."""
        return range((unit - 1) * PEOPLE_A_UNIT + 1, unit * PEOPLE_A_UNIT + 1)

    def add(self, unit: int, person: int | str, at: datetime, mode: int | None = None) -> None:
        """Add a record on a unit's terminal, by default in the way that this person is recognised."""
        mode = Temperament.of(str(person), _SEED).verify_mode if mode is None else mode
        self.touches[str(person), at.date()].append(Touch(unit, str(person), at, mode))

    def arrive(self, person: int, at: datetime) -> None:
        """Let somebody arrive at this time instead of the usual one, recognised as usual."""
        of_day = self.touches[str(person), at.date()]
        of_day[:] = [one for one in of_day if one.at.hour >= 10]
        self.add(self.unit_of(person), person, at)

    def look_alike(self, rule: str, key: str) -> None:
        """Note somebody or something innocent that a rule may raise."""
        self.innocents.add((rule, key))

    def plant(self, rule: str, key: str, *also: str) -> None:
        """Note a case, and the rules under which it shows as well."""
        self.planted.add((rule, key))
        self.consequences |= {(other, key) for other in also}


def nip(person: int) -> str:
    """Give a person's invented NIP."""
    return f"1985{person:014d}"


def serial(device: int) -> str:
    """Give a device's invented serial."""
    return f"CJDE{device:09d}"


# --- ordinary life -------------------------------------------------------------------------------------------------


def work(city: PlantedCity) -> None:
    """Let everybody come and go as usual."""
    shifts = {str(person) for unit in city.shift_units for person in city.of_unit(unit)}
    workers = [
        Worker(str(person), "shifts" if str(person) in shifts else "office") for person in range(1, city.people + 1)
    ]
    for punch in workdays(workers, FIRST, LAST - timedelta(days=1), seed=_SEED, free_days=(date(2026, 8, 25),)):
        if punch.punch_state == BREAK_OUT and city.unit_of(int(punch.pin)) == CHECKPOINT:
            continue
        city.add(city.unit_of(int(punch.pin)), punch.pin, punch.device_time, punch.verify_mode)


def weekdays(every: int = 1, start: int = 0) -> list[date]:
    """Give the working days of the stretch, or every so many of them."""
    days = [FIRST + timedelta(days=number) for number in range(DAYS)]
    return [day for day in days if day.weekday() < 5][start::every]


def ordinary_life(city: PlantedCity) -> None:
    """Add what is innocent and looks remarkable."""
    _checkpoint(city)
    _couples(city)
    _across_the_corridor(city)
    _overtime(city)
    _trainees(city)
    _meetings(city)


def _checkpoint(city: PlantedCity) -> None:
    """A checkpoint at noon that nearly everybody keeps."""
    rng = city.rng
    for person in city.of_unit(CHECKPOINT):
        for day in weekdays():
            if rng.random() < 0.93:
                at = datetime.combine(day, time(12)) + timedelta(seconds=rng.randrange(0, 3600))
                city.add(CHECKPOINT, person, at)


def _couples(city: PlantedCity) -> None:
    """Two couples a unit share a car, most days; who is first varies."""
    for unit in range(4, city.units - 1):
        for one in (city.of_unit(unit)[40], city.of_unit(unit)[44]):
            _ride_together(city, one, one + 1)


def _across_the_corridor(city: PlantedCity) -> None:
    """The next office's terminal is across the corridor."""
    rng = city.rng
    for person in list(city.of_unit(NEIGHBOURS[0]))[5:15]:
        for day in rng.sample(weekdays(), 6):
            at = datetime.combine(day, time(7, 10)) + timedelta(seconds=rng.randrange(0, 900))
            city.arrive(person, at)
            city.add(NEIGHBOURS[1], person, at + timedelta(seconds=rng.randrange(20, 90)))


def _overtime(city: PlantedCity) -> None:
    """Overtime on some Saturdays."""
    rng = city.rng
    for person in rng.sample(range(1, city.people + 1), city.people // 33):
        saturdays = [FIRST + timedelta(days=n) for n in range(DAYS) if (FIRST + timedelta(days=n)).weekday() == 5]
        for day in rng.sample(saturdays, rng.randrange(1, 5)):
            for hour in (8, 13):
                at = datetime.combine(day, time(hour)) + timedelta(seconds=rng.randrange(0, 3000))
                city.add(city.unit_of(person), person, at)


def _trainees(city: PlantedCity) -> None:
    """Trainees whom nobody has mapped."""
    rng = city.rng
    for number in range(12):
        for day in rng.sample(weekdays(), 8):
            at = datetime.combine(day, time(7, 30)) + timedelta(seconds=rng.randrange(0, 3600))
            city.add(4 + number % (city.units - 6), f"88{number:03d}", at)


def _meetings(city: PlantedCity) -> None:
    """A meeting elsewhere."""
    rng = city.rng
    for person in rng.sample(range(1, city.people + 1), 20):
        day, away = rng.choice(weekdays()), rng.randrange(1, city.units - 1)
        at = datetime.combine(day, time(9, 30)) + timedelta(seconds=rng.randrange(0, 3600))
        city.add(away, person, at)


def _ride_together(city: PlantedCity, one: int, other: int) -> None:
    rng = city.rng
    for day in weekdays():
        if rng.random() < 0.85:
            at = datetime.combine(day, time(7, 5)) + timedelta(seconds=rng.randrange(0, 1200))
            first, second = (one, other) if rng.random() < 0.65 else (other, one)
            city.arrive(first, at)
            city.arrive(second, at + timedelta(seconds=rng.randrange(2, 25)))


# --- polls and terminals -------------------------------------------------------------------------------------------


def polls_of(city: PlantedCity, device: int) -> list[Poll]:
    """Poll from 5 to 22, with two power cuts of some hours and a clock that drifts and is set right at times."""
    rng = city.rng
    start, end = datetime.combine(FIRST, time(5)), datetime.combine(LAST, time(23, 59))
    cuts = [start + timedelta(minutes=rng.randrange(0, DAYS * 1440)) for _ in range(2)]
    lengths = [timedelta(minutes=rng.randrange(30, 400)) for _ in cuts]
    drift, polls, at = rng.uniform(-0.6, 0.6), [], start + timedelta(seconds=device)
    while at < end:
        if 5 <= at.hour < 22:
            cut = any(begin <= at < begin + length for begin, length in zip(cuts, lengths, strict=True))
            offset = drift * ((at - start).days % 30) + rng.uniform(-1, 1)
            polls.append(Poll(device, at, "unreachable" if cut else "ok", offset))
        at += _POLL_EVERY
    return polls


# --- into the database ---------------------------------------------------------------------------------------------


def store_city(store: Store, city: PlantedCity) -> None:
    """Write everything."""
    with store.begin_as_owner() as connection:
        ensure_months(connection, FIRST - timedelta(days=31), LAST + timedelta(days=62))
        _store_people(connection, city)
        rows = _received(city)
        _copy(connection, "punch", _PUNCH, rows)
        polls = (_poll_row(poll) for device in city.polls for poll in city.polls[device])
        _copy(connection, "poll", _POLL, polls)
        _store_papers(connection, city)
    with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("VACUUM ANALYZE")


_PUNCH: Final = "device_id pin device_time ordinal verify_mode punch_state punched_at source generation poll_id clock_offset_seconds received_at raw"  # noqa: E501  one list
_POLL: Final = "id device_id collector started_at finished_at mode outcome error records_on_device records_read punches_new bytes_sent bytes_received round_trips clock_offset_seconds complete_through"  # noqa: E501  one list


def _copy(connection: Connection, table: str, columns: str, rows: Iterable[tuple[Any, ...]]) -> None:
    names = ", ".join(columns.split())
    cursor = cast("Any", connection.connection.cursor())
    with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def _received(city: PlantedCity) -> list[tuple[Any, ...]]:
    """Give every touch to the poll that brought it: the next good one, or the one that was told; each second once."""
    of_device: dict[int, list[Touch]] = defaultdict(list)
    for touches in city.touches.values():
        for touch in touches:
            of_device[touch.device].append(touch)
    kept: list[tuple[Touch, Poll]] = []
    for device, polls in city.polls.items():
        good = [poll for poll in polls if poll.outcome == "ok"]
        times = [poll.at for poll in good]
        alone = {(touch.pin, touch.at): touch for touch in _queued(of_device[device])}
        for touch in sorted(alone.values(), key=lambda one: (one.at, one.pin)):
            place = bisect_right(times, touch.received or touch.true or touch.at)
            if place < len(good):
                kept.append((touch, good[place]))
    _count_records(city, kept)
    return [_punch_row(touch, poll) for touch, poll in kept]


def _queued(touches: list[Touch]) -> Iterator[Touch]:
    """Let people wait for each other: nobody records before the one in front is through."""
    free, before = datetime.combine(FIRST, time()), ""
    for touch in sorted(touches, key=lambda one: (one.at, one.pin)):
        waits = touch.true is None and touch.received is None and touch.pin != before and touch.at < free
        at = free if waits else touch.at
        if touch.true is None and touch.received is None:
            free, before = max(free, at + _A_TOUCH), touch.pin
        yield touch._replace(at=at)


def _count_records(city: PlantedCity, kept: list[tuple[Touch, Poll]]) -> None:
    """Number the polls, and count what each terminal holds."""
    brought: dict[int, int] = defaultdict(int)
    for number, poll in enumerate((poll for polls in city.polls.values() for poll in polls), start=1):
        poll.number = number
    for _, poll in kept:
        brought[poll.number] += 1
    for device, polls in city.polls.items():
        total, cleared = 2_000, city.cleared.get(device)
        for poll in polls:
            if cleared and poll.at >= cleared:
                total, cleared = 0, None
            total += brought[poll.number]
            poll.records = total


def _punch_row(touch: Touch, poll: Poll) -> tuple[Any, ...]:
    at = touch.at.replace(tzinfo=ZONE)
    facts = (touch.device, touch.pin, touch.at, 0, touch.mode, 0, at, "log", 1)
    return (*facts, poll.number, poll.offset, poll.at.replace(tzinfo=ZONE), b"bench")


def _poll_row(poll: Poll) -> tuple[Any, ...]:
    at, good = poll.at.replace(tzinfo=ZONE), poll.outcome == "ok"
    told = None if good else f"{poll.outcome}: CJDE000000999 answered"
    counted = (poll.records, 0, 0, 0, 0, 0, poll.offset, at) if good else (None, 0, 0, 0, 0, 0, None, None)
    return (poll.number, poll.device, "bench", at, at, "tail", poll.outcome, told, *counted)


_PEOPLE: Final = """
    INSERT INTO unit (code, name, pattern)
    SELECT 'U' || n, 'Unit ' || n, CASE WHEN n >= :shift THEN 'shift' ELSE '5-day' END
    FROM generate_series(1, :units) n;
    INSERT INTO device (serial, unit_code, name, host, port, transport, timezone, encoding, live, enabled,
                        registered_at, record_capacity)
    SELECT 'CJDE' || lpad(n::text, 9, '0'), 'U' || n, 'mesin ' || n, '127.0.0.1', 4370, 'tcp', 'Asia/Jakarta', 'utf-8',
           false, true, '2020-01-01', 100000
    FROM generate_series(1, :units) n;
    INSERT INTO employee (nip, name, kind)
    SELECT '1985' || lpad(n::text, 14, '0'), 'Pegawai ' || n, 'PNS' FROM generate_series(1, :people) n;
    INSERT INTO posting (employee_id, unit_code, valid_during)
    SELECT id, 'U' || 1 + (id - 1) / 50, daterange('2020-01-01', NULL) FROM employee;
    INSERT INTO enrolment (device_id, pin, employee_id, valid_during)
    SELECT NULL, id::text, id, daterange('2020-01-01', NULL) FROM employee
"""


def _store_people(connection: Connection, city: PlantedCity) -> None:
    words = {":shift": city.shift_units[0], ":units": city.units, ":people": city.people}
    statements = _PEOPLE
    for word, value in words.items():
        statements = statements.replace(word, str(value))
    for statement in statements.split(";\n"):
        connection.exec_driver_sql(statement)
    for person, on in city.retired.items():
        connection.exec_driver_sql(
            "UPDATE posting SET valid_during = daterange('2020-01-01', %s) WHERE employee_id = %s", (on, person)
        )
    for device, pin, name in city.users:
        seen = datetime.combine(LAST, time(12), ZONE)
        connection.exec_driver_sql("INSERT INTO device_user VALUES (%s, %s, %s, %s)", (device, pin, name, seen))


def _store_papers(connection: Connection, city: PlantedCity) -> None:
    for username, person in city.accounts:
        connection.exec_driver_sql(
            "INSERT INTO account (username, role, unit_code, employee_id, name, created_at, created_by,"
            " must_change_password) VALUES (%s, 'operator', %s, %s, 'Operator', now(), 'bench', false)",
            (username, f"U{city.unit_of(person)}", person),
        )
    columns = "employee_id kind first_on last_on filed_by filed_at approved_at approved_by number"
    rows = (
        (*paper[:5], paper[5].replace(tzinfo=ZONE), paper[5].replace(tzinfo=ZONE), "hr", f"800/{number}")
        for number, paper in enumerate(city.papers)
    )
    _copy(connection, "document", columns, rows)
