"""The collector: keeps a fleet polled, each terminal at its own phase, and holds the live ones' sessions."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any, Final

import structlog

from eabsensi.clock import Clock
from eabsensi.collecting.hearing import Hearing
from eabsensi.collecting.leasing import Leases, LeaseTerms
from eabsensi.collecting.poll import Poller, PollOrder, PollOutcome
from eabsensi.collecting.schedule import MOST_WORKERS, Breaker, DueHeap, next_turn, share, workers_needed
from eabsensi.collecting.slots import MOST_SLOW, SLOW_SECONDS, PollSlot, PollSlots
from eabsensi.devices.attlog import Punch
from eabsensi.devices.errors import DeviceError
from eabsensi.devices.live import LiveWatch
from eabsensi.devices.session import Session
from eabsensi.store.database import DatabaseUnavailableError, Store
from eabsensi.store.devices import StoredDevice
from eabsensi.store.requests import take_requests

#: Outcomes that say nothing of the terminal: the collector broke the poll off.
BROKEN_OFF: Final = ("cancelled", "lease_over")
#: And those after which the same poll is not tried over another connection at once.
GAVE_WAY: Final = (*BROKEN_OFF, "crowded")
#: Seconds between two polls of a terminal.
INTERVAL: Final = 300.0
#: After a live event the log is read this soon, so that the event becomes evidence; events in between share the read.
AFTER_EVENT_SECONDS: Final = 5.0
AFTER_LOSS_SECONDS: Final = 1.0
DATABASE_AWAY_SECONDS: Final = 15.0
#: After a start, a terminal a twentieth of a second, and all of them within half a minute.
START_SECONDS_EACH: Final = 0.05
LONGEST_START_SECONDS: Final = 30.0
#: A terminal that is due while it is being read is looked at again after this.
STILL_BUSY_SECONDS: Final = 1.0


@dataclass(slots=True)
class _Member:
    """A terminal of the fleet and what the collector remembers of it."""

    device: StoredDevice
    breaker: Breaker = field(default_factory=Breaker)
    outcome: str = ""
    requested: PollOrder | None = None
    #: Whether its last poll lasted so long that it waits for the slow ones' slots.
    slow: bool = False


class Collector:
    """Dispatches due polls to a bounded pool. Thread-safe.

    Attributes:
        leases: this collector's; enter them before the first tick.
        watch: holds the live sessions; its loop runs in a thread of the caller's.
        hearing: keeps what they say, likewise.

    """

    def __init__(
        self,
        store: Store,
        poller: Poller,
        clock: Clock,
        *,
        name: str,
        interval: float = INTERVAL,
        terms: LeaseTerms | None = None,
        on_bug: Callable[[BaseException], None],
        on_marked: Callable[[], None] = lambda: None,
    ) -> None:
        """Prepare; :meth:`set_fleet` gives it something to do.

        Args:
            store: where punches are kept.
            poller: how one terminal is polled.
            clock: tells the time.
            name: this collector's, in its leases.
            interval: seconds between two polls of a terminal.
            terms: how long its leases last.
            on_bug: told of an exception that nobody foresaw, so that the process ends loudly.
            on_marked: called when days have just been marked for judging; it must return at once.

        """
        self._store = store
        self.leases = Leases(store, name, on_lost=self._leases_lost, on_bug=on_bug, terms=terms)
        self.hearing = Hearing(store, clock, on_kept=on_marked)
        self.watch = LiveWatch(on_punches=self._heard, on_lost=self._lost)
        self._poller = poller
        self._clock = clock
        self._interval = interval
        self._on_bug = on_bug
        self._on_marked = on_marked
        self._log = structlog.get_logger()
        self._lock = threading.RLock()
        self._members: dict[str, _Member] = {}
        self._busy: set[str] = set()
        self._heap = DueHeap()
        self._pool = ThreadPoolExecutor(MOST_WORKERS + MOST_SLOW, thread_name_prefix="poll")
        self._slots = PollSlots(self._others_wait, clock.monotonic)
        self._mean_seconds = 1.0
        self._ended = False

    @property
    def status(self) -> str:
        """One line for ``systemctl status``."""
        with self._lock:
            bad = sum(member.outcome not in {"", "ok", "held"} for member in self._members.values())
            return (
                f"{len(self._members)} terminals, {bad} failing, {len(self.watch.serials)} live, "
                f"{self._slots.quick} of {self._limit()} workers busy, {self._slots.slow} slow terminals beside them"
            )

    def set_fleet(self, devices: Sequence[StoredDevice]) -> None:
        """Replace the fleet at once; polls under way end by themselves, terminals that stay keep their turn."""
        fleet = {device.serial: device for device in devices}
        with self._lock:
            gone = set(self._members) - set(fleet)
            changed = {serial for serial, device in fleet.items() if self._is_changed(serial, device)}
            left = {serial: self._members[serial].device.id for serial in gone | changed}
            self._heap.remove(gone)
            for serial in gone:
                del self._members[serial]
        # Sessions end before their terminals are due again: a terminal takes one client at a time.
        for serial, device_id in left.items():
            if self._let_go(serial):
                self.leases.drop(device_id)
        with self._lock:
            for serial, device in fleet.items():
                if serial in changed or serial not in self._members:
                    before = self._members.get(serial)
                    self._members[serial] = _Member(device, requested=before.requested if before else None)
                    self._put(self._members[serial], self._first_turn(serial, len(fleet)))
                else:
                    self._members[serial].device = device

    def _is_changed(self, serial: str, device: StoredDevice) -> bool:
        """Tell whether a terminal is now reached or read otherwise; what it tells of itself is no change."""
        member = self._members.get(serial)
        return member is not None and _entry(member.device) != _entry(device)

    def tick(self) -> None:
        """Take what people asked for, and start what is due. Called every second."""
        try:
            self._take_requests()
        except DatabaseUnavailableError as error:
            self._log.debug("requests not read", error=str(error))
        self._dispatch()

    def _heard(self, serial: str, punches: list[Punch]) -> None:
        """Keep live events, provisionally, and read that log soon."""
        with self._lock:
            member = self._members.get(serial)
            self._heap.hasten(serial, self._clock.monotonic() + AFTER_EVENT_SECONDS)
        if member is not None:
            self.hearing.hear(member.device, punches)

    def _lost(self, serial: str, error: DeviceError) -> None:
        """Read a terminal's log as soon as it answers again, since events were missed meanwhile."""
        self._log.info("live session lost", serial=serial, reason=str(error))
        with self._lock:
            self._heap.hasten(serial, self._clock.monotonic() + AFTER_LOSS_SECONDS)

    def _leases_lost(self, device_ids: set[int]) -> None:
        """Let go of terminals that another collector may have taken over; nothing more is said to them."""
        with self._lock:
            serials = [serial for serial, member in self._members.items() if member.device.id in device_ids]
        self._log.warning("leases lost", serials=serials)
        for serial in serials:
            session = self.watch.borrow(serial)
            if session is not None:
                session.hang_up()

    def shut_down(self) -> None:
        """Start nothing more and wait for polls under way; the stop signal ends their waits."""
        with self._lock:
            self._ended = True
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _first_turn(self, serial: str, fleet: int) -> float:
        """Spread the first polls over a moment that grows with the fleet, in the order of the fixed phases."""
        spread = min(self._interval, LONGEST_START_SECONDS, fleet * START_SECONDS_EACH)
        return self._clock.monotonic() + share(serial) * spread

    def _take_requests(self) -> None:
        with self._lock:
            by_id = {member.device.id: serial for serial, member in self._members.items()}
        with self._store.begin() as connection:
            requests = take_requests(connection, sorted(by_id))
        with self._lock:
            for device_id, full in requests:
                member = self._members.get(by_id[device_id])
                if member is not None:
                    was_full = member.requested is not None and member.requested.full
                    member.requested = PollOrder(full=full or was_full)
                    self._heap.hasten(by_id[device_id], self._clock.monotonic())

    def _limit(self) -> int:
        """Give how many quick polls may run: those that the fleet needs at all times, and those that the due need."""
        due = self._heap.due(self._clock.monotonic())
        return workers_needed(len(self._members), self._mean_seconds, self._interval, due=due, most=MOST_WORKERS)

    def _others_wait(self) -> bool:
        with self._lock:
            return self._heap.due(self._clock.monotonic()) > 0

    def _dispatch(self) -> None:
        with self._lock:
            while not self._ended and (serial := self._next_due()) is not None:
                if serial in self._busy:
                    # Its entry was changed while it is being read: two sessions at once are never opened.
                    self._put(self._members[serial], self._clock.monotonic() + STILL_BUSY_SECONDS)
                else:
                    self._start(serial)

    def _next_due(self) -> str | None:
        """Take out the terminal that has been due longest and for whose kind there is a slot."""
        serial, now = None, self._clock.monotonic()
        if self._slots.quick < self._limit():
            serial = self._heap.pop_due(now)
        if serial is None and self._slots.slow < MOST_SLOW:
            serial = self._heap.pop_due(now, slow=True)
        return serial

    def _put(self, member: _Member, due_at: float) -> None:
        """Set when a terminal is due, unless it has left the fleet."""
        with self._lock:
            if self._members.get(member.device.serial) is member:
                self._heap.put(member.device.serial, due_at, slow=member.slow)

    def _start(self, serial: str) -> None:
        member = self._members[serial]
        self._busy.add(serial)
        slot = self._slots.take(slow=member.slow)
        future = self._pool.submit(self._work, member, slot)
        future.add_done_callback(lambda done: self._done(serial, slot, done))

    def _done(self, serial: str, slot: PollSlot, future: Future[Any]) -> None:
        with self._lock:
            self._slots.give_back(slot)
            self._busy.discard(serial)
        if future.cancelled():
            return
        error = future.exception()
        if error is not None:
            self._on_bug(error)
            return
        self._dispatch()

    def _work(self, member: _Member, slot: PollSlot) -> None:
        with self._lock:
            asked, member.requested = member.requested, None
        order = asked or PollOrder(scheduled=True)
        try:
            if not self.leases.take(member.device.id):
                self._note_elsewhere(member)
                self._ask_again(member, asked)
                return
            order = replace(order, deadline=slot.deadlines(self.leases.deadlines(member.device.id)))
            outcome, session = self._poll(member.device, order)
        except DatabaseUnavailableError as error:
            self._ask_again(member, asked)
            self._database_away(member, error)
            return
        self._note(member, outcome)
        if session is None or not self._hold(member, session):
            self.leases.drop(member.device.id)
        member.slow = slot.turned_slow
        with self._lock:
            self._put(member, self._clock.monotonic() if member.requested else self._turn_after(member, outcome))

    def _ask_again(self, member: _Member, asked: PollOrder | None) -> None:
        """Keep in mind what a person asked for and what could not be done now."""
        with self._lock:
            member.requested = member.requested or asked

    def _poll(self, device: StoredDevice, order: PollOrder) -> tuple[PollOutcome, Session | None]:
        """Poll over the held session where there is one; when that has gone stale, over a new one."""
        held = self.watch.borrow(device.serial) if device.live else None
        if held is not None:
            outcome, session = self._poller.poll_held(device, order, held)
            if outcome.is_ok or outcome.outcome in GAVE_WAY:
                return outcome, session
        return self._poller.poll_held(device, order, None)

    def _hold(self, member: _Member, session: Session) -> bool:
        """Give a live terminal's session to the watch; close any other."""
        serial = member.device.serial
        try:
            if self._is_wanted_live(member):
                # For as long as the lease is renewed.
                session.extend(self.leases.deadlines(member.device.id)(math.inf))
                session.register_events()
                with self._lock:
                    # Under the lock, so that whoever changes the fleet lets go after this, not before.
                    if self._is_wanted_live(member):
                        self.watch.hold(serial, session)
                        return True
        except DeviceError as error:
            self._log.info("no live events", serial=serial, reason=str(error))
        session.close()
        return False

    def _is_wanted_live(self, member: _Member) -> bool:
        with self._lock:
            is_current = self._members.get(member.device.serial) is member
            return member.device.live and is_current and not self._ended

    def _turn_after(self, member: _Member, outcome: PollOutcome) -> float:
        now = self._clock.monotonic()
        if outcome.policy is None:
            member.breaker.succeeded()
            return next_turn(member.device.serial, now, self._interval)
        return now + member.breaker.failed(outcome.policy, self._interval)

    def _note_elsewhere(self, member: _Member) -> None:
        if member.outcome != "held":
            self._log.info("read by another collector", serial=member.device.serial)
        member.outcome = "held"
        self._put(member, self._clock.monotonic() + self._interval / 4)

    def _note(self, member: _Member, outcome: PollOutcome) -> None:
        """Log news: new punches, and the change from good to bad or back, not every failed poll."""
        if not member.slow:  # what a slow one takes beyond that, it takes of a slow slot
            self._mean_seconds = 0.95 * self._mean_seconds + 0.05 * min(outcome.seconds, SLOW_SECONDS)
        before, member.outcome = member.outcome, outcome.outcome
        log = self._log.bind(serial=outcome.serial, unit=member.device.unit_code)
        if not outcome.is_ok and outcome.outcome not in {before, *BROKEN_OFF}:
            log.warning("terminal fails", outcome=outcome.outcome, error=outcome.error)
        if outcome.is_ok and before not in {"", "ok", "held"}:
            log.info("terminal answers again", after=before)
        if outcome.punches_new or outcome.unreadable_new or outcome.missing:
            self._on_marked()
            log.info(
                "punches kept",
                new=outcome.punches_new,
                unreadable=outcome.unreadable_new,
                missing=outcome.missing,
                mode=str(outcome.mode),
            )

    def _database_away(self, member: _Member, error: DatabaseUnavailableError) -> None:
        self._log.warning("database away", serial=member.device.serial, error=str(error))
        self._let_go(member.device.serial)
        with self._lock:
            has_left = member.device.serial not in self._members
        if has_left:  # else it is asked again soon, and keeps its lease until then
            self.leases.drop(member.device.id)
        self._put(member, self._clock.monotonic() + min(DATABASE_AWAY_SECONDS, self._interval))

    def _let_go(self, serial: str) -> bool:
        """Close a held session; tells whether there was one."""
        session = self.watch.borrow(serial)
        if session is not None:
            session.close()
        return session is not None


def _entry(device: StoredDevice) -> tuple[object, ...]:
    """Give what devices.yaml says of a terminal."""
    reached = (device.host, device.port, device.transport, device.comm_key_name)
    return (*reached, device.timezone, device.encoding, device.unit_code, device.live)
