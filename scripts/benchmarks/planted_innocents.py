"""Innocent people and terminals that look like a case: what no rule can tell apart shows how often it errs."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from scripts.benchmarks.planted_city import FIRST, LAST, PASSWORD, PlantedCity, nip, serial, weekdays

_MINUTE = timedelta(minutes=1)


def innocent_people(city: PlantedCity) -> None:
    """Let people live such that it may look remarkable; each is noted under the rule that may raise it."""
    _worn_fingers(city)
    _one_motorcycle(city)
    _messenger(city)
    _field_work(city)
    _driver(city)
    _night_watch(city)
    _newcomer(city)


def _some(city: PlantedCity, place: int, units: range) -> list[int]:
    return [city.of_unit(unit)[place] for unit in units]


def _worn_fingers(city: PlantedCity) -> None:
    """R7: fingertips that the sensor does not know any more, three touches in five."""
    for person in _some(city, 1, range(10, 12)):
        for day in weekdays():
            of_day = city.touches[str(person), day]
            of_day[:] = [one._replace(mode=PASSWORD) if city.rng.random() < 0.6 else one for one in of_day]
        city.look_alike("R7", nip(person))


def _one_motorcycle(city: PlantedCity) -> None:
    """R8: a couple on one motorcycle; who drives is nearly always in first."""
    for person in _some(city, 3, range(10, 13)):
        for day in weekdays():
            if city.rng.random() < 0.85:
                at = datetime.combine(day, time(7, 8)) + timedelta(seconds=city.rng.randrange(0, 900))
                pair = (person, person + 1) if city.rng.random() < 0.95 else (person + 1, person)
                city.arrive(pair[0], at)
                city.arrive(pair[1], at + timedelta(seconds=city.rng.randrange(3, 14)))
        city.look_alike("R8", nip(person))


def _messenger(city: PlantedCity) -> None:
    """R11: two offices some hundred metres apart, and a messenger who records at both."""
    for person in _some(city, 6, range(10, 12)):
        for day in weekdays(6, 2):
            at = datetime.combine(day, time(7, 11)) + timedelta(seconds=city.rng.randrange(0, 600))
            city.arrive(person, at)
            city.add(city.unit_of(person) + 1, person, at + timedelta(seconds=city.rng.randrange(200, 500)))
        city.look_alike("R11", nip(person))


def _field_work(city: PlantedCity) -> None:
    """R13: who reports in the morning, records both times at once and leaves for the field."""
    for person in _some(city, 7, range(10, 12)):
        for day in weekdays(9, 3):
            at = datetime.combine(day, time(7, 25)) + timedelta(seconds=city.rng.randrange(0, 200))
            city.touches[str(person), day].clear()
            city.add(city.unit_of(person), person, at)
            city.add(city.unit_of(person), person, at + 4 * _MINUTE)
        city.look_alike("R13", nip(person))


def _driver(city: PlantedCity) -> None:
    """R14: a driver who arrives at half past six by the radio's news, give or take three quarters of a minute."""
    for person in _some(city, 8, range(10, 12)):
        for day in weekdays():
            city.arrive(person, datetime.combine(day, time(6, 30)) + timedelta(seconds=city.rng.gauss(0, 45) // 1))
        city.look_alike("R14", nip(person))


def _night_watch(city: PlantedCity) -> None:
    """R16: a watchman without a roster who records when the date changes."""
    person = city.of_unit(10)[9]
    for day in weekdays(9, 4):
        city.add(10, person, datetime.combine(day, time(23, 59)) + timedelta(seconds=city.rng.randrange(0, 59)))
    city.look_alike("R16", nip(person))


def _newcomer(city: PlantedCity) -> None:
    """R17: a new colleague whom nobody has mapped for three weeks."""
    for day in weekdays()[12:27]:
        city.add(12, "9444", datetime.combine(day, time(7, 20)) + timedelta(seconds=city.rng.randrange(0, 1200)))
    city.look_alike("R17", serial(12))


def innocent_papers(city: PlantedCity) -> None:
    """File what is in order and looks remarkable: leave that was called off, a terminal that was broken."""
    days = weekdays()
    for person in _some(city, 13, range(10, 12)):  # R12: called back to work, and nobody revoked the leave
        filed = datetime.combine(days[25], time(10))
        city.papers.append((person, "annual_leave", days[28], days[30], f"opr-u{city.unit_of(person)}", filed))
        city.look_alike("R12", nip(person))
    for person in city.of_unit(11):  # R15: two days without a terminal, everybody by paper
        for day in days[14:16]:
            filed = datetime.combine(days[18], time(9, 30))
            city.papers.append((person, "forgotten_punch", day, day, "opr-u11", filed))
    city.look_alike("R15", "opr-u11")


def innocent_terminals(city: PlantedCity) -> None:
    """Let IT staff do their work."""
    offices = range(13, 18)
    cleared, battery, late_router, swapped, former = offices
    city.cleared.setdefault(cleared, datetime.combine(weekdays()[30], time(12)))  # R4: after a backup
    city.look_alike("R4", serial(cleared))
    weak = FIRST + timedelta(days=20)
    for poll in city.polls[battery]:  # R2: a weak battery, and a visit after a week
        if weak <= poll.at.date() < weak + timedelta(days=7):
            poll.offset -= 30 * (poll.at.date() - weak).days
    city.look_alike("R2", serial(battery))
    for poll in city.polls[late_router]:  # R6: whoever has the key comes at nine
        if poll.at.date() in weekdays(8) and 5 <= poll.at.hour < 9:
            poll.outcome = "unreachable"
    city.look_alike("R6", serial(late_router))
    for poll in city.polls[swapped]:  # R5: a spare terminal during a repair
        if _between(poll.at, weekdays()[11], time(9), time(11)):
            poll.outcome = "wrong_serial"
    city.look_alike("R5", serial(swapped))
    city.users.append((former, "9320", "BUDI LAMA"))  # R9: one who has left
    city.look_alike("R9", serial(former))


def _between(at: datetime, day: date, opens: time, closes: time) -> bool:
    assert day <= LAST, "it lies in the stretch"
    return at.date() == day and opens <= at.time() < closes
