"""Poll one terminal: count gate, log read, and everything that is to be kept in one transaction."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Final
from zoneinfo import ZoneInfo

from eabsensi.clock import Clock
from eabsensi.collecting.gaps import Since, gaps_of, overwrites
from eabsensi.collecting.outcome import OK, PollOrder, PollOutcome
from eabsensi.collecting.quiet import QuietPoll, QuietPolls
from eabsensi.collecting.schedule import audit_is_due, heavy_bytes_at
from eabsensi.collecting.telling import FULL, remark_on, verdict_on
from eabsensi.collecting.terminal import ClockReading, CommKeys, endpoint_of, read_clock
from eabsensi.devices.allowance import Allowance, Budget
from eabsensi.devices.attlog import Punch
from eabsensi.devices.bulk import SLOWEST_BYTES
from eabsensi.devices.errors import CancelledError, DeviceError, RefusedError
from eabsensi.devices.link import Traffic
from eabsensi.devices.logread import LogReading, LogRequest, ReadMode, read_log, unchanged
from eabsensi.devices.session import Patience, Session
from eabsensi.devices.sizes import Sizes
from eabsensi.devices.waiting import Deadline, StopSignal
from eabsensi.errors import EabsensiError, SettingsError
from eabsensi.store.connection import Connection
from eabsensi.store.database import Store
from eabsensi.store.dependents import LogAdvance, mark_coverage
from eabsensi.store.devicelog import DeviceLog
from eabsensi.store.devices import StoredDevice, save_identity
from eabsensi.store.dirty import mark_touched
from eabsensi.store.ingest import IngestResult, StaleLogError, record_poll
from eabsensi.store.known import known_punches, known_records
from eabsensi.store.loggaps import note_gaps
from eabsensi.store.pollkeeping import PollFacts

__all__ = ["FULL_POLL_SECONDS", "OK", "POLL_SECONDS", "PollOrder", "PollOutcome", "Poller"]

#: Seconds that a poll may take in all; one that reads a whole log may take longer.
POLL_SECONDS: Final = 120.0
FULL_POLL_SECONDS: Final = 1_800.0


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
        budget: Budget | None = None,
    ) -> None:
        """Prepare polling.

        Args:
            store: where punches are kept.
            clock: tells the time.
            comm_keys: gives the comm key behind a name.
            collector: this process's name in poll rows and leases.
            stop: wakes and ends every wait.
            patience: how long terminals may be silent.
            budget: what all polls may hold of terminals' bytes at the same time; a usual one where none is given.

        """
        self._budget = budget or Budget()
        self._store = store
        self._quiet_polls = QuietPolls(store)
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
        with self._budget.allowance(device.record_capacity) as allowance:
            return _OnePoll(self, device, order, allowance).run(session)

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

    def __init__(self, poller: Poller, device: StoredDevice, order: PollOrder, allowance: Allowance) -> None:
        self._poller = poller
        self._allowance = allowance
        self._store = poller._store  # noqa: SLF001 - the two classes are one mechanism
        self._clock = poller._clock  # noqa: SLF001 - as above
        self._quiet_polls = poller._quiet_polls  # noqa: SLF001 - as above
        self._device = device
        self._order = order
        self._started_at = self._clock.now()
        self._started = self._clock.monotonic()
        self._traffic = Traffic()
        self._sizes = Sizes()
        self._clock_reading = ClockReading(self._started_at, None)

    def run(self, session: Session | None) -> tuple[PollOutcome, Session | None]:
        log = self._known_log(session)
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
        session.limit(self._allowance)
        try:
            outcome = self._read(session, log, before, full=full)
        except (DeviceError, StaleLogError) as error:
            session.close()
            self._traffic = _difference(session.traffic, before)
            return self._failed(error, log), None
        except BaseException:
            session.close()
            raise
        session.limit(None)
        return outcome, session

    def _known_log(self, held: Session | None) -> DeviceLog:
        """Load how far the log was read; where the database is away, nobody goes on with a held session."""
        try:
            return self._quiet_polls.log_of(self._device.id)
        except BaseException:
            if held is not None:
                held.close()
            raise

    def _ready(self, session: Session | None, *, full: bool) -> Session:
        deadline = self._order.deadline(FULL_POLL_SECONDS if full else POLL_SECONDS)
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
        # Some models tell a smaller capacity than they have; what they hold by their own count, they may send.
        self._allowance.widen(max(self._sizes.record_capacity or 0, self._sizes.records or 0) or None)
        reading = None
        if full or not self._nothing_new(log):
            lengthen = partial(self._lengthen, session)
            reading = read_log(session, replace(self._request(log, full=full), lengthen=lengthen))
        self._traffic = _difference(session.traffic, before)
        return self._keep(log, reading, complete_through, full=full)

    def _lengthen(self, session: Session, count: int) -> None:
        """Give the reading of so many bytes the time that the slowest line needs; a tail has no half an hour."""
        seconds = min(FULL_POLL_SECONDS, POLL_SECONDS + max(0, count) / SLOWEST_BYTES)
        session.extend(self._order.deadline(seconds))

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
        may_refuse = self._may_refuse(log, reading)
        remark = remark_on(reading) or (FULL if may_refuse else "")
        facts = self._facts(
            mode="audit" if full else str(reading.mode if reading else ReadMode.COUNT),
            outcome=OK,
            error=remark or None,
            records_read=reading.records_read if reading else 0,
            complete_through=None if missing or may_refuse else complete_through,
            verified=reading is not None,
            full=full or (reading is not None and reading.is_of_all),
        )
        is_quiet = reading is None and not self._tells_another_capacity()
        if is_quiet and self._quiet_polls.keep(QuietPoll(facts, log)):
            return self._succeeded(facts, None, IngestResult(None, 0, 0, 0, frozenset()))
        with self._store.begin() as connection:
            result = record_poll(
                connection,
                facts,
                timezone=self._device.timezone,
                log_version=log.version,
                reading=reading,
            )
            mark_touched(connection, self._device.id, result.touched, "punch")
            self._note_gaps(connection, log, reading, result, complete_through)
            if facts.complete_through is not None:
                advance = LogAdvance(self._device.id, log.complete_through, facts.complete_through)
                mark_coverage(connection, [advance])
            self._keep_capacity(connection)
        return self._succeeded(facts, reading, result)

    def _may_refuse(self, log: DeviceLog, reading: LogReading | None) -> bool:
        """Whether the log is full, and nothing shows that the terminal then overwrites its oldest records."""
        is_full = self._sizes.records is not None and self._sizes.records == self._sizes.record_capacity
        return is_full and not overwrites(reading, log)

    def _note_gaps(
        self,
        connection: Connection,
        log: DeviceLog,
        reading: LogReading | None,
        result: IngestResult,
        through: datetime,
    ) -> None:
        """Keep what is lost of the time since the log was read before, so that nobody is absent for it."""
        if reading is None or log.complete_through is None:
            return
        offset = self._clock_reading.offset_seconds
        since = Since(self._device.id, ZoneInfo(self._device.timezone), log.complete_through, through, offset)
        gaps = gaps_of(since, reading, result.touched)
        note_gaps(connection, gaps, poll_id=result.poll_id, noted_at=self._clock.now())

    def _tells_another_capacity(self) -> bool:
        return self._sizes.record_capacity not in {None, self._device.record_capacity}

    def _keep_capacity(self, connection: Connection) -> None:
        if not self._tells_another_capacity():
            return
        save_identity(
            connection,
            self._device.id,
            platform=None,
            firmware=None,
            model=None,
            mac=None,
            record_capacity=self._sizes.record_capacity,
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
        body = error.body if isinstance(error, DeviceError) else b""
        if not isinstance(error, CancelledError):
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
