"""Believable days: who comes when, who is late, who forgets; the same seed gives the same days.

Each person has a temperament, and each person's day has a chance of its own. Both depend only on the seed, the pin
and the date, so a longer range of dates leaves the shorter one's days as they were.
"""

from __future__ import annotations

import random
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Final, Literal, NamedTuple

CHECK_IN, CHECK_OUT, BREAK_OUT, BREAK_IN = 0, 1, 2, 3
FINGER, CARD, FACE = 1, 2, 15
_FRIDAY: Final = 4


class WorkPunch(NamedTuple):
    """One punch of a working day, ready for a terminal's ``punch_many``."""

    pin: str
    device_time: datetime
    verify_mode: int
    punch_state: int


class Shift(StrEnum):
    """A shift of those who work around the clock."""

    MORNING = "P"
    AFTERNOON = "S"
    NIGHT = "M"


@dataclass(frozen=True, slots=True)
class Hours:
    """Working hours of one day; the end may be on the next day."""

    start: time
    end: time

    def on(self, day: date) -> tuple[datetime, datetime]:
        """Give first and last moment of duty of the day's hours."""
        begin = datetime.combine(day, self.start)
        finish = datetime.combine(day, self.end)
        return begin, finish if finish > begin else finish + timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Week:
    """Hours by weekday, Monday first; None is free."""

    days: tuple[Hours | None, ...]

    @classmethod
    def of(
        cls,
        start: time = time(7, 30),
        end: time = time(16, 0),
        *,
        friday: Hours | None = None,
        saturday: Hours | None = None,
    ) -> Week:
        """Build an office's week; Friday is as the other days where nothing is said."""
        usual = Hours(start, end)
        return cls((usual, usual, usual, usual, friday or usual, saturday, None))


FIVE_DAYS: Final = Week.of(friday=Hours(time(7, 30), time(16, 30)))
SIX_DAYS: Final = Week.of(
    end=time(14, 30), friday=Hours(time(7, 30), time(11, 30)), saturday=Hours(time(7, 30), time(13, 0))
)
SHIFT_HOURS: Final = {
    Shift.MORNING: Hours(time(7, 0), time(14, 0)),
    Shift.AFTERNOON: Hours(time(14, 0), time(21, 0)),
    Shift.NIGHT: Hours(time(21, 0), time(7, 0)),
}
_ROTA: Final = (
    Shift.MORNING,
    Shift.MORNING,
    Shift.AFTERNOON,
    Shift.AFTERNOON,
    Shift.NIGHT,
    Shift.NIGHT,
    None,
    None,
)


@dataclass(frozen=True, slots=True)
class Worker:
    """Somebody who works: by an office's week, or by the rota of shifts."""

    pin: str
    rota: Literal["office", "shifts"] = "office"


@dataclass(frozen=True, slots=True)
class Temperament:
    """How somebody usually behaves; chances are per day, of 1.

    Attributes:
        early_minutes: usual minutes before the start; spread_minutes around it.
        late, absent, early_leave, forget_out, forget_in, double_tap: chances.
        lunch_punch: whether the lunch break is punched.
        verify_mode: how this person is recognised.

    """

    early_minutes: float
    spread_minutes: float
    late: float
    absent: float
    early_leave: float
    forget_out: float
    forget_in: float
    double_tap: float
    lunch_punch: bool
    verify_mode: int

    @classmethod
    def of(cls, pin: str, seed: int) -> Temperament:
        """Give a person's temperament: most are steady, one in eight is not."""
        rng = _chance("temperament", seed, pin)
        careless = 4.0 if rng.random() < 0.125 else 1.0
        return cls(
            early_minutes=rng.uniform(6, 25),
            spread_minutes=rng.uniform(2, 6),
            late=rng.uniform(0.01, 0.06) * careless,
            absent=rng.uniform(0.002, 0.02) * careless,
            early_leave=rng.uniform(0.005, 0.04) * careless,
            forget_out=rng.uniform(0.005, 0.03) * careless,
            forget_in=rng.uniform(0.001, 0.01) * careless,
            double_tap=rng.uniform(0.01, 0.08),
            lunch_punch=rng.random() < 0.25,
            verify_mode=rng.choices((FINGER, FACE, CARD), weights=(80, 15, 5))[0],
        )


def workdays(
    workers: Sequence[Worker],
    first: date,
    last: date,
    week: Week = FIVE_DAYS,
    *,
    seed: int = 0,
    free_days: Collection[date] = (),
    state_keys: bool = True,
) -> list[WorkPunch]:
    """Let everybody work, and give all punches in the order in which they happen.

    Args:
        workers: who works.
        first: first day of duty.
        last: last day of duty; a night shift that begins on it ends on the morning after.
        week: hours of those who work by an office's week.
        seed: the same seed gives the same punches.
        free_days: holidays; those on shifts work all the same.
        state_keys: whether people press in and out; else every punch says 0.

    Returns:
        Punches sorted by time, then pin; naive device times.

    """
    days = [first + timedelta(days=offset) for offset in range((last - first).days + 1)]
    punches = [
        punch
        for worker in workers
        for day in days
        if (hours := duty(worker, day, week, free_days)) is not None
        for punch in _work(worker, day, hours, seed)
    ]
    if not state_keys:
        punches = [punch._replace(punch_state=CHECK_IN) for punch in punches]
    return sorted(punches, key=lambda punch: (punch.device_time, punch.pin))


def duty(worker: Worker, day: date, week: Week = FIVE_DAYS, free_days: Collection[date] = ()) -> Hours | None:
    """Give a person's hours of a day, None where it is free."""
    if worker.rota == "shifts":
        shift = shift_of(worker.pin, day)
        return SHIFT_HOURS[shift] if shift else None
    return None if day in free_days else week.days[day.weekday()]


def shift_of(pin: str, day: date) -> Shift | None:
    """Give the shift of the rota two mornings, two afternoons, two nights, two free; each person begins elsewhere."""
    return _ROTA[(day.toordinal() + _chance("rota", 0, pin).randrange(len(_ROTA))) % len(_ROTA)]


def _work(worker: Worker, day: date, hours: Hours, seed: int) -> Iterator[WorkPunch]:
    temperament = Temperament.of(worker.pin, seed)
    rng = _chance("day", seed, worker.pin, day.isoformat())
    if rng.random() < temperament.absent:
        return
    begin, finish = hours.on(day)
    for moment, state in _moments(rng, temperament, begin, finish, is_office=worker.rota == "office"):
        yield from _taps(rng, temperament, WorkPunch(worker.pin, moment, temperament.verify_mode, state))


def _moments(
    rng: random.Random, temperament: Temperament, begin: datetime, finish: datetime, *, is_office: bool
) -> Iterator[tuple[datetime, int]]:
    arrives, leaves = _arrival(rng, temperament, begin), _departure(rng, temperament, finish)
    if rng.random() >= temperament.forget_in:
        yield arrives, CHECK_IN
    if is_office and temperament.lunch_punch and finish - begin > timedelta(hours=6):
        yield from _lunch(rng, begin)
    if rng.random() >= temperament.forget_out:
        yield max(leaves, arrives + timedelta(minutes=30)), CHECK_OUT


def _arrival(rng: random.Random, temperament: Temperament, begin: datetime) -> datetime:
    if rng.random() < temperament.late:
        minutes = 1 + min(rng.expovariate(1 / 18), 150)
    else:
        minutes = -max(rng.gauss(temperament.early_minutes, temperament.spread_minutes), 0.2)
    return begin + _whole_seconds(minutes)


def _departure(rng: random.Random, temperament: Temperament, finish: datetime) -> datetime:
    early = rng.random() < temperament.early_leave
    minutes = -rng.uniform(3, 120) if early else min(abs(rng.gauss(6, 12)), 90) + 0.2
    return finish + _whole_seconds(minutes)


def _lunch(rng: random.Random, begin: datetime) -> Iterator[tuple[datetime, int]]:
    is_friday = begin.weekday() == _FRIDAY
    out, back = (time(11, 30), time(13, 0)) if is_friday else (time(12, 0), time(13, 0))
    yield datetime.combine(begin.date(), out) + _whole_seconds(rng.uniform(0, 12)), BREAK_OUT
    yield datetime.combine(begin.date(), back) + _whole_seconds(rng.uniform(-15, 4)), BREAK_IN


def _taps(rng: random.Random, temperament: Temperament, punch: WorkPunch) -> Iterator[WorkPunch]:
    """One touch, or two where the first was not felt; the second may fall into the same second."""
    yield punch
    if rng.random() < temperament.double_tap:
        yield punch._replace(device_time=punch.device_time + timedelta(seconds=rng.choice((0, 1, 2, 3, 5, 12))))


def _whole_seconds(minutes: float) -> timedelta:
    return timedelta(seconds=round(minutes * 60))


def _chance(*parts: object) -> random.Random:
    return random.Random("/".join(map(str, parts)))  # noqa: S311 - repeatable, not secret
