"""What happens in the week and when: made from the seed alone, so that a seed repeats it."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from eabsensi.devices.simulator.workforce import WorkPunch
from scripts.soaking.blows import KILLS, BlowAt
from scripts.soaking.city import PUNCH_SECONDS, City, Post, chance
from scripts.soaking.collectors import Pace
from scripts.soaking.faults import FAULTS, SWAP, Fault

#: Of the blows that count as kills, this share hits the database.
_DATABASE_SHARE: Final = 0.25
#: Per kill, so many of the other blows; each comes at least once.
_OTHER_BLOWS: Final = {
    "collector frozen": 0.06,
    "collector stopped": 0.05,
    "collector reloaded": 0.05,
    "server restarted": 0.04,
    "connections cut": 0.1,
    "disk full": 0.02,
}
_AWAY_CHANCE: Final = 0.2
#: Where every kind of fault has room to come so often, each of its families has to be met by a poll.
_OFTEN: Final = 4


@dataclass(frozen=True, slots=True)
class PunchAt:
    """Somebody punches."""

    at: float
    post: Post
    work: WorkPunch


@dataclass(frozen=True, slots=True)
class FaultAt:
    """A fault begins or, where ``ends``, is over."""

    at: float
    post: Post
    fault: Fault
    ends: bool


@dataclass(frozen=True, slots=True)
class SwapAt:
    """Two terminals answer at each other's address (F50); again, and all is as before."""

    at: float
    one: Post
    other: Post
    ends: bool


Happening = PunchAt | FaultAt | SwapAt | BlowAt


def make_plan(city: City, seconds: float, kills: int, pace: Pace, seed: int) -> list[Happening]:
    """Plan a week that is played in so many seconds.

    Args:
        city: whose people punch and whose terminals fail.
        seconds: the length of the play.
        kills: blows that kill a collector or the database.
        pace: of the collectors.
        seed: the same seed gives the same plan.

    """
    plan: list[Happening] = [*_work(city, seconds), *_swaps(city, seconds, seed)]
    played: Counter[Fault] = Counter()
    plan += [happening for post in city.posts for happening in _troubles(post, seconds, seed, played)]
    plan += _blows(seconds, kills, pace, chance("blows", seed))
    return sorted(plan, key=lambda happening: happening.at)


def families_of(plan: list[Happening]) -> set[str]:
    """Give the families of faults that a plan brings about."""
    families = {family for one in plan if isinstance(one, FaultAt) for family in one.fault.families}
    return families | {family for one in plan if isinstance(one, SwapAt) for family in SWAP}


def has_room(plan: list[Happening]) -> bool:
    """Whether a week is long enough that every kind of fault comes several times."""
    return sum(isinstance(one, FaultAt) and not one.ends for one in plan) >= _OFTEN * len(FAULTS)


def _work(city: City, seconds: float) -> Iterator[PunchAt]:
    for post in city.posts:
        step = max(PUNCH_SECONDS, seconds / max(1, len(post.work)))
        yield from (PunchAt(turn * step, post, work) for turn, work in enumerate(post.work))


def _troubles(post: Post, seconds: float, seed: int, played: Counter[Fault]) -> Iterator[FaultAt]:
    """Give a terminal one fault after the other, each of its kinds before one comes again, the city's rarest first."""
    rng = chance("troubles", seed, post.serial)
    suiting = [fault for fault in FAULTS if fault.suits(post.terminal) and not (fault.clock and _keeps_time(post))]
    at, waiting = rng.uniform(2, 6), list[Fault]()
    while at < seconds:
        waiting = waiting or rng.sample(suiting, len(suiting))
        fault, lasts = min(waiting, key=played.__getitem__), rng.uniform(0.8, 4.0)
        waiting.remove(fault)
        played[fault] += 1
        yield FaultAt(at, post, fault, ends=False)
        yield FaultAt(at + lasts, post, fault, ends=True)
        at += lasts + rng.uniform(0.3, 4.0)


def _keeps_time(post: Post) -> bool:
    """Whether a terminal's clock stays right: two of three, so that the plain oracle has days to judge."""
    return int(post.serial[-4:]) % 3 != 0


def _swaps(city: City, seconds: float, seed: int) -> Iterator[SwapAt]:
    rng = chance("swaps", seed)
    for _ in range(max(1, int(seconds / 120))):
        one, other = rng.sample(list(city.posts), 2)
        at = rng.uniform(0.2, 0.8) * seconds
        yield SwapAt(at, one, other, ends=False)
        yield SwapAt(at + rng.uniform(2, 6), one, other, ends=True)


def _blows(seconds: float, kills: int, pace: Pace, rng: random.Random) -> Iterator[BlowAt]:
    for turn, how in enumerate(_kills(kills, rng)):
        at = rng.uniform(turn, turn + 1) / kills * (seconds - 3) + 3
        away = pace.granted + 1 if rng.random() < _AWAY_CHANCE else rng.uniform(0, 0.5)
        yield BlowAt(at, how, away)
    if not kills:
        return
    lengths = {"collector frozen": pace.granted + 3, "server restarted": 0.3, "disk full": 2.5}
    for how, each in _OTHER_BLOWS.items():
        for _ in range(max(1, round(kills * each))):
            yield BlowAt(rng.uniform(0.1, 0.9) * seconds, how, lengths.get(how, 0.0))


def _kills(kills: int, rng: random.Random) -> list[str]:
    """Give the ways to kill in a random order, each at least once."""
    collector, *database = KILLS
    ways = [*KILLS[:kills]]
    ways += [rng.choice(database) if rng.random() < _DATABASE_SHARE else collector for _ in range(kills - len(ways))]
    return rng.sample(ways, len(ways))
