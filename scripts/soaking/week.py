"""The week is played: whatever the plan says happens, and somebody looks after the collectors meanwhile."""

from __future__ import annotations

import time
from collections import Counter
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Final

import psycopg

from scripts.soaking.blows import BlowAt, Blows
from scripts.soaking.city import PUNCH_SECONDS, City, Post, chance
from scripts.soaking.collectors import Collectors
from scripts.soaking.database import WeekDatabase
from scripts.soaking.faults import SWAP, come_back
from scripts.soaking.meeting import Bout
from scripts.soaking.plan import FaultAt, Happening, PunchAt, SwapAt

_LOOK_SECONDS: Final = 0.05
#: A clock that is wrong by more than this has lost its date: people punch at whatever it shows.
_DATE_LOST: Final = timedelta(days=400)


class Stage:
    """Where the week is played.

    Attributes:
        done: how often each thing happened.
        blows: to collectors and database.
        bouts: of trouble that terminals had.
        wrong_clocks: serials of terminals whose clock was ever wrong.
        calms: how often everything was mended.

    """

    def __init__(self, city: City, database: WeekDatabase, blows: Blows, seed: int) -> None:
        """Prepare.

        Args:
            city: the terminals and people.
            database: where collectors keep what they read.
            blows: strikes as planned.
            seed: of what the faults choose.

        """
        self.city = city
        self.database = database
        self.blows = blows
        self.done: Counter[str] = Counter()
        self.bouts: list[Bout] = []
        self.wrong_clocks: set[str] = set()
        self.calms = 0
        self._random = chance("stage", seed)
        self._next_punch_at: dict[str, float] = {}
        self._bouts_under_way: dict[tuple[str, object], Bout] = {}

    def play(self, plan: list[Happening], collectors: Collectors) -> None:
        """Let happen what is planned, each at its time."""
        started = time.monotonic()
        for happening in plan:
            while (left := started + happening.at - time.monotonic()) > 0:
                collectors.look_after()
                self.blows.catch_up(collectors)
                time.sleep(min(left, _LOOK_SECONDS))
            self._bring_about(happening, collectors)
            collectors.look_after()
            self.blows.catch_up(collectors)
        self.blows.finish(collectors)

    def ask_for_poll(self, post: Post, *, full: bool = False) -> None:
        """Ask for a poll, as a person does with ``eabsensi poll`` after a repair; the database may be away."""
        with closing(psycopg.connect(self.database.url(), autocommit=True, connect_timeout=5)) as connection:
            connection.execute(_ASK, (full, post.serial))

    def mend(self, post: Post) -> None:
        """Put a terminal right in every way."""
        terminal = post.terminal
        terminal.heal()
        come_back(terminal)
        terminal.menu_closed()
        terminal.download_new_log(False)
        terminal.set_comm_key(terminal.config.comm_key)
        terminal.swap_serial(post.serial)
        terminal.set_clock(offset=timedelta())
        terminal.reboot()
        for serial, what in list(self._bouts_under_way):
            if serial == post.serial:
                self._bout_ends(post, what)

    def _bring_about(self, happening: Happening, collectors: Collectors) -> None:
        match happening:
            case PunchAt():
                self._punch(happening)
            case FaultAt():
                self._trouble(happening)
            case SwapAt():
                self._swap(happening)
            case BlowAt():
                self.blows.strike(happening, collectors)

    def _punch(self, planned: PunchAt) -> None:
        """Punch, at a person's pace even where the play is late; a locked or full terminal takes none."""
        terminal, work = planned.post.terminal, planned.work
        now = time.monotonic()
        wait = self._next_punch_at.get(planned.post.serial, 0.0) - now
        if wait > 0:
            time.sleep(wait)
        self._next_punch_at[planned.post.serial] = time.monotonic() + 0.75 * PUNCH_SECONDS
        offset = terminal.state.clock_offset
        at = work.device_time + offset if abs(offset) < _DATE_LOST else None
        taken = terminal.punch(work.pin, at, work.verify_mode, work.punch_state)
        self.done["punches"] += taken is not None
        self.done["refused punches"] += taken is None

    def _trouble(self, planned: FaultAt) -> None:
        post, fault = planned.post, planned.fault
        if not planned.ends:
            fault.begin(post.terminal, self._random)
            self._bout_begins(post, fault, fault.families)
            self.done["faults"] += 1
            if fault.clock:
                self.wrong_clocks.add(post.serial)
            return
        post.terminal.heal()
        fault.end(post.terminal)
        self._bout_ends(post, fault)
        if fault.stops:
            self._repaired(post)

    def _bout_begins(self, post: Post, what: object, families: tuple[str, ...]) -> None:
        bout = Bout(post.serial, families, datetime.now(UTC))
        self.bouts.append(bout)
        self._bouts_under_way[post.serial, what] = bout

    def _bout_ends(self, post: Post, what: object) -> None:
        self._bouts_under_way.pop((post.serial, what)).ended_at = datetime.now(UTC)

    def _repaired(self, post: Post) -> None:
        try:
            self.ask_for_poll(post)
        except psycopg.Error:
            self.done["requests while the database was away"] += 1

    def _swap(self, planned: SwapAt) -> None:
        posts = (planned.one, planned.other)
        serials = [post.serial for post in (posts if planned.ends else reversed(posts))]
        for post, serial in zip(posts, serials, strict=True):
            post.terminal.swap_serial(serial)
            post.terminal.reboot()
            if planned.ends:
                self._bout_ends(post, SWAP)
                self._repaired(post)
            else:
                self._bout_begins(post, SWAP, SWAP)
        self.done["swaps"] += not planned.ends


_ASK: Final = """
    INSERT INTO poll_request AS asked (device_id, requested_at, "full")
    SELECT id, clock_timestamp(), %s FROM device WHERE serial = %s
    ON CONFLICT (device_id) DO UPDATE SET "full" = asked."full" OR excluded."full"
"""
