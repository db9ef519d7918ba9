"""The cases that are planted in the city: of each rule some, as manipulation has been seen or is to be expected."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta

from scripts.benchmarks.planted_city import (
    CHECKPOINT,
    PASSWORD,
    PEOPLE_A_UNIT,
    PlantedCity,
    Touch,
    nip,
    ordinary_life,
    polls_of,
    serial,
    weekdays,
    work,
)
from scripts.benchmarks.planted_innocents import innocent_papers, innocent_people, innocent_terminals


def build(units: int) -> PlantedCity:
    """Let everybody work, add what ordinary life brings, plant the cases, and poll."""
    city = PlantedCity(units)
    work(city)
    ordinary_life(city)
    innocent_people(city)
    _plant_people(city)
    _plant_papers(city)
    innocent_papers(city)
    for device in range(1, units + 1):
        city.polls[device] = polls_of(city, device)
    _plant_devices(city)
    innocent_terminals(city)
    return city


# --- people -----------------------------------------------------------------------------------------------


def _office(city: PlantedCity) -> list[int]:
    return list(range(4, city.units - 1))


def _plant_people(city: PlantedCity) -> None:
    _companions(city)
    _passwords(city)
    _two_places(city)
    _in_and_out(city)
    _nothing_at_midday(city)
    _timers(city)
    _midnights(city)
    _retired(city)


def _companions(city: PlantedCity) -> None:
    """R8: one hand, two PINs."""
    rng = city.rng
    for unit in _office(city)[:6]:
        one, other = city.of_unit(unit)[10], city.of_unit(unit)[11]
        for day in weekdays():
            if rng.random() < 0.8:
                at = datetime.combine(day, time(7, 12)) + timedelta(seconds=rng.randrange(0, 900))
                city.arrive(one, at)
                city.arrive(other, at + timedelta(seconds=rng.randrange(2, 6)))
        city.plant("R8", nip(one))


def _passwords(city: PlantedCity) -> None:
    """R7: a lent password, two days in five."""
    rng = city.rng
    for unit in _office(city)[:5]:
        person = city.of_unit(unit)[14]
        for day in weekdays():
            if rng.random() < 0.4:
                at = datetime.combine(day, time(7, 15)) + timedelta(seconds=rng.randrange(0, 600))
                city.touches[str(person), day].clear()
                for moment in (at, at.replace(hour=16)):
                    city.add(unit, person, moment, PASSWORD)
        city.plant("R7", nip(person))


def _two_places(city: PlantedCity) -> None:
    """R11: two terminals far apart."""
    for unit in _office(city)[:4]:
        person = city.of_unit(unit)[16]
        for day in weekdays(13, unit):
            at = datetime.combine(day, time(7, 20, 10))
            city.arrive(person, at)
            away = 4 + (unit + 3) % (city.units - 6)
            city.add(away, person, at + timedelta(seconds=100))
        city.plant("R11", nip(person))


def _in_and_out(city: PlantedCity) -> None:
    """R13: in, and out again after some minutes."""
    rng = city.rng
    for unit in _office(city)[:4]:
        person = city.of_unit(unit)[18]
        for day in weekdays(6, unit % 3):
            at = datetime.combine(day, time(7, 22)) + timedelta(seconds=rng.randrange(0, 300))
            city.touches[str(person), day].clear()
            for moment in (at, at + timedelta(minutes=rng.randrange(3, 10))):
                city.add(unit, person, moment)
        city.plant("R13", nip(person))


def _nothing_at_midday(city: PlantedCity) -> None:
    """R13: nothing at midday."""
    for person in list(city.of_unit(CHECKPOINT))[20:24]:
        noon = range(11, 14)
        for day in weekdays():
            of_day = city.touches[str(person), day]
            of_day[:] = [one for one in of_day if one.at.hour not in noon]
        city.plant("R13", nip(person))


def _timers(city: PlantedCity) -> None:
    """R14: a timer, not a person."""
    rng = city.rng
    for unit in _office(city)[:4]:
        person = city.of_unit(unit)[22]
        for day in weekdays():
            if rng.random() < 0.9:
                at = datetime.combine(day, time(7, 24, 58)) + timedelta(seconds=rng.randrange(0, 5))
                city.arrive(person, at)
        city.plant("R14", nip(person))


def _midnights(city: PlantedCity) -> None:
    """R16: filled in at the end of the day."""
    for unit in _office(city)[:3]:
        person = city.of_unit(unit)[26]
        for day in weekdays(8, unit % 2):
            city.add(unit, person, datetime.combine(day, time(23, 59, 30)))
        city.plant("R16", nip(person))


def _retired(city: PlantedCity) -> None:
    """R12: the posting has ended, the PIN goes on."""
    for unit in _office(city)[:2]:
        person = city.of_unit(unit)[28]
        city.retired[person] = weekdays()[-12]
        city.plant("R12", nip(person))


# --- papers -----------------------------------------------------------------------------------------------


def _plant_papers(city: PlantedCity) -> None:
    """File leave, some of it worked through, and corrections; papers are (person, kind, first, last, by, at)."""
    rng, days = city.rng, weekdays()
    for person in rng.sample(range(1, city.people - 2 * PEOPLE_A_UNIT), city.people // 8):
        start = rng.randrange(0, len(days) - 6)
        _leave(city, person, days[start : start + rng.randrange(1, 5)], stays_away=True)
    for unit in range(4, 8):  # R12: on leave, and recorded
        person = city.of_unit(unit)[30]
        _leave(city, person, days[10:15], stays_away=False)
        city.plant("R12", nip(person))
    for person in range(1, city.people + 1):
        for _ in range(rng.choices((0, 1, 2, 3), weights=(70, 18, 8, 4))[0]):
            _correct(city, person, rng.choice(days), f"opr-u{city.unit_of(person)}")
    for unit in range(4, 7):  # R15: one who always forgets
        person = city.of_unit(unit)[32]
        for day in rng.sample(days, 12):
            _correct(city, person, day, f"opr-u{unit}")
        city.plant("R15", nip(person))
    for unit in range(7, 9):  # R15: for oneself
        person = city.of_unit(unit)[34]
        city.accounts.append((f"opr-u{unit}", person))
        _correct(city, person, days[20], f"opr-u{unit}")
        city.plant("R15", nip(person))
    for person in city.of_unit(9):  # R15: an account that corrects everybody, twice
        for day in rng.sample(days, 2):
            _correct(city, person, day, "opr-u9")
    city.plant("R15", "opr-u9")


def _leave(city: PlantedCity, person: int, days: Sequence[date], *, stays_away: bool) -> None:
    at = datetime.combine(days[0] - timedelta(days=5), time(10))
    city.papers.append((person, "annual_leave", days[0], days[-1], f"opr-u{city.unit_of(person)}", at))
    if stays_away:
        for day in days:
            city.touches[str(person), day].clear()


def _correct(city: PlantedCity, person: int, day: date, by: str) -> None:
    at = datetime.combine(day + timedelta(days=city.rng.randrange(1, 4)), time(9, 30))
    city.papers.append((person, "forgotten_punch", day, day, by, at))


# --- terminals ---------------------------------------------------------------------------------------------------


def _plant_devices(city: PlantedCity) -> None:
    days = weekdays()
    plants: list[Callable[[PlantedCity, int, Sequence[date]], None]] = [
        *(_plant_future, _plant_clock, _plant_order, _plant_cleared, _plant_stranger, _plant_outage),
        *(_plant_user, _plant_late, _plant_ghost),
    ]
    for number, plant in enumerate(plants):
        for device in {4 + (2 * number + step) % 9 for step in (0, 1)}:
            plant(city, device, days)


def _plant_future(city: PlantedCity, device: int, days: Sequence[date]) -> None:
    """R1: the month is filled in beforehand."""
    for number, person in enumerate(list(city.of_unit(device))[:5]):
        at = datetime.combine(days[21], time(7, 20)) + timedelta(minutes=number)
        _late(city, device, person, at, datetime.combine(days[18], time(10)))
    city.plant("R1", serial(device), "R3")


def _plant_clock(city: PlantedCity, device: int, days: Sequence[date]) -> None:
    """R2: ten minutes slow for two days."""
    wrong = set(days[25:27])
    for poll in city.polls[device]:
        if poll.at.date() in wrong:
            poll.offset -= 600
    for (_, on), touches in city.touches.items():
        if on in wrong:
            touches[:] = [
                one._replace(at=one.at - timedelta(minutes=10), true=one.at) if one.device == device else one
                for one in touches
            ]
    city.plant("R2", serial(device), "R3", "R1")


def _plant_order(city: PlantedCity, device: int, days: Sequence[date]) -> None:
    """R3: six people within one second, and records of an hour before."""
    at = datetime.combine(days[30], time(8, 40, 7))
    for person in list(city.of_unit(device))[:6]:
        city.touches[str(person), at.date()].append(Touch(device, str(person), at, 1, None, at))
    for person in list(city.of_unit(device))[6:8]:
        _late(city, device, person, at.replace(hour=6), at + timedelta(minutes=10))
    city.plant("R3", serial(device), "R14")


def _plant_cleared(city: PlantedCity, device: int, days: Sequence[date]) -> None:
    """R4: the log is cleared at noon."""
    city.cleared[device] = datetime.combine(days[22], time(12))
    city.plant("R4", serial(device))


def _plant_stranger(city: PlantedCity, device: int, days: Sequence[date]) -> None:
    """R5: another terminal for an hour."""
    begin = datetime.combine(days[15], time(10))
    for poll in city.polls[device]:
        if begin <= poll.at < begin + timedelta(hours=1):
            poll.outcome = "wrong_serial"
    city.plant("R5", serial(device))


def _plant_outage(city: PlantedCity, device: int, days: Sequence[date]) -> None:
    """R6: out of reach on five Mondays from 6 to 9."""
    mondays = {day for day in days if day.weekday() == 0}
    for poll in city.polls[device]:
        if poll.at.date() in sorted(mondays)[:5] and 6 <= poll.at.hour < 9:
            poll.outcome = "unreachable"
    city.plant("R6", serial(device))


def _plant_user(city: PlantedCity, device: int, days: Sequence[date]) -> None:
    """R9: a user whom nobody enrolled."""
    del days
    city.users.append((device, "9901", "TAMU"))
    city.plant("R9", serial(device))


def _plant_late(city: PlantedCity, device: int, days: Sequence[date]) -> None:
    """R14: records of the morning that appear two days later."""
    for number, person in enumerate(list(city.of_unit(device))[:5]):
        at = datetime.combine(days[33], time(7, 25)) + timedelta(minutes=number)
        _late(city, device, person, at, datetime.combine(days[35], time(14)))
    city.plant("R14", serial(device), "R3")


def _plant_ghost(city: PlantedCity, device: int, days: Sequence[date]) -> None:
    """R17: a PIN of nobody that comes to work."""
    for day in days[5:40]:
        at = datetime.combine(day, time(7, 18)) + timedelta(seconds=city.rng.randrange(0, 900))
        city.add(device, "7777", at)
    city.plant("R17", serial(device))


def _late(city: PlantedCity, device: int, person: int, at: datetime, received: datetime) -> None:
    city.touches[str(person), at.date()].append(Touch(device, str(person), at, 1, received))
