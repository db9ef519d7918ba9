"""The assessor at work: keeps every verdict up to date while the collector runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from eabsensi.assessing.keeping import assess_dirty
from eabsensi.clock import Clock
from eabsensi.law.loader import SHIPPED, load_policy
from eabsensi.law.policy import Policy
from eabsensi.store.database import Store
from eabsensi.store.dirty import mark_papers_due, mark_policy_change, mark_unjudged

BATCH = 1_000
_DAY = timedelta(days=1)
_PAPERS_EVERY = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Round:
    """What one round did: marks made because a day was over or the law changed, and days judged."""

    marked: int
    judged: int


class Assessor:
    """Judges what was marked; marks what only time or the law's files touch. For one thread at a time."""

    def __init__(self, store: Store, clock: Clock, policy_folder: Path | None, *, batch: int = BATCH) -> None:
        """Prepare; nothing is read yet.

        Args:
            store: the open database.
            clock: tells the time.
            policy_folder: the local rules; None is the shipped example.
            batch: marks taken in one transaction.

        """
        self._store = store
        self._clock = clock
        self._folder = policy_folder
        self._batch = batch
        self._files: tuple[tuple[str, int, int], ...] = ()
        self._policy: Policy | None = None
        self._version = ""
        self._swept_on: date | None = None
        self._papers_at: datetime | None = None

    def run(self, is_wanted: Callable[[], bool] = lambda: True) -> Round:
        """Do one round: everything that is marked, until nothing is or ``is_wanted`` says no.

        Raises:
            PolicyError: the law's files cannot be used; nothing was judged and every mark is still there.
            DatabaseUnavailableError: likewise, from the batch on at which the database was lost.

        """
        policy = self._current_policy()
        marked = self._mark_policy(policy) + self._mark_days_over(policy) + self._mark_papers(policy)
        judged = 0
        while is_wanted() and (done := assess_dirty(self._store, policy, self._clock, self._batch)):
            judged += done
        return Round(marked, judged)

    def _current_policy(self) -> Policy:
        """Load the law, again only where one of its files has changed."""
        folders = (SHIPPED / "national", self._folder or SHIPPED / "kota-jambi")
        stats = [(str(file), file.stat()) for folder in folders for file in sorted(folder.glob("*.yaml"))]
        files = tuple((name, stat.st_mtime_ns, stat.st_size) for name, stat in stats)
        if self._policy is None or files != self._files:
            self._policy = load_policy(self._folder)
            self._files = files
        return self._policy

    def _mark_policy(self, policy: Policy) -> int:
        """Mark what another version of the law has judged, this year and last, save closed months."""
        if policy.version == self._version:
            return 0
        since = self._today(policy).replace(month=1, day=1) - _DAY
        with self._store.begin() as connection:
            marked = mark_policy_change(connection, policy.version, since.replace(month=1, day=1))
        self._version = policy.version
        return marked

    def _mark_days_over(self, policy: Policy) -> int:
        """Once a day, mark those of this month and the last on which nothing touched somebody."""
        today = self._today(policy)
        if today == self._swept_on:
            return 0
        first = (today.replace(day=1) - _DAY).replace(day=1)
        with self._store.begin() as connection:
            marked = mark_unjudged(connection, first, today - _DAY)
        self._swept_on = today
        return marked

    def _mark_papers(self, policy: Policy) -> int:
        """Every few minutes, mark the open days of late that a document may settle as time goes by."""
        now = self._clock.now()
        if self._papers_at is not None and abs(now - self._papers_at) < _PAPERS_EVERY:
            return 0
        today = self._today(policy)
        with self._store.begin() as connection:
            marked = mark_papers_due(connection, today - 3 * _DAY, today)
        self._papers_at = now
        return marked

    def _today(self, policy: Policy) -> date:
        now = self._clock.now()
        return now.astimezone(ZoneInfo(policy.timezone.on(now.date()).value)).date()
