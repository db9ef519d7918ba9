"""What most polls ask of the database, asked together: how far a log was read, and that it holds nothing new."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from eabsensi.collecting.together import Together
from eabsensi.store.database import Store
from eabsensi.store.dependents import LogAdvance, mark_coverage
from eabsensi.store.devicelog import DeviceLog, load_device_logs
from eabsensi.store.pollkeeping import PollFacts, record_quiet_polls


class QuietPoll(NamedTuple):
    """A poll that found nothing new, and the log as it was known before it."""

    facts: PollFacts
    log: DeviceLog


class QuietPolls:
    """Loads positions and keeps quiet polls, those of many threads in one transaction. Thread-safe."""

    def __init__(self, store: Store) -> None:
        """Prepare; ``store`` is where polls are kept."""
        self._store = store
        self._logs = Together(self._load)
        self._polls = Together(self._keep)

    def log_of(self, device_id: int) -> DeviceLog:
        """Give what is known of a device's log.

        Raises:
            DatabaseUnavailableError: nobody can tell.

        """
        return self._logs.ask(device_id)

    def keep(self, poll: QuietPoll) -> bool:
        """Keep a poll; False where it has to be kept alone, see :func:`record_quiet_polls`.

        Raises:
            DatabaseUnavailableError: nothing was kept.

        """
        return self._polls.ask(poll)

    def _load(self, device_ids: Sequence[int]) -> list[DeviceLog]:
        with self._store.begin() as connection:
            return load_device_logs(connection, device_ids)

    def _keep(self, polls: Sequence[QuietPoll]) -> list[bool]:
        with self._store.begin() as connection:
            kept = record_quiet_polls(connection, [(facts, log.version) for facts, log in polls])
            mark_coverage(
                connection,
                [
                    LogAdvance(facts.device_id, log.complete_through, facts.complete_through)
                    for facts, log in polls
                    if facts.device_id in kept and facts.complete_through is not None
                ],
            )
        return [facts.device_id in kept for facts, _ in polls]
