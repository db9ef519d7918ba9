"""Random histories of a terminal: whatever happens to it, what a poll could have seen is stored, each once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from postgres_servers import Server
from small_city import City
from sqlalchemy import text

from eabsensi.devices.attlog import Layout, decode
from eabsensi.devices.simulator.config import WhenFull
from eabsensi.devices.simulator.fleet import Fleet
from eabsensi.store.database import Store
from eabsensi.store.ingest import import_dump

START = datetime(2026, 3, 1, 7, 0)
LAYOUTS = [Layout.FORTY, Layout.EIGHT_UID, Layout.EIGHT_PACKED, Layout.SIXTEEN, Layout.FORTY_NINE]
#: A history's steps; repeated names make a step likelier.
STEPS = [
    *["punch", "punch", "some", "some", "many", "same second"],
    *["back", "ahead", "31 February", "blank", "clear", "delete head", "cut", "event", "stranger"],
    *["poll", "poll", "poll", "full poll", "dump", "punch while reading", "short", "stale"],
    *["backup", "restore", "others read new"],
]
Step = tuple[str, int]


class History:
    """One terminal, its collector, and the referee's own books."""

    def __init__(self, city: City, **config: Any) -> None:
        self.city = city
        self.terminal = city.add(**config)
        self.terminal.segments(None)
        self.at = START
        self.unseen_since_poll: list[tuple[str, datetime]] = []
        self.last: tuple[str, datetime] | None = None
        self.saved: list[bytes] = []
        self.has_restored = False

    def live(self, steps: list[Step]) -> None:
        for name, number in steps:
            self.verb(name)(number)
        self.terminal.heal()
        self.poll(0)
        self.judge()
        self.full_poll(0)
        self.judge()

    def verb(self, name: str) -> Callable[[int], object]:
        return getattr(self, name.replace(" ", "_").replace("31_", "on_31_"))

    # -- people ----------------------------------------------------------------------------------------------------

    def punch(self, number: int) -> None:
        self.at += timedelta(seconds=7 + number % 600)
        self._touch(str(number % 5 + 1))

    def some(self, number: int) -> None:
        for at in range(number % 20):
            self.punch(at + number)

    def many(self, number: int) -> None:
        for at in range(60 + number % 100):
            self.punch(at)

    def same_second(self, number: int) -> None:
        for _ in range(1 + number % 3):
            if self.last is not None:
                self._touch(self.last[0])

    def on_31_February(self, number: int) -> None:  # noqa: N802 - named as the step
        if self._takes_unreadable():
            self.terminal.corrupt_record("31 February", 1, str(number % 5 + 1))

    def blank(self, _: int) -> None:
        if self._takes_unreadable():
            self.terminal.corrupt_record("blank", 1)

    def _takes_unreadable(self) -> bool:
        # A log most of whose records mean nothing is kept aside as a whole; that is no loss, and another test's matter.
        is_minor = self.terminal.state.log.count > 3 * (len(self.terminal.ever_unreadable) + 1)
        return is_minor and self.terminal.config.layout is not Layout.EIGHT_PACKED and self._has_room()

    def _touch(self, pin: str) -> None:
        self.city.clock.shift += timedelta(seconds=1)
        if self.terminal.punch(pin, self.at) is not None:
            self.last = (pin, self.at)
            self.unseen_since_poll.append(self.last)

    # -- clock and log ---------------------------------------------------------------------------------------------

    def back(self, number: int) -> None:
        self.at -= timedelta(hours=number % 50, seconds=3)
        self.last = None

    def ahead(self, number: int) -> None:
        self.at += timedelta(hours=number % 50)

    def clear(self, _: int) -> None:
        self.terminal.clear_log()
        self._forget_gone()
        self.at += timedelta(hours=1)
        self.last = None

    def delete_head(self, number: int) -> None:
        count = self.terminal.state.log.count
        if count > 30:
            self.terminal.delete_head(1 + number % (count - 20))
            self._forget_gone()

    def backup(self, _: int) -> None:
        self.saved = self.terminal.take_log()

    def restore(self, _: int) -> None:
        # Its bytes are no log of packed records, whose times build on each other.
        if self.saved and self.terminal.config.layout is not Layout.EIGHT_PACKED:
            self.terminal.restore_log(self.saved)
            self.has_restored = True
            self._forget_gone()

    def _forget_gone(self) -> None:
        self.city.clock.shift += timedelta(hours=2)

    def _has_room(self) -> bool:
        return self.terminal.state.log.count < self.terminal.config.record_capacity

    # -- the wire --------------------------------------------------------------------------------------------------

    def cut(self, number: int) -> None:
        self.terminal.cut_after(number * 37 % 6_000)

    def short(self, _: int) -> None:
        self.terminal.short_replies()

    def stale(self, _: int) -> None:
        self.terminal.stale_reply()

    def event(self, _: int) -> None:
        self.terminal.event_in_the_middle_of_next_reply(noise=True)

    def others_read_new(self, _: int) -> None:
        self.terminal.steal_new_log()

    def stranger(self, _: int) -> None:
        self.terminal.swap_serial("STRANGER")
        assert self.city.poll().outcome in {"wrong_serial", "busy", "transfer_cut", "unreachable", "protocol_error"}
        self.terminal.swap_serial("SIM0001")

    def punch_while_reading(self, number: int) -> None:
        self.at += timedelta(seconds=7)
        self.terminal.punch_before_read(str(number % 5 + 1), self.at, when=("prepare", "read")[number % 2])
        self.last = None

    # -- the collector ---------------------------------------------------------------------------------------------

    def poll(self, number: int) -> None:
        self._poll(full=False)

    def full_poll(self, _: int) -> None:
        self._poll(full=True)

    def _poll(self, *, full: bool) -> None:
        held_before = self.held()
        outcome = self.city.poll(full=full)
        if outcome.complete_through is not None:
            gone = held_before & self.held()
            assert not gone - self.stored(), "called complete, but not all that it held is stored"

    def dump(self, _: int) -> None:
        decoded = self.decoded()
        with self.city.store.begin() as connection:
            import_dump(
                connection,
                self.city.device().id,
                "Asia/Jakarta",
                [p._replace(raw=f"{p.pin}\t{p.device_time}".encode()) for p in decoded],
                [],
                self.city.clock.now(),
            )

    # -- the referee -----------------------------------------------------------------------------------------------

    def decoded(self) -> list[Any]:
        log = self.terminal.state.log
        return decode(log.layout, log.read(0, log.body_bytes)).punches

    def held(self) -> Counter[tuple[str, datetime]]:
        return Counter((punch.pin, punch.device_time) for punch in self.decoded())

    def stored(self) -> Counter[tuple[str, datetime]]:
        return Counter(self.city.stored())

    def judge(self) -> None:
        stored = self.stored()
        ever = Counter((punch.pin, punch.device_time) for punch in self.terminal.ever_punched)
        assert not stored - ever, "stored more often than punched"
        assert not self.held() - stored, "the terminal holds it, but it is not stored"
        assert self.terminal.forbidden_seen == []


class ListenedHistory(History):
    """A history in which a poll comes before anything is taken away, so that everything ever punched must be stored."""

    def clear(self, number: int) -> None:
        self._heal_and_poll()
        super().clear(number)

    def delete_head(self, number: int) -> None:
        self._heal_and_poll()
        super().delete_head(number)

    def backup(self, number: int) -> None:
        self._heal_and_poll()
        super().backup(number)

    def restore(self, number: int) -> None:
        self._heal_and_poll()
        super().restore(number)

    def _touch(self, pin: str) -> None:
        capacity = self.terminal.config.record_capacity
        if self.terminal.config.when_full is not WhenFull.REFUSE and len(self.unseen_since_poll) >= capacity // 3:
            self._heal_and_poll()
        super()._touch(pin)

    def _heal_and_poll(self) -> None:
        self.terminal.heal()
        self.city.clock.shift += timedelta(hours=2)
        self._poll(full=False)
        self.unseen_since_poll.clear()

    def judge(self) -> None:
        super().judge()
        ever = Counter((punch.pin, punch.device_time) for punch in self.terminal.ever_punched)
        assert self.stored() == ever
        unreadable, kept = Counter(self.terminal.ever_unreadable), Counter(self.city.unreadable())
        # One that was written after a backup was restored, or oldest ones dropped, may be like one that had gone.
        may_be_alike = self.has_restored or self.terminal.config.when_full is not WhenFull.REFUSE
        assert kept <= unreadable if may_be_alike else kept == unreadable


@contextmanager
def fresh_city(server: Server) -> Any:
    """Give a city on a database that is emptied, which is quicker than a new one."""
    with server.database() as url, Fleet() as fleet:
        store = Store.at(url)
        try:
            yield lambda: _emptied(store, fleet)
        finally:
            store.dispose()


def _emptied(store: Store, fleet: Fleet) -> City:
    with store.begin_as_owner() as connection:
        connection.execute(text("TRUNCATE unit, device CASCADE"))
    return City(store, fleet)


steps = st.lists(st.tuples(st.sampled_from(STEPS), st.integers(0, 999)), min_size=6, max_size=25)
CONFIGS: dict[str, dict[str, Any]] = {
    **{f"{layout}": {"layout": layout} for layout in LAYOUTS},
    "udp": {"transport": "udp", "always_long_form": True},
    "no inline": {"inline_bytes": 64},
    "frozen": {"frozen_buffer": True, "sizes_bytes": 80},
    "ring": {"record_capacity": 150, "when_full": WhenFull.RING},
    "DelRecord": {"record_capacity": 150, "when_full": WhenFull.DELETE_OLDEST, "delete_when_full": 30},
    "refuse": {"record_capacity": 150, "when_full": WhenFull.REFUSE},
}


@pytest.mark.parametrize("name", CONFIGS)
def test_whatever_happens_what_the_terminal_holds_is_stored_and_nothing_twice(server: Server, name: str) -> None:
    run(server, History, CONFIGS[name])


@pytest.mark.parametrize("name", CONFIGS)
def test_where_polls_come_before_losses_all_that_was_ever_punched_is_stored(server: Server, name: str) -> None:
    run(server, ListenedHistory, CONFIGS[name])


def run(server: Server, kind: type[History], config: dict[str, Any]) -> None:
    with fresh_city(server) as city:

        @settings(
            max_examples=4, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck)
        )
        @given(steps)
        def live(history: list[Step]) -> None:
            kind(city(), **config).live(history)

        live()
