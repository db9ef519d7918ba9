"""Two collectors on a cluster of three nodes whose primary is killed: nothing that was acknowledged may be lost.

A terminal is cleared as soon as its punches are seen stored, so that the database has the only copy.
"""

from __future__ import annotations

import itertools
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import psycopg

from eabsensi.devices.simulator.fleet import Fleet
from eabsensi.store.database import Store
from scripts.benchmarks.printing import show_table
from scripts.soaking.checking import Evidence, check_evidence
from scripts.soaking.city import (
    PUNCH_SECONDS,
    City,
    Post,
    build_city,
    chance,
    comm_keys,
    register_people,
    write_registry,
)
from scripts.soaking.cluster import NODES, Cluster, what_is_missing
from scripts.soaking.collectors import Collectors, Pace
from scripts.soaking.settling import ask

_FAILOVERS: Final = 3
_BEFORE_SECONDS: Final = 12.0
_PATIENCE_SECONDS: Final = 120.0
_FIRST: Final = datetime(2026, 10, 19, 6, 0)  # noqa: DTZ001  a device's clock has no zone
_STORED: Final = "SELECT count(*) FROM punch JOIN device ON device.id = device_id WHERE serial = %s"


@dataclass(slots=True)
class Writer:
    """Writes a row after the other, each in its own transaction, to whoever is the primary.

    Attributes:
        acknowledged: numbers of the rows whose commit was confirmed.
        gaps: seconds between two confirmations, where longer than a second.

    """

    url: str
    acknowledged: list[int] = field(default_factory=list)
    gaps: list[float] = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        """Write until told to end."""
        numbers, confirmed_at = itertools.count(), time.monotonic()
        while not self.ended.is_set():
            try:
                with closing(psycopg.connect(self.url, autocommit=True)) as connection:
                    while not self.ended.wait(0.02):
                        number = next(numbers)
                        connection.execute("INSERT INTO acknowledged VALUES (%s)", (number,))
                        self.acknowledged.append(number)
                        now = time.monotonic()
                        if now - confirmed_at > 1:
                            self.gaps.append(now - confirmed_at)
                        confirmed_at = now
            except psycopg.Error:
                self.ended.wait(0.05)


class _People:
    """Let somebody punch at every terminal, and clear those whose punches are all stored."""

    def __init__(self, city: City, url: str, seed: int) -> None:
        self.cleared = 0
        self._city = city
        self._url = url
        self._random = chance("patroni", seed)
        self._turns = itertools.count()
        self._stored: dict[str, int] = {}

    def play(self, seconds: float) -> None:
        """Go on for a while."""
        ends_at = time.monotonic() + seconds
        while time.monotonic() < ends_at:
            self.once()

    def once(self) -> None:
        """One punch at each terminal, then perhaps a clear."""
        turn = next(self._turns)
        for post in self._city.posts:
            post.terminal.punch(self._random.choice(post.pins), _FIRST + timedelta(seconds=10 * turn))
        time.sleep(PUNCH_SECONDS)
        try:
            self._clear(self._random.choice(list(self._city.posts)))
        except psycopg.Error:
            return  # nobody knows now what is stored, so nothing is cleared

    def _clear(self, post: Post) -> None:
        if int(ask(self._url, _STORED, (post.serial,))) == len(post.terminal.ever_punched):
            post.terminal.clear_log()
            self.cleared += 1


def soak_patroni(seed: int | None) -> int:
    """Play, print, and give the exit code: 0 where all holds, 1 where not, 2 where the cluster cannot be had here."""
    lacks = what_is_missing()
    if lacks:
        print(f"scripts/soak --patroni cannot run here: {lacks}.")
        return 2
    seed = seed if seed is not None else 0
    with Cluster() as cluster, Fleet() as fleet, tempfile.TemporaryDirectory(prefix="eabsensi-soak-") as folder:
        city = _prepare(cluster, fleet, Path(folder), seed)
        collectors = _collectors(city, cluster, Path(folder), seed)
        people = _People(city, cluster.url, seed)
        with _looked_after(collectors), _writing(cluster.url) as writer:
            for _ in range(_FAILOVERS):
                people.play(_BEFORE_SECONDS)
                killed = cluster.kill_primary()
                people.play(_BEFORE_SECONDS)
                cluster.revive(killed)
            all_stored = _until_all_is_stored(city, cluster.url)
        evidence, _ = check_evidence(city, cluster.url)
        return 0 if _show(city, cluster, writer, people, evidence, all_stored=all_stored) else 1


def _prepare(cluster: Cluster, fleet: Fleet, folder: Path, seed: int) -> City:
    store = Store.at(cluster.url)
    store.upgrade()
    store.dispose()
    built = build_city(fleet, 8, 2, seed)
    city = City(built.units, built.employees, [p for p in built.posts if p.terminal.config.record_capacity > 100])
    write_registry(city, folder / "devices.yaml")
    register_people(city, cluster.url)
    with closing(psycopg.connect(cluster.url, autocommit=True)) as connection:
        connection.execute("CREATE TABLE acknowledged (number bigint PRIMARY KEY)")
    return city


def _collectors(city: City, cluster: Cluster, folder: Path, seed: int) -> Collectors:
    environment = comm_keys(city) | {
        "EABSENSI_DATABASE_URL": cluster.url,
        "EABSENSI_DEVICES": str(folder / "devices.yaml"),
        "EABSENSI_HOME": str(folder),
    }
    return Collectors(folder, environment, Pace(interval=2.0), 2, seed)


@contextmanager
def _looked_after(collectors: Collectors) -> Iterator[None]:
    """Keep the collectors running from a thread of its own."""
    ended = threading.Event()

    def look_after() -> None:
        try:
            while not ended.wait(0.1):
                collectors.look_after()
        finally:
            collectors.stop_all()

    thread = threading.Thread(target=look_after, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


@contextmanager
def _writing(url: str) -> Iterator[Writer]:
    writer = Writer(url)
    thread = threading.Thread(target=writer.run, daemon=True)
    thread.start()
    try:
        yield writer
    finally:
        writer.ended.set()
        thread.join()


def _until_all_is_stored(city: City, url: str) -> bool:
    gives_up_at = time.monotonic() + _PATIENCE_SECONDS
    punched = {post.serial: len(post.terminal.ever_punched) for post in city.posts}
    while time.monotonic() < gives_up_at:
        if all(int(ask(url, _STORED, (serial,))) == count for serial, count in punched.items()):
            return True
        time.sleep(0.5)
    return False


def _show(
    city: City, cluster: Cluster, writer: Writer, people: _People, evidence: Evidence, *, all_stored: bool
) -> bool:
    with closing(psycopg.connect(cluster.url)) as connection:
        found = {number for (number,) in connection.execute("SELECT number FROM acknowledged")}
    lost = [number for number in writer.acknowledged if number not in found]
    spoken_over = sum(post.terminal.counters.spoken_over for post in city.posts)
    gaps = ", ".join(f"{gap:.1f} s" for gap in writer.gaps)
    rows = (
        ("punches: stored = ever punched", f"{evidence.stored} = {evidence.punched}", all_stored and evidence.is_whole),
        (
            "punches lost, logs cleared as soon as they were stored",
            f"{evidence.lost}, {people.cleared} clears",
            not evidence.lost,
        ),
        ("acknowledged rows lost", f"{len(lost)} of {len(writer.acknowledged)}", not lost),
        ("never two talk to one terminal", f"{spoken_over} requests beside another client", not spoken_over),
        ("writes stood still", gaps or "never", bool(writer.gaps)),
    )
    title = f"Patroni, {NODES} nodes, synchronous: primary and its agent killed {_FAILOVERS} times, two collectors"
    show_table(title, ("", "found", "holds"), [(what, said, "yes" if holds else "NO") for what, said, holds in rows])
    return all(holds for _, _, holds in rows)
