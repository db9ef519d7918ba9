"""Poll one terminal: count gate, log read, and everything that is to be kept in one transaction."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from eabsensi.clock import Clock
from eabsensi.collecting.schedule import audit_is_due, heavy_bytes_at
from eabsensi.collecting.telling import remark_on, verdict_on
from eabsensi.collecting.terminal import ClockReading, CommKeys, endpoint_of, read_clock
from eabsensi.devices.attlog import Punch
from eabsensi.devices.errors import DeviceError, LayoutUnknownError, Policy, RefusedError
from eabsensi.devices.link import Traffic
from eabsensi.devices.logread import LogReading, LogRequest, ReadMode, read_log, unchanged
from eabsensi.devices.session import Patience, Session
from eabsensi.devices.sizes import Sizes
from eabsensi.devices.waiting import Deadline, StopSignal
from eabsensi.errors import EabsensiError, SettingsError
from eabsensi.store.connection import Connection
from eabsensi.store.database import Store
from eabsensi.store.dependents import mark_coverage
from eabsensi.store.devicelog import DeviceLog, load_device_log
from eabsensi.store.devices import StoredDevice, save_identity
from eabsensi.store.dirty import mark_touched
from eabsensi.store.ingest import IngestResult, PollFacts, StaleLogError, record_poll
from eabsensi.store.known import known_punches, known_records

#: Seconds that a poll may take in all; one that reads a whole log may take longer.
POLL_SECONDS: Final = 120.0
FULL_POLL_SECONDS: Final = 1_800.0

OK: Final = "ok"


@dataclass(frozen=True, slots=True)
class PollOrder:
    """How a poll is to be done.

    Attributes:
        full: read the whole log, as the audit does.
        scheduled: quiet hours and the nightly audit apply; they do not when a person asks.
        progress: called with bytes read and bytes in all, during a whole read.
        on_open: called once the terminal has opened a session and told the right serial.

    """

    full: bool = False
    scheduled: bool = False
    progress: Callable[[int, int], None] | None = None
    on_open: Callable[[], None] | None = None


@dataclass(frozen=True, slots=True)
class PollOutcome:
    """What came of one poll.

    Attributes:
        serial: of the terminal.
        outcome: ``ok`` or the error's kind.
        error: the error's sentence, "" where there was none.
        policy: what to do after a failure; None after a success.
        mode: how the log was read.
        records_on_device: by the device's own count; None where it does not tell.
        records_read: records that came.
        punches_new, unreadable_new: of these, not stored before.
        missing: records that the device counts but did not deliver.
        clock_offset_seconds: terminal minus server.
        complete_through: up to when the log has surely been read, by this poll.
        traffic: what crossed the wire.
        touched: the (pin, date) of each new punch.
        seconds: how long it took.

    """

    serial: str
    outcome: str
    error: str = ""
    policy: Policy | None = None
    mode: ReadMode = ReadMode.COUNT
    records_on_device: int | None = None
    records_read: int = 0
    punches_new: int = 0
    unreadable_new: int = 0
    missing: int = 0
    clock_offset_seconds: float | None = None
    complete_through: datetime | None = None
    traffic: Traffic = field(default_factory=Traffic)
    touched: frozenset[tuple[str, object]] = frozenset()
    seconds: float = 0.0

    @property
    def is_ok(self) -> bool:
        """Whether the terminal was read."""
        return self.outcome == OK


class Poller:
    """Polls terminals one at a time; one instance serves many threads."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        comm_keys: CommKeys,
        *,
        collector: str,
        stop: StopSignal | None = None,
        patience: Patience | None = None,
    ) -> None:
        """Prepare polling.

        Args:
            store: where punches are kept.
            clock: tells the time.
            comm_keys: gives the comm key behind a name.
            collector: this process's name in poll rows and leases.
            stop: wakes and ends every wait.
            patience: how long terminals may be silent.

        """
        self._store = store
        self._clock = clock
        self._comm_keys = comm_keys
        self._collector = collector
        self._stop = stop
        self._patience = patience or Patience()

    def poll(self, device: StoredDevice, order: PollOrder | None = None) -> PollOutcome:
        """Poll over a session of its own, which is closed afterwards; see :meth:`poll_held`."""
        outcome, session = self.poll_held(device, order or PollOrder(), None)
        if session is not None:
            session.close()
        return outcome

    def poll_held(
        self, device: StoredDevice, order: PollOrder, session: Session | None
    ) -> tuple[PollOutcome, Session | None]:
        """Poll over a held session, or a new one, and leave it open.

        Args:
            device: the registered terminal.
            order: how to poll.
            session: one that is open already; None to open one.

        Returns:
            What came of it, and the session where it may be used on; after a failure it was closed. Failures of the
            terminal are outcomes, kept as poll rows; they are not raised.

        Raises:
            DatabaseUnavailableError: nothing was kept; the same records come with the next poll.

        """
        return _OnePoll(self, device, order).run(session)

    def open_session(self, device: StoredDevice, deadline: Deadline) -> Session:
        """Open a session and make sure of the serial; see :class:`Session` for errors."""
        session = Session(
            endpoint_of(device, self._comm_keys, self._patience),
            deadline=deadline,
            stop=self._stop,
        )
        try:
            session.require_serial(device.serial)
        except BaseException:
            session.close()
            raise
        return session


class _OnePoll:
    """The state of one poll on its way through the house."""

    def __init__(self, poller: Poller, device: StoredDevice, order: PollOrder) -> None:
        self._poller = poller
        self._store = poller._store  # noqa: SLF001 - the two classes are one mechanism
        self._clock = poller._clock  # noqa: SLF001 - as above
        self._device = device
        self._order = order
        self._started_at = self._clock.now()
        self._started = self._clock.monotonic()
        self._traffic = Traffic()
        self._sizes = Sizes()
        self._clock_reading = ClockReading(self._started_at, None)

    def run(self, session: Session | None) -> tuple[PollOutcome, Session | None]:
        with self._store.begin() as connection:
            log = load_device_log(connection, self._device.id)
        full = self._order.full or self._audits_now(log)
        before = replace(session.traffic) if session else Traffic()
        try:
            session = self._ready(session, full=full)
        except (DeviceError, SettingsError) as error:
            if session is not None:
                session.close()
            return self._failed(error, None), None
        if self._order.on_open is not None:
            self._order.on_open()
        try:
            return self._read(session, log, before, full=full), session
        except (DeviceError, StaleLogError) as error:
            session.close()
            self._traffic = _difference(session.traffic, before)
            return self._failed(error, log), None
        except BaseException:
            session.close()
            raise

    def _ready(self, session: Session | None, *, full: bool) -> Session:
        deadline = Deadline.after(FULL_POLL_SECONDS if full else POLL_SECONDS)
        if session is None:
            return self._poller.open_session(self._device, deadline)
        session.extend(deadline)
        if self._device.transport == "udp":
            # Nothing tells that another terminal has taken over the address, as a broken connection would.
            session.require_serial(self._device.serial)
        return session

    def _read(self, session: Session, log: DeviceLog, before: Traffic, *, full: bool) -> PollOutcome:
        self._clock_reading = read_clock(session, self._clock, self._device.timezone)
        # Whatever was punched before this instant is in the log that is read from here on.
        complete_through = self._clock.now()
        with contextlib.suppress(RefusedError):
            # A terminal that does not tell its counters still tells how long its log is.
            self._sizes = session.sizes()
        reading = None
        if full or not self._nothing_new(log):
            session.extend(Deadline.after(FULL_POLL_SECONDS))
            reading = read_log(session, self._request(log, full=full))
        self._traffic = _difference(session.traffic, before)
        return self._keep(log, reading, complete_through, full=full)

    def _keep(
        self,
        log: DeviceLog,
        reading: LogReading | None,
        complete_through: datetime,
        *,
        full: bool,
    ) -> PollOutcome:
        """Store everything in one transaction, so that a crash leaves either all of this poll or nothing."""
        missing = reading.missing if reading else 0
        remark = remark_on(reading)
        facts = self._facts(
            mode="audit" if full else str(reading.mode if reading else ReadMode.COUNT),
            outcome=OK,
            error=remark or None,
            records_read=reading.records_read if reading else 0,
            complete_through=None if missing else complete_through,
            verified=reading is not None,
            full=full or (reading is not None and reading.mode is ReadMode.FULL),
        )
        with self._store.begin() as connection:
            result = record_poll(
                connection,
                facts,
                timezone=self._device.timezone,
                log_version=log.version,
                reading=reading,
            )
            mark_touched(connection, self._device.id, result.touched, "punch")
            if facts.complete_through is not None:
                mark_coverage(connection, self._device.id, log.complete_through, facts.complete_through)
            self._keep_capacity(connection)
        return self._succeeded(facts, reading, result)

    def _keep_capacity(self, connection: Connection) -> None:
        told = self._sizes.record_capacity
        if told is None or told == self._device.record_capacity:
            return
        save_identity(
            connection,
            self._device.id,
            platform=None,
            firmware=None,
            model=None,
            mac=None,
            record_capacity=told,
            user_capacity=self._sizes.user_capacity,
        )

    def _succeeded(self, facts: PollFacts, reading: LogReading | None, result: IngestResult) -> PollOutcome:
        return PollOutcome(
            serial=self._device.serial,
            outcome=OK,
            error=facts.error or "",
            mode=reading.mode if reading else ReadMode.COUNT,
            records_on_device=self._sizes.records,
            records_read=facts.records_read,
            punches_new=result.new,
            unreadable_new=result.unreadable_new,
            missing=reading.missing if reading else 0,
            clock_offset_seconds=facts.clock_offset_seconds,
            complete_through=facts.complete_through,
            traffic=self._traffic,
            touched=frozenset(result.touched),
            seconds=self._clock.monotonic() - self._started,
        )

    def _failed(self, error: EabsensiError, log: DeviceLog | None) -> PollOutcome:
        """Keep a failed poll as evidence that the terminal was asked; it moves no position."""
        kind, policy = verdict_on(error)
        facts = self._facts(mode=str(ReadMode.COUNT), outcome=kind, error=str(error))
        body = error.body if isinstance(error, LayoutUnknownError) else b""
        if kind != "cancelled":
            with self._store.begin() as connection:
                record_poll(
                    connection,
                    facts,
                    timezone=self._device.timezone,
                    log_version=log.version if log else 0,
                    quarantined=(body, str(error)) if body else None,
                )
        return PollOutcome(
            serial=self._device.serial,
            outcome=kind,
            error=str(error),
            policy=policy,
            records_on_device=self._sizes.records,
            clock_offset_seconds=self._clock_reading.offset_seconds,
            traffic=self._traffic,
            seconds=self._clock.monotonic() - self._started,
        )

    def _facts(
        self,
        *,
        mode: str,
        outcome: str,
        error: str | None,
        records_read: int = 0,
        complete_through: datetime | None = None,
        verified: bool = False,
        full: bool = False,
    ) -> PollFacts:
        return PollFacts(
            device_id=self._device.id,
            collector=self._poller._collector,  # noqa: SLF001 - the two classes are one mechanism
            started_at=self._started_at,
            finished_at=self._clock.now(),
            mode=mode,
            outcome=outcome,
            error=error,
            records_on_device=self._sizes.records,
            records_read=records_read,
            bytes_sent=self._traffic.bytes_sent,
            bytes_received=self._traffic.bytes_received,
            round_trips=self._traffic.round_trips,
            clock_offset_seconds=self._clock_reading.offset_seconds,
            complete_through=complete_through,
            verified=verified,
            full=full,
        )

    def _request(self, log: DeviceLog, *, full: bool) -> LogRequest:
        local = self._local_now()
        return LogRequest(
            position=log.position,
            sizes=self._sizes,
            not_after=local + timedelta(seconds=max(0.0, self._clock_reading.offset_seconds or 0.0)),
            known=self._known,
            same=self._same,
            full=full,
            heavy_bytes=heavy_bytes_at(local) if self._order.scheduled else None,
            progress=self._order.progress,
        )

    def _known(self, punches: Sequence[Punch]) -> list[bool]:
        with self._store.begin() as connection:
            return known_punches(connection, self._device.id, punches)

    def _same(self, punches: Sequence[Punch]) -> list[bool]:
        with self._store.begin() as connection:
            return known_records(connection, self._device.id, punches)

    def _nothing_new(self, log: DeviceLog) -> bool:
        seconds = (self._started_at - log.verified_at).total_seconds() if log.verified_at else None
        return unchanged(log.position, log.records_on_device, self._sizes, seconds)

    def _audits_now(self, log: DeviceLog) -> bool:
        if not self._order.scheduled or log.position is None:
            return False
        return audit_is_due(self._device.serial, self._local_now(), log.last_full_at, self._started_at)

    def _local_now(self) -> datetime:
        return self._started_at.astimezone(ZoneInfo(self._device.timezone)).replace(tzinfo=None)


def _difference(after: Traffic, before: Traffic) -> Traffic:
    return Traffic(
        after.bytes_sent - before.bytes_sent,
        after.bytes_received - before.bytes_received,
        after.round_trips - before.round_trips,
    )
