"""The whole: city, database, collectors, the week, the calm after it, and the checks."""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Final, TypeVar

from eabsensi.clock import SystemClock
from eabsensi.devices.simulator.fleet import Fleet
from eabsensi.sealing.sealer import seal_evidence
from eabsensi.sealing.verifying import verify_evidence
from eabsensi.store.database import Store
from scripts.soaking.blows import Blows
from scripts.soaking.checking import Evidence, check_evidence
from scripts.soaking.city import City, build_city, comm_keys, people_each, register_people, write_registry
from scripts.soaking.collectors import Collectors, Pace
from scripts.soaking.database import WeekDatabase
from scripts.soaking.endurance import Endurance, endure, troubles_only
from scripts.soaking.faults import built_in
from scripts.soaking.meeting import FaultsPlayed, faults_played
from scripts.soaking.plan import Happening, families_of, has_room, make_plan
from scripts.soaking.settling import ask, settle
from scripts.soaking.takeovers import takeovers
from scripts.soaking.verdicts import Verdicts, check_verdicts
from scripts.soaking.week import Stage

T = TypeVar("T")
#: Two on one database, as a city that cannot wait for a repair has them.
_COLLECTORS: Final = 2
#: The punches of the calm fall into the two weeks after, and change no verdict of the week.
_LATER: Final = (timedelta(days=7), timedelta(days=14))


@dataclass(frozen=True, slots=True)
class SoakOptions:
    """What is played.

    Attributes:
        seed: repeats the city, its people's week and the plan.
        seconds: that the week is played in.
        kills: of collectors and of the database.
        terminals: of the city.
        calm_seconds: of troubles that one collector lives through twice, to see whether it leaks.

    """

    seed: int
    seconds: float
    kills: int
    terminals: int
    calm_seconds: float


@dataclass(slots=True)
class Terminals:
    """What the terminals noticed of their clients.

    Attributes:
        sessions: that were opened.
        waited: clients that came while another was served, e.g. while that one was frozen.
        spoken_over: requests of a client after another one had come: two at one terminal.
        forbidden: commands that a collector must never send.
        locked: terminals that were left disabled.
        left_open: sessions that are open at the end.

    """

    sessions: int = 0
    waited: int = 0
    spoken_over: int = 0
    forbidden: list[str] = field(default_factory=list)
    locked: list[str] = field(default_factory=list)
    left_open: int = 0


@dataclass(slots=True)
class Outcome:
    """Everything that is known at the end.

    Attributes:
        late: what did not come about in calm.
        crashes: tracebacks that collectors logged, and collectors that did not stop.
        unforeseen: last words of collectors that ended by themselves.
        chain: "" where the evidence is sealed without a gap, else what is not.
        planned_families: of faults; has_room: whether each of them has to be met.

    """

    options: SoakOptions
    city: City
    stage: Stage
    collectors: Collectors
    punches: Evidence
    unreadable: Evidence
    verdicts: Verdicts
    terminals: Terminals
    endurance: Endurance
    takeovers: list[float]
    late: list[str]
    crashes: int
    unforeseen: list[str]
    leases_left: int
    chain: str
    played: FaultsPlayed
    planned_families: set[str]
    has_room: bool
    pace: Pace


def soak(options: SoakOptions, *, keep: Path | None = None) -> Outcome:
    """Play the week and check what is left.

    Args:
        options: what is played.
        keep: where the collectors' logs go; None for a folder that is removed.

    Raises:
        RuntimeError: the database or something else of the stage itself broke down.

    """
    pace = Pace()
    with _folder(keep) as folder, ThreadPoolExecutor(1) as thread, Fleet() as fleet:
        database = thread.submit(WeekDatabase).result()
        try:
            city = build_city(fleet, options.terminals, people_each(options.seconds), options.seed)
            write_registry(city, folder / "devices.yaml")
            register_people(city, database.url())
            stage = Stage(city, database, Blows(database, thread), options.seed)
            return _play(options, pace, stage, folder)
        finally:
            thread.submit(database.close).result()


def _play(options: SoakOptions, pace: Pace, stage: Stage, folder: Path) -> Outcome:
    city, url = stage.city, stage.database.url()
    environment = comm_keys(city) | {
        "EABSENSI_DATABASE_URL": url,
        "EABSENSI_DEVICES": str(folder / "devices.yaml"),
        "EABSENSI_HOME": str(folder),
    }
    plan = make_plan(city, options.seconds, options.kills, pace, options.seed)
    collectors = Collectors(folder, environment, pace, _COLLECTORS, options.seed)
    late = _in_turn(collectors, lambda: _play_week(stage, plan, collectors))
    calm_folder = folder / "calm"
    calm_folder.mkdir()
    lone = Collectors(calm_folder, environment, pace, 1, options.seed)
    calm_plans = [troubles_only(plan, options.calm_seconds, later) for later in _LATER]
    endurance, late_in_calm = _in_turn(lone, lambda: endure(stage, lone, calm_plans))
    punches, unreadable = check_evidence(city, url)
    return Outcome(
        options=options,
        city=city,
        stage=stage,
        collectors=collectors,
        punches=punches,
        unreadable=unreadable,
        verdicts=check_verdicts(city, stage.database, stage.wrong_clocks),
        terminals=_look_at_terminals(city),
        endurance=endurance,
        takeovers=takeovers(url, collectors.tally.blows),
        late=[*late, *late_in_calm],
        unforeseen=[*collectors.tally.unforeseen, *lone.tally.unforeseen],
        crashes=collectors.crashes() + lone.crashes() + collectors.tally.done["did not stop"],
        leases_left=ask(url, "SELECT count(*) FROM device_lease WHERE expires_at > clock_timestamp()"),
        chain=_seal_and_verify(url),
        played=faults_played(
            stage.bouts, Counter(family for post in city.posts for family in built_in(post.terminal)), url
        ),
        planned_families=families_of(plan),
        has_room=has_room(plan),
        pace=pace,
    )


def _seal_and_verify(url: str) -> str:
    """Seal what the killed collectors have not, and compare the evidence with the whole chain."""
    store = Store.at(url)
    try:
        seal_evidence(store, SystemClock())
        broken = verify_evidence(store).broken
    finally:
        store.dispose()
    return broken.sentence if broken else ""


def _play_week(stage: Stage, plan: list[Happening], collectors: Collectors) -> list[str]:
    collectors.start()
    stage.play(plan, collectors)
    return settle(stage, collectors)


def _in_turn(collectors: Collectors, action: Callable[[], T]) -> T:
    try:
        return action()
    finally:
        collectors.stop_all()


def _look_at_terminals(city: City) -> Terminals:
    told = Terminals()
    for post in city.posts:
        counted = post.terminal.counters
        told.sessions += counted.sessions_opened
        told.waited += counted.clients_waited
        told.spoken_over += counted.spoken_over
        told.forbidden += [f"{post.serial} {command}" for command in counted.forbidden_seen]
        told.locked += [] if post.terminal.state.enabled else [post.serial]
        told.left_open += post.terminal.open_sessions
    return told


@contextmanager
def _folder(keep: Path | None) -> Iterator[Path]:
    if keep is not None:
        keep.mkdir(parents=True, exist_ok=True)
        yield keep
        return
    folder = Path(tempfile.mkdtemp(prefix="eabsensi-soak-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
