"""The daemon: `eabsensi run` under systemd. Signals, wall-clock jobs, signs of life; the collector does the work."""

from __future__ import annotations

import os
import queue
import secrets
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from datetime import UTC, date, timedelta
from typing import Any, Final

import structlog
from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_MAX_INSTANCES, EVENT_JOB_MISSED, JobEvent
from apscheduler.executors.pool import ThreadPoolExecutor as JobPool
from apscheduler.schedulers.background import BackgroundScheduler

from eabsensi.assessing.assessor import Assessor
from eabsensi.clock import Clock
from eabsensi.collecting.collector import INTERVAL, Collector
from eabsensi.collecting.fleet import load_fleet
from eabsensi.collecting.leasing import LeaseTerms
from eabsensi.collecting.poll import Poller
from eabsensi.collecting.sdnotify import notify, watchdog_seconds
from eabsensi.collecting.terminal import CommKeys
from eabsensi.devices.session import Patience
from eabsensi.devices.waiting import StopSignal
from eabsensi.errors import EabsensiError
from eabsensi.sealing.chain import head_of
from eabsensi.sealing.sealer import seal_evidence
from eabsensi.settings import Settings
from eabsensi.store.database import DatabaseUnavailableError, Store
from eabsensi.store.live import forget_events
from eabsensi.store.partitions import ensure_months, may_make, missing_months

#: Punch partitions are made this far ahead, so that a month's first punch never waits for one.
PARTITIONS_AHEAD: Final = timedelta(days=70)
#: Live events are kept this long; what they announced stands in the log.
EVENTS_KEPT: Final = timedelta(days=7)
#: A tick that is this late means that the wall clock was set back under the scheduler.
LATE_TICK_SECONDS: Final = 10.0
_LOOK_SECONDS: Final = 5.0
#: Judging is woken by what the collector brings; what others mark waits this long.
_JUDGE_SECONDS: Final = 2.0
#: A round of judging that is under way ends with its batch; its marks wait for the next start.
_LAST_ROUND_SECONDS: Final = 5.0
_SEAL_SECONDS: Final = 60
#: So long a thread that computes keeps the others waiting, who take up each answer of the database: a tenth of Python's
#: own, since what a live touch means is asked in some thirty steps.
_SWITCH_SECONDS: Final = 0.000_5


def collector_name() -> str:
    """Give this process a name for leases and poll rows: host, process id, and what tells it from its host's clone."""
    return f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(2)}"


class Daemon:
    """One collector process, from its start to a signal."""

    def __init__(
        self,
        settings: Settings,
        store: Store,
        clock: Clock,
        comm_keys: CommKeys,
        *,
        interval: float = INTERVAL,
        terms: LeaseTerms | None = None,
        patience: Patience | None = None,
    ) -> None:
        """Prepare; :meth:`run` does the rest.

        Args:
            settings: names devices.yaml.
            store: the open database.
            clock: tells the time.
            comm_keys: gives the comm key behind a name.
            interval: seconds between two polls of a terminal.
            terms: how long its leases last.
            patience: how long terminals may be silent.

        """
        self._settings = settings
        self._store = store
        self._clock = clock
        self._log = structlog.get_logger()
        self._orders: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._stop = StopSignal()
        self._stopping = False
        self._bug: BaseException | None = None
        self._ticked_at = clock.monotonic()
        self._assessor = Assessor(store, clock, settings.policy)
        self._marked = threading.Event()
        self._judging_error = ""
        self._sealing_error = ""
        self._head_told_on: date | None = None
        name = collector_name()
        self._collector = Collector(
            store,
            Poller(store, clock, comm_keys, collector=name, stop=self._stop, patience=patience),
            clock,
            name=name,
            interval=interval,
            terms=terms,
            on_bug=self._crash,
            on_marked=self._marked.set,
        )

    def run(self) -> None:
        """Collect until SIGTERM or SIGINT; SIGHUP reads devices.yaml again. Call from the main thread.

        Raises:
            EabsensiError: the registry or the database cannot be used at the start.
            BaseException: a bug, from whichever thread; systemd restarts.

        """
        sys.setswitchinterval(_SWITCH_SECONDS)
        self._reload()
        self._make_partitions()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self._orders.put(self._end))
        signal.signal(signal.SIGHUP, lambda *_: self._orders.put(self._reload_announced))
        watching = self._thread("live", lambda: self._collector.watch.run(self._stop))
        hearing = self._thread("hearing", self._collector.hearing.run)
        judging = self._thread("judging", self._keep_judging)
        scheduler = self._scheduler()
        with self._collector.leases:
            for thread in (watching, hearing, judging):
                thread.start()
            scheduler.start()
            notify("READY=1", f"STATUS={self._collector.status}")
            self._log.info("collecting", status=self._collector.status)
            self._obey(scheduler)
            notify("STOPPING=1")
            scheduler.shutdown(wait=False)
            self._stop.set()
            self._collector.shut_down()
            watching.join()
            self._collector.hearing.end()
            hearing.join()
            self._marked.set()
            judging.join(_LAST_ROUND_SECONDS)
        self._log.info("stopped")
        if self._bug is not None:
            raise self._bug

    def _obey(self, scheduler: BackgroundScheduler) -> None:
        look_every = min(_LOOK_SECONDS, watchdog_seconds() or _LOOK_SECONDS)
        while not self._stopping:
            try:
                self._orders.get(timeout=look_every)()
            except queue.Empty:
                self._look(scheduler)

    def _look(self, scheduler: BackgroundScheduler) -> None:
        """Show signs of life while the tick lives, and start it again after the wall clock was set back."""
        late = self._clock.monotonic() - self._ticked_at
        if late < LATE_TICK_SECONDS:
            notify("WATCHDOG=1", f"STATUS={self._collector.status}")
        else:
            self._log.warning("tick is late; the clock may have been set back", seconds=round(late))
            scheduler.modify_job("tick", next_run_time=self._clock.now())

    def _end(self) -> None:
        self._stopping = True

    def _crash(self, error: BaseException) -> None:
        self._bug = self._bug or error
        self._orders.put(self._end)

    def _reload_announced(self) -> None:
        notify("RELOADING=1", f"MONOTONIC_USEC={time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000}")
        try:
            self._reload()
        except EabsensiError as error:
            self._log.error("devices.yaml not taken; the fleet stays as it was", error=str(error))
        notify("READY=1", f"STATUS={self._collector.status}")

    def _reload(self) -> None:
        fleet = load_fleet(self._settings, self._store, self._clock)
        for problem in fleet.problems:
            self._log.error("bad entry", where=problem.where, what=problem.what, remedy=problem.remedy)
        self._collector.set_fleet(fleet.devices)
        self._log.info("registry read", terminals=len(fleet.devices), problems=len(fleet.problems))

    def _make_partitions(self) -> None:
        """Make the months ahead where the database's user is their owner; else say which ones wait for `db upkeep`."""
        today = self._clock.now().date()
        ahead = (today, today + PARTITIONS_AHEAD)
        made = 0
        try:
            with self._store.begin_as_owner() as connection:
                if may_make(connection):
                    made = ensure_months(connection, *ahead)
                elif missing := missing_months(connection, *ahead):
                    self._log.warning("months missing; see eabsensi-upkeep.timer", first=f"{missing[0]:%Y-%m}")
        except DatabaseUnavailableError as error:
            self._log.warning("partitions not made", error=str(error))
            return
        if made:
            self._log.info("partitions made", count=made)

    def _forget_events(self) -> None:
        try:
            with self._store.begin() as connection:
                forgotten = forget_events(connection, self._clock.now() - EVENTS_KEPT)
        except DatabaseUnavailableError as error:
            self._log.warning("live events not tidied", error=str(error))
            return
        if forgotten:
            self._log.info("live events tidied", count=forgotten)

    def _tick(self) -> None:
        self._ticked_at = self._clock.monotonic()
        self._collector.tick()

    def _keep_judging(self) -> None:
        while not self._stopping:
            self._marked.wait(_JUDGE_SECONDS)
            self._marked.clear()
            if not self._stopping:
                self._judge()

    def _judge(self) -> None:
        """Judge what was marked; whatever keeps it from that never stops collecting, and marks wait."""
        try:
            done = self._assessor.run(lambda: not self._stopping)
        except EabsensiError as error:
            if str(error) != self._judging_error:
                self._log.error("not judging", error=str(error))
            self._judging_error = str(error)
            return
        self._judging_error = ""
        if done.judged:
            self._log.info("judged", days=done.judged)

    def _seal(self) -> None:
        """Seal what has come; whatever keeps it from that never stops collecting, and rows wait."""
        try:
            made = seal_evidence(self._store, self._clock)
        except EabsensiError as error:
            if str(error) != self._sealing_error:
                self._log.error("not sealing", error=str(error))
            self._sealing_error = str(error)
            return
        self._sealing_error = ""
        if made and made[-1].sealed_at.date() != self._head_told_on:  # a copy of the head outside the database
            self._head_told_on = made[-1].sealed_at.date()
            self._log.info("sealed", head=head_of(made[-1]))

    def _thread(self, name: str, work: Callable[[], None]) -> threading.Thread:
        def run() -> None:
            try:
                work()
            except BaseException as error:  # noqa: BLE001 - a bug in this thread must end the process, loudly
                self._crash(error)

        return threading.Thread(target=run, name=name, daemon=True)

    def _scheduler(self) -> BackgroundScheduler:
        scheduler = BackgroundScheduler(
            timezone=UTC,
            executors={"default": JobPool(2), "sealing": JobPool(1)},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )
        scheduler.add_job(self._tick, "interval", seconds=1, id="tick", next_run_time=self._clock.now())
        scheduler.add_job(self._make_partitions, "cron", hour=17, minute=10, id="partitions")
        scheduler.add_job(self._seal, "interval", seconds=_SEAL_SECONDS, id="seal", executor="sealing")
        scheduler.add_job(self._forget_events, "cron", minute=40, id="events")
        scheduler.add_listener(self._job_failed, EVENT_JOB_ERROR)
        scheduler.add_listener(self._job_skipped, EVENT_JOB_MISSED | EVENT_JOB_MAX_INSTANCES)
        return scheduler

    def _job_failed(self, event: Any) -> None:
        self._crash(event.exception)

    def _job_skipped(self, event: JobEvent) -> None:
        if event.job_id == "seal":  # a long round goes on for several of its turns
            return
        self._log.warning("job skipped", job=event.job_id)
